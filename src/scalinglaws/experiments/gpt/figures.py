"""Figures of gpt as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.bars import with_bars
from scalinglaws.experiments.gpt.beside import GPT2_D, KAPLAN_ALPHA, Pretrained
from scalinglaws.experiments.gpt.measures import BELOW, Dimensions, Fits, RateCheck, Size
from scalinglaws.experiments.students.families import four_over
from scalinglaws.result import Axis, Figure, Panel, Series

_SOURCE = "Sharma & Kaplan 2020, section 3.4"
Alphas = tuple[Estimate, Estimate]


def loss_against_size(
    found: Sequence[Size], laws: Fits, alphas: Alphas, checks: Sequence[RateCheck]
) -> Figure:
    """L(N) with both fits."""
    N = np.array([size.N for size in found], dtype=float)
    dense = np.geomspace(N[0], N[-1], 80)
    power, constant = alphas
    measured = Series(
        "models, log-mean and range",
        tuple(N.tolist()),
        tuple(size.L_log_mean for size in found),
        lo=tuple(min(size.L) for size in found),
        hi=tuple(max(size.L) for size in found),
    )
    fitted = [
        Series(
            f"{name}: $\\alpha = {alpha.as_math}$",
            tuple(dense.tolist()),
            tuple(np.exp(law.log_loss(law.theta, np.log(dense)[None])).tolist()),
            "line",
            color=color,
        )
        for name, law, alpha, color in (
            ("power", laws.power.law, power, 1),
            ("power + constant", laws.constant.law, constant, 2),
        )
    ]
    return Figure(
        id="loss-against-size",
        title="Loss of small transformers against their size",
        source=f"{_SOURCE} (which trained none)",
        caption="Test loss on held-out text; N without embeddings, 12 n_layer d_model^2. Both "
        "laws are fitted to all models.",
        panels=(
            Panel(
                "",
                Axis("parameters $N$ without embeddings", "log"),
                Axis("test loss $L$ (nats per token)", "log"),
                (measured, *fitted, *_at_other_rates(found, checks)),
            ),
        ),
    )


def _at_other_rates(found: Sequence[Size], checks: Sequence[RateCheck]) -> Iterator[Series]:
    """The first model of the smallest and of the largest width."""
    by_width = {size.width: size for size in found}
    others = [
        (float(by_width[check.width].N), ratio * by_width[check.width].L[0])
        for check in checks
        for ratio in check.ratios.values()
    ]
    if others:
        yield with_bars("at half and double the rate", others, 3, "open")


def dimension_against_width(d: Dimensions, alphas: Alphas | None) -> Figure:
    """d of the final layer against width, and of every output of the widest."""
    widths = tuple(map(float, d.final))
    ends = (widths[0], widths[-1])
    series = [
        with_bars("final layer, last token", d.final.items(), 0),
        Series(
            f"{BELOW} $d_\\mathrm{{model}}$",
            widths,
            tuple(BELOW * w for w in widths),
            "reference",
            color=None,
        ),
    ]
    if alphas:
        for color, (name, alpha) in enumerate(
            zip(("power", "power + constant"), alphas, strict=True), start=1
        ):
            four = four_over(alpha).value
            series.append(Series(f"$4/\\alpha$, {name}", ends, (four, four), "line", color=color))
    kinds = list(dict.fromkeys(kind for _, kind in d.outputs))
    blocks = [
        with_bars(kind, _by_block(d.outputs, kind), color) for color, kind in enumerate(kinds)
    ]
    passages = [
        with_bars(f"{kind}, one passage", _by_block(d.passage, kind), color, "open")
        for color, kind in enumerate(kinds)
    ]
    return Figure(
        id="dimension",
        title="The dimension of the final layer, and of every block's outputs",
        source=f"{_SOURCE}, figures 10 and 11",
        caption=f"TwoNN, 95 % intervals. Left: last token of {d.n} held-out sequences; the widest "
        "stands for the data where d is stable and below the dashed line. Right: the widest, "
        "by block; open: the tokens of one passage, mean over passages.",
        panels=(
            Panel(
                "",
                Axis("width $d_\\mathrm{model}$", "log"),
                Axis("intrinsic dimension $d$", "log"),
                tuple(series),
            ),
            Panel(
                f"$d_\\mathrm{{model}} = {max(d.final)}$",
                Axis("block"),
                Axis("intrinsic dimension $d$"),
                (*blocks, *(s for s in passages if s.x)),
            ),
        ),
    )


def _by_block(
    found: Mapping[tuple[int, str], Estimate], kind: str
) -> Iterator[tuple[int, Estimate]]:
    return ((block, e) for (block, k), e in found.items() if k == kind)


def bound(alphas: Alphas, d: Estimate, usable: bool, other: Pretrained | None) -> Figure:
    """d against 4/alpha, as in figure 1."""
    power, constant = (four_over(alpha) for alpha in alphas)
    theirs = 4 / KAPLAN_ALPHA
    marker = "filled" if usable else "open"
    points = [
        _point(f"ours, {name}", d, four, i, marker)
        for i, (name, four) in enumerate((("power", power), ("power + constant", constant)))
    ]
    if other:
        points.append(_point(other.title, other.d, Estimate(theirs, 0, theirs, theirs), 2, "open"))
    points.append(
        Series("GPT-2 small, the paper: $d > 90$", (GPT2_D,), (theirs,), color=3, marker="open")
    )
    top = 1.1 * max(s.x[0] for s in points)
    line = Series("theory: $4/\\alpha = d$", (0.0, top), (0.0, top), "reference", color=None)
    return Figure(
        id="bound",
        title="d against 4/alpha of transformers",
        source="Sharma & Kaplan 2020, figure 1 and eq. 2.6",
        caption="Below the dashed line alpha exceeds 4/d, as eq. 2.6 expects. Open: points that "
        "decide nothing, for d is a lower bound, 4/alpha is of other models, or d may be "
        "the width's.",
        panels=(Panel("", Axis("intrinsic dimension $d$"), Axis("$4/\\alpha$"), (line, *points)),),
    )


def _point(label: str, x: Estimate, y: Estimate, color: int, marker: str) -> Series:
    return Series(
        label,
        (x.value,),
        (y.value,),
        lo=(max(y.lo, 0.0),),
        hi=(min(y.hi, 4 * y.value),),
        x_lo=(x.lo,),
        x_hi=(x.hi,),
        color=color,
        marker="open" if marker == "open" else "filled",
    )
