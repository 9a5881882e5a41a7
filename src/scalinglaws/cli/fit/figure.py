"""The figure of `fit --plot`: the law with the band of a new run, and what it leaves over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.result import Axis, Figure, Panel, Series

if TYPE_CHECKING:
    from scalinglaws.files.table import Column
    from scalinglaws.laws import Fit

_BAND = 17  # places at which the band is computed
_OVER = "loss above the law, %"


def figure(
    fitted: Fit, dropped: Mapping[str, Column], points: Iterable[Mapping[str, float]]
) -> Figure:
    """Of one x the fitted range and the forecasts; of two, what was measured against the law."""
    one = fitted.law.variables == 1
    return Figure(
        id="fit",
        title=f"{fitted.y} against {' and '.join(fitted.x)}: {fitted.law.name}",
        source=fitted.law.source,
        caption=_CURVE if one else _JOINT,
        panels=(
            _curve(fitted, dropped, points) if one else _measured(fitted),
            *(_residuals(fitted, i) for i in range(len(fitted.x))),
        ),
    )


_CURVE = "Left: the law and the interval of a new run. Right: what it leaves unexplained."
_JOINT = "First: measured against fitted loss. Beside it: what the law leaves unexplained."


def _curve(
    fitted: Fit, dropped: Mapping[str, Column], points: Iterable[Mapping[str, float]]
) -> Panel:
    """Rows left out are open circles."""
    (name,) = fitted.x
    (x,), loss = fitted.X, fitted.L
    ahead = [point[name] for point in points]
    span = np.geomspace(min([x.min(), *ahead]), max([x.max(), *ahead]), _BAND)
    runs = fitted.predictions(span.tolist())
    at, curve = _floats(span), tuple(run.value for run in runs)
    band = Series(
        f"a new run, {fitted.level:.0%} interval",
        at,
        curve,
        "band",
        lo=tuple(run.lo for run in runs),
        hi=tuple(run.hi for run in runs),
    )
    series = [
        band,
        Series(_raised(fitted.law.formula(name)), at, curve, "line"),
        Series(f"{fitted.n} points", _floats(x), _floats(loss)),
    ]
    if len(dropped[fitted.y]):
        out_x, out_y = (_floats(dropped[column]) for column in (name, fitted.y))
        series.append(Series("left out", out_x, out_y, marker="open"))
    return Panel("fit", Axis(name, "log"), Axis(fitted.y, "log"), tuple(series))


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
