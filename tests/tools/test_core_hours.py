"""The cluster page's core-hours are the sums of what the cells are estimated to cost."""

from pathlib import Path

import core_hours
import pytest

from scalinglaws import experiments
from scalinglaws.result import Budget

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"


def cells_of(name: str, budget: Budget):
    experiment = experiments.get(name)
    return experiment.cells(experiment.budgets[budget])


needs_data = pytest.mark.skipif(
    not cells_of("lm-layers", Budget.PAPER) or not cells_of("image-layers", Budget.PAPER),
    reason="the real data are not here: experiments on them have no cells",
)


@needs_data
def test_the_page_shows_today_s_costs():
    page = PAGE.read_text()
    assert core_hours.written(page) == page, (
        "an experiment's cells have changed: python tools/core_hours.py --write docs/cluster.md"
    )


@needs_data
def test_a_row_is_the_sum_of_its_cells_costs_and_the_costliest_stands_first():
    cells = cells_of("lm-layers", Budget.PAPER)  # its cells have two threads
    hours = sum(2 * cell.cost for cell in cells) / 3600
    rows = [line.split(" | ") for line in core_hours.table().splitlines()[2:]]
    [row] = [row for row in rows if "`lm-layers`" in row[0]]
    assert float(row[2]) == pytest.approx(hours, rel=0.05)
    assert (row[3], row[5]) == (str(len(cells)), "2 |")
    paper = [float(row[2]) for row in rows]
    assert paper == sorted(paper, reverse=True)


def test_an_older_table_is_replaced_and_a_page_without_one_refused():
    old = f"before\n\n{core_hours.HEADER}| `gone` | 1 | 1 | 1 | 1 | 1 |\n\nafter\n"
    assert core_hours.written(old) == f"before\n\n{core_hours.table()}\nafter\n"
    with pytest.raises(ValueError, match="has 0 tables"):
        core_hours.written("no table\n")
