"""What is computed from the 245 points: fits, their bootstrap, and profiles of the parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalinglaws.data.runs import chinchilla
from scalinglaws.data.runs.tables import absent, checksum
from scalinglaws.experiments.chinchilla_refit.published import HOFFMANN, HOFFMANN_ROUNDED
from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.public_runs import fits
from scalinglaws.result import Row
from scalinglaws.sweep.cell import Cell

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float

HERE = "scalinglaws.experiments.chinchilla_refit.study"
VERSION = 2
DELTA = 1e-3  # of Hoffmann et al. 2022, section 3.3
OUTLIERS = 5  # points of highest loss, which Besiroglu et al. leave out
PROFILED = ("E", "alpha", "beta")
HOFFMANNS = {"hoffmann": HOFFMANN, "rounded": HOFFMANN_ROUNDED}


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    draws: int = 4000  # of the bootstrap, as published
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)  # of bootstraps, to know their Monte-Carlo error
    profile_points: int = 41
    seed: int = 0  # added to each of seeds


@dataclass(frozen=True, kw_only=True)
class OneFit:
    """The law under one loss, with or without the outliers."""

    table: str  # SHA-256
    dropped: int
    objective: str
    delta: float | None


@dataclass(frozen=True, kw_only=True)
class Resampled:
    """A bootstrap of the Huber fit."""

    table: str
    dropped: int
    delta: float
    draws: int
    bootstrap_seed: int


@dataclass(frozen=True, kw_only=True)
class Profiled:
    """The Huber fit's residuals, and its objective at fixed values of a parameter."""

    table: str
    dropped: int
    delta: float
    points: int


def cells(settings: Settings) -> list[Cell]:
    """None where the table is absent. Raises BadInput."""
    s = settings
    rules = {
        "draws >= 2": s.draws >= 2,
        "seeds, each once, 0 or more": len(s.seeds) == len(set(s.seeds)) and min(s.seeds) >= 0,
        "3 <= profile_points <= 1000": 3 <= s.profile_points <= 1000,
        "seed >= 0": s.seed >= 0,
    }
    require("chinchilla-refit", rules)
    if absent(chinchilla.TABLE):
        return []
    table = checksum(chinchilla.TABLE)
    one_fit = [
        OneFit(table=table, dropped=dropped, objective=objective, delta=delta)
        for dropped in (OUTLIERS, 0)
        for objective, delta in (("lad", None), ("huber", DELTA), ("lsq", None))
    ]
    resampled = [
        Resampled(
            table=table, dropped=OUTLIERS, delta=DELTA, draws=s.draws, bootstrap_seed=s.seed + seed
        )
        for seed in s.seeds
    ]
    profiled = Profiled(table=table, dropped=OUTLIERS, delta=DELTA, points=s.profile_points)
    return [
        *(Cell(task=f"{HERE}:fit_law", version=VERSION, config=c, cost=4) for c in one_fit),
        *(
            Cell(task=f"{HERE}:resample", version=VERSION, config=c, cost=3 + c.draws / 400)
            for c in resampled
        ),
        Cell(task=f"{HERE}:profile", version=VERSION, config=profiled, cost=10),
    ]


def fit_law(config: OneFit) -> Sequence[Row]:
    """The optimum with intervals, and sum |r| there and at Hoffmann's two printed laws."""
    import numpy as np

    runs, _ = chinchilla.without_highest(chinchilla.load(config.table), config.dropped)
    fit = fits.fitted(runs, config.objective, config.delta)
    problem = fit.problem
    return [
        {
            "kind": "fit",
            "objective": config.objective,
            "dropped": config.dropped,
            "n": fit.n,
            **fits.optimum_row(fit.optimum),
            **fits.interval_row(fit),
            "value": fit.objective.value,
            "sum_abs": float(np.abs(fit.residuals).sum()),
            **{
                f"sum_abs_{name}": float(np.abs(problem.residual(theta_of(law))).sum())
                for name, law in HOFFMANNS.items()
            },
            "sum_squares": float(fit.residuals @ fit.residuals),
        }
    ]


def resample(config: Resampled) -> Sequence[Row]:
    """Standard errors and percentile intervals of the parameters and of a, over the draws.

    chi2: of Hoffmann's law, (theta_H - theta)' Cov^-1 (theta_H - theta), theta the exponents and
    the logs of the rest, Cov their covariance over the draws.
    """
    import numpy as np

    from scalinglaws.laws.fitting.bootstrap import bootstrap

    runs, _ = chinchilla.without_highest(chinchilla.load(config.table), config.dropped)
    fit = fits.fitted(runs, "huber", config.delta)
    draws = bootstrap(fit, config.draws, scheme="pairs", seed=config.bootstrap_seed, threads=1)
    values = {name: draws.values(name) for name in fits.NAMES}
    values["a"] = values["beta"] / (values["alpha"] + values["beta"])
    off = theta_of(HOFFMANN) - fit.optimum.theta
    row: Row = {"kind": "bootstrap", "seed": config.bootstrap_seed, "draws": config.draws}
    for name, column in values.items():
        lo, hi = np.quantile(column, [0.025, 0.975]).tolist()
        row |= {name: float(column.std(ddof=1)), f"{name}_lo": lo, f"{name}_hi": hi}
    row["chi2"] = float(off @ np.linalg.solve(np.cov(draws.theta.T), off))
    return [row]


def profile(config: Profiled) -> Sequence[Row]:
    """Residuals of the points, and profiles over twice the intervals."""
    import numpy as np

    runs, _ = chinchilla.without_highest(chinchilla.load(config.table), config.dropped)
    fit = fits.fitted(runs, "huber", config.delta)
    log_X, log_L = fit.problem.log_X, fit.problem.log_L
    log_fit, log_old = (
        fit.law.log_loss(theta, log_X) for theta in (fit.optimum.theta, theta_of(HOFFMANN))
    )
    rows: list[Row] = [
        {
            "kind": "run",
            "fitted": float(np.exp(ours)),
            "residual": float(loss - ours),
            "fitted_hoffmann": float(np.exp(old)),
            "residual_hoffmann": float(loss - old),
        }
        for ours, old, loss in zip(log_fit, log_old, log_L, strict=True)
    ]
    found = fit.candidates[0].profile
    for name in PROFILED:
        index, estimate = fits.NAMES.index(name), fit.params[name]
        arm = 2 * estimate.half_width
        if not math.isfinite(arm):
            continue
        at = np.linspace(estimate.value - arm, estimate.value + arm, config.points)
        at = at[at > 0] if name == "E" else at
        values = np.log(at) if name == "E" else at
        for value, rise in zip(at.tolist(), found.rise(index, values), strict=True):
            rows.append(
                {
                    "kind": "profile",
                    "parameter": name,
                    "at": value,
                    "rise": float(rise),
                    "limit": (found.limit - found.optimum.F) / found.s2,
                }
            )
    return rows


def theta_of(law: dict[str, float]) -> Float[np.ndarray, " p"]:
    """Coordinates of a law by log A, log B, log E, alpha, beta."""
    import numpy as np

    return np.array([law[name] for name in ("log_E", "log_A", "alpha", "log_B", "beta")])
