"""Small CNNs on images: L(N) of training and test, error, and the d of the last hidden layer.

Sharma & Kaplan 2020 (arXiv 2004.10802), sections 3.3 and A.4, figures 9, 15, and 3 right.

    scalinglaws run cnn --budget quick

Networks of tables 2 and 3 of growing width, stopped early. Expected on CIFAR-10: a power law with
4/alpha = d, error with the exponent of the loss, d the same at every width to about 10 %; on the
other sets less clear power laws, and no number is printed.
"""

from __future__ import annotations

from scalinglaws.experiments.cnn.claims import CLAIMS
from scalinglaws.experiments.cnn.findings import analyse
from scalinglaws.experiments.cnn.settings import BUDGETS, cells
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension.draw import PAPER
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="cnn",
    title="Small CNNs on images: 4/alpha against the intrinsic dimension",
    paper=PAPER,
    figures="Figures 9, 15, 3 right",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "5 minutes on 2 cores",
        Budget.FULL: "40 minutes on 2 cores",
        Budget.PAPER: "30 hours on 2 cores, and days with CIFAR-10 and SVHN (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
