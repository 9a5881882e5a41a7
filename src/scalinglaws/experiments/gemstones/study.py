"""What is computed from a subset: the optimum, and intervals with and without its groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scalinglaws.data.runs import gemstones
from scalinglaws.data.runs.gemstones import PUBLISHED, SUBSETS, TABLES
from scalinglaws.data.runs.tables import RunTable, absent, checksum
from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.public_runs import fits
from scalinglaws.result import Row
from scalinglaws.sweep.cell import Cell

HERE = "scalinglaws.experiments.gemstones.study"
DELTAS = (1e-3, 1e-4)
VERSION = 2


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    subsets: tuple[str, ...] = SUBSETS
    deltas: tuple[float, ...] = DELTAS
    draws: int = 400  # of a bootstrap
    seeds: tuple[int, ...] = (0, 1, 2)  # of bootstraps, to know their Monte-Carlo error
    seed: int = 0  # added to each of seeds


@dataclass(frozen=True, kw_only=True)
class OneFit:
    """A subset under Huber's loss."""

    subset: str
    delta: float
    table: str  # SHA-256 of the subset's file
    published: str  # and of the table of published fits
    draws: int
    bootstrap_seeds: tuple[int, ...]


def cells(settings: Settings) -> list[Cell]:
    """A cell per fit; none where a table is absent. Raises BadInput."""
    s = settings
    rules = {
        f"subsets of {', '.join(SUBSETS)}, each once": 0 < len(s.subsets) == len(set(s.subsets))
        and set(s.subsets) <= set(SUBSETS),
        f"deltas of {DELTAS}, each once": 0 < len(s.deltas) == len(set(s.deltas))
        and set(s.deltas) <= set(DELTAS),
        "draws >= 2": s.draws >= 2,
        "seeds, each once, 0 or more": 0 < len(s.seeds) == len(set(s.seeds)) and min(s.seeds) >= 0,
        "seed >= 0": s.seed >= 0,
    }
    require("gemstones", rules)
    if absent(*tables(s)):
        return []
    published = checksum(PUBLISHED)
    return [
        Cell(
            task=f"{HERE}:run",
            version=VERSION,
            config=OneFit(
                subset=subset,
                delta=delta,
                table=checksum(TABLES[subset]),
                published=published,
                draws=s.draws,
                bootstrap_seeds=tuple(s.seed + seed for seed in s.seeds),
            ),
            cost=5,
        )
        for subset in s.subsets
        for delta in s.deltas
    ]


def tables(settings: Settings) -> list[RunTable]:
    """The files that these settings read."""
    return [*(TABLES[subset] for subset in settings.subsets), PUBLISHED]


def run(config: OneFit) -> Sequence[Row]:
    """The optimum beside the published law and its objective; then bootstraps by model.

    Intervals of the first row: profiles of points as if independent, and (alpha_models) of models.
    Two models never have the same N, so that N tells them apart.
    """
    import numpy as np

    from scalinglaws.laws.fitting.bootstrap import bootstrap

    runs = gemstones.load(config.subset, config.table)
    of = gemstones.published(config.published)[config.subset, config.delta]
    fit = fits.fitted(runs, "huber", config.delta)
    by_model = fits.fitted(runs, "huber", config.delta, groups=runs.N)
    law = {name: float(printed) for name, printed in of.law.items()}
    theta = np.array([math.log(law["E"]), law["log_A"], law["alpha"], law["log_B"], law["beta"]])
    which: Row = {"subset": config.subset, "delta": config.delta}
    rows: list[Row] = [
        {
            "kind": "fit",
            **which,
            "n": fit.n,
            "n_published": of.n,
            "models": len(np.unique(runs.N)),
            "objective": fit.objective.value,
            "objective_published": of.objective,
            "objective_at_published": fit.problem.F(theta) / 2,
            **fits.optimum_row(fit.optimum),
            **fits.interval_row(fit),
            "alpha_models": by_model.params["alpha"].value,
            **fits.ends_row("alpha_models", by_model.params["alpha"]),
            **{f"{name}_published": value for name, value in law.items()},
        }
    ]
    # Of a loss other than squares signs drawn at random do not tell the error: pairs, not wild.
    for seed in config.bootstrap_seeds:
        draws = bootstrap(by_model, config.draws, scheme="pairs", seed=seed, threads=1)
        row: Row = {"kind": "bootstrap", **which, "seed": seed, "draws": config.draws}
        for name in fits.NAMES:
            found = draws.interval(name)
            row |= {name: found.value, **fits.ends_row(name, found)}
        rows.append(row)
    return rows
