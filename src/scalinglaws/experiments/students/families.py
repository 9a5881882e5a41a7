"""Rows of one teacher and k -> alpha and d of that family of students."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.students.cell import MLE_K
from scalinglaws.experiments.students.widths import holds
from scalinglaws.laws.line import fit_line
from scalinglaws.laws.ranges.circle import linear_prefix
from scalinglaws.laws.ranges.exponent import Exponent, fit_exponent
from scalinglaws.result import Row, Value

METHODS = ("twonn", "knn2", "knn3", "knn4", f"mle{MLE_K}")


@dataclass(frozen=True)
class Trim:
    """Which trials of a width count, and by which mean of their losses.

    one_in: of so many trials the one of highest loss is left out: 10 (A.2.1), 9 for vetted
        teachers, where the worst 10 of 90 are.
    mean: of log L, or of L itself (A.2.1, vetted teachers), to which all the log L are shifted.
    """

    one_in: int = 10
    mean: Literal["log", "plain"] = "log"

    def kept(self, trials: Sequence[Row]) -> list[Row]:
        """The trials of lowest loss, those that diverged left out."""
        finite = [
            row for row in trials if _number(row, "L") > 0 and math.isfinite(_number(row, "L"))
        ]
        ascending = sorted(finite, key=lambda row: _number(row, "L"))
        return ascending[: len(trials) - len(trials) // self.one_in]

    def centred(self, size: Size) -> list[float]:
        """Losses whose log-mean is the mean asked for; they scatter as the trials' log L do."""
        if self.mean == "log":
            return list(size.L)
        shift = float(np.mean(size.L)) / size.L_log_mean
        return [shift * loss for loss in size.L]


AUTHORS = Trim()


@dataclass(frozen=True)
class Size:
    """The kept trials of one width."""

    n: int
    hidden: int
    N_all: int
    N_used: int
    L: tuple[float, ...]  # ascending
    dropped: int
    d: dict[str, Estimate]  # by method, mean over the measured trials
    d_post: dict[str, Estimate]  # the same after the non-linearity, where it was measured
    dead: tuple[float, ...]  # share of units of each hidden layer never positive

    @property
    def L_log_mean(self) -> float:
        return math.exp(float(np.log(self.L).mean()))

    @property
    def L_log_stderr(self) -> float:
        """Standard error of the mean log loss; zero for a single trial."""
        trials = len(self.L)
        return float(np.log(self.L).std(ddof=1)) / math.sqrt(trials) if trials > 1 else 0.0


@dataclass(frozen=True, order=True)
class Kin:
    """What the students of a family have in common."""

    loss: str
    teacher: str
    teacher_kind: str
    teacher_seed: int
    k: int
    hidden: int
    activation: str
    taught: str
    noise: float
    points: int
    output_scale: float
    init: str
    schedule: str
    activations: str
    polish: str
    steps: int


@dataclass(frozen=True)
class Family:
    """Students that differ in width alone.

    alpha is that of the sizes `held`, by N_all, the paper's count, and by N_used. circle: the
    exponent by the paper's rule (A.1), and how many of these sizes it kept.
    """

    kin: Kin
    zero_skill: float
    sizes: tuple[Size, ...]
    exponent: Exponent
    exponent_used: Exponent
    circle: Estimate
    circle_sizes: int
    d_inputs: dict[str, Estimate]
    trim: Trim

    @property
    def loss(self) -> str:
        return self.kin.loss

    @property
    def k(self) -> int:
        return self.kin.k

    @property
    def teacher_seed(self) -> int:
        return self.kin.teacher_seed

    @property
    def steps(self) -> int:
        return self.kin.steps

    @property
    def name(self) -> Kin:
        """What it shares with the family of another training length."""
        return replace(self.kin, steps=0)

    @property
    def count_systematic(self) -> float:
        """The relative change of 4/alpha that N_used in place of N_all makes."""
        return self.exponent.alpha.value / self.exponent_used.alpha.value - 1

    @property
    def held(self) -> tuple[Size, ...]:
        """The widths that hold all features of the data, n >= 3k."""
        return tuple(size for size in self.sizes if holds(size.n, self.k))

    def later(self) -> Family | None:
        """The family without its smallest held size; None where that leaves fewer than three."""
        return family_of(self.kin, self.held[1:], self.zero_skill, self.d_inputs, self.trim)

    @property
    def largest(self) -> Size:
        """The largest width on the power law, before its floor or break."""
        within = [size for size in self.held if size.N_all <= self.exponent.N_end]
        return within[-1] if within else self.held[0]

    @property
    def d(self) -> Estimate | None:
        """TwoNN's d of the last hidden layer at the largest width."""
        return self.largest.d.get("twonn")

    @property
    def d_widest(self) -> Estimate | None:
        """TwoNN's d at the largest width of all, wherever the power law ends."""
        return self.sizes[-1].d.get("twonn")

    def d_change(self) -> Estimate | None:
        """Relative change of d over widths n >= 3k: slope of log d on log n, times the range."""
        wide = [s for s in self.held if "twonn" in s.d]
        if len(wide) < 2:
            return None
        return relative_change([s.n for s in wide], [s.d["twonn"] for s in wide])


def relative_change(n: Sequence[int], d: Sequence[Estimate]) -> Estimate:
    """Of d from the smallest n to the largest: slope of log d on log n, times the range."""
    log_n = np.log(n)
    errors = [max(e.stderr / e.value, 1e-12) for e in d]
    slope = fit_line(log_n, np.log([e.value for e in d]), sigma_y=errors).slope
    reach = float(log_n[-1] - log_n[0])
    return slope.map_monotone(lambda b: math.expm1(b * reach), reach)


def four_over(alpha: Estimate) -> Estimate:
    """4/alpha; where alpha may be zero or less, its upper end is open."""
    value, slope = 4 / alpha.value, 4 / alpha.value**2
    hi = 4 / alpha.lo if alpha.lo > 0 else math.inf
    return Estimate(value, slope * alpha.stderr, max(4 / alpha.hi, 0.0), hi, alpha.level)


def families(rows: Sequence[Row], trim: Trim = AUTHORS) -> list[Family]:
    """Group the rows; a family of fewer than three widths n >= 3k has no exponent: left out."""
    students: dict[Kin, list[Row]] = {}
    inputs: dict[tuple[Value, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["kind"] == "student":
            students.setdefault(_kin(row), []).append(row)
        elif row["kind"] == "inputs":
            inputs[_source(row)] = [row]
    found = [
        family_of(
            kin,
            _sizes(own, trim),
            _number(own[0], "zero_skill"),
            _mean_d(inputs[_source(own[0])]),
            trim,
        )
        for kin, own in sorted(students.items(), key=lambda item: item[0])
    ]
    return [family for family in found if family is not None]


def _kin(row: Row) -> Kin:
    return Kin(**{field.name: cast(Any, row[field.name]) for field in fields(Kin)})


def _source(row: Row) -> tuple[Value, ...]:
    """The teacher and the points of a row."""
    return row["teacher"], row["teacher_kind"], row["teacher_seed"], row["k"]


def _sizes(students: Sequence[Row], trim: Trim) -> list[Size]:
    by_width: dict[int, list[Row]] = {}
    for row in students:
        by_width.setdefault(int(_number(row, "n")), []).append(row)
    measured = [_size(by_width[n], trim) for n in sorted(by_width)]
    return [size for size in measured if size is not None]


def family_of(
    kin: Kin,
    sizes: Sequence[Size],
    zero_skill: float,
    d_inputs: dict[str, Estimate],
    trim: Trim,
) -> Family | None:
    """The family of these sizes; None where fewer than three of them hold all features."""
    held = [size for size in sizes if holds(size.n, kin.k)]
    if len(held) < 3:
        return None
    losses = [trim.centred(s) for s in held]
    log_N, log_L = np.log([s.N_all for s in held]), [float(np.log(L).mean()) for L in losses]
    kept = linear_prefix(log_N, log_L)
    line = fit_line(log_N[:kept], log_L[:kept]).slope
    L = [loss for own in losses for loss in own]
    return Family(
        kin=kin,
        zero_skill=zero_skill,
        sizes=tuple(sizes),
        exponent=fit_exponent([s.N_all for s in held for _ in s.L], L),
        exponent_used=fit_exponent([s.N_used for s in held for _ in s.L], L),
        circle=line.map_monotone(lambda slope: -slope, -1.0),
        circle_sizes=kept,
        d_inputs=d_inputs,
        trim=trim,
    )


def _size(trials: list[Row], trim: Trim) -> Size | None:
    """The kept trials of a width; None where all diverged."""
    kept = trim.kept(trials)
    if not kept:
        return None
    hidden = int(_number(kept[0], "hidden"))
    return Size(
        n=int(_number(kept[0], "n")),
        hidden=hidden,
        N_all=int(_number(kept[0], "N_all")),
        N_used=int(_number(kept[0], "N_used")),
        L=tuple(_number(row, "L") for row in kept),
        dropped=len(trials) - len(kept),
        d=_mean_d([row for row in kept if row.get("d_twonn") is not None]),
        d_post=_mean_d([row for row in trials if row.get("d_post_twonn") is not None], "d_post"),
        dead=tuple(_mean(kept, f"dead_{layer}") for layer in range(1, hidden + 1)),
    )


def _mean_d(rows: list[Row], d: str = "d") -> dict[str, Estimate]:
    """Mean over trials; its variance is the trials' scatter or the estimator's own, if larger."""
    found: dict[str, Estimate] = {}
    for method in METHODS:
        name = f"{d}_{method}"
        values = np.array([_number(row, name) for row in rows if row.get(name)])
        if not len(values):
            continue
        own = _mean(rows, f"{name}_stderr")
        scatter = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        stderr = max(own, scatter) / math.sqrt(len(values))
        found[method] = Estimate.normal(float(values.mean()), stderr)
    return found


def _mean(rows: list[Row], name: str) -> float:
    return float(np.mean([_number(row, name) for row in rows]))


def _number(row: Row, name: str) -> float:
    return float(cast(float, row[name]))
