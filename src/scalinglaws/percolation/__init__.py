"""Simulated percolation clusters, their targets, and regression on them."""

from scalinglaws.percolation.bethe import Grown, grow, grow_between
from scalinglaws.percolation.nearest import Nearest, nearest_labelled
from scalinglaws.percolation.regression import points_per_dof, regression_loss
from scalinglaws.percolation.walk import random_walk

__all__ = [
    "Grown",
    "Nearest",
    "grow",
    "grow_between",
    "nearest_labelled",
    "points_per_dof",
    "random_walk",
    "regression_loss",
]
