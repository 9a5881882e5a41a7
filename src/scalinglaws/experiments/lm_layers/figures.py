"""The figures of lm-layers, as data."""

from __future__ import annotations

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.data.text import SOTU
from scalinglaws.experiments.bars import Marker, with_bars
from scalinglaws.experiments.lm_layers.measures import (
    FINAL,
    JUDGED,
    KINDS,
    KNN,
    MLE,
    Curve,
    Measured,
    Method,
)
from scalinglaws.experiments.lm_layers.settings import Settings
from scalinglaws.experiments.lm_layers.tables import METHODS, NAMES
from scalinglaws.result import Axis, Figure, Panel, Series

SOURCE = "Sharma & Kaplan 2020, figure "
BLOCK = Axis("block")
TITLES = {
    "attention": "attention output",
    "mlp": "MLP output",
    "residual": "residual stream after the block",
}
WHO = f"{SMOLLM2.title}, on {SOTU.title}"


def figures(measured: Measured, settings: Settings) -> tuple[Figure, ...]:
    """Those there are rows for."""
    drawn: list[Figure] = []
    if measured.curve("last", JUDGED, FINAL):
        drawn.append(_layers(measured, settings))
    if measured.curve("passage", JUDGED, FINAL):
        drawn.append(_one_sequence(measured, settings))
    if measured.curve("position", JUDGED, FINAL):
        drawn.append(_positions(measured, settings))
    return tuple(drawn)


def _layers(measured: Measured, settings: Settings) -> Figure:
    near = [
        Panel(
            TITLES[kind],
            BLOCK,
            Axis("d"),
            tuple(
                _points(f"{k} neighbours", measured.curve("last", ("knn", k), kind), color)
                for color, (_, k) in enumerate(KNN)
            ),
        )
        for kind in KINDS
    ]
    far = Panel(
        f"MLE, {MLE[1]} neighbours",
        BLOCK,
        Axis("d"),
        tuple(
            _points(TITLES[kind], measured.curve("last", MLE, kind), len(KNN) + i)
            for i, kind in enumerate(KINDS)
        ),
    )
    return Figure(
        id="layers",
        title=f"Intrinsic dimension by layer: {SMOLLM2.title}",
        source=SOURCE + "10",
        caption=f"{WHO}: last tokens of {settings.sequences} sequences of {settings.length} "
        "tokens, with 95 % intervals. The residual stream of the last block is taken before the "
        "final norm. The paper finds, for GPT-2 small and n = 10 000, 50 to 80 in the first "
        "attention layer and more than 90 after it, roughly constant, with MLE below.",
        panels=(*near, far),
    )


def _one_sequence(measured: Measured, settings: Settings) -> Figure:
    def panel(kind: str) -> Panel:
        markers: dict[Method, Marker] = {JUDGED: "filled", MLE: "open"}
        series = [
            _points(f"{who}, {NAMES[method]}", measured.curve(part, method, kind), color, marker)
            for method, marker in markers.items()
            for color, (part, who) in enumerate((("equal", "many"), ("passage", "one sequence")))
        ]
        return Panel(TITLES[kind], BLOCK, Axis("d", "log"), tuple(s for s in series if s.x))

    return Figure(
        id="one-sequence",
        title=f"One sequence against many at equal n: {SMOLLM2.title}",
        source=SOURCE + "11, left",
        caption=f"{WHO}. One sequence: the {settings.tokens} tokens after the first of a passage, "
        f"mean of {settings.passages} passages with the interval of their spread. Many: the last "
        f"tokens of {settings.tokens} sequences of {settings.length} tokens. The paper finds about "
        "7 in one sequence of 1024 tokens.",
        panels=tuple(panel(kind) for kind in KINDS),
    )


def _positions(measured: Measured, settings: Settings) -> Figure:
    return Figure(
        id="positions",
        title=f"Final layer at fixed token positions: {SMOLLM2.title}",
        source=SOURCE + "11, right",
        caption=f"{WHO}: residual stream before the final norm, one token from each of "
        f"{settings.sequences} sequences of {settings.length}, at the same position in all, with "
        "95 % intervals. Positions count from 0. The paper sees no significant variation.",
        panels=(
            Panel(
                "residual stream after the last block",
                Axis("position", "log"),
                Axis("d"),
                tuple(
                    _points(NAMES[method], measured.curve("position", method, FINAL), color)
                    for color, method in enumerate(METHODS)
                ),
            ),
        ),
    )


def _points(label: str, curve: Curve, color: int, marker: Marker = "filled") -> Series:
    return with_bars(label, ((at, d.estimate) for at, d in curve.items()), color, marker)
