"""Rows -> alpha of every p and teacher, their ratios, and the moments of the p = 2 students."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.p_loss.settings import MSE, Settings, loss_name
from scalinglaws.experiments.students.families import Family, families
from scalinglaws.laws.line import fit_line, fit_through_origin
from scalinglaws.result import Row

OfP = Mapping[float, Family]


@dataclass(frozen=True)
class Powers:
    """The families of one training length.

    students: by teacher and p. uniform: see `uniformity`, by teacher and p.
    measured: the rows of the p = 2 students once more, for each other p their E |y - y*|^p in
        place of the loss.
    """

    students: Mapping[int, OfP]
    uniform: Mapping[int, Mapping[float, Estimate]]
    measured: Mapping[float, Sequence[Row]]

    @cached_property
    def moments(self) -> Mapping[int, OfP]:
        """alpha of the p = 2 students' moments, by teacher and p."""
        return _by_teacher([row for rows in self.measured.values() for row in rows], self.measured)

    @cached_property
    def ps(self) -> list[float]:
        """Every p but 2 that some teacher has beside it."""
        return sorted({p for of in self.students.values() if MSE in of for p in of} - {MSE})

    def ratios(self, p: float) -> list[Estimate]:
        """alpha(p) / alpha(2) over p / 2 of each teacher: 1 by eq. 3.4.

        The students share the teacher and the points. Errors enter as if they shared nothing else,
        which is too long where one question, whether the law ends, is open for both alike.
        """
        pairs = [(of[p], of[MSE]) for of in self.students.values() if {p, MSE} <= set(of)]
        alphas = [(f.exponent.alpha, g.exponent.alpha) for f, g in pairs if falls(f) and falls(g)]
        found = [alpha.over(alpha_2) for alpha, alpha_2 in alphas]
        return [e.map_monotone(lambda ratio: ratio * MSE / p, MSE / p) for e in found]

    def ratio(self, p: float) -> Estimate | None:
        """Mean of the ratios over teachers."""
        return mean(self.ratios(p))

    def moment_ratio(self, p: float) -> Estimate | None:
        """The same of the p = 2 students' moments."""
        return mean([of[p] for of in self.uniform.values() if p in of])

    def collapsed(self, p: float) -> Estimate | None:
        """Slope of log L_p on log L_2 at equal widths, over p / 2: alpha(p) / alpha(2) without N.

        Where both laws bend alike, at the same residual, it does not bend. Mean over teachers.
        """
        pairs = [(of[p], of[MSE]) for of in self.students.values() if {p, MSE} <= set(of)]
        slopes = [e for high, mse in pairs if (e := _loss_on_loss(high, mse)) is not None]
        return mean([e.map_monotone(lambda b: b * MSE / p, MSE / p) for e in slopes])

    @cached_property
    def d(self) -> Estimate | None:
        """d of the widest p = 2 students, mean over teachers."""
        return mean([d for f in self._mse if (d := f.d_widest) is not None])

    @cached_property
    def slope(self) -> Estimate | None:
        """Of alpha d / 2 on p, through the origin: 1 by eq. 3.4; mean over teachers."""
        return self._mean_slope(lambda f: f.exponent.alpha)

    @cached_property
    def slope_used(self) -> Estimate | None:
        """The same with N_used in place of N_all: without the weights of dead inputs."""
        return self._mean_slope(lambda f: f.exponent_used.alpha)

    def _mean_slope(self, alpha: Callable[[Family], Estimate]) -> Estimate | None:
        """Whether the law ends is one question for all teachers too; their scatter comes on top."""
        found = [e for of in self.students.values() if (e := _slope(of, alpha)) is not None]
        if not found:
            return None
        whole = _together(found, [1 / len(found)] * len(found))
        scatter = float(np.std([e.value for e in found], ddof=1)) if len(found) > 1 else 0.0
        return whole.with_systematic(scatter / math.sqrt(len(found)))

    @cached_property
    def each(self) -> list[tuple[int, float, Family]]:
        """(teacher, p, family)."""
        return [(seed, p, f) for seed, of in self.students.items() for p, f in sorted(of.items())]

    @property
    def _mse(self) -> list[Family]:
        return [of[MSE] for of in self.students.values() if MSE in of]


def falls(family: Family) -> bool:
    """Whether L(N) does: a ratio of exponents needs both to be positive."""
    return family.exponent.alpha.value > 0


def mean(found: Sequence[Estimate]) -> Estimate | None:
    """Weighted mean; scatter beyond the errors widens it. One alone stays as it is.

    Estimates with open intervals stand aside where others have errors.
    """
    known = [e for e in found if 0 < e.stderr < math.inf]
    if len(known) < 2:
        return next(iter(known or found), None)
    errors = [e.stderr for e in known]
    return fit_through_origin([1.0] * len(known), [e.value for e in known], sigma_y=errors)


def _loss_on_loss(high: Family, mse: Family) -> Estimate | None:
    """Errors in both from the trials; with one trial there are none."""
    of_n = {s.n: s for s in mse.held}
    pairs = [(of_n[s.n], s) for s in high.held if s.n in of_n]
    if len(pairs) < 3:
        return None
    x, y = ([math.log(pair[i].L_log_mean) for pair in pairs] for i in (0, 1))
    sigma_x, sigma_y = ([pair[i].L_log_stderr for pair in pairs] for i in (0, 1))
    if 0 in (*sigma_x, *sigma_y):
        return fit_line(x, y).slope
    return fit_line(x, y, sigma_x=sigma_x, sigma_y=sigma_y).slope


def _slope(of: OfP, alpha: Callable[[Family], Estimate]) -> Estimate | None:
    """Of one teacher, with the errors of its p as one: starts and points are the same for all,
    and so is the question whether the law ends. They add up where independent ones would cancel.
    """
    d = of[MSE].d_widest if MSE in of else None
    used = {p: found for p, f in of.items() if 0 < (found := alpha(f)).stderr < math.inf}
    if d is None or len(used) < 2:
        return None
    weights = {p: p / found.stderr**2 for p, found in used.items()}
    total = math.fsum(weight * p for p, weight in weights.items())
    slope = _together(used.values(), [weight / total for weight in weights.values()])
    half = d.map_monotone(lambda value: value / 2, 0.5)
    # Half of d is exact to a percent: its error adds in quadrature.
    scaled = slope.map_monotone(lambda b: b * half.value, half.value)
    return scaled.with_systematic(scaled.value * half.stderr / half.value)


def _together(found: Iterable[Estimate], weights: Sequence[float]) -> Estimate:
    """The weighted sum of estimates whose errors are one: ends and errors add up as values do."""
    ends = np.array([(e.value, e.stderr, e.lo, e.hi) for e in found])
    return Estimate(*(np.array(weights) @ ends).tolist())


def powers(rows: Sequence[Row], steps: int, settings: Settings) -> Powers:
    """The families of that training length."""
    own = [row for row in rows if row["kind"] == "inputs" or row["steps"] == steps]
    students = _by_teacher(own, settings.ps)
    measured = {
        p: [_as_loss(row, p) for row in own if row.get(f"moment_{p:g}") is not None]
        for p in settings.ps
    }
    uniform = {
        seed: {
            p: alpha
            for p, moments in measured.items()
            if (alpha := uniformity(_of(moments, seed), _of(own, seed), of[MSE], p)) is not None
        }
        for seed, of in students.items()
        if MSE in of
    }
    return Powers(students, uniform, measured)


def _of(rows: Iterable[Row], seed: int) -> list[Row]:
    return [r for r in rows if r["kind"] == "student" and r["teacher_seed"] == seed]


def _as_loss(row: Row, p: float) -> Row:
    return {**row, "loss": loss_name(p), "L": row[f"moment_{p:g}"]}


def _by_teacher(rows: Sequence[Row], ps: Iterable[float]) -> Mapping[int, OfP]:
    p_of = {loss_name(p): p for p in ps}
    found: dict[int, dict[float, Family]] = {}
    for f in families(rows):
        found.setdefault(f.teacher_seed, {})[p_of[f.loss]] = f
    return found


def uniformity(
    moments: Sequence[Row], students: Sequence[Row], mse: Family, p: float
) -> Estimate | None:
    """alpha of M_p = E |y - y*|^p over alpha of M_2, over p / 2, for the same p = 2 students.

    M_p / M_2^(p/2) is a shape of the residuals' distribution. Where residuals have one scale
    s ~ N^(-2/d), which is what eq. 2.3 needs, it does not depend on N, and this is 1. The slope
    of its logarithm is alpha_2 p/2 - alpha_p: the errors that both moments share cancel.
    """
    M_2 = {_name(r): _number(r, "L") for r in students if r["loss"] == loss_name(MSE)}
    on_the_law = {s.n for s in mse.held if s.N_all <= mse.exponent.N_end}
    kept = [r for r in moments if r["n"] in on_the_law and _name(r) in M_2]
    if len({r["n"] for r in kept}) < 3 or not falls(mse):
        return None
    x = [math.log(_number(r, "N_all")) for r in kept]
    y = [math.log(_number(r, "L")) - p / 2 * math.log(M_2[_name(r)]) for r in kept]
    expected = p / 2 * mse.exponent.alpha.value
    return fit_line(x, np.array(y)).slope.map_monotone(lambda b: 1 - b / expected, -1 / expected)


def _name(row: Row) -> tuple[object, object]:
    return row["n"], row["trial"]


def _number(row: Row, name: str) -> float:
    return float(cast(float, row[name]))


Of = Callable[[Powers], Estimate | None]


def drift(full: Powers, half: Powers, of: Of) -> float | None:
    """How far a number moves from half to full training length.

    Both lengths share starts and points, so that statistical errors mostly cancel.
    """
    after, before = of(full), of(half)
    return after.value - before.value if after and before else None
