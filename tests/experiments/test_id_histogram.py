"""id-histogram: larger d for fewer neighbours is told from smaller; outlines are histograms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from network_rows import CNN, LANGUAGE, rows
from scipy.integrate import trapezoid

from scalinglaws.experiments import get
from scalinglaws.experiments.network_dimension.settings import BUDGETS
from scalinglaws.result import Budget, Findings, Row, Verdict

STUDENT = "[20, 25, 25, 2]"


def found(given: list[Row]) -> Findings:
    return get("id-histogram").analyse(given, BUDGETS[Budget.QUICK], Budget.QUICK)


@pytest.mark.parametrize(
    ("at_100", "verdict"),
    [(0.8, Verdict.AGREES), (1.2, Verdict.DIFFERS), (1.0, Verdict.INCONCLUSIVE)],
)
def test_the_claim_is_that_fewer_neighbours_give_larger_d(at_100: float, verdict: Verdict):
    given = rows(of_k=lambda k: at_100 if k == 100 else 1.0, names=(STUDENT, CNN))
    assert [judged.verdict for judged in found(given).claims] == [verdict, verdict, Verdict.SKIPPED]


@pytest.mark.parametrize(("at_100", "verdict"), [(0.8, Verdict.AGREES), (1.2, Verdict.DIFFERS)])
def test_of_one_language_model_the_estimator_s_error_decides(at_100: float, verdict: Verdict):
    given = rows(of_k=lambda k: at_100 if k == 100 else 1.0, names=(LANGUAGE,))
    *_, language = found(given).claims
    assert language.verdict is verdict
    assert language.measured is not None
    # Both have an error of 1 % of d at k = 20, and a noise of 1 %.
    expected = math.hypot(0.01, 0.01 / at_100) / at_100
    assert language.measured.stderr == pytest.approx(expected, rel=0.04)


def test_the_outline_encloses_an_area_of_one_near_the_curve_of_constant_d():
    (figure,) = found(rows(names=(STUDENT,))).figures
    for outline, curve in zip(*[iter(figure.panels[0].series)] * 2, strict=True):
        assert trapezoid(outline.y, outline.x) == pytest.approx(1)
        # The rows are drawn from constant d: the largest gap is noise of 4000 points.
        centres = 0.5 * (np.array(outline.x[1:-2:2]) + np.array(outline.x[2::2]))
        heights = np.array(outline.y[1:-1:2])
        width = outline.x[2] - outline.x[1]
        expected = np.interp(centres, curve.x, curve.y)
        sigma = np.sqrt(np.maximum(expected / (4000 * width), 1 / (4000 * width) ** 2))
        assert (np.abs(heights - expected) / sigma).max() < 5


def test_rows_of_constant_d_have_no_excess_spread():
    (table,) = found(rows(names=(STUDENT,))).tables
    for *_, k, _, spread, scatter, excess in table.rows:
        assert scatter == pytest.approx(1 / math.sqrt(k - 3))
        assert spread == pytest.approx(scatter, rel=0.04)  # the noise of one d is 1 %
        assert excess < 0.3 * scatter


def test_no_rows_at_all_are_no_error():
    assert [j.verdict for j in found([]).claims] == [Verdict.INCONCLUSIVE, *2 * [Verdict.SKIPPED]]
