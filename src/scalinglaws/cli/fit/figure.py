"""The figure of `fit --plot`: the law with the band of a new run, and what it leaves over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.cli.fit.forecasts import Ahead, Forecast
from scalinglaws.result import Axis, Figure, Panel, Series

if TYPE_CHECKING:
    from scalinglaws.files.table import Column
    from scalinglaws.laws import Fit

_BAND = 17  # places at which the band is computed, besides those that were asked
_JUST = 1e-9  # beyond the table, where its band begins: what back-tests add is added at once
_OVER = "loss above the law, %"


def figure(
    ahead: Ahead, dropped: Mapping[str, Column], points: Sequence[Mapping[str, float]]
) -> Figure:
    """Of one x the fitted range and the forecasts; of two, what was measured against the law."""
    fitted = ahead.fitted
    one = fitted.law.variables == 1
    return Figure(
        id="fit",
        title=f"{fitted.y} against {' and '.join(fitted.x)}: {fitted.law.name}",
        source=fitted.law.source,
        caption=_CURVE if one else _JOINT,
        panels=(
            _curve(ahead, dropped, points) if one else _measured(fitted),
            *(_residuals(fitted, i) for i in range(len(fitted.x))),
        ),
    )


_CURVE = "Left: the law and the interval of a new run. Right: what it leaves unexplained."
_JOINT = "First: measured against fitted loss. Beside it: what the law leaves unexplained."


def _curve(
    ahead: Ahead, dropped: Mapping[str, Column], points: Sequence[Mapping[str, float]]
) -> Panel:
    """The band at x is what a forecast there says. Rows left out are open circles."""
    fitted = ahead.fitted
    (name,) = fitted.x
    (x,), loss = fitted.X, fitted.L
    asked = [point[name] for point in points]
    span = _places(x, asked)
    found = ahead.at([{name: place} for place in span.tolist()])
    curve = tuple(one.loss.value for one in found)
    series = [
        *_bands(fitted, found),
        Series(_raised(fitted.law.formula(name)), _floats(span), curve, "line"),
        Series(f"{fitted.n} points", _floats(x), _floats(loss)),
    ]
    if len(dropped[fitted.y]):
        out_x, out_y = (_floats(dropped[column]) for column in (name, fitted.y))
        series.append(Series("left out", out_x, out_y, marker="open"))
    return Panel("fit", Axis(name, "log"), Axis(fitted.y, "log"), tuple(series))


def _places(x: Float[ndarray, " n"], asked: Sequence[float]) -> Float[ndarray, " m"]:
    """Evenly in log x over the table and all that was asked, with both, and the table's end."""
    lo, hi = min([x.min(), *asked]), max([x.max(), *asked])
    ends = [x.max(), x.max() * (1 + _JUST)] if hi > x.max() else []
    return np.unique([*np.geomspace(lo, hi, _BAND), *asked, *ends])


def _bands(fitted: Fit, found: Sequence[Forecast]) -> Iterator[Series]:
    """Of another colour where back-tests on the table do not vouch for it."""
    vouched = f"a new run, {fitted.level:.0%} interval"
    labels = {False: vouched, True: f"{vouched} by the law alone: back-tests do not vouch for it"}
    ends = [i for i in range(1, len(found)) if _alone(found[i]) != _alone(found[i - 1])]
    for start, end in pairwise([0, *ends, len(found)]):
        alone = _alone(found[start])
        # A stretch by the law alone goes on to its neighbours, so that nothing is left bare.
        stretch = found[max(start - alone, 0) : end + alone]
        yield Series(
            labels[alone],
            tuple(one.at[fitted.x[0]] for one in stretch),
            tuple(one.loss.value for one in stretch),
            "band",
            lo=tuple(one.loss.lo for one in stretch),
            hi=tuple(one.loss.hi for one in stretch),
            color=int(alone),
        )


def _alone(one: Forecast) -> bool:
    return bool(one.unsupported)


def _measured(fitted: Fit) -> Panel:
    law = fitted.law.predict(*fitted.X)
    ends = (float(min(law.min(), fitted.L.min())), float(max(law.max(), fitted.L.max())))
    series = (
        Series(_raised(fitted.law.formula(*fitted.x)), ends, ends, "line"),
        Series(f"{fitted.n} points", _floats(law), _floats(fitted.L)),
    )
    return Panel("fit", Axis(f"{fitted.y} of the law", "log"), Axis(fitted.y, "log"), series)


def _residuals(fitted: Fit, index: int) -> Panel:
    x = fitted.X[index]
    percent = 100 * (fitted.L / fitted.law.predict(*fitted.X) - 1)
    series = (
        Series("", (float(x.min()), float(x.max())), (0.0, 0.0), "line"),
        Series("", _floats(x), _floats(percent)),
    )
    return Panel("residuals", Axis(fitted.x[index], "log"), Axis(_OVER), series)


def _raised(formula: str) -> str:
    """Exponents as superscripts; the rest stays text, for a column may have any name."""
    return re.sub(r"\^(-?[0-9.]+(?:e[-+]?\d+)?)", r"$^{\1}$", formula)


def _floats(values: Float[ndarray, " n"]) -> tuple[float, ...]:
    return tuple(values.tolist())
