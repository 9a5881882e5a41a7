"""scalinglaws data NAME: check a data set, fetch it, or say where its files belong."""

from __future__ import annotations

from pathlib import Path

import click

from scalinglaws.cli.options import Known, common_options, json_option, print_json
from scalinglaws.data.by_hand import Roots, checked_path, verified_path
from scalinglaws.data.checkpoints import SMOLLM2
from scalinglaws.data.cifar import ARCHIVE_SHA256, CIFAR_10, FILES, absent, find_cifar, load_cifar
from scalinglaws.data.images import DIGITS, IMAGE_SETS, load_images
from scalinglaws.data.published import Published
from scalinglaws.data.svhn import FILES as SVHN_FILES
from scalinglaws.data.svhn import SVHN, find_svhn, load_svhn
from scalinglaws.data.svhn import absent as svhn_absent
from scalinglaws.data.text import SOTU
from scalinglaws.errors import BadInput

# These, CIFAR-10 and SVHN are not downloaded. A text may lie packed, a model is opened in place.
BY_HAND = {SMOLLM2.name: (SMOLLM2, verified_path), SOTU.name: (SOTU, checked_path)}
NAMES = (*IMAGE_SETS, CIFAR_10, SVHN, *BY_HAND)


@click.command("data")
@click.argument("name", type=Known("data set", NAMES))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to look in and to download to, instead of $SCALINGLAWS_DATA and then "
    "~/.cache/scalinglaws.",
)
@json_option
@common_options
def command(name: str, out: Path | None, as_json: bool, seed: int | None, quiet: bool) -> None:
    """Check the data set NAME, or download it from its own home, or say where to put it.

    Every file is verified by its checksum; CIFAR-10's, where they are unpacked, by sizes and
    labels. Of cifar-10, svhn, smollm2-135m (a language model) and sotu (English text) nothing is
    downloaded, and without a network nothing at all: the error says where to put the files.
    Nothing is random here: --seed changes nothing.
    """
    roots = None if out is None else (out,)
    if name == DIGITS:
        answer = _digits()
    elif name == CIFAR_10:
        answer = _cifar(roots)
    elif name == SVHN:
        answer = _svhn(roots)
    elif name in BY_HAND:
        data, checked = BY_HAND[name]
        answer = _verified(data, (checked(data, roots),), "present, its checksum holds")
    else:
        answer = _published(name, roots)
    if as_json:
        print_json(answer)
    else:
        click.echo("\n".join(_lines(answer)))


def _digits() -> dict[str, object]:
    n = len(load_images(DIGITS).pixels)
    return {
        "name": DIGITS,
        "title": f"scikit-learn's digits, {n} images of 8 x 8",
        "folder": None,
        "files": [],
        "status": "ships with scikit-learn",
    }


def _published(name: str, roots: Roots) -> dict[str, object]:
    from scalinglaws.data.fetch import check_or_fetch
    from scalinglaws.data.published import data_roots, published

    data = published(name)
    checked = check_or_fetch(data, roots or data_roots())
    done = "downloaded" if checked.downloaded else "present"
    return _verified(data, checked.files, f"{done}, every checksum holds")


def _verified(data: Published, files: tuple[Path, ...], status: str) -> dict[str, object]:
    return {
        "name": data.name,
        "title": data.title,
        "folder": str(files[0].parent),
        "files": [_file(path, file.sha256) for path, file in zip(files, data.files, strict=True)],
        "status": status,
    }


def _cifar(roots: Roots) -> dict[str, object]:
    path = find_cifar(roots)
    if path is None:
        raise BadInput(absent(roots))
    n = len(load_cifar(path).pixels)
    files = [path / name for name in FILES] if path.is_dir() else [path]
    how = "sizes and label counts hold" if path.is_dir() else "its checksum holds"
    return {
        "name": CIFAR_10,
        "title": f"CIFAR-10 (Krizhevsky 2009), {n} images of 3 x 32 x 32",
        "folder": str(files[0].parent),
        "files": [_file(file, None if path.is_dir() else ARCHIVE_SHA256) for file in files],
        "status": f"present, {how}",
    }


def _svhn(roots: Roots) -> dict[str, object]:
    folder = find_svhn(roots)
    if folder is None:
        raise BadInput(svhn_absent(roots))
    n = len(load_svhn(folder).pixels)
    return {
        "name": SVHN,
        "title": f"SVHN, cropped digits (Netzer et al. 2011), {n} images of 3 x 32 x 32",
        "folder": str(folder),
        "files": [_file(folder / file.name, None) for file in SVHN_FILES],
        "status": "present, every MD5 sum holds",
    }


def _file(path: Path, sha256: str | None) -> dict[str, object]:
    return {"name": path.name, "bytes": path.stat().st_size, "sha256_of_content": sha256}


def _lines(answer: dict[str, object]) -> list[str]:
    """For people: what it is, where it is, whether it is sound."""
    where = f"{answer['folder']}: " if answer["folder"] else ""
    return [str(answer["title"]), f"{where}{answer['status']}"]
