"""Several experiments together: every claim and figure on one page, and REPLICATION.md's table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from scalinglaws.errors import StoreError
from scalinglaws.report import numbers, svg
from scalinglaws.report.html import environment, seeds
from scalinglaws.report.ledger import write_atomically
from scalinglaws.report.text import printable
from scalinglaws.report.write import PAGE as REPORT
from scalinglaws.report.write import drawn
from scalinglaws.result import Figure, Judgement, Result

MARKDOWN, PAGE = "REPLICATION.md", "replication.html"
_SPECIAL = re.compile(r"([\\`*_\[\]<>&|$~#])")
_CLAIMS = ("experiment", "claim", "expected", "ours", "verdict")
_RUNS = ("experiment", "budget", "seeds", "wall time", "work in cells", "commit", "command")


@dataclass(frozen=True)
class Chapter:
    """What the page shows of one experiment: its result, its drawings, the way to its report."""

    result: Result
    drawings: tuple[tuple[Figure, Markup], ...]
    report: str


def write_summary(
    results: Sequence[Result], directory: Path | str, folder_of: Callable[[Result], Path]
) -> tuple[str, ...]:
    """Write REPLICATION.md and replication.html; returns their names.

    One row per claim (what its source leads one to expect with the tolerance, ours with its
    interval, the verdict with its reason), and one row per run (budget, seeds, wall time, commit,
    command). The page, which loads nothing, has every figure too.

    folder_of: where the report of a result was written, relative to `directory`.

    Raises StoreError where a file cannot be written, or a figure of a report cannot be read.
    """
    directory = Path(directory)
    write_atomically(directory / MARKDOWN, markdown(results).encode("utf-8", "replace"))
    chapters = [
        _chapter(number, result, directory, folder_of(result))
        for number, result in enumerate(results)
    ]
    page = environment().get_template("summary.html.j2").render(chapters=chapters)
    write_atomically(directory / PAGE, page.encode("utf-8", "replace"))
    return MARKDOWN, PAGE


def _chapter(number: int, result: Result, directory: Path, folder: Path) -> Chapter:
    """The figures are the report's own files: they are drawn once."""
    drawings: list[tuple[Figure, Markup]] = []
    for figure in result.findings.figures:
        path = directory / folder / drawn(figure, "svg")
        try:
            drawing = path.read_bytes()
        except OSError as error:
            raise StoreError(f"cannot read {path}: {error.strerror or error}") from error
        prefix = f"run-{number}-{figure.id}-"
        # Written by ElementTree, which escapes every text and attribute.
        inlined = Markup(svg.inline(drawing, prefix=prefix, label=printable(figure.title)))
        drawings.append((figure, inlined))
    return Chapter(result, tuple(drawings), (folder / REPORT).as_posix())


def markdown(results: Sequence[Result]) -> str:
    """The summary as GitHub's Markdown; text is escaped, so a label cannot break a table."""
    claims = [_claim(r, j) for r in results for j in r.findings.claims]
    runs = [_run(r) for r in results]
    return (
        "# Replication\n\nWhat the papers say and what one command gives here. Tolerances were "
        "fixed before measuring, but where a claim's source says otherwise; square brackets hold "
        "confidence intervals.\n\n"
        f"{_table(_CLAIMS, claims)}\n## Runs\n\nCommit and command are those that made the rows, "
        "which the code of this file's own commit judges. The wall time of a run that was resumed "
        f"is its last part's.\n\n{_table(_RUNS, runs)}"
    )


def _claim(result: Result, judgement: Judgement) -> tuple[str, ...]:
    claim = judgement.claim
    reason = f" ({judgement.reason})" if judgement.reason else ""
    return (
        result.experiment,
        f"{claim.id}: {claim.statement} [{claim.source}]",
        numbers.expected(judgement),
        numbers.interval(judgement.measured),
        judgement.verdict.value + reason,
    )


def _run(result: Result) -> tuple[str, ...]:
    made = result.provenance
    wall, work = numbers.duration(made.wall_s), numbers.duration(made.cells_s)
    name, budget = result.experiment, result.budget.value
    return name, budget, seeds(result), wall, work, made.commit, made.command


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *([_escaped(c) for c in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", printable(text))
