"""A classifier's training watched epoch by epoch, on images that it is not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from scalinglaws.learn.checkpoint import Checkpoint, Keeper, module_state, named, restore_module
from scalinglaws.learn.classify import Images, Labels, Scores, adam_of, score, train_epoch


@dataclass(frozen=True)
class Stop:
    """Where a training might have stopped: after `epoch` epochs, with these weights."""

    epoch: int
    score: Scores
    weights: Mapping[str, Tensor]


@dataclass(frozen=True)
class Course:
    """A training watched epoch by epoch.

    L_running: the mean loss of each epoch's batches as they came. watched: by name, the scores on
    each watched set after every epoch. stops: by name, where the loss on that set was least (the
    first time).
    """

    L_running: tuple[float, ...]
    watched: Mapping[str, tuple[Scores, ...]]
    stops: Mapping[str, Stop]

    def after(
        self, L: float, scores: Mapping[str, Scores], weights: Mapping[str, Tensor]
    ) -> Course:
        """With one more epoch."""
        watched = {name: (*self.watched[name], found) for name, found in scores.items()}
        epoch = len(self.L_running) + 1
        new = {
            name: Stop(epoch, found, weights)
            for name, found in scores.items()
            if name not in self.stops or found.L < self.stops[name].score.L
        }
        return Course((*self.L_running, L), watched, {**self.stops, **new})


def train_watched(
    network: nn.Module,
    X: Images,
    y: Labels,
    watched: Mapping[str, tuple[Images, Labels]],
    epochs: int,
    generator: torch.Generator,
    checkpoint: Checkpoint | None = None,
) -> Course:
    """`train_classifier`, scored on every watched set after each epoch.

    checkpoint: where the state is kept between epochs. The same call after a kill goes on from
        there, and ends in the same bits.
    """
    adam = adam_of(network)
    course = Course((), dict.fromkeys(watched, ()), {})
    weights = list(network.state_dict().values())
    what = [repr(network), *weights, X, y, *(part for pair in watched.values() for part in pair)]
    keeper = checkpoint and Keeper(checkpoint, [*what, tuple(watched), epochs])
    if keeper and (found := keeper.load()):
        restore_module(network, adam, named(found, "module"))
        course = _course(named(found, "course"), tuple(watched))
    for _ in range(len(course.L_running), epochs):
        L = train_epoch(network, adam, X, y, generator)
        scores = {name: score(network, *images) for name, images in watched.items()}
        weights = {name: w.detach().clone() for name, w in network.state_dict().items()}
        course = course.after(L, scores, weights)
        if keeper and keeper.due:
            module, passed = module_state(network, adam), _course_state(course)
            keeper.save({f"module.{name}": value for name, value in module.items()} | passed)
    return course


def _course_state(course: Course) -> dict[str, Tensor]:
    """All of a course as tensors, for a checkpoint."""
    state = {"course.L_running": torch.tensor(course.L_running, dtype=torch.float64)}
    for i, (name, scores) in enumerate(course.watched.items()):
        both = [(s.L, s.accuracy) for s in scores]
        state[f"course.{i}.scores"] = torch.tensor(both, dtype=torch.float64)
        stop = course.stops[name]
        state[f"course.{i}.epoch"] = torch.tensor(stop.epoch)
        state |= {f"course.{i}.weights.{k}": w for k, w in stop.weights.items()}
    return state


def _course(state: Mapping[str, Tensor], watched: Sequence[str]) -> Course:
    """What `_course_state` gave, by the names of the watched sets."""
    scores: dict[str, tuple[Scores, ...]] = {}
    stops: dict[str, Stop] = {}
    for i, name in enumerate(watched):
        own = named(state, str(i))
        scores[name] = tuple(Scores(*both) for both in own["scores"].tolist())
        epoch = int(own["epoch"])
        stops[name] = Stop(epoch, scores[name][epoch - 1], named(own, "weights"))
    return Course(tuple(state["L_running"].tolist()), scores, stops)
