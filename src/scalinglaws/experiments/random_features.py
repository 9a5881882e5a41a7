"""Linear students of random features: four regimes, and the duality of data and parameters.

Bahri et al. 2021 (arXiv:2102.06701), figure 2 and "Linear random features".

    scalinglaws run random-features

Two parts. *Spectrum*: features with lambda_i = i^-(1+alpha), Gaussian data and projections; the
simulated L(D, P) is held against the closed form of `theory.random_features` and its exponents.
*Images*: random ReLU features of average-pooled images, data and features both real but for the
teacher, which is isotropic as the paper's; L against D with all features, and against P with all
training images, should fall with one exponent, that of the kernel's spectrum.

The paper's S, widths, pool sizes and numbers in legends are not known to us: sizes are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from scalinglaws.errors import BadInput
from scalinglaws.experiments.experiment import Experiment
from scalinglaws.experiments.random_features_findings import CLAIMS, analyse
from scalinglaws.result import Budget, Row
from scalinglaws.sweep.cell import Cell

SPECTRUM_TASK = f"{__name__}:run_spectrum"
IMAGES_TASK = f"{__name__}:run_images"
VERSION = 1
SEEDS_PER_DRAW = 3
DRAWS_PER_SEED = 10_000


@dataclass(frozen=True)
class Settings:
    """What a budget fixes. A size is a number of examples or of projections."""

    alphas: tuple[float, ...] = (0.4, 0.8, 1.2)
    S: int = 800  # features of the spectrum part
    sizes: tuple[int, ...] = (16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 1024)
    draws: int = 24
    window: tuple[int, int] = (16, 256)  # resolution-limited slopes
    variance_at: int = 32  # the fixed P (D) whose excess over the limit is followed in D (P)
    images: tuple[str, ...] = ("digits", "fashion-mnist")
    pools: tuple[int, ...] = (2, 4)  # of images of 28 x 28; digits come pooled, as 8 x 8
    image_features: int = 2048
    image_sizes: tuple[int, ...] = (16, 23, 32, 45, 64, 91, 128, 181, 256)
    n_train: int = 8192  # all the data of L(P)
    n_test: int = 2048
    digits_sizes: tuple[int, ...] = (8, 11, 16, 23, 32, 45, 64)
    digits_train: int = 1197
    digits_test: int = 600
    image_draws: int = 6
    seed: int = 0


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

    Image sets whose files are not on this machine get no cells. Raises BadInput for sizes that
    the features or images do not hold.
    """
    _check(settings)
    spectrum = [
        Cell(SPECTRUM_TASK, VERSION, _spectrum_config(settings, alpha, draw), cost=1.6)
        for alpha in settings.alphas
        for draw in range(settings.draws)
    ]
    images = [
        Cell(IMAGES_TASK, VERSION, _images_config(settings, dataset, pool, draw), cost=8.0)
        for dataset, pool in present_images(settings)
        for draw in range(settings.image_draws)
    ]
    return images + spectrum


def present_images(settings: Settings) -> list[tuple[str, int]]:
    """(image set, pool size) of the settings that this machine has the files for."""
    from scalinglaws.data.images import DIGITS, is_present

    pools = {name: (1,) if name == DIGITS else settings.pools for name in settings.images}
    return [(name, pool) for name in settings.images if is_present(name) for pool in pools[name]]


def run_spectrum(config: SpectrumConfig) -> list[Row]:
    """L(D, P) of one draw for every pair of sizes, either of them also None, which means all."""
    import numpy as np

    from scalinglaws.learn import linear
    from scalinglaws.theory.random_features import power_spectrum

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
    import math

    import numpy as np

    from scalinglaws.learn import linear
    from scalinglaws.theory.random_features import loss as closed_form

    x_train, x_test = _images(config)
    # The same generator state for both: one layer, two sets of inputs.
    F, T = (
        linear.relu_features(x, config.S, np.random.default_rng(config.feature_seed))
        for x in (x_train, x_test)
    )
    T /= math.sqrt(len(T))
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


def _check(settings: Settings) -> None:
    sizes = sorted(settings.sizes)
    if len(sizes) < 4 or sizes[0] < 2 or sizes[-2] >= settings.S:
        raise BadInput(
            f"sizes needs 4 numbers or more, from 2 on, all but the largest below S={settings.S}; "
            f"it is {settings.sizes}"
        )
    for train, image_sizes in (
        (settings.n_train, settings.image_sizes),
        (settings.digits_train, settings.digits_sizes),
    ):
        if not image_sizes or max(image_sizes) >= min(train, settings.image_features):
            raise BadInput(
                f"image sizes {image_sizes} must stay below the number of training images "
                f"({train}) and of features ({settings.image_features})"
            )


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
    from scalinglaws.data.images import DIGITS

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


def _images(config: ImagesConfig):
    """Training and held-out inputs: pooled, centred pixel by pixel, of mean square 1."""
    import numpy as np

    from scalinglaws.data.images import average_pool, load_images

    pixels = load_images(config.dataset).pixels
    n = config.n_train + config.n_test
    if n > len(pixels):
        raise BadInput(f"{config.dataset} has {len(pixels)} images, not {n}")
    chosen = np.random.default_rng(config.data_seed).permutation(len(pixels))[:n]
    x = average_pool(pixels[chosen], config.pool).reshape(n, -1)
    x -= x[: config.n_train].mean(axis=0)
    x /= np.sqrt(np.square(x[: config.n_train]).mean())
    return x[: config.n_train], x[config.n_train :]


def _eigenvalues(F):
    """Eigenvalues of F^T F / n, largest first, filled up with zeros to one per feature."""
    import numpy as np

    n, S = F.shape
    gram = F.T @ F if n >= S else F @ F.T
    found = np.linalg.eigvalsh(gram)[::-1] / n
    # Those of rounding size are not known to be positive.
    found[found < found[0] * len(found) * np.finfo(float).eps] = 0
    return np.pad(found, (0, S - len(found)))


def _ranks(largest: int) -> list[int]:
    """At most 60 ranks, log-spaced from 1 to `largest`."""
    import numpy as np

    return [int(rank) for rank in np.unique(np.geomspace(1, largest, 60).round())]


EXPERIMENT = Experiment(
    name="random-features",
    title="Four scaling regimes of linear random-feature students, and their duality",
    paper="Bahri, Dyer, Kaplan, Lee & Sharma, Explaining Neural Scaling Laws, arXiv:2102.06701",
    figures="Figure 2",
    claims=CLAIMS,
    budgets={
        Budget.SMOKE: Settings(
            S=200,
            sizes=(16, 32, 64, 96, 128),
            draws=3,
            window=(16, 96),
            variance_at=16,
            images=("digits",),
            image_features=256,
            image_sizes=(16, 32, 64),
            image_draws=2,
        ),
        Budget.QUICK: Settings(),
        Budget.FULL: Settings(),
        Budget.PAPER: Settings(),
    },
    cost={
        Budget.SMOKE: "seconds",
        Budget.QUICK: "",
        Budget.FULL: "",
        Budget.PAPER: "",
    },
    cells=cells,
    analyse=analyse,
)
