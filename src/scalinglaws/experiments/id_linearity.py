"""Is the relation that d is read from a straight line?

Sharma & Kaplan 2020 (arXiv 2004.10802), figure 16, eq. B.16.

    scalinglaws run id-linearity --budget quick

Where the density is constant over k neighbours and d is one number, -log(1 - C^(1/(k-1))) equals
d log mu_k, C the share of points whose mu_k = r_k/r_1 is smaller. Students of teachers of 10 and
15 features, the last hidden layer of a small CNN, and a pretrained language model at the last token
of many sequences. Expected: straight lines, as in figure 16.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension import draw
from scalinglaws.experiments.network_dimension.judge import judge
from scalinglaws.experiments.network_dimension.measures import LINE_KS
from scalinglaws.experiments.network_dimension.rows import (
    Network,
    measured,
    networks,
    number,
    where,
)
from scalinglaws.experiments.network_dimension.settings import (
    BUDGETS,
    FIFTEEN_FEATURES,
    TEN_FEATURES,
    Settings,
    check,
    image_cells,
    language_cells,
    student_cells,
)
from scalinglaws.result import Axis, Budget, Claim, Figure, Findings, Row, Series, Table
from scalinglaws.sweep.cell import Cell

_STRAIGHT = (
    "How much steeper the relation of eq. B.16 is in its lower half (C <= 1/2) than in the whole "
    "fit, "
)
STUDENTS = Claim(
    id="straight-students",
    statement=_STRAIGHT + "students (the worst of k = 2, 3, 4)",
    source=draw.SHORT + "eq. B.16, figure 16 (teacher/student)",
    expected=0.0,
    tolerance=0.10,
)
CNN = Claim(
    id="straight-cnn",
    statement=_STRAIGHT + "CNN (the worst image set and k)",
    source=draw.SHORT + "eq. B.16, figure 16 (CIFAR-10)",
    expected=0.0,
    tolerance=0.10,
)


LANGUAGE = Claim(
    id="straight-language",
    statement=_STRAIGHT + "language model (the worse of two layers and k)",
    source=draw.SHORT + "eq. B.16, figure 16 (GPT)",
    expected=0.0,
    tolerance=0.10,
)
CLAIMS = {Network.STUDENT: STUDENTS, Network.CNN: CNN, Network.LANGUAGE: LANGUAGE}


def cells(settings: Settings) -> Sequence[Cell]:
    """One cell per network. Raises BadInput."""
    check("id-linearity", settings)
    students = student_cells(settings, TEN_FEATURES, FIFTEEN_FEATURES)
    return [*students, *image_cells(settings), *language_cells(settings)]


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """The bend of every relation, and the relations of one network of each kind."""
    found = networks(rows)
    return Findings(
        claims=judge(CLAIMS, rows, budget, partial(_bends, rows)),
        tables=(_table(rows),) if found else (),
        figures=(_figure(rows),) if found else (),
        notes=draw.notes(rows),
    )


def _bends(rows: Sequence[Row], network: str) -> Iterator[Estimate]:
    for k in LINE_KS:
        if (bend := _of(rows, "bend", network, k)) is not None:
            yield bend


def _of(rows: Sequence[Row], quantity: str, network: str, k: int) -> Estimate | None:
    return measured(rows, quantity, kind="relation", network=network, k=k).mean()


def _figure(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="relation",
        title="The relation that d is read from",
        source=draw.SHORT + "figure 16",
        caption="The relation of eq. B.16 for the last hidden layer before its ReLU, of the "
        "first network of each kind, and for a language model at the last token; and the line "
        "through the origin fitted to the first 90 % of the points (filled). The line's slope is "
        "d. The points drawn are a few of all, evenly spaced in height; the open ones are a tenth "
        "of all.",
        panels=draw.panels(
            rows,
            Axis(r"$\log \mu_k$"),
            Axis(r"$-\log(1 - C^{1/(k-1)})$"),
            partial(_series, rows),
        ),
    )


def _series(rows: Sequence[Row], network: str) -> Iterator[Series]:
    for color, k in enumerate(LINE_KS):
        own = where(rows, kind="relation-point", network=network, k=k)
        if not own:
            continue
        line = where(rows, kind="relation", network=network, k=k)[0]
        d = number(line, "d")
        label = f"$k = {k}$: $d = {d:.1f}$"
        for used in (True, False):
            x, y = (tuple(number(r, at) for r in own if r["used"] is used) for at in "xy")
            name, marker = (label, "filled") if used else ("", "open")
            yield Series(name, x, y, color=color, marker=marker)
        end = max(number(row, "x") for row in own)
        yield Series("", (0.0, end), (0.0, d * end), kind="line", color=color)


def _table(rows: Sequence[Row]) -> Table:
    return Table(
        id="bend",
        title="How straight the relation is",
        columns=("network", "k", "d", "bend"),
        rows=tuple(
            (name, k, _of(rows, "d", name, k), _of(rows, "bend", name, k))
            for name in draw.with_inputs(rows)
            for k in LINE_KS
        ),
        note="Bend: slope through the origin of the half of the points with the smaller mu_k over "
        "that of the fit, less one. Zero for a straight line; positive where d differs from place "
        "to place. The inputs are uniform points of a cube.",
    )


EXPERIMENT = Experiment(
    name="id-linearity",
    title="Is the relation that the dimension is read from a straight line?",
    paper=draw.PAPER,
    figures="Figure 16",
    claims=tuple(CLAIMS.values()),
    budgets=BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "5 minutes on 2 cores",
        Budget.FULL: "35 minutes on 2 cores (estimated)",
        Budget.PAPER: "3 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
