"""d of points on a cube and on a torus, against how many there are.

Sharma & Kaplan 2020 (arXiv 2004.10802), figure 18, appendix C.1.

    scalinglaws run id-synthetic --budget quick

Uniform points in [0, 1]^d and on the d-torus in 2d columns, d = 2..128, by TwoNN and by maximum
likelihood over k = 100 neighbours. Expected at 8000 points: TwoNN reads 37, 63, 101 on the torus
and 24, 40, 64 in the cube for d = 32, 64, 128. Beside every reading stands what the correction by
a sphere makes of it; no claim is judged by it.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.id_synthetic.claims import CLAIMS, analyse
from scalinglaws.experiments.id_synthetic.study import Settings, cells
from scalinglaws.experiments.network_dimension.draw import PAPER
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Settings"]

EXPERIMENT = Experiment(
    name="id-synthetic",
    title="The dimension of points on known manifolds",
    paper=PAPER,
    figures="Figure 18",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(dims=(2, 32, 64), sizes=(250, 500), replicates=2, simulated=500),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(sizes=(500, 1000, 2000, 4000, 8000, 16_000, 32_000), replicates=6),
        # The numbers of points of figure 18 are not known to us.
        Budget.PAPER: Settings(
            dims=(2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128),
            sizes=(500, 1000, 2000, 4000, 8000, 16_000, 32_000),
            replicates=10,
        ),
    },
    cost={
        Budget.SMOKE: "5 s",
        Budget.QUICK: "90 s on 2 cores",
        Budget.FULL: "30 minutes on 2 cores (estimated)",
        Budget.PAPER: "100 minutes on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
