"""The figure of `dimension --plot`, as data."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from scalinglaws import dimension
from scalinglaws.cli.dimension.figure import figure
from scalinglaws.cli.dimension.measure import Measured, measure
from scalinglaws.cli.dimension.methods import requests
from scalinglaws.data import manifolds
from scalinglaws.result import Panel, Series


def measured(points: np.ndarray, methods: Sequence[str] = ()) -> Measured:
    return measure(
        points,
        requests(methods, ()),
        queries=None,
        seed=0,
        level=0.95,
        reference=None,
        search=True,
    )


def panels(points: np.ndarray, methods: Sequence[str] = ()) -> tuple[Panel, Panel, Panel]:
    relation, scales, local = figure("points", measured(points, methods)).panels
    return relation, scales, local


def labelled(panel: Panel, start: str) -> Series:
    (found,) = [s for s in panel.series if s.label.startswith(start)]
    return found


SPHERE = manifolds.sphere(3000, 3, np.random.default_rng(0))


@pytest.fixture(scope="module")
def of_a_sphere() -> tuple[Panel, Panel, Panel]:
    return panels(SPHERE)


def test_the_relation_is_a_line_of_slope_d_that_its_open_points_need_not_follow(of_a_sphere):
    relation, _, _ = of_a_sphere
    for color, k in enumerate((2, 3, 4)):
        fitted, left, line = (s for s in relation.series if s.color == color)
        d = dimension.knn(SPHERE, k).d
        assert fitted.label.startswith(f"$k = {k}$")
        assert (fitted.marker, left.marker, left.label) == ("filled", "open", "")
        assert line.y[1] / line.x[1] == pytest.approx(d, rel=1e-12)
        x, y = np.array(fitted.x), np.array(fitted.y)
        assert y == pytest.approx(d * x, abs=0.1)  # eq. B.16 holds on a sphere, y reaches 3
        assert min(left.x) > max(x)
        assert max(x) < max(left.x) == line.x[1]


def test_the_profile_is_drawn_with_its_band_and_its_plateau(of_a_sphere):
    _, scales, _ = of_a_sphere
    profile = dimension.against_radius(SPHERE, 32)
    points = labelled(scales, "$d$")
    assert points.x == tuple(p.radius for p in profile.points)
    assert points.y == tuple(p.d for p in profile.points)
    (band,) = [s for s in scales.series if s.kind == "band"]
    assert (band.lo, band.hi) == tuple(zip(*((p.lo, p.hi) for p in profile.points), strict=True))
    assert profile.plateau is not None
    flat = labelled(scales, "plateau")
    assert (flat.x, flat.y) == (profile.plateau.radius, (profile.plateau.d.value,) * 2)


def test_where_there_is_no_plateau_the_title_says_so():
    rng = np.random.default_rng(0)
    noisy_line = np.pad(rng.random((1500, 1)), ((0, 0), (0, 5))) + 3e-4 * rng.normal(size=(1500, 6))
    _, scales, _ = panels(noisy_line)
    assert scales.title.endswith("no plateau")
    assert not [s for s in scales.series if s.label.startswith("plateau")]


def test_the_histogram_holds_its_share_and_looks_like_one_d_on_a_sphere(of_a_sphere):
    _, _, local = of_a_sphere
    outline, expected = local.series
    x, y = np.array(outline.x), np.array(outline.y)
    width, density = np.diff(x)[1::2], y[1:-1:2]
    assert density @ width == pytest.approx(0.995, abs=0.001)
    d = dimension.mle(SPHERE, 20).d
    assert f"{d:.3g}" in outline.label
    assert f"{d:.3g}" in expected.label
    middle = (x[1:-1:2] + x[2::2]) / 2
    curve = np.interp(middle, expected.x, expected.y)
    # Counts scatter as a binomial; neighbours shared between points widen that a little.
    error = np.sqrt(curve / (len(SPHERE) * width))
    assert np.mean(np.abs(density - curve) < 3 * error) > 0.9
    # Two dimensions at once are no one d.
    two = np.vstack(
        [np.pad(SPHERE[:1000], ((0, 0), (0, 8))), 3 + np.random.default_rng(1).random((1000, 12))]
    )
    outline, expected = panels(two)[2].series
    assert np.max(np.abs(np.interp(outline.x, expected.x, expected.y) - outline.y)) > 0.1


def test_neighbours_asked_for_are_those_drawn():
    found = measure(
        SPHERE[:500], requests(["knn", "mle"], [6, 9]),
        queries=100, seed=0, level=0.95, reference=None, search=True,
    )  # fmt: skip
    relation, _, local = figure("points", found).panels
    assert [s.label[:7] for s in relation.series if s.label] == ["$k = 6$", "$k = 9$"]
    assert local.series[0].label.startswith("6 neighbours")


def test_one_local_d_at_all_points_is_a_stroke_beside_what_scatter_would_give():
    """A grid on a torus: to rounding, which leaves a histogram no width."""
    turns = 2 * np.pi / 8 * np.array(list(product(range(8), repeat=3)))
    grid = np.hstack([np.cos(turns), np.sin(turns)])
    outline, expected = panels(grid)[2].series
    d = dimension.local_dimension(grid, 20).d
    assert np.ptp(d) <= 1e-12 * d[0]
    assert outline.x == pytest.approx([d[0], d[0]], rel=1e-12)
    assert outline.y == (0.0, max(expected.y))
    assert min(expected.x) < d[0] < max(expected.x)


@pytest.mark.parametrize(
    ("points", "empty"),
    [
        (SPHERE[:4], [True, False, True]),  # three neighbours: no line, no local d
        (np.arange(300.0)[:, None] * [1, 1], [True, False, False]),  # a line, evenly spaced: tied
    ],
)
def test_a_panel_without_anything_to_show_is_empty(points: np.ndarray, empty: list[bool]):
    assert [not panel.series for panel in panels(points, ["pr"])] == empty
