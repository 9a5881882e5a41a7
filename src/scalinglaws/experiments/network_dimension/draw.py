"""What the figures and tables of the experiments on trained networks share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.data.text import SOTU
from scalinglaws.experiments.network_dimension.rows import (
    Network,
    collapsed,
    kind_of,
    networks,
    number,
    where,
)
from scalinglaws.experiments.network_dimension.students import inputs_of
from scalinglaws.result import Axis, Panel, Row, Series

PAPER = "Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, " + (
    "arXiv:2004.10802"
)
SHORT = "Sharma & Kaplan 2020, "


def panels(
    rows: Sequence[Row], x: Axis, y: Axis, series: Callable[[str], Iterable[Series]]
) -> tuple[Panel, ...]:
    """One panel per network there are rows of."""
    return tuple(Panel(titled(rows, name), x, y, tuple(series(name))) for name in networks(rows))


def with_inputs(rows: Sequence[Row]) -> tuple[str, ...]:
    """The networks there are rows of, then the raw inputs of the students among them."""
    return (*networks(rows), *map(inputs_of, networks(rows, Network.STUDENT)))


def titled(rows: Sequence[Row], network: str) -> str:
    """A network as a panel's title has it."""
    first = where(rows, kind="network", network=network)[0]
    match kind_of(first):
        case Network.STUDENT:
            return f"student {network}, {number(first, 'features'):.0f} features"
        case Network.CNN:
            return f"CNN on {network}, last hidden layer"
        case Network.LANGUAGE:
            return f"{SMOLLM2.title}: {network}"


def notes(rows: Sequence[Row]) -> tuple[str, ...]:
    """What was trained, how well, and what the intervals contain."""
    found = networks(rows)
    said = [_trained(rows, name) for name in networks(rows, Network.STUDENT, Network.CNN)]
    said.append("Intervals: 95 %, Student's over the networks.")
    if networks(rows, Network.STUDENT):
        said.append(
            "Each student is measured on points of its own. All of a kind have one teacher: no "
            "interval contains the spread between teachers."
        )
    if networks(rows, Network.CNN):
        said.append("CNNs share the test images, so the estimator's own error is added.")
    if layers := networks(rows, Network.LANGUAGE):
        said.append(_read(rows, layers[0]))
    return (*said, *(why for name in found if (why := collapsed(rows, name))))


def _trained(rows: Sequence[Row], network: str) -> str:
    own = [r for r in where(rows, kind="network", network=network) if r.get("epochs") != 0]
    count, N = len(own), f"{number(own[0], 'N'):.0f} parameters"
    L = sum(number(row, "L") for row in own) / count
    if kind_of(own[0]) is Network.STUDENT:
        skill = L / number(own[0], "zero_skill")
        return f"{count} students {network}, {N}: test KL {L:.2g}, {skill:.2g} of zero skill."
    accuracy = sum(number(row, "accuracy") for row in own) / count
    epochs = f"{number(own[0], 'epochs'):.0f} epochs"
    return f"{count} CNNs on {network}, {N}, {epochs}: test loss {L:.3g}, accuracy {accuracy:.1%}."


def _read(rows: Sequence[Row], layer: str) -> str:
    (own,) = where(rows, kind="network", network=layer)
    return (
        f"The language model is {SMOLLM2.title}; the paper's is GPT-2 small. It reads "
        f"{number(own, 'sequences'):.0f} sequences of {number(own, 'length'):.0f} tokens "
        f"({SOTU.title}) and is measured at the last token of each: the attention output of the "
        "last block, and the residual stream after it, before the final norm. There is one such "
        "model: its intervals are the estimator's own."
    )
