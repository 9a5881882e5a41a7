"""The tables and notes of lm-layers."""

from __future__ import annotations

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.data.text import SOTU
from scalinglaws.estimate import Estimate
from scalinglaws.experiments.lm_layers.measures import (
    FINAL,
    JUDGED,
    KINDS,
    KNN,
    MLE,
    Curve,
    Measured,
    one_over_many,
    over_last_position,
)
from scalinglaws.experiments.lm_layers.settings import Settings
from scalinglaws.result import Table

METHODS = (*KNN, MLE)
NAMES = {**{method: f"{method[1]} neighbours" for method in KNN}, MLE: f"MLE, k = {MLE[1]}"}


def at(curve: Curve, place: int) -> Estimate | None:
    return curve[place].estimate if place in curve else None


def layers(measured: Measured, settings: Settings) -> Table:
    """Figure 10 in numbers."""
    return Table(
        id="layers",
        title=f"d of last tokens by layer: {SMOLLM2.title}",
        columns=("block", "output", *(NAMES[method] for method in METHODS)),
        rows=tuple(
            (
                block,
                kind,
                *(at(measured.curve("last", method, kind), block) for method in METHODS),
            )
            for kind in KINDS
            for block in measured.curve("last", JUDGED, kind)
        ),
        note=f"Last tokens of {settings.sequences} sequences of {settings.length} tokens. "
        "attention and mlp: the module's output before it is added to the residual stream; "
        "residual: the stream after the block, for the last one before the final norm.",
    )


def one_sequence(measured: Measured, settings: Settings) -> Table:
    """Figure 11, left, in numbers."""

    def row(kind: str, block: int, ratios: Curve) -> tuple[object, ...]:
        return (
            block,
            kind,
            *(
                at(measured.curve(part, method, kind), block)
                for method in (JUDGED, MLE)
                for part in ("passage", "equal")
            ),
            at(ratios, block),
        )

    return Table(
        id="one-sequence",
        title=f"d of one sequence against many at equal n: {SMOLLM2.title}",
        columns=(
            "block",
            "output",
            *(
                f"{what}: {NAMES[method]}"
                for method in (JUDGED, MLE)
                for what in ("one sequence", "many")
            ),
            f"one/many: {NAMES[JUDGED]}",
        ),
        rows=tuple(
            row(kind, block, one_over_many(measured, kind))  # pyright: ignore
            for kind in KINDS
            for block in measured.curve("passage", JUDGED, kind)
        ),
        note=f"One sequence: the {settings.tokens} tokens after the first of a passage of "
        f"{settings.passage_length}, geometric mean of {settings.passages} passages with the error "
        f"of their spread. Many: the last tokens of {settings.tokens} of the "
        f"{settings.sequences} sequences.",
    )


def positions(measured: Measured, settings: Settings) -> Table:
    """Figure 11, right, in numbers."""
    ratios = over_last_position(measured)
    return Table(
        id="positions",
        title=f"d of the final layer by token position: {SMOLLM2.title}",
        columns=("position", *(NAMES[method] for method in METHODS), "over the last position's"),
        rows=tuple(
            (
                position,
                *(at(measured.curve("position", method, FINAL), position) for method in METHODS),
                at(ratios, position),
            )
            for position in measured.curve("position", JUDGED, FINAL)
        ),
        note=f"Positions count from 0, in {settings.sequences} sequences of {settings.length} "
        "tokens. The final layer is the residual stream before the final norm. Its d at the last "
        f"position is shared by all ratios, of {NAMES[JUDGED]}.",
    )


def notes(measured: Measured, settings: Settings) -> tuple[str, ...]:
    """What is not the paper's, and what was counted."""
    counts = "; ".join(
        f"{part}: {n} or more distinct points, at most {duplicates} repeated rows removed"
        for part, (n, duplicates) in sorted(measured.counts.items())
    )
    return (
        f"The model is {SMOLLM2.title}, computed in float32; the paper's is GPT-2 small. It reads "
        f"plain text ({SOTU.title}) without a chat template or a start token, from the middle "
        "of a speech.",
        f"Lengths: {settings.sequences} sequences of {settings.length} tokens; "
        f"passages of {settings.passage_length}: {settings.passages}. The paper: 10 000 vectors "
        "from sequences of unstated length, and one sequence of 1024 tokens.",
        "Position 0 is left out everywhere: it sees no other token, and its activations are "
        "outliers.",
        f"Points: {counts}. At early positions whole beginnings repeat.",
        "An interval covers the estimator's own mean at this n. At a large d that lies below "
        "the true d, and rises with n: only ratios at equal n are claimed.",
        "Tokens of one sequence are not independent of each other: their error is that of the "
        "spread between passages.",
        "A claim about many layers is judged by the worst of as many intervals, each at 95 %: "
        "the level of the whole claim is lower.",
    )
