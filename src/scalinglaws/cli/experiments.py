"""`list`, `run`, `report` and `reproduce`: experiments from the command line."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scalinglaws import runner
from scalinglaws.cli.options import (
    Assignment,
    Function,
    Known,
    as_mapping,
    budget_option,
    common_options,
    json_option,
    print_json,
)
from scalinglaws.errors import CellsFailed
from scalinglaws.experiments import NAMES, AnyExperiment, get
from scalinglaws.experiments.experiment import workload
from scalinglaws.runner.artifacts import STORE

if TYPE_CHECKING:
    from scalinglaws.result import Claim, Judgement, Result

name_argument = click.argument("name", metavar="NAME", type=Known("experiment", NAMES))
path_type = click.Path(path_type=Path)
store_option = click.option(
    "--store",
    type=path_type,
    default=STORE,
    show_default=True,
    help="Folder that keeps finished cells and artefacts; on a local disk, not NFS.",
)
from_option = click.option(
    "--from", "from_dir", type=path_type, help="Rebuild from a committed ledger; no cell is run."
)
data_option = click.option(
    "--data", type=path_type, help="Folder with real data, instead of SCALINGLAWS_DATA."
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Cells at once, of which one that uses two threads here counts as two; default: one per "
    "core, or per thread of the Dask cluster's workers.",
)


def executor_options(function: Function) -> Function:
    """--executor and --scheduler: where the cells run."""
    executor = click.option(
        "--executor",
        type=Known("executor", ("local", "dask")),
        default="local",
        show_default=True,
        help="Processes of this machine, or a Dask cluster.",
    )
    scheduler = click.option("--scheduler", help="The Dask scheduler, tcp://HOST:PORT.")
    return executor(scheduler(function))


@click.command("list")
@json_option
@common_options
def list_command(as_json: bool, seed: int | None, quiet: bool) -> None:
    """Show the experiments, their claims and what each budget costs."""
    experiments = [get(name) for name in NAMES]
    if as_json:
        print_json({"experiments": [_experiment_json(experiment) for experiment in experiments]})
        return
    for experiment in experiments:
        click.echo(f"{experiment.name}: {experiment.title}")
        click.echo(f"  {experiment.paper}, {experiment.figures}")
        for claim in experiment.claims:
            click.echo(f"  claim {claim.id}: {claim.statement}")
        for budget in experiment.budgets:
            click.echo(f"  --budget {budget}: {experiment.cost[budget]}")


@click.command("run")
@name_argument
@budget_option()
@click.option(
    "--set",
    "settings",
    type=Assignment("FIELD", "VALUE"),
    multiple=True,
    help="Replace a field of the budget's settings; may be repeated.",
)
@store_option
@workers_option
@click.option("--device", help="Where PyTorch computes: cpu, cuda, mps.")
@executor_options
@data_option
@json_option
@common_options
def run_command(
    name: str,
    budget: str,
    settings: Sequence[tuple[str, str]],
    store: Path,
    workers: int | None,
    device: str | None,
    executor: str,
    scheduler: str | None,
    data: Path | None,
    as_json: bool,
    seed: int | None,
    quiet: bool,
) -> None:
    """Run or resume an experiment, print its claims and write its report."""
    try:
        result = runner.run(
            name,
            budget,
            overrides=as_mapping("--set", settings),
            store=store,
            workers=workers,
            device=device,
            executor=executor,
            scheduler=scheduler,
            data=data,
            quiet=quiet,
            seed=seed,
            command=shlex.join(["scalinglaws", *sys.argv[1:]]),
        )
        _show(result, store, as_json)
    except CellsFailed as error:
        if error.result is not None:  # what the other cells gave
            _show(error.result, store, as_json)
        raise


@click.command("report")
@name_argument
@budget_option()
@store_option
@from_option
@common_options
def report_command(
    name: str, budget: str, store: Path, from_dir: Path | None, seed: int | None, quiet: bool
) -> None:
    """Rebuild the report of an experiment from its store or ledger; run no cell."""
    result = runner.report(name, budget=budget, store=store, from_dir=from_dir)
    _show(result, store)


@click.command("reproduce")
@budget_option(default=None)
@store_option
@from_option
@data_option
@workers_option
@executor_options
@common_options
def reproduce_command(
    budget: str | None,
    store: Path,
    from_dir: Path | None,
    data: Path | None,
    workers: int | None,
    executor: str,
    scheduler: str | None,
    seed: int | None,
    quiet: bool,
) -> None:
    """Every experiment, or every committed ledger, in one table and on one page with its figures.

    Without --budget, experiments run at quick, and ledgers are taken at their largest complete one.
    """
    from scalinglaws.report.summary import MARKDOWN, PAGE

    results = runner.reproduce(
        budget=budget,
        store=store,
        from_dir=from_dir,
        data=data,
        workers=workers,
        executor=executor,
        scheduler=scheduler,
        seed=seed,
        quiet=quiet,
    )
    for result in results:
        _print_claims(result)
    for page in (MARKDOWN, PAGE):
        click.echo(store / page)


def _show(result: Result, store: Path, as_json: bool = False) -> None:
    """Claims, where the artefacts are, wall time."""
    folder = runner.artifact_folder(result, store)
    artifacts = [str(folder / artifact) for artifact in result.artifacts]
    if as_json:
        print_json(_run_json(result, artifacts))
        return
    _print_claims(result)
    for note in result.findings.notes:
        click.echo(f"note: {note}")
    for artifact in artifacts:
        click.echo(artifact)
    click.echo(f"{result.rows} rows, {result.provenance.wall_s:.1f} s")


def _print_claims(result: Result) -> None:
    from rich.console import Console

    from scalinglaws.report import claims_table

    Console().print(claims_table(result))


def _run_json(result: Result, artifacts: list[str]) -> dict[str, object]:
    return {
        "experiment": result.experiment,
        "budget": result.budget,
        "claims": [_judgement_json(judgement) for judgement in result.findings.claims],
        "rows": result.rows,
        "artifacts": artifacts,
        "wall_s": result.provenance.wall_s,
    }


def _judgement_json(judgement: Judgement) -> dict[str, object]:
    measured = judgement.measured
    return {
        **_claim_json(judgement.claim),
        "tolerance": judgement.tolerance,
        "measured": measured and measured.value,
        "lo": measured and measured.lo,
        "hi": measured and measured.hi,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
    }


def _claim_json(claim: Claim) -> dict[str, object]:
    """A claim as `list` shows it; its tolerance may be one number or one per budget."""
    return {
        "id": claim.id,
        "statement": claim.statement,
        "source": claim.source,
        "relation": claim.relation,
        "expected": claim.expected,
        "tolerance": claim.tolerance,
    }


def _experiment_json(experiment: AnyExperiment) -> dict[str, object]:
    return {
        "name": experiment.name,
        "title": experiment.title,
        "paper": experiment.paper,
        "figures": experiment.figures,
        "claims": [_claim_json(claim) for claim in experiment.claims],
        "budgets": {
            budget: {
                "cost": experiment.cost[budget],
                "workload": workload(experiment.cells(settings)),
                "settings": settings,
            }
            for budget, settings in experiment.budgets.items()
        },
    }
