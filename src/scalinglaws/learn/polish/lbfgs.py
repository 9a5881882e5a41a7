"""L-BFGS with a strong-Wolfe line search on one large batch, in the dtype of the weights."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from scalinglaws.learn.losses import AnyLoss, evaluate
from scalinglaws.learn.networks import Activation, Layers, forward

_MEMORY = 20  # pairs of steps and gradient changes


def lbfgs(
    layers: Layers,
    X: Float[Tensor, "n k"],
    answers: Float[Tensor, "n n_out"],
    loss: AnyLoss,
    activation: Activation,
    iterations: int,
) -> Layers:
    """The student after so many iterations, or where no step is found that descends."""
    own = [(W.contiguous().clone().requires_grad_(), b.clone().requires_grad_()) for W, b in layers]
    optimiser = torch.optim.LBFGS(
        [p for pair in own for p in pair],
        max_iter=iterations,
        history_size=_MEMORY,
        tolerance_grad=0,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )

    def mean_loss() -> Tensor:
        optimiser.zero_grad()
        L = evaluate(loss, forward(own, X, activation)[-1], answers).mean()
        L.backward()
        return L

    optimiser.step(mean_loss)
    return [(W.detach(), b.detach()) for W, b in own]
