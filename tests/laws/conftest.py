"""Public tables of runs that the project does not hold: a test that needs one skips, saying so."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def laws_data() -> Callable[[str], Path]:
    """The path of a table below SCALINGLAWS_LAWS_DATA, or below ../shared/data/laws."""
    beside = Path(__file__).parents[2].parent / "shared" / "data" / "laws"
    root = Path(os.environ.get("SCALINGLAWS_LAWS_DATA", beside))

    def find(name: str) -> Path:
        if not (root / name).is_file():
            pytest.skip(f"{name} is absent: set SCALINGLAWS_LAWS_DATA to the folder that holds it")
        return root / name

    return find
