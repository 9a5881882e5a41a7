"""Activations of named layers of any torch module, captured by forward hooks in batches."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence, Sized
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from scalinglaws.errors import BadInput, UnknownName

Rows = Shaped[Tensor, "rows features"]
Select = Callable[[Tensor], Tensor]
MAX_BYTES = 2 << 30


def capture(
    model: nn.Module,
    batches: Iterable[Any],
    layers: Sequence[str],
    *,
    select: Select | None = None,
    max_bytes: int = MAX_BYTES,
) -> dict[str, Rows]:
    """The outputs of `layers` for all batches: name -> (rows, features), on the CPU, dtype kept.

    batches: each a tensor, a tuple or list whose first item is the input (what loaders of
        labelled data give), or a mapping, passed as keyword arguments. Tensors are moved to the
        model's device.
    layers: names as in `model.named_modules()`; "" is the model itself. Of an output that is a
        tuple or a mapping the first tensor is taken.
    select: an output -> (rows, features), say the last token of every sequence. Without it every
        example is one flat row.
    max_bytes: of all that is returned; while a layer's batches are joined it is held twice.

    The model runs in eval mode without gradients and is left as it was, also when it raises.
    Raises UnknownName for a layer that does not exist; BadInput for one that does not run exactly
    once a batch or gives no rows, and, as soon as that can be foreseen, for more than `max_bytes`.
    """
    _require_layers(model, layers)
    parts: dict[str, list[Rows]] = {name: [] for name in layers}
    expected = _length(batches)
    held = done = 0  # bytes, batches
    with _hooked(model, tuple(parts), select) as run:
        for batch in batches:
            for name, rows in run(batch).items():
                _require_same_width(name, parts[name], rows)
                parts[name].append(rows)
                held += rows.nbytes
            done += 1
            _require_room(held, done, max(done, expected), max_bytes)
    if not done:
        raise BadInput("capture got no batches (a loader that was already used up?)")
    return {name: _joined(rows) for name, rows in parts.items()}


def _length(batches: Iterable[Any]) -> int:
    """How many batches there will be, as far as a loader says; one of a stream has a length that
    raises."""
    try:
        return len(batches) if isinstance(batches, Sized) else 0
    except TypeError:
        return 0


@contextmanager
def _evaluating(model: nn.Module) -> Generator[None]:
    """`model` in eval mode without gradients; every submodule's own mode is restored."""
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        with torch.no_grad():
            yield
    finally:
        for module, training in modes.items():
            module.training = training


@contextmanager
def _hooked(
    model: nn.Module, layers: Sequence[str], select: Select | None
) -> Generator[Callable[[Any], dict[str, Rows]]]:
    """A function batch -> rows of every layer; its hooks are gone afterwards."""
    modules = dict(model.named_modules(remove_duplicate=False))
    first = next(chain(model.parameters(), model.buffers()), torch.empty(0))
    seen: dict[str, Tensor] = {}

    def keep(name: str, _module: nn.Module, _inputs: Any, output: Any) -> None:
        if name in seen:
            raise BadInput(
                f"layer {name!r} runs more than once in a forward pass: its name does not say "
                "which output is meant; name layers that run once"
            )
        # Copied at once: a later layer may write into this one's output.
        seen[name] = _reduced(name, _tensor(name, output), select).to("cpu", copy=True)

    def run(batch: Any) -> dict[str, Rows]:
        seen.clear()
        args, kwargs = _arguments(batch, first.device)
        model(*args, **kwargs)
        examples = len(next(t for t in (*args, *kwargs.values()) if torch.is_tensor(t) and t.ndim))
        for name in layers:
            _require_rows(name, seen, None if select else examples)
        return dict(seen)

    with ExitStack() as undo:
        for name in layers:
            undo.callback(modules[name].register_forward_hook(partial(keep, name)).remove)
        undo.enter_context(_evaluating(model))
        yield run


def _arguments(batch: Any, device: torch.device) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """Positional and keyword arguments of the model for a batch."""
    if isinstance(batch, tuple | list) and batch:
        batch = batch[0]
    if isinstance(batch, Mapping) and any(torch.is_tensor(v) and v.ndim for v in batch.values()):
        return (), {k: v.to(device) if torch.is_tensor(v) else v for k, v in batch.items()}
    if torch.is_tensor(batch) and batch.ndim:
        return (batch.to(device),), {}
    raise BadInput(
        "a batch is a tensor, a tuple or list that starts with the input, or a mapping of "
        f"keyword arguments with a tensor among them, not {type(batch).__name__}"
    )


def _tensor(name: str, output: Any) -> Tensor:
    """The output, or the first tensor of a tuple or mapping."""
    several = output.values() if isinstance(output, Mapping) else output
    candidates = several if isinstance(output, tuple | list | Mapping) else (output,)
    found = next(filter(torch.is_tensor, candidates), None)
    if found is None:
        raise BadInput(f"layer {name!r} gives no tensor but {type(output).__name__}")
    return found


def _reduced(name: str, output: Tensor, select: Select | None) -> Rows:
    rows = select(output) if select else output.flatten(1) if output.ndim > 1 else output[..., None]
    if rows.ndim != 2:
        raise BadInput(
            f"layer {name!r}: rows are (rows, features), not of shape {tuple(rows.shape)}"
        )
    return rows


def _require_layers(model: nn.Module, layers: Sequence[str]) -> None:
    modules = dict(model.named_modules(remove_duplicate=False))
    if isinstance(layers, str) or not layers:
        raise BadInput(f"layers is a sequence of at least one layer's name, not {layers!r}")
    for name in layers:
        if name not in modules:
            raise UnknownName("layer", name, modules)


def _require_rows(name: str, seen: Mapping[str, Rows], examples: int | None) -> None:
    """Every layer ran; without a `select`, its first dimension is the batch's."""
    if name not in seen:
        raise BadInput(f"layer {name!r} does not run in a forward pass of this model")
    if examples is not None and len(seen[name]) != examples:
        raise BadInput(
            f"layer {name!r} gives {len(seen[name])} rows for a batch of {examples}: its first "
            "dimension is not the batch; use select to say what a row is"
        )


def _require_same_width(name: str, parts: Sequence[Rows], rows: Rows) -> None:
    if parts and parts[0].shape[1] != rows.shape[1]:
        raise BadInput(
            f"layer {name!r} gives rows of {parts[0].shape[1]} and of {rows.shape[1]} numbers "
            "(inputs of several sizes?): use select to reduce them to one width"
        )


def _require_room(held: int, done: int, batches: int, max_bytes: int) -> None:
    """Foresees the whole from the batches done, of which the last may be short; a loader without
    a length only as it grows."""
    whole = held if batches == done else held * (batches - 1) // done
    if whole > max_bytes:
        about = f"{batches} batches take at least" if batches > done else f"{done} batches take"
        raise BadInput(
            f"activations of {about} {whole / 2**20:.3g} MiB, above max_bytes = "
            f"{max_bytes / 2**20:.3g} MiB: name fewer layers, use select, or raise max_bytes"
        )


def _joined(parts: list[Rows]) -> Rows:
    """All rows in one tensor; the parts are let go."""
    rows = torch.cat(parts)
    parts.clear()
    return rows
