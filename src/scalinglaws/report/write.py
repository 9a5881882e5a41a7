"""What a run leaves behind: the page, the figures and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scalinglaws.report.draw import render_as
from scalinglaws.report.html import render_html
from scalinglaws.report.ledger import RESULT, ROWS, check_id, write_atomically, write_ledger
from scalinglaws.result import Figure, Result, Row

PAGE = "report.html"
_FORMATS = ("svg", "png")


def artifact_names(result: Result) -> tuple[str, ...]:
    """What `write_report` writes, relative to its directory."""
    figures = (drawn(figure, suffix) for figure in result.findings.figures for suffix in _FORMATS)
    return (PAGE, *figures, ROWS, RESULT)


def drawn(figure: Figure, suffix: str) -> str:
    """Where a figure lies in its report's folder."""
    return f"figures/{figure.id}.{suffix}"


def write_report(result: Result, rows: Sequence[Row], directory: Path | str) -> tuple[str, ...]:
    """Write report.html, figures/ID.svg, figures/ID.png, rows.csv and result.json.

    Each file is replaced whole; the ledger goes first, for the page can be rebuilt from it.
    Returns the names relative to `directory`. Raises StoreError where a file cannot be written.
    """
    directory = Path(directory)
    for figure in result.findings.figures:
        check_id("figure", figure.id)
    names = artifact_names(result)
    write_ledger(replace(result, artifacts=names), rows, directory)
    for figure in result.findings.figures:
        for suffix, drawing in render_as(_FORMATS, figure).items():
            write_atomically(directory / drawn(figure, suffix), drawing)
    write_atomically(directory / PAGE, render_html(result, rows).encode("utf-8", "replace"))
    return names
