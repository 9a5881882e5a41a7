"""d of points on a cube and on a torus, against how many there are.

Sharma & Kaplan 2020 (arXiv 2004.10802), figure 18, appendix C.1.

    scalinglaws run id-synthetic --budget quick

Uniform points in [0, 1]^d and on the d-torus in 2d columns, d = 2..128, by TwoNN and by maximum
likelihood over k = 100 neighbours. Expected at 8000 points: TwoNN reads 37, 63, 101 on the torus
and 24, 40, 64 in the cube for d = 32, 64, 128. Beside every reading stands what the correction by
a sphere makes of it; no claim is judged by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import cast

from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.experiment import Experiment, require
from scalinglaws.experiments.network_dimension.draw import PAPER, SHORT, with_bars
from scalinglaws.laws.quantile import student
from scalinglaws.result import (
    Axis,
    Budget,
    Claim,
    Figure,
    Findings,
    Judgement,
    Panel,
    Relation,
    Row,
    Series,
    Table,
)
from scalinglaws.sweep.cell import Cell

TASK = "scalinglaws.experiments.id_synthetic:run"
VERSION = 1
MANIFOLDS = ("cube", "torus")
METHODS = {"twonn": "TwoNN", "mle": "MLE, k = {k}"}
JUDGED_AT = 8000  # points
LARGEST_D = 128  # of figure 18

TORUS = Claim(
    id="torus-near",
    statement=f"TwoNN's d of {JUDGED_AT} points on a torus over the true d, 32 to 128 (the worst)",
    source=SHORT + "figure 18, C.1: reasonably accurate even for dimensions ~100",
    expected=1.0,
    tolerance=0.25,
)
CUBE = Claim(
    id="cube-low",
    statement=f"TwoNN's d of {JUDGED_AT} points in a cube over the true d, 64 or more (the worst)",
    source=SHORT + "figure 18, C.1: cubes have sharp boundaries and corners",
    expected=0.65,
    relation=Relation.AT_MOST,
)
ALL_LOW = Claim(
    id="all-low-at-large-d",
    statement=f"d over the true d = {LARGEST_D}, either method, cube and torus (the worst)",
    source=SHORT + "C.1: at large d all methods tend to underestimate the true ID",
    expected=1.0,
    relation=Relation.AT_MOST,
)
TORUS_HIGH = Claim(
    id="torus-high-somewhere",
    statement="TwoNN's d on a torus over the true d, where it is largest, is above 1",
    source=SHORT + "C.2: the ID is often over-estimated for the torus",
    expected=1.0,
    relation=Relation.AT_LEAST,
)


@dataclass(frozen=True)
class Settings:
    """What a run may vary."""

    dims: tuple[int, ...] = (2, 4, 8, 16, 32, 64, 128)
    sizes: tuple[int, ...] = (500, 1000, 2000, 4000, 8000)
    replicates: int = 5  # data sets of each kind
    k: int = 100  # neighbours of the maximum-likelihood estimate
    simulated: int = 2000  # points of the correction's sphere, for each d that it tries
    seed: int = 0  # of the first data set; the next has seed + 1


@dataclass(frozen=True, kw_only=True)
class Draw:
    """The configuration of a cell: one data set. A smaller one is the first part of a larger."""

    manifold: str
    d: int
    n: int
    k: int
    simulated: int
    data_seed: int
    simulation_seed: int


def cells(settings: Settings) -> list[Cell]:
    """One cell per manifold, d, n and replicate. Raises BadInput."""
    s = settings
    rules = {
        "dims of 1 to 10000, each once": all(1 <= d <= 10_000 for d in s.dims)
        and 0 < len(s.dims) == len(set(s.dims)),
        "k >= 4, so that B.13 has a variance": s.k >= 4,
        "sizes above k and at most 1000000, each once": all(s.k < n <= 1_000_000 for n in s.sizes)
        and 0 < len(s.sizes) == len(set(s.sizes)),
        "1 <= replicates <= 10000": 1 <= s.replicates <= 10_000,
        "simulated >= 100": s.simulated >= 100,
        "seed >= 0": s.seed >= 0,
    }
    require("id-synthetic", rules)
    return [
        Cell(
            task=TASK,
            version=VERSION,
            config=Draw(
                manifold=manifold,
                d=d,
                n=n,
                k=s.k,
                simulated=s.simulated,
                data_seed=seed,
                simulation_seed=seed,
            ),
            cost=0.3 + 1e-8 * n**2 * (1 + d * {"cube": 1, "torus": 2}[manifold] / 80),
        )
        for manifold in MANIFOLDS
        for d in s.dims
        for n in s.sizes
        for seed in range(s.seed, s.seed + s.replicates)
    ]


def run(draw: Draw) -> Sequence[Row]:
    """One data set: d by both methods, and what the sphere's correction makes of each."""
    import numpy as np

    from scalinglaws.data import manifolds
    from scalinglaws.dimension import corrected, mle, neighbors, twonn

    family = {"cube": manifolds.cube, "torus": manifolds.torus}[draw.manifold]
    X = family(draw.n, draw.d, np.random.default_rng([draw.data_seed, draw.d]))
    nb = neighbors(X, draw.k)
    row: Row = {"manifold": draw.manifold, "d": draw.d, "n": draw.n, "seed": draw.data_seed}
    for raw in (twonn(nb), mle(nb, draw.k)):
        put_right = corrected(raw, seed=draw.simulation_seed, points=draw.simulated)
        row[raw.method] = raw.d
        row[f"{raw.method}_corrected"] = put_right.d
    return [row]


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """The means over data sets, held against the d that is known."""
    found = Readings(rows)
    claims = (
        _judge(TORUS, budget, found, [("torus", d, "twonn") for d in settings.dims if d >= 32]),
        _judge(CUBE, budget, found, [("cube", d, "twonn") for d in settings.dims if d >= 64]),
        _judge(ALL_LOW, budget, found, [(m, LARGEST_D, how) for m in MANIFOLDS for how in METHODS]),
        _judge_highest(budget, found),
    )
    if not rows:
        return Findings(claims=claims)
    return Findings(
        claims=claims,
        tables=(_table(found, settings.k),),
        figures=(_against_n(found, settings.k), _against_d(found, settings.k)),
        notes=_notes(settings),
    )


@dataclass(frozen=True)
class Readings:
    """The rows, asked for means."""

    rows: Sequence[Row]

    @property
    def dims(self) -> list[int]:
        return sorted({cast(int, row["d"]) for row in self.rows})

    @property
    def sizes(self) -> list[int]:
        return sorted({cast(int, row["n"]) for row in self.rows})

    def mean(self, manifold: str, d: int, n: int, quantity: str) -> Estimate | None:
        """Over data sets, with Student's interval; None where there is no data set."""
        of = {"manifold": manifold, "d": d, "n": n}
        mine = [row for row in self.rows if all(row[name] == v for name, v in of.items())]
        values = [float(cast(float, row[quantity])) for row in mine]
        if not values:
            return None
        mean, count = fmean(values), len(values)
        stderr = stdev(values) / math.sqrt(count) if count > 1 else math.inf
        arm = student(LEVEL, count - 1) * stderr
        return Estimate(mean, stderr, mean - arm, mean + arm)

    def ratio(self, manifold: str, d: int, n: int, quantity: str) -> Estimate | None:
        """The mean over the true d."""
        mean = self.mean(manifold, d, n, quantity)
        return mean and mean.map_monotone(lambda value: value / d, 1 / d)


Asked = tuple[str, int, str]  # manifold, d, method


def _judge(claim: Claim, budget: Budget, found: Readings, asked: Sequence[Asked]) -> Judgement:
    """The worst of the ratios asked for, at the number of points that is judged."""
    ratios = [found.ratio(manifold, d, JUDGED_AT, how) for manifold, d, how in asked]
    measured = [ratio for ratio in ratios if ratio is not None]
    absent = len(asked) - len(measured)
    partly = f"{absent} of {len(asked)} not measured" if absent else ""
    return claim.judge_all(measured, budget, reason=partly if measured else _ABSENT)


def _judge_highest(budget: Budget, found: Readings) -> Judgement:
    ratios = [found.ratio("torus", d, JUDGED_AT, "twonn") for d in found.dims]
    highest = max((r for r in ratios if r is not None), key=lambda r: r.value, default=None)
    return TORUS_HIGH.judge(highest, budget, reason="" if highest else _ABSENT)


_ABSENT = f"no data set of {JUDGED_AT} points in so many dimensions"


def _table(found: Readings, k: int) -> Table:
    n = max(found.sizes)
    columns = ["manifold", "d"]
    for label in _labels(k).values():
        columns += [label, f"{label}, over d", f"{label}, corrected"]

    def row(manifold: str, d: int) -> Iterator[Estimate | str | int | None]:
        yield manifold
        yield d
        for method in METHODS:
            yield found.mean(manifold, d, n, method)
            yield found.ratio(manifold, d, n, method)
            yield found.mean(manifold, d, n, f"{method}_corrected")

    return Table(
        id="readings",
        title=f"d of {n} points",
        columns=tuple(columns),
        rows=tuple(tuple(row(manifold, d)) for manifold in MANIFOLDS for d in found.dims),
        note="Corrected: the d of the sphere on which the method would read the same. A cube has "
        "a boundary, which puts d low, and a torus of many dimensions is curved, which puts d "
        "high; the sphere corrects for neither.",
    )


def _against_n(found: Readings, k: int) -> Figure:
    return Figure(
        id="d-against-points",
        title="The dimension of points on known manifolds",
        source=SHORT + "figure 18",
        caption="Points: means over data sets with 95 % intervals, mostly smaller than the marker. "
        "Dashed: the true d. The paper finds d low at large d, the more so in the cube for its "
        "boundary; on the torus d is high where it is curved, and reasonable to d of about 100.",
        panels=tuple(
            Panel(
                f"{label}, {manifold}",
                Axis("points $n$", "log"),
                Axis("intrinsic dimension $d$", "log"),
                tuple(_series(found, manifold, method)),
            )
            for method, label in _labels(k).items()
            for manifold in MANIFOLDS
        ),
    )


def _series(found: Readings, manifold: str, method: str) -> Iterator[Series]:
    for color, d in enumerate(found.dims):
        means = ((n, found.mean(manifold, d, n, method)) for n in found.sizes)
        yield with_bars(f"$d = {d}$", [(float(n), m) for n, m in means if m], color)
        ends = (float(found.sizes[0]), float(found.sizes[-1]))
        yield Series("", ends, (float(d), float(d)), kind="reference", color=color)


def _against_d(found: Readings, k: int) -> Figure:
    n = max(found.sizes)
    return Figure(
        id="ratio-against-d",
        title="How far off, by dimension",
        source=SHORT + "figure 18",
        caption=f"{n} points. Filled: as read. Open: corrected by the sphere, which allows for few "
        "points in many dimensions, and neither for the cube's boundary nor for the torus's "
        "curvature.",
        panels=tuple(
            Panel(
                manifold,
                Axis("true dimension $d$", "log"),
                Axis("measured over true $d$", "log"),
                tuple(_ratios(found, manifold, n, k)),
            )
            for manifold in MANIFOLDS
        ),
    )


def _ratios(found: Readings, manifold: str, n: int, k: int) -> Iterator[Series]:
    ends = (float(found.dims[0]), float(found.dims[-1]))
    yield Series("true", ends, (1.0, 1.0), kind="line", color=None)
    for color, (method, label) in enumerate(_labels(k).items()):
        for quantity, said, marker in (
            (method, label, "filled"),
            (f"{method}_corrected", f"{label}, corrected", "open"),
        ):
            ratios = ((d, found.ratio(manifold, d, n, quantity)) for d in found.dims)
            points = [(float(d), ratio) for d, ratio in ratios if ratio]
            yield replace(with_bars(said, points, color), marker=marker)


def _labels(k: int) -> dict[str, str]:
    return {method: label.format(k=k) for method, label in METHODS.items()}


def _notes(settings: Settings) -> tuple[str, ...]:
    return (
        "The numbers of points of figure 18 are on its axis only, which our text of the paper does "
        "not hold: ours are our choice.",
        f"Each mean is over {settings.replicates} data sets. Those of fewer points are the first "
        "part of those of more, so that the points of a curve err together.",
        "TwoNN is the unbiased maximum-likelihood estimate; the paper's line fit (`knn`, k = 2) "
        "reads the same to 2 %.",
        "The correction is reported beside what was read and judged by no claim.",
    )


EXPERIMENT = Experiment(
    name="id-synthetic",
    title="The dimension of points on known manifolds",
    paper=PAPER,
    figures="Figure 18",
    claims=(TORUS, CUBE, ALL_LOW, TORUS_HIGH),
    budgets={
        Budget.SMOKE: Settings(dims=(2, 32, 64), sizes=(250, 500), replicates=2, simulated=500),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(sizes=(500, 1000, 2000, 4000, 8000, 16_000, 32_000), replicates=6),
        # The numbers of points of figure 18 are not known to us.
        Budget.PAPER: Settings(
            dims=(2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128),
            sizes=(500, 1000, 2000, 4000, 8000, 16_000, 32_000),
            replicates=10,
        ),
    },
    cost={
        Budget.SMOKE: "5 s",
        Budget.QUICK: "90 s on 2 cores",
        Budget.FULL: "30 minutes on 2 cores (estimated)",
        Budget.PAPER: "100 minutes on 2 cores (estimated)",
    },
    cells=cells,
    analyse=analyse,
)
