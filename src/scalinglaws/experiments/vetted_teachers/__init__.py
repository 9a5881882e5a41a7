"""Vetted teachers: does alpha follow d where the number of features no longer tells them apart?

Sharma & Kaplan 2020 (arXiv 2004.10802), A.3, figure 14.

    scalinglaws run vetted-teachers --budget quick

For each k the least linear of 5000 random teachers [9, 240, 240, 2] and, as a control, a random
one; students [9, n, n, 2] of both learn by KL. Expected: with vetting d is nearer k and the slope
of k on 1/alpha falls (4.61 for 5.48), while that of d on 1/alpha stays as it is.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension.draw import PAPER
from scalinglaws.experiments.vetted_teachers.claims import CLAIMS
from scalinglaws.experiments.vetted_teachers.findings import analyse
from scalinglaws.experiments.vetted_teachers.settings import BUDGETS, cells
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="vetted-teachers",
    title="Vetted teachers: features, dimension and exponent",
    paper=PAPER,
    figures="Figure 14, section A.3",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "5 minutes on 2 cores",
        Budget.FULL: "90 minutes on 2 cores (estimated)",
        Budget.PAPER: "40 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
