"""A training that was killed goes on bit for bit; a file that is not its own is as if none."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from scalinglaws.learn.checkpoint import Checkpoint
from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.losses import Loss
from scalinglaws.learn.networks import Activation, Init, Shape, initialise, named_generator
from scalinglaws.learn.schedule import Stage
from scalinglaws.learn.train import Lesson, Sampler, train

K = 3
# Blocks are ten pieces of 200, four of 500: states lie inside batches and at their ends.
STAGES = (Stage(27, 200, 1e-2), Stage(6, 1000, 1e-2), Stage(3, 4000, 1e-3))
FILE = "training.safetensors"


class Killed(Exception):
    pass


def sampler(generator: torch.Generator, calls: int | None = None) -> Sampler:
    """Fresh points; the end of the process at one call, if given."""

    def sample(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        nonlocal calls
        if calls is not None:
            calls -= 1
            if calls < 0:
                raise Killed
        X = torch.rand(n, K, generator=generator) - 0.5
        return X, torch.sin(3 * X).sum(1, keepdim=True)

    return sample


def trained(
    folder: Path | None,
    *,
    calls: int | None = None,
    rate: float = 1e-2,
    seed: int = 0,
    every_s: float = 0,
    pause_s: float = 0,
) -> list[torch.Tensor]:
    """Weights after two lessons at paces of their own, with a checkpoint after every block."""
    torch.set_num_threads(1)
    ensembles: list[Ensemble] = []
    for depth, activation in ((2, Activation.RELU), (3, Activation.TANH)):
        shapes = [Shape(K, (n,) * depth, 1) for n in (4, 6)]
        starts = [initialise(s, Init.AUTHORS, named_generator(5, i)) for i, s in enumerate(shapes)]
        ensembles.append(Ensemble(shapes, starts, K, "cpu", activation))
    generator = named_generator(seed)
    own = sampler(generator, calls)

    blocks = 0

    def paused(n: int) -> tuple[torch.Tensor, torch.Tensor]:
        nonlocal blocks
        blocks += 1
        time.sleep(pause_s if blocks > 1 else 0)
        return own(n)

    checkpoint = folder and Checkpoint(folder, [generator], FILE, every_s)
    schedules = [Stage(27, 200, rate), *STAGES[1:]], [Stage(3, 4000, rate), *STAGES[:2]]
    lessons = [Lesson(e, Loss.MSE, s) for e, s in zip(ensembles, schedules, strict=True)]
    train(lessons, paused, checkpoint)
    return [e.theta.clone() for e in ensembles] + [generator.get_state()]


def same(found: list[torch.Tensor], expected: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("calls", [1, 3, 5, 9])
def test_a_training_that_ended_in_any_stage_goes_on_bit_for_bit(tmp_path: Path, calls: int):
    with pytest.raises(Killed):
        trained(tmp_path, calls=calls)
    resumed = trained(tmp_path)
    assert same(resumed, trained(None))
    # Once more: the finished state is there, and no point is drawn.
    assert same(trained(tmp_path, calls=0), resumed)


def test_checkpoints_further_apart_change_no_bit(tmp_path: Path):
    with pytest.raises(Killed):
        trained(tmp_path, calls=5, every_s=3600)
    assert not list(tmp_path.iterdir())
    assert same(trained(tmp_path, every_s=3600), trained(None))


def test_a_training_killed_by_the_system_goes_on_bit_for_bit(tmp_path: Path):
    process = subprocess.Popen([sys.executable, __file__, str(tmp_path)])
    deadline = time.monotonic() + 60
    while not (tmp_path / FILE).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert same(trained(tmp_path), trained(None))


def test_what_is_not_this_training_s_is_as_if_there_were_nothing(tmp_path: Path):
    expected = trained(None)
    with pytest.raises(Killed):
        trained(tmp_path, calls=5)
    file = tmp_path / FILE
    whole = file.read_bytes()
    for other in ({"rate": 1e-3}, {"seed": 1}):
        with pytest.raises(Killed):
            trained(tmp_path, calls=5, **other)
        assert same(trained(tmp_path), expected)
    lost = whole[:-2000] + bytes(2000)
    turned = whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:]
    for damaged in (b"", whole[:7], whole[: len(whole) // 2], b"\xff" * 200, lost, turned):
        file.write_bytes(damaged)
        assert same(trained(tmp_path), expected)


def test_a_state_that_cannot_be_written_leaves_the_one_before_and_the_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(Killed):
        trained(tmp_path, calls=3)
    before = (tmp_path / FILE).read_bytes()

    def full(tensors: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", full)
    assert same(trained(tmp_path), trained(None))
    assert [f.name for f in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).read_bytes() == before


if __name__ == "__main__":
    trained(Path(sys.argv[1]), pause_s=60)  # the end comes before
