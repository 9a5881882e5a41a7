"""gpt: its cells, what its rows say, and that its claims can fail."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get
from scalinglaws.experiments.gpt import cell as cells_task
from scalinglaws.experiments.gpt import settings as settings_of
from scalinglaws.experiments.gpt.cell import run
from scalinglaws.experiments.gpt.measures import (
    alpha_and_d,
    alphas,
    dimensions,
    fits,
    product,
    sizes,
    systematics,
)
from scalinglaws.experiments.gpt.settings import Settings, rate_of
from scalinglaws.experiments.network_dimension.measures import METHODS
from scalinglaws.result import Budget, Judgement, Row, Verdict

EXPERIMENT = get("gpt")
QUICK = EXPERIMENT.budgets[Budget.QUICK]
CLAIMS = [claim.id for claim in EXPERIMENT.claims]
WIDTHS = QUICK.widths
ALPHA, E = 0.3, 1.2


def rows_of(
    d: Callable[[int], float] = lambda width: min(0.5 * width, 20.0),
    passage: float = 0.3,
    at_factor: float = 1.02,
    trials: int = 2,
    scatter: float = 0.002,
    fewer: float = 0.0,
    more_E: float = 0.0,
) -> list[Row]:
    """L = 1.2 + 12 N^-.3 and d of 20 from width 48 on; one passage has .3 of that d.

    fewer, more_E: power of N and constant by which the loss of models that read half as much
        exceeds; 0 for none.
    """
    rng = np.random.default_rng(0)
    rows: list[Row] = []

    def model(width: int, trial: int, factor: float, L: float, tokens: int = 2000) -> None:
        N = 24 * width**2
        common: Row = {"kind": "model", "width": width, "N": N, "N_all": N + 212 * width}
        rows.append(
            {**common, "trial": trial, "rate": factor * rate_of(width), "rate_factor": factor}
            | {"L": L, "L_late": 0.98 * L, "tokens": tokens}
        )

    def activations(width: int, trial: int, value: float, **labels: Any) -> None:
        common: Row = {"kind": "activations", "width": width, "rate_factor": 1.0, "trial": trial}
        found: Row = {f"d_{m}": value for m in METHODS}
        found |= {f"d_{m}_stderr": 0.02 * value for m in METHODS}
        rows.append({**common, "n": 6000, "block": 2, "output": "residual", **labels, **found})

    for width in WIDTHS:
        for trial in range(trials):
            noise = math.exp(scatter * rng.standard_normal())
            L = (E + 12 * (24 * width**2) ** -ALPHA) * noise
            model(width, trial, 1.0, L)
            if trial == 0 and width in (WIDTHS[0], WIDTHS[-1]):
                for factor in (0.5, 2.0):
                    model(width, 0, factor, at_factor * L)
            if trial == 0 and (fewer or more_E):
                model(width, 0, 1.0, L * (24 * width**2) ** fewer + more_E, tokens=1000)
            own = d(width) * math.exp(0.01 * rng.standard_normal())
            activations(width, trial, own, part="last")
            if width == WIDTHS[-1]:
                activations(width, trial, 0.5 * own, part="last", output="mlp")
                activations(width, trial, own, part="equal")
                for i in range(4):
                    seen = passage * own * math.exp(0.05 * rng.standard_normal())
                    activations(width, trial, seen, part="passage", passage=i)
    return rows


def judge(rows: list[Row], settings: Settings = QUICK) -> dict[str, Judgement]:
    judged = EXPERIMENT.analyse(rows, settings, Budget.FULL).claims
    return {judgement.claim.id: judgement for judgement in judged}


def test_what_the_paper_expects_agrees():
    # With the constant 4/alpha = 13; without it the same losses give alpha = .14, 4/alpha = 28.
    found = judge(rows_of(d=lambda width: min(0.5 * width, 20.0) if width < 64 else 20.0))
    verdicts = {id: j.verdict for id, j in found.items()}
    assert verdicts.pop("bound-power") is Verdict.DIFFERS
    assert set(verdicts.values()) == {Verdict.AGREES}


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"d": lambda width: 6.0}, "bound-constant"),
        ({"passage": 0.9}, "one-passage"),
        ({"at_factor": 0.95}, "rate"),
        ({"d": lambda width: 0.25 * width}, "d-constant"),
    ],
)
def test_what_departs_from_it_differs(change: dict[str, Any], claim: str):
    assert judge(rows_of(**change))[claim].verdict is Verdict.DIFFERS


def test_a_large_exponent_agrees_without_a_constant_too():
    def steep(row: Row) -> Row:
        if row["kind"] != "model":
            return row
        L = 60.0 * float(str(row["N"])) ** -0.3 * (1.0 if row["rate_factor"] == 1 else 1.02)
        return {**row, "L": L, "L_late": L}

    found = judge([steep(row) for row in rows_of()])
    assert found["bound-power"].verdict is Verdict.AGREES
    assert found["bound-power"].measured is not None
    assert found["bound-power"].measured.value == pytest.approx(0.3 * 20 / 4, rel=0.03)


@pytest.mark.parametrize(
    ("d", "reason"),
    [
        (lambda width: 0.25 * width, "moves by .* from the second widest$"),
        (lambda width: 35.0, "is 0.3. d_model, above 0.3$"),
        (lambda width: 0.5 * width, "moves by .* and is 0.5. d_model"),
    ],
)
def test_a_d_that_may_be_the_widths_decides_no_bound(d: Callable[[int], float], reason: str):
    import re

    found = judge(rows_of(d=d))
    for claim in ("bound-power", "bound-constant"):
        assert found[claim].verdict is Verdict.INCONCLUSIVE
        assert re.search(reason, found[claim].reason.partition(";")[0])


def test_alpha_and_d_are_recovered():
    found = alpha_and_d(rows_of())
    assert found is not None
    alpha, d = found
    assert d.value == pytest.approx(20, rel=0.03)
    assert d.lo < 20 < d.hi
    # The line through log L of the widths: a constant in the loss flattens it.
    N = np.array([24 * width**2 for width in WIDTHS])
    slope = -np.polyfit(np.log(N), np.log(E + 12 * N**-ALPHA), 1)[0]
    assert alpha.value == pytest.approx(slope, rel=0.02)
    assert alpha_and_d([]) is None


def test_a_better_rate_at_the_ends_is_in_the_interval():
    """Both ends a tenth lower bend L(N), which is the constant's: alpha beside it moves."""
    found = [rows_of(at_factor=factor) for factor in (1.02, 0.9)]
    sure, unsure = (alphas(fits(sizes(rows)), systematics(rows)) for rows in found)
    assert sure is not None
    assert unsure is not None
    assert unsure[1].value == sure[1].value
    assert unsure[1].half_width > 1.5 * sure[1].half_width


def test_training_length_is_in_the_interval_and_the_reason():
    short, none = (judge(rows_of(fewer=power))["bound-power"] for power in (0.02, 0.0))
    assert "moves by +0.02" in short.reason
    assert "was not measured" in none.reason
    assert short.measured is not None
    assert none.measured is not None
    assert short.measured.value == none.measured.value
    assert short.measured.half_width > none.measured.half_width


def test_each_law_has_its_own_shift_with_training_length():
    """Fewer tokens that raise the constant alone move the pure power's alpha, not the other's."""
    shifts = systematics(rows_of(more_E=0.3))
    assert shifts is not None
    assert pytest.approx((E + 0.3, E), abs=0.02) == shifts.E
    power, constant = shifts.power.tokens, shifts.constant.tokens
    assert power is not None
    assert constant is not None
    assert abs(constant.value) < 2 * constant.stderr < 0.03
    assert power.value == pytest.approx(0.02, abs=0.01)
    assert judge(rows_of(more_E=0.3))["bound-power"].reason.startswith("training-limited")


def test_each_law_s_interval_has_its_own_shifts():
    rows = rows_of(fewer=0.02, at_factor=0.9)
    laws, shifts = fits(sizes(rows)), systematics(rows)
    assert laws is not None
    assert shifts is not None
    widened = alphas(laws, shifts)
    assert widened is not None
    for law, shift, alpha in zip(
        (laws.power, laws.constant), (shifts.power, shifts.constant), widened, strict=True
    ):
        parts = [law.params["alpha"].stderr, shift.rate, shift.tokens.value, shift.tokens.stderr]
        assert min(map(abs, parts)) > 0
        assert alpha.stderr == pytest.approx(math.hypot(*parts))
    assert shifts.power.rate != pytest.approx(shifts.constant.rate, rel=0.5)


def test_the_shift_is_that_of_the_first_models_of_widths_trained_at_both_lengths():
    rows = rows_of(fewer=0.02)
    expected = systematics(rows)
    assert expected is not None
    assert expected.power.tokens is not None
    assert expected.power.tokens.value == pytest.approx(0.02, abs=1e-9)
    shorter = [r for r in rows if not (r["kind"] == "model" and r["tokens"] == 1000)]
    half = [r for r in rows if r not in shorter and r["width"] != WIDTHS[2]]
    fewer_widths = systematics([*shorter, *half])
    assert fewer_widths is not None
    assert fewer_widths.power.tokens is not None
    assert fewer_widths.power.tokens.value == pytest.approx(0.02, abs=1e-9)


def test_single_models_have_no_spread_and_decide_nothing():
    found = judge(rows_of(trials=1))
    assert {j.verdict for j in found.values()} == {Verdict.INCONCLUSIVE}
    assert dimensions(rows_of(trials=1)).widest is not None


def test_a_product_has_the_relative_arms_of_both_in_quadrature():
    alpha, d = Estimate(0.2, 0.01, 0.18, 0.22), Estimate(20.0, 1.0, 18.0, 22.0)
    found = product(alpha, d)
    assert found.value == pytest.approx(1.0)
    assert math.log(found.lo) == pytest.approx(math.sqrt(2) * math.log(0.9))
    assert found.stderr == pytest.approx(math.sqrt(2) * 0.05)
    assert product(Estimate(0.2, 1.0, -0.1, math.inf), d).lo == 0


def test_the_pretrained_model_stands_beside_ours():
    lm: list[Row] = [
        {"model": "m", "part": "last", "block": block, "kind": "residual", "position": 63}
        | {"method": "knn", "k": 2, "d": 10.0 * block, "stderr": 1.0, "n": 1500, "duplicates": 0}
        for block in (1, 2, 3)
    ]
    found = EXPERIMENT.analyse([*lm, *rows_of()], QUICK, Budget.QUICK)
    (row,) = (r for t in found.tables if t.id == "bound" for r in t.rows if "SmolLM2" in str(r[0]))
    assert isinstance(row[2], Estimate)
    assert row[2].value == pytest.approx(30)
    alone = EXPERIMENT.analyse(rows_of(), QUICK, Budget.QUICK)
    assert found.claims == alone.claims
    assert any("see lm-layers" in note for note in alone.notes)
    assert {figure.id for figure in found.figures} == {"loss-against-size", "dimension", "bound"}


@pytest.mark.parametrize("kept", ["model", "activations"])
def test_some_rows_alone_are_no_error(kept: str):
    found = judge([row for row in rows_of() if row["kind"] == kept])
    assert list(found) == CLAIMS
    assert found["bound-power"].verdict is Verdict.INCONCLUSIVE


def test_an_absent_text_gives_no_cells_and_skips_every_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SCALINGLAWS_DATA", str(tmp_path))
    assert EXPERIMENT.cells(QUICK) == []
    found = judge([])
    assert {j.verdict for j in found.values()} == {Verdict.SKIPPED}
    assert "sotu.txt" in found["rate"].reason


def test_cells_are_distinct_and_one_is_that_of_lm_layers(monkeypatch: pytest.MonkeyPatch):
    from scalinglaws.experiments.lm_layers import design

    monkeypatch.setattr(settings_of, "absent", lambda vocabulary: "")
    monkeypatch.setattr(design, "absent", lambda: "")
    made = EXPERIMENT.cells(QUICK)
    assert len({cell.key for cell in made}) == len(made) == len(WIDTHS) + 4 + 1
    lm = get("lm-layers")
    assert made[-1].key in {cell.key for cell in lm.cells(lm.budgets[Budget.QUICK])}
    other = EXPERIMENT.cells(replace(QUICK, seed=1, pretrained="none"))
    assert not {cell.key for cell in made} & {cell.key for cell in other}
    full = EXPERIMENT.cells(EXPERIMENT.budgets[Budget.FULL])
    assert len(full) == 10 + 10 + 4 + 1
    read = {cell.config.width for cell in full[:-1] if cell.config.outputs and cell.config.points}
    assert read == {192}


@pytest.mark.parametrize(
    "bad",
    [
        {"widths": (8, 12), "trials": (1, 1)},
        {"widths": (12, 8, 16), "trials": (1, 1, 1)},
        {"widths": (8, 12, 18), "trials": (1, 1, 1)},
        {"trials": (3,)},
        {"tokens": 1000},
        {"shorter": 2_000_000},
        {"points": 500},
        {"passages": 1},
        {"passage_tokens": 5000, "points": 6000},
        {"pretrained": "large"},
        {"seed": -1},
        {"device": "meta"},
    ],
)
def test_settings_that_show_no_law_are_refused(bad: dict[str, Any]):
    with pytest.raises(BadInput, match="gpt needs"):
        EXPERIMENT.cells(replace(QUICK, **bad))


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of random letters in place of the corpus."""
    text = "".join(map(chr, np.random.default_rng(5).integers(97, 100, 60_000)))
    monkeypatch.setattr(cells_task, "load_text", lambda: text)
    monkeypatch.setattr(settings_of, "absent", lambda vocabulary: "")


@pytest.mark.usefixtures("letters")
def test_a_cell_measures_what_it_says():
    tiny = Settings(
        (4, 8, 12),
        (1, 2, 1),
        tokens=4000,
        heads=1,
        context=12,
        batch=8,
        test_sequences=40,
        points=130,
        passages=2,
        passage_tokens=120,
        pretrained="none",
    )
    by_width = {c.config.width: c.config for c in EXPERIMENT.cells(tiny) if c.config.points}
    rows = list(run(by_width[8]))
    assert [row["trial"] for row in rows if row["kind"] == "model"] == [0, 1]
    assert len({row["L"] for row in rows if row["kind"] == "model"}) == 2
    for row in rows:
        assert row["N"] == 12 * 2 * 8**2
        if row["kind"] == "model":
            assert row["tokens"] == row["steps"] * 8 * 12 == 41 * 96
            assert row["test_tokens"] == 480
            # Letters in no order: nothing to learn but that there are three.
            assert row["L"] == pytest.approx(math.log(3), abs=0.1)
    assert {(r["block"], r["output"]) for r in rows[2:]} == {(2, "residual")}
    assert rows == list(run(by_width[8]))

    widest = list(run(by_width[12]))
    found = {(r["part"], r.get("passage"), r["block"], r["output"]): r for r in widest[1:]}
    assert len(found) == len(widest) - 1 == (1 + 1 + 2) * 2 * 3
    assert found["last", None, 1, "mlp"]["n"] == 130
    assert found["equal", None, 1, "mlp"]["n"] == found["passage", 1, 2, "attention"]["n"] == 120


@pytest.mark.usefixtures("letters")
def test_more_than_an_epoch_is_refused():
    config = EXPERIMENT.cells(replace(QUICK, pretrained="none"))[0].config
    with pytest.raises(BadInput, match="tokens: from a batch of 1024 to the epoch of"):
        run(config)
