"""d against the number of activation vectors it is measured from.

Sharma & Kaplan 2020 (arXiv 2004.10802), figure 19, appendix C.2.

    scalinglaws run id-points --budget quick

A student [15, 28, 28, 2] of a teacher of 15 features, the last hidden layer of a small CNN of
width n = 5, and a pretrained language model at the last token of many sequences. Expected: d varies
little once there are sufficiently many vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.network_dimension import draw
from scalinglaws.experiments.network_dimension.judge import judge
from scalinglaws.experiments.network_dimension.measures import LINE_KS, METHODS, MLE_K
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
    Settings,
    check,
    image_cells,
    language_cells,
    student_cells,
)
from scalinglaws.experiments.network_dimension.students import inputs_of
from scalinglaws.result import (
    Axis,
    Budget,
    Claim,
    Figure,
    Findings,
    Row,
    Series,
    Table,
)
from scalinglaws.sweep.cell import Cell

FACTOR = 4  # in the number of vectors, over which d is asked not to change
STUDENT = Claim(
    id="settled-student",
    statement="Relative change of d over the last factor of four in the number of vectors, "
    f"student {FIFTEEN_FEATURES.name} (the worst of k = 2, 3, 4)",
    source=draw.SHORT + "figure 19 left, C.2: small with sufficiently many vectors",
    expected=0.0,
    tolerance=0.10,
)
CNN = Claim(
    id="settled-cnn",
    statement="The same for the last hidden layer of the CNN (the worst image set and k)",
    source=draw.SHORT + "figure 19 middle (CIFAR-10)",
    expected=0.0,
    tolerance=0.10,
)
LANGUAGE = Claim(
    id="settled-language",
    statement="The same for the last token of a language model (the worse of two layers and k)",
    source=draw.SHORT + "figure 19 right (GPT)",
    expected=0.0,
    tolerance=0.10,
)
CLAIMS = {Network.STUDENT: STUDENT, Network.CNN: CNN, Network.LANGUAGE: LANGUAGE}


def cells(settings: Settings) -> Sequence[Cell]:
    """One cell per network. Raises BadInput."""
    check("id-points", settings)
    students = student_cells(settings, FIFTEEN_FEATURES)
    return [*students, *image_cells(settings), *language_cells(settings)]


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """d against n of every network."""
    found = networks(rows)
    return Findings(
        claims=judge(CLAIMS, rows, budget, partial(_changes, rows)),
        tables=(_table(rows),) if found else (),
        figures=(_figure(rows),) if found else (),
        notes=draw.notes(rows),
    )


def _changes(rows: Sequence[Row], network: str) -> Iterator[Estimate]:
    """d(n) / d(n/4) - 1 at the largest n, for every k."""
    sizes = _sizes(rows, network)
    if len(sizes) < 3:
        return
    last, before = sizes[-1], sizes[-3]
    for k in LINE_KS:
        at = [
            measured(rows, f"d_knn{k}", kind="points", network=network, n=n) for n in (last, before)
        ]
        if (change := at[0].change_from(at[1]).mean()) is not None:
            yield change


def _sizes(rows: Sequence[Row], network: str) -> list[int]:
    """Every n, ascending: halves of each other."""
    return sorted({int(number(r, "n")) for r in where(rows, kind="points", network=network)})


def _d(rows: Sequence[Row], network: str, method: str) -> Iterator[tuple[float, Estimate]]:
    for n in _sizes(rows, network):
        d = measured(rows, f"d_{method}", kind="points", network=network, n=n).mean()
        if d is not None:
            yield n, d


def _figure(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="d-against-points",
        title="The dimension and the number of vectors",
        source=draw.SHORT + "figure 19",
        caption="d of the last hidden layer before its ReLU, and of a language model at the last "
        "token, by the relation of eq. B.16 for k = 2, 3, 4 and by maximum likelihood "
        f"(eq. B.13, k = {MLE_K}). Fewer vectors are disjoint subsets of all. "
        "Dashed: the raw inputs of the student, uniform in a cube of as many dimensions as the "
        "teacher has features, k = 2: what is missing there is the estimator's boundary bias, "
        "which falls slowly with n.",
        panels=draw.panels(
            rows,
            Axis("vectors $n$", "log"),
            Axis("intrinsic dimension $d$"),
            partial(_series, rows),
        ),
    )


def _series(rows: Sequence[Row], network: str) -> Iterator[Series]:
    for color, k in enumerate(LINE_KS):
        yield with_bars(f"$k = {k}$", _d(rows, network, f"knn{k}"), color)
    yield with_bars(f"MLE, {MLE_K}", _d(rows, network, f"mle{MLE_K}"), len(LINE_KS))
    raw = [
        (number(row, "n"), number(row, "d_knn2"))
        for row in where(rows, kind="points", network=inputs_of(network))
    ]
    if raw:
        x, y = zip(*sorted(raw), strict=True)
        yield Series("inputs, $k = 2$", x, y, kind="reference", color=None)


def _table(rows: Sequence[Row]) -> Table:
    return Table(
        id="d-against-points",
        title="d against the number of vectors",
        columns=("network", "n", *METHODS),
        rows=tuple(
            (
                network,
                n,
                *(
                    measured(rows, f"d_{method}", kind="points", network=network, n=n).mean()
                    for method in METHODS
                ),
            )
            for network in (*networks(rows), inputs_of(FIFTEEN_FEATURES.name))
            for n in _sizes(rows, network)
        ),
        note="knnK: the line of eq. B.16; mle: eq. B.13. Means over the networks.",
    )


EXPERIMENT = Experiment(
    name="id-points",
    title="The dimension of activations against the number of vectors",
    paper=draw.PAPER,
    figures="Figure 19",
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
