"""What was published about the 245 points, held against what they give here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import cast

from scalinglaws.data.runs import chinchilla
from scalinglaws.estimate import Estimate
from scalinglaws.experiments.chinchilla_refit import figures, published
from scalinglaws.experiments.chinchilla_refit.published import BESIROGLU
from scalinglaws.experiments.chinchilla_refit.study import DELTA, OUTLIERS, Settings
from scalinglaws.experiments.network_dimension.rows import where
from scalinglaws.experiments.public_runs.absence import nothing
from scalinglaws.experiments.public_runs.fits import NAMES, estimate_of
from scalinglaws.experiments.public_runs.printed import exactly, farthest
from scalinglaws.experiments.public_runs.seeds import over_seeds
from scalinglaws.result import Budget, Claim, Findings, Judgement, Relation, Row, Table

KEPT = f"without the {OUTLIERS} highest losses"
HEADLINE = Claim(
    id="headline",
    statement="The published law is the least-absolute-deviation fit: the parameter farthest "
    "from its five decimals, in half units of the last",
    source=BESIROGLU + "the authors' notebook",
    expected=1.0,
    relation=Relation.AT_MOST,
)
LAD = Claim(
    id="lad",
    statement="The optimum of sum |log L - log L(N, D)|: the same, of its parameters and the sum",
    source="independent minimisers of the same sum, to the digits on which they agree",
    expected=1.0,
    relation=Relation.AT_MOST,
)
HUBER = Claim(
    id="huber",
    statement=f"The optimum of Huber's loss at delta = {DELTA:g}: the same",
    source=BESIROGLU + "the authors' grid of deltas, and independent minimisers",
    expected=1.0,
    relation=Relation.AT_MOST,
)
OPTIMAL = Claim(
    id="optimal-exponent",
    statement="N that is best for C FLOPs grows as C^a: a = beta/(alpha + beta) of the published "
    "law",
    source=BESIROGLU + "a = 0.513, equal scaling of N and D",
    expected=float(published.OPTIMAL_A),
    tolerance=0.0005,
)
ERRORS = Claim(
    id="bootstrap-errors",
    statement="Bootstrap standard error over the published one, of A, B, E, alpha, beta and a "
    "(the worst; the interval is the Monte-Carlo error of ours)",
    source=BESIROGLU + "standard errors by 4000 draws",
    expected=1.0,
    tolerance=0.10,
)
RATIO = Claim(
    id="likelihood-ratio",
    statement="Twice the rise of the log likelihood from Hoffmann's law, under Laplace noise",
    source=BESIROGLU + "the authors' notebook",
    expected=float(published.LIKELIHOOD_RATIO),
    tolerance=0.005,
)
EXCLUDED = Claim(
    id="hoffmann-excluded",
    statement="Wald statistic of Hoffmann's law by the covariance of a bootstrap, chi-square of 5 "
    "degrees of freedom if that law held: as published, within 10 % (one bootstrap of 4000 draws "
    "leaves a Monte-Carlo error of some 5 %)",
    source=BESIROGLU + f"chi-square(5) = {published.CHI2}",
    expected=float(published.CHI2),
    tolerance=0.10 * float(published.CHI2),
)
CLAIMS = (HEADLINE, LAD, HUBER, OPTIMAL, ERRORS, RATIO, EXCLUDED)


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Verdicts, the table of fits under every choice, residuals and profiles."""
    if not rows:
        return nothing(CLAIMS, budget, (chinchilla.TABLE,))
    return Findings(
        claims=tuple(_claims(rows, budget)),
        tables=(_fits(rows), _errors(rows), _likelihoods(rows)),
        figures=figures.figures(rows),
        notes=_notes(settings),
    )


def _claims(rows: Sequence[Row], budget: Budget) -> list[Judgement]:
    lad, huber = (_fit(rows, objective) for objective in ("lad", "huber"))
    ratio = exactly(likelihood_ratio(lad)) if lad else None
    return [
        HEADLINE.judge(_farthest(lad, published.HEADLINE), budget),
        LAD.judge(_farthest(lad, published.LAD), budget),
        HUBER.judge(_farthest(huber, published.HUBER), budget),
        OPTIMAL.judge(exactly(_numbers(lad)["a"]) if lad else None, budget),
        ERRORS.judge_all(error_ratios(rows).values(), budget),
        RATIO.judge(ratio, budget, reason=_RATIO_REASON if ratio else ""),
        EXCLUDED.judge(_over_seeds(rows, "chi2"), budget),
    ]


_RATIO_REASON = (
    "each law at the noise's best scale; log likelihoods, ours and printed, in the table"
)


def _farthest(row: Row | None, printed: Mapping[str, str]) -> Estimate | None:
    return farthest(_numbers(row), printed) if row else None


def _fit(rows: Sequence[Row], objective: str, dropped: int = OUTLIERS) -> Row | None:
    found = where(rows, kind="fit", objective=objective, dropped=dropped)
    return found[0] if found else None


def _numbers(row: Row) -> dict[str, float]:
    return {name: float(v) for name, v in row.items() if isinstance(v, float | int)}


def log_likelihood(sum_abs: float, n: int) -> float:
    """Of Laplace noise at its own best scale b = sum|r|/n: -n log(2 b) - n."""
    return -n * math.log(2 * sum_abs / n) - n


def _likelihood(row: Row, law: str = "") -> float:
    return log_likelihood(_numbers(row)[f"sum_abs{law}"], cast(int, row["n"]))


def likelihood_ratio(row: Row) -> float:
    """2 (log likelihood at the optimum - at Hoffmann's law)."""
    return 2 * (_likelihood(row) - _likelihood(row, "_hoffmann"))


def error_ratios(rows: Sequence[Row]) -> dict[str, Estimate]:
    """Our bootstrap error over the published one, by parameter."""
    found = {name: _over_seeds(rows, name) for name in published.ERRORS}
    return {
        name: error.map_monotone(lambda value, of=of: value / of, 1 / of)
        for name, of in published.ERRORS.items()
        if (error := found[name])
    }


def _over_seeds(rows: Sequence[Row], name: str) -> Estimate | None:
    return over_seeds([_numbers(row)[name] for row in where(rows, kind="bootstrap")])


def _fits(rows: Sequence[Row]) -> Table:
    fits = where(rows, kind="fit")
    return Table(
        id="choices",
        title="One law, one set of points, six fits",
        columns=("loss", "points", *NAMES, "a", "objective", "sum of squares", "status"),
        rows=tuple(
            (
                str(row["objective"]),
                row["n"],
                *(estimate_of(row, name) for name in NAMES),
                row["a"],
                row["value"],
                row["sum_squares"],
                row["status"],
            )
            for row in fits
        ),
        note="Intervals are 95 % profiles. huber: delta = 0.001 on log loss.",
    )


def _errors(rows: Sequence[Row]) -> Table:
    quantities = {name: (name, of) for name, of in published.ERRORS.items()}
    quantities["chi2"] = "chi-square(5)", float(published.CHI2)
    return Table(
        id="bootstrap",
        title="Standard errors by bootstrap of pairs",
        columns=("parameter", "published", "ours", "ratio", "relative spread over seeds"),
        rows=tuple(
            (name, of, ours, ours.map_monotone(lambda v, of=of: v / of, 1 / of), _spread(rows, key))
            for key, (name, of) in quantities.items()
            if (ours := _over_seeds(rows, key))
        ),
        note="Ours: the mean over the seeds, with the interval of that mean. The last column is "
        "the Monte-Carlo error of one bootstrap, hence of the published one too. The last row is "
        "the Wald statistic of Hoffmann's law; chi-square of 5 degrees of freedom is beyond 20.5 "
        "once in a thousand.",
    )


def _spread(rows: Sequence[Row], name: str) -> float | None:
    values = [_numbers(row)[name] for row in where(rows, kind="bootstrap")]
    return stdev(values) / fmean(values) if len(values) > 1 else None


def _likelihoods(rows: Sequence[Row]) -> Table:
    lad = _fit(rows, "lad")
    laws = {"": "ours", "_hoffmann": "Hoffmann et al., five digits", "_rounded": "as printed"}
    return Table(
        id="likelihood",
        title="Log likelihood under Laplace noise",
        columns=("law", "log likelihood", "published"),
        rows=tuple(
            (title, _likelihood(lad, law), float(published.LOG_LIKELIHOODS[law]))
            for law, title in laws.items()
        )
        if lad
        else (),
        note="The scale of the noise is each law's own best.",
    )


def _notes(settings: Settings) -> tuple[str, ...]:
    return (
        f"Claims are about the 240 points {KEPT}, D = C/(6N).",
        "The authors' bootstrap refits with Huber's loss at delta = 0.001 around a law that is a "
        f"least-absolute-deviation fit; ours is Huber's throughout, {settings.draws} draws by "
        f"{len(settings.seeds)} seeds.",
        "The points were read off a figure: their own errors are in no interval.",
    )
