"""How much of 4/alpha = d is the analyst's choice: every defensible one, on the same students.

Beyond Sharma & Kaplan 2020 (arXiv 2004.10802), whose figure 6 is one of these analyses.

    scalinglaws run multiverse --budget quick

The cells are teacher-student's: where they are stored, nothing is trained.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.multiverse.claims import CLAIMS
from scalinglaws.experiments.multiverse.findings import analyse
from scalinglaws.experiments.multiverse.settings import BUDGETS, cells
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="multiverse",
    title="The slope of 4/alpha on d by every way of analysing the same students",
    paper="Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, "
    "arXiv:2004.10802",
    figures="beyond figure 6",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "seconds after teacher-student, else its 5 minutes on 2 cores",
        Budget.FULL: "a minute after teacher-student, else its 80 minutes on 2 cores",
        Budget.PAPER: "a minute after teacher-student, else its 680 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
