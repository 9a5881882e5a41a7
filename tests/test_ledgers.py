"""The committed ledgers and REPLICATION.md are what today's code makes of their rows."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Rebuilt:
    results: dict[Path, Result]  # of every ledger, analysed again
    markdown: str  # what `reproduce` makes of them


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    store = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scalinglaws.report.write_report", lambda result, rows, folder: ())
        # One worker: in others nothing is patched, and every figure would be drawn.
        shown = runner.reproduce(from_dir=ROOT / "results", store=store, workers=1, quiet=True)
        results = {ROOT / "results" / r.experiment / r.budget: r for r in shown}
        for ledger in set(LEDGERS) - set(results):
            name, budget = ledger.parts[-2:]
            results[ledger] = runner.report(name, budget=budget, store=store, from_dir=ledger)
    return Rebuilt(results, (store / MARKDOWN).read_text())


def test_every_experiment_has_a_quick_ledger():
    assert {ledger.parent.name for ledger in LEDGERS if ledger.name == "quick"} == set(NAMES)


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_ledger_says_what_its_rows_say_today(ledger: Path, rebuilt: Rebuilt):
    committed, _ = load_result(ledger)
    assert not committed.failed
    assert not committed.provenance.commit.endswith("-dirty")
    for old, new in zip(
        committed.findings.claims, rebuilt.results[ledger].findings.claims, strict=True
    ):
        assert (new.claim, new.verdict, new.reason) == (old.claim, old.verdict, old.reason)
        if old.measured is None or new.measured is None:
            assert old.measured is new.measured
            continue
        # Sums differ in their last bits between processors.
        for end in ("value", "stderr", "lo", "hi"):
            assert getattr(new.measured, end) == pytest.approx(getattr(old.measured, end), rel=1e-6)


def test_replication_md_is_what_reproduce_makes_of_the_ledgers(rebuilt: Rebuilt):
    assert (ROOT / MARKDOWN).read_text() == rebuilt.markdown
