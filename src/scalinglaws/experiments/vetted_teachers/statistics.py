"""Families of vetted and of random teachers -> their lines, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.public_runs.seeds import over_seeds
from scalinglaws.experiments.students.families import Family, Trim, families
from scalinglaws.experiments.students.lines import (
    Slope,
    Slopes,
    slopes,
    systematics,
    with_systematics,
    with_teachers,
)
from scalinglaws.experiments.vetted_teachers.settings import Settings, target
from scalinglaws.result import Row

TRIM = Trim(one_in=9, mean="plain")  # A.2.1: of 90 trials the mean without the worst 10


@dataclass(frozen=True)
class Group:
    """The families of all vetted, or of all random teachers."""

    full: list[Family]
    halves: list[Family]  # of half the training

    @property
    def lines(self) -> Slopes | None:
        return slopes(self.full)

    def slope(self, of: Slope) -> tuple[Estimate | None, str]:
        """With its systematic errors, and the reason where training length dominates."""
        measured = of(self.lines) if self.lines else None
        if measured is None:
            return None, "too few values of k whose alpha and d have errors"
        return with_systematics(measured, systematics(self.full, self.halves, of))


@dataclass(frozen=True)
class Both:
    """Vetted and random teachers, of the same seeds, students and points."""

    vetted: Group
    random: Group
    linearity: dict[tuple[str, int, int], float]  # by name, seed and k: A.3's score

    @property
    def groups(self) -> tuple[tuple[str, Group], tuple[str, Group]]:
        return ("vetted", self.vetted), ("random", self.random)

    def ratio(self, of: Slope) -> tuple[Estimate | None, str]:
        """The slope with vetting over that without.

        Teachers err independently; training length moves both slopes, and the ratio by what it
        does not move both alike.
        """
        ours = [_with_teachers(group, of) for _, group in self.groups]
        vetted, random = ours
        if vetted is None or random is None or min(vetted.value, random.value) <= 0:
            return None, "too few values of k whose alpha and d have errors"
        ratio = vetted.over(random)
        before = [_value(group.halves, of) for _, group in self.groups]
        if None in before or not before[0] or not before[1]:
            return ratio, ""
        drift = ratio.value - before[0] / before[1]
        reason = f"training-limited: from half to full length the ratio moves by {drift:+.2g}"
        return ratio.with_systematic(drift), reason if abs(drift) > ratio.stderr else ""

    def pairs(self) -> list[tuple[Family, Family]]:
        """(vetted, random) of each seed and k that both have."""
        random = {(f.teacher_seed, f.k): f for f in self.random.full}
        found = ((f, random.get((f.teacher_seed, f.k))) for f in self.vetted.full)
        return [(f, other) for f, other in found if other is not None]

    def gains(self) -> list[tuple[Family, float]]:
        """(d vetted - d random) / k of each pair, at the largest width, whatever law L(N) obeys."""
        both_d = ((vetted, _widest_d(vetted), _widest_d(random)) for vetted, random in self.pairs())
        return [(f, (a - b) / f.k) for f, a, b in both_d if a is not None and b is not None]

    def gain(self) -> Estimate | None:
        """Their mean, with Student's interval over the pairs."""
        return over_seeds([gain for _, gain in self.gains()])


def d_slope(lines: Slopes) -> Estimate | None:
    """Of d on 1/alpha."""
    return lines.d_slope


def feature_slope(lines: Slopes) -> Estimate | None:
    """Of k on 1/alpha."""
    return lines.feature_slope


def origin_slope(lines: Slopes) -> Estimate | None:
    """Of 4/alpha on d, through the origin."""
    return lines.through_origin


def both(rows: Sequence[Row], s: Settings, trim: Trim = TRIM) -> Both:
    """The groups of a run's rows."""
    found = families(rows, trim)
    scores = {
        (str(row["teacher"]), int(str(row["teacher_seed"])), int(str(row["k"]))): float(
            str(row["linearity"])
        )
        for row in rows
        if row["kind"] == "inputs" and row.get("linearity") is not None
    }
    vetted, random = (
        _group(found, s, lambda f, is_vetted=is_vetted: f.kin.teacher == _name(s, f.k, is_vetted))
        for is_vetted in (True, False)
    )
    return Both(vetted, random, scores)


def _name(s: Settings, k: int, vetted: bool) -> str:
    return target(s, s.seed, k, vetted).name


def _group(found: Sequence[Family], s: Settings, belongs: Callable[[Family], bool]) -> Group:
    own = [f for f in found if belongs(f)]
    full = [f for f in own if f.steps == s.steps]
    return Group(full, [f for f in own if f.steps == s.steps // 2])


def _with_teachers(group: Group, of: Slope) -> Estimate | None:
    measured = of(group.lines) if group.lines else None
    if measured is None:
        return None
    return with_teachers(measured, systematics(group.full, (), of))


def _value(found: Sequence[Family], of: Slope) -> float | None:
    lines = slopes(found)
    slope = of(lines) if lines else None
    return slope.value if slope else None


def _widest_d(f: Family) -> float | None:
    d = f.sizes[-1].d.get("twonn")
    return d.value if d else None
