"""scalinglaws data NAME: check a data set, fetch it, or say where its files belong."""

from __future__ import annotations

from pathlib import Path

import click

from scalinglaws.cli.options import Known, common_options, json_option, print_json
from scalinglaws.data.images import DIGITS, IMAGE_SETS, load_images


@click.command("data")
@click.argument("name", type=Known("data set", IMAGE_SETS))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to look in and to download to, instead of $SCALINGLAWS_DATA and then "
    "~/.cache/scalinglaws.",
)
@json_option
@common_options
def command(name: str, out: Path | None, as_json: bool, seed: int | None, quiet: bool) -> None:
    """Check the data set NAME, or download it from its own home.

    Every file's checksum is verified. Without a network, the error says where to put the files.
    Nothing is random here: --seed changes nothing.
    """
    answer = _digits() if name == DIGITS else _published(name, out)
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


def _published(name: str, out: Path | None) -> dict[str, object]:
    from scalinglaws.data.fetch import check_or_fetch
    from scalinglaws.data.published import data_roots, published

    data = published(name)
    checked = check_or_fetch(data, data_roots() if out is None else (out,))
    done = "downloaded" if checked.downloaded else "present"
    return {
        "name": data.name,
        "title": data.title,
        "folder": str(checked.folder),
        "files": [
            {"name": path.name, "bytes": path.stat().st_size, "sha256_of_content": file.sha256}
            for path, file in zip(checked.files, data.files, strict=True)
        ],
        "status": f"{done}, every checksum holds",
    }


def _lines(answer: dict[str, object]) -> list[str]:
    """For people: what it is, where it is, whether it is sound."""
    where = f"{answer['folder']}: " if answer["folder"] else ""
    return [str(answer["title"]), f"{where}{answer['status']}"]
