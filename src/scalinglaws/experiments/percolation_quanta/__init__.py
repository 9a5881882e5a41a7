"""percolation-quanta: nearest-neighbour regression on critical percolation clusters.

Brill 2024, arXiv:2412.07942, experiments: K critical clusters of the Bethe lattice (z = 200) of
300 to 3e7 sites, each with a random walk along its edges as target. A learner spends n_k degrees
of freedom (DOF) on the k-th largest: n_k g_k training sites, g_k fitted to the cluster itself.
Total loss against N (n_k from the theory) and against D (n_k = D s_k / sum s) is held against
the theory, in which nothing is fitted but g. "Model scaling" is emulated by the choice of
training sites: no network is trained.

    scalinglaws run percolation-quanta --budget quick

A draw is one cell: all clusters, walks and training sites anew.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.percolation_quanta.claims import CLAIMS, analyse
from scalinglaws.experiments.percolation_quanta.design import Design, Draw, Settings, cells
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Design", "Draw", "Settings"]

EXPERIMENT = Experiment(
    name="percolation-quanta",
    title="Nearest-neighbour regression on critical percolation clusters",
    paper="Brill 2024, Neural Scaling Laws Rooted in the Data Distribution, arXiv:2412.07942",
    figures="the experiments shown in figures 6-10",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(
            clusters=20, size_max=30_000, draws=3, grid_points=8, curve_points=12
        ),
        Budget.QUICK: Settings(clusters=100, size_max=3_000_000, grid_points=30, curve_points=25),
        Budget.FULL: Settings(grid_points=30, curve_points=25),
        Budget.PAPER: Settings(test_fraction=0.001, curve_test_sites=40),
    },
    cost={
        Budget.SMOKE: "15 s",
        Budget.QUICK: "2 minutes on 2 cores",
        Budget.FULL: "20 minutes on 2 cores (estimated)",
        Budget.PAPER: "35 minutes on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
