"""What is computed from the 223 runs: the dense exponent, the noise of seeds, the routers' laws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scalinglaws.data.runs import routing
from scalinglaws.data.runs.routing import DENSE, ROUTERS, TABLE, RoutedRuns
from scalinglaws.data.runs.tables import absent, checksum
from scalinglaws.experiments.experiment import require
from scalinglaws.result import Row
from scalinglaws.sweep.cell import Cell

HERE = "scalinglaws.experiments.routing.study"
VERSION = 2
SEED = 42  # of all runs but three
FREQUENCY = 0.5  # every other layer is routed
REPEATED = "130M"  # the dense size that was trained from three seeds


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    routers: tuple[str, ...] = ROUTERS


@dataclass(frozen=True, kw_only=True)
class DenseRuns:
    """Dense models of standard shape."""

    table: str  # SHA-256


@dataclass(frozen=True, kw_only=True)
class OneRouter:
    """One expert per token in every other layer, with or without the dense runs as E = 1."""

    table: str
    router: str


def cells(settings: Settings) -> list[Cell]:
    """None where the table is absent. Raises BadInput."""
    s = settings
    rules = {
        f"routers of {', '.join(ROUTERS)}, each once": 0 < len(s.routers) == len(set(s.routers))
        and set(s.routers) <= set(ROUTERS)
    }
    require("routing", rules)
    if absent(TABLE):
        return []
    table = checksum(TABLE)
    return [
        Cell(task=f"{HERE}:fit_dense", version=VERSION, config=DenseRuns(table=table)),
        *(
            Cell(
                task=f"{HERE}:fit_router",
                version=VERSION,
                config=OneRouter(table=table, router=router),
                cost=5,
            )
            for router in s.routers
        ),
    ]


def fit_dense(config: DenseRuns) -> Sequence[Row]:
    """The exponent of all dense runs and of those of one seed; the scatter of three seeds."""
    from scalinglaws.laws import fit

    everything = routing.load(config.table)
    dense = everything.where((everything.router == DENSE) & (everything.k == 1))
    rows: list[Row] = []
    for name, runs in (("all", dense), ("one-seed", dense.where(dense.seed == SEED))):
        found = fit({"N": runs.N, "loss": runs.L}, "power", x="N")
        alpha = found.params["alpha"]
        rows.append(
            {
                "kind": "dense",
                "runs": name,
                "n": found.n,
                "alpha": alpha.value,
                "alpha_lo": alpha.lo,
                "alpha_hi": alpha.hi,
                "status": str(found.status),
            }
        )
    seeds = dense.L[dense.size == REPEATED]
    rows.append(
        {
            "kind": "seeds",
            "n": len(seeds),
            "sd": float(seeds.std(ddof=1)) if len(seeds) > 1 else None,
            "loss": float(seeds.mean()),
        }
    )
    return rows


def fit_router(config: OneRouter) -> Sequence[Row]:
    """The law in E of the routed runs, and that in E' of routed and dense runs of one seed."""
    import numpy as np

    from scalinglaws.estimate import LEVEL
    from scalinglaws.experiments.routing.law import Bilinear, Saturating
    from scalinglaws.laws.fitting.candidates import candidates, parameter
    from scalinglaws.laws.fitting.optimise import Problem

    routed, both = chosen(routing.load(config.table), config.router)
    rows: list[Row] = []
    for law, runs in ((Bilinear, routed), (Saturating, both), (Bilinear, both)):
        problem = Problem(law, np.log([runs.N, runs.E]), np.log(runs.L))
        found, _ = candidates([problem], LEVEL)
        row: Row = {
            "kind": "router",
            "router": config.router,
            "law": law.name,
            "dense": runs is both,
            "n": len(runs.L),
            "sd": math.sqrt(found[0].profile.s2),
            "sum_squares": found[0].optimum.F,
            "stationarity": found[0].optimum.stationarity,
        }
        for name in law.parameters():
            estimate = parameter(name, found, LEVEL)
            for key, value in (("", estimate.value), ("_lo", estimate.lo), ("_hi", estimate.hi)):
                row[name + key] = value if math.isfinite(value) else None
        rows.append(row)
        residual = problem.residual(found[0].optimum.theta)
        if runs is both:
            rows.extend(
                {
                    "kind": "run",
                    "router": config.router,
                    "law": law.name,
                    "E": E,
                    "residual": r,
                }
                for E, r in zip(runs.E.tolist(), residual.tolist(), strict=True)
            )
    return rows


def chosen(runs: RoutedRuns, router: str) -> tuple[RoutedRuns, RoutedRuns]:
    """The routed runs that the paper fits, and these with its dense runs."""
    usual = (runs.k == 1) & (runs.frequency == FREQUENCY) & (runs.seed == SEED)
    routed = usual & (runs.router == router)
    return runs.where(routed), runs.where(routed | (usual & (runs.router == DENSE)))
