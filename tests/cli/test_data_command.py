"""scalinglaws data NAME."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from scalinglaws.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, stdout, stderr)"""
    with pytest.raises(SystemExit) as done:
        main(list(arguments), prog_name="scalinglaws")
    captured = capsys.readouterr()
    return int(done.value.code or 0), captured.out, captured.err


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def urlopen(url: str, timeout: float):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)


def test_digits_need_no_files(capsys: pytest.CaptureFixture[str]):
    code, out, err = run(capsys, "data", "digits", "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert answer["schema_version"] == 1
    assert "1797 images" in answer["title"]
    assert answer["status"] == "ships with scikit-learn"


@pytest.mark.usefixtures("no_network")
def test_absent_files_without_a_network_exit_2_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    code, out, err = run(capsys, "data", "fashion-mnist", "--out", str(tmp_path), "--json")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert str(tmp_path / "fashion_mnist") in err


@pytest.mark.usefixtures("no_network")
def test_a_wrong_file_exits_2_and_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "mnist").mkdir()
    wrong = tmp_path / "mnist" / "t10k-labels-idx1-ubyte"
    wrong.write_bytes(b"\0\0\x08\x01\0\0\0\0")
    code, out, err = run(capsys, "data", "mnist", "--out", str(tmp_path))
    assert (code, out) == (2, "")
    assert str(wrong) in err


def test_an_unknown_name_exits_2_with_the_nearest(capsys: pytest.CaptureFixture[str]):
    code, out, err = run(capsys, "data", "fashion_mnist")
    assert (code, out) == (2, "")
    assert "did you mean 'fashion-mnist'" in err
