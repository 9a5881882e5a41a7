"""Work shared among threads."""

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from scalinglaws.dimension.engines.product import _rounds
from scalinglaws.threads import one_product_per_thread, share


@pytest.mark.parametrize("threads", [1, 3])
def test_every_job_is_done_once(threads: int):
    done: list[int] = []
    share(done.append, range(100), threads)
    assert sorted(done) == list(range(100))


def test_jobs_run_side_by_side():
    met = threading.Barrier(2, timeout=10)  # breaks unless two are in it at one time
    share(lambda job: met.wait(), range(2), 2)


@pytest.mark.parametrize("bad", [0, 57])
def test_what_a_job_raises_is_raised_and_ends_the_others(bad: int):
    done: list[int] = []
    before = threading.active_count()

    def work(job: int) -> None:
        if job == bad:
            raise RuntimeError(f"job {job}")
        done.append(job)

    with pytest.raises(RuntimeError, match=f"job {bad}"):
        share(work, range(10**6), 2)
    assert len(done) < 10**6
    assert threading.active_count() == before


def test_products_use_as_many_threads_as_the_caller_allowed_and_get_them_back():
    np.ones((2, 2)) @ np.ones((2, 2))
    with threadpool_limits(2, user_api="blas"):
        with one_product_per_thread() as threads:
            assert {library["num_threads"] for library in threadpool_info()} == {1}
        assert threads == 2
        assert 2 in {library["num_threads"] for library in threadpool_info()}


@pytest.mark.parametrize("players", [1, 2, 7, 10])
def test_in_a_tournament_all_meet_once_and_none_plays_twice_in_a_round(players: int):
    blocks = [slice(i, i + 1) for i in range(players)]
    met: list[frozenset[int]] = []
    for pairs in _rounds(blocks):
        playing = [block.start for pair in pairs for block in pair]
        assert len(set(playing)) == len(playing)
        met += [frozenset(block.start for block in pair) for pair in pairs]
    assert len(met) == len(set(met)) == players * (players - 1) // 2
