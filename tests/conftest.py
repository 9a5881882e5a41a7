"""One thread per library: idle threads that spin slow a shared machine more than two help."""

import os

import pytest

for _library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: begun last, one would keep one worker busy after the others."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
