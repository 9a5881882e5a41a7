"""The figures of id-errors as data."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.experiments.id_errors.statistics import Case
from scalinglaws.result import Axis, Figure, Panel, Series

_SHOWN = ("twonn", "mle k=5", "mle k=20")  # the defaults, and k between them
_SPREAD = 1.04  # between manifolds at one n, so that their bars stand apart


def figures(found: Sequence[Case]) -> tuple[Figure, ...]:
    """The ratio and the coverage against n; none without cases."""
    if not found:
        return ()
    return (
        _figure(
            found,
            "ratio",
            "Claimed error over true spread",
            "claimed stderr / sd of d-hat",
            (0.95, 1.0, 1.05),
            "1 is an honest error bar; an error that takes points for independent, as every peer's "
            "does, stands at 0.72 to 0.78.",
        ),
        _figure(
            found,
            "coverage",
            "Coverage of the 95 % interval",
            "share that hold E[d-hat]",
            (0.93, 0.95, 0.97),
            "The interval covers the estimator's own mean.",
        ),
    )


def _figure(
    found: Sequence[Case], what: str, title: str, label: str, lines: tuple[float, ...], caption: str
) -> Figure:
    ns = sorted({case.n for case in found})
    ends = (ns[0] / 1.3, ns[-1] * 1.3)
    low, aim, high = lines
    return Figure(
        id=what,
        title=title,
        source="beyond the papers",
        caption=f"{caption} Bars are 95 % intervals of the study itself; the band is the target.",
        panels=tuple(
            Panel(
                method,
                Axis("points n", "log"),
                Axis(label),
                (
                    Series("target", ends, (aim, aim), "band", (low,) * 2, (high,) * 2, color=None),
                    *_series(found, method, what),
                ),
            )
            for method in _SHOWN
        ),
    )


def _series(found: Sequence[Case], method: str, what: str) -> list[Series]:
    manifolds = list(dict.fromkeys(case.manifold for case in found))
    series = list[Series]()
    for color, manifold in enumerate(manifolds):
        mine = [case for case in found if (case.manifold, case.method) == (manifold, method)]
        aside = _SPREAD ** (color - len(manifolds) // 2)
        measured = [getattr(case, what) for case in mine]
        series.append(
            Series(
                manifold,
                tuple(case.n * aside for case in mine),
                tuple(m.value for m in measured),
                "points",
                tuple(m.lo for m in measured),
                tuple(m.hi for m in measured),
                color=color,
            )
        )
    return series
