"""What sets the 4 in alpha = 4/d: the smoothness of the teacher?

Beyond Sharma & Kaplan 2020 (arXiv 2004.10802), whose eq. 2.5 needs bounded second derivatives.

    scalinglaws run teacher-class --budget quick

ReLU students of teachers of three classes with the same weights: ReLU without biases, the paper's;
ReLU with biases; tanh. At equal k and measured d a fixed number of linear pieces gives alpha d = 4
for a smooth function (tanh) and 3 for one whose gradient jumps (ReLU). One-seed runs at k = 3 had
4/alpha 3.7, 4.5 and 2.9 with d 2.9 to 3.0: alpha d about 3.2, 2.7 and 4.1.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension.draw import PAPER
from scalinglaws.experiments.teacher_class.claims import CLAIMS
from scalinglaws.experiments.teacher_class.findings import analyse
from scalinglaws.experiments.teacher_class.settings import BUDGETS, cells
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="teacher-class",
    title="What sets the 4: students of smooth and of kinked teachers",
    paper=PAPER,
    figures="Beyond the paper: eq. 2.5",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "4 minutes on 2 cores",
        Budget.FULL: "115 minutes on 2 cores (estimated)",
        Budget.PAPER: "42 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
