"""The page of a result: one self-contained file, for a screen, a phone and paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from scalinglaws.report import numbers, rows_csv, svg
from scalinglaws.report.draw import render
from scalinglaws.report.text import printable
from scalinglaws.result import Figure, Result, Row, Verdict

ROWS_SHOWN = 200


@dataclass(frozen=True)
class Drawing:
    """A figure with its panels drawn, one SVG each, so that a narrow page can stack them."""

    figure: Figure
    panels: tuple[Markup, ...]


def render_html(result: Result, rows: Sequence[Row]) -> str:
    """The report as one HTML file. The same result and rows give the same bytes."""
    columns = rows_csv.columns(rows)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            result=result,
            drawings=[_drawing(i, figure) for i, figure in enumerate(result.findings.figures)],
            columns=columns,
            rows=[[row.get(c) for c in columns] for row in rows[:ROWS_SHOWN]],
            settings=_settings(result.settings),
        )
    )


def environment() -> jinja2.Environment:
    """Templates that escape every text and fail on a name they do not know."""
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("scalinglaws.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    env.filters.update(
        cell=numbers.cell,
        duration=numbers.duration,
        expected=numbers.expected,
        interval=numbers.interval,
        seeds=seeds,
        tally=tally,
    )
    return env


def tally(result: Result) -> str:
    """How many claims got which verdict: "2 agrees, 1 inconclusive"."""
    verdicts = [judgement.verdict for judgement in result.findings.claims]
    counts = [(verdicts.count(v), v.value) for v in Verdict if v in verdicts]
    return ", ".join(f"{n} {verdict}" for n, verdict in counts) or "no claims"


def seeds(result: Result) -> str:
    """All seeds of a run in one line."""
    named = sorted(result.provenance.seeds.items())
    return "; ".join(f"{name} {', '.join(map(str, values))}" for name, values in named)


def _shown(value: Any) -> Any:
    """What a template prints: text without control characters, markup as it is."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _drawing(number: int, figure: Figure) -> Drawing:
    panels: list[Markup] = []
    for index, panel in enumerate(figure.panels):
        alone = replace(figure, id=f"{figure.id}-{index}", panels=(panel,))
        drawn = render(alone, "svg", titled=False)
        label = printable(f"{figure.title}. {panel.title}" if panel.title else figure.title)
        # Written by ElementTree, which escapes every text and attribute.
        panels.append(Markup(svg.inline(drawn, prefix=f"fig-{number}-{index}-", label=label)))
    return Drawing(figure, tuple(panels))


def _settings(settings: dict[str, object]) -> dict[str, str]:
    return {
        name: msgspec.json.encode(value, enc_hook=str).decode() for name, value in settings.items()
    }
