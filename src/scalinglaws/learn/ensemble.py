"""Many small networks trained as one.

A student of width n has few parameters, so a loop over students spends its time on overhead.
Here all students see the same batch, and those of one width (a group) are multiplied together:

- Points are columns. The first layers of several groups are stacked into one matrix, which costs
  one matrix product; later layers are one batched product per group.
- Groups are gathered to stacks of some hundred units, and wide ones are split. A stack goes
  forward and backward before the next begins, all in the same few buffers: all students at once
  leave the cache, each alone takes more calls. The bits do not depend on it.
- Biases are weights of an extra unit that is always 1. Its row in every weight matrix is
  (0, ..., 0, 1), which relu maps to itself (after others it is set to 1 anew); its gradient is set
  to zero. A layer is then a product and nothing else, and the gradient of a bias comes with the
  gradient of the weights.
- The gradient is written by hand (the chain rule of such a network is short), so nothing
  is allocated in a training step and no graph is kept. It accumulates, so that a large batch
  can be fed in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, prod

import torch
from jaxtyping import Float, Int
from torch import Tensor

from scalinglaws.learn.hidden import PHI, Phi
from scalinglaws.learn.networks import Activation, Layers, Shape

_STACK = 400  # units of a stack; 280 to 500 did alike

# Outputs of some students -> dL_s/dY, written over them.
OutputGradient = Callable[[Float[Tensor, "students n_out B"]], Float[Tensor, "students n_out B"]]


@dataclass(frozen=True)
class Run:
    """Students of one width n: `count` of them, from number `first` on."""

    n: int
    first: int
    count: int

    @property
    def units(self) -> int:
        return self.count * (self.n + 1)


@dataclass(frozen=True)
class Group:
    """The weights of the students of one run, views into a flat vector.

    W: per layer, with m = n + 1 units, the constant one included: [count, m, k+1] first, then
    [count, m, m], at last [count, n_out, m].
    """

    run: Run
    W: list[Tensor]


@dataclass(frozen=True)
class Stack:
    """Groups that share their buffers, and their first layers as one matrix, transposed: its
    products, of k+1 terms or as many columns, then take half the time."""

    W_first: Float[Tensor, "k+1 units"]
    groups: list[Group]

    @property
    def units(self) -> int:
        return self.W_first.shape[1]

    @property
    def constant(self) -> Int[Tensor, " constants"]:
        """The rows of the constant units, each student's last."""
        widths = [g.run.n + 1 for g in self.groups for _ in range(g.run.count)]
        return torch.tensor(widths, device=self.W_first.device).cumsum(0) - 1


@dataclass(frozen=True)
class Product:
    """Z = W H of one layer of a group, and what its gradient reads and writes.

    adds: dL/dH holds already what the layer's sum with its input passed back.
    """

    W: Float[Tensor, "count m_out m_in"]
    H: Float[Tensor, "count m_in B"]
    Z: Float[Tensor, "count m_out B"]
    W_T: Float[Tensor, "count m_in m_out"]
    H_T: Float[Tensor, "count B m_in"]
    dW: Float[Tensor, "count m_out m_in"]
    dH: Float[Tensor, "count m_in B"]
    dZ: Float[Tensor, "count m_out B"]
    adds: bool


@dataclass(frozen=True)
class Workspace:
    """A stack's part of a training step at one batch size B.

    H: activations of each hidden layer. H_first_T: the first of them again, points as rows.
    kept: Z of each hidden layer and then what its gradient needs, in most cases H itself.
    dH, dZ: of each hidden layer, in two buffers that take turns; dZ lies over dH, but for layers
        that add their input: their dH stays for the layer before, in the same buffer.
    products: of each layer but the first, of each group.
    constant: the rows of the constant units.
    """

    W: Float[Tensor, "k+1 units"]
    dW: Float[Tensor, "k+1 units"]
    kept: list[Float[Tensor, "units B"]]
    H: list[Float[Tensor, "units B"]]
    H_first_T: Float[Tensor, "B units"]
    dH: list[Float[Tensor, "units B"]]
    dZ: list[Float[Tensor, "units B"]]
    constant: Int[Tensor, " constants"]
    Y: Float[Tensor, "students n_out B"]
    products: list[list[Product]]


@dataclass(frozen=True)
class Buffers:
    """Memory of a training step at one batch size B; stacks share theirs."""

    X: Float[Tensor, "k+1 B"]
    X_T: Float[Tensor, "B k+1"]
    workspaces: list[Workspace]


class Ensemble:
    """Students [n_in, n, ..., n, n_out] of equal depth, of which the first k inputs are live.

    activation: of the hidden layers of all of them.

    theta: all trainable numbers in one flat vector, and `grad` its gradient: what an optimiser
    wants. Students of equal width that follow each other are a group. On inference tensors
    throughout: without torch's own records for gradients a step costs a tenth less.
    """

    @torch.inference_mode()
    def __init__(
        self,
        shapes: Sequence[Shape],
        students: Sequence[Layers],
        k: int,
        device: str,
        activation: Activation = Activation.RELU,
    ):
        self.shapes, self.k, self.activation = tuple(shapes), k, activation
        self.depth, self.n_out = len(shapes[0].hidden), shapes[0].n_out
        self.theta = torch.zeros(sum(_size(shape, k) for shape in shapes), device=device)
        self.grad = torch.zeros_like(self.theta)
        self._runs = _gathered(_runs(shapes))
        self.stacks, self._grads = self._stacks(self.theta), self._stacks(self.grad)
        self._load(students)
        constant = torch.zeros_like(self.theta)
        for stack in self._stacks(constant):
            for group in stack.groups:
                for W in group.W[:-1]:
                    W[:, -1] = 1
        self._constant = constant.nonzero()[:, 0]  # places of the constant units' weights

    @property
    def groups(self) -> list[Group]:
        return [group for stack in self.stacks for group in stack.groups]

    def _stacks(self, flat: Tensor) -> list[Stack]:
        """The weights of every stack inside a flat vector, one after the other."""
        start = 0

        def take(*shape: int) -> Tensor:
            nonlocal start
            start += prod(shape)
            return flat[start - prod(shape) : start].view(shape)

        def group(run: Run, first_layer: Tensor) -> Group:
            m = run.n + 1
            middle = [take(run.count, m, m) for _ in range(self.depth - 1)]
            last = take(run.count, self.n_out, m)
            return Group(run, [_own(first_layer.T, run), *middle, last])

        def stack(runs: Sequence[Run]) -> Stack:
            W_first = take(self.k + 1, sum(run.units for run in runs))
            parts = W_first.split([run.units for run in runs], dim=1)
            return Stack(W_first, [group(*pair) for pair in zip(runs, parts, strict=True)])

        return [stack(runs) for runs in self._runs]

    def _load(self, students: Sequence[Layers]) -> None:
        for group in self.groups:
            for t in range(group.run.count):
                for layer, (W, b) in enumerate(students[group.run.first + t]):
                    block = group.W[layer][t]
                    live = self.k if layer == 0 else W.shape[1]
                    block[: len(b), :-1] = W[:, :live]
                    block[: len(b), -1] = b
                    if layer < self.depth:
                        block[-1, -1] = 1  # the constant unit

    def students(self) -> list[Layers]:
        """Every student's (weight, bias) pairs, ordered as `shapes`; only k inputs are kept."""
        found: list[Layers] = []
        for group in self.groups:
            for t in range(group.run.count):
                *hidden, last = [W[t] for W in group.W]
                blocks = [*(block[:-1] for block in hidden), last]
                found.append([(block[:, :-1].clone(), block[:, -1].clone()) for block in blocks])
        return found

    @torch.inference_mode()
    def buffers(self, batch: int) -> Buffers:
        """Memory for training steps with that many points."""
        largest = max(stack.units for stack in self.stacks) * batch
        separate = sum(not PHI[self.activation].shares(layer) for layer in range(self.depth))
        shared = [self.theta.new_empty(largest) for _ in range(self.depth + separate + 3)]
        pairs = zip(self.stacks, self._grads, strict=True)
        return Buffers(
            X=self.theta.new_ones(self.k + 1, batch),
            X_T=self.theta.new_ones(batch, self.k + 1),
            workspaces=[self._workspace(stack, grads, shared, batch) for stack, grads in pairs],
        )

    def _workspace(
        self, stack: Stack, grads: Stack, shared: Sequence[Tensor], batch: int
    ) -> Workspace:
        parts = [flat[: stack.units * batch] for flat in shared]
        *rest, even, odd = [part.view(stack.units, batch) for part in parts[:-1]]
        phi, layers = PHI[self.activation], range(self.depth)
        kept, separate = rest[: self.depth], iter(rest[self.depth :])
        H = [kept[layer] if phi.shares(layer) else next(separate) for layer in layers]
        H_first_T = parts[-1].view(batch, stack.units)
        dH = [even if phi.adds_input else (even, odd)[layer % 2] for layer in layers]
        dZ = [odd] * self.depth if phi.adds_input else dH
        students = sum(group.run.count for group in stack.groups)
        Y = self.theta.new_empty(students, self.n_out, batch)
        products: list[list[Product]] = [[] for _ in range(self.depth)]
        unit = student = 0
        for group, grad in zip(stack.groups, grads.groups, strict=True):
            run = group.run
            rows = slice(unit, unit + run.units)
            H_own = [_own(h[rows], run) for h in H]
            Z_own, dH_own, dZ_own = ([_own(z[rows], run) for z in of] for of in (kept, dH, dZ))
            H_T = [_own(H_first_T.T[rows], run).mT, *(h.mT for h in H_own[1:])]
            outputs = Y[student : student + run.count]
            for layer in range(1, self.depth + 1):
                last = layer == self.depth
                products[layer - 1].append(
                    Product(
                        W=group.W[layer],
                        H=H_own[layer - 1],
                        Z=outputs if last else Z_own[layer],
                        W_T=group.W[layer].mT,
                        H_T=H_T[layer - 1],
                        dW=grad.W[layer],
                        dH=dH_own[layer - 1],
                        dZ=outputs if last else dZ_own[layer],
                        adds=phi.adds_input and not last,
                    )
                )
            unit, student = rows.stop, student + run.count
        return Workspace(
            W=stack.W_first,
            dW=grads.W_first,
            kept=kept,
            H=H,
            H_first_T=H_first_T,
            dH=dH,
            dZ=dZ,
            constant=stack.constant,
            Y=Y,
            products=products,
        )

    @torch.inference_mode()
    def outputs(
        self, X: Float[Tensor, "B k"], buffers: Buffers
    ) -> Float[Tensor, "students n_out B"]:
        """Outputs of all students on one batch."""
        _fill(buffers, X)
        phi = PHI[self.activation]
        return torch.cat([_forward(phi, buffers, space).clone() for space in buffers.workspaces])

    @torch.inference_mode()
    def add_gradient(
        self, X: Float[Tensor, "B k"], dL_dY: OutputGradient, buffers: Buffers
    ) -> None:
        """Add the gradient of sum_s L_s on one batch to `grad`.

        The rows of the constant units get a gradient too: `mask_gradient` clears it.
        """
        _fill(buffers, X)
        phi = PHI[self.activation]
        for space in buffers.workspaces:
            dL_dY(_forward(phi, buffers, space))
            _backward(phi, buffers, space)

    @torch.inference_mode()
    def mask_gradient(self) -> None:
        """Clear the gradient of the constant units, which are not trained."""
        self.grad.index_fill_(0, self._constant, 0)


def _fill(buffers: Buffers, X: Float[Tensor, "B k"]) -> None:
    buffers.X[:-1] = X.T
    buffers.X_T[:, :-1] = X


def _forward(phi: Phi, buffers: Buffers, space: Workspace) -> Float[Tensor, "students n_out B"]:
    """H <- phi(W H), layer by layer; the workspace keeps what the gradient needs."""
    torch.mm(space.W.T, buffers.X, out=space.kept[0])
    for layer, (Z, H, products) in enumerate(zip(space.kept, space.H, space.products, strict=True)):
        if phi.keeps_Z:
            phi.apply(H.copy_(Z))
        elif phi.adds_input and layer > 0:
            torch.add(space.H[layer - 1], phi.apply(Z), out=H)
        else:
            phi.apply(H)
        if not phi.fixes_1:
            H.index_fill_(0, space.constant, 1)
        for p in products:
            torch.bmm(p.W, p.H, out=p.Z)
    return space.Y


def _backward(phi: Phi, buffers: Buffers, space: Workspace) -> None:
    """From dL/dY, which lies in Y, to dL/dW of every layer."""
    # A sum over points is quickest if they run along columns in one factor and rows in the other;
    # to make the first layer again costs less than to transpose it.
    H_first_T = phi.apply(torch.mm(buffers.X_T, space.W, out=space.H_first_T))
    if not phi.fixes_1:
        H_first_T.index_fill_(1, space.constant, 1)
    for layer in range(len(space.H), 0, -1):
        for p in space.products[layer - 1]:
            torch.baddbmm(p.dW, p.dZ, p.H_T, out=p.dW)  # dL/dW += dL/dZ H^T
            if p.adds:
                torch.baddbmm(p.dH, p.W_T, p.dZ, out=p.dH)  # dL/dH += W^T dL/dZ
            else:
                torch.bmm(p.W_T, p.dZ, out=p.dH)  # dL/dH = W^T dL/dZ
        at = layer - 1
        phi.differentiate(space.dH[at], space.kept[at], space.dZ[at])  # dL/dZ = dL/dH phi'
    torch.addmm(space.dW, buffers.X, space.dZ[0].T, out=space.dW)


def _own(units: Float[Tensor, "units B"], run: Run) -> Float[Tensor, "count m B"]:
    """The rows of one group, a matrix per student."""
    return units.unflatten(0, (run.count, -1))


def _size(shape: Shape, k: int) -> int:
    """Numbers of one student, the constant units' included."""
    m = shape.hidden[0] + 1
    return m * (k + 1) + (len(shape.hidden) - 1) * m * m + shape.n_out * m


def _runs(shapes: Sequence[Shape]) -> Iterator[Run]:
    """The students of equal width that follow each other, no more than fill a stack."""
    first = 0
    for hidden, same in groupby(shapes, key=lambda s: s.hidden):
        if len(set(hidden)) != 1 or len(hidden) != len(shapes[0].hidden):
            raise ValueError(f"hidden layers must be of one width and depth, not {hidden}")
        count = len(list(same))
        parts = ceil(count / max(1, _STACK // (hidden[0] + 1)))
        for part in range(parts):
            start, end = (count * i // parts for i in (part, part + 1))
            yield Run(hidden[0], first + start, end - start)
        first += count


def _gathered(runs: Iterable[Run]) -> list[list[Run]]:
    """Consecutive runs of at most so many units together."""
    stacks: list[list[Run]] = []
    for run in runs:
        if stacks and sum(r.units for r in stacks[-1]) + run.units <= _STACK:
            stacks[-1].append(run)
        else:
            stacks.append([run])
    return stacks
