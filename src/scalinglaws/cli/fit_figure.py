"""The figure of `fit --plot`: points, law, band of a new run, and the residuals below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from scalinglaws.result import Axis, Figure, Panel, Series

if TYPE_CHECKING:
    from scalinglaws.files.columns import Column
    from scalinglaws.laws import Fit

_BAND = 17  # places at which the band is computed


def figure(
    fitted: Fit, dropped: Mapping[str, Column], points: Iterable[Mapping[str, float]]
) -> Figure:
    """Two panels over the fitted range and the forecasts; rows left out are open circles."""
    (name,) = fitted.x
    (x,), loss = fitted.X, fitted.L
    ahead = [point[name] for point in points]
    span = np.geomspace(min([x.min(), *ahead]), max([x.max(), *ahead]), _BAND)
    runs = [fitted.predict(at) for at in span.tolist()]
    curve = tuple(run.value for run in runs)
    at = tuple(span.tolist())
    series = [
        Series(
            f"a new run, {fitted.level:.0%} interval",
            at,
            curve,
            "band",
            lo=tuple(run.lo for run in runs),
            hi=tuple(run.hi for run in runs),
        ),
        Series(_raised(fitted.law.formula(name)), at, curve, "line"),
        Series(f"{fitted.n} points", tuple(x.tolist()), tuple(loss.tolist())),
    ]
    if len(dropped[fitted.y]):
        out_x, out_y = (tuple(dropped[column].tolist()) for column in (name, fitted.y))
        series.append(Series("left out", out_x, out_y, marker="open"))
    percent = 100 * (loss / fitted.law.predict(x) - 1)
    residuals = (
        Series("", (at[0], at[-1]), (0.0, 0.0), "line"),
        Series("", tuple(x.tolist()), tuple(percent.tolist())),
    )
    return Figure(
        id="fit",
        title=f"{fitted.y} against {name}: {fitted.law.name}",
        source=fitted.law.source,
        caption="Left: the law and the interval of a new run. Right: what it leaves unexplained.",
        panels=(
            Panel("fit", Axis(name, "log"), Axis(fitted.y, "log"), tuple(series)),
            Panel("residuals", Axis(name, "log"), Axis("loss above the law, %"), residuals),
        ),
    )


def _raised(formula: str) -> str:
    """Its exponent as a superscript; the rest stays text, for a column may have any name."""
    base, _, exponent = formula.rpartition("^")
    return f"{base}$^{{{exponent}}}$"
