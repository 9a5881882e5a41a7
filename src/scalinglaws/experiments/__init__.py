"""The experiments, one file each. `get(name)` imports one; nothing heavy is imported for it."""

from __future__ import annotations

import importlib

from scalinglaws.errors import UnknownName
from scalinglaws.experiments.experiment import AnyExperiment, Experiment

NAMES = (
    "toy-regression",
    "teacher-student",
    "multiverse",
    "n-max",
    "id-across-students",
    "product-manifold",
    "p-loss",
    "vetted-teachers",
    "teacher-class",
    "architectures",
    "random-features",
    "percolation-quanta",
    "id-points",
    "id-neighbours",
    "id-linearity",
    "id-histogram",
    "image-layers",
    "cnn",
    "lm-layers",
    "gpt",
    "summary",
    "id-errors",
    "id-synthetic",
    "chinchilla-refit",
    "gemstones",
    "olmo-ladder",
    "routing",
    "nsl-benchmark",
    "law-coverage",
)

__all__ = ["NAMES", "AnyExperiment", "Experiment", "get"]


def get(name: str) -> AnyExperiment:
    """The experiment of that name. Raises UnknownName with the nearest known one."""
    if name not in NAMES:
        raise UnknownName("experiment", name, NAMES)
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return module.EXPERIMENT
