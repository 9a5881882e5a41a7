"""scalinglaws list, run, report, reproduce: what a user types, and what programs read of it."""

from __future__ import annotations

import json
import math
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from scalinglaws import experiments
from scalinglaws.cli import main
from scalinglaws.data.published import MNIST
from scalinglaws.report import load_result
from scalinglaws.result import Budget, Claim, Findings, Verdict
from scalinglaws.runner import artifact_folder
from scalinglaws.runner.artifacts import new_result
from scalinglaws.runner.provenance import provenance

NAME = "random-features"
# Sizes that take milliseconds. One draw: a jackknife of one knows nothing, its ends are open.
TINY = {
    "alphas": "0.8",
    "S": "64",
    "sizes": "8,16,24,40",
    "window": "8,40",
    "variance_at": "8",
    "draws": "1",
    "images": "()",
}


def run_arguments(store: Path | str, budget: str = "smoke", **settings: str) -> list[str]:
    sets = [word for pair in (TINY | settings).items() for word in ("--set", "=".join(pair))]
    return ["run", NAME, "--budget", budget, *sets, "--store", str(store), "--workers", "1"]


def invoke(*arguments: str) -> Result:
    """The command in this process; stdout and stderr apart."""
    return CliRunner().invoke(main, arguments, prog_name="scalinglaws")


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as its own process."""
    return subprocess.run(
        [sys.executable, "-m", "scalinglaws", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures cost seconds to draw: where they are not the matter, an empty one stands in."""
    from scalinglaws.report import html, write

    empty = b'<svg xmlns="http://www.w3.org/2000/svg" width="1pt" height="1pt" viewBox="0 0 1 1"/>'
    monkeypatch.setattr(html, "render", lambda figure, suffix, **_: empty)
    monkeypatch.setattr(write, "render_as", lambda suffixes, _: dict.fromkeys(suffixes, empty))


@dataclass(frozen=True)
class Finished:
    """A run as its own process: where it was kept, and what it printed."""

    store: Path
    out: str
    err: str

    @property
    def answer(self) -> dict:
        return json.loads(self.out)

    @property
    def folder(self) -> Path:
        return Path(self.answer["artifacts"][0]).parent


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    store = tmp_path_factory.mktemp("finished") / "a store"
    done = program(*run_arguments(store), "--json")
    assert done.returncode == 0, done.stderr
    return Finished(store, done.stdout, done.stderr)


# list


def claim_ids() -> dict[str, list[str]]:
    return {
        name: [claim.id for claim in experiments.get(name).claims] for name in experiments.NAMES
    }


def test_list_as_json_has_every_claim_and_budget_of_every_experiment():
    done = invoke("list", "--json")
    answer = json.loads(done.stdout)
    assert (done.exit_code, done.stderr) == (0, "")
    assert list(answer) == ["schema_version", "experiments"]
    listed = {entry["name"]: entry for entry in answer["experiments"]}
    assert {n: [c["id"] for c in e["claims"]] for n, e in listed.items()} == claim_ids()
    assert tuple(listed) == experiments.NAMES
    for name, entry in listed.items():
        experiment = experiments.get(name)
        assert {"paper", "figures"} < set(entry)
        assert list(entry["budgets"]) == [b.value for b in experiment.budgets]
        for budget, settings in experiment.budgets.items():
            assert entry["budgets"][budget]["cost"] == experiment.cost[budget]
            work = entry["budgets"][budget]["workload"]
            assert work["cells"] == len({cell.key for cell in experiment.cells(settings)})
            assert work["core_hours"] * 3600 >= work["longest_s"] > 0
            # The settings as listed are the settings: a program can start from them.
            back = msgspec.convert(entry["budgets"][budget]["settings"], type(settings))
            assert back == settings


def test_a_listed_claim_says_what_it_will_be_judged_by():
    answer = json.loads(invoke("list", "--json").stdout)
    for entry in answer["experiments"]:
        by_id = {claim.id: claim for claim in experiments.get(entry["name"]).claims}
        for listed in entry["claims"]:
            claim = by_id[listed["id"]]
            assert (listed["statement"], listed["source"]) == (claim.statement, claim.source)
            assert (listed["expected"], listed["relation"]) == (claim.expected, claim.relation)
            assert (listed["tolerance"] is None) == (listed["relation"] != "=")


def test_list_for_people_names_every_experiment_claim_and_cost():
    out = invoke("list").stdout
    for name, ids in claim_ids().items():
        assert f"{name}: {experiments.get(name).title}" in out
        for id in ids:
            assert f"claim {id}: " in out
        for budget, cost in experiments.get(name).cost.items():
            assert f"--budget {budget}: {cost}" in out


def test_claim_ids_are_unique_within_an_experiment():
    for ids in claim_ids().values():
        assert len(set(ids)) == len(ids)


# run


def test_run_as_json_prints_one_object_of_the_contract(finished: Finished):
    answer = finished.answer  # the whole of stdout is one object
    assert list(answer) == [
        "schema_version", "experiment", "budget", "claims", "rows", "artifacts", "wall_s",
    ]  # fmt: skip
    assert (answer["experiment"], answer["budget"]) == (NAME, "smoke")
    assert [claim["id"] for claim in answer["claims"]] == claim_ids()[NAME]
    keys = {
        "id", "statement", "source", "expected", "tolerance", "measured", "lo", "hi", "verdict",
        "reason",
    }  # fmt: skip
    for claim in answer["claims"]:
        assert keys <= set(claim)
        assert claim["verdict"] in list(Verdict)
        assert claim["reason"], "a smoke run judges nothing, and says why"
    assert answer["wall_s"] > 0


def test_what_is_not_finite_is_null_in_json_and_kept_in_the_ledger(finished: Finished):
    claims = {claim["id"]: claim for claim in finished.answer["claims"]}
    ledger = {j.claim.id: j.measured for j in load_result(finished.folder)[0].findings.claims}
    open_ended = claims["resolution-slope"]
    assert (open_ended["lo"], open_ended["hi"]) == (None, None)
    assert isinstance(open_ended["measured"], float)
    assert (ledger["resolution-slope"].lo, ledger["resolution-slope"].hi) == (-math.inf, math.inf)
    assert claims["closed-form"]["measured"] is None  # one draw has no error: not measured
    for word in ("NaN", "Infinity"):
        assert word not in finished.out
    for id, measured in ledger.items():
        for key, end in (("lo", "lo"), ("hi", "hi"), ("measured", "value")):
            told = getattr(measured, end, math.nan)
            assert claims[id][key] == (told if math.isfinite(told) else None)


def test_progress_goes_to_stderr_alone(finished: Finished):
    assert finished.err.splitlines()[0].startswith("0 of 1 cells stored")
    assert "1 of 1 cells stored" in finished.err
    assert "cells" not in finished.out
    for text in (finished.out, finished.err):
        assert "\x1b" not in text


def test_every_artifact_named_is_on_the_disk_and_nothing_else(finished: Finished):
    named = [Path(artifact) for artifact in finished.answer["artifacts"]]
    found = sorted(path for path in finished.folder.rglob("*") if path.is_file())
    assert sorted(named) == found
    assert all(path.stat().st_size > 0 for path in found)
    names = {path.name for path in found}
    assert {"report.html", "rows.csv", "result.json"} < names
    drawn = {path.suffix for path in found if path.parent.name == "figures"}
    assert drawn == {".svg", ".png"}


def test_rows_are_counted_as_they_are_kept(finished: Finished):
    result, rows = load_result(finished.folder)
    assert finished.answer["rows"] == result.rows == len(rows)
    # 12 pairs D != P of 4 sizes, 4 of L(D, inf) and 4 of L(inf, P).
    assert len(rows) == 20


def test_a_run_with_other_settings_is_kept_apart_from_the_budget_s(finished: Finished):
    assert re.fullmatch(r"smoke\+[0-9a-f]{8}", finished.folder.name)
    assert [path.name for path in finished.folder.parent.iterdir()] == [finished.folder.name]
    pure = experiments.get(NAME).budgets[Budget.SMOKE]
    result = load_result(finished.folder)[0]
    assert result.settings["S"] == 64 != pure.S


def test_the_recorded_command_is_what_was_typed(finished: Finished):
    made = load_result(finished.folder)[0].provenance
    assert shlex.split(made.command) == ["scalinglaws", *run_arguments(finished.store), "--json"]


def stored_runs(store: Path) -> list[tuple]:
    """When and how long each cell was computed."""
    with closing(sqlite3.connect(f"file:{store}/store.sqlite?mode=ro", uri=True)) as db:
        return db.execute("SELECT key, wall_s, attempt, finished FROM runs ORDER BY key").fetchall()


@pytest.mark.usefixtures("undrawn")
def test_a_second_run_computes_no_cell_and_finds_the_same(finished: Finished, tmp_path: Path):
    store = shutil.copytree(finished.store, tmp_path / "s")
    before = stored_runs(store)
    assert len(before) == 1
    done = invoke(*run_arguments(store), "--json")
    assert done.exit_code == 0
    assert stored_runs(store) == before
    assert "took" not in done.stderr
    assert "1 of 1 cells stored" in done.stderr
    again = json.loads(done.stdout)
    for key in ("claims", "rows"):
        assert again[key] == finished.answer[key]
    folder = store / finished.folder.relative_to(finished.store)
    assert (folder / "rows.csv").read_bytes() == (finished.folder / "rows.csv").read_bytes()


@pytest.mark.usefixtures("undrawn")
def test_intervals_in_json_are_the_ledger_s(tmp_path: Path):
    """Two draws: the jackknife has ends."""
    answer = json.loads(invoke(*run_arguments(tmp_path, draws="2"), "--json").stdout)
    ledger = load_result(Path(answer["artifacts"][0]).parent)[0]
    told = {c["id"]: (c["measured"], c["lo"], c["hi"]) for c in answer["claims"]}
    for judgement in ledger.findings.claims:
        m = judgement.measured
        assert told[judgement.claim.id] == ((m.value, m.lo, m.hi) if m else (None,) * 3)
    value, lo, hi = told["resolution-slope"]
    assert lo < value < hi


@pytest.mark.usefixtures("undrawn")
def test_people_see_verdicts_reasons_notes_and_paths(tmp_path: Path):
    done = invoke(*run_arguments(tmp_path / "s", "quick"))
    assert done.exit_code == 0  # whatever the verdicts
    for id in claim_ids()[NAME]:
        assert id in done.stdout
    # From quick on claims are judged: the closed form's own slope needs no draw.
    row = next(line for line in done.stdout.splitlines() if "asymptotic-slope" in line)
    assert row.split()[0] == "agrees"
    assert "note: " in done.stdout
    assert "report.html" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("20 rows, ")
    assert "\x1b" not in done.stdout


@pytest.mark.usefixtures("undrawn")
def test_quiet_leaves_stderr_empty_and_a_seed_is_another_run(tmp_path: Path):
    store = tmp_path / "s"
    done = [invoke(*run_arguments(store), "--json", "--quiet", "--seed", s) for s in ("0", "1")]
    assert [d.stderr for d in done] == ["", ""]
    first, second = (json.loads(d.stdout) for d in done)
    assert first["artifacts"] != second["artifacts"]
    assert len(stored_runs(store)) == 2

    def measured(answer: dict) -> dict[str, float]:
        return {claim["id"]: claim["measured"] for claim in answer["claims"]}

    assert measured(first)["resolution-slope"] != measured(second)["resolution-slope"]
    # The asymptotic slope is a theory's, in which nothing is drawn.
    assert measured(first)["asymptotic-slope"] == measured(second)["asymptotic-slope"]


@pytest.mark.usefixtures("undrawn")
def test_a_cell_that_fails_is_exit_1_and_the_others_are_told_all_the_same(tmp_path: Path):
    folder = tmp_path / "data" / MNIST.folder
    folder.mkdir(parents=True)
    for file in MNIST.files:
        (folder / file.name).write_bytes(b"not the published images")
    images = {"images": "mnist", "pools": "4", "image_draws": "2"}
    arguments = run_arguments(tmp_path / "s", **images)
    done = invoke(*arguments, "--data", str(folder.parent), "--json")
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert answer["rows"] == 20  # the spectrum's cell
    assert "2 cells failed" in done.stderr
    assert "not the published" in done.stderr
    skipped = {c["id"] for c in answer["claims"] if c["verdict"] == "skipped"}
    assert "duality-digits" in skipped
    # The reason in one line each; the tracebacks are in the store.
    assert "Traceback" not in done.stderr
    with closing(sqlite3.connect(tmp_path / "s" / "store.sqlite")) as db:
        [(count,)] = db.execute("SELECT count(*) FROM failures WHERE traceback LIKE 'Traceback%'")
    assert count == 2


# report


@pytest.mark.usefixtures("undrawn")
def test_a_report_rebuilt_from_a_ledger_is_the_run_s_to_the_byte(
    finished: Finished, tmp_path: Path
):
    store = shutil.copytree(finished.store, tmp_path / "store")
    ran = invoke(*run_arguments(store), "--json")
    names = [Path(a).relative_to(store) for a in json.loads(ran.stdout)["artifacts"]]
    ledger, other = tmp_path / "ledger", tmp_path / "other"
    ledger.mkdir()
    for name in names:
        if name.name in ("rows.csv", "result.json"):
            shutil.copy(store / name, ledger)
    done = invoke("report", NAME, "--from", str(ledger), "--store", str(other))
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(names) > 3
    for name in names:
        assert (other / name).read_bytes() == (store / name).read_bytes()
    assert not (other / "store.sqlite").exists()  # no cell is run


# reproduce


def ledgers(folder: Path, finished: Finished) -> dict[str, tuple[Claim, ...]]:
    """A ledger of each experiment at smoke: a real one, and others of runs that gave no rows."""
    from datetime import UTC, datetime

    from scalinglaws.report.ledger import write_ledger

    for name in experiments.NAMES:
        experiment = experiments.get(name)
        settings = experiment.budgets[Budget.SMOKE]
        if name == NAME:
            result, rows = load_result(finished.folder)
        else:
            made = provenance(
                settings, command="none", started=datetime.now(UTC), wall_s=1.0, cells_s=1.0
            )
            rows = []
            result = new_result(experiment, Budget.SMOKE, settings, Findings(()), made, rows, 0)
        write_ledger(result, rows, folder / name / "smoke")
    return {name: experiments.get(name).claims for name in experiments.NAMES}


@pytest.mark.usefixtures("undrawn")
def test_reproduce_from_ledgers_puts_every_claim_into_one_table(finished: Finished, tmp_path: Path):
    claims = ledgers(tmp_path / "results", finished)
    store = tmp_path / "store"
    done = invoke("reproduce", "--from", str(tmp_path / "results"), "--store", str(store))
    assert (done.exit_code, done.stderr) == (0, "")
    lines = (store / "REPLICATION.md").read_text().splitlines()
    table = [re.sub(r"\\(.)", r"\1", line) for line in lines if line.startswith("| ")]
    for name, own in claims.items():
        rows = [line for line in table if line.startswith(f"| {name} |")]
        for claim in own:
            assert (
                sum(f"| {claim.id}: {claim.statement} [{claim.source}] |" in row for row in rows)
                == 1
            )
            assert claim.id in done.stdout
    assert "\nrandom-features, smoke" in done.stdout
    for page in ("REPLICATION.md", "replication.html"):
        assert str(store / page) in done.stdout
        assert (store / page).exists()
    assert not (store / "store.sqlite").exists()  # no cell is run
    assert artifact_folder(load_result(finished.folder)[0], store).is_dir()


# The program.


def test_module_and_installed_command_are_one_program_of_the_package_s_version():
    expected = f"scalinglaws {version('scalinglaws')}\n"
    module = program("--version")
    assert (module.returncode, module.stdout, module.stderr) == (0, expected, "")
    script = Path(sys.executable).with_name("scalinglaws")
    installed = subprocess.run([script, "--version"], capture_output=True, text=True, check=False)
    assert (installed.returncode, installed.stdout) == (0, expected)


COLOR = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-8]|9[0-7])[;m]")


@pytest.mark.usefixtures("undrawn")
def test_no_color_takes_the_colours_from_a_terminal(
    finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    arguments = ("report", NAME, "--from", str(finished.folder), "--store", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    monkeypatch.setenv("TERM", "xterm-256color")
    assert COLOR.search(invoke(*arguments).stdout)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not COLOR.search(invoke(*arguments).stdout)


@pytest.mark.parametrize("command", ["list", "run", "report", "reproduce"])
def test_every_command_takes_seed_and_quiet_and_explains_itself(command: str):
    done = invoke(command, "--help")
    assert (done.exit_code, done.stderr) == (0, "")
    for option in ("--seed", "--quiet"):
        assert option in done.stdout
