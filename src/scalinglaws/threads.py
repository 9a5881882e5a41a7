"""Work shared among threads: kernels and matrix products leave Python's lock to others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TypeVar

Job = TypeVar("Job")
_ALONE = threading.RLock()  # the limit is the process's: two searches at once would mix it up


@contextmanager
def one_product_per_thread() -> Generator[int]:
    """How many threads matrix products may use; within, each product uses one.

    Threads of ours then never wait for a product's, which burn time while they idle.
    """
    from threadpoolctl import ThreadpoolController

    with _ALONE:
        libraries = ThreadpoolController().select(user_api="blas")
        threads = max((library["num_threads"] for library in libraries.info()), default=1)
        with libraries.limit(limits=1):
            yield threads


def share(work: Callable[[Job], None], jobs: Iterable[Job], threads: int) -> None:
    """work(job) for every job, on this thread and others; what one raises is raised here."""
    waiting, lock = iter(jobs), threading.Lock()
    raised: list[BaseException] = []

    def run() -> None:
        try:
            while not raised:
                with lock:
                    job = next(waiting, None)
                if job is None:
                    return
                work(job)
        except BaseException as error:  # Ctrl-C among them: the other threads must end too
            raised.append(error)

    others: list[threading.Thread] = []
    try:
        for _ in range(threads - 1):
            others.append(threading.Thread(target=run))
            others[-1].start()
    except BaseException as error:
        raised.append(error)
    run()
    for other in others:
        if other.ident is not None:  # it was started
            other.join()
    if raised:
        raise raised[0]
