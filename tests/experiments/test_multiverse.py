"""multiverse: what the forks are made to do, they do, and the analysis of variance finds which."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
import pytest
from student_rows import family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.multiverse import claims, forks, tables, universe
from scalinglaws.experiments.multiverse.settings import BUDGETS, Settings, cells
from scalinglaws.experiments.multiverse.universe import multiverse, variance_shares
from scalinglaws.experiments.students.families import families
from scalinglaws.experiments.students.lines import slopes, systematics
from scalinglaws.experiments.students.widths import geometric
from scalinglaws.experiments.teacher_student import settings as teacher_student
from scalinglaws.result import Budget, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]
STEPS = teacher_student.BUDGETS[Budget.QUICK].steps
KS = (2, 8)
POST = 1.5  # d after the non-linearity over d before it


@cache
def rows(factor: float = 4.0, half: float = 1.0) -> tuple[Row, ...]:
    """alpha = factor / k at full length, and that times `half` at half length; d = k."""
    found: list[Row] = []
    for k in KS:
        found.append(inputs(k, k))
        widths = geometric(2 * k, 9)
        for steps, alpha in ((STEPS, factor / k), (STEPS // 2, half * factor / k)):
            for row in family(k, alpha, float(k), widths, steps=steps, seed=k, noise=0.01):
                if row["trial"] == 0:
                    row |= {f"d_post_{m}": POST * k for m in forks.METHODS}
                    row |= {f"d_post_{m}_stderr": 0.01 * k for m in forks.METHODS}
                found.append(row)
    return tuple(found)


@pytest.fixture(scope="module")
def found() -> universe.Multiverse:
    return multiverse(rows(half=0.8), STEPS, ["authors"])


def slopes_of(found: universe.Multiverse, **ways: str) -> np.ndarray:
    own = [w for w in found.worlds if all(w.way[fork] == way for fork, way in ways.items())]
    return np.array([w.slope.value for w in own])


def test_every_combination_of_ways_is_analysed_once(found):
    ways = [w.way for w in found.worlds]
    assert len(ways) + found.lost == math.prod(map(len, found.ways.values()))
    assert len(set(ways)) == len(ways) == 2 * 2 * 2 * 6 * 5 * 2 * 5


def test_each_fork_does_to_the_slope_what_it_is_known_to(found):
    own = {**{fork: found.ways[fork][0] for fork in forks.FORKS}}
    usual = slopes_of(found, **own)
    assert usual == pytest.approx([1], abs=0.05)
    assert slopes_of(found, **{**own, "layer": "post-ReLU"}) == pytest.approx(
        usual / POST, rel=0.02
    )
    assert slopes_of(found, **{**own, "steps": "half length"}) == pytest.approx(
        usual / 0.8, rel=0.05
    )
    assert slopes_of(found, **{**own, "count": "N_used"})[0] > 1.05 * usual[0]
    for fit in forks.FITS:
        assert slopes_of(found, **{**own, "fit": fit}) == pytest.approx(usual, abs=0.15)


def test_the_usual_way_is_teacher_students_own(found):
    """But for its systematic errors, in the same digits."""
    full = [row for row in rows(half=0.8) if row.get("steps") != STEPS // 2]
    theirs = slopes(families(full))
    assert theirs is not None
    slope = theirs.through_origin
    own = next(w.slope for w in found.worlds if w.way == forks.usual(found.ways))
    assert (slope.value, slope.stderr) == (own.value, own.stderr)


def test_near_worlds_are_judged_with_what_moves_the_slope_of_teacher_student(found):
    """One slope, one interval: that of the usual way is the one that teacher-student judges."""
    judged = claims.judge(found, Budget.QUICK)[1]
    settings = teacher_student.BUDGETS[Budget.QUICK]
    theirs = get("teacher-student").analyse(rows(half=0.8), settings, Budget.QUICK).claims[0]
    whole = [claims.with_systematics(w.slope, found.moved["mse"])[0] for w in found.nearest]
    assert theirs.measured in whole
    assert judged.measured in whole
    assert "training-limited" in judged.reason
    statistical = max(w.slope.stderr for w in found.nearest)
    assert judged.measured is not None
    assert judged.measured.stderr > 2 * statistical


def test_what_moves_a_slope_is_its_own_loss_s_and_the_usual_initialisation_s(
    monkeypatch: pytest.MonkeyPatch,
):
    """Of ten trials without the worst: half the training moves MSE and not KL, and two teachers
    differ; of other starts neither does."""

    def students(init: str, mse: float, of_teacher: float) -> list[Row]:
        made: list[Row] = []
        for k, teacher in itertools.product(KS, (0, 1)):
            made.append(inputs(k, k, teacher=teacher))
            about = {"teacher": teacher, "init": init, "noise": 0.01, "trials": 10}
            alpha = 4 / k * (of_teacher if teacher else 1.0)
            for loss, steps in itertools.product(("mse", "kl"), (STEPS, STEPS // 2)):
                shorter = mse if (loss, steps) == ("mse", STEPS // 2) else 1.0
                of = {"loss": loss, "steps": steps, "seed": 10 * k + teacher}
                widths = geometric(3 * k, 6)
                made += family(k, shorter * alpha, float(k), widths, **of, **about)
        return made

    monkeypatch.setattr(forks, "every_way", lambda ways: [forks.usual(ways)])
    own = students("authors", 0.8, 1.3)
    alone = multiverse(own, STEPS, ["authors"]).moved
    assert alone["mse"].drift == pytest.approx(1 - 1 / 0.8, rel=0.25)
    assert alone["kl"].drift == pytest.approx(0, abs=0.01)
    assert alone["mse"].teachers > 0.05
    both = multiverse([*own, *students("torch", 1.0, 1.0)], STEPS, ["authors", "torch"]).moved
    assert both == alone
    judged = [f for f in families(own) if f.loss == "mse"]
    full, halves = ([f for f in judged if f.steps == s] for s in (STEPS, STEPS // 2))
    assert alone["mse"] == systematics(full, halves, lambda lines: lines.through_origin)


def test_each_way_alone_stands_beside_the_usual_one_for_every_loss(found):
    table = tables.ways(found)
    column = table.columns.index("slope, all else as usual, mse")
    alone = {(row[0], row[1]): row[column] for row in table.rows}
    own = {fork: found.ways[fork][0] for fork in forks.FORKS}
    for fork, title in tables.TITLES.items():
        for level in found.ways[fork]:
            slope = slopes_of(found, **{**own, fork: level})
            assert alone[title, level].value == pytest.approx(slope[0])
    assert alone["all", ""] is None


def test_the_variance_is_put_down_to_the_forks_that_make_it(found):
    shares = {share.fork: share.share for share in variance_shares(found)}
    assert sum(shares.values()) == pytest.approx(1)
    assert [*shares][:2] == ["layer", "steps"]
    # Means of log slope: +- log(1.5) / 2 and +- log(.8) / 2 about their centre.
    expected = (math.log(POST) / math.log(0.8)) ** 2
    assert shares["layer"] / shares["steps"] == pytest.approx(expected, rel=0.1)
    assert shares["method"] < 1e-6


@pytest.mark.parametrize("average", forks.AVERAGES)
def test_trials_are_fitted_about_their_average_with_their_scatter(average: str):
    L = (1.0, 2.0, 6.0)
    about = forks.about(L, average)
    assert math.exp(np.log(about).mean()) == pytest.approx(forks.centre(L, average))
    assert np.diff(np.log(about)) == pytest.approx(np.diff(np.log(L)))


def test_the_averages_are_what_their_names_say():
    L = (1.0, 2.0, 4.0, 32.0)
    named = {average: forks.centre(L, average) for average in ("log-mean", "mean", "median")}
    assert named == pytest.approx({"log-mean": 4, "mean": 9.75, "median": 3})


def test_a_world_where_all_ways_agree_agrees_and_one_far_off_differs():
    alike = [row for row in rows() if row["kind"] == "inputs" or row["steps"] == STEPS]
    alike = [{n: v for n, v in row.items() if "post" not in n} for row in alike]
    analyse = get("multiverse").analyse
    near = analyse(alike, QUICK, Budget.QUICK)
    assert near.claims[0].verdict is Verdict.AGREES
    assert near.claims[1].verdict is not Verdict.DIFFERS  # N_used takes the slope to 1.2
    assert any("no d after the non-linearity" in note for note in near.notes)
    assert any("Training length was not varied" in note for note in near.notes)
    far = analyse([row for row in rows(1.5) if row.get("steps") != STEPS // 2], QUICK, Budget.QUICK)
    assert [j.verdict for j in far.claims] == [Verdict.DIFFERS] * 2


def test_no_rows_are_no_slope():
    none = get("multiverse").analyse([], QUICK, Budget.QUICK)
    assert {j.verdict for j in none.claims} == {Verdict.INCONCLUSIVE}
    assert none.tables == none.figures == ()


def test_the_cells_are_teacher_students_and_another_start_adds_as_many():
    own = teacher_student.cells(teacher_student.BUDGETS[Budget.QUICK])
    assert [c.key for c in cells(QUICK)] == [c.key for c in own]
    assert len({c.key for c in cells(Settings("quick", ("authors", "torch")))}) == 2 * len(own)
    with pytest.raises(BadInput, match="a budget of teacher-student"):
        cells(Settings("large"))
