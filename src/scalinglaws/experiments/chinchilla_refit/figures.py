"""Residuals of both laws, profiles of the parameters, and where the choices of a fit lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.experiments.chinchilla_refit import published
from scalinglaws.experiments.chinchilla_refit.study import OUTLIERS, PROFILED
from scalinglaws.experiments.network_dimension.rows import number, where
from scalinglaws.experiments.public_runs.fits import estimate_of
from scalinglaws.result import Axis, Figure, Panel, Row, Series

SYMBOLS = {"E": "$E$", "alpha": r"$\alpha$", "beta": r"$\beta$"}
LOSSES = {"lad": r"$|r|$", "huber": "Huber", "lsq": "$r^2$"}


def figures(rows: Sequence[Row]) -> tuple[Figure, ...]:
    """Those that there are rows for."""
    found: list[Figure] = []
    if where(rows, kind="run"):
        found.append(_residuals(rows))
    if where(rows, kind="profile"):
        found.append(_profiles(rows))
    if where(rows, kind="fit"):
        found.append(_choices(rows))
    return tuple(found)


def _residuals(rows: Sequence[Row]) -> Figure:
    laws = {"": "this fit", "_hoffmann": "Hoffmann et al. 2022"}
    return Figure(
        id="residuals",
        title="What the two laws leave of the runs",
        source=published.BESIROGLU + "the residuals of both laws",
        caption=f"log L less the law's, against the law's loss, of the runs that are fitted. The "
        f"{OUTLIERS} of highest loss, left out, lie above by up to 0.3.",
        panels=tuple(
            Panel(
                title,
                Axis("fitted loss $L$", "log"),
                Axis(r"$\log L$ less the law's"),
                tuple(_points(rows, law)),
            )
            for law, title in laws.items()
        ),
    )


def _points(rows: Sequence[Row], law: str) -> Iterator[Series]:
    mine = where(rows, kind="run")
    x = tuple(number(row, f"fitted{law}") for row in mine)
    y = tuple(number(row, f"residual{law}") for row in mine)
    yield Series("", x, y)
    yield Series("", (min(x), max(x)), (0.0, 0.0), kind="reference", color=None)


def _profiles(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="profiles",
        title="How well the points know the parameters",
        source="Beyond the papers; Hoffmann et al. 2022 for the dashed lines",
        caption="Rise of the objective above its minimum when one parameter is held and the others "
        "follow, in units of the noise. Below the horizontal line lies the 95 % profile interval; "
        "the bar is that of a bootstrap of pairs. Vertical, dashed: Hoffmann et al. 2022.",
        panels=tuple(
            Panel(
                "",
                Axis(SYMBOLS[name]),
                Axis(r"rise of the objective $/ s^2$"),
                tuple(_profile(rows, name)),
            )
            for name in PROFILED
        ),
    )


def _profile(rows: Sequence[Row], name: str) -> Iterator[Series]:
    mine = where(rows, kind="profile", parameter=name)
    if not mine:
        return
    x = tuple(number(row, "at") for row in mine)
    y = tuple(number(row, "rise") for row in mine)
    limit = number(mine[0], "limit")
    yield Series("profile", x, y, kind="line", color=0)
    yield Series("95 %", (x[0], x[-1]), (limit, limit), kind="line", color=None)
    for row in where(rows, kind="bootstrap")[:1]:
        lo, hi = number(row, f"{name}_lo"), number(row, f"{name}_hi")
        best = x[y.index(min(y))]
        yield Series("bootstrap", (best,), (limit,), x_lo=(lo,), x_hi=(hi,), color=1)
    old = published.hoffmann()[name]
    yield Series("Hoffmann", (old, old), (0.0, max(y)), kind="reference", color=2)


def _choices(rows: Sequence[Row]) -> Figure:
    return Figure(
        id="choices",
        title="What the choices of a fit move",
        source="Beyond the papers; Hoffmann et al. 2022 and " + published.BESIROGLU + "open points",
        caption="The exponents of the same law under three losses, with and without the "
        f"{OUTLIERS} runs of highest loss; 95 % profile intervals. The choice of the runs moves "
        "beta, by which the best number of tokens is set, more than any interval allows for.",
        panels=(
            Panel(
                "",
                Axis(r"$\alpha$"),
                Axis(r"$\beta$"),
                (*_fitted(rows), *_printed()),
            ),
        ),
    )


def _fitted(rows: Sequence[Row]) -> Iterator[Series]:
    for color, (dropped, label) in enumerate(((OUTLIERS, "240 runs"), (0, "all 245"))):
        mine = [
            row
            for loss in LOSSES
            for row in where(rows, kind="fit", objective=loss, dropped=dropped)
        ]
        for row in mine:
            alpha, beta = estimate_of(row, "alpha"), estimate_of(row, "beta")
            yield Series(
                f"{LOSSES[str(row['objective'])]}, {label}",
                (alpha.value,),
                (beta.value,),
                lo=(beta.lo,),
                hi=(beta.hi,),
                x_lo=(alpha.lo,),
                x_hi=(alpha.hi,),
                color=3 * color + list(LOSSES).index(str(row["objective"])),
            )


def _printed() -> Iterator[Series]:
    old = published.hoffmann()
    yield Series("Hoffmann et al.", (old["alpha"],), (old["beta"],), color=None, marker="open")
