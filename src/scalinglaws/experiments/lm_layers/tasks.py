"""What the cells of lm-layers compute. Activations become numbers here; none is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.dimension import knn, mle, neighbors
from scalinglaws.experiments.lm_layers.design import PassagesConfig, SequencesConfig
from scalinglaws.experiments.lm_layers.settings import KNN_K, MLE_K
from scalinglaws.experiments.pretrained_text import opened, token_ids
from scalinglaws.learn.pretrained import Pretrained
from scalinglaws.learn.transformer_layers import Kind, capture_tokens, transformer_blocks
from scalinglaws.result import Row

if TYPE_CHECKING:
    from torch import Tensor

GROUP = 200  # sequences whose activations at every position are held at once

Layer = tuple[int, Kind, str]  # block from 1, kind, name


def run_sequences(config: SequencesConfig) -> list[Row]:
    """d of the last tokens, of a part of them, and of the final layer's tokens by position."""
    import torch

    pretrained = opened()
    rng = np.random.default_rng(config.data_seed)
    ids = token_ids(pretrained, config.sequences, config.length, rng)
    equal = np.sort(rng.permutation(config.sequences)[: config.equal_n])
    layers = _layers(pretrained)
    *_, (last_block, _, final) = layers

    positions = (*config.positions, config.length - 1)
    last: dict[str, list[Tensor]] = {name: [] for *_, name in layers}
    by_position: list[Tensor] = []
    for group in ids.split(GROUP):
        found = capture_tokens(pretrained.model, group, list(last), positions)
        by_position.append(found[final])
        for name, activations in found.items():
            last[name].append(activations[:, -1].clone())

    rows: list[Row] = []
    for block, kind, name in layers:
        X = torch.cat(last.pop(name)).numpy()
        labels: Row = {"block": block, "kind": kind.value, "position": config.length - 1}
        rows += _dimensions(X, {"part": "last", **labels})
        rows += _dimensions(X[equal], {"part": "equal", **labels})
    Z = torch.cat(by_position).numpy()
    for i, position in enumerate(positions):
        labels = {"block": last_block, "kind": Kind.RESIDUAL.value, "position": position}
        rows += _dimensions(Z[:, i], {"part": "position", **labels})
    return rows


def run_passages(config: PassagesConfig) -> list[Row]:
    """d of all tokens but the first of each passage by itself."""
    pretrained = opened()
    rng = np.random.default_rng(config.data_seed)
    layers = _layers(pretrained)
    rows: list[Row] = []
    for i, ids in enumerate(token_ids(pretrained, config.passages, config.length, rng)):
        every = range(1, config.length)
        found = capture_tokens(pretrained.model, ids[None], [name for *_, name in layers], every)
        for block, kind, name in layers:
            labels: Row = {"part": "passage", "block": block, "kind": kind.value, "passage": i}
            rows += _dimensions(found[name][0].numpy(), labels)
    return rows


def _dimensions(X: Float[ndarray, "n width"], labels: Row) -> Iterator[Row]:
    """A row for each of the paper's estimators, from one search for neighbours."""
    nb = neighbors(X, MLE_K)
    for d in (*(knn(nb, k) for k in KNN_K), mle(nb, MLE_K)):
        yield {
            "model": SMOLLM2.title,
            **labels,
            "method": d.method,
            "k": d.k,
            "d": d.d,
            "stderr": d.stderr,
            "n": d.n,
            "duplicates": nb.duplicates,
        }


def _layers(pretrained: Pretrained) -> list[Layer]:
    """Every kind of every block; the last is the residual stream after the last block."""
    return [
        (block, kind, names[kind])
        for block, names in enumerate(transformer_blocks(pretrained.model), start=1)
        for kind in Kind
    ]
