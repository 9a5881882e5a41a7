"""Rows -> exponent and d of each product, beside those of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.product_manifold.settings import Loss, Product, Settings, products
from scalinglaws.experiments.students.families import Family, families, four_over
from scalinglaws.experiments.students.lines import Systematics, with_systematics
from scalinglaws.experiments.students.target import Target
from scalinglaws.result import Row

UNMEASURED = "how far longer training moves this was not measured"
LOSSES: tuple[Loss, ...] = ("kl", "mse")


@dataclass(frozen=True)
class Measured:
    """Students of one target and loss; half: those of half the training."""

    family: Family
    half: Family | None

    @property
    def d(self) -> Estimate | None:
        """Of the widest students: no law in N is needed for it."""
        return self.family.d_widest

    @property
    def d_inputs(self) -> Estimate | None:
        """Of the raw inputs."""
        return self.family.d_inputs.get("twonn")

    @property
    def drift(self) -> float | None:
        """4/alpha of full less that of half training length."""
        if self.half is None:
            return None
        return 4 / self.family.exponent.alpha.value - 4 / self.half.exponent.alpha.value

    @property
    def four_alone(self) -> Estimate:
        """4/alpha with its statistical error."""
        return four_over(self.family.exponent.alpha)

    @property
    def four(self) -> Estimate:
        """4/alpha, with what training length does to it."""
        return self.four_and_why[0]

    @property
    def four_and_why(self) -> tuple[Estimate, str]:
        """The same, and the reason where training length dominates."""
        moved = Systematics(self.drift, None, "the same students")
        return with_systematics(self.four_alone, moved, "4/alpha")


@dataclass(frozen=True)
class Together:
    """A product and its parts, all learnt by one loss; None where a part has no d."""

    name: str  # 3+6
    whole: Measured
    parts: tuple[Measured, ...]

    @property
    def loss(self) -> str:
        return self.whole.family.loss

    @property
    def largest(self) -> Measured | None:
        """The part of largest measured d."""
        known = [(d.value, i) for i, part in enumerate(self.parts) if (d := part.d)]
        return self.parts[max(known)[1]] if len(known) == len(self.parts) else None

    @property
    def d_max(self) -> Estimate | None:
        """max d_i: what eq. 3.2 says 4/alpha is."""
        return self.largest.d if self.largest else None

    @property
    def d_sum(self) -> Estimate | None:
        """sum d_i: what d is, and 4/alpha if the students could not tell the parts apart."""
        return _sum([part.d for part in self.parts])

    @property
    def d_inputs_sum(self) -> Estimate | None:
        """sum of the raw inputs' d_i."""
        return _sum([part.d_inputs for part in self.parts])

    @property
    def midpoint(self) -> Estimate | None:
        """Between max d_i and sum d_i."""
        if self.d_max is None or self.d_sum is None:
            return None
        return _mean([self.d_max, self.d_sum])

    @property
    def over_part(self) -> Estimate | None:
        """4/alpha over that of the part: 1 by eq. 3.2, sum d_i / max d_i by the rival."""
        found = self.over_part_and_why
        return found and found[0]

    @property
    def over_part_and_why(self) -> tuple[Estimate, str] | None:
        """The same, and the reason where training length dominates.

        The part is that of most features, the mean where several have as many: of equal parts,
        which has the larger measured d is chance. The drift is the ratio's own, for training
        moves product and part by different amounts.
        """
        most = max(part.family.k for part in self.parts)
        parts = [part for part in self.parts if part.family.k == most]
        ratio = over(self.whole.four_alone, _mean([part.four_alone for part in parts]))
        halves = [m.half for m in (self.whole, *parts)]
        if ratio is None:
            return None
        before = [4 / half.exponent.alpha.value for half in halves if half is not None]
        if len(before) < len(halves):
            return ratio, UNMEASURED
        drift = ratio.value - before[0] / fmean(before[1:])
        return with_systematics(ratio, Systematics(drift, None, "the same students"), "the ratio")


def _sum(each: Sequence[Estimate | None]) -> Estimate | None:
    """Standard errors add up: one part may stand for its likes."""
    known = [e for e in each if e is not None]
    if len(known) < len(each):
        return None
    return Estimate.normal(sum(e.value for e in known), sum(e.stderr for e in known))


def _mean(each: Sequence[Estimate | None]) -> Estimate | None:
    total, n = _sum(each), len(each)
    return total.map_monotone(lambda value: value / n, 1 / n) if total else None


def over(a: Estimate | None, b: Estimate | None) -> Estimate | None:
    """a / b where both are measured and positive."""
    return a.over(b) if a and b and a.value > 0 and b.value > 0 else None


def together(rows: Sequence[Row], settings: Settings) -> list[Together]:
    """Every product of every loss whose L(N) falls, and those of its parts."""
    found = families(rows)

    def measured(target: Target, loss: str) -> Measured | None:
        own = [f for f in found if _is_of(f, target) and f.loss == loss]
        of_length = {f.steps: f for f in own}
        full = of_length.get(settings.steps)
        half = of_length.get(settings.steps // 2)
        if full is None or not _falls(full):
            return None
        return Measured(full, half if half and _falls(half) else None)

    def complete(product: Product, loss: str) -> Together | None:
        whole = measured(product.target, loss)
        parts = tuple(part for t in product.parts if (part := measured(t, loss)) is not None)
        if whole is None or len(parts) < len(product.parts):
            return None
        return Together("+".join(map(str, product.target.features)), whole, parts)

    every = [complete(product, loss) for loss in LOSSES for product in products(settings)]
    return [t for t in every if t is not None]


def _is_of(f: Family, target: Target) -> bool:
    return (f.kin.teacher, f.teacher_seed) == (target.name, target.seeds[0])


def _falls(f: Family) -> bool:
    return f.exponent.alpha.value > 0
