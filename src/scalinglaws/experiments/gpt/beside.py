"""What stands beside our transformers: the pretrained model of lm-layers and the paper's GPT-2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.estimate import Estimate
from scalinglaws.experiments.lm_layers.measures import FINAL, JUDGED, read
from scalinglaws.result import Row

KAPLAN_ALPHA = 0.076  # Kaplan et al. 2020, as the paper cites it
GPT2_D = 90.0  # "d > 90": a lower bound


@dataclass(frozen=True)
class Pretrained:
    """d of the pretrained model's final layer at the last token, by 2 neighbours."""

    title: str
    d: Estimate
    n: int


def own_rows(rows: Sequence[Row]) -> list[Row]:
    """Without those of lm-layers."""
    return [row for row in rows if row.get("model") is None]


def pretrained(rows: Sequence[Row]) -> Pretrained | None:
    """From the rows of lm-layers; None where there are none."""
    measured = read([row for row in rows if row.get("model") is not None])
    curve = measured.curve("last", JUDGED, FINAL)
    if not curve:
        return None
    n, _ = measured.counts["last"]
    return Pretrained(SMOLLM2.title, curve[max(curve)].estimate, n)
