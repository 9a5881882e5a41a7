"""The family over depths: exponents of exact power laws come back."""

from __future__ import annotations

import numpy as np
import pytest
from student_rows import family, rows_of

from scalinglaws.experiments.students.depths import Lengths, best_depths, hulls
from scalinglaws.experiments.students.families import families
from scalinglaws.experiments.students.widths import geometric

K, ALPHA, NOISE = 6, 4 / 6, 0.1
WIDTHS = geometric(22, 5)


def drawn(prefactors: dict[int, float], seed: int):
    of = (
        family(K, ALPHA, float(K), WIDTHS, hidden=h, A=A, noise=NOISE, seed=10 * seed + h)
        for h, A in prefactors.items()
    )
    return families(rows_of(*of))


@pytest.mark.parametrize("prefactors", [{2: 1.0, 3: 1.0, 4: 1.0}, {2: 1.0, 3: 1.3, 4: 1.6}])
def test_the_best_depth_gives_the_exponent_back_and_the_hull_one_too_large(prefactors):
    best, hull = [], []
    for seed in range(12):
        found = drawn(prefactors, seed)
        best += [f.exponent.alpha for f in best_depths(found)]
        hull += [f.exponent.alpha for f in hulls(found)]
    ratio = np.array([a.value / ALPHA for a in best])
    assert abs(np.median(ratio) - 1) < 3 * 1.25 * ratio.std(ddof=1) / np.sqrt(len(ratio))
    assert np.mean([a.lo <= ALPHA <= a.hi for a in best]) > 0.75  # of .95, 12 draws
    assert np.mean([a.value / ALPHA for a in hull]) > 1.1


def test_the_depth_is_that_of_least_loss_at_equal_n():
    shallow, deep = family(4, 1.0, 4.0, WIDTHS), family(4, 1.0, 4.0, WIDTHS, hidden=3, A=1.1)
    [best] = best_depths(families(rows_of(shallow, deep)))
    assert best.kin.hidden == 2  # though the deep ones, which are larger, have the least losses


def test_of_one_depth_it_is_the_family_itself():
    found = families(rows_of(family(4, 1.0, 4.0, WIDTHS)))
    assert best_depths(found) == found
    assert hulls(found) == []


def test_half_the_length_goes_with_the_depth_of_full_length():
    """Depth 3 is better at half the length, depth 2 at full length."""
    of = {(10, 2): 1.0, (10, 3): 1.2, (5, 2): 2.0, (5, 3): 1.5}
    found = families(
        rows_of(*(family(4, 1.0, 4.0, WIDTHS, hidden=h, steps=s, A=A) for (s, h), A in of.items()))
    )
    lengths = Lengths.of(found, 10)
    assert [(f.kin.hidden, f.steps) for f in lengths.both] == [(2, 10), (2, 5)]
