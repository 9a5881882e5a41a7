"""What each budget of the experiments on trained networks fixes, and their cells."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.data.text import SOTU
from scalinglaws.experiments import devices, pretrained_text
from scalinglaws.experiments.experiment import require
from scalinglaws.experiments.image_sets import ImageSet, is_present
from scalinglaws.experiments.network_dimension.images import ImageNetwork
from scalinglaws.experiments.network_dimension.language import LanguageModel
from scalinglaws.experiments.network_dimension.measures import NEIGHBOURS
from scalinglaws.experiments.network_dimension.students import Students, name_of
from scalinglaws.experiments.pretrained_text import CONTEXT, OPEN_S, TOKENS_PER_S
from scalinglaws.result import Budget
from scalinglaws.sweep.cell import Cell

ROOM = "scalinglaws.experiments.network_dimension"
STUDENTS_TASK, IMAGES_TASK, LANGUAGE_TASK = (
    f"{ROOM}.{module}:run" for module in ("students", "images", "language")
)
VERSION = 2
STUDENTS_VERSION = 3  # a step of the ensemble sums in another order
LABELLING_S = 6.5e-3  # seconds per step for the teacher's labels, measured on one core
EPOCH_S = {"digits": 0.3, "cifar-10": 20.0}  # of the networks at n = 5; others 8
FEWEST = 60  # points on the ladder of figure 19
LEAST = max(NEIGHBOURS) + 1  # points that have as many neighbours


@dataclass(frozen=True)
class Shape:
    """Students [n_in, n, n, 2] of a teacher of k features."""

    n_in: int
    k: int
    n: int

    @property
    def name(self) -> str:
        return name_of(self.n_in, self.n)


# Figures 17 (left) and 21: "a student of size [20, 25, 25, 2] trained on a teacher with 10
# features"; figures 19 and 21: "[15, 28, 28, 2] trained on teacher with 15 features".
TEN_FEATURES, FIFTEEN_FEATURES = Shape(20, 10, 25), Shape(15, 15, 28)


@dataclass(frozen=True)
class StudentSettings:
    """Students of each shape, all of one teacher. See Students."""

    trials: int = 4
    steps: int = 10_000
    schedule: Literal["settled", "table1"] = "settled"
    points: int = 12_000  # section 3.1
    rungs: int = 6
    seed: int = 0
    device: str = "cpu"


@dataclass(frozen=True)
class ImageSettings:
    """Convolutional networks of width `n` on image sets.

    networks: of each set, differing in their draws. layer_points, rungs: see ImageNetwork.
    """

    images: tuple[ImageSet, ...] = ("fashion-mnist",)
    n: int = 5
    networks: int = 5
    epochs: int = 4
    layer_points: int = 5000
    rungs: int = 6
    seed: int = 0
    device: str = "cpu"


@dataclass(frozen=True)
class LanguageSettings:
    """A pretrained language model at the last token of text sequences of `length` tokens."""

    sequences: int = 1200
    length: int = 64
    rungs: int = 6
    seed: int = 0


@dataclass(frozen=True)
class Settings(LanguageSettings, ImageSettings, StudentSettings):
    """Students, and convolutional networks and a language model beside them."""


STUDENT_BUDGETS = {
    Budget.SMOKE: StudentSettings(trials=2, steps=120, points=600, rungs=3),
    Budget.QUICK: StudentSettings(),
    Budget.FULL: StudentSettings(trials=8, steps=60_000, points=48_000),
    Budget.PAPER: StudentSettings(trials=10, steps=240_000, schedule="table1"),
}
IMAGE_BUDGETS = {
    Budget.SMOKE: ImageSettings(("digits",), networks=2, epochs=2, layer_points=300, rungs=3),
    Budget.QUICK: ImageSettings(),
    Budget.FULL: ImageSettings(("fashion-mnist", "cifar-10"), epochs=15, layer_points=10_000),
    Budget.PAPER: ImageSettings(
        ("fashion-mnist", "mnist", "cifar-10"), networks=20, epochs=50, layer_points=10_000
    ),
}
LANGUAGE_BUDGETS = {
    Budget.SMOKE: LanguageSettings(sequences=130, length=16, rungs=2),
    Budget.QUICK: LanguageSettings(),
    Budget.FULL: LanguageSettings(sequences=5000, length=128),
    Budget.PAPER: LanguageSettings(sequences=10_000, length=128),  # figure 22: "10k pts"
}
BUDGETS = {
    budget: Settings(
        **asdict(LANGUAGE_BUDGETS[budget])
        | asdict(IMAGE_BUDGETS[budget])
        | asdict(STUDENT_BUDGETS[budget])
    )
    for budget in Budget
}


def check_images(experiment: str, settings: ImageSettings) -> None:
    """Refuse settings that no network could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        "image sets, each once": len(s.images) == len(set(s.images)),
        "n, networks and epochs >= 1": min(s.n, s.networks, s.epochs) >= 1,
        f"layer_points >= {LEAST}": s.layer_points >= LEAST,
        "1 <= rungs <= 6: further down are too few points": 1 <= s.rungs <= 6,
        "seed >= 0": s.seed >= 0,
        **devices.rule(s.device),
    }
    require(experiment, rules)


def check_students(experiment: str, settings: StudentSettings) -> None:
    """Refuse settings that no student could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        "trials >= 1": s.trials >= 1,
        "steps >= 24": s.steps >= 24,
        f"points >= {LEAST}, and {FEWEST} on the last of the rungs": s.points >= LEAST
        and s.rungs >= 1
        and s.points >= FEWEST * 2 ** (s.rungs - 1),
        "seed >= 0": s.seed >= 0,
        **devices.rule(s.device),
    }
    require(experiment, rules)


def check_language(experiment: str, settings: LanguageSettings) -> None:
    """Refuse settings that no language model could meet, before any work. Raises BadInput."""
    s = settings
    rules = {
        f"sequences >= {LEAST}": s.sequences >= LEAST,
        f"2 <= length <= {CONTEXT}": 2 <= s.length <= CONTEXT,
    }
    require(experiment, rules)


def check(experiment: str, settings: Settings) -> None:
    """All of the above. Raises BadInput."""
    check_students(experiment, settings)
    check_images(experiment, settings)
    check_language(experiment, settings)


def student_cells(settings: StudentSettings, *shapes: Shape) -> list[Cell]:
    """One cell per shape of student."""
    return [_students(settings, shape) for shape in shapes]


def image_cells(settings: ImageSettings) -> list[Cell]:
    """One cell per network of every image set that is on this machine."""
    return [_image_network(settings, *named, settings.epochs) for named in _named(settings)]


def untrained_cells(settings: ImageSettings) -> list[Cell]:
    """The same networks as they were drawn."""
    return [_image_network(settings, *named, 0) for named in _named(settings)]


def language_cells(settings: LanguageSettings) -> list[Cell]:
    """One cell, where the model and its text are on this machine."""
    if pretrained_text.absent():
        return []
    s = settings
    config = LanguageModel(
        model=SMOLLM2.name,
        corpus=SOTU.name,
        sequences=s.sequences,
        length=s.length,
        rungs=min(s.rungs, 1 + int(math.log2(s.sequences / FEWEST))),
        data_seed=s.seed,
    )
    cost = OPEN_S + s.sequences * s.length / TOKENS_PER_S
    return [Cell(LANGUAGE_TASK, VERSION, config, threads=2, cost=cost)]


def _named(settings: ImageSettings) -> list[tuple[ImageSet, int]]:
    numbers = range(settings.networks)
    return [(dataset, i) for dataset in settings.images if is_present(dataset) for i in numbers]


def _students(settings: StudentSettings, shape: Shape) -> Cell:
    s = settings
    config = Students(
        n_in=shape.n_in,
        k=shape.k,
        n=shape.n,
        trials=s.trials,
        steps=s.steps,
        schedule=s.schedule,
        points=s.points,
        rungs=s.rungs,
        teacher_seed=s.seed,
        init_seed=s.seed,
        data_seed=s.seed,
        test_seed=s.seed,
        device=s.device,
    )
    # Neighbours: all pairs of points, thrice for the k and the subsets.
    pairs = 2e-8 * (s.trials + 1) * s.points**2
    return Cell(STUDENTS_TASK, STUDENTS_VERSION, config, cost=LABELLING_S * s.steps + pairs)


def _image_network(settings: ImageSettings, dataset: ImageSet, number: int, epochs: int) -> Cell:
    s = settings
    config = ImageNetwork(
        dataset=dataset,
        n=s.n,
        epochs=epochs,
        layer_points=s.layer_points,
        rungs=s.rungs,
        drawn=number == 0,
        init_seed=s.seed + number,
        data_seed=s.seed,
        device=s.device,
    )
    pairs = 6e-7 * s.layer_points**2
    return Cell(IMAGES_TASK, VERSION, config, cost=EPOCH_S.get(dataset, 8.0) * epochs + pairs)
