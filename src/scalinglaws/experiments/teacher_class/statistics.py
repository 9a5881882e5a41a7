"""Families of every class of teachers -> alpha d, over the teachers of a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.public_runs.seeds import over_seeds
from scalinglaws.experiments.students.families import Family
from scalinglaws.experiments.teacher_class.settings import Kind

Quantity = Callable[[Family], float | None]


def product(f: Family) -> float | None:
    """alpha d: 4 for C^2 targets, 3 for targets whose gradient jumps; None without a d."""
    return f.exponent.alpha.value * f.d.value if f.d else None


def product_used(f: Family) -> float | None:
    """The same with N_used in place of N_all."""
    return f.exponent_used.alpha.value * f.d.value if f.d else None


def inverse(f: Family) -> float | None:
    """4/alpha."""
    return 4 / f.exponent.alpha.value if f.exponent.alpha.value > 0 else None


def dimension(f: Family) -> float | None:
    """d of the last hidden layer."""
    return f.d.value if f.d else None


@dataclass(frozen=True)
class Classes:
    """Families of full and of half training; every seed is one network's weights in each class."""

    full: Sequence[Family]
    halves: Sequence[Family]

    @property
    def ks(self) -> list[int]:
        return sorted({f.k for f in self.full})

    def mean(self, kind: Kind, k: int, of: Quantity = product) -> Estimate | None:
        """Over the teachers, with Student's interval and what training length moves."""
        return _with_drift(_of(self.full, kind, k, of), _of(self.halves, kind, k, of))

    def excess(self, kind: Kind, other: Kind, k: int) -> Estimate | None:
        """alpha d of one class less that of another, teacher by teacher."""
        return _with_drift(
            _difference(self.full, kind, other, k), _difference(self.halves, kind, other, k)
        )

    def drift(self, kind: Kind, k: int, of: Quantity = product) -> float | None:
        """By how much the mean moves from half to full training."""
        return _shift(_of(self.full, kind, k, of), _of(self.halves, kind, k, of))


def _of(found: Sequence[Family], kind: Kind, k: int, of: Quantity) -> dict[int, float]:
    """By teacher."""
    own = ((f.teacher_seed, of(f)) for f in found if f.k == k and f.kin.teacher_kind == kind)
    return {seed: value for seed, value in own if value is not None}


def _difference(found: Sequence[Family], kind: Kind, other: Kind, k: int) -> dict[int, float]:
    a, b = _of(found, kind, k, product), _of(found, other, k, product)
    return {seed: a[seed] - b[seed] for seed in a.keys() & b.keys()}


def _shift(full: dict[int, float], half: dict[int, float]) -> float | None:
    """Mean over the teachers of both lengths."""
    both = sorted(full.keys() & half.keys())
    return fmean(full[seed] - half[seed] for seed in both) if both else None


def _with_drift(full: dict[int, float], half: dict[int, float]) -> Estimate | None:
    mean = over_seeds([full[seed] for seed in sorted(full)])
    return mean.with_systematic(_shift(full, half) or 0.0) if mean else None
