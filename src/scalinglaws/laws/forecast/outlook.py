"""The final interval of a forecast, and whether back-tests on the table vouch for it.

The band is the wider, on each side, of the one that the fit claims (right where the law is) and
the conformal one (which has seen how such claims fared here). Beyond the longest horizon that was
back-tested, or without enough back-tests, the claim stands alone and the status is `unsupported`.

Coverage of 95 % bands of power+constant for a new run at 2, 10 and 100 times, 30 points over three
decades, 100 draws (+-.02; benchmarks/forecast_coverage.py). A dash: back-tests do not reach so far,
and the status is `unsupported`.

    truth            noise   claimed        wider
    power+constant   .5 %    .94 .97 .99    .98 .99  -
                     2 %     .93 .97 .99    .97 .99  -
                     5 %     .94 .96 .99    .97 .99  -
    broken           .5 %    .12 .14 1.0    1.0 1.0  -
    log-power        .5 %    .51 .00 .00    .91 .70  -

The last truth bends away so slowly that no prefix shows it: there only another law helps (`stack`,
which holds it). Where the law is right the widening costs a factor of 1.1 to 1.2 in width at 2
times and 1.2 to 1.5 at 10 times.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.laws.fitting.fitted import FAR, Fit
from scalinglaws.laws.fitting.status import FitStatus
from scalinglaws.laws.forecast.backtest import BackTest, back_test_of
from scalinglaws.laws.forecast.conformal import Bands, Refusal, conformal
from scalinglaws.laws.forecast.runs import Runs
from scalinglaws.laws.law import exp
from scalinglaws.laws.quantile import gaussian


@dataclass(frozen=True)
class Forecast:
    """The loss of a new run. horizon: the factor beyond the table's largest budget, or beyond its
    largest x where that is more; 1 within. reason: why it is unsupported, else empty."""

    loss: Estimate
    horizon: float
    status: FitStatus
    reason: str


def forecast(
    fit: Fit,
    at: Mapping[str, float] | float,
    *,
    test: BackTest | None = None,
    budget: float | None = None,
) -> Forecast:
    """The forecast of a fitted law, its profile band widened to what back-tests of it need.

    test: of this very law, where it has been made. budget: of the run, where the test's is a column
    of the caller's.
    """
    test = test or back_test_of(fit)
    if fit.law.name not in test.laws:
        raise BadInput(f"the back-test is of {', '.join(test.laws)}, the fit of {fit.law.name}")
    k = test.laws.index(fit.law.name)
    log_x = test.runs.log_x(at)
    bands = conformal(np.abs(test.e[k]) / test.sd[k], test.horizon, fit.level, test.group)
    sd = float(test.forecast(log_x)[1][k, 0])
    return outlook(fit.predict(at), sd, bands, test.runs, log_x, budget)


def outlook(
    claimed: Estimate,
    sd: float,
    bands: Bands | Refusal,
    runs: Runs,
    log_x: Float[ndarray, "v 1"],
    budget: float | None,
) -> Forecast:
    """claimed: the fit's own forecast of a new run. sd: of its log L, in which bands are."""
    above, below = runs.beyond(log_x, budget)
    if above <= 1:
        if below <= FAR:
            return Forecast(claimed, 1.0, FitStatus.OK, "")
        reason = f"{below:.3g} times below the table: back-tests only look upwards"
        return Forecast(claimed, 1.0, FitStatus.UNSUPPORTED, reason)
    q = bands if isinstance(bands, Refusal) else bands.at(above)
    if isinstance(q, Refusal):
        return Forecast(claimed, above, FitStatus.UNSUPPORTED, q.reason)
    loss = wider(claimed, q * sd)
    status = FitStatus.EXTRAPOLATED if above > FAR else FitStatus.OK
    return Forecast(loss, above, status if loss.hi < math.inf else FitStatus.UNBOUNDED, "")


def wider(claimed: Estimate, arm: float) -> Estimate:
    """The band of log L +- arm, or what is claimed where that is more."""
    lo = min(claimed.lo, claimed.value * exp(-arm))
    hi = max(claimed.hi, claimed.value * exp(arm))
    if not 0 < lo < hi < math.inf:
        return Estimate(claimed.value, math.inf, lo, hi, claimed.level)
    stderr = claimed.value * math.log(hi / lo) / (2 * gaussian(claimed.level))
    return Estimate(claimed.value, stderr, lo, hi, claimed.level)
