"""The sixteen published fits, and what can be said of one alpha for all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from scalinglaws.data.runs.gemstones import SUBSETS
from scalinglaws.estimate import Estimate
from scalinglaws.experiments.gemstones.figures import SOURCE, figures
from scalinglaws.experiments.gemstones.intervals import bootstrapped, gap
from scalinglaws.experiments.gemstones.study import Settings, tables
from scalinglaws.experiments.network_dimension.rows import number, where
from scalinglaws.experiments.public_runs.absence import nothing
from scalinglaws.experiments.public_runs.fits import NAMES, estimate_of
from scalinglaws.experiments.public_runs.printed import exactly, half_units
from scalinglaws.experiments.public_runs.seeds import over_seeds
from scalinglaws.result import Budget, Claim, Findings, Relation, Row, Table

PRINTED = ("E", "log_A", "alpha", "log_B", "beta")
DIGITS = 3
COMPARED_AT = 1e-3  # the delta at which published optima are near enough to have digits to compare

NEVER_ABOVE = Claim(
    id="never-above",
    statement="Our objective over the published one, less 1: the largest of all fits",
    source=SOURCE + "the fits of approach 3, objective to ten decimals",
    expected=0.0,
    relation=Relation.AT_MOST,
)
SAME = Claim(
    id="same-objective",
    statement="Our objective at the published law from the published objective, in half units of "
    "its last digit (the farthest)",
    source=NEVER_ABOVE.source,
    expected=1.0,
    relation=Relation.AT_MOST,
)
THREE = Claim(
    id="three-digits",
    statement=f"Share of the parameters at delta = {COMPARED_AT:g} (E, log A, alpha, log B, beta "
    f"of each subset) that are within half a unit of the published one's {DIGITS}rd digit: all",
    source=SOURCE + "the fits of approach 3",
    expected=1.0,
    relation=Relation.AT_LEAST,
)
MOVED = Claim(
    id="choices-move-alpha",
    statement="No alpha lies in the 95 % intervals of all subsets: the largest lower end less the "
    "smallest upper end, at the delta where it is smaller",
    source="Beyond the paper, which shows laws to move with the choice of runs",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
CLAIMS = (NEVER_ABOVE, SAME, THREE, MOVED)


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Verdicts, the fits, alpha with every interval, and the rainbow of slopes."""
    fitted = sorted(where(rows, kind="fit"), key=_order)
    if not fitted:
        return nothing(CLAIMS, budget, tables(settings))
    missing = len(settings.subsets) * len(settings.deltas) - len(fitted)
    partly = f"{missing} fits not computed" if missing else ""
    compared = where(fitted, delta=COMPARED_AT)
    gaps = [found for delta in settings.deltas if (found := over_seeds(gap(rows, delta)))]
    return Findings(
        claims=(
            NEVER_ABOVE.judge_all(map(exactly, map(_excess, fitted)), budget, reason=partly),
            SAME.judge_all((exactly(_off(row)) for row in fitted), budget, reason=partly),
            THREE.judge(_share(compared), budget, reason=_stopped_short(compared)),
            MOVED.judge_all(gaps, budget, reason=partly),
        ),
        tables=(_objectives(fitted), _laws(fitted), _digits(compared), _alphas(fitted, rows)),
        figures=figures(rows),
        notes=tuple(_notes(compared, settings)),
    )


def _order(row: Row) -> tuple[int, float]:
    return SUBSETS.index(str(row["subset"])), -number(row, "delta")


def _excess(row: Row) -> float:
    return number(row, "objective") / float(str(row["objective_published"])) - 1


def _off(row: Row) -> float:
    return half_units(number(row, "objective_at_published"), str(row["objective_published"]))


def _difference(row: Row, name: str) -> float:
    return number(row, name) / number(row, f"{name}_published") - 1


def third_digit(row: Row, name: str) -> float:
    """How far ours is from the published number, in half units of that number's third digit."""
    published = number(row, f"{name}_published")
    unit = 10.0 ** (math.floor(math.log10(abs(published))) - DIGITS + 1)
    return abs(number(row, name) - published) / (unit / 2)


def _others(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Parameters whose third digit is another."""
    return [(row, name) for row in rows for name in PRINTED if third_digit(row, name) > 1]


def _share(rows: Sequence[Row]) -> Estimate | None:
    count = len(rows) * len(PRINTED)
    return exactly((count - len(_others(rows))) / count) if count else None


def _stopped_short(rows: Sequence[Row]) -> str:
    off = _others(rows)
    if not off:
        return ""
    far = max(abs(_difference(row, name)) for row, name in off)
    names = ", ".join(f"{name} of {row['subset']}" for row, name in off)
    return f"{len(off)} of {len(rows) * len(PRINTED)} by up to {100 * far:.2g} %: {names}"


def _objectives(rows: Sequence[Row]) -> Table:
    return Table(
        id="objectives",
        title="Objectives reached",
        columns=(
            *("subset", "delta", "runs", "published", "ours", "ours / published - 1"),
            *("starts agreed", "stationarity"),
        ),
        rows=tuple(
            (
                *(row[key] for key in ("subset", "delta", "n")),
                float(str(row["objective_published"])),
                row["objective"],
                _excess(row),
                f"{row['agreed']} of {row['starts']}",
                row["stationarity"],
            )
            for row in rows
        ),
        note="The sum of Huber's loss. Published: the best of 4500 starts of L-BFGS-B.",
    )


def _laws(rows: Sequence[Row]) -> Table:
    return Table(
        id="laws",
        title="The law by subset and delta",
        columns=("subset", "delta", *NAMES, "alpha, published", "beta, published", "a"),
        rows=tuple(
            (
                row["subset"],
                row["delta"],
                *(estimate_of(row, name) for name in NAMES),
                row["alpha_published"],
                row["beta_published"],
                row["a"],
            )
            for row in rows
        ),
        note="Intervals are 95 % profiles of points taken as independent; those of one model are "
        "not. a = beta/(alpha + beta): N that is best for C grows as C^a.",
    )


def _digits(rows: Sequence[Row]) -> Table:
    return Table(
        id="digits",
        title=f"Published parameters from ours at delta = {COMPARED_AT:g}",
        columns=("subset", "objective, ours / published - 1", *PRINTED, "largest, relative"),
        rows=tuple(
            (
                row["subset"],
                _excess(row),
                *(third_digit(row, name) for name in PRINTED),
                max((_difference(row, name) for name in PRINTED), key=abs),
            )
            for row in rows
        ),
        note="In half units of the third digit: beyond 1 it is another digit.",
    )


def _alphas(fitted: Sequence[Row], rows: Sequence[Row]) -> Table:
    return Table(
        id="alpha",
        title="alpha, and what is taken to be independent",
        columns=(
            *("subset", "delta", "points", "models"),
            *("profile, points", "profile, models", "bootstrap, models"),
        ),
        rows=tuple(
            (
                *(row[key] for key in ("subset", "delta", "n", "models")),
                estimate_of(row, "alpha"),
                estimate_of(row, "alpha_models"),
                bootstrapped(rows, row, "alpha"),
            )
            for row in fitted
        ),
        note="95 % intervals. Bootstrap: whole models drawn with replacement; the ends are means "
        "over the seeds; the claim is judged by it. With as many models as parameters an interval "
        "is open.",
    )


def _notes(compared: Sequence[Row], settings: Settings) -> Iterator[str]:
    yield (
        "A model's losses at several lengths are not independent. Until they were drawn together "
        "the intervals, profiles of as many independent points, were too short, and by them the "
        "subsets excluded a common alpha."
    )
    yield (
        f"Bootstraps are of {settings.draws} draws by {len(settings.seeds)} seeds; the interval of "
        "the gap is their Monte-Carlo error."
    )
    off = [_excess(row) for row, _ in _others(compared)]
    if off and max(off) < 0:
        yield (
            "Wherever a third digit is another, our objective is the lower, by "
            f"{-max(off):.2g} to {-min(off):.2g} of it: the published search stopped short of its "
            "own optimum, in a valley so flat that only digits show it."
        )
    yield "N is the number of active parameters as published, D the tokens seen."
