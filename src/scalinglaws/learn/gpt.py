"""Small decoder-only transformers; several of one shape, differing in their draws, as one model.

x_0 = E[token], and for each block, with LN the layer norm,

    x <- x + attention(LN(x)),    x <- x + W_down gelu(W_up LN(x)),

then logits = U LN(x). The blocks of GPT-2 (Radford et al. 2019), but for two things. LN has no gain
and no bias, nor has a matrix a bias, for the next matrix can do as well: the parameters without
embeddings are then exactly the N = 12 n_layer d_model^2 of Kaplan et al. 2020 (arXiv:2001.08361),
eq. 2.1. And positions are rotary (Su et al. 2021, arXiv:2104.09864), not learned: in runs as short
as ours learned ones leave the models at the statistics of pairs of characters (600 000 tokens at
d = 32: a loss of 2.35 against 1.96).
A model as small as these spends its time on overhead: all of one shape go through every operation
together, a leading axis of every weight and every activation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor, nn
from torch.nn.functional import (
    cross_entropy,
    embedding,
    gelu,
    layer_norm,
    scaled_dot_product_attention,
)

Stream = Float[Tensor, "models B T d"]


@dataclass(frozen=True)
class GPTShape:
    """d: d_model. The feed-forward width is 4 d; a head has d / heads dimensions."""

    d: int
    layers: int
    heads: int
    context: int
    vocabulary: int

    @property
    def N(self) -> int:
        """Parameters without embedding and unembedding."""
        return 12 * self.layers * self.d**2

    @property
    def n_parameters(self) -> int:
        """With embedding and unembedding."""
        return self.N + 2 * self.d * self.vocabulary


class Matrix(nn.Module):
    """x W of every model; W ~ N(0, gain^2 / n_in)."""

    def __init__(self, n_in: int, n_out: int, gain: float, generators: Sequence[torch.Generator]):
        super().__init__()
        self.W = nn.Parameter(_draw((n_in, n_out), gain / math.sqrt(n_in), generators))

    def forward(self, x: Float[Tensor, "models B T n_in"]) -> Float[Tensor, "models B T n_out"]:
        return torch.bmm(x.flatten(1, 2), self.W).unflatten(1, x.shape[1:3])


class Turn(torch.autograd.Function):
    """Pairs of numbers as points of a plane, each turned by its angle; the gradient turns back."""

    @staticmethod
    def forward(ctx: Any, pairs: Float[Tensor, "... 2"], by: Complex[Tensor, ...]) -> Tensor:
        ctx.by = by
        return torch.view_as_real(torch.view_as_complex(pairs) * by)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (grad,) = grads
        back = torch.view_as_complex(grad.contiguous()) * ctx.by.conj_physical()
        return torch.view_as_real(back), None


class Attention(nn.Module):
    """softmax(q k^T / sqrt(d_head)) v in every head, each token seeing itself and those before.

    Pair j of the numbers of q and k at position t is turned by the angle t context^(-j/pairs), so
    that q k^T knows positions by their distance alone: the first pair turns by a radian a token,
    the last of many by about one in the whole context.
    """

    turn: Complex[Tensor, "context pairs"]

    def __init__(self, shape: GPTShape, gain: float, generators: Sequence[torch.Generator]):
        super().__init__()
        self.heads, self.pairs = shape.heads, shape.d // shape.heads // 2
        self.qkv = Matrix(shape.d, 3 * shape.d, 1.0, generators)
        self.out = Matrix(shape.d, shape.d, gain, generators)
        speed = shape.context ** -(torch.arange(self.pairs) / self.pairs)
        angle = torch.arange(shape.context)[:, None] * speed
        self.register_buffer("turn", torch.polar(torch.ones_like(angle), angle), persistent=False)

    def forward(self, x: Stream) -> Stream:
        models, B, T, d = x.shape
        qk, v = self.qkv(x).view(models * B, T, 3 * d).split((2 * d, d), -1)
        turn = self.turn[:T, None, None]  # (T, 1, 1, pairs)
        qk = Turn.apply(qk.view(-1, T, 2, self.heads, self.pairs, 2), turn)
        q, k = qk.flatten(-2).permute(2, 0, 3, 1, 4)  # each (models B, heads, T, d_head)
        v = v.view(-1, T, self.heads, d // self.heads).transpose(1, 2)
        seen = scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(seen.transpose(1, 2).reshape(models, B, T, d))


class MLP(nn.Module):
    def __init__(self, shape: GPTShape, gain: float, generators: Sequence[torch.Generator]):
        super().__init__()
        self.up = Matrix(shape.d, 4 * shape.d, 1.0, generators)
        self.down = Matrix(4 * shape.d, shape.d, gain, generators)

    def forward(self, x: Stream) -> Stream:
        return self.down(gelu(self.up(x)))


class Block(nn.Module):
    def __init__(self, shape: GPTShape, gain: float, generators: Sequence[torch.Generator]):
        super().__init__()
        self.attn = Attention(shape, gain, generators)
        self.mlp = MLP(shape, gain, generators)

    def forward(self, x: Stream) -> Stream:
        x = x + self.attn(_norm(x))
        return x + self.mlp(_norm(x))


class GPTs(nn.Module):
    """Models of one shape, one for each generator, whose draws depend on nothing else.

    What is added to the stream is drawn smaller by sqrt(2 layers), as in GPT-2. The stream starts
    with unit variance and the unembedding at zero, so that the loss starts at log V exactly.
    """

    def __init__(self, shape: GPTShape, generators: Sequence[torch.Generator]):
        super().__init__()
        self.shape = shape
        self.E = nn.Parameter(_draw((shape.vocabulary, shape.d), 1.0, generators))
        gain = 1 / math.sqrt(2 * shape.layers)
        self.blocks = nn.ModuleList(Block(shape, gain, generators) for _ in range(shape.layers))
        self.U = Matrix(shape.d, shape.vocabulary, 0.0, generators)

    def __len__(self) -> int:
        return len(self.E)

    def forward(self, ids: Int[Tensor, "models B T"]) -> Float[Tensor, "models B T V"]:
        x = torch.stack([embedding(own, E) for own, E in zip(ids, self.E, strict=True)])
        for block in self.blocks:
            x = block(x)
        return self.U(_norm(x))


def next_token_loss(
    logits: Float[Tensor, "models B T V"], targets: Int[Tensor, "models B T"]
) -> Float[Tensor, "models B T"]:
    """-log p(next token) in nats."""
    flat = cross_entropy(logits.flatten(0, 2), targets.flatten(), reduction="none")
    return flat.view(targets.shape)


def _norm(x: Stream) -> Stream:
    return layer_norm(x, x.shape[-1:])


def _draw(
    shape: tuple[int, ...], sd: float, generators: Sequence[torch.Generator]
) -> Float[Tensor, "models ..."]:
    return sd * torch.stack([torch.randn(*shape, generator=g) for g in generators])
