"""Students of random teachers: is 4/alpha the dimension d of what they learnt?

Sharma & Kaplan 2020 (arXiv 2004.10802), sections 3.1, A.1, A.2, figures 3, 5, 6, 13.

    scalinglaws run teacher-student --budget quick

A teacher of k features on a cube; families of students of growing width; alpha from L(N),
d from the activations of the last hidden layer. Expected: 4/alpha = d.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.teacher_student.claims import CLAIMS
from scalinglaws.experiments.teacher_student.findings import analyse
from scalinglaws.experiments.teacher_student.settings import BUDGETS, cells
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="teacher-student",
    title="Students of random teachers: 4/alpha against the intrinsic dimension",
    paper="Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, "
    "arXiv:2004.10802",
    figures="Figures 3, 5, 6, 13",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "5 minutes on 2 cores",
        Budget.FULL: "80 minutes on 2 cores",
        Budget.PAPER: "680 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
