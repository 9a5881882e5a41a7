"""A second stage of training, to the floor of what a student can approximate. Beyond the paper.

For small d the measured power law ends where Adam stops improving, above the loss that the
student's size allows. `benchmarks/polish.py` shows what each method takes off, and for how long.
"""

from scalinglaws.learn.polish.cost import flop_of, points_drawn
from scalinglaws.learn.polish.method import LENGTHS, Method
from scalinglaws.learn.polish.second_stage import polish

__all__ = ["LENGTHS", "Method", "flop_of", "points_drawn", "polish"]
