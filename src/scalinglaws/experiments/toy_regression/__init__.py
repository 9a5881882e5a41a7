"""The toy model: piecewise constant and piecewise linear fits of functions on [0, 1]^d.

Sharma & Kaplan 2020 (arXiv:2004.10802), section 2.1, equations 2.1 to 2.6, and appendix A.5.

    scalinglaws run toy-regression --budget quick

[0, 1]^d is cut into N = n^d cubes; in cubes drawn at random the best constant and the best linear
function are found, and beside them the continuous interpolant on simplices. Expected of random
smooth functions: L ~ N^-2/d and N^-4/d for the mean square, N^-(k+1)p/d for |f - c|^p, N^-4/d for
the KL of linear logits, each with the prefactor of `theory.manifold`. Control: of biased ReLU
networks, which the paper takes as teachers, N^-3/d.
"""

from __future__ import annotations

from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension.draw import PAPER
from scalinglaws.experiments.toy_regression.claims import CLAIMS, analyse
from scalinglaws.experiments.toy_regression.study import Settings, cells
from scalinglaws.result import Budget

__all__ = ["EXPERIMENT", "Settings"]

EXPERIMENT = Experiment(
    name="toy-regression",
    title="Piecewise constant and piecewise linear fits of functions of d variables",
    paper=PAPER,
    figures="Section 2.1, equations 2.1 to 2.6, appendix A.5",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(
            dims=(1, 2, 3), n_max=64, n_min=8, functions=3, networks=3, network_fits=128
        ),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(functions=32, cubes=256, networks=64, network_fits=1024, points=512),
        # The paper derives, and measures nothing here: settings of ours.
        Budget.PAPER: Settings(
            dims=(1, 2, 3, 4, 5, 6, 7),
            functions=32,
            cubes=256,
            networks=64,
            network_fits=1024,
            points=512,
        ),
    },
    cost={
        Budget.SMOKE: "10 s",
        Budget.QUICK: "2 minutes on 2 cores",
        Budget.FULL: "30 minutes on 2 cores (estimated)",
        Budget.PAPER: "1 hour on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
