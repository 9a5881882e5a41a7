"""One driver per store, and a killed one leaves no lock behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scalinglaws.errors import StoreError, StoreHeld
from scalinglaws.sweep import Store

HOLD = "import sys, time; from scalinglaws.sweep import Store\nwith Store(sys.argv[1]): "


def test_the_second_driver_is_told_at_once_who_holds_the_store(tmp_path: Path):
    program = [sys.executable, "-c", HOLD + "print('held', flush=True); time.sleep(60)"]
    with subprocess.Popen([*program, tmp_path], stdout=subprocess.PIPE) as driver:
        assert driver.stdout is not None
        driver.stdout.readline()
        asked = time.monotonic()
        with pytest.raises(StoreHeld, match=rf"process {driver.pid} since \d{{4}}-") as caught:
            Store(tmp_path).__enter__()
        assert time.monotonic() - asked < 0.5
        assert len(str(caught.value).splitlines()) <= 3
        driver.send_signal(signal.SIGKILL)
    with Store(tmp_path):
        pass


def test_a_store_is_held_within_one_process_too(tmp_path: Path):
    with Store(tmp_path), pytest.raises(StoreHeld, match=str(os.getpid())):
        Store(tmp_path).__enter__()


@pytest.mark.parametrize("content", [b"", b"\x1b[31m\xff", b'{"pid": 1}', b"x" * 10**6])
def test_a_strange_lock_file_does_not_matter(tmp_path: Path, content: bytes):
    (tmp_path / "lock").write_bytes(content)
    with Store(tmp_path):
        (tmp_path / "lock").write_bytes(content)
        with pytest.raises(StoreHeld, match="another process") as caught:
            Store(tmp_path).__enter__()
    assert "\x1b" not in str(caught.value)


def test_a_lock_that_is_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(StoreError):
        Store(tmp_path).__enter__()
