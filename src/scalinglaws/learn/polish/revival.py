"""Dead units made alive: new weights for units that no point reaches, without a change of output.

A unit whose pre-activation is negative at all points has no gradient, so that the student is
smaller than its size. It is given weights whose kink passes through one of the points, and enters
the next layer with weight zero: the function stays, and the gradient finds a use for it.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from scalinglaws.learn.ensemble import Ensemble
from scalinglaws.learn.networks import Layers, forward


def revived(students: Ensemble, X: Float[Tensor, "n k"]) -> Ensemble:
    """Students anew, each with its dead units replaced."""
    layers = [revive(each, X) for each in students.students()]
    return Ensemble(students.shapes, layers, students.k, str(X.device), students.activation)


def revive(layers: Layers, X: Float[Tensor, "n k"]) -> Layers:
    """The ReLU network with its dead units replaced, one layer after the other.

    A new unit has the weights of a live one of its layer, turned about, and a bias that puts its
    kink through a point. Nothing is drawn: unit i takes the i-th live one and an i-th point.
    A layer without a live unit is left as it is.
    """
    revived = [(W.clone(), b.clone()) for W, b in layers]
    for at in range(len(revived) - 1):
        (W, b), (W_next, _) = revived[at], revived[at + 1]
        Z = forward(revived, X)
        h = X if at == 0 else torch.relu(Z[at - 1])
        alive = (Z[at] > 0).any(0)
        if not alive.any():
            continue
        models = alive.nonzero()[:, 0]
        for i, dead in enumerate((~alive).nonzero()[:, 0].tolist()):
            # Points far from each other in the batch, which has no order.
            through = h[(i + 1) * len(h) // (len(b) + 1)]
            W[dead] = -W[models[i % len(models)]]
            b[dead] = -W[dead] @ through
            W_next[:, dead] = 0
    return revived
