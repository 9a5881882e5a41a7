"""The committed ledgers and REPLICATION.md are what today's code makes of their rows."""

from __future__ import annotations

from pathlib import Path

import pytest

import scalinglaws
from scalinglaws import runner
from scalinglaws.experiments import NAMES
from scalinglaws.report import load_result
from scalinglaws.report.summary import MARKDOWN, markdown
from scalinglaws.result import Result

ROOT = Path(scalinglaws.__file__).parents[2]
LEDGERS = sorted(path.parent for path in ROOT.glob("results/*/*/result.json"))


def test_every_experiment_has_a_quick_ledger():
    assert {ledger.parent.name for ledger in LEDGERS if ledger.name == "quick"} == set(NAMES)


# All in one test: each of two workers would analyse all ledgers again for its share of them.
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ledgers_and_replication_md_say_what_their_rows_say_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scalinglaws.report.write_report", lambda *_: ())
    monkeypatch.setattr("scalinglaws.report.write_summary", lambda *_: ())
    # One worker: in others nothing is patched, and every figure would be drawn.
    shown = runner.reproduce(from_dir=ROOT / "results", store=tmp_path, workers=1, quiet=True)
    rebuilt = {ROOT / "results" / r.experiment / r.budget: r for r in shown}
    for ledger in LEDGERS:
        name, budget = ledger.parts[-2:]
        committed, _ = load_result(ledger)
        today = rebuilt.get(ledger) or runner.report(
            name, budget=budget, store=tmp_path, from_dir=ledger
        )
        _check(committed, today)
    assert (ROOT / MARKDOWN).read_text() == markdown(shown)


def _check(committed: Result, today: Result) -> None:
    assert not committed.failed
    assert not committed.provenance.commit.endswith("-dirty")
    for old, new in zip(committed.findings.claims, today.findings.claims, strict=True):
        assert (new.claim, new.verdict, new.reason) == (old.claim, old.verdict, old.reason)
        if old.measured is None or new.measured is None:
            assert old.measured is new.measured
            continue
        # Sums differ in their last bits between processors.
        for end in ("value", "stderr", "lo", "hi"):
            assert getattr(new.measured, end) == pytest.approx(getattr(old.measured, end), rel=1e-6)
