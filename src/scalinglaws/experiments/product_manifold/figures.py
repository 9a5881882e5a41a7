"""Figures of product-manifold as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import Marker, with_bars
from scalinglaws.experiments.product_manifold.statistics import Measured, Together
from scalinglaws.experiments.product_manifold.tables import each_once
from scalinglaws.experiments.students.figures import LOSS_WITH_UNIT, curve
from scalinglaws.result import Axis, Figure, Panel, Series


def _first(found: Sequence[Together]) -> list[Together]:
    """Of the first loss and of the first set of teachers."""
    own = [t for t in found if t.loss == found[0].loss]
    return list({t.name: t for t in reversed(own)}.values())[::-1]


def loss_against_size(found: Sequence[Together]) -> Figure:
    """L(N) of each product with its parts: the paper's figure 7."""
    first = _first(found)
    return Figure(
        id="loss-against-size",
        title="Loss of students of products and of their parts",
        source="Sharma & Kaplan 2020, figure 7",
        caption="Points: log-mean over the kept trials, with its standard error. Lines: the fit "
        "whose alpha is used; 4/alpha with its statistical error. The paper finds the slope of "
        "the largest part: lines that fall alike, where the d of the whole would have them "
        "flatter.",
        panels=tuple(
            Panel(
                f"$T_{{{t.name}}}$",
                Axis("parameters $N$", "log"),
                Axis(f"test loss $L$, {LOSS_WITH_UNIT[t.loss]}", "log"),
                tuple(s for m, color in _colored(t) for s in curve(m.family, _label(m), color)),
            )
            for t in first
        ),
    )


def _colored(t: Together) -> Iterator[tuple[Measured, int]]:
    """The product and one part of each kind."""
    yield t.whole, 0
    kinds = {part.family.k: part for part in reversed(t.parts)}
    for color, k in enumerate(sorted(kinds), start=1):
        yield kinds[k], color


def _label(m: Measured) -> str:
    return f"${m.family.kin.teacher}$: $4/\\alpha = {m.four_alone.as_math}$"


def exponent_against_sum(found: Sequence[Together]) -> Figure:
    """4/alpha and d of products and parts, against the sum of the parts' d."""
    losses = list(dict.fromkeys(t.loss for t in found))
    return Figure(
        id="exponent-against-sum",
        title="The dimension adds up, the exponent does not",
        source="Sharma & Kaplan 2020, section 3.2.1, eq. 3.2",
        caption="Against sum d_i, the sum of the parts' measured d: measured d, and 4/alpha with "
        "its 95 % interval, drift of training included. Open: the parts alone. Short lines: "
        "max d_i, where 4/alpha is by eq. 3.2; dashed: sum d_i, where it is by the rival "
        "hypothesis that students cannot tell the parts apart. The paper finds max d_i.",
        panels=tuple(_against_sum([t for t in found if t.loss == loss]) for loss in losses),
    )


def _against_sum(own: Sequence[Together]) -> Panel:
    products = [(t.d_sum, t.whole) for t in own]
    parts = [(m.d, m) for m in each_once(own) if "+" not in m.family.kin.teacher]
    top = 1.1 * max(d.value for d, _ in products if d is not None)
    maxima = [(s.value, m.value) for t in own if (s := t.d_sum) and (m := t.d_max)]
    return Panel(
        title=LOSS_WITH_UNIT[own[0].loss],
        x=Axis("sum of the parts' dimensions $\\sum d_i$"),
        y=Axis("$4/\\alpha$ and $d$"),
        series=(
            _points("measured $d$", products, lambda m: m.d, 0),
            _points("$4/\\alpha$", products, lambda m: m.four, 1),
            _points("$4/\\alpha$ of a part alone", parts, lambda m: m.four, 1, "open"),
            *_maxima(maxima),
            Series("$\\sum d_i$", (0.0, top), (0.0, top), "reference", color=None),
        ),
    )


def _maxima(found: Sequence[tuple[float, float]]) -> Iterator[Series]:
    """A short line at max d_i of each product."""
    for i, (x, y) in enumerate(found):
        ends = (0.94 * x, 1.06 * x)
        yield Series("$\\max d_i$" if i == 0 else "", ends, (y, y), "line", color=2)


def _points(
    label: str,
    of: Sequence[tuple[Estimate | None, Measured]],
    number: Callable[[Measured], Estimate | None],
    color: int,
    marker: Marker = "filled",
) -> Series:
    known = [(x.value, e) for x, m in of if x is not None and (e := number(m)) is not None]
    return with_bars(label, known, color, marker)


def dimension_against_width(found: Sequence[Together]) -> Figure:
    """d against width with sum d_i: the d of the paper's figure 7."""
    return Figure(
        id="dimension-against-width",
        title="The dimension of the last hidden layer against the student's width",
        source="Sharma & Kaplan 2020, figure 7",
        caption="TwoNN on 12 000 points, 95 % intervals. Lines: sum and maximum of the d_i of the "
        "parts alone. The paper finds d close to the sum.",
        panels=tuple(_dimensions(t) for t in _first(found)),
    )


def _dimensions(t: Together) -> Panel:
    measured = [(s.n, s.d["twonn"]) for s in t.whole.family.sizes if "twonn" in s.d]
    ends = (float(measured[0][0]), float(measured[-1][0])) if measured else (1.0, 2.0)
    levels = {"$\\sum d_i$": t.d_sum, "$\\max d_i$": t.d_max}
    references = (
        Series(label, ends, (d.value, d.value), "line", color=color)
        for color, (label, d) in enumerate(levels.items(), start=1)
        if d is not None
    )
    return Panel(
        f"$T_{{{t.name}}}$",
        Axis("width $n$", "log"),
        Axis("intrinsic dimension $d$"),
        (with_bars("measured $d$", measured, 0), *references),
    )
