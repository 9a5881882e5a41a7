"""Rows of one teacher and k -> alpha and d of that family of students."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.teacher_student.cell import MLE_K
from scalinglaws.laws.line import fit_line
from scalinglaws.laws.ranges.circle import linear_prefix
from scalinglaws.laws.ranges.exponent import Exponent, fit_exponent
from scalinglaws.result import Row

METHODS = ("twonn", "knn2", "knn3", "knn4", f"mle{MLE_K}")


@dataclass(frozen=True)
class Size:
    """The kept trials of one width."""

    n: int
    N_all: int
    N_used: int
    L: tuple[float, ...]  # ascending
    dropped: int
    d: dict[str, Estimate]  # by method, mean over the measured trials
    dead: tuple[float, float]  # share of units of each hidden layer never positive

    @property
    def L_log_mean(self) -> float:
        return math.exp(float(np.log(self.L).mean()))

    @property
    def L_log_stderr(self) -> float:
        """Standard error of the mean log loss; zero for a single trial."""
        trials = len(self.L)
        return float(np.log(self.L).std(ddof=1)) / math.sqrt(trials) if trials > 1 else 0.0


@dataclass(frozen=True)
class Family:
    """Students of one teacher, k and training length.

    alpha by N_all, the paper's count, and by N_used. circle: the exponent by the paper's rule
    (A.1), and how many sizes it kept.
    """

    loss: str
    k: int
    teacher_seed: int
    steps: int
    zero_skill: float
    sizes: tuple[Size, ...]
    exponent: Exponent
    exponent_used: Exponent
    circle: Estimate
    circle_sizes: int
    d_inputs: dict[str, Estimate]

    @property
    def name(self) -> tuple[str, int, int]:
        """What it shares with the family of another training length."""
        return self.loss, self.teacher_seed, self.k

    @property
    def count_systematic(self) -> float:
        """The relative change of 4/alpha that N_used in place of N_all makes."""
        return self.exponent.alpha.value / self.exponent_used.alpha.value - 1

    @property
    def largest(self) -> Size:
        """The largest width on the power law, before its floor or break."""
        within = [size for size in self.sizes if size.N_all <= self.exponent.N_end]
        return within[-1] if within else self.sizes[0]

    @property
    def d(self) -> Estimate | None:
        """TwoNN's d of the last hidden layer at the largest width."""
        return self.largest.d.get("twonn")

    def d_change(self) -> Estimate | None:
        """Relative change of d over widths n >= 3k: slope of log d on log n, times the range."""
        wide = [s for s in self.sizes if s.n >= 3 * self.k and "twonn" in s.d]
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


def families(rows: Sequence[Row]) -> list[Family]:
    """Group the rows; a family of fewer than three usable sizes has no exponent: left out."""
    students: dict[tuple[str, int, int, int], list[Row]] = {}
    inputs: dict[tuple[str, int, int, int], Row] = {}
    for row in rows:
        key = (str(row["loss"]), _int(row, "teacher_seed"), _int(row, "k"), _int(row, "steps"))
        if row["kind"] == "student":
            students.setdefault(key, []).append(row)
        else:
            inputs[key] = row
    found = [_family(students[key], inputs[key]) for key in sorted(students)]
    return [family for family in found if family is not None]


def _family(students: list[Row], inputs: Row) -> Family | None:
    by_width: dict[int, list[Row]] = {}
    for row in students:
        by_width.setdefault(_int(row, "n"), []).append(row)
    measured = [_size(by_width[n]) for n in sorted(by_width)]
    sizes = tuple(size for size in measured if size is not None)
    if len(sizes) < 3:
        return None
    log_N, log_L = np.log([s.N_all for s in sizes]), np.log([s.L_log_mean for s in sizes])
    kept = linear_prefix(log_N, log_L)
    line = fit_line(log_N[:kept], log_L[:kept]).slope
    L = [loss for s in sizes for loss in s.L]
    return Family(
        loss=str(inputs["loss"]),
        k=_int(inputs, "k"),
        teacher_seed=_int(inputs, "teacher_seed"),
        steps=_int(inputs, "steps"),
        zero_skill=_float(inputs, "zero_skill"),
        sizes=sizes,
        exponent=fit_exponent([s.N_all for s in sizes for _ in s.L], L),
        exponent_used=fit_exponent([s.N_used for s in sizes for _ in s.L], L),
        circle=line.map_monotone(lambda slope: -slope, -1.0),
        circle_sizes=kept,
        d_inputs=_mean_d([inputs]),
    )


def _size(trials: list[Row]) -> Size | None:
    """The kept trials of a width: of 10, the 9 of lowest loss (A.2.1); of fewer, all."""
    finite = [row for row in trials if _float(row, "L") > 0 and math.isfinite(_float(row, "L"))]
    kept = sorted(finite, key=lambda row: _float(row, "L"))[: len(trials) - len(trials) // 10]
    if not kept:
        return None
    return Size(
        n=_int(kept[0], "n"),
        N_all=_int(kept[0], "N_all"),
        N_used=_int(kept[0], "N_used"),
        L=tuple(_float(row, "L") for row in kept),
        dropped=len(trials) - len(kept),
        d=_mean_d([row for row in kept if row.get("d_twonn") is not None]),
        dead=(_mean(kept, "dead_1"), _mean(kept, "dead_2")),
    )


def _mean_d(rows: list[Row]) -> dict[str, Estimate]:
    """Mean over trials; its variance is the trials' scatter or the estimator's own, if larger."""
    found: dict[str, Estimate] = {}
    for method in METHODS:
        d = np.array([_float(row, f"d_{method}") for row in rows if row.get(f"d_{method}")])
        if not len(d):
            continue
        own = _mean(rows, f"d_{method}_stderr")
        scatter = float(d.std(ddof=1)) if len(d) > 1 else 0.0
        found[method] = Estimate.normal(float(d.mean()), max(own, scatter) / math.sqrt(len(d)))
    return found


def _mean(rows: list[Row], name: str) -> float:
    return float(np.mean([_float(row, name) for row in rows]))


def _int(row: Row, name: str) -> int:
    return int(cast(int, row[name]))


def _float(row: Row, name: str) -> float:
    return float(cast(float, row[name]))
