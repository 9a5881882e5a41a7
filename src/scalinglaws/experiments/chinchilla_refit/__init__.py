"""chinchilla-refit: the law of Hoffmann et al. 2022, fitted to its runs again.

Besiroglu et al. 2024 (arXiv:2404.10102), who read 245 runs off figure 4 of Hoffmann et al.
(arXiv:2203.15556) and found another law in them.

    scalinglaws run chinchilla-refit --data DIR

Their headline law to its printed digits, their standard errors, the likelihood ratio by which
Hoffmann's law is excluded; then what they do not show: profile intervals, and how far losses and
left-out runs move the exponents. The table is theirs and not part of this package.
"""

from __future__ import annotations

from scalinglaws.experiments.chinchilla_refit.claims import CLAIMS, analyse
from scalinglaws.experiments.chinchilla_refit.study import Settings, cells
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Settings"]

EXPERIMENT = Experiment(
    name="chinchilla-refit",
    title="The law of Chinchilla, fitted again",
    paper="Besiroglu, Erdil, Barnett & You, Chinchilla Scaling: A replication attempt, "
    "arXiv:2404.10102",
    figures="The refitted law and its errors",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(draws=50, seeds=(0, 1), profile_points=7),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(seeds=tuple(range(20))),
        Budget.PAPER: Settings(),
    },
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "1 minute on 2 cores",
        Budget.FULL: "3 minutes on 2 cores (estimated)",
        Budget.PAPER: "1 minute on 2 cores",
    },
    cells=cells,
    analyse=analyse,
)
