"""The methods as scikit-learn estimators: the same numbers, and every rule of scikit-learn's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from scalinglaws import dimension
from scalinglaws.dimension import estimators
from scalinglaws.errors import BadInput

Draw = Callable[..., np.ndarray]

# Each with parameters that are not its defaults, and the call it stands for.
PAIRS: list[tuple[Any, Callable[[np.ndarray], dimension.Dimension]]] = [
    (estimators.TwoNN(level=0.9), lambda X: dimension.twonn(X, level=0.9)),
    (estimators.TwoNNLine(0.2, level=0.9), lambda X: dimension.twonn_line(X, 0.2, level=0.9)),
    (estimators.KNNRelation(4, level=0.9), lambda X: dimension.knn(X, 4, level=0.9)),
    (estimators.MLE(7, level=0.9), lambda X: dimension.mle(X, 7, level=0.9)),
    (estimators.MLEHarmonic(7, level=0.9), lambda X: dimension.mle_harmonic(X, 7, level=0.9)),
    (estimators.Gride(4, level=0.9), lambda X: dimension.gride(X, 4, level=0.9)),
    (estimators.CorrInt(3, 9, level=0.9), lambda X: dimension.corrint(X, 3, 9, level=0.9)),
]
CLASSES = estimators.DimensionEstimator.__subclasses__()
each_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def test_every_class_is_compared():
    assert [type(estimator) for estimator, _ in PAIRS] == CLASSES


@each_class
def test_scikit_learns_checks_pass_with_no_failure_declared(kind: type[BaseEstimator]):
    checks = check_estimator(kind(), on_skip=None)
    skipped = {check["check_name"] for check in checks if check["status"] == "skipped"}
    assert skipped <= {"check_array_api_input"}  # of other array libraries, on by an environment
    assert len(checks) > 35


@pytest.mark.parametrize(("estimator", "method"), PAIRS, ids=lambda value: type(value).__name__)
def test_an_estimator_is_its_function(estimator: Any, method: Callable[..., Any], sphere: Draw):
    X = sphere(3, 200, seed=0)
    fitted, found = clone(estimator).fit(X), method(X)
    assert fitted.result_ == found
    assert (fitted.dimension_, fitted.stderr_) == (found.d, found.stderr)
    assert fitted.interval_ == (found.lo, found.hi)
    assert fitted.n_features_in_ == 4


@pytest.mark.parametrize(
    ("estimator", "method"),
    [
        (estimators.TwoNN(), dimension.twonn),
        (estimators.TwoNNLine(), dimension.twonn_line),
        (estimators.KNNRelation(), dimension.knn),
        (estimators.MLE(), dimension.mle),
        (estimators.MLEHarmonic(), dimension.mle_harmonic),
        (estimators.Gride(), dimension.gride),
        (estimators.CorrInt(), dimension.corrint),
    ],
    ids=lambda value: type(value).__name__,
)
def test_defaults_are_the_functions(estimator: Any, method: Callable[..., Any], sphere: Draw):
    X = sphere(3, 200, seed=0)
    assert estimator.fit(X).result_ == method(X)


def test_none_takes_the_neighbours_there_are_and_a_number_is_kept_to(sphere: Draw):
    X = sphere(3, 13, seed=0)
    assert estimators.MLE().fit(X).result_ == dimension.mle(X, 12)
    assert estimators.MLEHarmonic().fit(X).result_ == dimension.mle_harmonic(X, 12)
    assert estimators.Gride().fit(X).result_ == dimension.gride(X, 6)
    assert estimators.CorrInt().fit(X).result_ == dimension.corrint(X, 6, 12)
    for estimator in (estimators.MLE(20), estimators.MLEHarmonic(20), estimators.Gride(10)):
        with pytest.raises(BadInput, match="20 neighbours need at least 21 distinct points"):
            estimator.fit(X)


@each_class
def test_rows_that_are_not_finite_are_named(kind: Any, sphere: Draw):
    X = sphere(3, 50, seed=0)
    X[[3, 17], 1] = np.nan, np.inf
    with pytest.raises(BadInput, match="2 rows: 3, 17"):
        kind().fit(X)


def test_columns_keep_their_names_and_a_pipeline_ends_in_d(sphere: Draw):
    frame = pl.DataFrame(sphere(2, 200, seed=0), schema=["x", "y", "z"])
    named = estimators.TwoNN().fit(frame)
    assert named.feature_names_in_.tolist() == ["x", "y", "z"]
    assert named.result_ == dimension.twonn(frame)
    pipeline = make_pipeline(StandardScaler(), estimators.MLE(k=20)).fit(frame)
    scaled = StandardScaler().fit_transform(frame)
    assert pipeline[-1].result_ == dimension.mle(scaled, 20)
    with pytest.raises(BadInput, match="k >= 4"):
        pipeline.set_params(mle__k=3).fit(frame)
