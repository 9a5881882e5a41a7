"""What was printed about these points, digit for digit."""

from __future__ import annotations

import math

BESIROGLU = "Besiroglu et al. 2024, arXiv:2404.10102: "
# Five decimals of the coordinates their code prints. It fits a scale of the loss with the law, so
# small (e^-12) that the loss is |r|.
HEADLINE = {
    "log_A": "6.17796",
    "log_B": "7.64273",
    "log_E": "0.59711",
    "alpha": "0.34781",
    "beta": "0.36585",
}
# The optimum of sum |r| and of Huber's loss at delta = 1e-3, by independent minimisers.
LAD = {
    "A": "482.006",
    "B": "2085.44",
    "E": "1.81686",
    "alpha": "0.34781",
    "beta": "0.36585",
    "sum_abs": "1.12949465",
}
HUBER = {
    "A": "477.83",
    "B": "2143.4",
    "E": "1.81722",
    "alpha": "0.34731",
    "beta": "0.36717",
    "value": "0.00101827402",
}
ERRORS = {"A": 124.5, "B": 1293.3, "E": 0.0257, "alpha": 0.0154, "beta": 0.0206, "a": 0.020}
OPTIMAL_A = "0.513"
LIKELIHOOD_RATIO = "84.00"
LOG_LIKELIHOODS = {"": "879.77", "_hoffmann": "837.78", "_rounded": "562.25"}
CHI2 = "238.40"
# Hoffmann et al. 2022, arXiv:2203.15556: as in its TeX source, and as its text rounds it.
HOFFMANN = {
    "log_A": 6.00734,
    "log_B": 6.01792,
    "log_E": 0.526723,
    "alpha": 0.339171,
    "beta": 0.284908,
}
HOFFMANN_ROUNDED = {
    "log_A": math.log(406.4),
    "log_B": math.log(410.7),
    "log_E": math.log(1.69),
    "alpha": 0.34,
    "beta": 0.28,
}


def hoffmann() -> dict[str, float]:
    """Hoffmann's law, E by itself."""
    return {**HOFFMANN, "E": math.exp(HOFFMANN["log_E"])}
