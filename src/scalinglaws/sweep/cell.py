"""A cell: one unit of work, named by what it is."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import msgspec

from scalinglaws.errors import BadInput
from scalinglaws.result import Row

Config = Any  # a frozen dataclass of plain values, canonical as JSON


@dataclass(frozen=True)
class Cell:
    """One pure computation, config -> rows, sized to seconds or minutes.

    task: import path "package.module:function" of the function that maps config to rows, so
        that `sweep` knows no experiment.
    version: bumped by hand whenever the task's numbers change.
    config: frozen dataclass of plain values; every random source is a seed field of it.
    threads: threads the task may use; part of the key, for sums depend on it in the last bit.
    cost: roughly the seconds it takes; orders cells of as many threads and is the progress's first
        guess, which finished cells correct. Not hashed.

    Raises BadInput for fewer threads than one.
    """

    task: str
    version: int
    config: Config
    threads: int = 1
    cost: float = 1.0

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise BadInput(f"a cell needs one thread or more, not {self.threads}")

    @cached_property
    def canonical(self) -> bytes:
        """Canonical JSON of what determines the result: keys sorted, no spaces."""
        what = {
            "task": self.task,
            "version": self.version,
            "threads": self.threads,
            "config": msgspec.to_builtins(self.config),
        }
        return msgspec.json.encode(what, order="sorted")

    @cached_property
    def key(self) -> str:
        """Hash of the canonical form: 32 hexadecimal digits."""
        return hashlib.sha256(self.canonical).hexdigest()[:32]

    def run(self, scratch: Path | None = None) -> Sequence[Row]:
        """Do the work, in this process; the task finds `scratch` by the function of that name."""
        module, _, name = self.task.partition(":")
        task = getattr(importlib.import_module(module), name)
        token = _scratch.set(scratch)
        try:
            return cast(Callable[[Config], Sequence[Row]], task)(self.config)
        finally:
            _scratch.reset(token)


_scratch: ContextVar[Path | None] = ContextVar("scratch", default=None)


def scratch() -> Path | None:
    """A folder for what the running cell wants to find again if it is killed and tried anew.

    It need not exist yet, and goes when the cell is stored. None where there is no such place.
    """
    return _scratch.get()
