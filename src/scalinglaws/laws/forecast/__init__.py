"""Forecasts that know their limits: back-tests on the table itself, conformal bands by horizon, the
choice of a law and a stack of laws by back-test error.

    test = back_test(columns, x="N")      what each law would have forecast
    choose(test, horizon=10).law          the law that forecast best up to 10 times beyond
    stack(test, horizon=10).predict(1e9)  all laws weighted by how they did
    forecast(fit, 1e9)                    one law's forecast, its band widened to what it needed
"""

from scalinglaws.laws.forecast.backtest import BackTest, back_test, back_test_of
from scalinglaws.laws.forecast.choice import Choice, Score, choose
from scalinglaws.laws.forecast.conformal import Bands, Refusal, conformal
from scalinglaws.laws.forecast.outlook import Forecast, forecast
from scalinglaws.laws.forecast.stack import Stack, stack

__all__ = [
    "BackTest",
    "Bands",
    "Choice",
    "Forecast",
    "Refusal",
    "Score",
    "Stack",
    "back_test",
    "back_test_of",
    "choose",
    "conformal",
    "forecast",
    "stack",
]
