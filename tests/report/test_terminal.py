"""The claims on a terminal: whole at any width, and nothing in them is a command."""

from __future__ import annotations

import io
import re

import pytest
from report_results import HOSTILE, judged, result
from rich.console import Console

from scalinglaws.estimate import Estimate
from scalinglaws.report import claims_table
from scalinglaws.result import Judgement, Relation, Verdict


def printed(*claims: Judgement, width: int = 160, color: str | None = None, **of) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=color, force_terminal=color is not None)
    console.print(claims_table(result(claims, **of)))
    return file.getvalue()


def test_a_claim_shows_verdict_expectation_tolerance_measurement_and_reason():
    text = printed(judged(Estimate.normal(1.1, 0.05), Verdict.INCONCLUSIVE, "training-limited"))
    (line,) = [line for line in text.splitlines() if "alpha" in line]
    assert re.search(r"^ *inconclusive +alpha +1 ± 0.25 +1.100 \[1.002, 1.198\]", line)
    assert "training-limited" in text
    assert "toy, quick" in text


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_shown(verdict: Verdict):
    assert re.search(rf"^ *{verdict.value} ", printed(judged(verdict=verdict)), re.MULTILINE)


def test_one_sided_relations_and_absent_measurements_are_shown():
    text = printed(judged(relation=Relation.AT_LEAST), judged(relation=Relation.AT_MOST))
    assert "≥ 1" in text
    assert "≤ 1" in text
    assert text.count("—") == 2


def test_square_brackets_stay_brackets():
    text = printed(judged(reason="[bold]why[/bold] [/]", id="[red]d[0]"), experiment="[link]e[/]")
    for label in ("[bold]why[/bold] [/]", "[red]d[0]", "[link]e[/], quick"):
        assert label in text


def test_no_label_moves_the_cursor():
    text = printed(*[judged(reason=label, id=label) for label in HOSTILE], experiment=HOSTILE[5])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert "\ufffd[2J" in text


@pytest.mark.parametrize("width", [60, 80])
def test_long_labels_are_folded_and_never_cut(width: int):
    text = printed(
        judged(Estimate.normal(1.1, 0.05), Verdict.INCONCLUSIVE, "ü" * 120, id="é" * 90),
        width=width,
    )
    assert "…" not in text
    assert all(len(line) <= width for line in text.splitlines())
    assert (text.count("ü"), text.count("é")) == (120, 90)


def test_ids_are_whole_on_a_narrow_terminal():
    measured = Estimate(-3.21e-12, 4e-15, -3.213e-12, -3.207e-12)
    ids = ["variance-slope-projections", "d-constant"]
    claims = [judged(measured, Verdict.INCONCLUSIVE, "a long reason " * 9, id=id) for id in ids]
    text = printed(*claims, width=80)
    assert all(id in text for id in ids)
    assert all(len(line) <= 80 for line in text.splitlines())


def test_verdicts_differ_in_colour():
    lines = [
        printed(judged(verdict=v), color="standard") for v in (Verdict.AGREES, Verdict.DIFFERS)
    ]
    codes = [re.search(r"\x1b\[([\d;]+)m(?:agrees|differs)", text)[1] for text in lines]
    assert codes == ["1;32", "1;31"]
