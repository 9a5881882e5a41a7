"""What the tests of several commands share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scalinglaws.cli import main

Invoked = Callable[..., tuple[int, str, str]]


@pytest.fixture
def invoked(capsys: pytest.CaptureFixture[str]) -> Invoked:
    """A command in this process: (exit code, stdout, stderr)."""

    def invoked(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main(list(map(str, arguments)), prog_name="scalinglaws")
        captured = capsys.readouterr()
        return int(done.value.code or 0), captured.out, captured.err

    return invoked
