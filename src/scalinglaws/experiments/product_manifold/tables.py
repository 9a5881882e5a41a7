"""Tables of product-manifold."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.experiments.product_manifold.statistics import Measured, Together, over
from scalinglaws.experiments.students.families import four_over
from scalinglaws.result import Table

# Section 3.2.1: d and 4/alpha of the parts alone.
PAPER = {"T_{3}": (2.98, 3.3), "T_{6}": (5.31, 4.9)}


def each_once(found: Sequence[Together]) -> list[Measured]:
    """Products and parts."""
    every = [m for t in found for m in (*t.parts, t.whole)]
    return list({m.family.kin: m for m in every}.values())


def products(found: Sequence[Together]) -> Table:
    """4/alpha and d of every product, between what both hypotheses say."""
    rows = [
        (
            t.loss,
            f"T_{{{t.name}}}",
            t.whole.family.teacher_seed,
            t.whole.four,
            t.d_max,
            t.midpoint,
            t.d_sum,
            over(t.whole.four, t.d_max),
            over(t.whole.four, t.midpoint),
            over(t.whole.four, t.d_sum),
            t.over_part,
            t.whole.d,
            over(t.whole.d, t.d_sum),
            over(t.whole.d_inputs, t.d_inputs_sum),
        )
        for t in found
    ]
    return Table(
        id="products",
        title="4/alpha between max d_i and sum d_i, and d",
        columns=(
            "loss",
            "teacher",
            "seed",
            "4/alpha",
            "max d_i",
            "midpoint",
            "sum d_i",
            "4/alpha over max d_i",
            "over the midpoint",
            "over sum d_i",
            "over the largest part's 4/alpha",
            "d (TwoNN)",
            "d over sum d_i",
            "the same of raw inputs",
        ),
        rows=tuple(rows),
        note="4/alpha, and its ratio to the part's, each with its own drift from half to full "
        "training length; of several parts as large their mean 4/alpha. Raw inputs: how far the "
        "estimator reads low on a cube of as many dimensions.",
    )


def exponents(found: Sequence[Together]) -> Table:
    """alpha and d of every target, parts included."""
    rows = [
        (
            m.family.loss,
            m.family.kin.teacher,
            m.family.teacher_seed,
            m.family.exponent.alpha,
            str(m.family.exponent.form),
            m.four_alone,
            four_over(m.family.exponent.straight),
            four_over(m.family.exponent_used.alpha),
            m.drift,
            m.d,
            m.d_inputs,
            *PAPER.get(m.family.kin.teacher, (None, None)),
        )
        for m in each_once(found)
    ]
    return Table(
        id="exponents",
        title="alpha, 4/alpha and d of products and parts",
        columns=(
            "loss",
            "teacher",
            "seed",
            "alpha",
            "form",
            "4/alpha",
            "4/alpha, straight line",
            "4/alpha, N_used",
            "drift of 4/alpha",
            "d (TwoNN)",
            "d of the inputs",
            "d, the paper's",
            "4/alpha, the paper's",
        ),
        rows=tuple(rows),
        note="Statistical errors. The paper's are of vetted teachers. N_used leaves out the "
        "weights of dead inputs. Drift: from half to full training length.",
    )
