"""lm-layers: the intrinsic dimension of a language model's activations, layer by layer.

Sharma & Kaplan 2020 (arXiv:2004.10802), section 3.4, figures 10 and 11: the last tokens of many
text sequences, by layer; the tokens of one long sequence; tokens at fixed positions.

    scalinglaws run lm-layers --data DIR

The paper measures GPT-2 small on its own test data. Here it is SmolLM2-135M, 4-bit and
instruction-tuned, on State of the Union speeches, and the sequences are shorter than GPT-2's 1024
tokens. Needs the extra [lm] and the two files in the data folder; without them it is skipped.
"""

from __future__ import annotations

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.lm_layers.claims import CLAIMS
from scalinglaws.experiments.lm_layers.design import cells
from scalinglaws.experiments.lm_layers.findings import analyse
from scalinglaws.experiments.lm_layers.settings import BUDGETS
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="lm-layers",
    title=f"Intrinsic dimension of the layers of {SMOLLM2.title}",
    paper="Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, "
    "arXiv:2004.10802",
    figures="Figures 10 and 11",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "1 minute",
        Budget.QUICK: "4 minutes on 2 cores, 2 GB",
        Budget.FULL: "20 minutes on 2 cores, 3 GB (estimated)",
        Budget.PAPER: "45 minutes on 2 cores, 4 GB (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
