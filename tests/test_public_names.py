"""`__all__` of the package and of each room is exactly what a user can import."""

import importlib
import inspect
import re
from importlib.metadata import version
from pathlib import Path

import pytest

import scalinglaws

ROOMS = ["data", "dimension", "experiments", "files", "laws", "learn", "percolation", "report"]
ROOMS += ["sweep", "theory"]


def test_every_public_name_can_be_imported():
    missing = [name for name in scalinglaws.__all__ if not hasattr(scalinglaws, name)]
    assert missing == []
    assert dir(scalinglaws) == sorted(scalinglaws.__all__)


def test_every_room_is_public():
    package = Path(scalinglaws.__file__).parent
    rooms = {path.parent.name for path in package.glob("*/__init__.py")} - {"cli"}
    assert rooms == set(ROOMS)
    assert rooms < set(scalinglaws.__all__)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_lists_its_public_names(room: str):
    """Each room has an `__all__`, each name in it exists, and no public function is left out."""
    module = importlib.import_module(f"scalinglaws.{room}")
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    own = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__.startswith("scalinglaws")
        and not value.__module__.startswith(("scalinglaws.errors", "scalinglaws.estimate"))
    }
    assert own <= set(module.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=re.escape("no attribute 'twonnn'")):
        scalinglaws.twonnn  # noqa: B018 - reading the attribute is the test


def test_version_is_the_installed_one():
    assert scalinglaws.__version__ == version("scalinglaws")
