"""Time left follows from the costs and from what the finished cells took."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sweep_tasks import cell

from scalinglaws.sweep import progress
from scalinglaws.sweep.progress import Lines, Tally


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_time_left_is_the_whole_work_over_the_workers_less_what_has_passed(
    clock: list[float], tmp_path: Path
):
    tally = Tally(total=10, stored=4, cost=60.0, workers=2)
    assert tally.status == "4 of 10 cells stored, about 0:30 left"  # costs taken for seconds
    clock[0] += 50
    tally.done(cell(0, tmp_path, cost=10.0), wall_s=40.0)  # 4 s per unit of cost: 120 s in all
    assert tally.status == "5 of 10 cells stored, 1:10 left"
    clock[0] += 100
    tally.failed(cell(1, tmp_path, cost=20.0), "ValueError")
    assert tally.status == "5 of 10 cells stored, 1 failed, 0:00 left"
    clock[0] += 1
    tally.done(cell(2, tmp_path, cost=30.0), wall_s=7200.0)
    assert tally.status == "6 of 10 cells stored, 1 failed"


def test_cells_of_several_workers_count_as_many_times(clock: list[float], tmp_path: Path):
    tally = Tally(total=2, stored=0, cost=2 * 30.0 + 20.0, workers=2)
    assert tally.status == "0 of 2 cells stored, about 0:40 left"
    clock[0] += 60
    tally.done(cell(0, tmp_path, cost=30.0, threads=2), 60.0, taken=2)  # twice its cost
    assert tally.status == "1 of 2 cells stored, 0:20 left"


def test_plain_lines_are_silent_for_ten_seconds_at_most_and_no_less(clock: list[float]):
    told = io.StringIO()
    lines, tally = Lines(told), Tally(total=1, stored=0, cost=1.0, workers=1)
    lines.start(tally)
    for _ in range(25):
        clock[0] += 1
        lines.tick(tally)
    assert len(told.getvalue().splitlines()) == 3
