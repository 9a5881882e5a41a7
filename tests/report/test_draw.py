"""A figure as data, drawn: the same bytes each time, all its text, whatever the data."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import matplotlib
import pytest
from report_results import HOSTILE, INF, NAN, drawn_texts, figure, points

from scalinglaws.errors import BadInput
from scalinglaws.report import draw_plot
from scalinglaws.report.draw import draw, render
from scalinglaws.report.style import INK, color, drawable, marker, print_style
from scalinglaws.result import Axis, Figure, Panel, Series

TYPICAL = figure(
    points(r"$\alpha$ measured", lo=(0.5, 2.5, -INF), hi=(1.5, INF, 2.5)),
    points("a fit", kind="line", color=1),
    points("a band", kind="band", lo=(0.5, 2.0, 1.0), hi=(2.0, 4.0, 3.0)),
    points("the paper", kind="reference", color=None),
    x="log",
)


IN_ANOTHER_PROCESS = """
import sys
from test_draw import TYPICAL, render
sys.stdout.buffer.write(render(TYPICAL, "svg"))
"""


@cache
def drawn_once() -> bytes:
    return render(TYPICAL, "svg")


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_the_same_figure_gives_the_same_bytes_twice(suffix: str):
    unlabelled = figure(points(""))
    assert render(unlabelled, suffix) == render(unlabelled, suffix)


def test_the_same_figure_gives_the_same_bytes_in_another_process():
    other = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        check=True,
    )
    assert other.stdout == drawn_once()


def test_figures_are_drawn_in_our_style_whatever_the_users_and_theirs_is_restored():
    ours = drawn_once()
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.fonttype": "none"}):
        theirs = dict(matplotlib.rcParams)
        drawn = render(TYPICAL, "svg")
        assert dict(matplotlib.rcParams) == theirs
    assert drawn == ours


@pytest.mark.parametrize(
    ("name", "head"), [("a.svg", b"<?xml"), ("b.PNG", b"\x89PNG"), ("c.pdf", b"%PDF")]
)
def test_the_suffix_names_the_format(tmp_path: Path, name: str, head: bytes):
    draw_plot(figure(panels=()), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(head)
    assert [f.name for f in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("plot.jpg", r"must end in \.svg, \.png or \.pdf"),
        ("plot", r"must end in \.svg, \.png or \.pdf"),
        ("svg", r"must end in \.svg, \.png or \.pdf"),
        ("absent/plot.svg", "folder that exists"),
        ("folder.svg", "folder that exists"),
    ],
)
def test_a_path_that_cannot_be_drawn_to_is_refused(tmp_path: Path, name: str, rule: str):
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(BadInput, match=rule) as caught:
        draw_plot(figure(), tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert [f.name for f in tmp_path.iterdir()] == ["folder.svg"]


def test_a_full_disk_is_the_users_to_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(BadInput, match="No space left on device; choose another folder"):
        draw_plot(figure(), tmp_path / "plot.svg")
    assert not list(tmp_path.iterdir())


def test_every_text_of_a_figure_is_drawn():
    panels = tuple(
        Panel(f"panel {i}", Axis(f"x of {i}"), Axis(f"y of {i}"), (points(f"points {i}"),))
        for i in range(2)
    )
    texts = drawn_texts(Figure("f", "the title", "", "", panels))
    for i in range(2):
        assert {f"panel {i}", f"x of {i}", f"y of {i}", f"points {i}"} <= set(texts)
    assert "the title" in texts
    assert "no data" not in texts


def said(*series: Series) -> list[str]:
    """The texts within the axes of a panel, both axes logarithmic."""
    with print_style("salt"):
        (ax,) = draw(figure(*series, x="log", y="log")).axes
    return [text.get_text() for text in ax.texts]


def test_a_panel_with_nothing_to_show_says_so():
    assert said(points("")) == []
    assert said(points("", (1.0, NAN), (1.0, 2.0), kind="line")) == []
    for x, y in (((), ()), ((1.0, NAN), (NAN, 1.0)), ((1.0, INF), (INF, 1.0)), ((1.0,), (None,))):
        assert said(points("", x, y)) == ["no data"]
        assert said(points("", x, y, kind="line"), points("", x, y)) == ["no data"]
    assert said() == ["no data"]


def test_a_log_axis_whose_values_are_all_below_zero_says_so():
    assert said(points("", (1.0, 2.0), (-1.0, 0.0))) == ["no data"]
    assert said(points("", (-1.0, 5.0), (5.0, -1.0))) == ["no data"]
    assert said(points("", (1.0, 2.0), (-1.0, 1.0))) == []


def test_a_band_without_edges_is_no_data():
    absent = points("", (1.0, 2.0), (NAN, NAN), kind="band", lo=(NAN, 1.0), hi=(1.0, NAN))
    assert said(points("", (1.0, 2.0), (1.0, 1.0), kind="band"), absent) == ["no data"]
    assert said(replace(absent, hi=(1.0, 2.0))) == []


@pytest.mark.parametrize(("count", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 2, 2)])
def test_panels_leave_no_corner_empty(count: int, rows: int, columns: int):
    panel = Panel("", Axis("x"), Axis("y"), ())
    with print_style(salt=""):
        canvas = draw(figure(panels=(panel,) * count))
    grid = canvas.axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (rows, columns)


def test_a_figure_without_panels_is_drawn():
    assert render(figure(panels=()), "svg")


ODD = (
    points("no end", lo=(-INF, NAN, 0.0), hi=(INF, INF, NAN), x_lo=(-INF, NAN, 0.0)),
    points("an interval beside its value", lo=(5.0, 5.0, 5.0), hi=(0.0, 0.0, 0.0)),
    points("", kind="band", lo=(-INF, NAN, 0.0), hi=(INF, INF, NAN)),
    points("one", (1.0,), (1.0,), kind="reference"),
    points("equal", (1.0, 1.0), (2.0, 2.0), kind="line"),
    points("漢字 😀", color=10**6, marker="open"),
)
WIDEST = points("", (-1.7e308, 1.7e308), (1e-310, 1.7e308), lo=(-1.7e308, 0.0), hi=(1.7e308, INF))
WIDE = points("", (1e-30, 1e30), (-1e30, 1e-30), lo=(-1e300, 0.0), hi=(1e300, INF))


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("series", [ODD, (WIDE,), (WIDEST,)], ids=["odd", "wide", "widest"])
def test_odd_data_are_drawn_without_a_warning(series: tuple[Series, ...], scale: str):
    with print_style("salt"):
        draw(figure(*series, x=scale, y=scale)).draw_without_rendering()


@pytest.mark.parametrize("parts", [1, 4])
def test_many_points_are_an_image_in_however_many_series(parts: int):
    x = tuple(map(float, range(2004)))
    svg = render(figure(*(points(f"{i}", x[i::parts], x[i::parts]) for i in range(parts))), "svg")
    assert b"data:image/png;base64," in svg
    assert len(svg) < 100_000
    assert b"<image" not in drawn_once()


def test_mathtext_that_does_not_parse_is_drawn_literally():
    broken = [r"$\alpha", "costs $5", r"$\frac{a}$", "$x^$ y", r"a\$b$", r"$\hspace{1e999}$"]
    series = [points(label, color=i) for i, label in enumerate(broken)]
    assert set(broken) <= set(drawn_texts(figure(*series)))


def test_mathtext_too_deep_to_parse_is_drawn_literally():
    with print_style("salt"):
        assert drawable("$" + "{" * 3000) == r"\$" + "{" * 3000


def test_mathtext_that_parses_is_drawn_as_mathematics():
    texts = drawn_texts(figure(title=r"the exponent $\alpha = 4/d$"))
    assert not any("alpha" in text or "$" in text for text in texts)
    assert any("α" in text for text in texts)


def test_hostile_labels_are_drawn_as_they_are():
    a, b, c, d = HOSTILE[:4]
    texts = drawn_texts(figure(title=b, panels=(Panel(c, Axis(d), Axis(a), ()),)))
    assert {a, b, c, d} <= set(texts)


@pytest.mark.parametrize(
    ("count", "shade"),
    [(1, color), (6, color), (7, color), (12, color), (9, lambda i, _: marker(i))],
)
def test_colours_and_markers_tell_series_apart(count: int, shade: Callable[[int, int], str]):
    assert len({shade(index, count) for index in range(count)}) == count


def test_without_a_number_a_series_is_ink():
    assert color(None, 3) == INK


@pytest.mark.parametrize("label", ["series", "a long label " * 20], ids=["short", "long"])
def test_a_hundred_series_shrink_no_axes(label: str):
    with print_style("salt"):
        one, many = (
            draw(figure(*[points(f"{i} {label}", color=i) for i in range(n)])) for n in (7, 100)
        )
        heights = []
        for canvas in (one, many):
            canvas.draw_without_rendering()
            heights.append(canvas.axes[0].get_window_extent().height)
        assert heights[1] == pytest.approx(heights[0], rel=0.05)
        assert many.legends[0].texts[-1].get_text() == "and 60 more"


def test_a_long_label_leaves_the_panel_most_of_the_width():
    with print_style("salt"):
        canvas = draw(figure(points("a long label " * 20)))
        box = canvas.get_tightbbox()
        assert canvas.axes[0].get_position().width * canvas.get_figwidth() > 0.5 * box.width


def test_an_axis_of_categories_is_labelled_by_their_names_alone():
    series = Series("", (0.0, 1.0, 2.5), (0.0, 1.0, 0.0))
    panel = Panel("", Axis("x"), Axis("", names=("first", "second")), (series,))
    figure = Figure("names", "", "", "", (panel, panel), stacked=True)
    with print_style(salt="names"):
        above, below = draw(figure).axes
    assert [t.get_text() for t in below.get_yticklabels()] == ["first", "second"]
    assert list(below.get_yticks(minor=True)) == []
    assert len(below.get_xticks(minor=True)) > 0
    assert above.get_position().y0 > below.get_position().y1
    assert above.get_position().x0 == below.get_position().x0


@pytest.mark.parametrize(
    ("x", "whole"),
    [((1.0, 2.0), True), ((2.0,), True), ((1.0, 2.5), False), ((0.0, 400.0), False)],
)
def test_an_axis_of_few_whole_numbers_has_no_ticks_between_them(x: tuple[float, ...], whole: bool):
    panel = Panel("", Axis("epoch"), Axis(""), (Series("", x, (0.0, 1.0)[: len(x)]),))
    with print_style(salt="whole"):
        (axes,) = draw(Figure("whole", "", "", "", (panel,))).axes
    major, minor = axes.get_xticks(), axes.get_xticks(minor=True)
    assert len(major) >= len(x)
    assert (len(minor) == 0) == whole
    assert not whole or all(tick == round(tick) for tick in major)
