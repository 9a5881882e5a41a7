"""The settings, the cells they make, and a cell's work: tables drawn from one law, and fitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product

from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.law_coverage.truths import (
    TRUTHS,
    allocations,
    loss,
    parameters,
    runs,
)
from scalinglaws.laws.fitting.fitted import Fit
from scalinglaws.laws.law import Kind
from scalinglaws.result import Row
from scalinglaws.sweep.cell import Cell

HORIZONS = (2, 10, 100)  # times the largest x
PER_PARAMETER = 2  # runs per parameter of the small tables
REFUSED = "refused"  # the status of a table that `fit` would not answer
_COST = {  # seconds that a replicate takes, tables of both sizes together
    "power": 0.1,
    "power+constant": 0.3,
    "shifted": 1.9,
    "m3": 0.5,
    "m4": 1.6,
    "variance": 0.2,
    "log-power": 0.2,
    "broken": 5.2,
    "broken-2": 20.0,
    "additive": 1.3,
    "kaplan": 1.1,
}
_SECONDS = 10.0  # of a cell, about
_DIGITS = 5  # of a stored number


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    laws: tuple[str, ...] = tuple(name for name in TRUTHS if name != "broken-2")
    noises: tuple[float, ...] = (0.005, 0.02, 0.05)  # standard deviation of log L
    n: int = 30  # runs of a large table; a small one has two per parameter
    replicates: int = 150
    draws: int = 200  # of the bootstrap
    seed: int = 0  # of the first replicate; the next has seed + 1


@dataclass(frozen=True)
class Block:
    """The configuration of a cell: replicates of one law at one noise and one n."""

    law: str
    noise: float
    n: int
    replicates: int
    draws: int
    data_seed: int  # of the first


def few(law: str) -> int:
    """The runs of a small table."""
    return PER_PARAMETER * len(TRUTHS[law].parameters())


def cells(settings: Settings) -> list[Cell]:
    """Blocks of replicates, each some seconds."""
    known = [law for law in settings.laws if law in TRUTHS]
    require(
        "law-coverage",
        {
            f"laws among {', '.join(TRUTHS)}": len(known) == len(settings.laws),
            "noises above 0": all(noise > 0 for noise in settings.noises),
            "n above that of the small tables": all(settings.n > few(law) for law in known),
            "n a product of budgets and allocations": allocations(settings.n) > 1,
            "replicates >= 2": settings.replicates >= 2,
            "draws >= 2": settings.draws >= 2,
            "seed >= 0": settings.seed >= 0,
        },
    )
    return [
        Cell(
            task="scalinglaws.experiments.law_coverage.study:run",
            version=2,
            config=Block(law, noise, n, min(block, last - first), settings.draws, first),
            cost=each * min(block, last - first),
        )
        for law, noise in product(settings.laws, settings.noises)
        for n in (settings.n, few(law))
        for each in [_COST[law] / 2]
        for block in [max(1, round(_SECONDS / each))]
        for last in [settings.seed + settings.replicates]
        for first in range(settings.seed, last, block)
    ]


def run(block: Block) -> list[Row]:
    """One row per replicate. An interval is kept as its ends less what it should hold: of a loss
    their logs; none of a table whose fit is refused."""
    return [
        _replicate(block, seed)
        for seed in range(block.data_seed, block.data_seed + block.replicates)
    ]


def _replicate(block: Block, seed: int) -> Row:
    import numpy as np

    from scalinglaws.laws import fit

    # One stream per table, so that tables of different laws, noises and n are independent.
    law, noise, n = block.law, block.noise, block.n
    rng = np.random.default_rng([seed, n, round(1e6 * noise), *law.encode()])
    x = runs(law, n, rng)
    log_L = np.log(loss(law, x)) + noise * rng.normal(size=n)
    new = noise * rng.normal(size=len(HORIZONS))
    row: Row = {"law": law, "noise": noise, "n": n, "seed": seed}
    try:
        fitted = fit({**x, "loss": np.exp(log_L)}, law, x=tuple(x))
    except BadInput:
        return {**row, "status": REFUSED}
    row["status"] = str(fitted.status)
    for title, interval, held in _parameters(fitted, block.draws, seed):
        row |= _ends(title, interval.lo - held, interval.hi - held)
    points = [
        {name: horizon * float(column.max()) for name, column in x.items()} for horizon in HORIZONS
    ]
    truths = np.log(loss(law, {name: np.array([at[name] for at in points]) for name in x}))
    for of, intervals, held in (
        ("mean", fitted.means(points), truths),
        ("run", fitted.predictions(points), truths + new),
    ):
        for horizon, interval, value in zip(HORIZONS, intervals, held.tolist(), strict=True):
            with np.errstate(divide="ignore"):  # a loss of 0 is an open end
                at = np.log([interval.lo, interval.hi]) - value
            row |= _ends(f"{of} {horizon}x", *at.tolist())
    return row


def _parameters(fitted: Fit, draws: int, seed: int) -> Iterator[tuple[str, Estimate, float]]:
    """Name, interval and true value of exponents and constants; from the bootstrap too, unless
    it is refused for few runs."""
    from scalinglaws.laws.fitting.bootstrap import bootstrap

    law = fitted.law.name
    true = asdict(TRUTHS[law])
    names = [*parameters(law, Kind.EXPONENT), *parameters(law, Kind.CONSTANT)]
    for name in names:
        yield name, fitted.params[name], true[name]
    try:
        redrawn = bootstrap(fitted, draws, seed=seed, threads=1)
    except BadInput:
        return
    for name in names:
        yield f"{name} bootstrap", redrawn.interval(name), true[name]


def _ends(title: str, lo: float, hi: float) -> Row:
    return {f"{title}: lo": _short(lo), f"{title}: hi": _short(hi)}


def _short(x: float) -> float:
    return float(f"{x:.{_DIGITS}g}")
