"""Tables of architectures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.architectures.statistics import (
    Architectures,
    Rank,
    alpha,
    dimension,
    product,
)
from scalinglaws.experiments.students.families import Family, four_over
from scalinglaws.experiments.students.lines import drift_of
from scalinglaws.result import Table, Value

Row = tuple[Estimate | Value, ...]
NAMES = {"relu": "ReLU", "gelu": "GELU", "tanh": "tanh", "residual": "residual"}


def architecture(f: Family) -> str:
    """As tables name it."""
    return f"{NAMES[f.kin.activation]}, {f.kin.hidden} hidden layers"


def families(found: Architectures) -> Table:
    """Every architecture."""
    own = {seed: found.of(seed) for seed in found.seeds}
    deviations = [{f.kin: e for f, e in found.deviations(of)} for of in (alpha, dimension, product)]
    rows = [
        (
            f.teacher_seed,
            NAMES[f.kin.activation],
            f.kin.hidden,
            f.exponent.alpha,
            four_over(f.exponent.alpha),
            four_over(f.exponent_used.alpha),
            drift_of(f, found.halves),
            f.d,
            product(f),
            own[f.teacher_seed].loss(f),
            *(by_kin.get(f.kin) for by_kin in deviations),
        )
        for f in found.full
    ]
    return Table(
        id="families",
        title="Exponent, dimension and loss of every architecture",
        columns=(
            *("teacher", "students", "hidden layers", "alpha", "4/alpha", "4/alpha, N_used"),
            *("drift of alpha", "d (TwoNN)", "alpha d", "L at equal N"),
            *("alpha / mean - 1", "d / mean - 1", "alpha d / mean - 1"),
        ),
        rows=tuple(sorted(rows, key=lambda row: (row[0], row[1], row[2]))),
        note="L at equal N: the fits, at the largest N that all reach. Deviations: errors hold "
        "the shift from half to full training length, intervals are simultaneous over all "
        "architectures. Residual: ReLU, every hidden layer but the first adds its input.",
    )


def joint(found: Architectures) -> Table:
    """One value for all?"""
    return Table(
        id="joint",
        title="Whether all architectures share one value",
        columns=(
            *("teacher", "quantity", "chi^2", "dof", "p", "true spread / mean"),
            *("largest difference / mean", "of", "and"),
        ),
        rows=tuple(_joint(found)),
        note="chi^2 of one common value, with the errors of the deviations, training length in "
        "them. True spread: standard deviation beyond those errors. Largest difference: its "
        "interval is simultaneous over all pairs.",
    )


def _joint(found: Architectures) -> Iterator[Row]:
    for seed in found.seeds:
        for name, of in (("alpha", alpha), ("d", dimension), ("alpha d", product)):
            test = found.of(seed).joint(of)
            if test is not None:
                a, b = map(architecture, test.pair)
                known = test.chi2, test.dof, test.p, test.between, test.difference
                yield seed, name, *known, a, b


def ranks(found: Architectures) -> Table:
    """Whether the best have the smallest d."""
    return Table(
        id="ranks",
        title="Rank correlations over the architectures",
        columns=("teacher", "of", "with", "Spearman's r", "permutation p", "n"),
        rows=tuple(_ranks(found)),
        note="The paper expects loss to rise and alpha to fall with d. Two-sided p of 20 000 "
        "permutations; Fieller's interval.",
    )


def _ranks(found: Architectures) -> Iterator[Row]:
    def d_of(f: Family) -> float:
        return f.d.value if f.d else 0.0

    for seed in found.seeds:
        own = found.of(seed)
        asked: tuple[tuple[str, str, Callable[[], Rank | None]], ...] = (
            ("loss at equal N", "d", lambda own=own: own.rank(own.loss, d_of)),
            ("alpha", "d", lambda own=own: own.rank(lambda f: f.exponent.alpha.value, d_of)),
            (
                "loss at equal N",
                "alpha",
                lambda own=own: own.rank(own.loss, lambda f: f.exponent.alpha.value),
            ),
        )
        for of, other, ask in asked:
            rank = ask()
            if rank is not None:
                yield seed, of, other, rank.r, rank.p, rank.n
