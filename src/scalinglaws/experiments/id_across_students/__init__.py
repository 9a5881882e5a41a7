"""The dimension of students of one teacher, across sizes and across students of one size.

Sharma & Kaplan 2020 (arXiv 2004.10802), section 3.1, C.2, figures 3 and 20.

    scalinglaws run id-across-students --budget quick

Expected: d of the last hidden layer hardly depends on N, growing by about 10 %, while the loss
falls; students of one size scatter little; so do CNNs of growing width.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.id_across_students.claims import CLAIMS
from scalinglaws.experiments.id_across_students.findings import analyse
from scalinglaws.experiments.id_across_students.settings import BUDGETS, cells
from scalinglaws.experiments.network_dimension.draw import PAPER
from scalinglaws.result import Budget

_WITH = "and those of teacher-student and cnn where not stored"
EXPERIMENT = Experiment(
    name="id-across-students",
    title="The intrinsic dimension across students of one teacher, and across CNNs",
    paper=PAPER,
    figures="Figures 3, 20",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: f"5 s, {_WITH}",
        Budget.QUICK: f"2 minutes on 2 cores, {_WITH}",
        Budget.FULL: f"10 minutes on 2 cores (estimated), {_WITH}",
        Budget.PAPER: f"20 hours on 2 cores (estimated), {_WITH}",
    },
    cells=cells,
    analyse=analyse,
)
