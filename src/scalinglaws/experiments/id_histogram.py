"""How d is spread over the points it is measured at.

Sharma & Kaplan 2020 (arXiv 2004.10802), figures 17 and 22, eq. B.13.

    scalinglaws run id-histogram --budget quick

The estimate of eq. B.13 with 100 neighbours at every activation vector of a student of a teacher
of 10 features, of the last hidden layer of a small CNN, and of a pretrained language model at the
last token of many sequences. Expected: fewer neighbours give larger d. Where d and the density are
constant, d (k-2)/d_i is Gamma(k-1), and the d_i have standard deviation d/sqrt(k-3): what exceeds
it is the manifold's own variety.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from scalinglaws.dimension.methods.local import density_at_one_d
from scalinglaws.estimate import Estimate
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension import draw
from scalinglaws.experiments.network_dimension.judge import judge
from scalinglaws.experiments.network_dimension.measures import LOCAL_KS
from scalinglaws.experiments.network_dimension.rows import (
    Measured,
    Network,
    measured,
    networks,
    number,
    where,
)
from scalinglaws.experiments.network_dimension.settings import (
    BUDGETS,
    TEN_FEATURES,
    Settings,
    check,
    image_cells,
    language_cells,
    student_cells,
)
from scalinglaws.result import (
    Axis,
    Budget,
    Claim,
    Figure,
    Findings,
    Relation,
    Row,
    Series,
    Table,
)
from scalinglaws.sweep.cell import Cell

FEW, MANY = LOCAL_KS
CURVE_POINTS = 200
STUDENTS = Claim(
    id="fewer-neighbours-larger-student",
    statement=f"Relative change of the mean of d over the points from {MANY} to {FEW} neighbours "
    f"is not negative, student {TEN_FEATURES.name}",
    source=draw.SHORT + "figure 17: smaller numbers of neighbors typically give larger IDs",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
CNN = Claim(
    id="fewer-neighbours-larger-cnn",
    statement="The same for the last hidden layer of the CNN (the worst image set)",
    source=draw.SHORT + "figure 17 middle (CIFAR-10)",
    expected=0.0,
    relation=Relation.AT_LEAST,
)


LANGUAGE = Claim(
    id="fewer-neighbours-larger-language",
    statement="The same for the last token of a language model (the worse of two layers)",
    source=draw.SHORT + "figure 17 right, figure 22 (GPT)",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
CLAIMS = {Network.STUDENT: STUDENTS, Network.CNN: CNN, Network.LANGUAGE: LANGUAGE}


def cells(settings: Settings) -> Sequence[Cell]:
    """One cell per network. Raises BadInput."""
    check("id-histogram", settings)
    students = student_cells(settings, TEN_FEATURES)
    return [*students, *image_cells(settings), *language_cells(settings)]


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """The histogram of one network of each kind; means and spreads of all."""
    found = networks(rows)
    return Findings(
        claims=judge(CLAIMS, rows, budget, partial(_changes, rows)),
        tables=(_table(rows),) if found else (),
        figures=(_figure(rows),) if found else (),
        notes=draw.notes(rows),
    )


def _changes(rows: Sequence[Row], network: str) -> Iterator[Estimate]:
    change = _d(rows, network, FEW).change_from(_d(rows, network, MANY)).mean()
    if change is not None:
        yield change


def _d(rows: Sequence[Row], network: str, k: int) -> Measured:
    return measured(rows, "d", kind="local", network=network, k=k)


def _figure(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="local-d",
        title="The dimension from place to place",
        source=draw.SHORT + "figures 17 and 22",
        caption="Local d of eq. B.13 at every vector of the last hidden layer before its ReLU, of "
        "the first network of each kind, and of a language model at the last token, as a density. "
        "Dashed: what a manifold of constant d and density with the same mean would show, from the "
        "scatter of k neighbours alone. Neighbouring points share neighbours, so the standard "
        "error of the mean is larger than spread / sqrt(n).",
        panels=draw.panels(
            rows, Axis("local $d$"), Axis("density of points"), partial(_series, rows)
        ),
    )


def _series(rows: Sequence[Row], network: str) -> Iterator[Series]:
    for color, k in enumerate(reversed(LOCAL_KS)):
        bars = where(rows, kind="bin", network=network, k=k)
        if not bars:
            continue
        edges = [number(bars[0], "lo"), *(number(bar, "hi") for bar in bars)]
        density = np.array([number(bar, "count") for bar in bars]) / np.diff(edges)
        density /= sum(number(bar, "count") for bar in bars)
        # The outline of the bars.
        x = np.repeat(edges, 2)
        y = np.concatenate([[0.0], np.repeat(density, 2), [0.0]])
        yield Series(f"$k = {k}$", _floats(x), _floats(y), kind="line", color=color)
        d = number(where(rows, kind="local", network=network, k=k)[0], "d")
        at = np.linspace(edges[0], edges[-1], CURVE_POINTS)
        yield Series(
            f"constant $d$, $k = {k}$",
            _floats(at),
            _floats(density_at_one_d(at, d, k)),
            kind="reference",
            color=color,
        )


def _table(rows: Sequence[Row]) -> Table:
    return Table(
        id="local-d",
        title="Local d: mean and spread",
        columns=("network", "k", "mean d", "spread / d", "1/sqrt(k-3)", "excess"),
        rows=tuple(
            (name, k, _d(rows, name, k).mean(), *_spread(rows, name, k))
            for name in draw.with_inputs(rows)
            for k in LOCAL_KS
        ),
        note="Spread: standard deviation over the points. 1/sqrt(k-3) of it is the scatter of k "
        "neighbours where d and the density are constant; the excess, in quadrature, is how "
        "much d itself differs from place to place, relative to d. The inputs are uniform points "
        "of a cube.",
    )


def _spread(rows: Sequence[Row], network: str, k: int) -> tuple[float, float, float]:
    own = where(rows, kind="local", network=network, k=k)
    relative = float(np.mean([number(row, "sd") / number(row, "d") for row in own]))
    scatter = 1 / math.sqrt(k - 3)
    return relative, scatter, math.sqrt(max(relative**2 - scatter**2, 0.0))


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(values.tolist())


EXPERIMENT = Experiment(
    name="id-histogram",
    title="The dimension of activations from place to place",
    paper=draw.PAPER,
    figures="Figures 17 and 22",
    claims=tuple(CLAIMS.values()),
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "5 minutes on 2 cores",
        Budget.FULL: "30 minutes on 2 cores (estimated)",
        Budget.PAPER: "3 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
