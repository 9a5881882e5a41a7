"""The forks of the analysis, and the ways at each: how the same students give alpha and d."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.families import METHODS, Family, Size
from scalinglaws.laws.ranges.circle import linear_prefix
from scalinglaws.laws.ranges.exponent import fit_exponent, fit_straight

WORST_OUT = ", worst out"


@dataclass(frozen=True)
class Way:
    """One analysis: the way it takes at every fork.

    start: the widths that count at all. fit: which of them are in the fit, and its form.
    average: over the trials of a width. layer: whether d is that before or after the
        non-linearity.
    """

    loss: str
    init: str
    steps: str
    count: str
    start: str
    fit: str
    average: str
    layer: str
    method: str

    def __getitem__(self, fork: str) -> str:
        return getattr(self, fork)

    @property
    def of_alpha(self) -> Way:
        """What alpha depends on."""
        return replace(self, layer="", method="")

    @property
    def of_d(self) -> Way:
        """What d depends on."""
        return replace(self, count="", start="", fit="", average="")


Ways = Mapping[str, tuple[str, ...]]
FORKS = tuple(field.name for field in fields(Way))
AVERAGES = ("log-mean", "mean", f"log-mean{WORST_OUT}", f"mean{WORST_OUT}", "median")
STARTS = ("n >= 3k", "all widths")
FITS = ("may end", "straight", "circle rule", "first half", "no smallest", "no largest")


def every_way(ways: Ways) -> Iterator[Way]:
    """All combinations."""
    return (Way(*levels) for levels in product(*(ways[fork] for fork in FORKS)))


def usual(ways: Ways) -> Way:
    """The first way at every fork: teacher-student's own analysis."""
    return Way(*(ways[fork][0] for fork in FORKS))


def apart(one: Way, other: Way) -> int:
    """At how many forks they part."""
    return sum(one[fork] != other[fork] for fork in FORKS)


def alpha(family: Family, way: Way) -> Estimate | None:
    """The exponent of one family; None where the way leaves too few sizes."""
    held = way.start == STARTS[0]
    if held and way.fit == "may end" and way.average.startswith("log-mean"):  # the family's own
        return (family.exponent_used if way.count == "N_used" else family.exponent).alpha
    kept = _in_the_fit(family.held if held else family.sizes, way)
    if len(kept) < 3:
        return None
    N = [s.N_used if way.count == "N_used" else s.N_all for s in kept for _ in s.L]
    L = [loss for s in kept for loss in about(s.L, way.average)]
    return fit_exponent(N, L).alpha if way.fit == "may end" else fit_straight(N, L)


def _in_the_fit(sizes: Sequence[Size], way: Way) -> Sequence[Size]:
    match way.fit:
        case "circle rule":
            N = [s.N_used if way.count == "N_used" else s.N_all for s in sizes]
            L = [math.log(centre(s.L, way.average)) for s in sizes]
            return sizes[: linear_prefix(np.log(N), L)] if len(sizes) >= 3 else ()
        case "first half":
            return sizes[: max(3, -(-len(sizes) // 2))]
        case "no smallest":
            return sizes[1:]
        case "no largest":
            return sizes[:-1]
        case _:
            return sizes


def centre(L: Sequence[float], average: str) -> float:
    """The loss that stands for the trials of a width."""
    match average.removesuffix(WORST_OUT):
        case "mean":
            return float(np.mean(L))
        case "median":
            return float(np.median(L))
        case _:
            return math.exp(float(np.log(L).mean()))


def about(L: Sequence[float], average: str) -> list[float]:
    """The trials' losses with that centre as their log-mean: it is fitted, with their scatter."""
    factor = centre(L, average) / centre(L, "log-mean")
    return [factor * loss for loss in L]


def dimension(family: Family, way: Way) -> Estimate | None:
    """d at the largest size on the power law that has it."""
    end = family.exponent.N_end
    found = [(s.N_all, d) for s in family.sizes if (d := _d(s, way.layer).get(way.method))]
    within = [d for N, d in found if end >= N] or [d for _, d in found[:1]]
    return within[-1] if within else None


def _d(size: Size, layer: str) -> Mapping[str, Estimate]:
    return size.d_post if layer == "post-ReLU" else size.d


def ways_of(
    losses: Sequence[str],
    inits: Sequence[str],
    *,
    half: bool,
    post: bool,
    narrow: bool,
    worst_out: bool,
) -> dict[str, tuple[str, ...]]:
    """What the students allow; the usual way first.

    half: they were trained for half as long too. post: d was measured after the non-linearity.
    narrow: some are narrower than 3k.
    worst_out: the usual average leaves the worst trial out, as with the paper's ten.
    """
    averages = sorted(AVERAGES, key=lambda a: a != f"log-mean{WORST_OUT}" and worst_out)
    return {
        "loss": tuple(losses),
        "init": tuple(inits),
        "steps": ("full length", "half length") if half else ("full length",),
        "count": ("N_all", "N_used"),
        "start": STARTS if narrow else STARTS[:1],
        "fit": FITS,
        "average": tuple(averages),
        "layer": ("pre-ReLU", "post-ReLU") if post else ("pre-ReLU",),
        "method": METHODS,
    }
