"""Tables and notes of gpt."""

from __future__ import annotations

from collections.abc import Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.gpt.beside import GPT2_D, KAPLAN_ALPHA, Pretrained
from scalinglaws.experiments.gpt.measures import (
    BESIDE,
    Dimensions,
    Fits,
    RateCheck,
    Size,
    Systematics,
    product,
)
from scalinglaws.experiments.gpt.settings import Settings, rate_of
from scalinglaws.experiments.students.families import four_over
from scalinglaws.result import Table

Alphas = tuple[Estimate, Estimate]


def laws(found: Fits, alphas: Alphas) -> Table:
    """Pure power and power + constant, beside each other."""
    power, constant = alphas
    fitted = [
        ("power", found.power, power),
        ("power + constant", found.constant, constant),
        ("power, second half of the context", found.late, found.late.params["alpha"]),
    ]
    rows: list[tuple[object, ...]] = [
        (
            name,
            alpha,
            four_over(alpha),
            fit.params.get("E"),
            fit.residual_sd,
            fit.law.formula("N"),
        )
        for name, fit, alpha in fitted
    ]
    ends = found.may_end
    rows.append((f"may end: {ends.form}", ends.alpha, four_over(ends.alpha), None, None, ""))
    return Table(
        id="laws",
        title="L(N) by several laws",
        columns=("law", "alpha", "4/alpha", "E (nats)", "residual sd of log L", "formula"),
        rows=tuple(rows),  # pyright: ignore
        note="N without embeddings; models of one width are one group. The intervals of the first "
        "two contain how far alpha moves if both ends had the loss of their best rate. May end: "
        "a power law that may have a floor or a break, whichever costs least (Mallows' C_p).",
    )


def sizes(found: Sequence[Size], d: Dimensions) -> Table:
    return Table(
        id="sizes",
        title="Every width",
        columns=(
            "d_model",
            "N",
            "N with embeddings",
            "models",
            "rate",
            "L",
            "lowest",
            "highest",
            "L, second half",
            "d (TwoNN)",
            "d / d_model",
        ),
        rows=tuple(
            (
                s.width,
                s.N,
                s.N_all,
                len(s.L),
                rate_of(s.width),
                s.L_log_mean,
                min(s.L),
                max(s.L),
                sum(s.L_late) / len(s.L_late),
                own,
                own.value / s.width if own else None,
            )
            for s in found
            for own in [d.final.get(s.width)]
        ),
        note="L: nats per token on held-out text, log-mean over models; second half: of the "
        f"context. d: final layer, last token of {d.n} held-out sequences.",
    )


def outputs(d: Dimensions) -> Table:
    return Table(
        id="outputs",
        title=f"d of every output of the widest, d_model = {max(d.final)}",
        columns=("block", "output", "last tokens", "as many as a passage", "one passage", "ratio"),
        rows=tuple(
            (
                block,
                kind,
                own,
                *(found.get((block, kind)) for found in (d.equal, d.passage, d.one_passage)),
            )
            for (block, kind), own in d.outputs.items()
        ),
        note="attention and mlp: the module's output before it is added to the stream; residual: "
        "the stream after the block, after the last one the final layer (before its norm). "
        "TwoNN; one passage: mean over passages, the error that of their spread.",
    )


def estimators(d: Dimensions, alphas: Alphas | None) -> Table:
    """d of the widest by every estimator, whose number of neighbours is its scale."""
    width = max(d.final)
    return Table(
        id="estimators",
        title=f"d of the final layer by every estimator, d_model = {width}",
        columns=("estimator", "d", "d / d_model", "alpha d / 4, power", "with a constant"),
        rows=tuple(
            (
                method,
                own,
                own.value / width,
                *((product(alpha, own) for alpha in alphas) if alphas else (None, None)),
            )
            for method, own in d.methods.items()
        ),
        note="TwoNN and few neighbours look at the smallest scale. There last tokens gather by "
        "the characters before them, and d reads low; MLE with 20 neighbours looks across.",
    )


def rates(checks: Sequence[RateCheck]) -> Table:
    return Table(
        id="rates",
        title="Loss at other rates over the loss at the rate",
        columns=("d_model", "rate", "factor", "L / L at the rate"),
        rows=tuple(
            (check.width, rate_of(check.width), factor, Estimate.normal(r, r * check.stderr))
            for check in checks
            for factor, r in sorted(check.ratios.items())
        ),
        note="One model each, the same draws and text; the error is that of two models of one "
        "width, pooled over widths, and on the wide side for runs that share both.",
    )


def bound(alphas: Alphas | None, d: Dimensions, other: Pretrained | None) -> Table:
    """Eq. 2.6 for ours, the pretrained model and the paper's."""
    rows: list[tuple[object, ...]] = []
    if alphas and d.widest:
        for name, alpha in zip(("power", "power + constant"), alphas, strict=True):
            rows.append(
                (
                    f"ours, {name}",
                    d.widest,
                    d.methods.get(BESIDE),
                    d.n,
                    four_over(alpha),
                    product(alpha, d.widest),
                )
            )
    theirs = 4 / KAPLAN_ALPHA
    if other:
        rows.append((other.title, None, other.d, other.n, theirs, None))
    rows.append(("GPT-2 small, the paper: d >", None, GPT2_D, 10_000, theirs, None))
    return Table(
        id="bound",
        title="d against 4/alpha",
        columns=("models", "d (TwoNN)", "d (2 neighbours)", "n", "4/alpha", "alpha d / 4"),
        rows=tuple(rows),  # pyright: ignore
        note="4/alpha of the last two: Kaplan et al. 2020, alpha = .076, as the paper has it, for "
        "byte-pair tokens of web text. A d as large reads low at these n: a lower bound.",
    )


def notes(
    settings: Settings, d: Dimensions, shifts: Systematics | None, other: Pretrained | None
) -> tuple[str, ...]:
    s = settings
    read = f"{s.tokens:,} tokens each".replace(",", " ") if s.tokens else "one epoch each"
    said = [
        f"{s.layers} layers, {s.heads} heads, context {s.context}, {s.vocabulary}; {read}, "
        f"{s.batch} sequences a step; AdamW, warm-up 2 %, cosine to 0. N = 12 n_layer d_model^2, "
        "without embeddings. Beyond the paper, which trained no transformer.",
        "Every sixteenth stretch of the text is held out: its speeches go on before and after it. "
        "All models are tested on the same text.",
        "L(N) is that of a fixed number of tokens, not of unlimited data and training, which eq. "
        "2.6 is about.",
    ]
    if shifts:
        said.append(
            f"The check of the rates moves alpha of the pure power by {shifts.power.rate:+.2g}, "
            f"that beside a constant by {shifts.constant.rate:+.2g}. {_moved(s, shifts)}"
        )
    if d.unusable:
        said.append(f"No bound is judged: {d.unusable}.")
    if s.pretrained != "none" and other is None:
        said.append("The pretrained model's rows are absent: see lm-layers.")
    return tuple(said)


def _moved(s: Settings, shifts: Systematics) -> str:
    power, constant = shifts.power.tokens, shifts.constant.tokens
    if power is None or constant is None or shifts.E is None:
        return "How far more tokens move it was not measured, and is in no interval."
    few, most = shifts.E
    return (
        f"From {s.shorter} tokens to all of them that of the pure power moves by "
        f"{power.value:+.2g} ± {power.stderr:.2g} and that beside a constant by "
        f"{constant.value:+.2g} ± {constant.stderr:.2g}, while the constant falls from {few:.2f} "
        f"to {most:.2f} nats. Shifts and their errors are in the intervals."
    )
