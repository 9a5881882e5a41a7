"""One row per run: the rule chosen, and what may not vary within a run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import texts
from scalinglaws.files.runs import RunLoss, per_run
from scalinglaws.files.table import Table


def table(runs: str, *, labels: dict[str, str] | None = None, **columns: list[float]) -> Table:
    words = {"run": runs} | (labels or {})
    return Table(
        {name: np.array(values, float) for name, values in columns.items()},
        np.zeros(len(runs.split()), dtype=bool),
        labels={name: texts(value.split()) for name, value in words.items()},
    )


LOSS = [5.0, 9.0, 3.0, 8.0, 4.0]
TWO = table("a b a b a", loss=LOSS, step=[1, 1, 2, 2, 3], D=[10, 20, 20, 40, 30], N=[7, 8, 7, 8, 7])


@pytest.mark.parametrize(
    ("how", "loss", "D"),
    [("last", [4, 8], [30, 40]), ("best", [3, 8], [20, 40]), ("mean", [4, 8], [30, 40])],
)
def test_the_row_taken_gives_the_run_its_columns(how, loss, D):
    out = per_run(TWO, "run", "loss", RunLoss(how), "step")
    assert out.columns["loss"].tolist() == loss
    assert out.columns["D"].tolist() == D
    assert out.columns["N"].tolist() == [7, 8]
    assert out.labels["run"].tolist() == ["a", "b"]
    assert any("grow within runs: 'D'" in note for note in out.notes)


def test_several_losses_and_no_choice_is_refused():
    with pytest.raises(BadInput, match=r"2 of 2 runs have several losses: .*last\|best\|mean"):
        per_run(TWO, "run", "loss", None, "step")


def test_one_row_per_run_needs_no_choice():
    out = per_run(table("a b", loss=[1, 2]), "run", "loss", None)
    assert out.columns["loss"].tolist() == [1, 2]
    assert out.notes == ()


def test_last_is_by_step_where_there_is_one_and_else_by_order():
    steps = table("a a a", loss=[1, 2, 3], step=[30, 10, 20])
    assert per_run(steps, "run", "loss", RunLoss.LAST, "step").columns["loss"].tolist() == [1]
    rows = table("a a a", loss=[1, 2, 3])
    assert per_run(rows, "run", "loss", RunLoss.LAST).columns["loss"].tolist() == [3]


def test_the_mean_is_over_the_last_tenth_of_the_steps():
    loss = [100.0] * 27 + [1.0, 2.0, 6.0]
    runs = table("a " * 30 + "b", loss=[*loss, 7.0], step=[*range(30), 0])
    out = per_run(runs, "run", "loss", RunLoss.MEAN, "step")
    assert out.columns["loss"].tolist() == [3, 7]


def test_of_a_step_logged_twice_the_later_row_counts():
    twice = table("a a a a", loss=[5, 1, 2, 4], step=[1, 2, 1, 2])
    out = per_run(twice, "run", "loss", RunLoss.BEST, "step")
    assert out.columns["loss"].tolist() == [2]
    assert any("logged again later, left out: 2" in note for note in out.notes)


def test_a_column_that_falls_within_a_run_names_run_and_values():
    falling = table("a b b", loss=[1, 2, 3], N=[5, 7, 6])
    with pytest.raises(BadInput, match="run 'b': column 'N' falls from 7 to 6 within"):
        per_run(falling, "run", "loss", RunLoss.LAST)


def test_a_label_that_changes_within_a_run_names_both():
    mixed = table("a b b", loss=[1, 2, 3], labels={"arch": "x x y"})
    with pytest.raises(BadInput, match="run 'b': column 'arch' is 'x' and 'y' within the run"):
        per_run(mixed, "run", "loss", RunLoss.LAST)


def test_columns_may_jump_from_one_run_to_the_next():
    out = per_run(table("a b a", loss=[1, 2, 3], N=[9, 1, 9]), "run", "loss", RunLoss.LAST)
    assert out.columns["N"].tolist() == [9, 1]


nan, inf = float("nan"), float("inf")


def test_runs_that_diverged_are_left_out_and_those_that_recovered_are_named():
    runs = table("a a b b c c", loss=[2, nan, nan, 3, 5, 4])
    last = per_run(runs, "run", "loss", RunLoss.LAST)
    assert last.labels["run"].tolist() == ["b", "c"]
    assert any("left out, for their loss is NaN or infinite: 'a'" in note for note in last.notes)
    assert any("kept, though NaN or infinite at other steps: 'b'" in note for note in last.notes)
    best = per_run(runs, "run", "loss", RunLoss.BEST)
    assert best.columns["loss"].tolist() == [2, 3, 4]
    with pytest.raises(BadInput, match="no run is left"):
        per_run(table("a a", loss=[1, inf]), "run", "loss", RunLoss.LAST)
    with pytest.raises(BadInput, match="no run is left"):
        per_run(table("a a", loss=[nan, inf]), "run", "loss", RunLoss.BEST)
    with pytest.raises(BadInput, match="no run is left"):
        per_run(table("a " * 20, loss=[1] * 18 + [inf, -inf]), "run", "loss", RunLoss.MEAN)


def test_a_size_that_is_not_finite_where_the_loss_is_taken_is_refused():
    runs = table("a a b", loss=[2, 1, 3], N=[nan, 5, nan])
    with pytest.raises(BadInput, match="run 'b': column 'N' is NaN or infinite"):
        per_run(runs, "run", "loss", RunLoss.LAST)


@pytest.mark.parametrize("step", [nan, inf, 2.0**60])
def test_what_cannot_order_steps_is_refused(step):
    with pytest.raises(BadInput, match=r"run 'a', column 'step': .* cannot order steps"):
        per_run(table("a a", loss=[2, 1], step=[1, step]), "run", "loss", RunLoss.LAST, "step")


ROWS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.floats(0.1, 9)),
    min_size=1,
    max_size=60,
)


@given(ROWS, st.sampled_from(RunLoss))
@settings(deadline=None, max_examples=100)
def test_it_does_what_a_loop_over_dictionaries_does(rows, how):
    expected: dict[str, dict[int, float]] = {}
    for run, step, loss in rows:
        expected.setdefault(run, {})[step] = loss
    runs = table(
        " ".join(run for run, _, _ in rows),
        loss=[loss for *_, loss in rows],
        step=[step for _, step, _ in rows],
    )
    out = per_run(runs, "run", "loss", how, "step")
    assert out.labels["run"].tolist() == list(expected)
    for loss, steps in zip(out.columns["loss"], expected.values(), strict=True):
        ordered = [steps[step] for step in sorted(steps)]
        tail = ordered[-max(1, len(ordered) // 10) :]
        wanted = {"last": ordered[-1], "best": min(ordered), "mean": np.mean(tail)}[how]
        assert loss == pytest.approx(wanted, rel=1e-14)
