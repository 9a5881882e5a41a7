"""Rows of one image set -> L(N) and its exponents, d of the last hidden layer at every width."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.cnn.cell import HELD_OUT, TEST
from scalinglaws.experiments.network_dimension.measures import METHODS
from scalinglaws.experiments.network_dimension.rows import Error, Measured, number, where
from scalinglaws.experiments.students.families import relative_change
from scalinglaws.laws.quantile import student
from scalinglaws.laws.ranges.exponent import Exponent, fit_exponent
from scalinglaws.result import Row

STOPS = (HELD_OUT, TEST)
QUANTITIES = ("L_test", "L_train", "error_test", "error_train")
JUDGED = "twonn"


@dataclass(frozen=True)
class Curve:
    """A quantity at every N, over the trials, and the power law through it.

    exponent: None where there is none, say of errors that are zero.
    """

    N: tuple[int, ...]
    values: tuple[tuple[float, ...], ...]
    exponent: Exponent | None

    def log_mean(self, i: int) -> Estimate:
        """Over the trials at the i-th N (A.4: "average the loss (on log scale)"), with the
        standard error of that mean; infinite for a single trial."""
        log_L = np.log(self.values[i])
        count = len(log_L)
        stderr = float(log_L.std(ddof=1)) / math.sqrt(count) if count > 1 else math.inf
        arm = student(LEVEL, count - 1) * stderr if count > 1 else math.inf
        mean = math.exp(float(log_L.mean()))
        return Estimate(mean, mean * stderr, mean * math.exp(-arm), mean * math.exp(arm))


@dataclass(frozen=True)
class Family:
    """Networks of every width on one image set.

    curves: by (stop, quantity). d: by (after the ReLU, method), at every n; None where no network
    has a d. epochs: by stop, the mean epoch chosen at every n.
    """

    dataset: str
    n: tuple[int, ...]
    N: tuple[int, ...]
    trials: int
    curves: Mapping[tuple[str, str], Curve]
    d: Mapping[tuple[bool, str], tuple[Estimate | None, ...]]
    epochs: Mapping[str, tuple[float, ...]]

    def exponent(self, quantity: str = "L_test", stop: str = HELD_OUT) -> Exponent | None:
        return self.curves[stop, quantity].exponent

    def d_largest(self, *, relu: bool = False, method: str = JUDGED) -> Estimate | None:
        """d at the largest width on the power law of the test loss, before its floor or break."""
        found = self.exponent()
        end = found.N_end if found else math.inf
        of = zip(self.N, self.d[relu, method], strict=True)
        measured = [(N, d) for N, d in of if d is not None]
        within = [d for N, d in measured if end >= N]
        return (within or [d for _, d in measured[:1]] or [None])[-1]

    def d_change(self) -> Estimate | None:
        """Relative change of d from the smallest width to the largest."""
        of = zip(self.n, self.d[False, JUDGED], strict=True)
        measured = [(n, d) for n, d in of if d is not None]
        if len(measured) < 2:
            return None
        return relative_change([n for n, _ in measured], [d for _, d in measured])


@dataclass(frozen=True)
class Point:
    """One image set in the plane of 4/alpha against d (figure 1).

    alpha: of the test loss where held-out images stopped the training. d: TwoNN of the last
    hidden layer before its ReLU, at the largest width on the power law.
    """

    dataset: str
    alpha: Estimate
    d: Estimate


def points(rows: Sequence[Row]) -> tuple[Point, ...]:
    """Rows of this experiment, of any budget -> a point per image set that has both."""
    return tuple(
        Point(family.dataset, found.alpha, d)
        for family in families(rows)
        if (found := family.exponent()) and (d := family.d_largest())
    )


def families(rows: Sequence[Row]) -> list[Family]:
    """One per image set there are rows of, by name."""
    names = sorted({str(row["dataset"]) for row in rows})
    return [_family(name, where(rows, dataset=name)) for name in names]


def alpha_d(family: Family) -> Estimate | None:
    """alpha d / 4: one where eq. 2.5 holds, one or more where the bound of eq. 2.6 does.

    Each arm of the interval adds those of alpha and d in quadrature.
    """
    found, d = family.exponent(), family.d_largest()
    return _product(found.alpha, d, 0.25) if found and d else None


def error_over_loss(family: Family) -> Estimate | None:
    """alpha of the test error over alpha of the test loss; errors as if independent."""
    error, loss = family.exponent("error_test"), family.exponent("L_test")
    if error is None or loss is None or not loss.alpha.lo > 0:
        return None
    a = loss.alpha
    return _product(error.alpha, a.map_monotone(lambda v: 1 / v, 1 / a.value**2), 1.0)


def _product(x: Estimate, y: Estimate, factor: float) -> Estimate:
    """factor x y for a positive y: relative arms of y, absolute ones of x."""
    value = factor * x.value * y.value

    def arm(of_x: float, of_y: float) -> float:
        return factor * math.hypot(of_x * y.value, x.value * of_y)

    return Estimate(
        value,
        arm(x.stderr, y.stderr),
        value - arm(x.value - x.lo, y.value - y.lo),
        value + arm(x.hi - x.value, y.hi - y.value),
    )


def _family(dataset: str, rows: list[Row]) -> Family:
    trained = where(rows, kind="network")
    n = sorted({int(number(row, "n")) for row in trained})
    N = [int(number(where(trained, n=width)[0], "N")) for width in n]

    def of(stop: str, name: str) -> list[tuple[float, ...]]:
        own = where(trained, stop=stop)
        return [tuple(number(row, name) for row in where(own, n=width)) for width in n]

    return Family(
        dataset=dataset,
        n=tuple(n),
        N=tuple(N),
        trials=len({row["trial"] for row in trained}),
        curves={(stop, name): _curve(N, of(stop, name)) for stop in STOPS for name in QUANTITIES},
        d={
            (relu, method): tuple(_d(where(rows, relu=relu, n=width), method) for width in n)
            for relu in (False, True)
            for method in METHODS
        },
        epochs={s: tuple(float(np.mean(e)) for e in of(s, "epoch")) for s in STOPS},
    )


def _curve(N: Sequence[int], values: Sequence[tuple[float, ...]]) -> Curve:
    flat = [(size, v) for size, own in zip(N, values, strict=True) for v in own]
    usable = len(N) > 1 and all(math.isfinite(v) and v > 0 for _, v in flat)
    exponent = fit_exponent(*zip(*flat, strict=True)) if usable else None
    return Curve(tuple(N), tuple(values), exponent)


def _d(rows: Sequence[Row], method: str) -> Estimate | None:
    """The mean over the trials. They share the test images, so the estimator's own error is
    added to their scatter; of one network it is all that is known."""
    own = [row for row in rows if row.get(f"d_{method}") is not None]
    if not own:
        return None
    d, stderr, trial = (
        np.array([number(row, name) for row in own])
        for name in (f"d_{method}", f"d_{method}_stderr", "trial")
    )
    return Measured(d, stderr, trial.astype(int), Error.BOTH if len(d) > 1 else Error.OWN).mean()
