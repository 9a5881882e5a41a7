"""What `scalinglaws fit` says of its own answers: statuses, limits, options that change nothing."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scalinglaws.cli.fit.asked import fewest_draws
from scalinglaws.cli.fit.figure import figure
from scalinglaws.cli.fit.forecasts import Ahead, Forecast, stacked
from scalinglaws.cli.fit.measured import status_of
from scalinglaws.estimate import Estimate
from scalinglaws.laws import FitStatus, PowerConstant, fit, forecast
from scalinglaws.laws.forms.additive import Additive
from scalinglaws.result import Series

Run = Callable[..., tuple[int, str, str]]
ONE = PowerConstant(E=1.8, A=3000.0, alpha=0.18)
JOINT = Additive(E=1.8, A=480.0, alpha=0.35, B=2100.0, beta=0.37)


@pytest.fixture
def run(invoked: Run) -> Run:
    return partial(invoked, "fit")


def write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> Path:
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def noise(n: int, sd: float, seed: int = 0) -> np.ndarray:
    return np.exp(sd * np.random.default_rng(seed).normal(size=n))


@pytest.fixture
def compute(tmp_path: Path) -> Path:
    """Twelve runs by compute alone, up to 1e21."""
    C = np.geomspace(1e18, 1e21, 12)
    return write(
        tmp_path / "c.csv", "C,loss", zip(C, ONE.predict(C) * noise(12, 0.005), strict=True)
    )


@pytest.fixture
def budgets(tmp_path: Path) -> Path:
    """Four budgets up to 1e21, five sizes each."""
    C = np.repeat(np.geomspace(1e18, 1e21, 4), 5)
    N = np.sqrt(C / 120) * np.tile(np.geomspace(0.25, 4, 5), 4)
    loss = JOINT.predict(N, C / 6 / N) * noise(20, 0.003)
    return write(tmp_path / "nd.csv", "C,N,loss", zip(C, N, loss, strict=True))


SPLIT = ("--derive", "D=C/(6*N)", "--x", "N", "--x", "D")


def ends(answer: dict[str, Any], name: str = "value") -> tuple[float, float, float]:
    return answer[name], answer["lo"], answer["hi"]


def test_a_budget_of_a_law_of_compute_is_a_forecast_like_any_other(run: Run, compute: Path):
    asked = ("--x", "C", "--law", "power+constant", "--json")
    at, bought = (
        json.loads(run(compute, *asked, *more)[1])
        for more in (("--at", "C=1e24"), ("--budget-flops", 1e24))
    )
    (answer,) = bought["answers"]
    assert ends(answer) == ends(at["predictions"][0], "loss")
    assert answer["status"] == bought["status"] == at["status"] == "unsupported"
    assert bought["notes"] == at["notes"]


def test_the_reader_sees_the_status_beside_every_answer(run: Run, compute: Path):
    asked = ("--at", "C=1e20", "--budget-flops", 1e27, "--target-loss", 1.0)
    _, out, _ = run(compute, "--x", "C", "--law", "power+constant", *asked)
    rows = [line.strip().split("  ") for line in out.splitlines() if line.strip()]
    beside = {cells[0].strip(): cells[-1].strip() for cells in rows}
    assert beside["new run at C=1e+20"] == "ok"
    assert beside["loss of a new run of 1e+27 FLOPs"] == "unsupported"
    assert beside["C for a loss of 1"] == beside["status"] == "unreachable"


def test_the_loss_that_a_budget_buys_is_the_forecast_there(run: Run, budgets: Path):
    few = ("--bootstrap", 40, "--json")
    bought = json.loads(run(budgets, *SPLIT, "--budget-flops", 1e27, *few)[1])
    N, D, loss = bought["answers"]
    at = f"N={N['value']!r},D={D['value']!r}"
    there = json.loads(run(budgets, *SPLIT, "--at", at, "--json")[1])
    assert ends(loss) == pytest.approx(ends(there["predictions"][0], "loss"), rel=1e-6)
    assert {one["status"] for one in bought["answers"]} == {"unsupported"} == {bought["status"]}


def test_a_run_dearer_than_the_table_is_beyond_it_though_its_sizes_are_not():
    """A corner that no run has: as large as the largest N, as long as the longest D."""
    C = np.repeat(np.geomspace(1e18, 1e21, 4), 5)
    N = np.sqrt(C / 120) * np.tile(np.geomspace(0.25, 4, 5), 4)
    columns = {"N": N, "D": C / 6 / N}
    columns["loss"] = JOINT.predict(N, columns["D"]) * noise(20, 0.003)
    ahead = Ahead(fit(columns, "additive", x=("N", "D")))
    corner = {"N": float(N.max()), "D": float(columns["D"].max())}
    (one,) = ahead.at([corner])
    assert ahead.fitted.beyond(corner) == 1
    assert one.outside == pytest.approx(16, rel=1e-6)
    assert one.loss == forecast.forecast(ahead.fitted, corner).loss


def test_what_a_loss_costs_far_beyond_the_table_is_not_vouched_for(run: Run, compute: Path):
    asked = ("--x", "C", "--law", "power", "--target-loss", 1.2, "--target-loss", 2.9, "--json")
    answer = json.loads(run(compute, *asked)[1])
    far, near = answer["answers"]
    assert (far["status"], near["status"], answer["status"]) == ("unsupported", "ok", "unsupported")
    assert any("an interval by the law alone" in note for note in answer["notes"])


def bands(ahead: Ahead, *points: float) -> list[Series]:
    none = {"N": np.empty(0), "loss": np.empty(0)}
    drawn = figure(ahead, none, [{"N": point} for point in points])
    return [series for series in drawn.panels[0].series if series.kind == "band"]


def test_the_band_drawn_at_x_is_the_forecast_printed_there(monkeypatch: pytest.MonkeyPatch):
    N = np.geomspace(1e6, 1e9, 24)
    loss = PowerConstant(E=1.7, A=400.0, alpha=0.34).predict(N) * noise(24, 0.01)
    fitted = fit({"N": N, "loss": loss}, "power+constant")
    made: list[None] = []
    true = forecast.back_test_of
    monkeypatch.setattr(forecast, "back_test_of", lambda of: made.append(None) or true(of))
    vouched, alone = bands(Ahead(fitted), 1e10, 1e13)
    assert len(made) == 1
    for series, x in ((vouched, 1e8), (vouched, 1e10), (alone, 1e13)):
        i = int(np.argmin(np.abs(np.log(np.array(series.x) / x))))
        assert series.lo
        assert series.hi
        at = series.x[i]
        said = forecast.forecast(fitted, at).loss if at > 1e9 else fitted.predict(at)
        assert (series.y[i], series.lo[i], series.hi[i]) == pytest.approx(
            (said.value, said.lo, said.hi), rel=1e-9
        )
    assert (1e10 in vouched.x, 1e13 in alone.x) == (True, True)
    assert "do not vouch" in alone.label


@pytest.mark.parametrize(
    ("level", "law", "speaks"),
    [
        (0.7, "power+constant", True),
        (0.95, "power+constant", False),  # of 6 back-test residuals; a band takes 19
        (0.7, "m4", False),  # 9 runs are too few to try 4 parameters: the stack is of other laws
    ],
)
def test_a_stack_speaks_of_enough_back_tests_of_the_fitted_law_only(
    level: float, law: str, speaks: bool
):
    C = np.geomspace(1e18, 1e21, 9)
    fitted = fit({"C": C, "loss": ONE.predict(C) * noise(9, 0.005)}, law, x=("C",), level=level)
    point = {"C": 1e22}
    ahead = Forecast(point, fitted.predict(point), FitStatus.UNSUPPORTED, outside=10.0)
    assert any("a stack of" in note for note in stacked(fitted, [ahead])) == speaks


def test_an_optimum_whose_interval_is_open_says_so(run: Run, tmp_path: Path):
    """Three sizes per budget: parabolas without residuals, and no noise to take errors from."""
    C = np.repeat(np.geomspace(1e18, 1e21, 4), 3)
    N = np.sqrt(C / 120) * np.tile(np.geomspace(0.25, 4, 3), 4)
    rows = zip(C, N, JOINT.predict(N, C / 6 / N) * noise(12, 0.003), strict=True)
    path = write(tmp_path / "three.csv", "C,N,loss", rows)
    answer = json.loads(run(path, *SPLIT, "--isoflop", "--json")[1])
    optima = [one for one in answer["answers"] if one["x"] == "N"]
    assert optima
    assert all(one["hi"] is None for one in optima)
    assert {one["status"] for one in optima} == {"unbounded"} == {answer["status"]}


def test_nearly_equal_budgets_are_one_within_the_tolerance(run: Run, budgets: Path):
    header, *lines = budgets.read_text().splitlines()
    rng = np.random.default_rng(1)
    near = [
        (float(C) * np.exp(0.01 * rng.uniform()), N, loss)
        for C, N, loss in (line.split(",") for line in lines)
    ]
    write(budgets, header, near)
    code, _, err = run(budgets, *SPLIT, "--isoflop")
    assert (code, "need a tolerance" in err) == (2, True)
    asked = ("--isoflop", "--isoflop-tolerance", 0.05, "--json")
    answers = json.loads(run(budgets, *SPLIT, *asked)[1])["answers"]
    assert len([one for one in answers if one["x"] == "N"]) == 4


@pytest.mark.parametrize(
    ("factors", "ratio", "trend"),
    [
        ([1.0] * 8, "exact", "exact"),
        ([0.98, 0.981, 0.979], "ok", "few-points"),
        ([0.98, 0.981, 0.979, 0.98], "ok", "ok"),
    ],
)
def test_a_comparison_says_what_its_intervals_rest_on(
    run: Run, tmp_path: Path, factors: list[float], ratio: str, trend: str
):
    N = np.geomspace(1e6, 1e9, 8)
    loss = 10 * N**-0.1 * noise(8, 0.01)
    rows = [(n, x, "old") for n, x in zip(N, loss, strict=True)]
    rows += [(n, x * f, "new") for n, x, f in zip(N, loss, factors, strict=False)]
    path = write(tmp_path / "two.csv", "N,loss,recipe", rows)
    answers = json.loads(run(path, "--x", "N", "--compare", "recipe", "--json")[1])["answers"]
    assert [one["status"] for one in answers] == [ratio, trend]


def test_the_scheme_of_a_bootstrap_is_chosen_and_said(run: Run, compute: Path):
    wild, pairs = (
        json.loads(run(compute, "--x", "C", "--bootstrap", 60, "--scheme", scheme, "--json")[1])
        for scheme in ("wild", "pairs")
    )
    assert wild["params"] != pairs["params"]
    assert any("wild bootstrap of 12 groups" in note for note in wild["notes"])
    assert any("pairs bootstrap of 12 groups" in note for note in pairs["notes"])


def test_what_groups_change_is_said(run: Run, budgets: Path):
    header, *lines = budgets.read_text().splitlines()
    grouped = [[*line.split(","), i // 2] for i, line in enumerate(lines)]
    write(budgets, f"{header},seed", grouped)
    notes = json.loads(run(budgets, *SPLIT, "--group", "seed", "--isoflop", "--json")[1])["notes"]
    assert "intervals of the law: by 10 groups of seed" in notes
    assert any(note.startswith("--isoflop: runs of one seed are taken as") for note in notes)


REFUSED = {
    "a budget of C and D": (
        ("--x", "C", "--x", "N", "--budget-flops", 1e22), "a law of C and N does not know it",
    ),
    "a cost of C and D": (
        ("--x", "C", "--x", "N", "--target-loss", 2), "--target-loss takes 6 N D as the cost",
    ),
    "weights of optima": ((*SPLIT, "--isoflop", "--weights", "w"), "--isoflop takes every run"),
    "weights of pairs": ((*SPLIT, "--compare", "g", "--weights", "w"), "--compare takes every run"),
    "tolerance of nothing": ((*SPLIT, "--isoflop-tolerance", 0.1), "belongs to --isoflop"),
    "scheme of nothing": ((*SPLIT, "--scheme", "pairs"), "--scheme pairs belongs to --bootstrap"),
    "draws within the ends": (
        (*SPLIT, "--bootstrap", 20, "--level", 0.999), "below 2000 draws none lies beyond",
    ),
    "a budget beyond doubles": (
        (*SPLIT, "--budget-flops", 1e300), "more than 1e+12 times outside what",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_be_ignored_or_is_beyond_reach_is_refused_in_a_line(
    run: Run, budgets: Path, case: str
):
    arguments, said = REFUSED[case]
    code, out, err = run(budgets, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_the_fewest_draws_leave_one_beyond_each_end():
    assert [fewest_draws(level) for level in (0.5, 0.9, 0.95, 0.99, 0.999)] == [
        4, 20, 40, 200, 2000,
    ]  # fmt: skip


def test_a_large_file_is_announced_unless_quiet(
    run: Run, compute: Path, monkeypatch: pytest.MonkeyPatch
):
    module = importlib.import_module("scalinglaws.cli.fit.command")
    for name in ("_LARGE_FILE", "_MANY_RUNS"):
        monkeypatch.setattr(module, name, 0)
    _, loud, said = run(compute, "--x", "C", "--json")
    _, still, nothing = run(compute, "--x", "C", "--json", "--quiet")
    assert said == f"reading {compute}: 0 MB\nfitting 12 runs\n"
    assert (nothing, still) == ("", loud)


@pytest.mark.parametrize(
    ("interval", "least", "status"),
    [
        ((1.0, 2.0), 0.0, FitStatus.OK),
        ((0.0, 2.0), 0.0, FitStatus.UNBOUNDED),
        ((0.0, 2.0), -np.inf, FitStatus.OK),
        ((1.0, np.inf), 0.0, FitStatus.UNBOUNDED),
        ((np.nan, np.nan), -np.inf, FitStatus.UNBOUNDED),
        ((1.5, 1.5), 0.0, FitStatus.EXACT),
    ],
)
def test_an_interval_has_the_status_that_its_ends_say(
    interval: tuple[float, float], least: float, status: FitStatus
):
    assert status_of(Estimate(1.5, 0.1, *interval), least) is status
