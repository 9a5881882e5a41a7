"""Small transformers: that they are causal, counted rightly, and learn what there is to learn."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from scalinglaws.learn.checkpoint import Checkpoint
from scalinglaws.learn.gpt import Attention, GPTs, GPTShape, Turn, next_token_loss
from scalinglaws.learn.networks import named_generator
from scalinglaws.learn.train_gpt import losses_by_position, train_gpts, warmed_cosine
from scalinglaws.learn.transformer_layers import Kind, transformer_blocks

SHAPE = GPTShape(d=8, layers=2, heads=2, context=12, vocabulary=7)


def drawn(*seeds: int, shape: GPTShape = SHAPE) -> GPTs:
    """Models with logits that depend on their input: the unembedding starts at zero."""
    models = GPTs(shape, [named_generator(seed) for seed in seeds])
    with torch.no_grad():
        models.U.W.copy_(torch.stack([_unembedding(shape, seed) for seed in seeds]))
    return models


def _unembedding(shape: GPTShape, seed: int) -> Tensor:
    return torch.randn(shape.d, shape.vocabulary, generator=named_generator(seed, 99))


def tokens(models: int, B: int, T: int, V: int = 7) -> Tensor:
    return torch.randint(V, (models, B, T), generator=named_generator(models, B, T))


def test_later_tokens_do_not_move_past_logits():
    models, ids = drawn(0, 1), tokens(2, 3, 12)
    changed = ids.clone()
    changed[..., 8:] = (changed[..., 8:] + 1) % 7
    before, after = models(ids), models(changed)
    assert torch.equal(before[:, :, :8], after[:, :, :8])
    assert (before[:, :, 8:] - after[:, :, 8:]).abs().amin((0, 1, 3)).min() > 0


def test_every_earlier_token_moves_the_last_logits():
    models, ids = drawn(0), tokens(1, 1, 12)
    for t in range(12):
        changed = ids.clone()
        changed[..., t] = (changed[..., t] + 1) % 7
        assert not torch.equal(models(ids)[:, :, -1], models(changed)[:, :, -1])


@pytest.mark.parametrize(("d", "layers", "V"), [(8, 2, 7), (24, 3, 106)])
def test_parameters_are_counted(d: int, layers: int, V: int):
    shape = GPTShape(d, layers, 2, 16, V)
    models = GPTs(shape, [named_generator(0)])
    assert shape.N == 12 * layers * d**2 == sum(p.numel() for p in models.blocks.parameters())
    assert shape.n_parameters == sum(p.numel() for p in models.parameters())


def test_an_untrained_model_knows_nothing():
    models = GPTs(SHAPE, [named_generator(0), named_generator(1)])
    L = losses_by_position(models, tokens(1, 40, 13)[0])
    assert L.shape == (2, 12)
    assert L.numpy() == pytest.approx(math.log(7), abs=1e-12)


def test_attention_is_its_definition():
    shape = GPTShape(d=12, layers=1, heads=2, context=9, vocabulary=3)
    attention = Attention(shape, 1.0, [named_generator(3)])
    x = torch.randn(1, 2, 9, 12, generator=named_generator(4))
    q, k, v = (x[0] @ attention.qkv.W[0]).split(12, -1)
    heads: list[Tensor] = []
    for h in (slice(0, 6), slice(6, 12)):
        turned = [_turned(part[..., h], context=9) for part in (q, k)]
        scores = turned[0] @ turned[1].mT / math.sqrt(6)
        scores = scores.masked_fill(torch.ones(9, 9).triu(1).bool(), -math.inf)
        heads.append(scores.softmax(-1) @ v[..., h])
    expected = torch.cat(heads, -1) @ attention.out.W[0]
    assert torch.allclose(attention(x)[0], expected, atol=1e-5)


def _turned(x: Tensor, context: int) -> Tensor:
    """By matrices of rotation, one token and one pair after the other."""
    out = x.clone()
    pairs = x.shape[-1] // 2
    for t in range(x.shape[-2]):
        for j in range(pairs):
            a = t * context ** (-j / pairs)
            R = torch.tensor([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
            out[:, t, 2 * j : 2 * j + 2] = x[:, t, 2 * j : 2 * j + 2] @ R.T
    return out


def test_the_gradient_of_a_turn_is_the_turn_back():
    pairs = torch.randn(3, 4, 2, dtype=torch.float64, requires_grad=True)
    by = torch.polar(torch.ones(4), torch.arange(4.0)).to(torch.complex128)
    assert torch.autograd.gradcheck(lambda p: Turn.apply(p, by), (pairs,))


def test_a_model_is_trained_as_if_it_were_alone():
    sequences = tokens(2, 60, 13)

    def trained(*which: int) -> Tensor:
        models = GPTs(SHAPE, [named_generator(seed) for seed in which])
        train_gpts(models, lambda i: sequences[list(which), 6 * i : 6 * i + 6], 10, 1e-2)
        return losses_by_position(models, sequences[0])

    both = trained(0, 1)
    assert torch.allclose(both[1:], trained(1), rtol=1e-4)
    assert not torch.allclose(both[:1], trained(1), rtol=1e-2)


Steps = list[int]


class Killed(Exception):
    pass


@pytest.mark.parametrize("at", [1, 4, 9])
def test_models_that_were_killed_go_on_bit_for_bit(tmp_path: Path, at: int):
    sequences = tokens(2, 60, 13)

    def trained(folder: Path | None, end: int = 99, rate: float = 1e-2) -> tuple[Tensor, Steps]:
        """Weights, and the steps whose batches were read, but for the one that names the text."""
        read: list[int] = []

        def batch(step: int) -> Tensor:
            if step == end:
                raise Killed
            read.append(step)
            return sequences[:, 6 * step : 6 * step + 6]

        models = drawn(0, 1)
        checkpoint = folder and Checkpoint(folder, (), every_s=0)
        train_gpts(models, batch, 10, rate, checkpoint)
        weights = torch.cat([w.detach().flatten() for w in models.parameters()])
        return weights, read[1:] if folder else read

    whole, _ = trained(None)
    with pytest.raises(Killed):
        trained(tmp_path, end=at)
    resumed, read = trained(tmp_path)
    assert torch.equal(resumed, whole)
    assert read == list(range(at, 10))
    other, read = trained(tmp_path, rate=2e-2)  # another training
    assert read == list(range(10))
    assert torch.equal(other, trained(None, rate=2e-2)[0])


def test_the_loss_on_a_markov_text_approaches_its_entropy_rate():
    # From each letter to itself with 0.1 and to two others with 0.2 and 0.7.
    P = torch.tensor([[0.1, 0.2, 0.7], [0.7, 0.1, 0.2], [0.2, 0.7, 0.1]])
    entropy = -float((P[0] * P[0].log()).sum())  # of every row, so of the chain
    generator = named_generator(5)
    text = torch.zeros(2600, 17, dtype=torch.long)
    text[:, 0] = torch.randint(3, (2600,), generator=generator)
    for t in range(16):
        text[:, t + 1] = torch.multinomial(P[text[:, t]], 1, generator=generator)[:, 0]
    models = GPTs(GPTShape(8, 1, 2, 16, 3), [named_generator(6)])
    train_gpts(models, lambda step: text[None, 16 * step : 16 * step + 16], 150, 1e-2)
    held_out = text[2400:]
    # The text's own entropy is what the chain itself would lose on it.
    ideal = -P[held_out[:, :-1], held_out[:, 1:]].log().mean()
    L = losses_by_position(models, held_out).mean()
    assert ideal == pytest.approx(entropy, abs=0.03)
    assert entropy < math.log(3) - 0.2  # what pairs of letters tell
    assert 0 < L - ideal < 0.02


def test_the_loss_is_that_of_the_next_token():
    logits = torch.randn(2, 3, 4, 7)
    targets = tokens(2, 3, 4)
    expected = -logits.log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    assert torch.allclose(next_token_loss(logits, targets), expected)


def test_the_rate_rises_in_a_line_and_falls_to_nothing():
    shares = [warmed_cosine(step, 1000) for step in range(1000)]
    assert shares[:20] == pytest.approx([(step + 1) / 20 for step in range(20)])
    assert shares[20] == 1.0
    assert shares[510] == pytest.approx(0.5)
    assert 0 < shares[-1] < 1e-5
    assert warmed_cosine(0, 1) == 1.0


def test_blocks_are_found_for_capturing():
    assert transformer_blocks(GPTs(SHAPE, [named_generator(0)])) == tuple(
        {
            Kind.ATTENTION: f"blocks.{i}.attn",
            Kind.MLP: f"blocks.{i}.mlp",
            Kind.RESIDUAL: f"blocks.{i}",
        }
        for i in range(2)
    )
