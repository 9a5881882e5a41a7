"""Columns of x and loss -> a law -> parameters, forecasts and costs, each with an interval.

Straight lines with errors, the circle rule of Sharma & Kaplan 2020 (arXiv:2004.10802, A.1) and
the exponent of a power law that may end are here too.
"""

from scalinglaws.laws.compare import Comparison, compare
from scalinglaws.laws.compute.compute_optimal import ComputeOptimal, compute_optimal
from scalinglaws.laws.compute.flops import FLOP_RULES, FlopRule, with_attention
from scalinglaws.laws.compute.isoflop import IsoFlop, isoflop
from scalinglaws.laws.fitting.bootstrap import Bootstrap, bootstrap
from scalinglaws.laws.fitting.columns import positive_column
from scalinglaws.laws.fitting.fit import check_request, fit
from scalinglaws.laws.fitting.fitted import Answer, Fit
from scalinglaws.laws.fitting.status import FitStatus
from scalinglaws.laws.forms.additive import Additive
from scalinglaws.laws.forms.kaplan import Kaplan
from scalinglaws.laws.forms.power import Power
from scalinglaws.laws.forms.power_constant import PowerConstant
from scalinglaws.laws.law import Kind, Law
from scalinglaws.laws.line import Line, fit_line, fit_through_origin
from scalinglaws.laws.ranges.breakpoint import Break, find_break
from scalinglaws.laws.ranges.circle import Circle, fit_circle, linear_prefix
from scalinglaws.laws.ranges.exponent import Exponent, fit_exponent
from scalinglaws.laws.ranges.hull import lower_hull, pareto_front
from scalinglaws.laws.ranges.n_max import RangeEnd, find_n_max
from scalinglaws.laws.registry import LAWS, register

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
