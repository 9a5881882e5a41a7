"""d against the number of neighbours it is measured with.

Sharma & Kaplan 2020 (arXiv 2004.10802), figure 21, section 3.1, appendix B.2.

    scalinglaws run id-neighbours --budget quick

Students [20, 25, 25, 2] of a teacher of 10 features and [15, 28, 28, 2] of one of 15. Expected: d
is much the same for few neighbours, and falls as their number grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension import draw
from scalinglaws.experiments.network_dimension.judge import judge
from scalinglaws.experiments.network_dimension.measures import NEIGHBOURS
from scalinglaws.experiments.network_dimension.rows import (
    Measured,
    Network,
    measured,
    networks,
    number,
    where,
)
from scalinglaws.experiments.network_dimension.settings import (
    FIFTEEN_FEATURES,
    STUDENT_BUDGETS,
    TEN_FEATURES,
    StudentSettings,
    check_students,
    student_cells,
)
from scalinglaws.experiments.network_dimension.students import inputs_of
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

FEW, MOST = (3, 4), (max(NEIGHBOURS),)  # against k = 2
FEW_AGREE = Claim(
    id="few-neighbours-agree",
    statement="Relative change of d from k = 2 to k = 3 and 4 (the worst student and k)",
    source=draw.SHORT + "section 3.1: more neighbours do not change the result significantly",
    expected=0.0,
    tolerance=0.10,
)
MORE_ARE_LOWER = Claim(
    id="more-neighbours-lower",
    statement=f"Relative change of d from k = 2 to k = {max(MOST)} is not positive "
    "(the worst student)",
    source=draw.SHORT + "figure 21, B.2: larger k leads to smaller estimates",
    expected=0.0,
    relation=Relation.AT_MOST,
)


def cells(settings: StudentSettings) -> Sequence[Cell]:
    """One cell per shape of student. Raises BadInput."""
    check_students("id-neighbours", settings)
    return student_cells(settings, TEN_FEATURES, FIFTEEN_FEATURES)


def analyse(rows: Sequence[Row], settings: StudentSettings, budget: Budget) -> Findings:
    """d against k of every student."""
    found = networks(rows)
    return Findings(
        claims=(
            *judge({Network.STUDENT: FEW_AGREE}, rows, budget, partial(_changes, rows, FEW)),
            *judge({Network.STUDENT: MORE_ARE_LOWER}, rows, budget, partial(_changes, rows, MOST)),
        ),
        tables=(_table(rows),) if found else (),
        figures=(_figure(rows),) if found else (),
        notes=draw.notes(rows),
    )


def _d(rows: Sequence[Row], network: str, method: str, k: int) -> Measured:
    return measured(rows, "d", kind="neighbours", network=network, method=method, k=k)


def _changes(rows: Sequence[Row], ks: Sequence[int], network: str) -> Iterator[Estimate]:
    """d(k) / d(2) - 1 by the relation of eq. B.16."""
    two = _d(rows, network, "knn", 2)
    for k in ks:
        if (change := _d(rows, network, "knn", k).change_from(two).mean()) is not None:
            yield change


def _figure(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="d-against-neighbours",
        title="The dimension and the number of neighbours",
        source=draw.SHORT + "figure 21",
        caption="d of the last hidden layer before its ReLU, by the relation of eq. B.16 for the "
        "k-th neighbour and by maximum likelihood over k neighbours (eq. B.13, k >= 4). Dashed: "
        "the raw inputs, uniform in a cube of as many dimensions as the teacher has features, "
        "measured alike. More neighbours reach farther, and more of them lie beyond an edge.",
        panels=draw.panels(
            rows,
            Axis("neighbours $k$", "log"),
            Axis("intrinsic dimension $d$"),
            partial(_series, rows),
        ),
    )


def _series(rows: Sequence[Row], network: str) -> Iterator[Series]:
    for color, (method, label) in enumerate((("knn", "eq. B.16"), ("mle", "MLE, eq. B.13"))):
        points = [(k, d) for k in NEIGHBOURS if (d := _d(rows, network, method, k).mean())]
        yield with_bars(label, points, color)
        raw = [
            (float(k), d.value)
            for k in NEIGHBOURS
            if (d := _d(rows, inputs_of(network), method, k).mean())
        ]
        if raw:
            x, y = zip(*raw, strict=True)
            yield Series(f"inputs, {label}", x, y, kind="reference", color=color)


def _table(rows: Sequence[Row]) -> Table:
    return Table(
        id="d-against-neighbours",
        title="d against the number of neighbours",
        columns=("network", "k", "eq. B.16", "MLE, eq. B.13"),
        rows=tuple(
            (name, k, _d(rows, name, "knn", k).mean(), _d(rows, name, "mle", k).mean())
            for name in draw.with_inputs(rows)
            for k in NEIGHBOURS
        ),
        note=f"From {number(where(rows, kind='neighbours')[0], 'n'):.0f} vectors each.",
    )


EXPERIMENT = Experiment(
    name="id-neighbours",
    title="The dimension of activations against the number of neighbours",
    paper=draw.PAPER,
    figures="Figure 21",
    claims=(FEW_AGREE, MORE_ARE_LOWER),
    budgets=STUDENT_BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "2 minutes on 2 cores",
        Budget.FULL: "20 minutes on 2 cores (estimated)",
        Budget.PAPER: "1 hour on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
