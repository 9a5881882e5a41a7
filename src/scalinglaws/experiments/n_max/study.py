"""The families of a run by what they were taught, and N_max of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scalinglaws.estimate import Estimate
from scalinglaws.experiments.n_max.ends import End, at_circle, at_level, at_range_end
from scalinglaws.experiments.n_max.settings import Settings
from scalinglaws.experiments.students.depths import best_depths
from scalinglaws.experiments.students.families import Family, families
from scalinglaws.experiments.students.lines import drift_of
from scalinglaws.experiments.teacher_student.settings import first_width
from scalinglaws.result import Row

_TWO_LAYERS = 2  # figure 12 is of "2-layer students"
# (a family and the d of what it learnt) -> its end by one rule
Rule = Callable[[Family, Estimate], End | None]


@dataclass(frozen=True)
class Study:
    """full: taught exactly for all steps; for KL the lower hull over depths.
    shallow: those of two hidden layers.
    halves: of half the length, MSE, with the students smaller than teacher-student's; twins:
        without them, of every loss.
    noisy, labelled, finite: taught with entropy, or on finite data; exact: beside the labelled.
    label_entropy: of the labels, by k.
    """

    settings: Settings
    full: tuple[Family, ...]
    shallow: tuple[Family, ...]
    halves: tuple[Family, ...]
    twins: tuple[Family, ...]
    noisy: tuple[Family, ...]
    labelled: tuple[Family, ...]
    exact: tuple[Family, ...]
    finite: tuple[Family, ...]
    label_entropy: dict[int, float]

    @classmethod
    def of(cls, rows: Sequence[Row], settings: Settings) -> Study:
        s = settings
        every = families(rows)
        plain = [f for f in every if f.kin.taught == "exact" and not f.kin.points]
        usual = [f for f in plain if f.kin.output_scale == s.output_scale]
        full = [f for f in usual if f.steps == s.steps]
        halves = [f for f in usual if (f.loss, f.steps) == ("mse", s.entropy_steps)]
        return cls(
            settings=s,
            full=tuple(best_depths(full)),
            shallow=tuple(f for f in full if f.kin.hidden == _TWO_LAYERS),
            halves=tuple(halves),
            twins=tuple(_twins(rows, s)),
            noisy=tuple(f for f in every if f.kin.taught == "noise"),
            labelled=tuple(f for f in every if f.kin.taught == "labels"),
            exact=tuple(f for f in plain if f.kin.output_scale == s.label_scale),
            finite=tuple(f for f in every if f.kin.points),
            label_entropy={
                int(str(row["k"])): float(str(row["entropy"]))
                for row in rows
                if row.get("entropy") is not None
            },
        )

    @property
    def drift(self) -> float | None:
        """Mean of alpha / alpha(half length) - 1 over the families that have both."""
        shifts = [drift_of(family, self.twins) for family in self.full]
        known = [shift for shift in shifts if shift is not None]
        return sum(known) / len(known) if known else None

    @property
    def losses(self) -> tuple[str, ...]:
        """KL first, the left panel of the paper's."""
        return tuple(sorted({f.loss for f in self.full}))

    def d_of(self, family: Family) -> Estimate | None:
        """d of the last hidden layer of the largest students of that teacher, taught exactly.

        By the loss of the family where it was trained: else by the other.
        """
        kin = [f for f in self.full if (f.teacher_seed, f.k) == (family.teacher_seed, family.k)]
        known = sorted((f for f in kin if f.d is not None), key=lambda f: f.loss != family.loss)
        return known[0].d if known else None

    def at_threshold(self, loss: str, level: float) -> list[End]:
        """Figure 2: students of full length or, where those have not or no longer that loss,
        those of half the length, which start smaller."""
        found: list[End] = []
        for family in (f for f in self.full if f.loss == loss):
            twins = [f for f in self.halves if f.name == family.name]
            ends = list(self._ends((family, *twins), lambda f, d: at_level(f, d, level)))
            found += sorted(ends, key=lambda end: not end.seen)[:1]
        return found

    def at_threshold_of(self, of: Sequence[Family], level: float) -> list[End]:
        """The same of other families."""
        return list(self._ends(of, lambda f, d: at_level(f, d, level)))

    def range_ends(self, loss: str, rule: Rule = at_range_end) -> list[End]:
        """Figure 12."""
        return list(self._ends([f for f in self.shallow if f.loss == loss], rule))

    def circle_ends(self, loss: str) -> list[End]:
        """The same by the paper's own rule."""
        return self.range_ends(loss, at_circle)

    def at_noise(self, variance: float | None = None) -> list[End]:
        """Where the excess loss of students taught with noise has fallen to the noise's variance:
        of one variance, or of all."""
        every = self._ends(self.noisy, lambda f, d: at_level(f, d, self.variance(f)))
        return [end for end in every if variance in (None, end.level)]

    def at_labels(self) -> list[End]:
        """Where the KL of students taught with labels has fallen to the labels' entropy."""
        of = [f for f in self.labelled if f.k in self.label_entropy]
        return list(self._ends(of, lambda f, d: at_level(f, d, self.label_entropy[f.k])))

    def stand_ins(self) -> list[End]:
        """The same of students taught exactly: no entropy but a threshold as high, as figure 2."""
        found = [
            end
            for variance in self.settings.entropies
            for end in self.at_threshold_of(self.halves, variance)
        ]
        labels = [f for f in self.exact if f.k in self.label_entropy]
        found += self._ends(labels, lambda f, d: at_level(f, d, self.label_entropy[f.k]))
        return found

    def finite_ends(self, points: int) -> list[End]:
        """Where the power law ends for want of data."""
        of = [f for f in self.finite if f.kin.points == points]
        return list(self._ends(of, at_range_end))

    def variance(self, family: Family) -> float:
        """Of the noise that it was taught with: sigma^2 as the settings have it."""
        return min(self.settings.entropies, key=lambda S: abs(S - family.kin.noise**2))

    def stream_twin(self, family: Family) -> Family | None:
        """Those taught on fresh data, of a family on finite data."""
        own = (family.teacher_seed, family.k)
        return next((f for f in self.halves if (f.teacher_seed, f.k) == own), None)

    def _ends(self, of: Sequence[Family], rule: Rule) -> Iterator[End]:
        for family in of:
            d = self.d_of(family)
            end = rule(family, d) if d is not None else None
            if end is not None:
                yield end


def _twins(rows: Sequence[Row], s: Settings) -> list[Family]:
    """Those of teacher-student at half the length, over the same sizes as at full length."""
    own = {"taught": "exact", "points": 0, "output_scale": s.output_scale, "steps": s.entropy_steps}

    def is_shared(row: Row) -> bool:
        first = first_width(s, "mse", int(str(row["k"])))
        small = row["loss"] == "mse" and int(str(row["n"])) < first
        return not small and all(row[name] == value for name, value in own.items())

    shared = [row for row in rows if row["kind"] == "inputs" or is_shared(row)]
    return families(shared)
