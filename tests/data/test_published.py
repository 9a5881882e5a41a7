"""Published files: found packed or not, and never taken for what they are not."""

import gzip
from pathlib import Path

import pytest

from scalinglaws.data.published import PUBLISHED, Published, data_roots, find, published, read_file
from scalinglaws.errors import BadInput, UnknownName


def test_the_first_folder_that_has_all_files_is_used(root: Path, small: Published, tmp_path: Path):
    empty = tmp_path / "empty"
    paths = find(small, (empty, root))
    assert paths is not None
    assert {path.parent for path in paths} == {root / "small"}
    paths[2].unlink()
    assert find(small, (empty, root)) is None


def test_content_is_read_packed_or_not(root: Path, small: Published, contents: dict[str, bytes]):
    paths = find(small, (root,))
    assert paths is not None
    for path, file in zip(paths, small.files, strict=True):
        assert read_file(path, file) == contents[file.name]


def test_one_changed_byte_is_found(tmp_path: Path, small: Published, contents: dict[str, bytes]):
    file = small.files[0]
    path = tmp_path / file.name
    path.write_bytes(contents[file.name][:-1] + b"\xff")
    with pytest.raises(BadInput, match="not the published train-images"):
        read_file(path, file)


@pytest.mark.parametrize("damage", ["cut", "not gzip", "flipped"])
def test_a_broken_gzip_file_is_named(
    tmp_path: Path, small: Published, contents: dict[str, bytes], damage: str
):
    file = small.files[0]
    packed = gzip.compress(contents[file.name])
    broken = {
        "cut": packed[:-12],
        "not gzip": contents[file.name],
        "flipped": packed[:20] + bytes([packed[20] ^ 0xFF]) + packed[21:],
    }
    path = tmp_path / f"{file.name}.gz"
    path.write_bytes(broken[damage])
    with pytest.raises(BadInput, match=r"train-images-idx3-ubyte\.gz: .*fetch again"):
        read_file(path, file)


def test_a_gzip_bomb_is_unpacked_no_further_than_the_published_size(
    tmp_path: Path, small: Published, monkeypatch: pytest.MonkeyPatch
):
    file = small.files[0]
    path = tmp_path / f"{file.name}.gz"
    path.write_bytes(gzip.compress(bytes(10_000_000)))
    asked: list[int] = []
    read = gzip.GzipFile.read

    def watched(self: gzip.GzipFile, size: int = -1) -> bytes:
        asked.append(size)
        return read(self, size)

    monkeypatch.setattr(gzip.GzipFile, "read", watched)
    with pytest.raises(BadInput, match="not the published"):
        read_file(path, file)
    assert asked == [file.size + 1]


def test_the_named_folder_comes_before_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SCALINGLAWS_DATA", raising=False)
    cache = tmp_path / ".cache" / "scalinglaws"
    assert data_roots() == (cache,)
    monkeypatch.setenv("SCALINGLAWS_DATA", "/named")
    assert data_roots() == (Path("/named"), cache)


def test_every_home_is_https():
    assert all(data.home.startswith("https://") for data in PUBLISHED.values())


def test_an_unknown_set_gets_the_nearest_name():
    with pytest.raises(UnknownName, match="did you mean 'mnist'"):
        published("mnit")
