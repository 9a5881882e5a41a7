"""Rows of gpt -> L(N) with its fits, and d of the activations.

`alpha_and_d` is what other experiments take from the rows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.gpt.activations import EQUAL, LAST, PASSAGE, Output
from scalinglaws.experiments.lm_layers.measures import LogEstimate
from scalinglaws.experiments.network_dimension.measures import METHODS
from scalinglaws.experiments.network_dimension.rows import number, where
from scalinglaws.laws import Exponent, Fit, fit, fit_exponent, fit_line
from scalinglaws.laws.quantile import student
from scalinglaws.result import Row

JUDGED = "twonn"
BESIDE = "knn2"  # what lm-layers judges by
LEAST_SIZES = 4  # of which a law with three parameters leaves a degree of freedom
STABLE, BELOW = 0.10, 0.3  # see `Dimensions.unusable`


@dataclass(frozen=True)
class Size:
    """The models of one width at the rate it is trained with."""

    width: int
    N: int
    N_all: int
    L: tuple[float, ...]  # by trial
    L_late: tuple[float, ...]  # in the second half of the context

    @property
    def L_log_mean(self) -> float:
        return math.exp(fmean(map(math.log, self.L)))


@dataclass(frozen=True)
class Fits:
    """L(N) as A N^-alpha and as E + A N^-alpha; and alpha by the rule that lets the power law end.

    Models of one width are not independent in the first two: what a law misses there they share.
    late: the pure power of the losses in the second half of the context.
    """

    power: Fit
    constant: Fit
    late: Fit
    may_end: Exponent


@dataclass(frozen=True)
class RateCheck:
    """The loss at one end of the widths, at half and double the rate, over that at the rate.

    ratios: by factor. stderr: of their logs, from the spread of models of one width.
    """

    width: int
    ratios: Mapping[float, float]
    stderr: float

    @property
    def excess(self) -> Estimate:
        """The loss at the rate over the lowest of the others."""
        ratio = 1 / min(self.ratios.values())
        return Estimate.normal(ratio, ratio * self.stderr)


def sizes(rows: Sequence[Row], tokens: int | None = None) -> tuple[Size, ...]:
    """By width, of the models trained at the rate itself; of those that read `tokens`, by default
    the most."""
    models = [row for row in where(rows, kind="model") if number(row, "rate_factor") == 1]
    read = tokens or max(tokens_read(rows), default=0)
    by_width: dict[int, list[Row]] = defaultdict(list)
    for row in models:
        if number(row, "tokens") == read:
            by_width[int(number(row, "width"))].append(row)
    return tuple(_size(width, own) for width, own in sorted(by_width.items()))


def tokens_read(rows: Sequence[Row]) -> tuple[int, ...]:
    """By how many tokens there are models at the rate itself, rising."""
    models = [row for row in where(rows, kind="model") if number(row, "rate_factor") == 1]
    return tuple(sorted({int(number(row, "tokens")) for row in models}))


def _size(width: int, rows: Sequence[Row]) -> Size:
    N, N_all = (int(number(rows[0], name)) for name in ("N", "N_all"))
    L, late = (tuple(number(row, name) for row in rows) for name in ("L", "L_late"))
    return Size(width, N, N_all, L, late)


def fits(found: Sequence[Size]) -> Fits | None:
    """None with fewer than four sizes."""
    if len(found) < LEAST_SIZES:
        return None
    N = [size.N for size in found for _ in size.L]
    L = [loss for size in found for loss in size.L]
    late = [loss for size in found for loss in size.L_late]

    def fitted(law: str, losses: Sequence[float]) -> Fit:
        return fit({"N": N, "loss": losses, "size": N}, law, groups="size")

    return Fits(
        fitted("power", L), fitted("power+constant", L), fitted("power", late), fit_exponent(N, L)
    )


def rate_checks(rows: Sequence[Row]) -> tuple[RateCheck, ...]:
    """Of every width that was trained at other rates too; the same draws and text at each."""
    stderr = math.sqrt(2) * _spread([size.L for size in sizes(rows)])[0]
    found: dict[int, dict[float, float]] = defaultdict(dict)
    most = max(tokens_read(rows), default=0)
    for row in where(rows, kind="model", trial=0, tokens=most):
        found[int(number(row, "width"))][number(row, "rate_factor")] = number(row, "L")
    return tuple(
        RateCheck(width, {f: L / by_factor[1] for f, L in by_factor.items() if f != 1}, stderr)
        for width, by_factor in sorted(found.items())
        if len(by_factor) > 1 and 1 in by_factor
    )


@dataclass(frozen=True)
class Shift:
    """What moves alpha of one law.

    rate: if both ends had the loss of their best rate. tokens: from the fewest tokens read to the
    most, by each width's first model; None where all read equally many.
    """

    rate: float
    tokens: Estimate | None

    @property
    def size(self) -> float:
        """As one error; how far tokens move alpha is itself known with an error."""
        if self.tokens is None:
            return abs(self.rate)
        return math.hypot(self.rate, self.tokens.value, self.tokens.stderr)


@dataclass(frozen=True)
class Systematics:
    """Of both laws. E: the constant at the fewest tokens and at the most."""

    power: Shift
    constant: Shift
    E: tuple[float, float] | None = None


def systematics(rows: Sequence[Row]) -> Systematics | None:
    """None with too few sizes for both laws."""
    found = sizes(rows)
    best = {c.width: min(1.0, *c.ratios.values()) for c in rate_checks(rows)}
    at_best = [_times(size, best.get(size.width, 1.0)) for size in found]
    laws, lower = fits(found), fits(at_best)
    if laws is None or lower is None:
        return None
    power_rate = _alpha(lower.power).value - _alpha(laws.power).value
    constant_rate = _alpha(lower.constant).value - _alpha(laws.constant).value
    few, *more = (_first(sizes(rows, tokens)) for tokens in tokens_read(rows))
    unmeasured = Systematics(Shift(power_rate, None), Shift(constant_rate, None))
    if not more:
        return unmeasured
    widths = {size.width for size in few} & {size.width for size in found}
    few, most = ([size for size in of if size.width in widths] for of in (few, _first(found)))
    before, after = fits(few), fits(most)
    if before is None or after is None:
        return unmeasured
    gained = [math.log(b.L[0] / a.L[0]) for a, b in zip(few, most, strict=True)]
    power = fit_line(np.log([size.N for size in most]), gained).slope.map_monotone(
        lambda slope: -slope, -1.0
    )
    alpha, alpha_before = _alpha(after.constant), _alpha(before.constant)
    constant = Estimate.normal(
        alpha.value - alpha_before.value, math.hypot(alpha.stderr, alpha_before.stderr)
    )
    E = (before.constant.params["E"].value, after.constant.params["E"].value)
    return Systematics(Shift(power_rate, power), Shift(constant_rate, constant), E)


def _alpha(law: Fit) -> Estimate:
    return law.params["alpha"]


def _times(size: Size, factor: float) -> Size:
    return replace(size, L=tuple(factor * loss for loss in size.L))


def _first(found: Sequence[Size]) -> list[Size]:
    """With each width's first model alone."""
    return [replace(size, L=size.L[:1], L_late=size.L_late[:1]) for size in found]


def alphas(laws: Fits | None, shifts: Systematics | None) -> tuple[Estimate, Estimate] | None:
    """alpha of the pure power and of power + constant, systematic errors in both intervals."""
    if laws is None or shifts is None:
        return None
    return (
        _alpha(laws.power).with_systematic(shifts.power.size),
        _alpha(laws.constant).with_systematic(shifts.constant.size),
    )


@dataclass(frozen=True)
class Dimensions:
    """d by TwoNN of last tokens: of the final layer by width, and of the widest by output.

    methods: the widest's final layer by every estimator. equal, passage: the widest by output, of
    as many sequences as a passage has tokens and of passages; one_passage: their ratio. n: points.
    """

    final: Mapping[int, Estimate]
    outputs: Mapping[Output, Estimate]
    methods: Mapping[str, Estimate]
    equal: Mapping[Output, Estimate]
    passage: Mapping[Output, Estimate]
    one_passage: Mapping[Output, Estimate]
    n: int

    @property
    def widest(self) -> Estimate | None:
        """d of the final layer of the widest."""
        return self.final[max(self.final)] if self.final else None

    @property
    def change(self) -> Estimate | None:
        """The widest's d over the second widest's."""
        if len(self.final) < 2:
            return None
        second, widest = (LogEstimate.of([self.final[w]]) for w in sorted(self.final)[-2:])
        return widest.over(second).estimate

    @property
    def share(self) -> Estimate | None:
        """The widest's d over its d_model."""
        if self.widest is None:
            return None
        width = max(self.final)
        return self.widest.map_monotone(lambda d: d / width, 1 / width)

    @property
    def unusable(self) -> str:
        """Why d of the widest stands for no data manifold; empty if it may.

        It must not move by more than 10 % from the second widest to the widest, and lie below .3
        d_model: else it may be the width's and not the data's.
        """
        if self.widest is None or self.change is None or self.share is None:
            return "d was not measured at two widths"
        said: list[str] = []
        if not abs(self.change.value - 1) <= STABLE:
            said.append(f"moves by {self.change.value - 1:+.0%} from the second widest")
        if self.share.value > BELOW:
            said.append(f"is {self.share.value:.2f} d_model, above {BELOW}")
        return f"d = {self.widest.value:.1f} " + " and ".join(said) if said else ""


def dimensions(rows: Sequence[Row]) -> Dimensions:
    """d of a width: mean over its models. Its error: the estimator's own, for all are measured on
    the same text, and the spread of models, pooled over the widths that have several."""
    every = [row for row in where(rows, kind="activations") if number(row, "rate_factor") == 1]
    by_width: dict[int, dict[Output, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in where(every, part=LAST):
        by_width[int(number(row, "width"))][_output(row)].append(row)
    if not by_width:
        return Dimensions({}, {}, {}, {}, {}, {}, 0)
    # Of outputs in order the last is the residual stream after the last block.
    final = {width: outputs[max(outputs)] for width, outputs in sorted(by_width.items())}
    spread = _spread([_values(own) for own in final.values()])
    widest = max(final)
    equal, passage = _by_output(where(every, part=EQUAL)), _by_output(where(every, part=PASSAGE))
    many = {output: _mean(own, spread) for output, own in equal.items()}
    one = {output: _over_passages(own) for output, own in passage.items()}
    return Dimensions(
        final={width: _mean(own, spread) for width, own in final.items()},
        outputs={output: _mean(own, spread) for output, own in sorted(by_width[widest].items())},
        methods={m: _mean(final[widest], spread, m) for m in METHODS},
        equal=many,
        passage={output: d.estimate for output, d in one.items()},
        one_passage={
            output: one[output].over(LogEstimate.of([many[output]])).estimate
            for output in sorted(one.keys() & many.keys())
        },
        n=int(number(final[widest][0], "n")),
    )


def alpha_and_d(rows: Sequence[Row]) -> tuple[Estimate, Estimate] | None:
    """alpha of the pure power, and d of the final layer of the widest; None where one is absent.

    Whether that d stands for a data manifold: `Dimensions.unusable`.
    """
    d, both = dimensions(rows).widest, alphas(fits(sizes(rows)), systematics(rows))
    return (both[0], d) if both and d else None


def product(alpha: Estimate, d: Estimate) -> Estimate:
    """alpha d / 4, eq. 2.6's two sides: arms of the logs in quadrature."""

    def arm(*ends: tuple[float, float]) -> float:
        known = all(low > 0 and high < math.inf for high, low in ends)
        return math.hypot(*(math.log(high / low) for high, low in ends)) if known else math.inf

    value = alpha.value * d.value / 4
    lo = value * math.exp(-arm((alpha.value, alpha.lo), (d.value, d.lo)))
    hi = value * math.exp(arm((alpha.hi, alpha.value), (d.hi, d.value)))
    stderr = value * math.hypot(alpha.stderr / alpha.value, d.stderr / d.value)
    return Estimate(value, stderr, lo, hi, LEVEL)


def _by_output(rows: Sequence[Row]) -> dict[Output, list[Row]]:
    found: dict[Output, list[Row]] = defaultdict(list)
    for row in rows:
        found[_output(row)].append(row)
    return dict(sorted(found.items()))


def _over_passages(rows: Sequence[Row]) -> LogEstimate:
    """The mean with the error of the passages' spread: the tokens of one are not independent."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[int(number(row, "passage"))].append(row)
    means = [fmean(_values(own)) for own in found.values()]
    return LogEstimate.of([Estimate(d, math.inf, 0.0, math.inf) for d in means])


def _output(row: Row) -> Output:
    return int(number(row, "block")), str(row["output"])


def _values(rows: Sequence[Row], method: str = JUDGED) -> tuple[float, ...]:
    return tuple(number(row, f"d_{method}") for row in rows)


def _spread(groups: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Standard deviation of logs within groups, pooled, and its degrees of freedom; inf and 0
    where no group has two."""
    logs = [np.log(group) for group in groups if len(group) > 1]
    dof = sum(len(group) - 1 for group in logs)
    if not dof:
        return math.inf, 0
    return math.sqrt(sum(float(((g - g.mean()) ** 2).sum()) for g in logs) / dof), dof


def _mean(rows: Sequence[Row], spread: tuple[float, int], method: str = JUDGED) -> Estimate:
    sd, dof = spread
    value = fmean(_values(rows, method))
    own = fmean(number(row, f"d_{method}_stderr") for row in rows)
    of_models = value * sd / math.sqrt(len(rows))
    arm = student(LEVEL, dof) * of_models
    return Estimate(value, of_models, value - arm, value + arm).with_systematic(own)
