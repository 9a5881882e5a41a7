"""What an experiment finds: claims with verdicts, tables, and figures as data, drawn elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from scalinglaws.estimate import Estimate

Value = str | int | float | bool | None
Row = dict[str, Value]


class Budget(StrEnum):
    """How much a run may cost; a budget changes sizes, never code."""

    SMOKE = "smoke"  # seconds: does it run?
    QUICK = "quick"  # at most 5 minutes on 2 cores
    FULL = "full"  # at most 1 hour on 2 cores
    PAPER = "paper"  # the paper's own settings

    def reaches(self, other: Budget) -> bool:
        """Whether this budget is at least `other`."""
        order = list(Budget)
        return order.index(self) >= order.index(other)


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


_GRAVITY = (Verdict.SKIPPED, Verdict.AGREES, Verdict.INCONCLUSIVE, Verdict.DIFFERS)


class Relation(StrEnum):
    EQUALS = "="
    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True)
class Claim:
    """A prediction with the tolerance it will be judged by, fixed before measuring.

    EQUALS needs a tolerance, one number or one per budget (a budget without one takes that of
    the nearest smaller budget, or of the smallest). A one-sided relation has none. Below
    `judged_from` the verdict is always inconclusive: a smoke run judges nothing.
    """

    id: str
    statement: str
    source: str
    expected: float
    tolerance: float | Mapping[str, float] | None = None
    relation: Relation = Relation.EQUALS
    judged_from: Budget = Budget.QUICK

    def __post_init__(self) -> None:
        if (self.tolerance is None) == (self.relation is Relation.EQUALS):
            raise ValueError(f"claim {self.id}: a tolerance belongs to EQUALS, and only to it")
        if isinstance(self.tolerance, Mapping) and not (
            self.tolerance and set(self.tolerance) <= set(Budget)
        ):
            raise ValueError(f"claim {self.id}: tolerances go by budget, not {self.tolerance}")
        if not all(margin >= 0 for margin in self._tolerances()):
            raise ValueError(f"claim {self.id}: a tolerance is 0 or more, not {self.tolerance}")

    def tolerance_at(self, budget: Budget) -> float | None:
        """The tolerance that a run of this budget is judged by."""
        if not isinstance(self.tolerance, Mapping):
            return self.tolerance
        given = [b for b in Budget if b in self.tolerance]
        reached = [b for b in given if budget.reaches(b)]
        return self.tolerance[reached[-1] if reached else given[0]]

    def _tolerances(self) -> Iterable[float]:
        if isinstance(self.tolerance, Mapping):
            return self.tolerance.values()
        return () if self.tolerance is None else (self.tolerance,)

    def judge(
        self, measured: Estimate | None, budget: Budget, *, reason: str = "", skipped: str = ""
    ) -> Judgement:
        """Hold the measurement against the prediction.

        EQUALS: agrees when |measured - expected| <= tolerance and the interval's half-width is
        <= tolerance; differs when the interval excludes expected +- tolerance.
        One-sided: agrees when the whole interval satisfies it, differs when none of it does.
        Else inconclusive, for `reason` where the caller knows one (say training-limited).
        `skipped` says which data was absent.
        """
        tolerance = self.tolerance_at(budget)

        def judged(verdict: Verdict, why: str) -> Judgement:
            return Judgement(self, tolerance, measured, verdict, why)

        if skipped:
            return judged(Verdict.SKIPPED, skipped)
        if measured is None or measured.value != measured.value:
            return judged(Verdict.INCONCLUSIVE, reason or "not measured")
        if not budget.reaches(self.judged_from):
            return judged(Verdict.INCONCLUSIVE, f"judged from {self.judged_from} on")
        if self._holds(measured, tolerance):
            return judged(Verdict.AGREES, reason)
        if self._excluded(measured, tolerance):
            return judged(Verdict.DIFFERS, reason)
        return judged(Verdict.INCONCLUSIVE, reason or _undecided(measured, tolerance))

    def judge_all(
        self, measured: Iterable[Estimate], budget: Budget, *, reason: str = "", skipped: str = ""
    ) -> Judgement:
        """Hold a statement about every one of several measurements against the prediction.

        It differs when one of them does and agrees when all do. The judgement is that of the
        worst: of the gravest verdict, the one whose interval reaches farthest the wrong way.
        """

        def gravity(judged: Judgement) -> tuple[int, float]:
            m = judged.measured
            return _GRAVITY.index(judged.verdict), self._strays(m) if m else 0.0

        judged = [self.judge(m, budget, reason=reason, skipped=skipped) for m in measured]
        nothing = self.judge(None, budget, reason=reason, skipped=skipped)
        return max(judged, key=gravity, default=nothing)

    def judge_each(
        self, measured: Sequence[tuple[Estimate, str]], budget: Budget, *, none: str
    ) -> Judgement:
        """As `judge_all`, of measurements with a reason each: the worst one's own is given.

        none: the reason where there are no measurements.
        """
        worst = self.judge_all([m for m, _ in measured], budget).measured
        reasons = [why for m, why in measured if m is worst]
        return self.judge(worst, budget, reason=reasons[0] if reasons else none)

    def _strays(self, m: Estimate) -> float:
        """How far the interval reaches from `expected`, or beyond it."""
        above, below = m.hi - self.expected, self.expected - m.lo
        if self.relation is Relation.EQUALS:
            return max(above, below)
        return above if self.relation is Relation.AT_MOST else below

    def _holds(self, m: Estimate, tolerance: float | None) -> bool:
        if self.relation is Relation.AT_LEAST:
            return m.lo >= self.expected
        if self.relation is Relation.AT_MOST:
            return m.hi <= self.expected
        assert tolerance is not None
        return abs(m.value - self.expected) <= tolerance and m.half_width <= tolerance

    def _excluded(self, m: Estimate, tolerance: float | None) -> bool:
        if self.relation is Relation.AT_LEAST:
            return m.hi < self.expected
        if self.relation is Relation.AT_MOST:
            return m.lo > self.expected
        assert tolerance is not None
        return m.lo > self.expected + tolerance or m.hi < self.expected - tolerance


def _undecided(measured: Estimate, tolerance: float | None) -> str:
    """Why an interval neither satisfies nor excludes a prediction."""
    if tolerance is None:
        return "interval on both sides"
    narrow = measured.half_width <= tolerance
    return "interval across the tolerance's edge" if narrow else "interval too wide"


@dataclass(frozen=True)
class Judgement:
    """A claim, what was measured, and the verdict that follows."""

    claim: Claim
    tolerance: float | None
    measured: Estimate | None
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Table:
    """A titled table; a cell is a number, a text, an Estimate or None."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Estimate | Value, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Axis:
    """A label with its unit in it, and a scale; or names of categories, at 0, 1, 2, ..."""

    label: str
    scale: Literal["linear", "log"] = "linear"
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Series:
    """Points of one kind. `lo` and `hi` are error bars of points, the edges of a band.

    kind: points (measured), line (a fit of ours), band (its interval, lo..hi over x),
    reference (what the paper predicts or found).
    color: series with the same number share a colour, a fit with its points say; None is ink.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    kind: Literal["points", "line", "band", "reference"] = "points"
    lo: tuple[float, ...] | None = None
    hi: tuple[float, ...] | None = None
    x_lo: tuple[float, ...] | None = None
    x_hi: tuple[float, ...] | None = None
    color: int | None = 0
    marker: Literal["filled", "open"] = "filled"  # open: shown, not used in the fit

    def __post_init__(self) -> None:
        given = (self.x, self.y, self.lo, self.hi, self.x_lo, self.x_hi)
        lengths = [len(values) for values in given if values is not None]
        if len(set(lengths)) > 1:
            raise ValueError(f"series {self.label!r:.60}: one length for all, not {lengths}")


@dataclass(frozen=True)
class Panel:
    title: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Figure:
    """A figure as data. `source` names the paper's figure, `caption` says what to see.

    stacked: its panels lie below each other, as those do that share x.
    """

    id: str
    title: str
    source: str
    caption: str
    panels: tuple[Panel, ...]
    stacked: bool = False


@dataclass(frozen=True)
class Findings:
    """What an experiment's analysis returns. A table or figure not listed does not exist."""

    claims: tuple[Judgement, ...]
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """What made a result: enough to run it again."""

    command: str
    commit: str
    versions: dict[str, str]
    seeds: dict[str, tuple[int, ...]]
    machine: str  # processor and cores, no host name
    started: str  # ISO 8601, UTC
    wall_s: float  # of this run of the driver
    cells_s: float  # sum over the stored cells, wherever and whenever they ran


@dataclass(frozen=True)
class Result:
    """The findings of one experiment at one budget, with where they came from."""

    experiment: str
    title: str
    paper: str
    budget: Budget
    settings: dict[str, object]
    findings: Findings
    provenance: Provenance
    rows: int
    failed: int = 0
    schema_version: int = 1
    artifacts: tuple[str, ...] = field(default=())
