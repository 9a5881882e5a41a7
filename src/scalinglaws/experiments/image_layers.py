"""d layer by layer of a small convolutional network on images, within a class and across classes.

Sharma & Kaplan 2020 (arXiv 2004.10802), footnote 1, sections 2.3, 3.3, A.4, C.2; Ansuini et al.
2019 (arXiv 1905.12784), who found the last hidden layer's d the smallest.

    scalinglaws run image-layers --budget quick

Networks of tables 2 and 3 at n = 5, on Fashion-MNIST and, where its files are, CIFAR-10. Expected:
d does not rise toward the last hidden layer. The same networks before training are the control.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.image_sets import absent
from scalinglaws.experiments.network_dimension import draw
from scalinglaws.experiments.network_dimension.measures import METHODS
from scalinglaws.experiments.network_dimension.rows import (
    Measured,
    collapsed,
    measured,
    number,
    where,
)
from scalinglaws.experiments.network_dimension.settings import (
    IMAGE_BUDGETS,
    ImageSettings,
    check_images,
    image_cells,
    untrained_cells,
)
from scalinglaws.result import (
    Axis,
    Budget,
    Claim,
    Figure,
    Findings,
    Panel,
    Relation,
    Row,
    Series,
    Table,
)
from scalinglaws.sweep.cell import Cell

JUDGED = "twonn"
GROUPS = {
    "one class": "within one class",
    "all classes": "over all classes, equal $n$",
    "all": "over all classes, about equal density",
}


def _claim(dataset: str, figure: str) -> Claim:
    return Claim(
        id=f"no-rise-{dataset}",
        statement="d (TwoNN) of the last hidden layer less that of an earlier one is not "
        f"positive, CNN on {dataset} (the worst earlier layer)",
        source=f"{draw.SHORT}footnote 1, after Ansuini et al. 2019; {figure}",
        expected=0.0,
        relation=Relation.AT_MOST,
    )


CLAIMS = {
    "fashion-mnist": _claim("fashion-mnist", "table 3"),
    "cifar-10": _claim("cifar-10", "table 2"),
}


def cells(settings: ImageSettings) -> Sequence[Cell]:
    """One cell per network, trained and not. Raises BadInput."""
    check_images("image-layers", settings)
    return [*image_cells(settings), *untrained_cells(settings)]


def analyse(rows: Sequence[Row], settings: ImageSettings, budget: Budget) -> Findings:
    """d of every layer of every image set."""
    found = tuple(name for name in settings.images if where(rows, network=name))
    return Findings(
        claims=tuple(
            claim.judge_all(
                _rises(rows, dataset, settings.epochs),
                budget,
                reason=collapsed(_of_epochs(rows, settings.epochs), dataset),
                skipped="" if dataset in found else absent(dataset),
            )
            for dataset, claim in CLAIMS.items()
        ),
        tables=(_table(rows, found), _networks(rows, found)) if found else (),
        figures=tuple(figure(rows, found, settings) for figure in (_by_layer, _by_class) if found),
        notes=_notes(rows, found, settings),
    )


def _d(rows: Sequence[Row], dataset: str, epochs: int, method: str = JUDGED, **of: str) -> Measured:
    """d of one layer: `of` names it, and the group of points."""
    own = {"kind": "layer", "network": dataset, "epochs": epochs, **of}
    return measured(rows, f"d_{method}", **own)


def _layers(rows: Sequence[Row], dataset: str, *, relu: bool = False) -> list[tuple[int, str]]:
    """(depth, name) of every layer before its ReLU or after it, from the images to the output."""
    own = where(rows, kind="layer", network=dataset, relu=relu)
    return sorted({(int(number(row, "depth")), str(row["layer"])) for row in own})


def _rises(rows: Sequence[Row], dataset: str, epochs: int) -> Iterator[Estimate]:
    """d(last hidden layer) - d(an earlier hidden layer), both before their ReLU."""
    hidden = [name for _, name in _layers(rows, dataset)[1:-1]]
    for earlier in hidden[:-1]:
        last, before = (
            _d(rows, dataset, epochs, layer=name, group="all") for name in (hidden[-1], earlier)
        )
        if rise := last.minus(before).mean():
            yield rise


def _by_layer(rows: Sequence[Row], found: Sequence[str], settings: ImageSettings) -> Figure:
    return Figure(
        id="d-by-layer",
        title="The dimension layer by layer",
        source=draw.SHORT + "footnote 1; Ansuini et al. 2019",
        caption=f"TwoNN's d on {settings.layer_points} test images at most: layer 0 is the "
        "images, then the convolutions (after pooling), the dense layer, and the output, the "
        "only one without a ReLU. Untrained: the same networks as they were drawn, which says "
        "how much of the fall is the architecture's and not learnt.",
        panels=tuple(
            Panel(
                f"CNN on {dataset}",
                Axis("layer"),
                Axis("intrinsic dimension $d$"),
                tuple(_layer_series(rows, dataset, settings.epochs)),
            )
            for dataset in found
        ),
    )


def _layer_series(rows: Sequence[Row], dataset: str, epochs: int) -> Iterator[Series]:
    for color, (label, of_epochs, relu) in enumerate(
        (
            ("trained, before ReLU", epochs, False),
            ("trained, after ReLU", epochs, True),
            ("untrained, before ReLU", 0, False),
        )
    ):
        points = [
            (depth, d)
            for depth, name in _layers(rows, dataset, relu=relu)
            if (d := _d(rows, dataset, of_epochs, layer=name, group="all").mean())
        ]
        yield with_bars(label, points, color)


def _by_class(rows: Sequence[Row], found: Sequence[str], settings: ImageSettings) -> Figure:
    return Figure(
        id="d-within-class",
        title="The dimension within one class and over all",
        source=draw.SHORT + "C.2: from the same or different classes in an image classifier",
        caption="TwoNN's d before each ReLU of the trained networks: of test images of one "
        "class, mean over the classes; of equally many images of all classes, mean over as many "
        "disjoint samples; and of all the images that these were taken from. d rises as points "
        "grow dense: of equally many images those of one class lie several times denser, and "
        "the last are about as dense as they.",
        panels=tuple(
            Panel(
                f"CNN on {dataset}",
                Axis("layer"),
                Axis("intrinsic dimension $d$"),
                tuple(
                    with_bars(label, _grouped(rows, dataset, settings.epochs, group), color)
                    for color, (group, label) in enumerate(GROUPS.items())
                ),
            )
            for dataset in found
        ),
    )


def _grouped(
    rows: Sequence[Row], dataset: str, epochs: int, group: str
) -> Iterator[tuple[float, Estimate]]:
    for depth, name in _layers(rows, dataset):
        d = _d(rows, dataset, epochs, layer=name, group=group).mean()
        if d is not None:
            yield depth, d


def _table(rows: Sequence[Row], found: Sequence[str]) -> Table:
    return Table(
        id="d-by-layer",
        title="d of every layer",
        columns=("images", "epochs", "depth", "layer", "points", "n", "distinct", *METHODS),
        rows=tuple(
            (
                dataset,
                epochs,
                depth,
                name,
                group,
                number(own[0], "n"),
                min(number(row, "distinct") for row in own),
                *(_d(rows, dataset, epochs, m, layer=name, group=group).mean() for m in METHODS),
            )
            for dataset in found
            for epochs in _epochs(rows, dataset)
            for relu in (False, True)
            for depth, name in _layers(rows, dataset, relu=relu)
            for group in GROUPS
            if (own := _rows_of(rows, dataset, epochs, name, group))
        ),
        note="Points: test images of one class (mean over the classes), equally many of all "
        "classes, or all that were used. Distinct: of n, in the poorest network. Layers of "
        "pooled convolutions are called pool1, ... before their ReLU and relu1, ... after it.",
    )


def _of_epochs(rows: Sequence[Row], epochs: int) -> list[Row]:
    return [row for row in rows if row.get("epochs") == epochs]


def _epochs(rows: Sequence[Row], dataset: str) -> list[int]:
    """Those of the trained networks first, then 0."""
    return sorted({int(number(r, "epochs")) for r in where(rows, network=dataset)}, reverse=True)


def _rows_of(rows: Sequence[Row], dataset: str, epochs: int, layer: str, group: str) -> list[Row]:
    named = {"kind": "layer", "network": dataset, "layer": layer, "group": group}
    return where(rows, epochs=epochs, **named)


def _networks(rows: Sequence[Row], found: Sequence[str]) -> Table:
    own = [row for dataset in found for row in where(rows, kind="network", network=dataset)]
    columns = ("network", "trial", "epochs", "N", "L", "accuracy")
    return Table(
        id="networks",
        title="The networks",
        columns=("images", "seed", "epochs", "parameters", "test loss", "test accuracy"),
        rows=tuple(tuple(row[name] for name in columns) for row in own),
        note="Losses of the last epoch, in nats; the paper stops where the test loss is least.",
    )


def _notes(rows: Sequence[Row], found: Sequence[str], settings: ImageSettings) -> tuple[str, ...]:
    trained = draw.notes(_of_epochs(rows, settings.epochs))
    return (*trained, *(_untrained(rows, dataset) for dataset in found))


def _untrained(rows: Sequence[Row], dataset: str) -> str:
    """The control in words."""
    worst = max((e for e in _rises(rows, dataset, 0)), key=lambda e: e.hi, default=None)
    if worst is None:
        return f"{dataset}: no untrained networks beside the trained."
    verb = "falls" if worst.hi <= 0 else "does not surely fall"
    return (
        f"{dataset}, untrained: d of the last hidden layer less that of an earlier one is "
        f"{worst.value:.2f} ({worst.lo:.2f} to {worst.hi:.2f}) at worst, so d {verb} toward the "
        "last hidden layer before anything is learnt."
    )


EXPERIMENT = Experiment(
    name="image-layers",
    title="The dimension of a small CNN's activations, layer by layer",
    paper=draw.PAPER,
    figures="Footnote 1, sections 3.3, A.4, C.2",
    claims=tuple(CLAIMS.values()),
    budgets=IMAGE_BUDGETS,
    cost={
        Budget.SMOKE: "20 s",
        Budget.QUICK: "3 minutes on 2 cores",
        Budget.FULL: "30 minutes on 2 cores (estimated)",
        Budget.PAPER: "6 hours on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
