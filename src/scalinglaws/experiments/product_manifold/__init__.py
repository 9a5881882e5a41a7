"""Students of sums on product manifolds: is alpha set by the largest factor?

Sharma & Kaplan 2020 (arXiv 2004.10802), sections 2.2.1, 3.2.1, eq. 3.2 and 3.3, figure 7.

    scalinglaws run product-manifold --budget quick

T_{3+6}(x) = T_3(x_1..x_3) + T_6(x_4..x_9), and likewise T_{3+3}, T_{3+3+3}, with the parts alone
beside them. Expected: d is the sum of the parts' d, and yet 4/alpha the largest of them.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.product_manifold.claims import CLAIMS
from scalinglaws.experiments.product_manifold.findings import analyse
from scalinglaws.experiments.product_manifold.settings import BUDGETS, cells
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="product-manifold",
    title="Students of sums on product manifolds: the exponent of the largest factor",
    paper="Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, "
    "arXiv:2004.10802",
    figures="Figure 7",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s (estimated)",
        Budget.QUICK: "5 minutes on 2 cores",
        Budget.FULL: "an hour on 2 cores by the cells' estimates; 97 minutes beside other work",
        Budget.PAPER: "15 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
