"""One teacher, many architectures: do they share alpha and d, and have the best the smallest d?

Sharma & Kaplan 2020 (arXiv 2004.10802), prediction 3: alpha depends on architecture through d
alone, and the best architectures tend to have the smallest d. The paper leaves it to future work.

    scalinglaws run architectures --budget quick

ReLU, GELU, tanh and residual students of 2 to 5 hidden layers and the same N learn one teacher.
Expected: one alpha and one d for all, and loss that rises with d.
"""

from __future__ import annotations

from scalinglaws.experiments.architectures.claims import CLAIMS
from scalinglaws.experiments.architectures.findings import analyse
from scalinglaws.experiments.architectures.settings import BUDGETS, cells
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension.draw import PAPER
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="architectures",
    title="One teacher learnt by many architectures: exponent and dimension",
    paper=PAPER,
    figures="Prediction 3 of section 1.2, beyond the paper's figures",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "5 minutes on 2 cores",
        Budget.FULL: "95 minutes on 2 cores (estimated)",
        Budget.PAPER: "50 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
