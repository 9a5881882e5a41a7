"""Many small ReLU networks trained as one.

A student of width n has few parameters, so a loop over students spends its time on overhead.
Here all students see the same batch and are stored together:

- Points are columns. The first layers of all students are stacked into one matrix, so that
  they cost one matrix product; later layers are one batched product per width.
- Biases are weights of an extra unit that is always 1. Its row in every weight matrix is
  (0, ..., 0, 1), which relu maps to itself; its gradient is set to zero. A layer is then a
  product and nothing else, and the gradient of a bias comes with the gradient of the weights.
- The gradient is written by hand (the chain rule of a ReLU network is four lines), so nothing
  is allocated in a training step and no graph is kept. It accumulates, so that a large batch
  can be fed in pieces that stay in the cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from jaxtyping import Float
from torch import Tensor

from scalinglaws.learn.networks import Layers, Shape

_mask_by_relu = torch.ops.aten.threshold_backward.grad_input


@dataclass(frozen=True)
class Group:
    """The students of one width: `count` of them, from number `first` on, in rows `rows`."""

    n: int
    first: int
    count: int
    rows: slice  # its units, the constant ones included, among those of all students


@dataclass(frozen=True)
class Buffers:
    """Memory of one training step at one batch size B; m = n + 1 units with the constant one."""

    X: Float[Tensor, "k+1 B"]
    H: list[Float[Tensor, "units B"]]  # activations of each hidden layer
    dH: list[Float[Tensor, "units B"]]  # two, used in turn
    Y: Float[Tensor, "students n_out B"]


class Ensemble:
    """Students [n_in, n, ..., n, n_out] of equal depth, of which the first k inputs are live.

    theta: all trainable numbers in one flat vector, and `grad` its gradient: what an optimiser
    wants. Students are ordered by width.
    """

    def __init__(self, shapes: Sequence[Shape], students: Sequence[Layers], k: int, device: str):
        self.shapes, self.k = tuple(shapes), k
        self.depth, self.n_out = len(shapes[0].hidden), shapes[0].n_out
        self.groups = _groups(shapes)
        self.units = self.groups[-1].rows.stop
        sizes = [self.units * (k + 1)]
        sizes += [g.count * (g.n + 1) ** 2 for _ in range(self.depth - 1) for g in self.groups]
        sizes += [g.count * self.n_out * (g.n + 1) for g in self.groups]
        self.theta = torch.zeros(sum(sizes), device=device)
        self.grad = torch.zeros_like(self.theta)
        self._weights, self._grads = self._views(self.theta, sizes), self._views(self.grad, sizes)
        self._load(students)
        trainable = torch.zeros_like(self.theta)
        for weight in self._views(trainable, sizes)[: self.depth]:
            for block in weight:
                block[..., :-1, :] = 1
        for block in self._views(trainable, sizes)[self.depth]:
            block.fill_(1)
        self._trainable = trainable

    def _views(self, flat: Tensor, sizes: list[int]) -> list[list[Tensor]]:
        """Per layer, per group, the weights [count, m_out, m_in] inside the flat vector.

        The first layer of a group is seen the same way: [count, m, k+1].
        """
        parts = list(flat.split(sizes))
        first = parts.pop(0).view(self.units, self.k + 1)
        layers = [[first[g.rows].view(g.count, g.n + 1, self.k + 1) for g in self.groups]]
        for layer in range(self.depth):
            rows = [g.n + 1 if layer < self.depth - 1 else self.n_out for g in self.groups]
            layers.append(
                [
                    parts.pop(0).view(g.count, r, g.n + 1)
                    for g, r in zip(self.groups, rows, strict=True)
                ]
            )
        return layers

    def _load(self, students: Sequence[Layers]) -> None:
        for group_number, group in enumerate(self.groups):
            for t in range(group.count):
                for layer, (W, b) in enumerate(students[group.first + t]):
                    block = self._weights[layer][group_number][t]
                    live = self.k if layer == 0 else W.shape[1]
                    block[: len(b), :-1] = W[:, :live]
                    block[: len(b), -1] = b
                    if layer < self.depth:
                        block[-1, -1] = 1  # the constant unit

    def students(self) -> list[Layers]:
        """Every student's (weight, bias) pairs, ordered as `shapes`; only k inputs are kept."""
        found: list[Layers] = []
        for number, group in enumerate(self.groups):
            for t in range(group.count):
                blocks = [layer[number][t].detach() for layer in self._weights]
                hidden = [(W[:-1, :-1].clone(), W[:-1, -1].clone()) for W in blocks[:-1]]
                found.append([*hidden, (blocks[-1][:, :-1].clone(), blocks[-1][:, -1].clone())])
        return found

    def buffers(self, batch: int) -> Buffers:
        """Memory for training steps with that many points."""
        empty = self.theta.new_empty
        X = torch.ones(self.k + 1, batch, dtype=self.theta.dtype, device=self.theta.device)
        return Buffers(
            X=X,
            H=[empty(self.units, batch) for _ in range(self.depth)],
            dH=[empty(self.units, batch) for _ in range(2)],
            Y=empty(len(self.shapes), self.n_out, batch),
        )

    def _grouped(self, H: Tensor) -> list[Tensor]:
        return [H[g.rows].view(g.count, g.n + 1, -1) for g in self.groups]

    def _outputs(self, Y: Tensor) -> list[Tensor]:
        return [Y[g.first : g.first + g.count] for g in self.groups]

    def forward(
        self, X: Float[Tensor, "B k"], buffers: Buffers
    ) -> Float[Tensor, "students n_out B"]:
        """Outputs of all students on one batch; the buffers keep what the gradient needs."""
        buffers.X[:-1] = X.T
        first = self.theta[: self.units * (self.k + 1)].view(self.units, self.k + 1)
        torch.mm(first, buffers.X, out=buffers.H[0]).relu_()
        for layer in range(1, self.depth):
            below, above = self._grouped(buffers.H[layer - 1]), self._grouped(buffers.H[layer])
            for group in zip(self._weights[layer], below, above, strict=True):
                _product(*group)
            buffers.H[layer].relu_()
        last = self._grouped(buffers.H[-1])
        for group in zip(self._weights[-1], last, self._outputs(buffers.Y), strict=True):
            _product(*group)
        return buffers.Y

    def backward(self, dY: Float[Tensor, "students n_out B"], buffers: Buffers) -> None:
        """Add the gradient of sum_s L_s to `grad`, given dL_s/dY of the last `forward`.

        The rows of the constant units get a gradient too: `mask_gradient` clears it.
        """
        dH, spare = buffers.dH
        upper = self._outputs(dY)
        for layer in range(self.depth, 0, -1):
            below, out = self._grouped(buffers.H[layer - 1]), self._grouped(dH)
            weights, grads = self._weights[layer], self._grads[layer]
            for group in zip(weights, grads, upper, below, out, strict=True):
                _chain_rule(*group)
            _mask_by_relu(dH, buffers.H[layer - 1], 0, grad_input=dH)  # dL/dZ = dL/dH where H > 0
            upper = out
            dH, spare = spare, dH
        first = self.grad[: self.units * (self.k + 1)].view(self.units, self.k + 1)
        torch.addmm(first, spare, buffers.X.T, out=first)

    def mask_gradient(self) -> None:
        """Clear the gradient of the constant units, which are not trained."""
        self.grad.mul_(self._trainable)


def _product(W: Tensor, H: Tensor, Z: Tensor) -> None:
    torch.bmm(W, H, out=Z)  # Z = W H


def _chain_rule(W: Tensor, dW: Tensor, dZ: Tensor, H: Tensor, dH: Tensor) -> None:
    torch.baddbmm(dW, dZ, H.mT, out=dW)  # dL/dW += dL/dZ H^T
    torch.bmm(W.mT, dZ, out=dH)  # dL/dH = W^T dL/dZ


def _groups(shapes: Sequence[Shape]) -> list[Group]:
    groups: list[Group] = []
    first = row = 0
    for hidden, same in groupby(shapes, key=lambda s: s.hidden):
        if len(set(hidden)) != 1 or len(hidden) != len(shapes[0].hidden):
            raise ValueError(f"hidden layers must be of one width and depth, not {hidden}")
        n, count = hidden[0], len(list(same))
        groups.append(Group(n, first, count, slice(row, row + count * (n + 1))))
        first, row = first + count, row + count * (n + 1)
    return groups
