"""The work of random-features: a cell per draw."""

from __future__ import annotations

from dataclasses import dataclass

from scalinglaws.data.images import DIGITS, is_present
from scalinglaws.experiments.random_features.settings import Settings
from scalinglaws.sweep.cell import Cell

TASKS = "scalinglaws.experiments.random_features.tasks"
SPECTRUM_TASK = f"{TASKS}:run_spectrum"
IMAGES_TASK = f"{TASKS}:run_images"
VERSION = 1
SEEDS_PER_DRAW = 3
DRAWS_PER_SEED = 10_000


@dataclass(frozen=True)
class SpectrumConfig:
    """One draw of data and projections, all sizes nested in it."""

    alpha: float
    S: int
    sizes: tuple[int, ...]
    data_seed: int
    projection_seed: int


@dataclass(frozen=True)
class ImagesConfig:
    """One draw of images, features and projections, all sizes nested in it."""

    dataset: str
    pool: int
    S: int
    n_train: int
    n_test: int
    sizes: tuple[int, ...]
    data_seed: int
    projection_seed: int
    feature_seed: int


def cells(settings: Settings) -> list[Cell]:
    """A cell per alpha and draw, and per image set, pool size and draw.

    Image sets whose files are not on this machine get no cells. Raises UnknownName for an image
    set that does not exist.
    """
    spectrum = [
        Cell(
            SPECTRUM_TASK,
            VERSION,
            _spectrum_config(settings, alpha, draw),
            cost=_spectrum_s(settings),
        )
        for alpha in settings.alphas
        for draw in range(settings.draws)
    ]
    images = [
        Cell(
            IMAGES_TASK,
            VERSION,
            _images_config(settings, dataset, pool, draw),
            cost=_images_s(settings),
        )
        for dataset, pool in present_images(settings)
        for draw in range(settings.image_draws)
    ]
    return images + spectrum


def _spectrum_s(settings: Settings) -> float:
    """Seconds: a factorisation per pair of sizes, of at most S numbers per example."""
    return 2e-11 * settings.S * max(settings.sizes) ** 2 * len(settings.sizes) ** 2


def _images_s(settings: Settings) -> float:
    """Seconds: the eigenvalues of the features' second moment."""
    return 1.5e-10 * settings.n_train * settings.image_features**2


def present_images(settings: Settings) -> list[tuple[str, int]]:
    """(image set, pool size) of the settings that this machine has the files for."""
    pools = {name: (1,) if name == DIGITS else settings.pools for name in settings.images}
    return [(name, pool) for name in settings.images if is_present(name) for pool in pools[name]]


def _spectrum_config(settings: Settings, alpha: float, draw: int) -> SpectrumConfig:
    """The alphas share their draws, so that their differences are not those of luck."""
    seed = SEEDS_PER_DRAW * (settings.seed * DRAWS_PER_SEED + draw)
    return SpectrumConfig(
        alpha=alpha,
        S=settings.S,
        sizes=settings.sizes,
        data_seed=seed,
        projection_seed=seed + 1,
    )


def _images_config(settings: Settings, dataset: str, pool: int, draw: int) -> ImagesConfig:
    digits = dataset == DIGITS
    seed = SEEDS_PER_DRAW * (settings.seed * DRAWS_PER_SEED + draw)
    return ImagesConfig(
        dataset=dataset,
        pool=pool,
        S=settings.image_features,
        n_train=settings.digits_train if digits else settings.n_train,
        n_test=settings.digits_test if digits else settings.n_test,
        sizes=settings.digits_sizes if digits else settings.image_sizes,
        data_seed=seed,
        projection_seed=seed + 1,
        feature_seed=seed + 2,
    )
