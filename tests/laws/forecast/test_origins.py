"""Which runs an origin fits and forecasts."""

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.laws.forecast.backtest import back_test
from scalinglaws.laws.forecast.origins import Origins, origins
from scalinglaws.laws.forecast.runs import Runs


def table(n: int, **columns: np.ndarray) -> dict[str, np.ndarray]:
    N = np.geomspace(1e6, 1e9, n)
    return {"N": N, "loss": 20 * N**-0.1 * (1 + 0.01 * np.cos(7 * np.arange(n))), **columns}


def sides(runs: Runs, at: Origins) -> list[tuple[set[int], set[int]]]:
    """The groups that each origin fits, and those it forecasts."""
    pairs = zip(at.fitted, at.tried, strict=True)
    return [(set(runs.group[f].tolist()), set(runs.group[t].tolist())) for f, t in pairs]


def test_every_prefix_with_two_points_per_parameter_forecasts_all_that_lies_beyond():
    runs = Runs.of(table(10))
    at = origins(runs, parameters=3)
    assert at.count == 4  # prefixes of 6, 7, 8 and 9 points
    assert at.fitted[:-1].sum(axis=1).tolist() == [6, 7, 8, 9]
    assert at.tried.sum(axis=1).tolist() == [4, 3, 2, 1, 0]
    assert at.fitted[-1].all()


def test_rows_in_any_order_give_the_same_back_test():
    columns = table(9)
    order = np.random.default_rng(0).permutation(9)
    shuffled = {name: values[order] for name, values in columns.items()}
    one, other = (back_test(c, ["power"]) for c in (columns, shuffled))
    assert np.array_equal(one.e, other.e)
    assert np.array_equal(one.horizon, other.horizon)


def test_runs_of_equal_budget_never_stand_on_both_sides():
    columns = table(12)
    twice = {name: np.repeat(values, 2) for name, values in columns.items()}
    twice["loss"][::2] *= 1.01  # replicates, not duplicates
    runs = Runs.of(twice)
    assert len(runs) == 24
    for fitted, tried in zip(*(lambda at: (at.fitted, at.tried))(origins(runs, 2)), strict=True):
        assert not set(runs.log_budget[fitted]) & set(runs.log_budget[tried])


def test_duplicated_rows_count_once_and_are_noted():
    columns = table(12)
    twice = {name: np.repeat(values, 2) for name, values in columns.items()}
    test, once = back_test(twice, ["power"]), back_test(columns, ["power"])
    assert np.array_equal(test.e, once.e)
    assert "12 rows that repeat" in test.notes[0]


def test_no_group_stands_on_both_sides_even_where_groups_overlap():
    # Four trainings, each a group of budgets that reaches into the next one's.
    run = np.repeat(np.arange(8), 5)
    N = np.concatenate([np.geomspace(1, 40, 5) * 1e6 * 4.0**i for i in range(8)])
    columns = {"N": N, "loss": 20 * N**-0.1 * (1 + 0.01 * np.cos(N)), "run": run}
    runs = Runs.of(columns, groups="run")
    at = origins(runs, 2)
    assert at.count > 5
    assert all(not fitted & tried for fitted, tried in sides(runs, at))
    ungrouped = Runs.of(columns)  # the control: without groups, trainings are split
    by_run = Runs(**{**ungrouped.__dict__, "group": runs.group})
    assert any(fitted & tried for fitted, tried in sides(by_run, origins(ungrouped, 2)))


def test_a_joint_law_is_tried_in_the_order_of_ND():
    rng = np.random.default_rng(0)
    N, D = np.exp(rng.uniform(10, 20, (2, 30)))
    columns = {"N": N, "D": D, "loss": 1.7 + 400 * N**-0.34 + 410 * D**-0.28}
    test = back_test(columns, ["additive"], x=("N", "D"))
    C = N * D
    assert test.longest == pytest.approx(np.max(C) / np.exp(test.at.log_end[0]))
    # an exact law is forecast exactly, from every origin
    assert np.abs(test.e).max() < 1e-5


def test_another_budget_orders_the_runs():
    columns = table(12)
    test = back_test({**columns, "year": columns["N"][::-1].copy()}, ["power"], budget="year")
    assert (np.diff(test.runs.log_X[0]) < 0).all()
    with pytest.raises(BadInput, match="the budget of the run"):
        test.runs.beyond(test.runs.log_x(1e10))


def test_too_short_a_table_has_no_back_test_and_says_so():
    test = back_test(table(6), ["power+constant"])
    assert test.e.size == 0
    assert test.longest == 1
    assert any("no back-test" in note for note in test.notes)


def test_one_run_beyond_is_said():
    test = back_test(table(7), ["power+constant"])
    assert any("one run alone" in note for note in test.notes)
    assert any("only 1 origins" in note for note in test.notes)


def test_a_law_too_large_for_the_table_is_left_out_by_name():
    test = back_test(table(12), ["broken", "power"])
    assert test.laws == ("power",)
    assert any("broken" in note for note in test.notes)


def test_a_law_that_cannot_be_tried_as_far_as_asked_is_left_out():
    names = ["power", "broken"]
    assert back_test(table(30), names).laws == ("power", "broken")
    far = back_test(table(30), names, reach=100.0)  # 17 steps of 10^(3/29) are 57
    assert far.laws == ("power",)
    assert far.longest > 100


def test_a_law_of_other_variables_is_refused():
    with pytest.raises(BadInput, match="additive"):
        back_test(table(12), ["additive"])


def test_an_origin_spans_a_quarter_of_the_table_and_many_are_even_in_log_budget():
    """By rank the first of 24 origins over 1e4 runs saw 400 of almost one size."""
    rng = np.random.default_rng(6)
    runs = Runs.of(table(10_000, N=np.exp(rng.uniform(np.log(1e6), np.log(1e10), 10_000))))
    at = origins(runs, 3)
    assert 12 <= at.count <= 24
    first = runs.log_X[0, at.fitted[0]]
    assert np.ptp(first) >= 0.25 * np.ptp(runs.log_X[0])
    assert np.ptp(np.diff(at.log_end[:-1])) < 0.5 * np.diff(at.log_end[:-1]).mean()
