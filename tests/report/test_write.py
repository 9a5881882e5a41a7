"""What a run leaves behind, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_results import figure, judged, result

from scalinglaws.errors import BadInput
from scalinglaws.report import load_result, write, write_report
from scalinglaws.report.write import artifact_names
from scalinglaws.result import Row

ROWS: list[Row] = [{"n": 1}]
OURS = result([judged()], [figure(id="one")], rows=1)


def test_every_artefact_named_is_there_and_no_other(tmp_path: Path):
    names = write_report(OURS, ROWS, tmp_path)
    files = {str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*") if f.is_file()}
    assert set(names) == files == set(artifact_names(OURS))
    assert {"figures/one.svg", "figures/one.png"} <= files
    kept, rows = load_result(tmp_path)
    assert kept.artifacts == names
    assert rows == ROWS
    assert "<svg" in (tmp_path / "report.html").read_text("utf-8")


def test_a_figure_that_cannot_be_drawn_costs_neither_ledger_nor_old_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "report.html").write_text("old")

    def fail(*_: object) -> bytes:
        raise RuntimeError("cannot draw")

    monkeypatch.setattr(write, "render_as", fail)
    with pytest.raises(RuntimeError, match="cannot draw"):
        write_report(OURS, ROWS, tmp_path)
    assert load_result(tmp_path)[1] == ROWS
    assert (tmp_path / "report.html").read_text() == "old"


@pytest.mark.parametrize("name", ["../escape", "a/b", "", "/abs"])
def test_a_figure_cannot_be_written_elsewhere(tmp_path: Path, name: str):
    with pytest.raises(BadInput, match="figure id"):
        write_report(result(figures=[figure(id=name)]), [], tmp_path / "out")
    assert not list(tmp_path.iterdir())
