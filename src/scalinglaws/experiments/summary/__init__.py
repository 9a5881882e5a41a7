"""4/alpha against d over all experiments: on the line, or below it.

Sharma & Kaplan 2020 (arXiv 2004.10802), figure 1, eqs. 2.5 and 2.6.

    scalinglaws run summary --budget quick

The cells are those of teacher-student, product-manifold, vetted-teachers, p-loss, cnn and gpt:
where they are stored, nothing is trained.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.summary.claims import CLAIMS
from scalinglaws.experiments.summary.findings import analyse
from scalinglaws.experiments.summary.settings import BUDGETS, cells
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="summary",
    title="The exponent and the dimension, of all experiments",
    paper="Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, "
    "arXiv:2004.10802",
    figures="Figure 1",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "a minute",
        Budget.QUICK: "seconds after the six experiments, else their half an hour on 2 cores",
        Budget.FULL: "seconds after the six experiments, else their hours on 2 cores",
        Budget.PAPER: "seconds after the six experiments, else theirs",
    },
    cells=cells,
    analyse=analyse,
)
