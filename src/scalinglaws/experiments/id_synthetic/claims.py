"""The claims of figure 18, and how the means are held against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.id_synthetic import figures
from scalinglaws.experiments.id_synthetic.statistics import Readings
from scalinglaws.experiments.id_synthetic.study import MANIFOLDS, METHODS, Settings
from scalinglaws.experiments.network_dimension.draw import SHORT
from scalinglaws.result import Budget, Claim, Findings, Judgement, Relation, Row, Table

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
CLAIMS = (TORUS, CUBE, ALL_LOW, TORUS_HIGH)


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
        figures=(figures.against_n(found, settings.k), figures.against_d(found, settings.k)),
        notes=_notes(settings),
    )


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
    for label in figures.labels(k).values():
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


def _notes(settings: Settings) -> tuple[str, ...]:
    return (
        "The numbers of points of figure 18 are on its axis only, which our text of the paper does "
        "not hold: ours are our choice.",
        f"Each mean is over {settings.replicates} data sets. Those of fewer points are the first "
        "part of those of more, so that the points of a curve err together.",
        "TwoNN is the unbiased maximum-likelihood estimate, the paper's a line fit (`knn`, k = 2).",
        "The correction is reported beside what was read and judged by no claim.",
    )
