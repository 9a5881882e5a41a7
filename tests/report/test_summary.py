"""One table of every claim: what a label holds cannot break it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_results import HOSTILE, figure, judged, points, result

from scalinglaws.errors import StoreError
from scalinglaws.estimate import Estimate
from scalinglaws.report import write_report, write_summary
from scalinglaws.report.summary import markdown
from scalinglaws.report.text import printable
from scalinglaws.result import Budget, Result, Verdict


def cells(text: str) -> list[list[str]]:
    """The cells of every row of every table, as an independent renderer shows them."""
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    return [
        [unescape(cell) for cell in re.findall(r"<t[hd]>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    ]


def plain(text: str) -> str:
    return " ".join(printable(text).split())


def test_a_claim_is_one_row_with_the_paper_ours_and_the_verdict():
    measured = judged(Estimate.normal(1.1, 0.05), Verdict.DIFFERS, "training-limited")
    header, claim, runs, run = cells(markdown([result([measured])]))
    assert header == ["experiment", "claim", "expected", "ours", "verdict"]
    assert claim == [
        "toy",
        "alpha: alpha is 4/d [eq. 1]",
        "1 ± 0.25",
        "1.100 [1.002, 1.198]",
        "differs (training-limited)",
    ]
    assert dict(zip(runs, run, strict=True)) == {
        "experiment": "toy",
        "budget": "quick",
        "seeds": f"init_seeds 0, 1, {2**64}; seed 0",
        "wall time": "12.3 s",
        "work in cells": "45.6 s",
        "commit": "c0ffee",
        "command": "scalinglaws run toy",
    }


def test_results_follow_in_their_order():
    two = [
        result([judged(id="a", statement="a"), judged(statement="b")]),
        result([judged(statement="c")], experiment="other"),
    ]
    rows = cells(markdown(two))
    assert [row[1] for row in rows[1:4]] == [
        f"{s} [eq. 1]" for s in ("a: a", "alpha: b", "alpha: c")
    ]
    assert [row[0] for row in rows[5:]] == ["toy", "other"]


@pytest.mark.parametrize("label", HOSTILE)
def test_labels_that_contain_markup_stay_text(label: str):
    ours = result([judged(reason=label, statement=label, id=label)], experiment=label)
    ours = replace(ours, provenance=replace(ours.provenance, command=label))
    _, claim, _, run = cells(markdown([ours]))
    assert claim == [
        plain(label),
        plain(f"{label}: {label} [eq. 1]"),
        "1 ± 0.25",
        "—",
        plain(f"agrees ({label})"),
    ]
    assert (run[0], run[-1]) == (plain(label), plain(label))


@given(st.text(st.sampled_from(r"ab |\`*_[]()<>&;!~#$-+=:'\"")) | st.text())
@settings(deadline=None, max_examples=150)
def test_any_text_stays_text(text: str):
    rows = cells(markdown([result([judged(statement=f"a{text}b")])]))
    assert [len(row) for row in rows] == [5, 5, 7, 7]
    assert re.sub(r"\s+", " ", rows[1][1]) == re.sub(
        r"\s+", " ", printable(f"alpha: a{text}b [eq. 1]")
    )


def written(results: list[Result], store: Path) -> str:
    """The page of results whose reports are in NAME/BUDGET."""
    for ours in results:
        write_report(ours, [], store / folder(ours))
    assert write_summary(results, store, folder) == ("REPLICATION.md", "replication.html")
    return (store / "replication.html").read_text("utf-8")


def paths(drawing: str) -> set[str]:
    """Every outline, whatever the white space between its numbers."""
    return {" ".join(path.split()) for path in re.findall(r' d="([^"]*)"', drawing)}


def folder(ours: Result) -> Path:
    return Path(ours.experiment) / ours.budget


def test_both_files_are_written_and_the_page_is_markup_free_text(tmp_path: Path):
    ours = result([judged(statement=HOSTILE[0])], title=HOSTILE[1])
    page = written([ours, replace(ours, budget=Budget.FULL)], tmp_path)
    assert (tmp_path / "REPLICATION.md").read_text("utf-8").count("toy") > 1
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") == 2


def test_the_page_has_every_figure_as_its_report_drew_it(tmp_path: Path):
    two = [
        result(figures=[figure(points(), id="f", title="one"), figure(points(), id="g")]),
        result(figures=[figure(points(), id="f", title="other")], experiment="other"),
    ]
    page = written(two, tmp_path)
    labels = re.findall(r'<svg [^>]*aria-label="([^"]*)"', page)
    assert labels == ["one", "title", "other"]
    assert re.findall(r'<a href="#([^"]*)"', page) == ["run-0", "run-1"]
    assert page.count("<figcaption>") == 3
    drawn = paths((tmp_path / "toy/quick/figures/f.svg").read_text())
    assert len(drawn) > 10
    assert drawn <= paths(page)
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', page)) | set(re.findall(r"url\(#(.*?)\)", page)) <= {
        *ids
    }


def test_each_experiment_leads_to_its_own_report(tmp_path: Path):
    page = written([result(), result(experiment="other", budget=Budget.FULL)], tmp_path)
    links = [link for link in re.findall(r'href="([^"]*)"', page) if not link.startswith("#")]
    assert links == ["toy/quick/report.html", "other/full/report.html"]
    assert all((tmp_path / link).is_file() for link in links)


def test_a_figure_that_is_gone_is_a_store_error(tmp_path: Path):
    ours = result(figures=[figure(points())])
    with pytest.raises(StoreError, match=r"cannot read .*f\.svg"):
        write_summary([ours], tmp_path, folder)


def test_lone_surrogates_do_not_stop_the_writing(tmp_path: Path):
    written([result([judged(statement="\ud800")], title="\udfff")], tmp_path)
    assert "\ufffd" in (tmp_path / "REPLICATION.md").read_text("utf-8")


def test_a_folder_that_cannot_be_is_a_store_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        write_summary([], tmp_path / "file", folder)
