"""What n-max claims, with tolerances fixed before measuring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.n_max.ends import End
from scalinglaws.experiments.n_max.statistics import (
    against_theory,
    entropy_slopes_on_d,
    evidence,
    excess_over,
    growth,
    mean,
    shifts,
)
from scalinglaws.experiments.n_max.study import Study
from scalinglaws.experiments.students.lines import Systematics, with_systematics
from scalinglaws.result import Budget, Claim, Judgement, Relation

_PAPER = "Sharma & Kaplan 2020, "
THRESHOLD_GROWS = Claim(
    id="threshold-grows-with-d",
    statement="Slope of log N_max on d, N_max where the loss reaches 6e-3 (the worse loss)",
    source=_PAPER + "2.2.2, 3.1, figure 2",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
THRESHOLD_AS_THEORY = Claim(
    id="threshold-as-theory",
    statement="log N_max over (d/4) log(A / 6e-3), A the prefactor of the fitted power law "
    "(the worse of the losses)",
    source=_PAPER + "2.2.2 with eq. 2.5: A N_max^(-4/d) = L",
    expected=1.0,
    tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},
)
RANGE_GROWS = Claim(
    id="range-end-grows-with-d",
    statement="Slope on d of log N_max, the end of the power law of two-layer students "
    "(the worse of the losses)",
    source=_PAPER + "A.1, figure 12",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
NOISE_GROWS = Claim(
    id="noise-grows-with-d",
    statement="Slope on d of log N_max where the excess loss has fallen to the variance of the "
    "noise that students are taught with (the worst variance)",
    source=_PAPER + "2.2.2",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
NOISE_AS_THEORY = Claim(
    id="noise-as-theory",
    statement="Slope on d, through the origin, of 4 d log N_max / d log(1 / sigma^2), sigma^2 the "
    "variance of the noise",
    source=_PAPER + "2.2.2 with eq. 2.5: A N_max^(-4/d) = sigma^2",
    expected=1.0,
    tolerance={Budget.QUICK: 0.25, Budget.FULL: 0.15},
)
STAND_IN = Claim(
    id="threshold-stands-for-noise",
    statement="log N_max of students taught with noise less that of students taught exactly, "
    "read at a loss as large as the noise's variance (mean)",
    source=_PAPER + "3.1: a threshold as a stand-in for the entropy of real data",
    expected=0.0,
    tolerance=0.25,
)
LABELS_GROW = Claim(
    id="labels-grow-with-d",
    statement="Slope on d of log N_max where the KL of students taught with drawn labels has "
    "fallen to the labels' entropy",
    source=_PAPER + "2.2.2",
    expected=0.0,
    relation=Relation.AT_LEAST,
)
FINITE_ENDS = Claim(
    id="finite-data-end-the-law",
    statement="Loss of the largest students of a finite data set over that of the same students "
    "on fresh data (the least, smallest data set)",
    source=_PAPER + "2.2.2: power-law scaling ceases when we begin to overfit the data",
    expected=1.0,
    relation=Relation.AT_LEAST,
)
CLAIMS = (
    THRESHOLD_GROWS,
    THRESHOLD_AS_THEORY,
    RANGE_GROWS,
    NOISE_GROWS,
    NOISE_AS_THEORY,
    STAND_IN,
    LABELS_GROW,
    FINITE_ENDS,
)


def judge(study: Study, budget: Budget) -> tuple[Judgement, ...]:
    """The verdicts, in the order of CLAIMS. Unmeasured ones say how many families there were."""
    at_6e3 = [study.at_threshold(loss, study.settings.entropies[0]) for loss in study.losses]
    ranges = [study.range_ends(loss) for loss in study.losses]
    noise = [study.at_noise(variance) for variance in study.settings.entropies]
    every, labels = study.at_noise(), study.at_labels()
    moved = [shift for _, shift in shifts(every, study.stand_ins())]

    def slopes(claim: Claim, groups: Sequence[Sequence[End]], what: str) -> Judgement:
        found = [line.slope for ends in groups if (line := growth(ends)) is not None]
        return claim.judge_all(found, budget, reason="" if found else _too_few(groups, what))

    ratios = [_drifting(study, r) for ends in at_6e3 if (r := against_theory(ends)) is not None]
    of_entropy = entropy_slopes_on_d(every)
    wider, limited = _drifting(study, of_entropy) if of_entropy else (None, "")
    outside = "reach the loss within the sizes that were trained"
    unknown = "fewer than two k reach the loss within the sizes with an alpha that has an error"
    return (
        slopes(THRESHOLD_GROWS, at_6e3, outside),
        THRESHOLD_AS_THEORY.judge_each(ratios, budget, none=unknown),
        slopes(RANGE_GROWS, ranges, "show an end with a closed interval"),
        slopes(NOISE_GROWS, noise, "pass the plateau within the sizes that were trained"),
        NOISE_AS_THEORY.judge(
            wider, budget, reason=limited if wider else "fewer than two k pass two of the plateaus"
        ),
        STAND_IN.judge(mean(moved), budget, reason="" if moved else "no pair has both"),
        slopes(LABELS_GROW, [labels], "pass the plateau within the sizes that were trained"),
        FINITE_ENDS.judge_all(_overfitting(study), budget),
    )


def _drifting(study: Study, ratio: Estimate) -> tuple[Estimate, str]:
    """With what training length does to it: it goes as 1/alpha, and so does its drift."""
    if study.drift is None:
        return ratio, ""
    of = f"alpha, which changes by {study.drift:+.1%}"
    return with_systematics(ratio, Systematics(-ratio.value * study.drift, None, of))


def _too_few(groups: Sequence[Sequence[End]], what: str) -> str:
    seen = max((len({end.family.k for end in evidence(ends)}) for ends in groups), default=0)
    return f"{seen} values of k {what}, two are needed"


def _overfitting(study: Study) -> Iterator[Estimate]:
    """Of the smallest data set, each k's excess."""
    least = min(study.settings.points, default=0)
    for family in (f for f in study.finite if f.kin.points == least):
        stream = study.stream_twin(family)
        excess = excess_over(stream, family) if stream else None
        if excess is not None:
            yield excess
