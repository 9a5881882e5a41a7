"""id-errors: are the error bars of d right as often as they claim?

Points share neighbours, so an error that takes them for independent is about 1.3 times too small.
Replicates of manifolds of known d are drawn; for every estimator the error it claims is held
against the spread of its estimates, and its 95 % interval against its own mean, E[d-hat], which is
what the interval covers.

    scalinglaws run id-errors --budget quick

A ratio is known to 2.5 % from 800 replicates, so that its interval is as wide as the tolerance: a
single case agrees then only if its ratio reads near 1, about two times in three where the error is
exactly right. The claims about every case can therefore differ, and hardly ever agree.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.id_errors.claims import CLAIMS, analyse
from scalinglaws.experiments.id_errors.study import Settings, cells
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Settings"]

EXPERIMENT = Experiment(
    name="id-errors",
    title="Claimed errors of the intrinsic dimension against true spread",
    paper="beyond the papers: error bars of Facco et al. 2017, Levina & Bickel 2005, "
    "Sharma & Kaplan 2020 (appendix B)",
    figures="none of the papers'",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(ns=(200,), replicates=20),
        Budget.QUICK: Settings(ns=(500, 2000), replicates=200),
        Budget.FULL: Settings(),
        Budget.PAPER: Settings(replicates=3200),
    },
    cost={
        Budget.SMOKE: "15 s",
        Budget.QUICK: "4 minutes on 2 cores",
        Budget.FULL: "45 minutes on 2 cores",
        Budget.PAPER: "4 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
