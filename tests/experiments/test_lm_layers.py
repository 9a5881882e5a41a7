"""lm-layers: its cells, its ratios, and that its claims can fail."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from letters import Letters, random_text

from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.dimension import knn, mle
from scalinglaws.errors import BadInput
from scalinglaws.estimate import Estimate
from scalinglaws.experiments import get, pretrained_text
from scalinglaws.experiments.lm_layers import design, findings
from scalinglaws.experiments.lm_layers.measures import LogEstimate
from scalinglaws.experiments.lm_layers.settings import Settings
from scalinglaws.result import Budget, Judgement, Row, Verdict

EXPERIMENT = get("lm-layers")
QUICK, SMOKE = EXPERIMENT.budgets[Budget.QUICK], EXPERIMENT.budgets[Budget.SMOKE]
BLOCKS, FINAL = 5, 5
METHODS = (("knn", 2), ("knn", 3), ("knn", 4), ("mle", 100))
CLAIMS = [claim.id for claim in EXPERIMENT.claims]

Change = Callable[[str, str, int, str], float]  # (part, kind, block or position, method) -> factor


def unchanged(part: str, kind: str, at: int, method: str) -> float:
    return 1.0


def rows_of(change: Change = unchanged, error: float = 0.03, spread: float = 0.05) -> list[Row]:
    """What the paper describes: d = 90, less in the first block and by MLE, 7 in one sequence.

    error: relative, of one measurement. spread: relative, between passages.
    """
    rng = np.random.default_rng(0)
    rows: list[Row] = []

    def add(part: str, kind: str, block: int, d: float, at: int, **more: int) -> None:
        for method, k in METHODS:
            value = d * (0.8 if method == "mle" else 1.0) * change(part, kind, at, method)
            labels: Row = {"part": part, "kind": kind, "block": block, **more}
            rows.append(
                {**labels, "method": method, "k": k, "d": value, "stderr": error * value}
                | {"n": 1023, "duplicates": 2}
            )

    for kind in ("attention", "mlp", "residual"):
        for block in range(1, BLOCKS + 1):
            d = 60.0 if block == 1 else 90.0
            add("last", kind, block, d, block, position=63)
            add("equal", kind, block, 0.9 * d, block, position=63)
            for passage in range(4):
                own = 7 * float(np.exp(spread * rng.standard_normal()))
                add("passage", kind, block, own, block, passage=passage)
    for position in (1, 16, 32, 63):
        add("position", "residual", BLOCKS, 90.0, position, position=position)
    return rows


def judge(rows: list[Row], settings: Settings = QUICK) -> dict[str, Judgement]:
    judged = EXPERIMENT.analyse(rows, settings, Budget.QUICK).claims
    return {judgement.claim.id: judgement for judgement in judged}


def test_what_the_paper_describes_agrees():
    assert {id: j.verdict for id, j in judge(rows_of()).items()} == dict.fromkeys(
        CLAIMS, Verdict.AGREES
    )


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (
            lambda part, kind, at, method: 9.0 if part == "passage" else 1.0,
            {"one-sequence-final", "one-sequence"},
        ),
        (
            lambda part, kind, at, method: (
                9.0 if (part, kind, at) == ("passage", "mlp", 3) else 1.0
            ),
            {"one-sequence"},
        ),
        (
            lambda part, kind, at, method: (
                2.0 if (part, kind, at) == ("last", "attention", 1) else 1.0
            ),
            {"first-block"},
        ),
        (
            lambda part, kind, at, method: 0.5 if (part, kind, at) == ("last", "mlp", 4) else 1.0,
            {"constant-over-blocks"},
        ),
        (
            lambda part, kind, at, method: 1.6 if (part, method) == ("last", "mle") else 1.0,
            {"mle-smaller"},
        ),
        (
            lambda part, kind, at, method: 0.5 if (part, at) == ("position", 32) else 1.0,
            {"positions"},
        ),
        # Early positions and, but for the claim about it, the first block are not judged.
        (lambda part, kind, at, method: 0.1 if at == 1 else 1.0, set()),
    ],
)
def test_what_departs_from_it_differs(change: Change, failing: set[str]):
    found = judge(rows_of(change))
    assert {id for id, j in found.items() if j.verdict is Verdict.DIFFERS} == failing
    assert {id for id, j in found.items() if j.verdict is Verdict.AGREES} == {*CLAIMS} - failing


def test_the_worst_layer_is_named():
    def change(part: str, kind: str, at: int, method: str) -> float:
        return 3.0 if (part, kind, at) == ("passage", "mlp", 3) else 1.0

    assert "(mlp, block 3)" in judge(rows_of(change))["one-sequence"].reason


def test_passages_that_disagree_decide_nothing():
    found = judge(rows_of(lambda part, *_: 5.0 if part == "passage" else 1.0, spread=0.5))
    assert found["one-sequence-final"].verdict is Verdict.INCONCLUSIVE


def test_the_mean_of_several_has_the_error_of_their_spread():
    from scipy.stats import t

    logs = np.random.default_rng(3).standard_normal(6)
    mean = LogEstimate.of([Estimate.normal(float(np.exp(x)), 99.0) for x in logs])
    assert mean.mean == pytest.approx(logs.mean())
    assert mean.stderr == pytest.approx(logs.std(ddof=1) / 6**0.5)
    assert mean.estimate.hi == pytest.approx(
        np.exp(logs.mean() + t.ppf(0.975, 5) * logs.std(ddof=1) / 6**0.5)
    )
    ratio = mean.over(LogEstimate.of([Estimate.normal(2.0, 0.2)]))
    assert ratio.estimate.value == pytest.approx(np.exp(logs.mean()) / 2)
    assert ratio.stderr == pytest.approx(np.hypot(mean.stderr, 0.1))


@pytest.mark.parametrize("part", ["passage", "last"])
def test_the_rows_of_one_cell_alone_are_no_error(part: str):
    some = [row for row in rows_of() if (row["part"] == "passage") == (part == "passage")]
    verdicts = {id: j.verdict for id, j in judge(some).items()}
    assert list(verdicts) == CLAIMS
    assert verdicts["one-sequence-final"] is Verdict.INCONCLUSIVE
    assert verdicts["positions"] is (Verdict.AGREES if part == "last" else Verdict.INCONCLUSIVE)


def test_every_table_and_figure_names_the_model():
    found = EXPERIMENT.analyse(rows_of(), QUICK, Budget.QUICK)
    assert SMOLLM2.title == "SmolLM2-135M, 4-bit, instruction-tuned"
    assert len(found.tables) == len(found.figures) == 3
    for titled in (EXPERIMENT, *found.tables, *found.figures):
        assert SMOLLM2.title in titled.title
    assert any(SMOLLM2.title in note for note in found.notes)


@pytest.fixture
def without_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SCALINGLAWS_DATA", str(tmp_path))


@pytest.mark.usefixtures("without_data")
def test_absent_files_give_no_cells_and_skip_every_claim(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pretrained_text, "missing_extra", lambda: None)
    assert EXPERIMENT.cells(QUICK) == []
    found = judge([])
    assert {j.verdict for j in found.values()} == {Verdict.SKIPPED}
    assert "SmolLM2-135M-Instruct.Q4_1.gguf" in found["positions"].reason


def test_an_absent_extra_gives_no_cells_and_skips_every_claim(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "gguf", None)
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert EXPERIMENT.cells(QUICK) == []
    found = judge([])
    assert {j.verdict for j in found.values()} == {Verdict.SKIPPED}
    assert "scalinglaws[lm]" in found["positions"].reason


def test_cells_that_failed_are_not_passed_for_absent_data(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(findings, "absent", lambda: "")
    assert {j.verdict for j in judge([]).values()} == {Verdict.INCONCLUSIVE}


def test_cells_are_distinct_and_change_with_the_seed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(design, "absent", lambda: "")
    made, other = (EXPERIMENT.cells(replace(QUICK, seed=seed)) for seed in (0, 1))
    assert len({cell.key for cell in (*made, *other)}) == 4
    assert len({cell.config.data_seed for cell in (*made, *other)}) == 4
    assert made[0].cost > made[1].cost


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tasks with that model and a text of random letters."""
    from scalinglaws.experiments.lm_layers import tasks

    letters = Letters()
    monkeypatch.setattr(tasks, "opened", lambda: letters)
    monkeypatch.setattr(pretrained_text, "load_text", random_text)
    return tasks


def test_a_sequence_is_measured_at_its_last_token(tasks: Any, monkeypatch: pytest.MonkeyPatch):
    import torch

    monkeypatch.setattr(tasks, "GROUP", 70)  # three groups, the last of them smaller
    config = design.SequencesConfig("m", "c", 150, 10, (2, 5), equal_n=120, data_seed=7)
    rows = tasks.run_sequences(config)
    d = {(r["part"], r["kind"], r["block"], r["position"], r["method"], r["k"]): r for r in rows}
    assert (
        len(d) == len(rows) == 4 * (2 * 2 * 3 + 3)
    )  # methods (parts x blocks x kinds + positions)
    assert {r["n"] for r in rows if r["part"] == "equal"} == {120}

    ids = tasks.token_ids(tasks.opened(), 150, 10, np.random.default_rng(7))
    with torch.no_grad():
        states = tasks.opened().model(ids, output_hidden_states=True).hidden_states
    X = states[1][:, -1].numpy()  # after the first block
    last = d["last", "residual", 1, 9, "knn", 3]
    assert last["d"] == pytest.approx(knn(X, 3).d, rel=1e-4)
    assert last["model"] == SMOLLM2.title
    assert d["last", "residual", 1, 9, "mle", 100]["d"] == pytest.approx(mle(X, 100).d, rel=1e-4)
    # The final layer at the last position is the last block's residual stream.
    assert d["position", "residual", 2, 9, "knn", 2]["d"] == pytest.approx(
        d["last", "residual", 2, 9, "knn", 2]["d"]
    )
    assert rows == tasks.run_sequences(config)


def test_a_passage_is_measured_at_every_token_but_the_first(tasks: Any):
    import torch

    rows = tasks.run_passages(design.PassagesConfig("m", "c", passages=2, length=130, data_seed=8))
    assert len(rows) == 4 * 2 * 2 * 3
    assert {row["n"] for row in rows} == {129}
    ids = tasks.token_ids(tasks.opened(), 2, 130, np.random.default_rng(8))
    with torch.no_grad():
        states = tasks.opened().model(ids[1:], output_hidden_states=True).hidden_states
    (found,) = (
        row["d"]
        for row in rows
        if (row["passage"], row["kind"], row["block"], row["k"]) == (1, "residual", 1, 2)
    )
    assert found == pytest.approx(knn(states[1][0, 1:].numpy(), 2).d, rel=1e-4)


@pytest.mark.parametrize(
    "bad",
    [
        {"length": 1},
        {"passage_length": 4096},
        {"passage_length": 101},
        {"sequences": 1000},
        {"passages": 0},
        {"positions": (0, 5)},
        {"positions": (5, 2)},
        {"positions": (63,)},
        {"seed": -1},
    ],
)
def test_settings_that_cannot_be_measured_are_refused(bad: dict[str, Any]):
    with pytest.raises(BadInput, match="lm-layers needs"):
        replace(QUICK, **bad)
