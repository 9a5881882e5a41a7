"""docs/equations.md: every number of the paper, at functions that exist and name it."""

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

import scalinglaws

TEXT = (Path(scalinglaws.__file__).parents[2] / "docs" / "equations.md").read_text()
LINES = re.findall(r"^\| (\S+) \|.*?(?<!\\)\| ((?:`[^`]+`(?:, )?)+) \|", TEXT, re.MULTILINE)
EQUATIONS = {"1": 2, "2": 8, "3": 4, "A": 2, "B": 16}  # the last number of each section
REFERENCE = re.compile(r"`([\w.]+):(\w+)`")
# The equations that the print has wrong: their lines say so, here and in the code.
SLIPS = {"2.8", "A.2", "B.4", "B.5", "B.7", "B.10", "B.14", "B.16"}


def find(module: str, name: str) -> object:
    home: ModuleType = importlib.import_module(f"scalinglaws.{module}")
    return getattr(home, name)


def test_every_number_of_the_paper_has_its_line_in_order():
    expected = [f"{s}.{i}" for s, last in EQUATIONS.items() for i in range(1, last + 1)]
    assert [number for number, _ in LINES] == expected


@pytest.mark.parametrize(("number", "where"), LINES)
def test_the_function_exists_and_names_its_equation(number: str, where: str):
    for module, name in REFERENCE.findall(where):
        source = inspect.getsource(find(module, name))  # type: ignore[arg-type]
        assert re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", source), f"{module}:{name}"


def test_the_functions_named_beside_exist():
    for module, name in REFERENCE.findall(TEXT):
        assert callable(find(module, name))


def test_the_slips_are_marked_here_and_in_the_code():
    marked = {
        line.split()[1]
        for line in TEXT.splitlines()
        if re.match(r"\| [\dAB]\.", line)
        if re.search(r"minus|exponent, for|power k-1", line.rsplit(" | ", 1)[1])
    }
    assert marked == SLIPS
    said = find("theory.nearest", "__name__"), find("theory.manifold", "kl_loss").__doc__
    header = importlib.import_module(str(said[0])).__doc__ or ""
    assert all(number in header for number in SLIPS - {"A.2"})
    assert "A.5 prints a plus" in str(said[1])
