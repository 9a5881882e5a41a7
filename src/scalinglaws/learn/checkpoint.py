"""The state of a training on disk, from which a killed one goes on bit for bit."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

EVERY_S = 60.0
_LAYOUT = 1  # of the states that trainings keep; another one is of another version of this code


@dataclass(frozen=True)
class Checkpoint:
    """Where a training keeps its state, and what of the world belongs to it.

    folder: a folder on a local disk; the file is `folder/name`, one for every training. What feeds
        a training, its teacher say, is not looked at: in a folder of another the state is wrong.
    generators: those that it draws from. What feeds it must have no other state.
    every_s: seconds of wall time between two states.
    """

    folder: Path
    generators: Sequence[torch.Generator]
    name: str = "training.safetensors"
    every_s: float = EVERY_S

    @classmethod
    def at(cls, folder: Path | None, *generators: torch.Generator) -> Self | None:
        """A checkpoint in a folder, if there is one."""
        return None if folder is None else cls(folder, generators)

    @property
    def file(self) -> Path:
        return self.folder / self.name


class Keeper:
    """Writes a training's state now and then, with its generators', and finds it again.

    what: everything that determines the training's numbers, but its generators. A file of another
    training, of another version of PyTorch, damaged or cut short is as if there were none.
    """

    def __init__(self, checkpoint: Checkpoint, what: Sequence[object]):
        self.checkpoint = checkpoint
        drawn = [generator.get_state() for generator in checkpoint.generators]
        self.name = _fingerprint([torch.__version__, _LAYOUT, *what, *drawn])
        self.last = time.monotonic()

    @property
    def due(self) -> bool:
        return time.monotonic() - self.last >= self.checkpoint.every_s

    def save(self, state: Mapping[str, Tensor]) -> None:
        """Write all of it or nothing: under a name of its own, then renamed.

        A full disk is no reason to end a training: the state before stays, and this is not it.
        """
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        file = self.checkpoint.file
        self.last = time.monotonic()
        unfinished = file.with_name(f"{file.name}.{os.getpid()}")
        copies = {name: value.detach().cpu().contiguous().clone() for name, value in state.items()}
        for i, generator in enumerate(self.checkpoint.generators):
            copies[f"generator.{i}"] = generator.get_state()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            save_file(copies, unfinished, {"training": self.name, "content": _content(copies)})
            with unfinished.open("rb") as written:
                os.fsync(written.fileno())
            os.replace(unfinished, file)
        except (OSError, SafetensorError):
            with suppress(OSError):
                unfinished.unlink()

    def load(self) -> dict[str, Tensor] | None:
        """The last state of this very training, if there is one that can be read; its generators
        are then as they were."""
        state = self._read()
        if state is not None:
            for i, generator in enumerate(self.checkpoint.generators):
                generator.set_state(state.pop(f"generator.{i}"))
        return state

    def _read(self) -> dict[str, Tensor] | None:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.checkpoint.file, framework="pt") as found:
                about = found.metadata() or {}
                if about.get("training") != self.name:
                    return None
                state = {name: found.get_tensor(name) for name in found.keys()}  # noqa: SIM118
                return state if about.get("content") == _content(state) else None
        except (OSError, SafetensorError):
            return None


def module_state(network: nn.Module, adam: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The weights of a module and its optimiser's moments."""
    moments = adam.state_dict()["state"]
    return {f"weights.{name}": value for name, value in network.state_dict().items()} | {
        f"moments.{i}.{name}": value
        for i, of_parameter in moments.items()
        for name, value in of_parameter.items()
    }


def restore_module(
    network: nn.Module, adam: torch.optim.Optimizer, state: Mapping[str, Tensor]
) -> None:
    """What `module_state` gave, into a module and an optimiser made alike."""
    network.load_state_dict(named(state, "weights"))
    moments: dict[int, dict[str, Tensor]] = {}
    for place, value in named(state, "moments").items():
        i, _, name = place.partition(".")
        moments.setdefault(int(i), {})[name] = value
    groups = adam.state_dict()["param_groups"]
    adam.load_state_dict({"state": moments, "param_groups": groups})


def named(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The part of a state whose names begin with `prefix.`, without it."""
    start = f"{prefix}."
    return {k.removeprefix(start): v for k, v in state.items() if k.startswith(start)}


def _content(state: Mapping[str, Tensor]) -> str:
    """Hash of a whole state: a bit that a disk lost is seen."""
    return _fingerprint([part for name in sorted(state) for part in (name, state[name])])


def _fingerprint(what: Sequence[object]) -> str:
    """Hash of tensors by their type, shape and bytes, and of all else by how it prints."""
    digest = hashlib.sha256()
    for part in what:
        if isinstance(part, Tensor):
            digest.update(f"{part.dtype} {tuple(part.shape)};".encode())
            digest.update(part.detach().cpu().numpy().ravel().data)
        else:
            raw = repr(part).encode()
            digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()
