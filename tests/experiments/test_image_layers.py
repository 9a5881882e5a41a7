"""image-layers: d that falls toward the last hidden layer is told from d that rises."""

from __future__ import annotations

import pytest
from numpy.random import default_rng

from scalinglaws.experiments import get
from scalinglaws.experiments.network_dimension.measures import METHODS
from scalinglaws.experiments.network_dimension.settings import IMAGE_BUDGETS
from scalinglaws.result import Budget, Findings, Row, Verdict

SETTINGS = IMAGE_BUDGETS[Budget.QUICK]
FALLING = {"inputs": 15.0, "pool1": 12.0, "pool2": 11.0, "dense": 9.0, "output": 7.0}


def rows(
    d: dict[str, float], *, epochs: int = SETTINGS.epochs, dataset: str = "fashion-mnist"
) -> list[Row]:
    """Five networks with d by layer as given, and some noise."""
    rng = default_rng(0)
    made: list[Row] = []
    for trial in range(5):
        common: Row = {"network": dataset, "trial": trial, "epochs": epochs}
        made.append({"kind": "network", **common, "N": 6402, "L": 0.4, "accuracy": 0.86})
        for depth, (name, value) in enumerate(d.items()):
            for relu in (False, True) if name in ("pool1", "pool2", "dense") else (False,):
                layer = {"pool1": "relu1", "pool2": "relu2", "dense": "relu_dense"}
                named: Row = {"layer": layer[name] if relu else name, "depth": depth, "relu": relu}
                for group in ("all",) if relu else ("all", "one class", "all classes"):
                    row: Row = {"kind": "layer", **named, "group": group, "n": 5000}
                    row["distinct"] = 5000
                    for method in METHODS:
                        row[f"d_{method}"] = value + 0.1 * rng.standard_normal()
                        row[f"d_{method}_stderr"] = 0.1
                    made.append({**row, **common})
    return made


def found(given: list[Row]) -> Findings:
    return get("image-layers").analyse(given, SETTINGS, Budget.QUICK)


@pytest.mark.parametrize(
    ("d", "verdict"),
    [
        (FALLING, Verdict.AGREES),
        (FALLING | {"dense": 12.0}, Verdict.DIFFERS),
        (FALLING | {"pool2": 8.0}, Verdict.DIFFERS),  # below the first layer, yet risen again
        (FALLING | {"pool2": 9.0}, Verdict.INCONCLUSIVE),
        (FALLING | {"output": 20.0}, Verdict.AGREES),  # not a hidden layer
        (FALLING | {"inputs": 1.0}, Verdict.AGREES),  # not one of the network's
    ],
)
def test_only_a_rise_among_hidden_layers_counts(d: dict[str, float], verdict: Verdict):
    fashion, cifar = found(rows(d)).claims
    assert fashion.verdict is verdict
    assert cifar.verdict is Verdict.SKIPPED
    assert "cifar-10-binary.tar.gz" in cifar.reason


def test_cifar_is_judged_where_it_was_measured():
    settings = IMAGE_BUDGETS[Budget.FULL]
    given = rows(FALLING, epochs=settings.epochs, dataset="cifar-10")
    claims = get("image-layers").analyse(given, settings, Budget.FULL).claims
    assert [judged.verdict for judged in claims] == [Verdict.SKIPPED, Verdict.AGREES]


def test_untrained_networks_are_beside_the_trained_and_sway_no_claim():
    given = rows(FALLING) + rows(FALLING | {"dense": 14.0}, epochs=0)
    findings = found(given)
    assert findings.claims[0].verdict is Verdict.AGREES
    assert "does not surely fall" in findings.notes[-1]
    by_layer, by_class = findings.figures
    (panel,) = by_layer.panels
    trained, after, untrained = panel.series
    assert trained.x == (0, 1, 2, 3, 4)
    assert after.x == (1, 2, 3)
    assert trained.y[3] == pytest.approx(9.0, abs=0.2)
    assert untrained.y[3] == pytest.approx(14.0, abs=0.2)
    assert [series.label for series in by_class.panels[0].series] == [
        "within one class",
        "over all classes, equal $n$",
        "over all classes, about equal density",
    ]


def test_no_rows_at_all_are_no_error():
    assert {judged.verdict for judged in found([]).claims} == {Verdict.SKIPPED}
