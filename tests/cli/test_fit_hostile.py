"""scalinglaws fit on tables that no law explains: an error, or a status, never a sure number."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

N = [1e6 * 2**i for i in range(8)]
FALLING = [4.0, 3.4, 3.0, 2.7, 2.5, 2.36, 2.26, 2.19]


def table(folder: Path, columns: dict[str, list[Any]]) -> Path:
    path = folder / "runs.csv"
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def fit(invoked: Callable[..., tuple[int, str, str]], tmp_path: Path):
    def run(columns: dict[str, list[Any]], *arguments: object) -> tuple[int, dict[str, Any], str]:
        path = table(tmp_path, columns)
        code, out, err = invoked("fit", path, "--x", "N", "--json", *arguments)
        return code, json.loads(out) if out else {}, err

    return run


STATUSES: dict[str, tuple[dict[str, list[Any]], tuple[object, ...], str]] = {
    "two points": ({"N": [1, 2], "loss": [2, 1]}, (), "unbounded"),
    "three points, two of one N": ({"N": [1, 1, 2], "loss": [3, 3.1, 2]}, (), "few-points"),
    "rising": ({"N": N, "loss": FALLING[::-1]}, (), "no-trend"),
    "noise alone": ({"N": N, "loss": [3, 2, 3.1, 2.2, 2.9, 2.1, 3, 2]}, (), "unbounded"),
    "no noise": ({"N": N, "loss": [8 * n**-0.1 for n in N]}, (), "exact"),
    "bends down": (
        {"N": N, "loss": [4 * 0.97 ** (i + i * i / 4) for i in range(8)]},
        ("--law", "power+constant"),
        "bound-hit",
    ),
    "few for six parameters": ({"N": N, "loss": FALLING}, ("--law", "broken"), "unbounded"),
    "far forecast": ({"N": N, "loss": FALLING}, ("--at", "N=1e15"), "unsupported"),
    "one run often": (
        {"N": N[:3] * 9, "loss": FALLING[:3] * 9, "i": list(range(27))},
        (),
        "unbounded",
    ),
}


@pytest.mark.parametrize("case", STATUSES)
def test_what_is_weak_has_a_status(fit, case: str):
    columns, arguments, status = STATUSES[case]
    code, answer, err = fit(columns, *arguments)
    assert (code, err) == (0, "")
    assert answer["status"] == status
    assert answer["notes"]


def test_an_end_that_the_data_leave_open_is_null(fit):
    _, answer, _ = fit({"N": [1, 2, 4], "loss": [3, 2.4, 2.1]}, "--target-loss", 1.9)
    assert answer["status"] == "unbounded"
    assert any(None in (p["lo"], p["hi"]) for p in answer["params"].values())
    (cost,) = answer["answers"]
    assert cost["hi"] is None
    assert cost["status"] == "unbounded"


@pytest.mark.parametrize("scale", [1e300, 1e-300])
def test_the_ends_of_double_precision_change_no_exponent(fit, scale: float):
    _, here, _ = fit({"N": N, "loss": FALLING})
    big = [x / 1e7 * scale for x in N]
    code, there, _ = fit({"N": big, "loss": FALLING})
    assert code == 0
    assert there["params"]["alpha"]["value"] == pytest.approx(here["params"]["alpha"]["value"])
    _, scaled, _ = fit({"N": N, "loss": [x / 10 * scale for x in FALLING]})
    assert scaled["params"]["alpha"]["value"] == pytest.approx(here["params"]["alpha"]["value"])


def test_the_order_of_rows_is_no_matter(fit):
    order = np.random.default_rng(0).permutation(8)
    _, sorted_, _ = fit({"N": N, "loss": FALLING})
    _, shuffled, _ = fit({"N": [N[i] for i in order], "loss": [FALLING[i] for i in order]})
    for name, ends in sorted_["params"].items():
        assert shuffled["params"][name] == pytest.approx(ends, rel=1e-6)


@pytest.mark.parametrize(
    ("columns", "arguments", "said"),
    [
        ({"N": N, "loss": [math.exp(x) for x in FALLING]}, (), "look like perplexities"),
        ({"N": N, "D": [20 * n for n in N], "loss": FALLING}, ("--x", "D"), "rise together"),
        ({"N": N + N[:2], "loss": FALLING + FALLING[:2], "i": list(range(10))}, (), "2 points rep"),
        ({"N": N + N[:2], "loss": FALLING + FALLING[:2]}, (), "2 rows repeat an earlier row"),
        ({"N": N, "loss": FALLING}, ("--target-loss", 0.5), "target-loss=0.5: no N does"),
    ],
)
def test_what_should_be_known_is_said(fit, columns, arguments, said: str):
    code, answer, _ = fit(columns, *arguments)
    assert code == 0
    assert any(said in note for note in answer["notes"]), answer["notes"]


@pytest.mark.parametrize(
    ("columns", "arguments", "error"),
    [
        ({"N": [5] * 4, "loss": [4, 3, 2, 1]}, (), "at least 2 distinct N"),
        ({"N": N, "loss": [2.0] * 8}, (), "the same in every row"),
        ({"N": N, "loss": [0.0, *FALLING[1:]]}, (), "row 1 is 0"),
        ({"N": N, "loss": ["1e999", *FALLING[1:]]}, (), "NaN or infinity in row 1"),
        ({"N": N, "loss": ["4,0", *FALLING[1:]]}, (), "row 1: 3 cells under a header of 2"),
        ({"N": N, "D": [3.0] * 8, "loss": FALLING}, ("--x", "D"), "D is the same in every row"),
        ({"N": N, "loss": FALLING}, ("--law", "additive"), "a law of 2 variables"),
        ({"N": [n / 1e9 for n in N], "loss": FALLING}, ("--law", "log-power"), "needs N above 1"),
        ({"N": N[:5], "loss": FALLING[:5]}, ("--law", "broken"), "at least 6 distinct N"),
    ],
)
def test_what_no_law_can_be_fitted_to_is_refused_in_a_line(fit, columns, arguments, error: str):
    code, answer, err = fit(columns, *arguments)
    assert (code, answer) == (2, {})
    assert error in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("law", "objective"),
    [
        *((law, "lsq") for law in ("shifted", "m4", "variance", "log-power", "broken-2")),
        *((law, "lad") for law in ("shifted", "m3", "m4", "variance", "log-power")),
    ],
)
def test_every_law_answers_noise_with_finite_numbers_or_a_status(fit, law: str, objective: str):
    rng = np.random.default_rng(3)
    sizes = [1e6 * 2**i for i in range(12)]
    losses = (3 + 0.3 * rng.standard_normal(12)).tolist()
    code, answer, _ = fit({"N": sizes, "loss": losses}, "--law", law, "--objective", objective)
    assert code in (0, 2)
    if code == 0:
        assert answer["status"] != "ok" or law == "variance"
        assert all(p["value"] is not None for p in answer["params"].values())
