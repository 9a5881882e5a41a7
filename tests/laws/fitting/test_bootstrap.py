"""The bootstrap: its spread is that of new tables, whole groups are drawn, draws repeat."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng
from scipy import stats

from scalinglaws.errors import BadInput, UnknownName
from scalinglaws.laws import Power, PowerConstant, fit
from scalinglaws.laws.fitting.bootstrap import WEBB, bootstrap

N = np.repeat(np.geomspace(1e6, 1e9, 12), 3)
TRUTH = Power(A=20.0, alpha=0.1)


def table(seed: int, sigma: float = 0.02, between: float = 0.0) -> dict[str, np.ndarray]:
    """Three seeds of each size; `between` is what all runs of a size share."""
    rng = default_rng(seed)
    group = np.repeat(np.arange(12), 3)
    noise = sigma * rng.standard_normal(len(N)) + between * rng.standard_normal(12)[group]
    return {"N": N, "loss": TRUTH.predict(N) * np.exp(noise), "size": group}


@pytest.mark.parametrize("scheme", ["wild", "pairs"])
def test_the_spread_of_the_draws_is_that_of_new_tables(scheme):
    alphas = [fit(table(seed), "power").params["alpha"].value for seed in range(60)]
    claimed = [
        bootstrap(fit(table(seed), "power"), 200, scheme=scheme, threads=1).stderr["alpha"]
        for seed in range(60)
    ]
    ratio = np.mean(claimed) / np.std(alphas, ddof=1)
    assert ratio == pytest.approx(1, abs=4 / np.sqrt(2 * 59))


def test_runs_that_share_their_noise_are_drawn_together():
    """Groups carry all of the noise: drawn run by run the error is sqrt(3) times too small."""
    alphas = [fit(table(seed, 1e-4, 0.02), "power").params["alpha"].value for seed in range(60)]
    spread = np.std(alphas, ddof=1)
    own, together = (
        np.mean(
            [
                bootstrap(
                    fit(table(seed, 1e-4, 0.02), "power", groups=groups), 200, threads=1
                ).stderr["alpha"]
                for seed in range(30)
            ]
        )
        for groups in (None, "size")
    )
    assert together / spread == pytest.approx(1, abs=4 / np.sqrt(2 * 59))
    assert own / spread < 0.75


def test_draws_are_the_same_for_any_number_of_threads_and_new_for_a_new_seed():
    found = fit(table(0), "power")
    one, two = (bootstrap(found, 600, threads=threads).theta for threads in (1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, bootstrap(found, 600, seed=1).theta)


def test_webb_s_factors_have_mean_zero_and_variance_one():
    assert WEBB.mean() == pytest.approx(0)
    assert (WEBB**2).mean() == pytest.approx(1)


def test_intervals_of_parameters_and_of_the_mean():
    found = fit(table(0), "power")
    drawn = bootstrap(found, 400)
    alpha = drawn.interval("alpha")
    assert alpha.lo < found.params["alpha"].value < alpha.hi
    far, near = drawn.mean(1e13), drawn.mean(3e7)
    assert far.half_width / far.value > 3 * near.half_width / near.value
    with pytest.raises(UnknownName, match="parameter 'alfa'"):
        drawn.values("alfa")


def test_too_few_groups_or_draws_are_refused():
    data = table(0)
    data["size"] = np.arange(len(N)) % 3
    with pytest.raises(BadInput, match="needs 5 independent groups of runs, the table has 3"):
        bootstrap(fit(data, "power", groups="size"))
    with pytest.raises(BadInput, match="2 draws"):
        bootstrap(fit(data, "power"), 1)


def test_with_few_runs_the_arms_are_longer_by_student_s_quantile():
    few = np.geomspace(1e6, 1e9, 6)
    loss = TRUTH.predict(few) * np.exp(0.02 * default_rng(1).standard_normal(6))
    drawn = bootstrap(fit({"N": few, "loss": loss}, "power"), 500)
    lo, hi = np.quantile(drawn.values("alpha"), [0.025, 0.975])
    alpha, longer = drawn.interval("alpha"), stats.t.ppf(0.975, 4) / stats.norm.ppf(0.975)
    assert alpha.hi - alpha.value == pytest.approx(longer * (hi - alpha.value))
    assert alpha.value - alpha.lo == pytest.approx(longer * (alpha.value - lo))


def test_a_fit_at_e_zero_is_not_drawn_as_if_e_were_known_to_be_zero():
    """Held at 0 the bootstrap's alpha covered none of 17 such tables."""
    sizes, held, tables = np.geomspace(1e6, 1e9, 12), 0, 0
    for seed in range(100):
        noise = np.exp(0.03 * default_rng(seed).standard_normal(12))
        found = fit({"N": sizes, "loss": (0.03 + 5 * sizes**-0.2) * noise}, "power+constant")
        if found.params["E"].value > 0:
            continue
        drawn = bootstrap(found, 200, threads=1)
        assert drawn.interval("E").hi > 0
        alpha = drawn.interval("alpha")
        held, tables = held + (alpha.lo <= 0.2 <= alpha.hi), tables + 1
    assert tables >= 5
    assert held / tables > 0.95 - 4 * np.sqrt(0.95 * 0.05 / tables)


def test_what_the_data_do_not_exclude_is_drawn_too():
    rng = default_rng(3)
    sizes = np.geomspace(1e6, 1e9, 12)
    loss = PowerConstant(E=0.3, A=20.0, alpha=0.12).predict(sizes) * np.exp(
        0.02 * rng.normal(size=12)
    )
    found = fit({"N": sizes, "loss": loss})
    assert [one.law.name for one in found.candidates] == ["power", "power+constant"]
    drawn = bootstrap(found, 400, threads=1)
    alone = bootstrap(fit({"N": sizes, "loss": loss}, "power"), 400, threads=1)
    assert drawn.interval("alpha").half_width > 2 * alone.interval("alpha").half_width


def test_losses_other_than_squares_are_drawn_in_pairs_and_a_misspelt_scheme_is_refused():
    squares, robust = (fit(table(0), "power", objective=name) for name in ("lsq", "lad"))
    assert bootstrap(squares, 20).scheme == "wild"
    assert bootstrap(robust, 20).scheme == "pairs"
    with pytest.raises(UnknownName, match="scheme of a bootstrap 'pair'"):
        bootstrap(squares, 20, scheme="pair")  # pyright: ignore[reportArgumentType]
