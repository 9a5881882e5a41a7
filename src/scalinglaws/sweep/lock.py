"""One driver per store: an advisory lock that vanishes with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from scalinglaws.errors import StoreHeld


@dataclass(frozen=True)
class Holder:
    """Who holds a store, as written into its lock file."""

    pid: int
    since: str  # ISO 8601, UTC
    command: str


@contextmanager
def held(path: Path) -> Generator[None]:
    """Hold the lock file `path` while the block runs.

    flock, not a file that exists: the kernel frees it however the process ends, so a killed
    driver never blocks the next. The file stays; removing it would race with a third driver.
    Raises StoreHeld at once when another driver has it, OSError when it cannot be written.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreHeld(_who_holds(path, os.pread(file, 4096, 0))) from None
        os.ftruncate(file, 0)
        os.pwrite(file, msgspec.json.encode(_this_process()), 0)
        yield
    finally:
        os.close(file)


def _this_process() -> Holder:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Holder(os.getpid(), now, " ".join(sys.argv)[:200])


def _who_holds(path: Path, content: bytes) -> str:
    try:
        holder = msgspec.json.decode(content, type=Holder)
        who = f"process {holder.pid} since {holder.since} ({holder.command!r:.80})"
    except msgspec.MsgspecError:  # it has the lock but has not written its name yet
        who = "another process"
    return f"{path.parent} is held by {who}\nwait until it ends, stop it, or choose another store"
