"""A schedule is Table 1 of Sharma & Kaplan at the paper's length, and keeps its shape at others."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalinglaws.learn.schedule import Schedule, stages

PAPER = 240_000
schedules = st.sampled_from(list(Schedule))
lengths = st.integers(24, 10_000_000)


@given(schedules, lengths)
def test_the_stages_sum_to_the_steps_and_none_is_empty(schedule: Schedule, steps: int):
    parts = stages(schedule, steps)
    assert sum(stage.steps for stage in parts) == steps
    assert min(stage.steps for stage in parts) >= 1


stepped = st.sampled_from([Schedule.TABLE1, Schedule.SETTLED])


@given(stepped, lengths)
def test_batches_are_those_of_table_1_in_its_order(schedule: Schedule, steps: int):
    parts = stages(schedule, steps)
    assert list(dict.fromkeys(stage.batch for stage in parts)) == [200, 1000, 4000]
    rates = [stage.rate for stage in parts]
    assert rates == sorted(rates, reverse=True)


@given(stepped, lengths)
def test_the_share_of_each_batch_size_is_table_1_s_to_a_step(schedule: Schedule, steps: int):
    for batch, at_paper in ((200, 200_000), (1000, 20_000), (4000, 20_000)):
        found = sum(stage.steps for stage in stages(schedule, steps) if stage.batch == batch)
        # Whole steps: what the two short stages lose to rounding, the long one gains.
        assert abs(found - steps * at_paper / PAPER) < (2 if batch == 200 else 1)


def test_table_1_shows_a_student_140_million_points():
    parts = stages(Schedule.TABLE1, PAPER)
    assert sum(stage.steps * stage.batch for stage in parts) == 140_000_000
    assert [stage.steps for stage in parts] == [200_000, 20_000, 20_000]
    assert [stage.rate for stage in parts] == [0.01, 0.01, 0.001]


@given(lengths)
def test_settled_is_table_1_but_for_the_rate_of_its_last_steps(steps: int):
    table_1, settled = stages(Schedule.TABLE1, steps), stages(Schedule.SETTLED, steps)
    assert settled[:2] == table_1[:2]
    third, last = settled[2:]
    assert third.steps + last.steps == table_1[2].steps
    assert (third.batch, last.batch, third.rate) == (4000, 4000, table_1[2].rate)
    assert last.rate < third.rate / 10
    assert 0 <= third.steps - last.steps <= 1  # the second half


@given(lengths)
def test_annealed_holds_its_rate_for_half_the_steps_and_then_falls_by_a_constant_factor(steps: int):
    first, *rest = stages(Schedule.ANNEALED, steps)
    assert (first.steps, first.rate) == (steps // 2, 1e-2)
    assert {stage.batch for stage in (first, *rest)} == {200}
    factors = [after.rate / before.rate for before, after in pairwise(rest)]
    assert factors == pytest.approx([factors[0]] * len(factors))
    assert 1e-5 < rest[-1].rate < 1e-2 * 1e-3 ** (1 - 1 / len(rest))
    # Stages as equal as whole steps allow: together they fall exponentially.
    assert max(s.steps for s in rest) - min(s.steps for s in rest) <= 1


def test_vetted_is_table_1_s_last_row():
    parts = stages(Schedule.VETTED, 170_000)
    assert [(stage.steps, stage.batch, stage.rate) for stage in parts] == [
        (100_000, 200, 1e-2),
        (50_000, 200, 1e-3),
        (20_000, 200, 1e-4),
    ]


@pytest.mark.parametrize("schedule", list(Schedule))
@pytest.mark.parametrize("steps", [23, 0, -240_000])
def test_a_run_too_short_for_its_stages_is_refused_with_its_length(schedule, steps):
    with pytest.raises(ValueError, match=f"at least 24 steps, not {steps}"):
        stages(schedule, steps)
