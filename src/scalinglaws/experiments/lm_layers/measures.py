"""The rows of lm-layers by what they measure, and the ratios that claims are about."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import cast

from scalinglaws.estimate import LEVEL, Estimate, two_sided
from scalinglaws.experiments.lm_layers.settings import KNN_K, MLE_K
from scalinglaws.result import Row

KINDS = (ATTENTION, MLP, RESIDUAL) = ("attention", "mlp", "residual")
FINAL = RESIDUAL  # of the last block: the final layer

Method = tuple[str, int]  # name, k
KNN: tuple[Method, ...] = tuple(("knn", k) for k in KNN_K)
MLE: Method = ("mle", MLE_K)
FIRST = 1  # blocks count from 1
JUDGED = KNN[0]  # the claims' estimator


@dataclass(frozen=True)
class LogEstimate:
    """A positive quantity by its logarithm, with the quantile that its 95 % interval takes."""

    mean: float
    stderr: float
    z: float

    @classmethod
    def of(cls, values: Sequence[Estimate]) -> LogEstimate:
        """One measurement with its own error, or the mean of several with that of their spread."""
        logs = [math.log(e.value) for e in values]
        m = len(logs)
        if m == 1:
            return cls(logs[0], values[0].stderr / values[0].value, _quantile(math.inf))
        return cls(fmean(logs), stdev(logs) / m**0.5, _quantile(m - 1))

    def over(self, other: LogEstimate) -> LogEstimate:
        """The ratio of independent quantities."""
        stderr = math.hypot(self.stderr, other.stderr)
        return LogEstimate(self.mean - other.mean, stderr, max(self.z, other.z))

    @property
    def estimate(self) -> Estimate:
        lo, value, hi = (math.exp(self.mean + z * self.stderr) for z in (-self.z, 0, self.z))
        return Estimate(value, value * self.stderr, lo, hi, LEVEL)


Curve = Mapping[int, LogEstimate]  # block, from 1, or position, from 0 -> d or a ratio


@dataclass(frozen=True)
class Measured:
    """All d: part -> method -> kind -> by block, or for part "position" by position.

    counts: part -> the fewest distinct points and the most repeated rows of its measurements.
    """

    d: Mapping[tuple[str, Method, str], Curve]
    counts: Mapping[str, tuple[int, int]]

    def curve(self, part: str, method: Method, kind: str) -> Curve:
        """Ascending; empty where nothing was measured."""
        return self.d.get((part, method, kind), {})


def read(rows: Iterable[Row]) -> Measured:
    """The rows there are; they may be of one cell alone. Of passages the mean is taken."""
    values: dict[tuple[str, Method, str], dict[int, list[Estimate]]] = defaultdict(
        lambda: defaultdict(list)
    )
    counts: dict[str, tuple[int, int]] = {}
    for row in rows:
        part, method = str(row["part"]), (str(row["method"]), int(_number(row["k"])))
        at = int(_number(row["position" if part == "position" else "block"]))
        d = Estimate.normal(_number(row["d"]), _number(row["stderr"]))
        values[part, method, str(row["kind"])][at].append(d)
        n, duplicates = int(_number(row["n"])), int(_number(row["duplicates"]))
        least, most = counts.get(part, (n, duplicates))
        counts[part] = min(least, n), max(most, duplicates)
    d = {
        key: {at: LogEstimate.of(own) for at, own in sorted(by_place.items())}
        for key, by_place in values.items()
    }
    return Measured(d, counts)


def one_over_many(measured: Measured, kind: str, method: Method = JUDGED) -> Curve:
    """d of one sequence's tokens over d of as many last tokens, by block."""
    one, many = (measured.curve(part, method, kind) for part in ("passage", "equal"))
    return {block: one[block].over(many[block]) for block in one if block in many}


def over_mean(measured: Measured, kind: str) -> Curve:
    """d of each block over the geometric mean of all blocks but the first.

    The interval is that of d alone: the mean's error is smaller, and shared with d, both being
    of the same tokens.
    """
    d = measured.curve("last", JUDGED, kind)
    rest = [d[block].mean for block in later(d)]
    mean = LogEstimate(fmean(rest), 0.0, 0.0) if rest else None
    return {block: d[block].over(mean) for block in d} if mean else {}


def mle_over_knn(measured: Measured, kind: str) -> Curve:
    """By block. Both are of the same points and err together: the interval is on the wide side."""
    knn, mle = (measured.curve("last", method, kind) for method in (JUDGED, MLE))
    return {block: mle[block].over(knn[block]) for block in mle if block in knn}


def over_last_position(measured: Measured) -> Curve:
    """d of the final layer at a position over d at the last one."""
    d = measured.curve("position", JUDGED, FINAL)
    return {p: d[p].over(d[max(d)]) for p in d if p < max(d)}


def first(curve: Curve) -> Curve:
    return {block: e for block, e in curve.items() if block == FIRST}


def later(curve: Curve) -> Curve:
    """Without the first block."""
    return {block: e for block, e in curve.items() if block > FIRST}


def last(curve: Curve) -> Curve:
    return {block: curve[block] for block in curve if block == max(curve)}


def _quantile(degrees_of_freedom: float) -> float:
    """Two-sided at 95 %: Student's, the Gaussian's where the error is known."""
    if math.isinf(degrees_of_freedom):
        return two_sided(LEVEL)
    from scipy.stats import t

    return float(t.ppf(0.5 + LEVEL / 2, degrees_of_freedom))


def _number(value: object) -> float:
    return cast(float, value)
