"""The claims of a result as a table for the terminal."""

from __future__ import annotations

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from scalinglaws.report import numbers
from scalinglaws.report.text import printable
from scalinglaws.result import Judgement, Result, Verdict

_STYLE = {
    Verdict.AGREES: "bold green",
    Verdict.DIFFERS: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.SKIPPED: "dim",
}
_WIDEST_ID = 32  # a longer one is folded


def claims_table(result: Result) -> Table:
    """One row per claim: verdict, claim with the reason below it, expected, measured.

    Cells are rich Text, so that square brackets in a label stay brackets.
    """
    title = Text(f"{printable(result.experiment)}, {result.budget}", style="bold")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    ids = [cell_len(printable(judgement.claim.id)) for judgement in result.findings.claims]
    table.add_column("verdict", no_wrap=True)
    table.add_column("claim", overflow="fold", min_width=min(max(ids, default=0), _WIDEST_ID))
    for header in ("expected", "measured"):
        table.add_column(header, overflow="fold")
    for judgement in result.findings.claims:
        table.add_row(
            Text(judgement.verdict.value, style=_STYLE[judgement.verdict]),
            _claim(judgement),
            Text(numbers.expected(judgement)),
            Text(numbers.interval(judgement.measured)),
        )
    return table


def _claim(judgement: Judgement) -> Text:
    text = Text(printable(judgement.claim.id))
    return text.append(f"\n{printable(judgement.reason)}", "dim") if judgement.reason else text
