"""Students that minimise |y - y*|^p: does alpha grow as p?

Sharma & Kaplan 2020 (arXiv 2004.10802), section 3.2.2, eq. 2.3 and 3.4, figure 8.

    scalinglaws run p-loss --budget quick

One teacher of 8 features, one stream of points, students of every p on it. Expected:
alpha = 2 p / d, so that alpha(p) / alpha(2) = p / 2.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.p_loss.claims import CLAIMS
from scalinglaws.experiments.p_loss.findings import analyse
from scalinglaws.experiments.p_loss.settings import BUDGETS, cells
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="p-loss",
    title="Students of a random teacher that minimise |y - y*|^p: alpha against p",
    paper="Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, "
    "arXiv:2004.10802",
    figures="Figure 8",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "10 s (estimated)",
        Budget.QUICK: "5 minutes on 2 cores",
        Budget.FULL: "1 hour on 2 cores",
        Budget.PAPER: "4 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
