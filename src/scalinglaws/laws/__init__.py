"""Columns of x and loss -> a law -> parameters, forecasts and costs, each with an interval.

Straight lines with errors, the circle rule of Sharma & Kaplan 2020 (arXiv:2004.10802, A.1) and
the exponent of a power law that may end are here too.
"""

from scalinglaws.laws.additive import Additive
from scalinglaws.laws.bootstrap import Bootstrap, bootstrap
from scalinglaws.laws.breakpoint import Break, find_break
from scalinglaws.laws.circle import Circle, fit_circle, linear_prefix
from scalinglaws.laws.columns import positive_column
from scalinglaws.laws.compare import Comparison, compare
from scalinglaws.laws.compute_optimal import ComputeOptimal, compute_optimal
from scalinglaws.laws.exponent import Exponent, fit_exponent
from scalinglaws.laws.fitted import Answer, Fit
from scalinglaws.laws.fitting import check_request, fit
from scalinglaws.laws.flops import FLOP_RULES, FlopRule, with_attention
from scalinglaws.laws.hull import lower_hull, pareto_front
from scalinglaws.laws.isoflop import IsoFlop, isoflop
from scalinglaws.laws.kaplan import Kaplan
from scalinglaws.laws.law import Kind, Law
from scalinglaws.laws.line import Line, fit_line, fit_through_origin
from scalinglaws.laws.n_max import RangeEnd, find_n_max
from scalinglaws.laws.power import Power
from scalinglaws.laws.power_constant import PowerConstant
from scalinglaws.laws.registry import LAWS, register
from scalinglaws.laws.status import FitStatus

__all__ = [
    "FLOP_RULES",
    "LAWS",
    "Additive",
    "Answer",
    "Bootstrap",
    "Break",
    "Circle",
    "Comparison",
    "ComputeOptimal",
    "Exponent",
    "Fit",
    "FitStatus",
    "FlopRule",
    "IsoFlop",
    "Kaplan",
    "Kind",
    "Law",
    "Line",
    "Power",
    "PowerConstant",
    "RangeEnd",
    "bootstrap",
    "check_request",
    "compare",
    "compute_optimal",
    "find_break",
    "find_n_max",
    "fit",
    "fit_circle",
    "fit_exponent",
    "fit_line",
    "fit_through_origin",
    "isoflop",
    "linear_prefix",
    "lower_hull",
    "pareto_front",
    "positive_column",
    "register",
    "with_attention",
]
