"""The tool that executes the documentation finds what is wrong with it."""

from pathlib import Path

import check_readme
import pytest


def page_of(tmp_path: Path, text: str) -> str:
    page = tmp_path / "page.md"
    page.write_text(text)
    return str(page)


def test_commands_are_found_in_order_and_continued_lines_joined(tmp_path: Path):
    text = "```console\n$ echo one \\\n    two\none two\n```\ntext\n```python\nprint(3)\n```\n"
    found = [example.text for example in check_readme.examples(Path(page_of(tmp_path, text)))]
    assert [" ".join(f.split()) for f in found] == ["echo one two", "print(3)"]


@pytest.mark.parametrize(
    ("typed", "run"),
    [
        ("scalinglaws run x --budget full", "scalinglaws run x  --budget smoke"),
        ("scalinglaws run x", "scalinglaws run x --budget smoke"),
        ("scalinglaws report x --from results", "scalinglaws report x --from results"),
        ("scalinglaws fit x.csv", "scalinglaws fit x.csv"),
    ],
)
def test_runs_are_made_at_the_smoke_budget(typed: str, run: str):
    assert check_readme.at_smoke(check_readme.Example("README.md", "console", typed)) == run


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("console\n$ true\n$ make demo\n", 0),
        ("console\n$ false\n", 1),
        ("console\n$ make supper\n", 1),
        ("python\nraise SystemExit(3)\n", 1),
        ("console\n$ echo 1 > made.txt\n```\n```python\nopen('made.txt').close()\n", 0),
    ],
)
def test_a_page_fails_when_one_of_its_examples_does(tmp_path: Path, block: str, code: int):
    assert check_readme.main([page_of(tmp_path, f"```{block}```\n")]) == code
