"""Figures of id-across-students as data."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.cnn.cell import HELD_OUT
from scalinglaws.experiments.cnn.families import Family as Cnns
from scalinglaws.experiments.id_across_students.claims import JUDGED
from scalinglaws.experiments.id_across_students.spread import Spread
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.experiments.students.families import METHODS, Family
from scalinglaws.experiments.students.figures import colors_by_k, dimensions
from scalinglaws.result import Axis, Figure, Panel, Series

_N, _D = Axis("parameters $N$", "log"), Axis("intrinsic dimension $d$")
_NAMES = {"twonn": "TwoNN", "knn2": "2nd neighbour", "knn3": "3rd", "knn4": "4th", "mle20": "MLE"}


def across_sizes(full: Sequence[Family]) -> Figure:
    """The paper's figure 3 left: d and L(N), one teacher."""
    own = _of_first(full)
    colors = colors_by_k(own)
    panels: list[Panel] = []
    for loss in sorted({f.loss for f in own}):
        of = [f for f in own if f.loss == loss]
        d = [series for f in of for series in dimensions(f, colors[f.k], lambda size: size.N_all)]
        L = [_losses(f, colors[f.k]) for f in of]
        panels.append(Panel(f"{loss.upper()}: dimension", _N, _D, tuple(d)))
        panels.append(
            Panel(f"{loss.upper()}: loss", _N, Axis(f"test loss $L$, {loss.upper()}", "log"), (*L,))
        )
    return Figure(
        id="d-across-sizes",
        title="The dimension and the loss of students of one teacher",
        source=SHORT + "figure 3 left",
        caption="TwoNN on 12 000 points, 95 % intervals, and the loss of the same students, "
        "log-mean over trials. Filled: widths n >= 3k; open: narrower students, which have too "
        "few units for d. Dashed: d of the raw inputs. In the paper d grows by about 10 % while "
        "the loss falls.",
        panels=tuple(panels),
    )


def by_method(full: Sequence[Family]) -> Figure:
    """The same by every method, for the most features and the fewest."""
    own = _of_first(full)
    ks = sorted({f.k for f in own})
    chosen = [f for f in own if f.k in (ks[0], ks[-1]) and f.loss == own[0].loss]
    return Figure(
        id="d-by-method",
        title="The dimension across sizes by every method",
        source=SHORT + "figure 3, by the methods of appendix B",
        caption="d of the last hidden layer by TwoNN, by the ratio to the 2nd, 3rd and 4th "
        "neighbour, and by MLE over 20 neighbours; 95 % intervals.",
        panels=tuple(
            Panel(
                f"$k = {f.k}$, {f.loss.upper()}",
                _N,
                _D,
                tuple(
                    with_bars(
                        _NAMES[method],
                        [(s.N_all, s.d[method]) for s in f.sizes if method in s.d],
                        color,
                    )
                    for color, method in enumerate(METHODS)
                ),
            )
            for f in chosen
        ),
    )


def over_students(found: Sequence[Spread]) -> Figure:
    """The paper's figure 20: a point per student."""
    own = [s for s in found if s.method == JUDGED]
    return Figure(
        id="d-over-students",
        title="The dimension of many students of one teacher",
        source=SHORT + "figure 20: 10 and 15 features",
        caption="TwoNN. Open: one student each. Filled, drawn a little to the right: their mean "
        "with the error that the estimator claims of a single student, 95 %; a cloud wider than "
        "that bar is the students' own spread.",
        panels=tuple(
            Panel(
                f"$k = {k}$ features",
                _N,
                _D,
                (
                    Series(
                        "one student",
                        tuple(float(s.N) for s in own if s.k == k for _ in s.d),
                        tuple(d for s in own if s.k == k for d in s.d),
                        marker="open",
                    ),
                    with_bars(
                        "mean, and the estimator's error",
                        [(s.N * 1.04, Estimate.normal(s.mean, s.own)) for s in own if s.k == k],
                        1,
                    ),
                ),
            )
            for k in sorted({s.k for s in own})
        ),
    )


def of_cnns(found: Sequence[Cnns]) -> Figure:
    """The paper's figure 3 right."""
    panels: list[Panel] = []
    for f in found:
        d = [(N, e) for N, e in zip(f.N, f.d[False, JUDGED], strict=True) if e is not None]
        curve = f.curves[HELD_OUT, "L_test"]
        L = [(N, curve.log_mean(i)) for i, N in enumerate(f.N)]
        panels.append(Panel(f"{f.dataset}: dimension", _N, _D, (with_bars("", d, 0),)))
        loss = Axis("test loss $L$ (nats)", "log")
        panels.append(Panel(f"{f.dataset}: loss", _N, loss, (with_bars("", L, 0),)))
    return Figure(
        id="d-across-cnns",
        title="The dimension and the loss of CNNs of growing width",
        source=SHORT + "figure 3 right (CIFAR-10)",
        caption="TwoNN of the last hidden layer before its ReLU, mean over the networks of a "
        "width, and the test loss at the step chosen on held-out images; 95 % intervals.",
        panels=tuple(panels),
    )


def _of_first(full: Sequence[Family]) -> list[Family]:
    """Of the first teacher."""
    first = min(f.teacher_seed for f in full)
    return [f for f in full if f.teacher_seed == first]


def _losses(f: Family, color: int) -> Series:
    return Series(
        f"$k = {f.k}$",
        tuple(float(s.N_all) for s in f.sizes),
        tuple(s.L_log_mean for s in f.sizes),
        color=color,
    )
