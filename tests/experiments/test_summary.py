"""summary: the points of several experiments among one another's rows, and what may be absent."""

from __future__ import annotations

from functools import cache
from itertools import chain

import pytest
import test_cnn
import test_gpt
import test_vetted_teachers
from student_rows import family, inputs

from scalinglaws.errors import BadInput
from scalinglaws.experiments import get
from scalinglaws.experiments.p_loss.settings import BUDGETS as P_LOSS
from scalinglaws.experiments.product_manifold.settings import BUDGETS as PRODUCTS
from scalinglaws.experiments.students.widths import geometric
from scalinglaws.experiments.summary.points import SOURCES
from scalinglaws.experiments.summary.settings import BUDGETS, Settings, cells, settings_of
from scalinglaws.experiments.teacher_student.settings import BUDGETS as TEACHER_STUDENT
from scalinglaws.result import Budget, Findings, Row, Verdict

QUICK = BUDGETS[Budget.QUICK]
WIDTHS = geometric(27, 6)


@cache
def teacher_student(alpha_d: float = 4.0) -> tuple[Row, ...]:
    """On the line where alpha d is 4; T_3 is a name that a part of a product has too."""
    steps = TEACHER_STUDENT[Budget.QUICK].steps
    rows: list[Row] = []
    for k in (3, 4, 8):
        rows.append(inputs(k, k))
        rows += family(k, alpha_d / k, float(k), WIDTHS, steps=steps, seed=k)
    return tuple(rows)


@cache
def products() -> tuple[Row, ...]:
    """T_{3+6}, d = 9 and alpha = 4/6, and its parts, of 9 inputs."""
    steps = PRODUCTS[Budget.QUICK].steps
    rows: list[Row] = []
    for name, k, alpha, seed in (("3+6", 9, 4 / 6, 0), ("3", 3, 4 / 3, 0), ("6", 6, 4 / 6, 3)):
        about = {"name": f"T_{{{name}}}", "teacher": seed}
        rows.append(inputs(k, k, **about))
        students = family(k, alpha, float(k), WIDTHS, loss="kl", steps=steps, seed=k, **about)
        rows += [of_nine_inputs(row, alpha) for row in students]
    return tuple(rows)


@cache
def vetted() -> tuple[Row, ...]:
    """Vetted teachers on the line, and random ones of the names that parts of products have, on
    the line as well, with d = .8 k."""
    rows = test_vetted_teachers.rows_of(lambda k: 0.9 * k, lambda k: 0.8 * k)
    return tuple(
        of_nine_inputs(row, 4 / row["d_twonn"]) if row["kind"] == "student" else row for row in rows
    )


@cache
def p_loss() -> tuple[Row, ...]:
    """T_8 of teacher-student once more, on the line; and by p = 4, whose alpha is twice that."""
    steps = P_LOSS[Budget.QUICK].steps
    losses = {"p=2": 0.5, "p=4": 1.0}
    students = (family(8, a, 8.0, WIDTHS, loss=of, steps=steps) for of, a in losses.items())
    return (inputs(8, 8), *chain.from_iterable(students))


def of_nine_inputs(row: Row, alpha: float) -> Row:
    N = row["N_all"] - 11 * row["n"]  # not 20
    return {**row, "N_all": N, "L": row["L"] * (N / row["N_all"]) ** -alpha}


def everything() -> list[Row]:
    networks = [*test_cnn.rows(d=11.0), *test_gpt.rows_of(fewer=0.001)]
    return [*teacher_student(), *products(), *vetted(), *p_loss(), *networks]


def analyse(rows: list[Row], settings: Settings = QUICK) -> Findings:
    return get("summary").analyse(rows, settings, Budget.QUICK)


def verdicts(found: Findings) -> dict[str, Verdict]:
    return {j.claim.id: j.verdict for j in found.claims}


def test_every_experiment_finds_its_own_rows_among_the_others():
    rows = everything()
    points = {name: of(rows, settings_of(QUICK, name)) for name, of in SOURCES.items()}
    assert [p.name for p in points["teacher_student"]] == ["k = 3", "k = 4", "k = 8"]
    for p, k in zip(points["teacher_student"], (3, 4, 8), strict=True):
        assert (p.four.value, p.d.value) == pytest.approx((k, k), rel=0.1)
    (product,) = points["product_manifold"]
    assert (product.name, product.d.value) == ("3+6", pytest.approx(9))
    assert product.ratio.value == pytest.approx(6 / 9, rel=0.1)
    for p, d in zip(points["vetted_teachers"], (2.7, 4.5, 6.3, 8.1, 2.4, 4, 5.6, 7.2), strict=True):
        assert (p.four.value, p.d.value) == pytest.approx((d, d), rel=0.1)
    assert {p.source for p in points["vetted_teachers"]} == {
        f"figure 14's {of} teachers, KL" for of in ("vetted", "random")
    }
    (eight,) = points["p_loss"]
    assert (eight.source, eight.name) == ("p-loss, p=2", "k = 8")
    assert (eight.four.value, eight.d.value) == pytest.approx((8, 8), rel=0.1)
    (images,) = points["cnn"]
    assert (images.four.value, images.d.value) == pytest.approx((10, 11), rel=0.1)
    pure, constant = points["gpt"]
    assert pure.d == constant.d
    assert pure.d.value == pytest.approx(20, rel=0.02)
    assert constant.four.value == pytest.approx(4 / test_gpt.ALPHA, rel=0.15)
    assert pure.unjudged == constant.unjudged == ""


def test_points_on_the_line_and_below_it_agree():
    steady = [*teacher_student(), *products(), *test_cnn.rows(d=20.0)]
    found = analyse(steady)
    assert verdicts(found) == {"bound": Verdict.AGREES, "generic-case": Verdict.AGREES}
    assert [note for note in found.notes if note.startswith("gpt: no point")]
    labels = [s.label for s in found.figures[0].panels[0].series]
    assert labels[:3] == ["teacher-student, MSE", "products, KL", "CNNs"]


def test_one_point_far_above_the_line_breaks_the_bound_alone():
    found = analyse([*teacher_student(), *test_cnn.rows(d=5.0)])  # 4/alpha = 10
    assert verdicts(found) == {"bound": Verdict.DIFFERS, "generic-case": Verdict.AGREES}
    assert found.claims[0].reason == "above: CNNs, fashion-mnist"
    assert verdicts(analyse(list(teacher_student(2.0)))) == {
        "bound": Verdict.DIFFERS,
        "generic-case": Verdict.DIFFERS,
    }


def test_a_d_that_may_be_the_width_s_is_shown_and_not_judged():
    growing = test_gpt.rows_of(d=lambda width: 0.2 * width)
    found = analyse([*teacher_student(), *growing])
    assert any(
        note.startswith("gpt: d = ") and note.endswith("not judged.") for note in found.notes
    )
    assert verdicts(found)["bound"] is Verdict.AGREES
    texts = [s for s in found.figures[0].panels[0].series if s.label.startswith("transformers")]
    assert [s.marker for s in texts] == ["open"]


def test_no_rows_are_no_points():
    found = analyse([])
    assert set(verdicts(found).values()) == {Verdict.INCONCLUSIVE}
    assert len(found.notes) == len(SOURCES)
    assert found.tables == found.figures == ()


def test_the_cells_are_those_of_the_experiments_and_one_may_be_left_out():
    keys = {c.key for c in cells(QUICK)}
    for name in ("teacher-student", "product-manifold", "vetted-teachers", "p-loss"):
        own = get(name)
        assert {c.key for c in own.cells(own.budgets[Budget.QUICK])} <= keys
    alone = Settings("smoke", *["none"] * 5)
    own = get("teacher-student")
    assert [c.key for c in cells(alone)] == [c.key for c in own.cells(own.budgets[Budget.SMOKE])]
    assert any("left out" in note for note in analyse([], alone).notes)
    with pytest.raises(BadInput, match="cnn: a budget"):
        cells(Settings("quick", "quick", "quick", "quick", "fast", "quick"))
