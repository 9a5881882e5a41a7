"""Measure, explain and predict neural scaling laws.

import scalinglaws as sl

sl.dimension.twonn(X)                           intrinsic dimension d of points X
sl.laws.fit({"N": N, "loss": L}, "power")       a law, its parameters with intervals
sl.run("teacher-student", budget="quick")       an experiment: claims, tables, figures

Every public name stands in `__all__` and is imported when it is first used (PEP 562), so that
importing the package costs nothing and needs no optional dependency.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import version

    from scalinglaws import (
        data,
        dimension,
        errors,
        experiments,
        files,
        laws,
        learn,
        percolation,
        report,
        sweep,
        theory,
    )
    from scalinglaws.errors import ScalingLawsError
    from scalinglaws.estimate import Estimate
    from scalinglaws.result import Budget, Claim, Figure, Result, Verdict
    from scalinglaws.runner import reproduce, run

    __version__ = version("scalinglaws")

# Name -> the module it comes from; a room comes from the package itself.
_HOME = {
    "Budget": "scalinglaws.result",
    "Claim": "scalinglaws.result",
    "Estimate": "scalinglaws.estimate",
    "Figure": "scalinglaws.result",
    "Result": "scalinglaws.result",
    "ScalingLawsError": "scalinglaws.errors",
    "Verdict": "scalinglaws.result",
    "reproduce": "scalinglaws.runner",
    "run": "scalinglaws.runner",
}

__all__ = [
    "Budget",
    "Claim",
    "Estimate",
    "Figure",
    "Result",
    "ScalingLawsError",
    "Verdict",
    "__version__",
    "data",
    "dimension",
    "errors",
    "experiments",
    "files",
    "laws",
    "learn",
    "percolation",
    "report",
    "reproduce",
    "run",
    "sweep",
    "theory",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'scalinglaws' has no attribute {name!r}")
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("scalinglaws")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    return importlib.import_module(f"scalinglaws.{name}")


def __dir__() -> list[str]:
    return sorted(__all__)
