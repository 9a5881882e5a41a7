"""The verdicts of a run whose tables are not on the machine, or whose cells failed."""

from __future__ import annotations

from collections.abc import Iterable

from scalinglaws.data.runs.tables import RunTable, absent
from scalinglaws.result import Budget, Claim, Findings


def nothing(claims: Iterable[Claim], budget: Budget, tables: Iterable[RunTable]) -> Findings:
    """All claims skipped for want of a table; inconclusive where the tables are there."""
    skipped = absent(*tables)
    return Findings(
        tuple(
            claim.judge(None, budget, skipped=skipped, reason="no cell was computed")
            for claim in claims
        )
    )
