"""routing: one law for dense and routed language models.

Clark et al. 2022 (arXiv:2202.01169): log L bilinear in log N and the log of an effective number of
experts, for three routers.

    scalinglaws run routing --data DIR

The exponent of dense models and the coefficients of the paper's table 3 within the intervals that
it does not give, as far as these are narrow enough to say anything; and what is left of them when
the saturation of E is left out. The table of runs is theirs and not part of this package.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.routing.claims import CLAIMS, analyse
from scalinglaws.experiments.routing.study import Settings, cells
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Settings"]

EXPERIMENT = Experiment(
    name="routing",
    title="Scaling laws of routed language models",
    paper="Clark et al., Unified Scaling Laws for Routed Language Models, arXiv:2202.01169",
    figures="Equation 1, table 3",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(routers=("S-Base",)),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(),
        Budget.PAPER: Settings(),
    },
    cost={
        Budget.SMOKE: "5 s",
        Budget.QUICK: "10 s",
        Budget.FULL: "10 s",
        Budget.PAPER: "10 s",
    },
    cells=cells,
    analyse=analyse,
)
