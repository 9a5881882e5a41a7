"""A claim is judged by rules fixed before measuring, and a number keeps its error on the way."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from scalinglaws.estimate import Estimate
from scalinglaws.result import Budget, Claim, Relation, Verdict

AGREES, DIFFERS = Verdict.AGREES, Verdict.DIFFERS
INCONCLUSIVE, SKIPPED = Verdict.INCONCLUSIVE, Verdict.SKIPPED


def equals(expected: float = 1.0, tolerance: float = 0.25) -> Claim:
    return Claim("id", "a statement", "a source", expected, tolerance)


def one_sided(relation: Relation, expected: float = 1.0) -> Claim:
    return Claim("id", "a statement", "a source", expected, relation=relation)


def between(lo: float, value: float, hi: float) -> Estimate:
    return Estimate(value, (hi - lo) / 4, lo, hi)


def verdict(claim: Claim, measured: Estimate | None) -> Verdict:
    return claim.judge(measured, Budget.QUICK).verdict


@pytest.mark.parametrize(
    ("lo", "value", "hi", "expected"),
    [
        (1.0, 1.0, 1.0, AGREES),
        (0.75, 1.0, 1.25, AGREES),  # a half-width of just the tolerance
        (1.25, 1.25, 1.25, AGREES),  # off by just the tolerance
        (1.0, 1.25, 1.5, AGREES),  # both at once: the interval may reach beyond
        (0.5, 1.0, 1.5, INCONCLUSIVE),  # in place, but known too badly
        (0.9, 1.0, 1.5, INCONCLUSIVE),  # one long arm is enough for that
        (0.5, 1.0, 1.1, INCONCLUSIVE),
        (1.2, 1.4, 1.6, INCONCLUSIVE),  # off by more than the tolerance, perhaps
        (1.25, 1.5, 1.75, INCONCLUSIVE),  # touches the edge of expected +- tolerance
        (1.375, 1.5, 1.625, DIFFERS),
        (0.25, 0.5, 0.625, DIFFERS),
        (1.5, 9.0, 99.0, DIFFERS),  # known badly, yet surely too large
        (-math.inf, 1.0, math.inf, INCONCLUSIVE),  # the data leave both ends open
        (-math.inf, 0.5, 0.625, DIFFERS),
        (1.375, 1.5, math.inf, DIFFERS),
        (math.nan, 1.0, math.nan, INCONCLUSIVE),
    ],
)
def test_equals_needs_the_value_near_and_the_interval_narrow(
    lo: float, value: float, hi: float, expected: Verdict
):
    assert verdict(equals(), between(lo, value, hi)) is expected


@pytest.mark.parametrize(
    ("lo", "hi", "at_least", "at_most"),
    [
        (1.0, 2.0, AGREES, INCONCLUSIVE),  # an interval that touches satisfies
        (1.5, 2.0, AGREES, DIFFERS),
        (0.5, 1.5, INCONCLUSIVE, INCONCLUSIVE),
        (0.0, 1.0, INCONCLUSIVE, AGREES),
        (0.0, 0.5, DIFFERS, AGREES),
        (1.0, 1.0, AGREES, AGREES),
        (1.5, math.inf, AGREES, DIFFERS),
        (-math.inf, math.inf, INCONCLUSIVE, INCONCLUSIVE),
        (math.nan, math.nan, INCONCLUSIVE, INCONCLUSIVE),
    ],
)
def test_a_one_sided_claim_is_about_the_whole_interval(
    lo: float, hi: float, at_least: Verdict, at_most: Verdict
):
    value = lo if math.isinf(hi) and math.isfinite(lo) else 0.5 * (lo + hi)
    measured = between(lo, 0.0 if math.isnan(value) else value, hi)
    assert verdict(one_sided(Relation.AT_LEAST), measured) is at_least
    assert verdict(one_sided(Relation.AT_MOST), measured) is at_most


@pytest.mark.parametrize("claim", [equals(), *map(one_sided, list(Relation)[1:])])
@pytest.mark.parametrize("measured", [None, between(math.nan, math.nan, math.nan)])
def test_what_was_not_measured_is_inconclusive_and_says_so(claim: Claim, measured: Estimate | None):
    judged = claim.judge(measured, Budget.PAPER)
    assert (judged.verdict, judged.reason) == (INCONCLUSIVE, "not measured")
    assert claim.judge(measured, Budget.PAPER, reason="no draw done").reason == "no draw done"


def test_a_value_that_is_not_a_number_is_inconclusive_whatever_its_interval():
    sure = Estimate(math.nan, 0.0, 2.0, 3.0)
    for claim in (equals(), one_sided(Relation.AT_LEAST), one_sided(Relation.AT_MOST)):
        assert verdict(claim, sure) is INCONCLUSIVE


@pytest.mark.parametrize(("lo", "hi"), [(math.nan, 1.0), (1.0, math.nan)])
def test_an_end_that_is_not_a_number_lets_no_claim_agree(lo: float, hi: float):
    measured = Estimate(1.0, 0.0, lo, hi)
    assert not measured.half_width <= 0.25
    assert verdict(equals(), measured) is INCONCLUSIVE


def test_an_interval_too_wide_is_the_reason_where_the_caller_knows_none():
    wide = between(0.0, 1.0, 2.0)
    assert equals().judge(wide, Budget.QUICK).reason == "interval too wide"
    narrow = between(1.2, 1.3, 1.4)  # half-width .1, tolerance .25
    assert equals().judge(narrow, Budget.QUICK).verdict is INCONCLUSIVE
    assert equals().judge(narrow, Budget.QUICK).reason == "interval across the tolerance's edge"
    judged = equals().judge(wide, Budget.QUICK, reason="training-limited")
    assert (judged.verdict, judged.reason) == (INCONCLUSIVE, "training-limited")
    # A caller's reason explains; it does not sway the verdict.
    assert equals().judge(between(1, 1, 1), Budget.QUICK, reason="by luck").verdict is AGREES
    assert equals().judge(between(1, 1, 1), Budget.QUICK).reason == ""


def test_absent_data_skip_a_claim_whatever_else_is_known():
    for measured in (None, between(1, 1, 1), between(9, 9, 9)):
        for budget in Budget:
            judged = equals().judge(measured, budget, reason="other", skipped="no files")
            assert (judged.verdict, judged.reason) == (SKIPPED, "no files")


def test_below_judged_from_nothing_is_judged():
    claim = replace(equals(), judged_from=Budget.FULL)
    for value in (1.0, 9.0):
        measured = between(value, value, value)
        found = {budget: claim.judge(measured, budget) for budget in Budget}
        for budget in (Budget.SMOKE, Budget.QUICK):
            assert found[budget].verdict is INCONCLUSIVE
            assert "full" in found[budget].reason
        for budget in (Budget.FULL, Budget.PAPER):
            assert found[budget].verdict is (AGREES if value == 1.0 else DIFFERS)


def test_a_smoke_run_judges_nothing_unless_a_claim_says_so():
    assert equals().judge(between(1, 1, 1), Budget.SMOKE).verdict is INCONCLUSIVE
    exact = replace(equals(), judged_from=Budget.SMOKE)
    assert exact.judge(between(1, 1, 1), Budget.SMOKE).verdict is AGREES


def test_a_budget_without_a_tolerance_takes_that_of_the_nearest_smaller():
    claim = Claim("id", "s", "s", 1.0, {Budget.SMOKE: 0.5, Budget.FULL: 0.125})
    tolerances = {budget: claim.tolerance_at(budget) for budget in Budget}
    assert tolerances == {"smoke": 0.5, "quick": 0.5, "full": 0.125, "paper": 0.125}
    # The verdict is by that tolerance, and the judgement carries it.
    off = between(1.25, 1.25, 1.25)
    assert claim.judge(off, Budget.QUICK).verdict is AGREES
    assert claim.judge(off, Budget.PAPER).verdict is DIFFERS
    assert claim.judge(off, Budget.PAPER).tolerance == 0.125


def test_the_order_in_which_tolerances_are_written_does_not_matter():
    written = {Budget.FULL: 0.125, Budget.QUICK: 0.5}
    claims = [Claim("id", "s", "s", 1.0, t) for t in (written, dict(reversed(written.items())))]
    for budget in (Budget.QUICK, Budget.FULL, Budget.PAPER):
        assert claims[0].tolerance_at(budget) == claims[1].tolerance_at(budget)


def test_a_tolerance_belongs_to_equals_and_only_to_it():
    with pytest.raises(ValueError, match="claim id: a tolerance belongs to EQUALS"):
        Claim("id", "s", "s", 1.0)
    for relation in (Relation.AT_LEAST, Relation.AT_MOST):
        with pytest.raises(ValueError, match="claim id: a tolerance belongs to EQUALS"):
            Claim("id", "s", "s", 1.0, 0.25, relation)


# Properties. Eighths are exact in binary, so that edges are met exactly and often.

eighths = st.integers(-40, 40).map(lambda n: n / 8)
arms = st.one_of(st.integers(0, 40).map(lambda n: n / 8), st.just(math.inf))


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    relation, expected = draw(st.sampled_from(list(Relation))), draw(eighths)
    if relation is Relation.EQUALS:
        return equals(expected, draw(st.integers(0, 16)) / 8)
    return one_sided(relation, expected)


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    value = draw(eighths)
    return between(value - draw(arms), value, value + draw(arms))


def may_be(claim: Claim, measured: Estimate) -> set[Verdict]:
    """What the rules of DESIGN allow, each written down by itself."""
    e, t = claim.expected, claim.tolerance
    lo, value, hi = measured.lo, measured.value, measured.hi
    if claim.relation is Relation.AT_LEAST:
        agrees, differs = lo >= e, hi < e
    elif claim.relation is Relation.AT_MOST:
        agrees, differs = hi <= e, lo > e
    else:
        agrees = all(abs(value - e) <= t and arm <= t for arm in (hi - value, value - lo))
        differs = max(lo, e - t) > min(hi, e + t)  # the two intervals have nothing in common
    allowed = {v for v, holds in ((AGREES, agrees), (DIFFERS, differs)) if holds}
    return allowed or {INCONCLUSIVE}


@given(claims(), estimates())
def test_exactly_one_verdict_is_allowed_and_it_is_the_one_given(claim: Claim, measured: Estimate):
    allowed = may_be(claim, measured)
    assert len(allowed) == 1  # never both agrees and differs
    assert {verdict(claim, measured)} == allowed


@given(claims(), estimates(), arms, arms)
def test_a_wider_interval_never_decides_what_was_open(
    claim: Claim, measured: Estimate, below: float, above: float
):
    wider = replace(measured, lo=measured.lo - below, hi=measured.hi + above)
    before, after = verdict(claim, measured), verdict(claim, wider)
    assert after in (before, INCONCLUSIVE)


@given(claims(), estimates(), eighths)
def test_a_shift_of_both_prediction_and_measurement_changes_nothing(
    claim: Claim, measured: Estimate, shift: float
):
    e = measured
    moved = replace(e, value=e.value + shift, lo=e.lo + shift, hi=e.hi + shift)
    there = replace(claim, expected=claim.expected + shift)
    assert verdict(there, moved) is verdict(claim, measured)


@given(claims(), estimates())
def test_a_change_of_sign_turns_at_least_into_at_most(claim: Claim, measured: Estimate):
    opposite = {Relation.AT_LEAST: Relation.AT_MOST, Relation.AT_MOST: Relation.AT_LEAST}
    mirrored = replace(
        claim, expected=-claim.expected, relation=opposite.get(claim.relation, claim.relation)
    )
    m = measured
    assert verdict(mirrored, replace(m, value=-m.value, lo=-m.hi, hi=-m.lo)) is verdict(claim, m)


@given(st.integers(0, 16), estimates(), st.integers(0, 16))
def test_a_larger_tolerance_never_turns_agrees_into_anything_else(
    tolerance: int, measured: Estimate, more: int
):
    small, large = equals(0.0, tolerance / 8), equals(0.0, (tolerance + more) / 8)
    if verdict(small, measured) is AGREES:
        assert verdict(large, measured) is AGREES
    if verdict(large, measured) is DIFFERS:
        assert verdict(small, measured) is DIFFERS


# Estimates.


@pytest.mark.parametrize("level", [0.5, 0.68, 0.95, 0.999])
def test_a_normal_interval_covers_as_often_as_its_level_says(level: float):
    e = Estimate.normal(3.0, 0.2, level)
    draws = np.random.default_rng(0).normal(3.0, 0.2, size=40_000)
    covered = np.mean((e.lo <= draws) & (draws <= e.hi))
    assert abs(covered - level) < 4 * (level * (1 - level) / len(draws)) ** 0.5
    assert e.hi - e.value == pytest.approx(e.value - e.lo)


@pytest.mark.parametrize(("count", "of"), [(0, 7), (1, 40), (38, 40), (40, 40), (760, 800)])
def test_the_interval_of_a_share_is_scipys_of_wilson(count: int, of: int):
    e = Estimate.share(count, of, 0.9)
    scipys = binomtest(count, of).proportion_ci(0.9, method="wilson")
    assert (e.value, e.lo, e.hi) == pytest.approx((count / of, scipys.low, scipys.high))


@pytest.mark.parametrize(
    ("lo", "value", "hi", "half_width"),
    [
        (0.0, 1.0, 3.0, 2.0),
        (-2.0, 1.0, 2.0, 3.0),
        (1.0, 1.0, 1.0, 0.0),
        (0.0, 1.0, math.inf, math.inf),
        (-math.inf, 1.0, 2.0, math.inf),
    ],
)
def test_the_half_width_is_the_longer_arm(lo: float, value: float, hi: float, half_width: float):
    assert between(lo, value, hi).half_width == half_width


@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (math.exp, math.exp),
        (lambda x: 4 / x, lambda x: -4 / x**2),  # alpha = 4/d, decreasing
        (lambda x: -x, lambda x: -1.0),
    ],
    ids=["increasing", "decreasing", "a change of sign"],
)
def test_a_monotone_map_takes_ends_to_ends_and_the_error_by_its_slope(f, derivative):
    e = Estimate(2.0, 0.01, 1.5, 3.5, level=0.9)
    mapped = e.map_monotone(f, derivative(e.value))
    assert mapped.value == f(2.0)
    assert {mapped.lo, mapped.hi} == {f(1.5), f(3.5)}
    assert mapped.lo < mapped.value < mapped.hi
    assert mapped.level == 0.9
    # The error is the spread of f over draws with that error, known to 1/sqrt(2 draws).
    draws = [f(x) for x in np.random.default_rng(1).normal(2.0, 0.01, size=20_000)]
    assert mapped.stderr == pytest.approx(np.std(draws), rel=4 / math.sqrt(2 * len(draws)))


def test_a_decreasing_map_takes_an_open_end_to_the_other_side():
    open_above = Estimate(2.0, 0.5, 1.0, math.inf)
    inverse = open_above.map_monotone(lambda x: 1 / x, -0.25)
    assert (inverse.lo, inverse.value, inverse.hi) == (0.0, 0.5, 1.0)


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0, 10), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_systematic_error_widens_each_arm_in_quadrature(
    below: float, above: float, shift: float, level: float
):
    e = Estimate(3.0, 1.0, 3.0 - below, 3.0 + above, level)
    wide = e.with_systematic(shift)
    z = NormalDist().inv_cdf((1 + level) / 2)
    assert (wide.value, wide.level) == (3.0, level)
    # An arm of 3 - lo is known to the rounding of 3.
    for arm, before in ((3.0 - wide.lo, below), (wide.hi - 3.0, above)):
        assert arm**2 == pytest.approx(before**2 + (z * shift) ** 2, rel=1e-9, abs=1e-12)
    assert wide.stderr**2 == pytest.approx(1 + shift**2)


def test_a_systematic_error_on_a_normal_estimate_is_a_normal_estimate_of_both():
    e = Estimate.normal(1.0, 0.3, 0.9).with_systematic(0.4)
    both = Estimate.normal(1.0, 0.5, 0.9)
    assert (e.stderr, e.lo, e.hi) == pytest.approx((both.stderr, both.lo, both.hi))


def test_a_systematic_error_cannot_make_a_claim_agree():
    off = between(1.375, 1.5, 1.625)
    assert verdict(equals(), off) is DIFFERS
    assert verdict(equals(), off.with_systematic(0.25)) is INCONCLUSIVE
    assert verdict(equals(), between(1, 1, 1).with_systematic(1.0)) is INCONCLUSIVE


def test_a_claim_about_several_measurements_agrees_when_all_do_and_differs_when_one_does():
    good, wide, off = between(0.9, 1.0, 1.1), between(0.0, 1.0, 2.0), between(1.4, 1.5, 1.6)
    judged = {
        AGREES: [good, good],
        INCONCLUSIVE: [good, wide],
        DIFFERS: [wide, off, good],  # though the wide one reaches farther
    }
    for expected, measured in judged.items():
        assert equals().judge_all(measured, Budget.QUICK).verdict is expected
    assert equals().judge_all([wide, off], Budget.QUICK).measured == off
    assert equals().judge_all([], Budget.QUICK).reason == "not measured"


@pytest.mark.parametrize(
    ("relation", "worst"), [(Relation.AT_MOST, 0.9), (Relation.AT_LEAST, -5.0)]
)
def test_the_worst_of_one_sided_measurements_is_the_one_nearest_or_beyond_the_bound(
    relation: Relation, worst: float
):
    measured = [between(v, v, v) for v in (0.5, 0.9, -5.0)]
    assert one_sided(relation).judge_all(measured, Budget.QUICK).measured.value == worst


@pytest.mark.parametrize("tolerance", [{}, {"quik": 0.1}, -1.0, math.nan, {Budget.QUICK: math.nan}])
def test_a_tolerance_is_a_number_or_one_per_budget_and_not_negative(tolerance: object):
    with pytest.raises(ValueError, match=r"claim id: .*tolerance"):
        Claim("id", "a statement", "a source", 1.0, tolerance)


@pytest.mark.parametrize(
    ("value", "stderr", "shown"),
    [
        (-1.5312, 0.0042, r"-1.5312 \pm 0.0042"),  # an error is never shown as 0.00
        (0.7812, 0.148, r"0.78 \pm 0.15"),
        (12.8, 12.42, r"13 \pm 12"),
        (1.0, 0.0, r"1.00 \pm 0.00"),
        (1.0, math.inf, r"1.00 \pm inf"),
    ],
)
def test_a_label_shows_two_digits_of_the_error(value: float, stderr: float, shown: str):
    assert Estimate.normal(value, stderr).as_math == shown


def test_a_quotient_s_interval_holds_the_true_one_as_often_as_it_says():
    """Fieller's problem with errors of 10 % and 20 %: 95 % of the intervals hold a/b."""
    rng = np.random.default_rng(0)
    a, b = 3 * np.exp(0.1 * rng.standard_normal(2000)), 2 * np.exp(0.2 * rng.standard_normal(2000))
    z = NormalDist().inv_cdf(0.975)

    def measured(value: float, log_error: float) -> Estimate:
        arm = math.exp(z * log_error)
        return Estimate(value, value * log_error, value / arm, value * arm)

    quotients = [measured(x, 0.1).over(measured(y, 0.2)) for x, y in zip(a, b, strict=True)]
    held = sum(q.lo <= 1.5 <= q.hi for q in quotients)
    assert binomtest(held, 2000, 0.95).pvalue > 1e-3
    assert quotients[0].stderr == pytest.approx(quotients[0].value * math.hypot(0.1, 0.2))


def test_a_quotient_by_what_may_be_zero_has_no_upper_end():
    may_be_zero, positive = Estimate.normal(1.0, 1.0), Estimate.normal(2.0, 0.1)
    over = positive.over(may_be_zero)
    assert (over.value, over.hi) == (2.0, math.inf)
    assert over.lo > 0
    under = may_be_zero.over(positive)
    assert (under.value, under.lo) == (0.5, 0.0)
    assert math.isfinite(under.hi)
