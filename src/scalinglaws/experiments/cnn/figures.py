"""Figures of cnn as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.cnn.cell import HELD_OUT
from scalinglaws.experiments.cnn.families import Curve, Family
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.experiments.network_dimension.rows import number, where
from scalinglaws.result import Axis, Figure, Panel, Row, Series

N_AXIS = Axis("parameters $N$", "log")
ASIDE = 1.02  # points that would hide others are drawn a little to their right


def loss_against_size(found: Sequence[Family]) -> Figure:
    """Figures 9 and 15."""
    kinds = (("L", "loss $L$ (nats)"), ("error", "error, $1 -$ accuracy"))
    return Figure(
        id="loss-against-size",
        title="Loss and error against size",
        source=SHORT + "figures 9 (CIFAR-10) and 15 (the others)",
        caption="On test images and on those trained on, at the epoch where the loss on held-out "
        "images was least (the paper takes the least test loss: in the table). Points: log-mean "
        "over the trials with its standard error. Lines: power laws that may end in a floor or a "
        "break. The paper finds straight lines on CIFAR-10, error as steep as loss, and less "
        "clear ones on the other sets.",
        panels=tuple(
            Panel(
                f.dataset,
                N_AXIS,
                Axis(label, "log"),
                tuple(
                    series
                    for color, (name, part) in enumerate((("test", "test"), ("training", "train")))
                    for series in _curve(f.curves[HELD_OUT, f"{kind}_{part}"], name, color)
                ),
            )
            for f in found
            for kind, label in kinds
        ),
    )


def _curve(curve: Curve, label: str, color: int) -> Iterator[Series]:
    means = [curve.log_mean(i) for i in range(len(curve.N))]
    errors = [m.stderr / m.value if np.isfinite(m.stderr) else 0.0 for m in means]
    fit = curve.exponent
    yield Series(
        f"{label}: $\\alpha = {fit.alpha.as_math}$" if fit else label,
        x=tuple(map(float, curve.N)),
        y=tuple(m.value for m in means),
        lo=tuple(m.value * float(np.exp(-e)) for m, e in zip(means, errors, strict=True)),
        hi=tuple(m.value * float(np.exp(e)) for m, e in zip(means, errors, strict=True)),
        color=color,
    )
    if fit:
        N = np.geomspace(curve.N[0], curve.N[-1], 60)
        yield Series("", tuple(N.tolist()), tuple(fit.predict(N).tolist()), "line", color=color)


def dimension_against_size(found: Sequence[Family]) -> Figure:
    """Figure 3, right."""
    return Figure(
        id="dimension-against-size",
        title="The dimension of the last hidden layer against size",
        source=SHORT + "prediction 4, figure 3 right",
        caption="TwoNN's d on images that were not trained on, 95 % intervals; after the ReLU "
        "2 % to the right. The paper finds d constant to about 10 %, growing slowly with size.",
        panels=tuple(
            Panel(
                f.dataset,
                N_AXIS,
                Axis("intrinsic dimension $d$"),
                tuple(
                    with_bars(
                        label,
                        [
                            (N * ASIDE**relu, d)
                            for N, d in zip(f.N, f.d[relu, "twonn"], strict=True)
                            if d is not None
                        ],
                        color,
                    )
                    for color, (relu, label) in enumerate(
                        ((False, "before ReLU"), (True, "after ReLU"))
                    )
                ),
            )
            for f in found
        ),
    )


def course(rows: Sequence[Row], found: Sequence[Family]) -> Figure:
    """Loss by epoch of the narrowest networks and the widest."""
    return Figure(
        id="loss-by-epoch",
        title="Loss in the course of training",
        source=SHORT + "A.4: early stopping",
        caption="Mean over the trials. Points: test images after each epoch. Lines: mean over the "
        "batches of the epoch, each before its step. Where the points turn up, training on "
        "overfits; where they still fall at the end, longer training would lower the loss.",
        panels=tuple(
            Panel(
                f.dataset,
                Axis("epoch"),
                Axis("loss (nats)", "log"),
                tuple(
                    series
                    for color, n in enumerate(dict.fromkeys((f.n[0], f.n[len(f.n) // 2], f.n[-1])))
                    for series in _by_epoch(
                        where(rows, dataset=f.dataset, kind="epoch", n=n), n, color
                    )
                ),
            )
            for f in found
        ),
    )


def _by_epoch(rows: Sequence[Row], n: int, color: int) -> Iterator[Series]:
    epochs = sorted({number(row, "epoch") for row in rows})

    def mean(name: str) -> tuple[float, ...]:
        own = [[number(row, name) for row in rows if row["epoch"] == epoch] for epoch in epochs]
        return tuple(float(np.mean(values)) for values in own)

    yield Series(f"$n = {n}$", tuple(epochs), mean("L_test"), color=color)
    yield Series("", tuple(epochs), mean("L_running"), "line", color=color)
