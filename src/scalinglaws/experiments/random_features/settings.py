"""What each budget of random-features fixes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scalinglaws.errors import BadInput
from scalinglaws.experiments.random_features.rows import EXCESS_FROM
from scalinglaws.result import Budget

IMAGE_SIDE = 28  # of (Fashion-)MNIST
IMAGES, DIGITS = 70_000, 1_797  # in the sets: (Fashion-)MNIST's and scikit-learn's digits


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
    image_draws: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        if not all(0 < alpha < math.inf for alpha in self.alphas):
            raise BadInput(f"every alpha must be positive and finite: {self.alphas}")
        if min(self.draws, self.image_draws) < 1:
            raise BadInput("draws and image_draws must be at least 1")
        if not all(pool > 0 and IMAGE_SIDE % pool == 0 for pool in self.pools):
            raise BadInput(f"every pool size must divide {IMAGE_SIDE}: {self.pools}")
        if self.seed < 0:
            raise BadInput(f"seed must be 0 or more, not {self.seed}")
        if self.n_train + self.n_test > IMAGES or self.digits_train + self.digits_test > DIGITS:
            raise BadInput(
                f"there are {IMAGES} images and {DIGITS} digits: n_train + n_test and "
                "digits_train + digits_test must not exceed them"
            )
        self._check_sizes()

    def _check_sizes(self) -> None:
        for own in (self.sizes, self.image_sizes, self.digits_sizes):
            if len(set(own)) < len(own):
                raise BadInput(f"sizes must differ from each other: {own}")
        sizes = [n for n in self.sizes if n < self.S]
        if min(self.sizes, default=0) < 2 or len(self.sizes) - len(sizes) > 1:
            raise BadInput(f"sizes must be 2 or more, all but one below S={self.S}: {self.sizes}")
        if sum(self.window[0] <= n <= self.window[1] for n in sizes) < 2:
            raise BadInput(f"window {self.window} must hold two of the sizes {self.sizes}")
        far = [n for n in self.sizes if n >= EXCESS_FROM * self.variance_at]
        if self.variance_at not in sizes or len(far) < 2:
            raise BadInput(
                f"variance_at={self.variance_at} must be one of the sizes {self.sizes}, "
                f"two of them at least {EXCESS_FROM} times as large"
            )
        for n_train, own in (
            (self.n_train, self.image_sizes),
            (self.digits_train, self.digits_sizes),
        ):
            if len(own) < 2 or min(own) < 2 or max(own) >= min(n_train, self.image_features):
                raise BadInput(
                    f"image sizes {own} must be two or more, each from 2 to below the number of "
                    f"training images ({n_train}) and of features ({self.image_features})"
                )


BUDGETS = {
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
    Budget.FULL: Settings(
        S=2400,
        sizes=(16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 2048),
        window=(16, 512),
        image_features=4096,
        image_sizes=(16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512),
        n_train=16384,
        n_test=4096,
    ),
    # The paper's own sizes are not known to us: the largest that make sense on one machine.
    Budget.PAPER: Settings(
        S=4800,
        sizes=(16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 1448, 2048, 4096),
        window=(16, 1024),
        images=("digits", "fashion-mnist", "mnist"),
        pools=(1, 2, 4),
        image_features=8192,
        image_sizes=(16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024),
        n_train=32768,
        n_test=8192,
    ),
}
