"""law-coverage: do the 95 % intervals of a fit hold what they should in 95 of 100 tables?

Tables of losses are drawn from every law of the registry with known parameters, Gaussian noise of
0.5, 2 and 5 % in log L, and 30 runs or two per parameter. The same law is fitted; its profile
intervals of the exponents and of the constant, of the loss 2, 10 and 100 times beyond the largest
x, and of a new run there, are held against the truth.

    scalinglaws run law-coverage --budget quick

An interval that is always open holds everything: its share of open ones stands beside every
coverage. That the law itself is the right one is granted here.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.law_coverage.claims import CLAIMS, analyse
from scalinglaws.experiments.law_coverage.study import Settings, cells
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Settings"]

_FAST = ("power", "power+constant", "m3", "variance", "log-power", "additive", "kaplan")

EXPERIMENT = Experiment(
    name="law-coverage",
    title="Coverage of a fit's 95 % intervals, by law, noise and horizon",
    paper="beyond the papers: profile intervals (Bates & Watts 1988, section 6.1) of the laws of "
    "Hestness et al. 2017, Hoffmann et al. 2022, Kaplan et al. 2020 and others",
    figures="none of the papers'",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(
            laws=("power", "power+constant", "kaplan"), noises=(0.02,), replicates=3, draws=50
        ),
        Budget.QUICK: Settings(laws=_FAST, replicates=30),
        Budget.FULL: Settings(replicates=100),
        Budget.PAPER: Settings(replicates=800),
    },
    cost={
        Budget.SMOKE: "10 s",
        Budget.QUICK: "3 minutes on 2 cores",
        Budget.FULL: "35 minutes on 2 cores",
        Budget.PAPER: "5 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
