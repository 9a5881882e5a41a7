"""Results to report: a small one, and one with everything that breaks pages."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree as ET

import matplotlib

from scalinglaws.estimate import Estimate
from scalinglaws.report.draw import draw
from scalinglaws.report.html import render_html
from scalinglaws.report.style import print_style
from scalinglaws.result import (
    Axis,
    Budget,
    Claim,
    Figure,
    Findings,
    Judgement,
    Panel,
    Provenance,
    Relation,
    Result,
    Row,
    Series,
    Table,
    Verdict,
)

INF, NAN = math.inf, math.nan

# Each would be markup, the end of a script, a broken table or a moved cursor, were it not text.
HOSTILE = (
    "<script>console.error('ran')</script>",
    "</script><img src=x onerror=\"console.error('ran')\">",
    "\"><svg onload='console.error(1)'>",
    "a | b `c` *d* [e](http://f.invalid) & &lt; \\",
    "<!-- --> ]]> {{ 7 * 7 }} {% raw %}",
    "bell\x07 escape\x1b[2J null\x00 line\nend",
)


def figure(*series: Series, id: str = "f", x: str = "linear", y: str = "linear", **of) -> Figure:
    """One panel; x and y are scales, `of` replaces fields of the figure."""
    panel = Panel("panel", Axis("x", x), Axis("y", y), series)
    return replace(Figure(id, "title", "fig. 1", "caption", (panel,)), **of)


def points(label: str = "points", x=(1.0, 2.0, 4.0), y=(1.0, 3.0, 2.0), **of) -> Series:
    return Series(label, x, y, **of)


def judged(
    measured: Estimate | None = None,
    verdict: Verdict = Verdict.AGREES,
    reason: str = "",
    *,
    id: str = "alpha",
    statement: str = "alpha is 4/d",
    relation: Relation = Relation.EQUALS,
) -> Judgement:
    tolerance = 0.25 if relation is Relation.EQUALS else None
    claim = Claim(id, statement, "eq. 1", 1.0, tolerance, relation)
    return Judgement(claim, tolerance, measured, verdict, reason)


def result(
    claims: Sequence[Judgement] = (),
    figures: Sequence[Figure] = (),
    tables: Sequence[Table] = (),
    notes: Sequence[str] = (),
    **of,
) -> Result:
    """`of` replaces fields of the result."""
    made = Provenance(
        command="scalinglaws run toy",
        commit="c0ffee",
        versions={"python": "3.11.0", "numpy": "2.4.6"},
        seeds={"seed": (0,), "init_seeds": (0, 1, 2**64)},
        machine="a processor, 2 cores",
        started="2026-01-01T00:00:00+00:00",
        wall_s=12.3,
        cells_s=45.6,
    )
    findings = Findings(tuple(claims), tuple(tables), tuple(figures), tuple(notes))
    plain = Result("toy", "A toy", "no paper", Budget.QUICK, {"steps": 10}, findings, made, rows=0)
    return replace(plain, **of)


@cache
def nasty() -> tuple[Result, list[Row]]:
    """Long and hostile labels, open and broken intervals, many columns, panels and points."""
    word, sentence = "unbreakable" * 30, "a long sentence " * 30
    estimates = (
        Estimate(1.0, 0.1, -INF, INF),
        Estimate(NAN, NAN, NAN, NAN),
        Estimate(INF, INF, -INF, INF),
        Estimate(-3.21e-12, 4e-15, -INF, -3.2e-12),
        Estimate.normal(123456.789, 0.0123),
        Estimate(0.0, 0.0, 0.0, 0.0),
        None,
    )
    lines = (*HOSTILE, sentence)
    labels = (*lines, word)
    claims = [
        judged(
            estimates[i % len(estimates)],
            list(Verdict)[i % 4],
            lines[i],
            id=lines[i - 1],
            statement=lines[i - 2],
            relation=list(Relation)[i % 3],
        )
        for i in range(len(lines))
    ]
    n = 2500
    cloud = Series(
        HOSTILE[0], tuple(i / n for i in range(n)), tuple((i * i % n) / n for i in range(n))
    )
    broken = Series(
        HOSTILE[1],
        (1.0, 10.0, 100.0, NAN),
        (1e-3, NAN, 1e3, 1.0),
        lo=(-INF, 0.0, NAN, 0.0),
        hi=(INF, INF, 2e3, NAN),
        color=1,
    )
    band = Series("", (1.0, 100.0), (1.0, 1.0), "band", lo=(0.0, 1e-3), hi=(INF, 1e3), color=1)
    panel = Panel(HOSTILE[2], Axis(HOSTILE[5], "log"), Axis(r"$\broken", "log"), (broken, band))
    figures = (
        figure(points(HOSTILE[3]), id="many", panels=(panel, replace(panel, title=""))),
        figure(cloud, id="cloud", title=sentence, caption=word, source=HOSTILE[0]),
        figure(id="empty", title=HOSTILE[0], caption=HOSTILE[1]),
        figure(*[points(f"k = {k}", color=k) for k in range(7)], id="family"),
    )
    columns = tuple(f"column {i} {label}" for i, label in enumerate(labels * 3))
    cells = (*estimates, *labels, 10**40, -0.0, True, 1.5e-9)
    table = Table("t", HOSTILE[0], columns, tuple((cells * 2)[i:][: len(columns)] for i in (0, 1)))
    rows: list[Row] = [dict.fromkeys(columns, label) for label in labels]
    made = result(
        claims,
        figures,
        (table,),
        labels,
        title=HOSTILE[0],
        paper=word,
        settings={"path": HOSTILE[1], "limit": INF, "list": [1, 2]},
        rows=len(rows),
        failed=2,
    )
    return replace(made, provenance=replace(made.provenance, command=word)), rows


@cache
def nasty_page() -> str:
    return render_html(*nasty())


def drawn_texts(figure: Figure) -> list[str]:
    """Every text of a drawn figure, as letters and not as their outlines."""
    file = io.BytesIO()
    with print_style("salt"), matplotlib.rc_context({"svg.fonttype": "none"}):
        draw(figure).savefig(file, format="svg")
    elements = ET.fromstring(file.getvalue()).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(element.itertext()).strip() for element in elements]
