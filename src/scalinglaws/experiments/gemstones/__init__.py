"""gemstones: one law, eight subsets of one set of runs, two deltas.

McLeish et al. 2025 (arXiv:2502.06857), approach 3: E + A/N^alpha + B/D^beta by Huber's loss on log
loss, fitted to subsets of their models by cooldown, length, learning rate and shape.

    scalinglaws run gemstones --data DIR

Their sixteen fits again: the objective is theirs and never above theirs, which from 4500 starts
each stops short where the valley is flat; then intervals by models, of which each has losses at
many lengths, and how far the choices move the best allocation. The tables are theirs and not part
of this package.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.gemstones.claims import CLAIMS, analyse
from scalinglaws.experiments.gemstones.study import Settings, cells
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Settings"]

EXPERIMENT = Experiment(
    name="gemstones",
    title="The Gemstones: sixteen fits of one law",
    paper="McLeish et al., Gemstones: A Model Suite for Multi-Faceted Scaling Laws, "
    "arXiv:2502.06857",
    figures="Approach 3",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(
            subsets=("slim_chinchilla", "hot_sampled_like_chinchilla"), draws=50, seeds=(0, 1)
        ),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(draws=2000),
        Budget.PAPER: Settings(),
    },
    cost={
        Budget.SMOKE: "10 s",
        Budget.QUICK: "2 minutes on 2 cores",
        Budget.FULL: "4 minutes on 2 cores (estimated)",
        Budget.PAPER: "2 minutes on 2 cores",
    },
    cells=cells,
    analyse=analyse,
)
