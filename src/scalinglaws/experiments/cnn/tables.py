"""Tables of cnn."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.cnn.cell import HELD_OUT, TEST
from scalinglaws.experiments.cnn.families import QUANTITIES, STOPS, Family, alpha_d
from scalinglaws.experiments.network_dimension.measures import METHODS
from scalinglaws.experiments.students.families import four_over
from scalinglaws.result import Table

NAMES = {
    "L_test": "test loss",
    "L_train": "training loss",
    "error_test": "test error",
    "error_train": "training error",
}
CHOSEN = {
    HELD_OUT: "held-out images",
    TEST: "the test images (the paper's; selection on the test set)",
}


def exponents(found: Sequence[Family]) -> Table:
    """Every exponent by either way to stop."""
    return Table(
        id="exponents",
        title="Exponents of loss and error",
        columns=(
            "images",
            "of",
            "stopped by",
            "alpha",
            "form",
            "straight line",
            "4/alpha",
            "widths",
        ),
        rows=tuple(
            (
                family.dataset,
                NAMES[quantity],
                CHOSEN[stop],
                fit.alpha,
                str(fit.form),
                fit.straight,
                four_over(fit.alpha) if fit.alpha.value > 0 else None,
                fit.widths,
            )
            for family in found
            for quantity in QUANTITIES
            for stop in STOPS
            if (fit := family.exponent(quantity, stop))
        ),
        note="Power laws through all trials at all widths, which may end in a floor or a break; "
        "straight line: a power law through all. Stopped by: the epoch of least loss on these.",
    )


def points(found: Sequence[Family]) -> Table:
    """4/alpha beside d."""
    return Table(
        id="points",
        title="4/alpha and d",
        columns=(
            "images",
            "N from",
            "to",
            "trials",
            "4/alpha, test loss",
            "4/alpha, training loss",
            "d (TwoNN)",
            "d after ReLU",
            "alpha d / 4",
            "relative change of d",
        ),
        rows=tuple(
            (
                f.dataset,
                f.N[0],
                f.N[-1],
                f.trials,
                *(_four(f, quantity) for quantity in ("L_test", "L_train")),
                f.d_largest(),
                f.d_largest(relu=True),
                alpha_d(f),
                f.d_change(),
            )
            for f in found
        ),
        note="At the step that held-out images chose. d: last hidden layer, before its ReLU as the "
        "authors' code has it, at the largest width on the power law of the test loss. Relative "
        "change: over all widths.",
    )


def sizes(found: Sequence[Family]) -> Table:
    """Losses and errors at every width, log-means over the trials."""
    best = ("L_test", "error_test")
    return Table(
        id="sizes",
        title="Every width: loss and error",
        columns=(
            "images",
            "n",
            "N",
            "epoch",
            *(NAMES[quantity] for quantity in QUANTITIES),
            "epoch of least test loss",
            *(f"{NAMES[quantity]} there" for quantity in best),
        ),
        rows=tuple(
            (
                f.dataset,
                n,
                f.N[i],
                f.epochs[HELD_OUT][i],
                *(f.curves[HELD_OUT, quantity].log_mean(i) for quantity in QUANTITIES),
                f.epochs[TEST][i],
                *(f.curves[TEST, quantity].log_mean(i) for quantity in best),
            )
            for f in found
            for i, n in enumerate(f.n)
        ),
        note="Log-means over the trials with Student's intervals. Epoch: the mean of those where "
        "the loss on the held-out images was least. The last columns are the paper's way: the "
        "least test loss, selected on the test set, hence too low.",
    )


def dimensions(found: Sequence[Family]) -> Table:
    """d of the last hidden layer at every width, by method."""
    return Table(
        id="dimensions",
        title="d of the last hidden layer",
        columns=("images", "n", "N", "layer", *METHODS),
        rows=tuple(
            (f.dataset, n, f.N[i], name, *(f.d[relu, method][i] for method in METHODS))
            for f in found
            for relu, name in ((False, "before ReLU"), (True, "after ReLU"))
            for i, n in enumerate(f.n)
        ),
    )


def _four(family: Family, quantity: str) -> Estimate | None:
    fit = family.exponent(quantity)
    return four_over(fit.alpha) if fit and fit.alpha.value > 0 else None
