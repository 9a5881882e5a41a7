"""Rows of several experiments -> 4/alpha against d, the plane of figure 1."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.cnn.families import points as image_points
from scalinglaws.experiments.gpt.claims import UNMEASURED
from scalinglaws.experiments.gpt.measures import alphas, dimensions, fits, sizes, systematics
from scalinglaws.experiments.p_loss.settings import MSE, loss_name
from scalinglaws.experiments.p_loss.settings import N_IN as OF_P_LOSS
from scalinglaws.experiments.p_loss.settings import Settings as PLoss
from scalinglaws.experiments.product_manifold.settings import N_IN as OF_PRODUCTS
from scalinglaws.experiments.product_manifold.settings import Settings as ProductManifold
from scalinglaws.experiments.product_manifold.statistics import Measured, together
from scalinglaws.experiments.students.depths import Lengths
from scalinglaws.experiments.students.families import Family, families, four_over
from scalinglaws.experiments.students.lines import on_the_lines
from scalinglaws.experiments.students.settings import Training
from scalinglaws.experiments.teacher_student.settings import N_IN as OF_TEACHER_STUDENT
from scalinglaws.experiments.teacher_student.settings import Settings as TeacherStudent
from scalinglaws.experiments.vetted_teachers.settings import N_IN as OF_VETTED
from scalinglaws.experiments.vetted_teachers.settings import Settings as VettedTeachers
from scalinglaws.experiments.vetted_teachers.statistics import both
from scalinglaws.result import Row

LOWEST = 1.25  # TwoNN reads 15.3 on 12 000 points of a cube of 19 dimensions, the paper's largest


@dataclass(frozen=True)
class Point:
    """What one experiment finds for one data manifold.

    low: how many times too small the estimator may read d: measured where the manifold is a cube.
    unjudged: why d stands for no data manifold, so that the bound is not held to it; else empty.
    """

    source: str
    name: str
    four: Estimate
    d: Estimate
    low: float = LOWEST
    unjudged: str = ""

    @property
    def ratio(self) -> Estimate:
        """4/(alpha d): at most 1 (2.6), and 1 in the generic case (2.5)."""
        return self.four.over(self.d)

    @property
    def least(self) -> Estimate:
        """The same with d as large as it may be."""
        return self.ratio.map_monotone(lambda ratio: ratio / self.low, 1 / self.low)


def lengths(rows: Sequence[Row], settings: TeacherStudent) -> Lengths:
    own = _students(rows, OF_TEACHER_STUDENT, settings)
    return Lengths.of(families(own), settings.steps)


def of_teacher_student(rows: Sequence[Row], settings: object) -> list[Point]:
    found = lengths(rows, cast(TeacherStudent, settings))
    return list(_of_teachers("teacher-student", found.full, found.halves))


def of_vetted_teachers(rows: Sequence[Row], settings: object) -> list[Point]:
    """The vetted and the random teachers of figure 14."""
    own = cast(VettedTeachers, settings)
    groups = both(_students(rows, OF_VETTED, own), own).groups
    return [
        point
        for name, group in groups
        for point in _of_teachers(f"figure 14's {name} teachers", group.full, group.halves)
    ]


def of_p_loss(rows: Sequence[Row], settings: object) -> list[Point]:
    """Its students of p = 2; of others alpha is another by construction (3.4)."""
    own = cast(PLoss, settings)
    found = families(_students(rows, OF_P_LOSS, own, (loss_name(MSE),)))
    lengths = Lengths.of(found, own.steps)
    return list(_of_teachers("p-loss", lengths.full, lengths.halves))


def _of_teachers(name: str, full: Sequence[Family], halves: Sequence[Family]) -> Iterator[Point]:
    twins = {half.name: half for half in halves if half.exponent.alpha.value > 0}
    for f in full:
        if on_the_lines(f) and (d := f.d):
            four = Measured(f, twins.get(f.name)).four
            loss = f.loss if f.loss == loss_name(MSE) else f.loss.upper()
            yield Point(f"{name}, {loss}", f"k = {f.k}", four, d, _low(f))


def of_product_manifold(rows: Sequence[Row], settings: object) -> list[Point]:
    """Sums: 4/alpha is expected at max d_i, far below d."""
    own = cast(ProductManifold, settings)
    found = together(_students(rows, OF_PRODUCTS, own), own)
    return [
        Point(f"products, {t.loss.upper()}", t.name, t.whole.four, d, _low(t.whole.family))
        for t in found
        if (d := t.whole.d)
    ]


def _low(f: Family) -> float:
    """k over what the same estimator reads on the inputs, a cube of k dimensions."""
    d = f.d_inputs.get("twonn")
    return max(f.k / d.value, 1.0) if d else LOWEST


def of_cnn(rows: Sequence[Row], settings: object) -> list[Point]:
    own = [row for row in rows if row.get("dataset") is not None]
    return [
        Point("CNNs", point.dataset, four_over(point.alpha), point.d)
        for point in image_points(own)
        if point.alpha.value > 0
    ]


def of_gpt(rows: Sequence[Row], settings: object) -> list[Point]:
    """By both laws: text has entropy (section 2.2.2), and Kaplan et al. fitted a pure power."""
    own = [row for row in rows if row.get("rate_factor") is not None]
    shifts = systematics(own)
    d, both = dimensions(own), alphas(fits(sizes(own)), shifts)
    if not both or not d.widest or shifts is None:
        return []
    unjudged = d.unusable or (UNMEASURED if shifts.E is None else "")
    laws = zip(("A N^-alpha", "E + A N^-alpha"), both, strict=True)
    return [
        Point("transformers", law, four_over(alpha), d.widest, unjudged=unjudged)
        for law, alpha in laws
        if alpha.value > 0
    ]


SOURCES: dict[str, Callable[[Sequence[Row], object], list[Point]]] = {
    "teacher_student": of_teacher_student,
    "product_manifold": of_product_manifold,
    "vetted_teachers": of_vetted_teachers,
    "p_loss": of_p_loss,
    "cnn": of_cnn,
    "gpt": of_gpt,
}


def _students(
    rows: Sequence[Row], n_in: int, settings: Training, losses: Collection[str] = ("kl", "mse")
) -> list[Row]:
    """Of students with so many inputs, of that schedule and those losses: teachers of several
    experiments may share a name. Rows of inputs by their schedule alone: of one teacher all are
    alike."""

    def number(row: Row, name: str) -> float:
        return float(cast(float, row[name]))

    def inputs(row: Row) -> float:
        """N_all counts the weights of k live inputs and of the dead ones, N_used the live alone."""
        return number(row, "k") + (number(row, "N_all") - number(row, "N_used")) / number(row, "n")

    return [
        row
        for row in rows
        if row.get("schedule") == settings.schedule
        and (
            row["kind"] == "inputs"
            or (row["kind"] == "student" and row["loss"] in losses and inputs(row) == n_in)
        )
    ]
