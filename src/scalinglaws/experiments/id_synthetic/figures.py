"""d against the number of points, as figure 18, and against the true d."""

from __future__ import annotations

from collections.abc import Iterator

from scalinglaws.experiments.bars import Marker, with_bars
from scalinglaws.experiments.id_synthetic.statistics import Readings
from scalinglaws.experiments.id_synthetic.study import MANIFOLDS, METHODS
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.result import Axis, Figure, Panel, Series


def against_n(found: Readings, k: int) -> Figure:
    return Figure(
        id="d-against-points",
        title="The dimension of points on known manifolds",
        source=SHORT + "figure 18",
        caption="Points: means over data sets with 95 % intervals, mostly smaller than the marker. "
        "Dashed: the true d. The paper finds d low at large d, the more so in the cube for its "
        "boundary; on the torus d is high where it is curved, and reasonable to d of about 100.",
        panels=tuple(
            Panel(
                f"{label}, {manifold}",
                Axis("points $n$", "log"),
                Axis("intrinsic dimension $d$", "log"),
                tuple(_series(found, manifold, method)),
            )
            for method, label in labels(k).items()
            for manifold in MANIFOLDS
        ),
    )


def _series(found: Readings, manifold: str, method: str) -> Iterator[Series]:
    for color, d in enumerate(found.dims):
        means = ((n, found.mean(manifold, d, n, method)) for n in found.sizes)
        yield with_bars(f"$d = {d}$", [(n, m) for n, m in means if m], color)
        ends = (float(found.sizes[0]), float(found.sizes[-1]))
        yield Series("", ends, (float(d), float(d)), kind="reference", color=color)


def against_d(found: Readings, k: int) -> Figure:
    n = max(found.sizes)
    return Figure(
        id="ratio-against-d",
        title="How far off, by dimension",
        source=SHORT + "figure 18",
        caption=f"{n} points. Filled: as read. Open: corrected by the sphere, which allows for few "
        "points in many dimensions, and neither for the cube's boundary nor for the torus's "
        "curvature.",
        panels=tuple(
            Panel(
                manifold,
                Axis("true dimension $d$", "log"),
                Axis("measured over true $d$", "log"),
                tuple(_ratios(found, manifold, n, k)),
            )
            for manifold in MANIFOLDS
        ),
    )


def _ratios(found: Readings, manifold: str, n: int, k: int) -> Iterator[Series]:
    ends = (float(found.dims[0]), float(found.dims[-1]))
    yield Series("true", ends, (1.0, 1.0), kind="line", color=None)
    for color, (method, label) in enumerate(labels(k).items()):
        shown: tuple[tuple[str, str, Marker], ...] = (
            (method, label, "filled"),
            (f"{method}_corrected", f"{label}, corrected", "open"),
        )
        for quantity, said, marker in shown:
            ratios = ((d, found.ratio(manifold, d, n, quantity)) for d in found.dims)
            points = [(d, ratio) for d, ratio in ratios if ratio]
            yield with_bars(said, points, color, marker)


def labels(k: int) -> dict[str, str]:
    """The methods as a reader knows them."""
    return {method: label.format(k=k) for method, label in METHODS.items()}
