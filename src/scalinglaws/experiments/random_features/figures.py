"""The figures of random-features, as data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.experiments.random_features.measures import measure_images
from scalinglaws.experiments.random_features.rows import EXCESS_FROM, ImageLosses, Losses
from scalinglaws.experiments.random_features.settings import Settings
from scalinglaws.result import Axis, Figure, Panel, Series
from scalinglaws.theory import random_features as theory

SOURCE = "Bahri et al. 2021, figure 2"
CURVE_POINTS = 60
TWO_STANDARD_ERRORS = 2.0


def figures(
    spectra: Sequence[Losses], images: Sequence[ImageLosses], settings: Settings
) -> tuple[Figure, ...]:
    """Those there are rows for."""
    drawn: list[Figure] = []
    if spectra:
        drawn += [_four_regimes(spectra, settings), _across_the_peak(spectra)]
    if images:
        drawn += [_duality(images), _spectra(images)]
    return tuple(drawn)


def _four_regimes(spectra: Sequence[Losses], settings: Settings) -> Figure:
    return Figure(
        id="four-regimes",
        title="Four regimes of linear random-feature students",
        source=SOURCE + "a",
        caption=f"Means of {settings.draws} draws at S = {settings.S} with 2 standard errors; "
        "lines: the closed form, nothing fitted; dashed: the exponents -1 and -alpha. Above, the "
        "limit of the same draw is subtracted: slope -1 whatever the spectrum. Below, slopes set "
        "by the spectrum, steeper than -alpha where the end of the spectrum at S is felt. The "
        "paper shows the same four regimes for features of pooled MNIST, with variance-limited "
        "exponents of 1; the numbers in its legends are not known to us.",
        panels=(*_variance_limited(spectra, settings), *_resolution_limited(spectra, settings)),
    )


def _variance_limited(spectra: Sequence[Losses], settings: Settings) -> tuple[Panel, Panel]:
    fixed = settings.variance_at
    far = [n for n in spectra[0].sizes if n >= EXCESS_FROM * fixed]
    distance = [n - fixed for n in far]

    def closed(spectrum: Float[ndarray, " S"], distance: float) -> float:
        limit = theory.loss(spectrum, math.inf, fixed)
        return theory.loss(spectrum, fixed + distance, fixed) - limit

    return (
        _panel(
            f"variance-limited, over data, P = {fixed}",
            "D − P",
            "L(D, P) − L(∞, P)",
            spectra,
            distance,
            lambda losses: losses.excess_over_data(far, fixed),
            closed,
            lambda alpha: 1.0,
            shared=True,
        ),
        _panel(
            f"variance-limited, over projections, D = {fixed}",
            "P − D",
            "L(D, P) − L(D, ∞)",
            spectra,
            distance,
            lambda losses: losses.excess_over_projections(far, fixed),
            closed,
            lambda alpha: 1.0,
            shared=True,
        ),
    )


def _resolution_limited(spectra: Sequence[Losses], settings: Settings) -> tuple[Panel, Panel]:
    first, last = settings.window
    near = [n for n in spectra[0].sizes if first <= n <= last]

    def closed(spectrum: Float[ndarray, " S"], n: float) -> float:
        return theory.loss(spectrum, n, math.inf)

    return (
        _panel(
            "resolution-limited, over data, all features",
            "D",
            "L(D, ∞)",
            spectra,
            near,
            lambda losses: losses.at([(n, math.inf) for n in near]),
            closed,
            lambda alpha: alpha,
        ),
        _panel(
            "resolution-limited, over projections, all data",
            "P",
            "L(∞, P)",
            spectra,
            near,
            lambda losses: losses.at([(math.inf, n) for n in near]),
            closed,
            lambda alpha: alpha,
        ),
    )


def _panel(
    title: str,
    x_label: str,
    y_label: str,
    spectra: Sequence[Losses],
    x: Sequence[int],
    draws: Callable[[Losses], Float[ndarray, "draws sizes"]],
    closed: Callable[[Float[ndarray, " S"], float], float],
    exponent: Callable[[float], float],
    shared: bool = False,
) -> Panel:
    """Points, closed form and reference slope of every alpha; `shared`: one slope for all."""
    series: list[Series] = []
    for color, losses in enumerate(spectra):
        spectrum = theory.power_spectrum(losses.S, losses.alpha)
        curve = np.geomspace(x[0], x[-1], CURVE_POINTS)
        values = np.array([closed(spectrum, n) for n in curve])
        slope = exponent(losses.alpha)
        # Set apart from the points by a factor, so that both can be seen.
        reference = 0.6 * values[0] * (curve / curve[0]) ** -slope
        series += [
            _points(f"α = {losses.alpha:g}", x, draws(losses), color),
            Series("", _floats(curve), _floats(values), kind="line", color=color),
            Series(
                f"slope −{slope:g}",
                _floats(curve[[0, -1]]),
                _floats(reference[[0, -1]]),
                kind="reference",
                color=None if shared else color,
            ),
        ]
    return Panel(title, Axis(x_label, "log"), Axis(y_label, "log"), tuple(series))


def _across_the_peak(spectra: Sequence[Losses]) -> Figure:
    """L over D at several P of the middle alpha; and everything over the closed form."""
    losses = spectra[len(spectra) // 2]
    spectrum = theory.power_spectrum(losses.S, losses.alpha)
    across: list[Series] = []
    held = [P for P in losses.sizes if P < losses.S][::3]
    for color, P in enumerate(held):
        sizes = [D for D in losses.sizes if D != P]
        across.append(_points(f"P = {P}", sizes, losses.at([(D, P) for D in sizes]), color))
        for side in _beside_the_peak(sizes, P):
            values = [theory.loss(spectrum, D, P) for D in side]
            across.append(Series("", _floats(side), _floats(values), kind="line", color=color))
    ratios = tuple(_ratios(spectrum_losses, color) for color, spectrum_losses in enumerate(spectra))
    m = np.geomspace(min(losses.sizes), max(held), CURVE_POINTS)
    allowance = Series(
        "±2/m",
        _floats(m),
        _floats(np.ones_like(m)),
        kind="band",
        lo=_floats(1 - 2 / m),
        hi=_floats(1 + 2 / m),
        color=None,
    )
    return Figure(
        id="closed-form",
        title="Simulation against the closed form",
        source=SOURCE + "a; closed form derived",
        caption="Left: loss over data at fixed numbers of projections, through the divergence at "
        "D = P. Right: every simulated (D, P), also with either of them infinite, over the closed "
        "form, with 2 standard errors; the band is the allowance without its 3 standard errors.",
        panels=(
            Panel(
                f"α = {losses.alpha:g}, S = {losses.S}",
                Axis("D", "log"),
                Axis("L(D, P)", "log"),
                tuple(across),
            ),
            Panel(
                "all of the grid",
                Axis("m = min(D, P)", "log"),
                Axis("simulated / closed form"),
                (allowance, *ratios),
            ),
        ),
    )


def _ratios(losses: Losses, color: int) -> Series:
    spectrum = theory.power_spectrum(losses.S, losses.alpha)
    pairs = list(losses.draws)
    closed = np.array([theory.loss(spectrum, D, P) for D, P in pairs])
    # Points at one m side by side, by colour.
    m = [min(pair) * 1.04 ** (color - 1) for pair in pairs]
    return _points(f"α = {losses.alpha:g}", m, losses.at(pairs) / closed, color)


def _duality(images: Sequence[ImageLosses]) -> Figure:
    panels = tuple(
        Panel(
            f"{found.dataset}, {_pooled(found.pool)}, {found.S} features",
            Axis("D or P", "log"),
            Axis("held-out loss", "log"),
            (
                _points("L(D), all features", found.sizes, found.over_data, 0),
                _line("closed form of L(D)", found.sizes, found.closed_over_data, 0),
                _points("L(P), all training images", found.sizes, found.over_projections, 1),
                _line("closed form of L(P)", found.sizes, found.closed_over_projections, 1),
            ),
        )
        for found in images
    )
    return Figure(
        id="duality",
        title="Data and projections exchange roles, on real images",
        source=SOURCE,
        caption="Students of an isotropic linear teacher in random ReLU features of real images: "
        "D images and all features, or P Gaussian projections of the features and all training "
        "images; mean and 2 standard errors over draws of images, features and projections. "
        "Lines: the closed form, which assumes Gaussian features, at the measured eigenvalues; "
        "nothing is fitted. The paper finds equal exponents over a range of image features; the "
        "numbers in its legends are not known to us.",
        panels=panels,
    )


def _spectra(images: Sequence[ImageLosses]) -> Figure:
    series: list[Series] = []
    for color, found in enumerate(images):
        label = f"{found.dataset}, {_pooled(found.pool)}"
        inside = (found.ranks >= found.sizes[0]) & (found.ranks <= found.sizes[-1])
        positive = found.eigenvalues.mean(axis=0) > 0
        series.append(
            _points(label, found.ranks[positive], found.eigenvalues[:, positive], color, "open")
        )
        ranks, mean = found.ranks[inside], found.eigenvalues[:, inside].mean(axis=0)
        slope = measure_images(found).alpha_K.map_monotone(lambda alpha: -(1 + alpha), -1.0)
        power = slope.value * np.log(ranks)
        fit = np.exp(power + np.mean(np.log(mean) - power))
        series.append(
            Series(
                f"slope ${slope.as_math}$",
                _floats(ranks),
                _floats(fit),
                kind="line",
                color=color,
            )
        )
    panel = Panel(
        "second moment of the features",
        Axis("rank", "log"),
        Axis("eigenvalue λ", "log"),
        tuple(series),
    )
    return Figure(
        id="spectra",
        title="Spectra of random ReLU features of real images",
        source=SOURCE + "b",
        caption="Eigenvalues, mean over draws. The lines are fitted in the window of D and P: "
        "their slopes are -(1 + alpha_K).",
        panels=(panel,),
    )


def _points(
    label: str,
    x: Sequence[float] | Float[ndarray, " sizes"],
    draws: Float[ndarray, "draws sizes"],
    color: int,
    marker: str = "filled",
) -> Series:
    """Mean over draws with two standard errors (none for one draw)."""
    mean, n = draws.mean(axis=0), len(draws)
    arm = TWO_STANDARD_ERRORS * draws.std(axis=0, ddof=1) / math.sqrt(n) if n > 1 else 0 * mean
    return Series(
        label,
        _floats(x),
        _floats(mean),
        lo=_floats(mean - arm),
        hi=_floats(mean + arm),
        color=color,
        marker="open" if marker == "open" else "filled",
    )


def _line(
    label: str, x: Float[ndarray, " sizes"], draws: Float[ndarray, "draws sizes"], color: int
) -> Series:
    return Series(label, _floats(x), _floats(draws.mean(axis=0)), kind="line", color=color)


def _beside_the_peak(sizes: Sequence[int], P: int) -> list[Float[ndarray, " points"]]:
    """Where to draw the closed form over D: up to 8 % from its divergence at D = P."""
    sides = ((sizes[0], 0.92 * P), (1.08 * P, sizes[-1]))
    return [np.geomspace(start, end, CURVE_POINTS) for start, end in sides if start < end]


def _pooled(pool: int) -> str:
    return "not pooled" if pool == 1 else f"pooled {pool} × {pool}"


def _floats(values: Sequence[float] | Float[ndarray, " n"]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
