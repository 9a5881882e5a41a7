"""The numbers of Clark et al. 2022, table 3, and how the runs hold against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.data.runs.routing import ROUTERS, TABLE
from scalinglaws.estimate import LEVEL, Estimate
from scalinglaws.experiments.network_dimension.rows import number, where
from scalinglaws.experiments.public_runs.absence import nothing
from scalinglaws.experiments.public_runs.fits import estimate_of
from scalinglaws.experiments.public_runs.printed import exactly, farthest
from scalinglaws.experiments.routing.study import REPEATED, Settings
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

SHORT = "Clark et al. 2022, arXiv:2202.01169, "
NAMES = ("a", "b", "c", "d", "E_start", "E_max")
PRINTED = {
    "S-Base": ("-0.082", "-0.108", "0.009", "1.104", "1.847", "314.478"),
    "RL-R": ("-0.083", "-0.126", "0.012", "1.111", "1.880", "469.982"),
    "Hash": ("-0.087", "-0.136", "0.012", "1.157", "4.175", "477.741"),
}
DENSE_PRINTED = "0.078"
RAW = {"a": "-0.081", "b": "-0.092", "c": "0.008", "d": "1.086"}

TABLE_3 = Claim(
    id="table-3",
    statement="Of the 19 numbers printed, six for each router and the dense exponent, those in "
    "our 95 % intervals",
    source=SHORT + "table 3",
    expected=18.0,
    relation=Relation.AT_LEAST,
)
SATURATION = Claim(
    id="saturation",
    statement="The number of experts saturates: F statistic of E_start and E_max over its 95 % "
    "quantile (the smallest of the routers)",
    source=SHORT + "the effective number of experts of eq. 1",
    expected=1.0,
    relation=Relation.AT_LEAST,
)
RAW_E = Claim(
    id="raw-experts",
    statement="S-BASE without saturation: a, b, c, d from an independent fit of the same runs, in "
    "half units of its third decimal (the farthest)",
    source="an independent least-squares fit of the published table",
    expected=1.0,
    relation=Relation.AT_MOST,
)
DENSE = Claim(
    id="dense-exponent",
    statement="alpha of the dense runs, loss = A / N^alpha, eight of them",
    source="an independent least-squares fit of the published table",
    expected=0.0788,
    tolerance=0.00005,
)
SEEDS = Claim(
    id="seed-noise",
    statement=f"Standard deviation of the loss of three dense models of {REPEATED} that differ in "
    "their seed",
    source="the published table",
    expected=0.00067,
    tolerance=0.000005,
)
CLAIMS = (TABLE_3, SATURATION, RAW_E, DENSE, SEEDS)


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Verdicts, the laws by router, and residuals with and without saturation."""
    if not rows:
        return nothing(CLAIMS, budget, (TABLE,))
    return Findings(
        claims=tuple(_claims(rows, budget)),
        tables=(_laws(rows), _dense(rows)),
        figures=(_figure(rows),) if where(rows, kind="run") else (),
        notes=_notes(),
    )


def _claims(rows: Sequence[Row], budget: Budget) -> Iterator[Judgement]:
    inside = list(_inside(rows))
    absent = 19 - len(inside)
    missed = [name for name, held in inside if not held]
    reason = f"outside: {', '.join(missed)}" if missed else ""
    if absent:
        yield TABLE_3.judge(None, budget, reason=f"{absent} of 19 numbers were not fitted")
    else:
        yield TABLE_3.judge(exactly(len(inside) - len(missed)), budget, reason=reason)
    yield SATURATION.judge_all((exactly(_F(rows, router)) for router in _routers(rows)), budget)
    raw = where(rows, kind="router", router="S-Base", law="bilinear", dense=False)
    found = {name: number(row, name) for row in raw for name in RAW}
    yield RAW_E.judge(farthest(found, RAW) if raw else None, budget)
    all_dense = where(rows, kind="dense", runs="all")
    yield DENSE.judge(exactly(number(all_dense[0], "alpha")) if all_dense else None, budget)
    seeds = [row for row in where(rows, kind="seeds") if row["sd"] is not None]
    yield SEEDS.judge(exactly(number(seeds[0], "sd")) if seeds else None, budget)


def _routers(rows: Sequence[Row]) -> list[str]:
    return [router for router in ROUTERS if where(rows, kind="router", router=router)]


def _saturating(rows: Sequence[Row], router: str) -> Row:
    return where(rows, kind="router", router=router, law="saturating")[0]


def _inside(rows: Sequence[Row]) -> Iterator[tuple[str, bool]]:
    """Each printed number, and whether our interval holds it."""
    for router in _routers(rows):
        row = _saturating(rows, router)
        for name, printed in zip(NAMES, PRINTED[router], strict=True):
            yield f"{name} of {router}", _holds(estimate_of(row, name), float(printed))
    for row in where(rows, kind="dense", runs="all"):
        yield "dense alpha", _holds(estimate_of(row, "alpha"), float(DENSE_PRINTED))


def _holds(interval: Estimate, value: float) -> bool:
    return interval.lo <= value <= interval.hi


def _F(rows: Sequence[Row], router: str) -> float:
    """((S_0 - S)/2) / (S/(n - 6)) over the quantile, S_0 without the two parameters."""
    from scipy.special import fdtri

    full = _saturating(rows, router)
    short = where(rows, kind="router", router=router, law="bilinear", dense=True)[0]
    S, dof = number(full, "sum_squares"), number(full, "n") - len(NAMES)
    F = (number(short, "sum_squares") - S) / 2 / (S / dof)
    return F / float(fdtri(2, dof, LEVEL))


def _laws(rows: Sequence[Row]) -> Table:
    def line(row: Row) -> Iterator[Estimate | str | int | float | bool | None]:
        yield from (row["router"], row["law"], row["dense"], row["n"])
        for name in NAMES:
            yield estimate_of(row, name) if row.get(name) is not None else None
        yield row["sd"]

    printed = tuple(
        (router, "as printed", None, None, *map(float, PRINTED[router]), None)
        for router in _routers(rows)
    )
    return Table(
        id="laws",
        title="The laws by router",
        columns=("router", "law", "with dense runs", "runs", *NAMES, "residual sd of log L"),
        rows=(*(tuple(line(row)) for row in where(rows, kind="router")), *printed),
        note="Intervals are 95 % profiles. Logs to base 10 in the law; residuals in nats of log L.",
    )


def _dense(rows: Sequence[Row]) -> Table:
    return Table(
        id="dense",
        title="Dense models",
        columns=("runs", "n", "alpha", "printed"),
        rows=tuple(
            (row["runs"], row["n"], estimate_of(row, "alpha"), float(DENSE_PRINTED))
            for row in where(rows, kind="dense")
        ),
    )


def _figure(rows: Sequence[Row]) -> Figure:
    laws = {"bilinear": "law in $E$ itself", "saturating": "law in the effective $E$"}
    return Figure(
        id="residuals",
        title="What the law leaves, by the number of experts",
        source=SHORT + "eq. 1",
        caption="log L less the law's, fitted to the routed and dense runs of one seed, router by "
        "router. In E itself the residuals bend with the number of experts.",
        panels=tuple(
            Panel(
                title,
                Axis("experts $E$", "log"),
                Axis(r"$\log L$ less the law's"),
                tuple(_residuals(where(rows, kind="run", law=law))),
            )
            for law, title in laws.items()
        ),
    )


def _residuals(rows: Sequence[Row]) -> Iterator[Series]:
    for color, router in enumerate(ROUTERS):
        mine = where(rows, router=router)
        x = tuple(number(row, "E") for row in mine)
        if mine:
            yield Series(router, x, tuple(number(row, "residual") for row in mine), color=color)
    ends = [number(row, "E") for row in rows]
    yield Series("", (min(ends), max(ends)), (0.0, 0.0), kind="reference", color=None)


def _notes() -> tuple[str, ...]:
    return (
        "Validation loss at the last step; one expert per token, every other layer routed, seed "
        "42: the runs of the authors' own example.",
        "The printed a, b, c, d belong to the effective number of experts: without it b of S-BASE "
        "is -0.092, not -0.108.",
    )
