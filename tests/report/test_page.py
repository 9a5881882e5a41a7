"""The page as a file: complete in itself, and text in it is text. Chromium's view: its own test."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from report_results import HOSTILE, figure, judged, nasty_page, result

from scalinglaws.estimate import Estimate
from scalinglaws.report.html import ROWS_SHOWN, render_html
from scalinglaws.report.text import printable
from scalinglaws.result import Table, Verdict


class Page(HTMLParser):
    """Tags, attributes and text of a page, as Python's own parser sees them."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str]:
        return [value for name, value in self.attributes if name in names]


def test_labels_that_contain_html_stay_text():
    page = Page(nasty_page())
    assert not page.tags & {"script", "img", "iframe", "object", "link"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    for label in HOSTILE:
        assert printable(label) in page.text
        assert label not in nasty_page()


def test_labels_that_contain_html_stay_text_in_the_name_of_a_drawing():
    title = " ".join(HOSTILE)
    page = Page(render_html(result(figures=[figure(title=title)]), []))
    assert page.values("aria-label")[0] == f"{printable(title)}. panel"


def test_no_control_character_reaches_the_page():
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", nasty_page())


def test_the_page_loads_nothing():
    page = Page(nasty_page())
    targets = page.values("src", "href", "xlink:href", "srcset", "data", "action")
    assert any(target.startswith("data:image/png") for target in targets)  # the 2500 points
    assert all(target.startswith(("#", "data:image/png;base64,")) for target in targets)
    styles = " ".join(page.values("style", "clip-path", "fill")) + page.text
    assert all(to.startswith("#") for to in re.findall(r"url\(['\"]?([^)]*)", styles))
    assert "@import" not in page.text


def test_every_id_of_a_page_is_its_own_and_every_reference_has_its_target():
    page = Page(nasty_page())
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = [value[1:] for value in page.values("href") if value.startswith("#")]
    clips = re.findall(r"url\(#([^)]*)\)", " ".join(page.values("clip-path")))
    assert targets
    assert clips
    assert {*targets, *clips, *page.values("aria-labelledby")} <= set(ids)


def test_figures_of_similar_ids_share_none():
    figures = [figure(id=id) for id in ("a.b", "a-b", "a.b-0")]
    ids = Page(render_html(result(figures=figures), [])).values("id")
    assert len(ids) == len(set(ids))


def test_the_same_result_gives_the_same_page():
    ours = result([judged(Estimate.normal(1.1, 0.05))])
    assert render_html(ours, [{"n": 1}]) == render_html(ours, [{"n": 1}])


def test_a_claim_shows_its_verdict_expectation_measurement_and_reason():
    page = render_html(
        result([judged(Estimate.normal(1.1, 0.05), Verdict.INCONCLUSIVE, "training-limited")]), []
    )
    for text in ("1 ± 0.25", "1.100 [1.002, 1.198]", "inconclusive", "training-limited", "eq. 1"):
        assert text in Page(page).text
    assert "intervals of 95 %." in page


def test_the_heading_counts_the_verdicts():
    verdicts = [Verdict.DIFFERS, Verdict.AGREES, Verdict.AGREES]
    assert "Claims: 2 agrees, 1 differs" in render_html(
        result([judged(verdict=verdict) for verdict in verdicts]), []
    )
    assert "Claims: no claims" in render_html(result(), [])


def test_failed_cells_are_not_passed_over():
    assert "3 cells failed" in render_html(result(failed=3), [])
    assert "cells failed" not in render_html(result(), [])


def test_a_long_run_shows_its_first_rows_and_says_how_many_there_are():
    rows = [{"n": 10_000 + i} for i in range(ROWS_SHOWN + 1)]
    page = render_html(result(rows=len(rows)), rows)
    assert f"The first {ROWS_SHOWN} of {ROWS_SHOWN + 1} rows" in page
    assert f"<td>{10_000 + ROWS_SHOWN - 1}</td>" in page
    assert f"<td>{10_000 + ROWS_SHOWN}</td>" not in page


def test_sections_without_content_are_left_out():
    page = Page(render_html(result([judged()]), []))
    assert not {"figures", "tables", "notes"} & set(page.values("id"))
    table = Table("t", "a table", ("n",), ((1,),), "a note on it")
    page = Page(render_html(result([judged()], [figure()], [table], ["a note on all"]), []))
    assert {"figures", "tables", "notes"} <= set(page.values("id"))
    assert "a note on it" in page.text
    assert "a note on all" in page.text


@pytest.mark.parametrize("value", [float("nan"), (1, 2), None, {"a": [1.5]}])
def test_settings_of_any_kind_are_shown(value: object):
    assert "limit = " in Page(render_html(result(settings={"limit": value}), [])).text


def test_provenance_is_on_the_page():
    ours = result()
    ours = replace(ours, provenance=replace(ours.provenance, wall_s=3725.0, cells_s=65.0))
    text = Page(render_html(ours, [])).text
    for shown in (
        ours.provenance.command,
        ours.provenance.commit,
        "numpy 2.4.6, python 3.11.0",
        f"init_seeds 0, 1, {2**64}; seed 0",
        "1 h 2 min for this run; 1 min 5 s of work",
        "steps = 10",
    ):
        assert shown in text
