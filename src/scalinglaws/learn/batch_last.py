"""The same convolutional network, faster on a CPU: images of a batch side by side in memory.

Small networks leave a library's convolutions at a few per cent of a thread's speed: their few
channels do not fill its vectors, their batches of 32 do. So here arrays are (channels, rows,
columns, batch) up to the dense layers, and every loop runs along the batch and the columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import Function, FunctionCtx
from torch.nn import functional

Planes = Float[Tensor, "channels rows columns batch"]


def batch_last(network: nn.Sequential) -> nn.Sequential:
    """`network` with its very parameters: training one trains the other; values differ in
    rounding only.

    For networks on the CPU of 3 x 3 convolutions of unit stride, 2 x 2 pooling of even sides,
    ReLU, then dense layers; raises ValueError for others.
    """
    return nn.Sequential(_ToBatchLast(), *map(_module, network))


def _module(module: nn.Module) -> nn.Module:
    match module:
        case nn.Conv2d(kernel_size=(3, 3), stride=(1, 1), dilation=(1, 1), groups=1) if (
            module.bias is not None
        ):
            return _Convolution(module)
        case nn.MaxPool2d(kernel_size=2, stride=2, padding=0):
            return _Pool()
        case nn.Flatten():
            return _Flatten()
        case nn.ReLU() | nn.Linear():
            return module
        case _:
            raise ValueError(f"no batch-last form of {module}")


class _ToBatchLast(nn.Module):
    def forward(self, X: Tensor) -> Planes:
        return X.permute(1, 2, 3, 0).contiguous()


class _Flatten(nn.Module):
    def forward(self, x: Planes) -> Tensor:
        return x.flatten(0, 2).t()  # (batch, features)


class _Convolution(nn.Module):
    def __init__(self, of: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = of.weight, cast(nn.Parameter, of.bias)
        self.padding = cast(tuple[int, int], of.padding)[0]

    def forward(self, x: Planes) -> Planes:
        return _apply(_Correlate, _padded(x, self.padding), self.weight, self.bias)


class _Pool(nn.Module):
    def forward(self, x: Planes) -> Planes:
        _, rows, columns, _ = x.shape
        if rows % 2 or columns % 2:
            raise ValueError(f"pooling by 2 needs even sides, not {rows} x {columns}")
        return _apply(_Max, x)


class _Correlate(Function):
    """y = bias + weight * x over x as it is, padded or not."""

    @staticmethod
    def forward(ctx: FunctionCtx, x: Planes, weight: Tensor, bias: Tensor) -> Planes:
        from scalinglaws.learn.conv_kernels import correlate

        _, rows, columns, batch = x.shape
        y = bias[:, None, None, None].expand(-1, rows - 2, columns - 2, batch).contiguous()
        correlate(_rows(x), weight.numpy(), _rows(y))
        ctx.save_for_backward(x, weight)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Planes) -> tuple[Tensor | None, Tensor, Tensor]:
        from scalinglaws.learn.conv_kernels import correlate, weight_gradient

        x, weight = ctx.saved_tensors
        gradient = gradients[0].contiguous()
        of_weight = torch.zeros_like(weight)
        weight_gradient(_rows(x), _rows(gradient), of_weight.numpy())
        of_x = None
        if ctx.needs_input_grad[0]:
            # What reached y[i, j] by weight[u, v] goes back to x[i + u, j + v].
            turned = weight.flip(2, 3).transpose(0, 1).contiguous()
            of_x = torch.zeros_like(x)
            correlate(_rows(_padded(gradient, 2)), turned.numpy(), _rows(of_x))
        return of_x, of_weight, gradient.sum((1, 2, 3))


class _Max(Function):
    @staticmethod
    def forward(ctx: FunctionCtx, x: Planes) -> Planes:
        from scalinglaws.learn.conv_kernels import pool

        channels, rows, columns, batch = x.shape
        y = torch.empty(channels, rows // 2, columns // 2, batch)
        pool(x.numpy(), y.numpy())
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Planes) -> Planes:
        from scalinglaws.learn.conv_kernels import pool_gradient

        x, y = ctx.saved_tensors
        of_x = torch.empty_like(x)
        left = gradients[0].clone(memory_format=torch.contiguous_format)
        pool_gradient(x.numpy(), y.numpy(), left.numpy(), of_x.numpy())
        return of_x


def _apply(function: type[Function], *inputs: Tensor) -> Tensor:
    """PyTorch's `apply` has no types."""
    return cast(Callable[..., Tensor], function.apply)(*inputs)


def _padded(x: Planes, by: int) -> Planes:
    return functional.pad(x, (0, 0, by, by, by, by)) if by else x


def _rows(x: Planes) -> Any:
    """(channels, rows, columns x batch), the same memory."""
    return x.flatten(2).numpy()
