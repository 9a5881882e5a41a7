"""What each budget of `cnn` fixes, and its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scalinglaws.experiments import devices
from scalinglaws.experiments.cnn.cell import ImageClassifier
from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.image_sets import ImageSet, is_present
from scalinglaws.experiments.network_dimension.measures import MLE_K
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

TASK, VERSION = "scalinglaws.experiments.cnn.cell:run", 1
# Training images, and seconds for 1000 of them at width n: a + b n, measured on one thread.
IMAGES = {"digits": 1437, "fashion-mnist": 60_000, "mnist": 60_000, "cifar-10": 50_000}
SECONDS = {"digits": (0.02, 0.0), "cifar-10": (0.16, 0.04)}  # others:
GREY_SECONDS = (0.12, 0.017)
SVHN_IMAGES = 604_388


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Networks of every width in `widths` on grey images, and so on.

    trials: networks of each width that differ in start, order and held-out images, for each
    image set; none leave a set out. held_out: see ImageClassifier.
    """

    digits_trials: int = 0
    fashion_mnist_trials: int = 0
    mnist_trials: int = 0
    cifar_10_trials: int = 0
    svhn_trials: int = 0
    widths: tuple[int, ...] = (2, 3, 4, 5, 6, 7, 8)
    cifar_10_widths: tuple[int, ...] = tuple(range(1, 14))
    svhn_widths: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12)  # the authors' code
    epochs: int = 50
    svhn_epochs: int = 5
    held_out: int = 5000
    points: int = 12_000  # section 3.1
    seed: int = 0
    device: str = "cpu"


BUDGETS = {
    Budget.SMOKE: Settings(digits_trials=2, widths=(1, 2, 4), epochs=12, held_out=200, points=500),
    Budget.QUICK: Settings(fashion_mnist_trials=3, widths=(2, 4, 8), epochs=5),
    Budget.FULL: Settings(
        fashion_mnist_trials=3,
        mnist_trials=1,
        cifar_10_trials=1,
        cifar_10_widths=(1, 2, 3, 5, 8, 13),
        epochs=20,
    ),
    # The paper does not say how often it trained on SVHN.
    Budget.PAPER: Settings(
        fashion_mnist_trials=20, mnist_trials=20, cifar_10_trials=40, svhn_trials=20
    ),
}


def check(settings: Settings) -> None:
    """Refuse settings that no network could meet, before any work. Raises BadInput."""
    s = settings
    trials = [count for _, count, _, _ in _families(s)]
    rules = {
        "trials >= 0": min(trials) >= 0,
        "widths >= 1, each once": all(
            w and min(w) >= 1 and len(w) == len(set(w))
            for w in (s.widths, s.cifar_10_widths, s.svhn_widths)
        ),
        "epochs and held_out >= 1": min(s.epochs, s.svhn_epochs, s.held_out) >= 1,
        f"points > {MLE_K}": s.points > MLE_K,
        "seed >= 0": s.seed >= 0,
        **devices.rule(s.device),
    }
    require("cnn", rules)


def cells(settings: Settings) -> Sequence[Cell]:
    """One cell per network, of the image sets that are on this machine. Raises BadInput."""
    check(settings)
    return [
        _cell(settings, dataset, n, trial, epochs)
        for dataset, trials, widths, epochs in _families(settings)
        if trials and is_present(dataset)
        for n in widths
        for trial in range(trials)
    ]


def datasets(settings: Settings) -> tuple[ImageSet, ...]:
    """All that are taken, present or not."""
    return tuple(dataset for dataset, trials, _, _ in _families(settings) if trials)


def _families(s: Settings) -> list[tuple[ImageSet, int, tuple[int, ...], int]]:
    """(image set, trials, widths, epochs)."""
    return [
        ("digits", s.digits_trials, s.widths, s.epochs),
        ("fashion-mnist", s.fashion_mnist_trials, s.widths, s.epochs),
        ("mnist", s.mnist_trials, s.widths, s.epochs),
        ("cifar-10", s.cifar_10_trials, s.cifar_10_widths, s.epochs),
        ("svhn", s.svhn_trials, s.svhn_widths, s.svhn_epochs),
    ]


def _cell(s: Settings, dataset: ImageSet, n: int, trial: int, epochs: int) -> Cell:
    config = ImageClassifier(
        dataset=dataset,
        n=n,
        trial=trial,
        epochs=epochs,
        held_out=s.held_out,
        points=s.points,
        init_seed=s.seed,
        data_seed=s.seed,
        device=s.device,
    )
    each, per_width = SECONDS.get(dataset, GREY_SECONDS)
    images = IMAGES.get(dataset, SVHN_IMAGES)
    cost = epochs * images / 1000 * (each + per_width * n) + 3e-8 * s.points**2
    return Cell(TASK, VERSION, config, cost=cost)
