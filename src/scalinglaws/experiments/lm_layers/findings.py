"""What the rows of lm-layers say, and how the claims are held against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from scalinglaws.experiments.lm_layers import claims, tables
from scalinglaws.experiments.lm_layers.figures import figures
from scalinglaws.experiments.lm_layers.measures import (
    ATTENTION,
    FINAL,
    KINDS,
    Curve,
    Measured,
    first,
    last,
    later,
    mle_over_knn,
    one_over_many,
    over_last_position,
    over_mean,
    read,
)
from scalinglaws.experiments.lm_layers.settings import Settings
from scalinglaws.experiments.pretrained_text import absent
from scalinglaws.result import Budget, Claim, Findings, Judgement, Row, Verdict


def analyse(rows: Sequence[Row], settings: Settings, budget: Budget) -> Findings:
    """Claims, tables and figures of the rows there are; all skipped without the model."""
    if not rows:
        skipped = absent()
        return Findings(
            tuple(claim.judge(None, budget, skipped=skipped) for claim in claims.CLAIMS)
        )
    measured = read(rows)
    return Findings(
        claims=_judge(measured, settings, budget),
        tables=(
            tables.layers(measured, settings),
            tables.one_sequence(measured, settings),
            tables.positions(measured, settings),
        ),
        figures=figures(measured, settings),
        notes=tables.notes(measured, settings),
    )


def _judge(measured: Measured, settings: Settings, budget: Budget) -> tuple[Judgement, ...]:
    one = {kind: one_over_many(measured, kind) for kind in KINDS}
    constant = {kind: over_mean(measured, kind) for kind in KINDS}
    mle = {kind: mle_over_knn(measured, kind) for kind in KINDS}
    positions = over_last_position(measured)
    late = {p: ratio for p, ratio in positions.items() if p >= settings.length / 4}
    return (
        _judge_ratios(claims.ONE_SEQUENCE_FINAL, {FINAL: last(one[FINAL])}, budget),
        _judge_ratios(claims.ONE_SEQUENCE, _later(one), budget),
        _judge_ratios(claims.FIRST_BLOCK, {ATTENTION: first(constant[ATTENTION])}, budget),
        _judge_ratios(claims.CONSTANT, _later(constant), budget),
        _judge_ratios(claims.MLE_SMALLER, _later(mle), budget),
        _judge_ratios(claims.POSITIONS, {FINAL: late}, budget, at="position"),
    )


def _later(curves: Mapping[str, Curve]) -> dict[str, Curve]:
    return {kind: later(curve) for kind, curve in curves.items()}


def _judge_ratios(
    claim: Claim, ratios: Mapping[str, Curve], budget: Budget, at: str = "block"
) -> Judgement:
    """The judgement of the worst; of several, the reason says how they range and were judged."""
    found = {
        f"{kind}, {at} {place}": ratio.estimate
        for kind, curve in ratios.items()
        for place, ratio in curve.items()
    }
    reason = ""
    if len(found) > 1:
        low, *_, high = sorted(found, key=lambda where: found[where].value)
        verdicts = Counter(claim.judge(ratio, budget).verdict for ratio in found.values())
        reason = (
            f"{len(found)} ratios from {found[low].value:.2f} ({low}) to {found[high].value:.2f} "
            f"({high}): " + ", ".join(f"{v} {verdicts[v]}" for v in Verdict if verdicts[v])
        )
    return claim.judge_all(found.values(), budget, reason=reason)
