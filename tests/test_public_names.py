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
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    assert rooms - {"cli", "runner"} == set(ROOMS)  # these two are reached by command and by run
    assert set(ROOMS) < set(scalinglaws.__all__)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_lists_its_public_names(room: str):
    """Each name in a room's `__all__` exists, and nothing public stands beside it.

    A room without `__all__` offers nothing itself: its modules are imported by their names.
    """
    module = importlib.import_module(f"scalinglaws.{room}")
    public = getattr(module, "__all__", [])
    assert [name for name in public if not hasattr(module, name)] == []
    own = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__.startswith("scalinglaws")
        and not value.__module__.startswith(("scalinglaws.errors", "scalinglaws.estimate"))
    }
    assert own <= set(public)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=re.escape("no attribute 'twonnn'")):
        scalinglaws.twonnn  # noqa: B018 - reading the attribute is the test


def test_version_is_the_installed_one():
    assert scalinglaws.__version__ == version("scalinglaws")
