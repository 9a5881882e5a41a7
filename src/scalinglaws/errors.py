"""The exception tree. Every error a user can cause says what, where, the rule and the mend.

ScalingLawsError
├── BadInput            the caller's arguments or file break a rule        exit 2
│   ├── UnknownName     no such experiment, method, law, field, column     exit 2
│   └── NotYet          part of the contract, not built in this version    exit 2
├── MissingExtra        an optional dependency is not installed            exit 2
├── StoreError          the results store cannot be used                   exit 2
│   └── StoreHeld       another driver holds it                            exit 2
├── CellsFailed         some cells raised or lost their worker             exit 1
├── ClusterError        a Dask cluster that cannot be reached or used      exit 1
└── Interrupted         Ctrl-C or SIGTERM; what was finished is kept       exit 130
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scalinglaws.result import Result


class ScalingLawsError(Exception):
    """Base of every error this package raises on purpose."""

    exit_code = 1


class BadInput(ScalingLawsError, ValueError):
    """The caller's arguments or file break a rule; nothing was computed."""

    exit_code = 2


class UnknownName(BadInput):
    """A name that is not among the known ones; the message gives the nearest."""

    def __init__(self, kind: str, name: str, known: Iterable[str]):
        self.kind, self.name, self.known = kind, name, sorted(map(str, known))
        near = difflib.get_close_matches(name.lower(), self.known, n=1, cutoff=0.4)
        # A hostile name may be long or hold control characters: show it escaped and cut.
        shown = repr(name if len(name) <= 60 else name[:57] + "...")
        hint = f"did you mean {near[0]!r}? " if near else ""
        super().__init__(f"unknown {kind} {shown}: {hint}known: {', '.join(self.known)}")


class NotYet(BadInput):
    """Named in the contract, not built in this version."""

    def __init__(self, what: str):
        super().__init__(f"{what}: not yet in this version")


class MissingExtra(ScalingLawsError, ImportError):
    """An optional dependency is absent."""

    exit_code = 2

    def __init__(self, module: str, extra: str):
        super().__init__(
            f"this needs {module}, which is not installed: pip install 'scalinglaws[{extra}]'"
        )


class StoreError(ScalingLawsError):
    """The results store cannot be read or written; what it held is untouched."""

    exit_code = 2


class StoreHeld(StoreError):
    """Another driver holds the store."""


class CellsFailed(ScalingLawsError):
    """Some cells failed; the others are stored. `result` is what the others gave, if known."""

    exit_code = 1

    def __init__(self, message: str, result: Result | None = None):
        self.result = result
        super().__init__(message)


class ClusterError(ScalingLawsError):
    """A Dask cluster that cannot be reached or used, or was lost; what was finished is kept."""

    exit_code = 1


class Interrupted(ScalingLawsError):
    """Ctrl-C or SIGTERM; what was finished is stored."""

    exit_code = 130
