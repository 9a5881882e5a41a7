"""Axes show every value, follow error bars as far as they help, and a log axis is always read."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from scalinglaws.report.ticks import label_log, limits

NONE = np.empty(0)
AXIS = Figure().subplots().xaxis


def labelled(lo: float, hi: float) -> dict[str, float]:
    """Labels of the ticks within a log axis, and where they stand."""
    label_log(AXIS, lo, hi)
    ticks = AXIS.get_major_locator()()
    labels = AXIS.get_major_formatter().format_ticks(ticks)
    return {label: t for label, t in zip(labels, ticks, strict=True) if label and lo <= t <= hi}


def read(label: str) -> float:
    mantissa, power = re.fullmatch(r"\$([\d.]*?)(?:\\times)?(?:10\^\{(-?\d+)\})?\$", label).groups()
    return float(f"{mantissa or 1}e{power or 0}")


@given(st.floats(-200, 200), st.floats(-16, 2.4))
@example(0.0, -8.0)
@example(0.4, -13.0)
@example(0.0, 2.4)
@settings(deadline=None, max_examples=300)
def test_a_log_axis_has_two_labelled_ticks_over_any_range(log10_lo: float, log10_width: float):
    values = 10.0 ** np.array([log10_lo, log10_lo + min(10**log10_width, 300 - log10_lo)])
    lo, hi = limits(values, NONE, "log")
    labels = labelled(lo, hi)
    assert 2 <= len(labels) <= 8
    for label, tick in labels.items():
        assert read(label) == pytest.approx(tick, rel=1e-11)


@pytest.mark.parametrize("x", [1.0, 3.0, 0.07, 1e-250, 1e250])
def test_one_value_has_a_log_axis_around_it(x: float):
    lo, hi = limits(np.array([x]), NONE, "log")
    assert lo < x < hi
    assert len(labelled(lo, hi)) >= 2


@pytest.mark.parametrize(
    ("lo", "hi", "labels"),
    [
        (0.5, 2e3, ["$10^{0}$", "$10^{1}$", "$10^{2}$", "$10^{3}$"]),
        (1.5, 90.0, ["$2$", "$5$", "$10$", "$20$", "$50$"]),
        (2e6, 9e6, [rf"${n}\times10^{{6}}$" for n in (2, 5)]),
        (2.05, 2.32, ["$2.1$", "$2.2$", "$2.3$"]),
    ],
)
def test_labels_of_a_log_axis_have_one_style(lo: float, hi: float, labels: list[str]):
    found = list(labelled(lo, hi))
    assert set(labels) <= set(found)
    assert len({("times" in label, "10^" in label) for label in found}) == 1


def test_minor_ticks_have_no_label_and_no_major_tick_on_them():
    for lo, hi in ((0.5, 2e3), (1.5, 90.0), (2.05, 2.32), (1e-20, 1e20)):
        label_log(AXIS, lo, hi)
        minor = AXIS.get_minor_locator()()
        assert not any(AXIS.get_minor_formatter().format_ticks(minor))
        major = AXIS.get_major_locator()()
        if math.log10(hi / lo) < 4:
            assert not np.isclose(minor[:, None], major, rtol=1e-9).any()


@given(
    st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=5),
    st.sampled_from(["linear", "log"]),
)
@settings(deadline=None, max_examples=200)
def test_every_value_lies_within_the_limits(values: list[float], scale: str):
    on_axis = [v for v in values if scale == "linear" or v > 1e-259]
    lo, hi = limits(np.array(on_axis), NONE, scale)
    assert lo < hi
    assert all(lo <= v <= hi for v in on_axis)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_error_bars_are_followed_until_they_would_flatten_the_data(scale: str):
    values, plain = np.array([10.0, 20.0]), limits(np.array([10.0, 20.0]), NONE, scale)
    near = limits(values, np.array([8.0, 25.0]), scale)
    assert near[0] < 8 < plain[0]
    assert near[1] > 25 > plain[1]
    far = np.array([-1e9, 1e9, math.inf, -math.inf, math.nan])
    assert limits(values, far, scale) == plain


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_an_axis_without_values_has_limits_all_the_same(scale: str):
    lo, hi = limits(NONE, np.array([math.nan, math.inf]), scale)
    assert 0 < hi - lo < 10
    assert (lo > 0) == (scale == "log")


def test_a_log_axis_leaves_out_what_it_cannot_show():
    assert limits(np.array([-5.0, 0.0, 10.0, 100.0]), NONE, "log") == limits(
        np.array([10.0, 100.0]), NONE, "log"
    )


@pytest.mark.parametrize(
    "values",
    [[1e-310], [6.5e-297, 1.6e-296], [-1.7e308, 1.7e308]],
    ids=["denormal", "small", "large"],
)
def test_an_axis_leaves_out_what_lies_at_the_edges_of_floats(values: list[float]):
    assert len(labelled(*limits(np.array(values), NONE, "log"))) >= 2
    ends = limits(np.array([*values, 1.0, 2.0]), NONE, "linear")
    assert np.isfinite(ends).all()
    assert ends[1] < 3
