"""The largest network on the power law against the dimension of what it learnt.

Sharma & Kaplan 2020 (arXiv 2004.10802), sections 2.2.2, 3.1, A.1, figures 2, 12.

    scalinglaws run n-max --budget quick

N_max where the loss of teacher-student's students reaches 6e-3, where their power law ends, and
where students that are taught with real entropy (noise on the answers, drawn labels, finite data)
come to a plateau. Expected: at fixed entropy log N_max grows in proportion to d.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.n_max.claims import CLAIMS
from scalinglaws.experiments.n_max.findings import analyse
from scalinglaws.experiments.n_max.settings import BUDGETS, cells
from scalinglaws.result import Budget

_WITH = "and teacher-student's where not stored"
EXPERIMENT = Experiment(
    name="n-max",
    title="The largest network on the power law against the intrinsic dimension",
    paper="Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, "
    "arXiv:2004.10802",
    figures="Figures 2, 12, section 2.2.2",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: f"20 s, {_WITH}",
        Budget.QUICK: f"4 minutes on 2 cores, {_WITH}",
        Budget.FULL: f"40 minutes on 2 cores (estimated), {_WITH}",
        Budget.PAPER: f"40 hours on 2 cores (estimated), {_WITH}",
    },
    cells=cells,
    analyse=analyse,
)
