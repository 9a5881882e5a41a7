"""gpt: small transformers on text: is d of the final layer at least 4/alpha?

Sharma & Kaplan 2020 (arXiv:2004.10802), section 3.4, eq. 2.6.

    scalinglaws run gpt --budget quick --data DIR

The paper measures d of GPT-2 small and takes alpha = .076 from Kaplan et al. 2020. Here alpha is
our own: decoder-only transformers of growing width on the characters of State of the Union
speeches.
Expected: d >= 4/alpha. Without the text it is skipped.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.gpt.claims import CLAIMS
from scalinglaws.experiments.gpt.findings import analyse
from scalinglaws.experiments.gpt.settings import BUDGETS, cells
from scalinglaws.experiments.network_dimension.draw import PAPER
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="gpt",
    title="Small transformers on text: 4/alpha against the intrinsic dimension",
    paper=PAPER,
    figures="Section 3.4",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "4 minutes on 2 cores, and 3 for lm-layers' cell if not stored",
        Budget.FULL: "90 minutes on 2 cores beside other work, and lm-layers' cell",
        Budget.PAPER: "weeks on 2 cores (estimated): meant for a GPU",
    },
    cells=cells,
    analyse=analyse,
)
