"""nsl-benchmark: 92 learning curves, each forecast from its beginning.

Alabdulmohsin et al. 2022 (arXiv:2209.06640): image classification, machine translation, language
models and BIG-bench; the later rows of each curve are to be forecast from the earlier ones.

    scalinglaws run nsl-benchmark --data DIR

The error of single laws and of their stack, and what no rival reports: how often 95 % intervals
for a new run hold the later rows, by horizon. Rows that repeat another are left out first. The
tables are theirs and not part of this package.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.nsl_benchmark.claims import CLAIMS, analyse
from scalinglaws.experiments.nsl_benchmark.study import Settings, cells
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Settings"]

EXPERIMENT = Experiment(
    name="nsl-benchmark",
    title="Forecasts of 92 learning curves",
    paper="Alabdulmohsin, Neyshabur & Zhai, Revisiting Neural Scaling Laws in Language and "
    "Vision, arXiv:2209.06640",
    figures="The benchmark",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(curves=4),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(),
        Budget.PAPER: Settings(),
    },
    cost={
        Budget.SMOKE: "15 s",
        Budget.QUICK: "3 minutes on 2 cores",
        Budget.FULL: "3 minutes on 2 cores",
        Budget.PAPER: "3 minutes on 2 cores",
    },
    cells=cells,
    analyse=analyse,
)
