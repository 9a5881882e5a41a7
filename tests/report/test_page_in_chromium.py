"""What Chromium shows of a page, on a phone and on a screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from report_browser import Look, look, needs_chromium
from report_results import judged, nasty, nasty_page, result

from scalinglaws.report import load_result, render_html, write_report, write_summary
from scalinglaws.result import Result

pytestmark = needs_chromium

PHONE, SCREEN = 400, 1280
LEDGERS = sorted(Path(__file__).parents[2].glob("results/*/*/result.json"))

FAULTY = """<!doctype html><title>faulty</title><body style="margin:0">
<div style="width:900px">wide</div>
<figure><svg width="50" height="50"></svg></figure>
<figure style="display:none"><svg width="50" height="50"></svg></figure>
<figure style="margin-left:380px"><svg width="50" height="50"></svg></figure>
<script>console.error("planted")</script><img src="http://127.0.0.1:1/planted.png">"""


def check(html: str, folder: Path, width: int, figures: int) -> Look:
    seen = look(html, folder, width)
    assert seen.inner_width == seen.client_width == width
    assert not seen.scrolls, f"{seen.scroll_width} wide"
    assert seen.visible == [True] * figures
    assert not seen.console
    assert not seen.requests
    assert not seen.alien
    return seen


def test_the_probe_reports_every_fault_of_a_faulty_page(tmp_path: Path):
    seen = look(FAULTY, tmp_path, PHONE)
    assert seen.inner_width == seen.client_width == PHONE
    assert seen.scrolls
    assert seen.scroll_width == 900
    assert seen.visible == [True, False, False]
    assert any("planted" in line for line in seen.console)
    assert seen.requests == ["http://127.0.0.1:1/planted.png"]
    assert sorted(seen.alien) == ["IMG", "SCRIPT"]


@pytest.mark.parametrize("width", [PHONE, SCREEN])
def test_a_nasty_result_is_a_quiet_page_that_fits(tmp_path: Path, width: int):
    panels = sum(len(figure.panels) for figure in nasty()[0].findings.figures)
    boxes = check(nasty_page(), tmp_path, width, panels).boxes
    assert len(boxes) == 2
    assert all(shown <= width < whole for shown, whole in boxes), "its tables scroll by themselves"


@pytest.mark.parametrize("width", [PHONE, SCREEN])
def test_an_unbreakable_word_in_a_claim_stays_within_the_page(tmp_path: Path, width: int):
    page = render_html(result([judged(statement="unbreakable" * 30)]), [])
    check(page, tmp_path, width, figures=0)


@pytest.mark.parametrize("width", [PHONE, SCREEN])
def test_the_replication_page_fits_with_all_its_figures(tmp_path: Path, width: int):
    ours, rows = nasty()
    write_report(ours, rows, tmp_path / "report")
    write_summary([ours] * 2, tmp_path, lambda _: Path("report"))
    page = (tmp_path / "replication.html").read_text("utf-8")
    figures = 2 * len(ours.findings.figures)
    seen = look(page, tmp_path, width)
    assert not seen.scrolls
    assert not [*seen.console, *seen.requests, *seen.alien]
    assert len(seen.boxes) == len(seen.figures) == figures
    if width == SCREEN:
        assert seen.visible == [True] * figures
    else:  # two panels abreast scroll in a box of their own, large enough to be read
        for figure, (_, _, shown, _) in zip(2 * ours.findings.figures, seen.figures, strict=True):
            assert shown >= 0.8 * PHONE * min(len(figure.panels), 2)
        assert any(whole > 1.5 * box for box, whole in seen.boxes)


EXTREMES: dict[str, Callable[[Result], int]] = {
    "most panels": lambda r: sum(len(figure.panels) for figure in r.findings.figures),
    "most tables": lambda r: len(r.findings.tables),
    "most columns": lambda r: max((len(t.columns) for t in r.findings.tables), default=0),
    "most claims": lambda r: len(r.findings.claims),
    "longest claim": lambda r: max(len(j.claim.statement) for j in r.findings.claims),
    "longest word": lambda r: max(len(word) for n in r.findings.notes for word in n.split()),
}


@pytest.fixture(scope="module")
def ledgers() -> dict[Path, Result]:
    """Each takes seconds to draw, so that only the extremes are looked at."""
    return {path.parent: load_result(path.parent)[0] for path in LEDGERS}


@pytest.mark.parametrize("extreme", EXTREMES)
def test_a_committed_ledger_is_a_quiet_page_that_fits_a_phone(
    tmp_path: Path, ledgers: dict[Path, Result], extreme: str
):
    """That of the most; the first of them that is no other extreme's."""
    chosen: list[Path] = []
    for of in [*EXTREMES][: [*EXTREMES].index(extreme) + 1]:
        order = sorted(ledgers, key=lambda path: EXTREMES[of](ledgers[path]), reverse=True)
        chosen.append(next(path for path in order if path not in chosen))
    ours, rows = load_result(chosen[-1])
    panels = sum(len(figure.panels) for figure in ours.findings.figures)
    check(render_html(ours, rows), tmp_path, PHONE, panels)
