"""The figures of law-coverage as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.law_coverage.statistics import Case, Sample, cases
from scalinglaws.experiments.law_coverage.study import HORIZONS, PER_PARAMETER
from scalinglaws.result import Axis, Figure, Panel, Series

_LOW, _AIM, _HIGH = 0.93, 0.95, 0.97
_SPREAD = 1.06  # between laws at one place, so that their bars stand apart
_SHOWN = {
    "alpha": "exponents",
    "E": "irreducible loss",
    "mean 10x": "the law's loss at 10x",
    "run 10x": "a new run at 10x",
}
_SIZES = {False: "many runs", True: f"{PER_PARAMETER} runs per parameter"}
Place = Callable[[Case], float]


def figures(found: Sequence[Sample]) -> tuple[Figure, ...]:
    """By law and noise, large and small tables, and by horizon; none without samples."""
    if not found:
        return ()
    profile = cases(found)
    return (*(_by_noise(profile, small) for small in _SIZES), _by_horizon(profile))


def _by_noise(found: Sequence[Case], small: bool) -> Figure:
    mine = [case for case in found if case.small is small]
    return Figure(
        id="noise-few" if small else "noise-many",
        title=f"Coverage of 95 % intervals, {_SIZES[small]}",
        source="beyond the papers",
        caption="Of two exponents of a law the first. Open points: some of the intervals are open. "
        + _BARS,
        panels=tuple(
            _panel(
                title,
                Axis("noise, standard deviation of log L", "log"),
                _first(mine, what),
                lambda case: case.noise,
                _laws(found),
            )
            for what, title in _SHOWN.items()
        ),
    )


def _laws(found: Sequence[Case]) -> list[str]:
    return list(dict.fromkeys(case.law for case in found))


def _by_horizon(found: Sequence[Case]) -> Figure:
    horizons = {f"{of} {h}x": float(h) for of in ("mean", "run") for h in HORIZONS}
    return Figure(
        id="horizon",
        title="Coverage of 95 % forecasts against the horizon",
        source="beyond the papers",
        caption="Mean over the noises. Open points: some of the intervals are open. " + _BARS,
        panels=tuple(
            _panel(
                f"{title}, {size}",
                Axis("x over the largest fitted", "log"),
                [c for c in found if c.what.startswith(of) and c.small is small],
                lambda case: horizons[case.what],
                _laws(found),
            )
            for of, title in (("mean ", "the law's loss"), ("run ", "a new run"))
            for small, size in _SIZES.items()
        ),
    )


_BARS = "Bars are 95 % intervals of the study itself; the band is the target."


def _panel(title: str, x: Axis, found: Sequence[Case], place: Place, laws: Sequence[str]) -> Panel:
    places = sorted({place(case) for case in found}) or [1.0]
    ends = (places[0] / 1.4, places[-1] * 1.4)
    band = Series("target", ends, (_AIM,) * 2, "band", (_LOW,) * 2, (_HIGH,) * 2, color=None)
    return Panel(title, x, Axis("share that hold the truth"), (band, *_series(found, place, laws)))


def _series(found: Sequence[Case], place: Place, laws: Sequence[str]) -> list[Series]:
    """A series per law, its colour the law's in every panel."""
    made = list[Series]()
    for color, law in enumerate(laws):
        mine = [case for case in found if case.law == law]
        places = sorted({place(case) for case in mine})
        shares = [_share([case for case in mine if place(case) == at]) for at in places]
        aside = _SPREAD ** (color - len(laws) // 2)
        series = Series(
            law,
            tuple(at * aside for at in places),
            tuple(share.value for share in shares),
            "points",
            tuple(share.lo for share in shares),
            tuple(share.hi for share in shares),
            color=color,
            marker="open" if any(case.open for case in mine) else "filled",
        )
        made += [series] if mine else []
    return made


def _share(found: Sequence[Case]) -> Estimate:
    """Of all the tables, which are independent where they differ in noise."""
    held = np.concatenate([case.held for case in found])
    return Estimate.share(int(held.sum()), len(held))


def _first(found: Sequence[Case], what: str) -> list[Case]:
    """The cases of a quantity; of several exponents of a law, which share its tables, the first."""
    mine = [case for case in found if case.what == what]
    return list({(case.law, case.noise, case.n): case for case in reversed(mine)}.values())
