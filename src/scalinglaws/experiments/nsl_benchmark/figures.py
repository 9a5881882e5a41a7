"""Errors of all laws side by side, and how often and how closely the intervals hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.estimate import LEVEL
from scalinglaws.experiments.network_dimension.rows import has, number, where
from scalinglaws.experiments.nsl_benchmark.coverage import Part, part
from scalinglaws.experiments.nsl_benchmark.study import DOMAINS, EDGES, SINGLE, STACK
from scalinglaws.result import Axis, Figure, Panel, Row, Series

IMAGES = "IC"
GROUPS = {None: "all curves", IMAGES: DOMAINS[IMAGES]}


def figures(curves: Sequence[Row], rows: Sequence[Row]) -> Iterator[Figure]:
    """What there are rows for."""
    images = where(curves, domain=IMAGES)
    if images:
        yield _errors(images)
    if any(part(rows, above).coverage for above in EDGES[:-1]):
        yield _coverage(rows)


def _errors(images: Sequence[Row]) -> Figure:
    return Figure(
        id="rmsle",
        title="Errors of the forecasts",
        source="arXiv:2209.06640, the benchmark; the stack beyond the paper",
        caption="Share of the curves of images whose forecast has at most this error (RMSLE over "
        "the rows that were not fitted): farther left is better.",
        panels=(
            Panel(
                "",
                Axis("RMSLE", "log"),
                Axis("share of curves"),
                tuple(
                    _sorted(law, color, images)
                    for color, law in enumerate((*SINGLE, STACK))
                    if any(has(row, law) for row in images)
                ),
            ),
        ),
    )


def _sorted(law: str, color: int, images: Sequence[Row]) -> Series:
    values = sorted(number(row, law) for row in images if has(row, law))
    share = tuple((i + 1) / len(images) for i in range(len(values)))
    return Series(law, tuple(values), share, kind="line", color=None if law == STACK else color)


def _coverage(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="coverage",
        title="How often the intervals hold, and how wide they are",
        source="Beyond the paper",
        caption="Share of the later rows within the stack's 95 % intervals for a new run, mean "
        "over curves with its 95 % interval (open: all rows as one), and the median half-width of "
        "the intervals, against the horizon: x over the largest that was fitted. Dashed: 95 %.",
        panels=(
            Panel(
                "",
                Axis("horizon"),
                Axis("share within the intervals"),
                (*_shares(rows), _level()),
            ),
            Panel(
                "", Axis("horizon"), Axis(r"half-width of $\log L$", "log"), tuple(_widths(rows))
            ),
        ),
    )


def _parts(rows: Sequence[Row], domain: str | None) -> list[Part]:
    found = (part(rows, above, domain) for above in EDGES[:-1])
    return [one for one in found if one.coverage]


def _shares(rows: Sequence[Row]) -> Iterator[Series]:
    for color, (domain, title) in enumerate(GROUPS.items()):
        parts = _parts(rows, domain)
        x = tuple(one.horizon + 0.02 * color for one in parts)  # so that bars lie side by side
        means = [one.coverage for one in parts if one.coverage]
        yield Series(
            title,
            x,
            tuple(m.value for m in means),
            lo=tuple(m.lo for m in means),
            hi=tuple(m.hi for m in means),
            color=color,
        )
        pooled = tuple(one.pooled or 0.0 for one in parts)
        yield Series(f"{title}, rows as one", x, pooled, color=color, marker="open")


def _level() -> Series:
    return Series("95 %", (EDGES[0], 2.0), (LEVEL, LEVEL), kind="reference", color=None)


def _widths(rows: Sequence[Row]) -> Iterator[Series]:
    for color, (domain, title) in enumerate(GROUPS.items()):
        known = [(one.horizon, one.width) for one in _parts(rows, domain) if one.width]
        if known:
            x, widths = zip(*known, strict=True)
            yield Series(title, x, widths, color=color)
