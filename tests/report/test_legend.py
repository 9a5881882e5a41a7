"""Legends list what has a name, once, and cover no data."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure as Canvas
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from report_results import INF, figure, points

from scalinglaws.report.draw import draw
from scalinglaws.report.style import print_style
from scalinglaws.result import Axis, Figure, Panel, Series

Segments = list[np.ndarray]


def legends(canvas: Canvas) -> list[Legend]:
    inside = [ax.get_legend() for ax in canvas.axes]
    return [legend for legend in (*inside, *canvas.legends) if legend is not None]


def labels(figure: Figure) -> list[list[str]]:
    """The entries of each legend of a figure."""
    with print_style("salt"):
        return [[text.get_text() for text in legend.texts] for legend in legends(draw(figure))]


def covered(canvas: Canvas) -> int:
    """How many drawn points, and stretches of lines and error bars, lie below a legend.

    Counted on the drawn artists in pixels, each stretch by 200 points along it.
    """
    canvas.draw_without_rendering()
    seen = [np.empty((0, 2))]
    for ax in canvas.axes:
        for artist in ax.lines:
            points = artist.get_transform().transform(artist.get_xydata())
            drawn = artist.get_linestyle() != "None"
            seen += [points, *(_along(points) if drawn else ())]
        for collection in ax.collections:
            for path in collection.get_paths():
                seen += _along(collection.get_transform().transform(path.vertices))
    pixels = np.concatenate(seen)
    boxes = [legend.get_window_extent() for legend in legends(canvas)]
    return sum(bool(box.contains(x, y)) for x, y in pixels for box in boxes)


def _along(points: np.ndarray) -> Segments:
    t = np.linspace(0, 1, 200)[:, None]
    return [a + t * (b - a) for a, b in pairwise(points)]


def test_the_count_sees_a_legend_over_data():
    with print_style("salt"):
        canvas = draw(figure(points()))
        assert covered(canvas) == 0
        ax = canvas.axes[0]
        ax.add_line(Line2D([0, 1], [0, 1], transform=ax.transAxes))
        legends(canvas)[0].set_loc("center")
        assert covered(canvas) > 0


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_legend_covers_no_data(seed: int, scale: str):
    rng = np.random.default_rng(seed)
    n = (6, 40)[seed]
    x, y = np.exp(rng.normal(size=(2, n)))
    cloud = points("cloud", tuple(x), tuple(y), lo=tuple(y * 0.7), hi=tuple(y * 1.6))
    line = points("line", tuple(np.sort(x)), tuple(np.sort(y)[::-1]), kind="line", color=1)
    with print_style("salt"):
        canvas = draw(figure(cloud, line, x=scale, y=scale))
        assert len(legends(canvas)) == 1
        assert covered(canvas) == 0


def test_a_legend_covers_no_unbounded_error_bar():
    at = (0.0, 5.0, 9.0), (9.0, 9.0, 0.0)
    beyond, below = (9.0, 9.0, INF), (-INF, 5.0, 9.0)
    for ends in ({"hi": beyond}, {"x_hi": beyond, "x_lo": below}):
        with print_style("salt"):
            assert covered(draw(figure(points("points", *at, **ends)))) == 0


def test_a_long_label_is_wrapped_outside_its_mathematics():
    law = r"$L = E + \frac{A}{N^{\alpha}} + \frac{B}{D^{\beta}}$"
    ((label,),) = labels(figure(points(f"what is left of the loss {law} in the end")))
    assert label.replace("\n", " ") == f"what is left of the loss {law} in the end"
    assert law in label.splitlines()


def test_a_label_of_one_endless_word_is_cut():
    ((label,),) = labels(figure(points("unbreakable" * 30)))
    assert [len(line) <= 40 for line in label.splitlines()] == [True] * 6
    assert label.endswith("…")


def test_a_legend_stands_in_an_empty_corner_and_else_below():
    corners = points("corners", (0.0, 0.0, 1.0, 1.0), (0.0, 1.0, 0.0, 1.0))
    with print_style("salt"):
        empty = draw(figure(points("rising", (0.0, 1.0), (0.0, 1.0))))
        assert (empty.axes[0].get_legend() is not None, empty.legends) == (True, [])
        full = draw(figure(corners))
        assert full.axes[0].get_legend() is None
        (below,) = full.legends
        full.draw_without_rendering()
        assert below.get_window_extent().y1 < full.axes[0].get_window_extent().y0


def test_an_unlabelled_series_is_not_in_the_legend():
    assert labels(figure(points("named"), points("", color=1))) == [["named"]]
    assert labels(figure(points(""), points("", kind="reference"))) == []


def test_series_of_one_label_are_listed_once():
    assert labels(figure(points("twice"), points("twice", color=1))) == [["twice"]]


def test_an_unlabelled_fit_stands_with_the_points_of_its_colour():
    fit = points("", kind="line", color=1)
    shown = figure(points("a", color=0), points("b", color=1), fit)
    assert labels(shown) == [["a", "b"]]
    with print_style("salt"):
        canvas = draw(shown)
        (line,) = (a for a in canvas.axes[0].lines if a.get_linestyle() == "-")
        (legend,) = legends(canvas)
        keys = [k for k in legend.findobj(Line2D) if k.get_color() == line.get_color()]
    assert {key.get_linestyle() for key in keys} == {"-", "None"}


def test_labels_that_begin_with_an_underscore_are_listed():
    assert labels(figure(points("_loss"), points("_x", kind="line"))) == [["_loss", "_x"]]


def panels(*series: tuple[Series, ...]) -> Figure:
    return figure(panels=tuple(Panel("", Axis("x"), Axis("y"), s) for s in series))


def test_panels_that_share_their_entries_share_one_legend():
    both = (points("a"), points("b", color=1))
    assert labels(panels(both, both)) == [["a", "b"]]
    assert labels(panels(both[:1], both[1:])) == [["a"], ["b"]]


def test_more_than_six_entries_go_below():
    with print_style("salt"):
        canvas = draw(figure(*[points(f"{i}", color=i) for i in range(7)]))
        assert [len(legend.texts) for legend in canvas.legends] == [7]
        assert covered(canvas) == 0


def test_a_legend_below_is_no_wider_than_the_figure():
    with print_style("salt"):
        canvas = draw(figure(*[points(f"quite a long label {i}", color=i) for i in range(9)]))
        canvas.draw_without_rendering()
        assert canvas.legends[0].get_window_extent().width <= canvas.bbox.width
