"""Figure 1 as data, and its table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scalinglaws.experiments.summary.points import Point
from scalinglaws.result import Axis, Figure, Panel, Series, Table

UNJUDGED = ", not judged"


@dataclass(frozen=True)
class Printed:
    """A point that the paper prints in its text."""

    name: str
    four: float
    d: float
    where: str


# Figure 1 has more points than the text has numbers; alpha = .076 is Kaplan et al.'s.
PAPER = (
    Printed("T_3", 3.3, 2.98, "section 3.2.1"),
    Printed("T_6", 4.9, 5.31, "section 3.2.1"),
    Printed("GPT-2, d > 90", 53, 90, "section 3.4"),
)


def summary(points: Sequence[Point]) -> Figure:
    """4/alpha against d, both on log axes."""
    sources = list(dict.fromkeys(p.source for p in points))
    series: list[Series] = []
    for color, source in enumerate(sources):
        for unjudged in (False, True):
            own = [p for p in points if p.source == source and bool(p.unjudged) == unjudged]
            if own:
                series.append(_scatter(source, own, color, unjudged))
    paper_d, paper_four = tuple(p.d for p in PAPER), tuple(p.four for p in PAPER)
    series.append(
        Series("the paper's printed points", paper_d, paper_four, color=None, marker="open")
    )
    every = [*(p.d.value for p in points), *paper_d]
    ends = (0.9 * min(every), 1.1 * max(every))
    series.append(Series("theory: $4/\\alpha = d$", ends, ends, "reference", color=None))
    return Figure(
        id="summary",
        title="The exponent and the dimension, of all experiments",
        source="Sharma & Kaplan 2020, figure 1",
        caption="4/alpha against the intrinsic dimension d of the last hidden layer (TwoNN), with "
        "95 % intervals. The paper expects points on the line, or below it where the function is "
        "simpler than generic, as a sum on a product of manifolds is. Ink, open: what the paper's "
        "text prints, T_3 and T_6 (section 3.2.1) and GPT-2, whose d = 90 is a lower bound "
        "(section 3.4).",
        panels=(
            Panel(
                "",
                Axis("intrinsic dimension $d$", "log"),
                Axis("$4/\\alpha$", "log"),
                tuple(series),
            ),
        ),
    )


def _scatter(source: str, own: Sequence[Point], color: int, unjudged: bool) -> Series:
    def ends(of: str, end: str) -> tuple[float, ...]:
        """An open end, which a log axis may not have, is drawn without a bar."""
        found = [(getattr(getattr(p, of), end), getattr(p, of).value) for p in own]
        return tuple(v if math.isfinite(v) and v > 0 else value for v, value in found)

    return Series(
        label=source + UNJUDGED if unjudged else source,
        x=tuple(p.d.value for p in own),
        y=tuple(p.four.value for p in own),
        lo=ends("four", "lo"),
        hi=ends("four", "hi"),
        x_lo=ends("d", "lo"),
        x_hi=ends("d", "hi"),
        color=color,
        marker="open" if unjudged else "filled",
    )


def table(points: Sequence[Point]) -> Table:
    """Every point, ours and the paper's."""
    ours = [(p.source, p.name, p.four, p.d, p.ratio, p.unjudged) for p in points]
    theirs = [
        ("the paper, " + p.where, p.name, p.four, p.d, p.four / p.d, "not ours") for p in PAPER
    ]
    return Table(
        id="points",
        title="4/alpha and d",
        columns=("source", "data", "4/alpha", "d (TwoNN)", "4/(alpha d)", "not judged, for"),
        rows=(*ours, *theirs),
        note="4/alpha of students holds what training length does to it.",
    )
