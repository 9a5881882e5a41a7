"""What the rows of random-features say: claims, tables, figures as data."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.random_features.claims import CLAIMS, IMAGE_SETS
from scalinglaws.experiments.random_features.figures import figures
from scalinglaws.experiments.random_features.measures import (
    GridPoint,
    ImageSlopes,
    SpectrumSlopes,
    asymptotic_slopes,
    grid_points,
    measure_images,
    spectrum_slopes,
)
from scalinglaws.experiments.random_features.rows import ImageLosses, read_images, read_spectra
from scalinglaws.experiments.random_features.settings import Settings
from scalinglaws.result import Budget, Findings, Judgement, Row, Table


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Claims, tables and figures of the rows there are."""
    spectra, images = read_spectra(rows), read_images(rows)
    slopes = [spectrum_slopes(losses, settings) for losses in spectra]
    image_slopes = [measure_images(losses) for losses in images]
    grid = [point for losses in spectra for point in grid_points(losses)]
    return Findings(
        claims=_judge(grid, slopes, list(zip(images, image_slopes, strict=True)), budget),
        tables=(
            _slopes_table(slopes, settings),
            _duality_table(images, image_slopes),
            _grid_table(grid),
        ),
        figures=figures(spectra, images, settings),
        notes=_notes(grid, settings),
    )


def _judge(
    grid: list[GridPoint],
    slopes: list[SpectrumSlopes],
    images: list[tuple[ImageLosses, ImageSlopes]],
    budget: Budget,
) -> tuple[Judgement, ...]:
    by_id = {claim.id: claim for claim in CLAIMS}
    judged = [point for point in grid if point.judged]
    strains = [Estimate(p.strain, 0.0, p.strain, p.strain) for p in judged]
    resolution = [
        Estimate(e.value - s.closed, e.stderr, e.lo - s.closed, e.hi - s.closed, e.level)
        for s in slopes
        for e in (s.over_data, s.over_projections)
    ]
    measured = {
        "closed-form": strains,
        "resolution-slope": resolution,
        "asymptotic-slope": asymptotic_slopes(s.alpha for s in slopes),
        "variance-slope-data": [s.excess_data for s in slopes],
        "variance-slope-projections": [s.excess_projections for s in slopes],
    }
    judgements = [by_id[id].judge_all(estimates, budget) for id, estimates in measured.items()]
    for name in IMAGE_SETS:
        differences = [found.D_minus_P for losses, found in images if losses.dataset == name]
        skipped = "" if differences else _absent(name)
        duality = by_id[f"duality-{name}"]
        judgements.append(duality.judge_all(differences, budget, skipped=skipped))
    judgements.append(_judge_kernel([found for _, found in images], budget))
    return tuple(judgements)


def _judge_kernel(images: list[ImageSlopes], budget: Budget) -> Judgement:
    claim = next(claim for claim in CLAIMS if claim.id == "kernel-exponent")
    if not images:
        return claim.judge(None, budget, skipped="no rows of any image set")
    off = max(abs(found.alpha_D.value - found.closed) for found in images)
    reason = (
        "the spectrum is no exact power law; the closed form at all its eigenvalues gives "
        f"every alpha_D within {off:.2f}"
    )
    return claim.judge_all((found.D_minus_K for found in images), budget, reason=reason)


def _absent(name: str) -> str:
    return (
        f"no rows of {name}: left out of this budget, or its files were absent "
        f"(scalinglaws data {name})"
    )


def _slopes_table(slopes: list[SpectrumSlopes], settings: Settings) -> Table:
    first, last = settings.window
    return Table(
        id="slopes",
        title="Exponents in a given spectrum",
        columns=(
            "alpha",
            "slope of L(D, inf)",
            "slope of L(inf, P)",
            "closed form, same window",
            "closed form, S = 1e6, n = 200",
            "slope of L(D, P) - L(inf, P)",
            "slope of L(D, P) - L(D, inf)",
        ),
        rows=tuple(
            (
                s.alpha,
                s.over_data,
                s.over_projections,
                s.closed,
                asymptotic_slopes([s.alpha])[0].value - s.alpha,
                s.excess_data,
                s.excess_projections,
            )
            for s in slopes
        ),
        note=f"Resolution-limited slopes for {first} <= D (P) <= {last} at S = {settings.S}: "
        "steeper than -alpha because the spectrum ends at S, as the closed form says. "
        f"Variance-limited slopes at P (D) = {settings.variance_at}, against D - P (P - D), "
        "from twice that size on, the limit at the same draw subtracted.",
    )


def _duality_table(images: list[ImageLosses], slopes: list[ImageSlopes]) -> Table:
    return Table(
        id="duality",
        title="Exponents of random ReLU features of real images",
        columns=(
            "images",
            "inputs pooled by",
            "window",
            "alpha_D",
            "alpha_P",
            "alpha_D - alpha_P",
            "alpha_K",
            "closed form at the measured spectrum",
        ),
        rows=tuple(
            (
                losses.dataset,
                losses.pool,
                f"{losses.sizes[0]:.0f}-{losses.sizes[-1]:.0f}",
                found.alpha_D,
                found.alpha_P,
                found.D_minus_P,
                found.alpha_K,
                found.closed,
            )
            for losses, found in zip(images, slopes, strict=True)
        ),
        note="D, P and rank share the window. alpha_K is a straight line through the eigenvalues "
        "there, which are not an exact power law: a loss at n feels those beyond the window. "
        "Pool sizes, widths and windows are our choice; the paper's are not known to us.",
    )


def _grid_table(grid: list[GridPoint]) -> Table:
    """The ten points of the grid that strain their allowance most."""
    judged = sorted((p for p in grid if p.judged), key=lambda p: -p.strain)[:10]
    return Table(
        id="grid",
        title="Simulation over closed form: the ten worst points",
        columns=("alpha", "D", "P", "simulated/closed", "allowance", "|deviation|/allowance"),
        rows=tuple(
            (
                p.alpha,
                "inf" if math.isinf(p.D) else int(p.D),
                "inf" if math.isinf(p.P) else int(p.P),
                Estimate.normal(p.ratio, p.stderr),
                2 / p.m + 3 * p.stderr,
                p.strain,
            )
            for p in judged
        ),
        note=f"Of {sum(p.judged for p in grid)} judged points.",
    )


def _notes(grid: list[GridPoint], settings: Settings) -> tuple[str, ...]:
    judged = sum(point.judged for point in grid)
    return (
        f"closed-form takes the worst of {judged} points. Points of one draw err together, and "
        "2/m covers more than the known bias (2 % at m = 16-32) except near D = P, where the "
        "exact factor 1 + m/(M - m - 1) exceeds 1/(1 - m/M) by about 1/(M - m).",
        "Each slope claim takes the worst of several intervals, each at 95 %: the whole claim's "
        "level is lower.",
        "The teacher's weights are averaged exactly (a trace), not drawn. The alphas share their "
        f"draws; the intervals are jackknives over {settings.draws} draws.",
        "Exponents of real images hold for the stated window only. Features: one random ReLU "
        "layer on pooled, centred pixels; test images are held out.",
    )
