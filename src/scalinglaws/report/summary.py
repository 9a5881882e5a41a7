"""Every claim of several experiments in one table: a page, and Markdown for REPLICATION.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from scalinglaws.report import numbers
from scalinglaws.report.html import environment, seeds
from scalinglaws.report.ledger import write_atomically
from scalinglaws.report.text import printable
from scalinglaws.result import Judgement, Result

MARKDOWN, PAGE = "REPLICATION.md", "replication.html"
_SPECIAL = re.compile(r"([\\`*_\[\]<>&|$~#])")
_CLAIMS = ("experiment", "claim", "expected", "ours", "verdict")
_RUNS = ("experiment", "budget", "seeds", "wall time", "work in cells", "commit", "command")


def write_summary(results: Sequence[Result], directory: Path | str) -> tuple[str, ...]:
    """Write REPLICATION.md and replication.html; returns their names.

    One row per claim (what its source leads one to expect with the tolerance, ours with its
    interval, the verdict with its reason), and one row per run (budget, seeds, wall time, commit,
    command).
    Raises StoreError where a file cannot be written.
    """
    directory = Path(directory)
    write_atomically(directory / MARKDOWN, markdown(results).encode("utf-8", "replace"))
    page = environment().get_template("summary.html.j2").render(results=results)
    write_atomically(directory / PAGE, page.encode("utf-8", "replace"))
    return MARKDOWN, PAGE


def markdown(results: Sequence[Result]) -> str:
    """The summary as GitHub's Markdown; text is escaped, so a label cannot break a table."""
    claims = [_claim(r, j) for r in results for j in r.findings.claims]
    runs = [_run(r) for r in results]
    return (
        "# Replication\n\nWhat the papers say and what one command gives here. Tolerances were "
        "fixed before measuring; square brackets hold confidence intervals.\n\n"
        f"{_table(_CLAIMS, claims)}\n## Runs\n\n{_table(_RUNS, runs)}"
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
