"""The committed ledgers and REPLICATION.md are what today's code makes of their rows."""

from __future__ import annotations

from pathlib import Path

import pytest

import scalinglaws
from scalinglaws import runner
from scalinglaws.experiments import NAMES
from scalinglaws.report import load_result
from scalinglaws.report.summary import MARKDOWN
from scalinglaws.result import Result

ROOT = Path(scalinglaws.__file__).parents[2]
LEDGERS = sorted(path.parent for path in ROOT.glob("results/*/*/result.json"))


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Result]:
    """Every ledger, analysed again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scalinglaws.report.write_report", lambda result, rows, folder: ())
        store = tmp_path_factory.mktemp("store")
        return {
            ledger: runner.report(
                ledger.parent.name, budget=ledger.name, store=store, from_dir=ledger
            )
            for ledger in LEDGERS
        }


def test_every_experiment_has_a_quick_ledger():
    assert {(ledger.parent.name, ledger.name) for ledger in LEDGERS} >= {
        (name, "quick") for name in NAMES
    }


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_ledger_says_what_its_rows_say_today(ledger: Path, rebuilt: dict[Path, Result]):
    committed, _ = load_result(ledger)
    assert not committed.failed
    assert not committed.provenance.commit.endswith("-dirty")
    for old, new in zip(committed.findings.claims, rebuilt[ledger].findings.claims, strict=True):
        assert (new.claim, new.verdict, new.reason) == (old.claim, old.verdict, old.reason)
        if old.measured is None or new.measured is None:
            assert old.measured is new.measured
            continue
        # Sums differ in their last bits between processors.
        for end in ("value", "stderr", "lo", "hi"):
            assert getattr(new.measured, end) == pytest.approx(getattr(old.measured, end), rel=1e-6)


def test_replication_md_is_what_reproduce_makes_of_the_ledgers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scalinglaws.report.write_report", lambda result, rows, folder: ())
    runner.reproduce(from_dir=ROOT / "results", store=tmp_path, quiet=True)
    assert (ROOT / MARKDOWN).read_text() == (tmp_path / MARKDOWN).read_text()
