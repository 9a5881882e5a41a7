"""A statement about networks of one kind, held against every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.network_dimension.rows import Network, collapsed, networks
from scalinglaws.result import Budget, Claim, Judgement, Row

ABSENT = {
    Network.STUDENT: "",  # students need nothing that could be absent
    Network.CNN: "no rows of an image set: left out of this run, or the files of every one were "
    "absent (scalinglaws data fashion-mnist)",
    Network.LANGUAGE: "no rows of a language model: left out of this run, or its file, its text "
    "or the extra [lm] was absent (scalinglaws data smollm2-135m)",
}


def judge(
    claims: Mapping[Network, Claim],
    rows: Sequence[Row],
    budget: Budget,
    of: Callable[[str], Iterable[Estimate]],
) -> tuple[Judgement, ...]:
    """One judgement per kind of network: of the worst of what `of` finds for each by its name."""
    return tuple(
        claim.judge_all(
            (estimate for name in networks(rows, kind) for estimate in of(name)),
            budget,
            reason=" ".join(
                said for name in networks(rows, kind) if (said := collapsed(rows, name))
            ),
            skipped="" if networks(rows, kind) else ABSENT[kind],
        )
        for kind, claim in claims.items()
    )
