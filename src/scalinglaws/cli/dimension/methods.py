"""The estimates that a command line asks for, of the methods of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scalinglaws.dimension.methods.table import CORRECTABLE, METHODS
from scalinglaws.errors import BadInput

DEFAULT = ("twonn", "knn", "mle")
# Whose members of every d an estimate may be corrected by.
FAMILIES = ("sphere", "ball", "cube", "gaussian", "torus")


@dataclass(frozen=True)
class Request:
    """One estimate to make. Where nobody named it, it may be left out with a note."""

    method: str
    k: int
    named: bool  # its method was asked for
    k_given: bool

    @property
    def neighbours(self) -> int:
        return self.k * METHODS[self.method].reach

    def __str__(self) -> str:
        return title(self.method, self.k)


def title(method: str, k: int) -> str:
    """An estimate as a message names it."""
    return f"{method} k={k}" if METHODS[method].takes_k else method


def requests(methods: Sequence[str], ks: Sequence[int]) -> list[Request]:
    """Every estimate asked for, once, in the order asked for. Raises BadInput for an unfit k."""
    takers = [name for name, method in METHODS.items() if method.takes_k]
    if ks and not set(methods or DEFAULT) & set(takers):
        raise BadInput(
            f"--k is for {', '.join(takers)}; {', '.join(methods)} takes none: leave it out"
        )
    if "corrint" in methods and 1 in ks:
        raise BadInput("corrint compares neighbours k/2 and k: --k >= 2")
    wanted: dict[Request, None] = {}
    for name in methods or DEFAULT:
        given = tuple(ks) if METHODS[name].takes_k else ()
        for k in given or METHODS[name].ks:
            wanted[Request(name, k, named=bool(methods), k_given=bool(given))] = None
    return list(wanted)


def require_correctable(asked: Sequence[Request]) -> None:
    """Raises BadInput where --correct has nothing to correct."""
    if not any(request.method in CORRECTABLE for request in asked):
        names = ", ".join(dict.fromkeys(request.method for request in asked))
        raise BadInput(
            f"--correct is for {', '.join(CORRECTABLE)}; {names} has no correction: leave it out"
        )
