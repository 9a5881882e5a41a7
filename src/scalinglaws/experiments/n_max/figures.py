"""Figures of n-max as data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from scalinglaws.experiments.n_max.ends import End
from scalinglaws.experiments.n_max.statistics import evidence, growth, predicted
from scalinglaws.experiments.n_max.study import Study
from scalinglaws.experiments.students.families import Family
from scalinglaws.experiments.students.figures import LOSS
from scalinglaws.result import Axis, Figure, Panel, Series

_SHORT = "Sharma & Kaplan 2020, "
_D, _N = Axis("intrinsic dimension $d$"), Axis("$N_{\\max}$", "log")


def at_threshold(study: Study) -> Figure:
    """The paper's figure 2."""
    level = study.settings.entropies[0]
    return Figure(
        id="n-max-at-threshold",
        title="The largest network on the power law, by a threshold",
        source=_SHORT + "figure 2",
        caption=f"N_max is where the loss reaches {level:g}, a stand-in for the entropy of real "
        "data. Filled: within the sizes that were trained, 95 % intervals; the line is fitted to "
        "them. Open: extrapolated by the family's power law, no evidence. Dashed: "
        "(A / L)^(d/4), A the prefactor of each family's own power law. The paper finds "
        "log N_max about proportional to d.",
        panels=tuple(
            Panel(
                LOSS[loss],
                _D,
                _N,
                (
                    *_points("", study.at_threshold(loss, level), 0),
                    *_line(study.at_threshold(loss, level), 0),
                    *_theory(study.at_threshold(loss, level)),
                ),
            )
            for loss in study.losses
        ),
    )


def at_range_end(study: Study) -> Figure:
    """The paper's figure 12."""
    return Figure(
        id="n-max-at-range-end",
        title="The largest network on the power law, by its end",
        source=_SHORT + "figure 12, A.1",
        caption="Students of two hidden layers. Filled: the end of the law that fits best, with "
        "its 95 % interval; the line is fitted to them. Open: the same with an interval that has "
        "no end, and the last size that the paper's circle rule keeps, which has no error: both "
        "are in no fit. A family of which nothing is shown has no end in the tested range.",
        panels=tuple(
            Panel(
                LOSS[loss],
                _D,
                _N,
                (
                    *_points("end of the fitted law", study.range_ends(loss), 0),
                    *_line(study.range_ends(loss), 0),
                    *_points("circle rule", study.circle_ends(loss), 1),
                ),
            )
            for loss in study.losses
        ),
    )


def at_entropy(study: Study) -> Figure:
    """N_max against d at fixed entropy, which the paper has a stand-in for."""
    variances = study.settings.entropies
    noise = [
        series
        for color, variance in enumerate(variances)
        for series in _with_slope(f"noise ${_math(variance)}$", study.at_noise(variance), color)
    ]
    labels = list(_with_slope("labels", study.at_labels(), len(variances)))
    points = study.settings.points
    finite = [
        series
        for color, D in enumerate(points, start=len(variances) + 1)
        for series in _points(f"$D = {D}$", study.finite_ends(D), color)
    ]
    panels = [
        Panel("Gaussian noise, MSE", _D, _N, tuple(noise)),
        Panel("drawn labels, KL", _D, _N, tuple(labels)),
        Panel("finite data, MSE", _D, _N, tuple(finite)),
    ]
    return Figure(
        id="n-max-at-entropy",
        title="The largest network on the power law at real entropy",
        source=_SHORT + "2.2.2",
        caption="Left: students taught with Gaussian noise of variance sigma^2; N_max is where "
        "their loss without it has fallen to sigma^2. Middle: students taught with labels drawn "
        f"from the teacher, outputs times {study.settings.label_scale:g}; N_max is where their KL "
        "has fallen to the labels' entropy, nearly the same for all d. Right: students of D "
        "points; N_max is the end of the law that fits the test loss best. Filled: within the "
        "sizes that were trained, 95 % intervals, with lines fitted to them. Open: extrapolated, "
        "or without a closed interval; in no fit. Slopes: e-folds of N_max per dimension. At fixed "
        "entropy the theory has log N_max proportional to d; at fixed D it has not.",
        panels=tuple(panel for panel in panels if panel.series),
    )


def plateaus(study: Study) -> Figure:
    """The whole loss at real entropy against N, and its plateau."""
    ks = sorted({f.k for f in study.noisy})
    first = min((f.teacher_seed for f in study.noisy), default=0)
    own = [f for f in study.noisy if f.teacher_seed == first]
    panels = [
        Panel(
            f"noise of variance ${_math(variance)}$",
            Axis("parameters $N$", "log"),
            Axis("loss with noise, $\\sigma^2 + L$", "log"),
            tuple(_plateau([f for f in own if study.variance(f) == variance], variance, ks)),
        )
        for variance in study.settings.entropies
    ]
    labelled = [f for f in study.labelled if f.k in study.label_entropy]
    if labelled:
        panels.append(
            Panel(
                "drawn labels",
                Axis("parameters $N$", "log"),
                Axis("cross entropy, $S + L$ (nats)", "log"),
                tuple(
                    series
                    for f in labelled
                    for series in _plateau([f], study.label_entropy[f.k], ks)
                ),
            )
        )
    return Figure(
        id="plateaus",
        title="Loss of students taught with entropy against their size",
        source=_SHORT + "2.2.2",
        caption="The loss on targets with entropy S is S + L, L the loss on exact ones; log-means "
        "of L over the students of a size. Dashed: S, the noise's variance or the labels' "
        "entropy. N_max, where L = S, is where the loss has fallen to 2 S.",
        panels=tuple(panels),
    )


def _plateau(of: Sequence[Family], entropy: float, ks: Sequence[int]) -> Iterator[Series]:
    for f in of:
        yield Series(
            f"$k = {f.k}$",
            tuple(float(s.N_all) for s in f.sizes),
            tuple(entropy + s.L_log_mean for s in f.sizes),
            lo=tuple(entropy + s.L_log_mean * math.exp(-s.L_log_stderr) for s in f.sizes),
            hi=tuple(entropy + s.L_log_mean * math.exp(s.L_log_stderr) for s in f.sizes),
            color=ks.index(f.k),
        )
    if of:
        N = [s.N_all for f in of for s in f.sizes]
        ends = (float(min(N)), float(max(N)))
        color = ks.index(of[0].k) if len(of) == 1 else None
        yield Series("", ends, (entropy, entropy), "reference", color=color)


def _points(label: str, ends: Sequence[End], color: int) -> Iterator[Series]:
    """Those seen, and open those that are no evidence."""
    for seen in (True, False):
        own = [end for end in ends if end.seen is seen]
        if own:
            lonely = not seen and len(own) == len(ends)
            yield Series(
                label if seen or lonely else "",
                x=tuple(e.d.value for e in own),
                y=tuple(math.exp(e.log_N.value) for e in own),
                lo=_ends(own, "lo"),
                hi=_ends(own, "hi"),
                x_lo=tuple(e.d.lo for e in own),
                x_hi=tuple(e.d.hi for e in own),
                color=color,
                marker="filled" if seen else "open",
            )


def _with_slope(label: str, ends: Sequence[End], color: int) -> Iterator[Series]:
    """Points and their line, whose slope stands with the points' label."""
    line = growth(ends)
    slope = f": slope ${line.slope.as_math}$" if line else ""
    yield from _points(f"{label}{slope}", ends, color)
    for series in _line(ends, color):
        yield replace(series, label="")


def _ends(ends: Iterable[End], name: str) -> tuple[float, ...]:
    """An open end is drawn without a bar."""
    found = [(getattr(end.log_N, name), end.log_N.value) for end in ends]
    return tuple(math.exp(edge if math.isfinite(edge) else value) for edge, value in found)


def _line(ends: Sequence[End], color: int) -> Iterator[Series]:
    line, seen = growth(ends), evidence(ends)
    if line is not None:
        d = np.array([min(e.d.value for e in seen), max(e.d.value for e in seen)])
        yield Series(
            f"slope ${line.slope.as_math}$ per dimension",
            (float(d[0]), float(d[1])),
            tuple(float(v) for v in np.exp(line.predict(d))),
            "line",
            color=color,
        )


def _theory(ends: Sequence[End]) -> Iterator[Series]:
    seen = sorted(evidence(ends), key=lambda end: end.d.value)
    if len(seen) > 1:
        yield Series(
            "$(A/L)^{d/4}$",
            tuple(e.d.value for e in seen),
            tuple(math.exp(predicted(e).value) for e in seen),
            "reference",
            color=None,
        )


def _math(value: float) -> str:
    """6 x 10^-3 as mathematics."""
    power = math.floor(math.log10(value))
    digits = f"{value / 10**power:g}"
    return f"10^{{{power}}}" if digits == "1" else f"{digits} \\times 10^{{{power}}}"
