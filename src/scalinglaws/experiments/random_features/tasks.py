"""What the cells of random-features compute."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from scalinglaws.data.images import average_pool, load_images
from scalinglaws.errors import BadInput
from scalinglaws.experiments.random_features.cells import ImagesConfig, SpectrumConfig
from scalinglaws.learn import linear
from scalinglaws.result import Row
from scalinglaws.theory.random_features import loss as closed_form
from scalinglaws.theory.random_features import power_spectrum


def run_spectrum(config: SpectrumConfig) -> list[Row]:
    """L(D, P) of one draw for every pair of sizes, either of them also None, which means all."""
    root = np.sqrt(power_spectrum(config.S, config.alpha))
    # Row by row, so that a smaller draw is the beginning of a larger one.
    shape = (max(config.sizes), config.S)
    F = np.random.default_rng(config.data_seed).standard_normal(shape) * root
    G = np.random.default_rng(config.projection_seed).standard_normal(shape)
    T = np.diag(root)

    pairs = [(D, P) for D in config.sizes for P in config.sizes if D != P]
    losses: list[tuple[int | None, int | None, float]] = [
        (D, P, loss)
        for (D, P), loss in zip(pairs, linear.student_losses(F, G, T, pairs), strict=True)
    ]
    resolvable = [n for n in config.sizes if n < config.S]
    losses += [(n, None, linear.full_student_loss(F[:n], T)) for n in resolvable]
    losses += [(None, n, linear.full_data_loss(G[:n], T)) for n in resolvable]
    return [
        {
            "part": "spectrum",
            "alpha": config.alpha,
            "S": config.S,
            "draw": config.data_seed,
            "D": D,
            "P": P,
            "loss": loss,
        }
        for D, P, loss in losses
    ]


def run_images(config: ImagesConfig) -> list[Row]:
    """L(D) with all features, L(P) with all training images, and the features' eigenvalues.

    Losses are of held-out images. "closed" is the closed form at the measured eigenvalues.
    """
    x_train, x_test = _images(config)
    # The same generator state for both: one layer, two sets of inputs.
    F, held_out = (
        linear.relu_features(x, config.S, np.random.default_rng(config.feature_seed))
        for x in (x_train, x_test)
    )
    T = held_out / math.sqrt(len(held_out))
    shape = (max(config.sizes), config.S)
    G = np.random.default_rng(config.projection_seed).standard_normal(shape)
    eigenvalues = _eigenvalues(F)

    labels: Row = {
        "part": "images",
        "dataset": config.dataset,
        "pool": config.pool,
        "S": config.S,
        "draw": config.data_seed,
    }
    over_data: list[Row] = [
        {
            **labels,
            "D": n,
            "P": None,
            "loss": linear.full_student_loss(F[:n], T),
            "closed": closed_form(eigenvalues, n, math.inf),
        }
        for n in config.sizes
    ]
    everything = [(config.n_train, n) for n in config.sizes]
    over_projections: list[Row] = [
        {**labels, "D": D, "P": P, "loss": loss, "closed": closed_form(eigenvalues, D, P)}
        for (D, P), loss in zip(everything, linear.student_losses(F, G, T, everything), strict=True)
    ]
    spectrum: list[Row] = [
        {**labels, "rank": rank, "eigenvalue": float(eigenvalues[rank - 1])}
        for rank in _ranks(min(F.shape))
    ]
    return over_data + over_projections + spectrum


def _images(
    config: ImagesConfig,
) -> tuple[Float[ndarray, "n_train inputs"], Float[ndarray, "n_test inputs"]]:
    """Training and held-out inputs: pooled, centred pixel by pixel, of mean square 1."""
    pixels = load_images(config.dataset).pixels
    n = config.n_train + config.n_test
    if n > len(pixels):
        raise BadInput(f"{config.dataset} has {len(pixels)} images, not {n}")
    chosen = np.random.default_rng(config.data_seed).permutation(len(pixels))[:n]
    x = average_pool(pixels[chosen], config.pool).reshape(n, -1)
    x -= x[: config.n_train].mean(axis=0)
    x /= np.sqrt(np.square(x[: config.n_train]).mean())
    return x[: config.n_train], x[config.n_train :]


def _eigenvalues(F: Float[ndarray, "n S"]) -> Float[ndarray, " S"]:
    """Eigenvalues of F^T F / n, largest first, filled up with zeros to one per feature."""
    n, S = F.shape
    gram = F.T @ F if n >= S else F @ F.T
    found = np.linalg.eigvalsh(gram)[::-1] / n
    # Those of rounding size are not known to be positive.
    found[found < found[0] * len(found) * np.finfo(float).eps] = 0
    return np.pad(found, (0, S - len(found)))


def _ranks(largest: int) -> list[int]:
    """At most 60 ranks, log-spaced from 1 to `largest`."""
    return [int(rank) for rank in np.unique(np.geomspace(1, largest, 60).round())]
