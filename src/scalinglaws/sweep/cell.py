"""A cell: one unit of work, named by what it is."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import msgspec

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
    cost: roughly the seconds it takes; orders the queue and is the progress's first guess, which
        finished cells correct. Not hashed.
    """

    task: str
    version: int
    config: Config
    threads: int = 1
    cost: float = 1.0

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

    def run(self) -> Sequence[Row]:
        """Do the work, in this process."""
        module, _, name = self.task.partition(":")
        task = getattr(importlib.import_module(module), name)
        return cast(Callable[[Config], Sequence[Row]], task)(self.config)
