"""Linear students of random features: four regimes, and the duality of data and parameters.

Bahri et al. 2021 (arXiv:2102.06701), figure 2 and "Linear random features".

    scalinglaws run random-features

Two parts. *Spectrum*: features with lambda_i = i^-(1+alpha), Gaussian data and projections; the
simulated L(D, P) is held against the closed form of `theory.random_features` and its exponents.
*Images*: random ReLU features of average-pooled images, data and features both real but for the
teacher, which is isotropic as the paper's; L against D with all features, and against P with all
training images, should fall with one exponent, that of the kernel's spectrum.

The paper's S, widths, pool sizes and numbers in legends are not known to us: sizes are our choice.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.random_features.cells import cells
from scalinglaws.experiments.random_features.claims import CLAIMS
from scalinglaws.experiments.random_features.findings import analyse
from scalinglaws.experiments.random_features.settings import BUDGETS
from scalinglaws.result import Budget

EXPERIMENT = Experiment(
    name="random-features",
    title="Four scaling regimes of linear random-feature students, and their duality",
    paper="Bahri, Dyer, Kaplan, Lee & Sharma, Explaining Neural Scaling Laws, arXiv:2102.06701",
    figures="Figure 2",
    claims=CLAIMS,
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "15 s",
        Budget.QUICK: "3 minutes on 2 cores, 0.5 GB each",
        Budget.FULL: "40 minutes on 2 cores, 1.5 GB each (estimated)",
        Budget.PAPER: "10 hours on 2 cores, 6 GB each (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
