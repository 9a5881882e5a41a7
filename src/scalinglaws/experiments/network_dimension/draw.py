"""What the figures and tables of the experiments on trained networks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.network_dimension.rows import has, networks, number, where
from scalinglaws.result import Row, Series

PAPER = "Sharma & Kaplan, A Neural Scaling Law from the Dimension of the Data Manifold, " + (
    "arXiv:2004.10802"
)
SHORT = "Sharma & Kaplan 2020, "
GPT = "The paper's GPT panels are not drawn here: `lm-layers` measures a pretrained model."


def titled(rows: Sequence[Row], network: str) -> str:
    """A network as a panel's title has it."""
    first = where(rows, kind="network", network=network)[0]
    if has(first, "features"):
        return f"student {network}, {number(first, 'features'):.0f} features"
    return f"CNN on {network}, last hidden layer"


def with_bars(label: str, points: Iterable[tuple[float, Estimate]], color: int) -> Series:
    """Measured points (x, estimate) with their intervals."""
    found = list(points)
    return Series(
        label,
        x=tuple(x for x, _ in found),
        y=tuple(e.value for _, e in found),
        lo=tuple(e.lo for _, e in found),
        hi=tuple(e.hi for _, e in found),
        color=color,
    )


def notes(rows: Sequence[Row]) -> tuple[str, ...]:
    """What was trained, how well, and what the intervals contain."""
    found = networks(rows)
    students = [name for name in found if where(rows, kind="network", network=name, epochs=None)]
    said = [_trained(rows, name) for name in found]
    said.append("Intervals: 95 %, Student's over the networks.")
    if students:
        said.append(
            "Each student is measured on points of its own. All of a kind have one teacher: no "
            "interval contains the spread between teachers."
        )
    if len(students) < len(found):
        said.append("CNNs share the test images, so the estimator's own error is added.")
    return tuple(said)


def _trained(rows: Sequence[Row], network: str) -> str:
    own = [r for r in where(rows, kind="network", network=network) if r.get("epochs") != 0]
    count, N = len(own), f"{number(own[0], 'N'):.0f} parameters"
    L = sum(number(row, "L") for row in own) / count
    if has(own[0], "features"):
        skill = L / number(own[0], "zero_skill")
        return f"{count} students {network}, {N}: test KL {L:.2g}, {skill:.2g} of zero skill."
    accuracy = sum(number(row, "accuracy") for row in own) / count
    epochs = f"{number(own[0], 'epochs'):.0f} epochs"
    return f"{count} CNNs on {network}, {N}, {epochs}: test loss {L:.3g}, accuracy {accuracy:.1%}."
