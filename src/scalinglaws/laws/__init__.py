"""Columns of x and loss -> a law -> parameters, forecasts and costs, each with an interval.

Straight lines with errors, the circle rule of Sharma & Kaplan 2020 (arXiv:2004.10802, A.1) and
the exponent of a power law that may end are here too.
"""

from scalinglaws.laws.circle import Circle, fit_circle, linear_prefix
from scalinglaws.laws.exponent import Exponent, fit_exponent
from scalinglaws.laws.fitted import Answer, Fit, FitStatus
from scalinglaws.laws.fitting import check_request, fit, positive_column
from scalinglaws.laws.law import Kind, Law
from scalinglaws.laws.line import Line, fit_line, fit_through_origin
from scalinglaws.laws.power import Power
from scalinglaws.laws.power_constant import PowerConstant
from scalinglaws.laws.registry import LAWS

__all__ = [
    "LAWS",
    "Answer",
    "Circle",
    "Exponent",
    "Fit",
    "FitStatus",
    "Kind",
    "Law",
    "Line",
    "Power",
    "PowerConstant",
    "check_request",
    "fit",
    "fit_circle",
    "fit_exponent",
    "fit_line",
    "fit_through_origin",
    "linear_prefix",
    "positive_column",
]
