"""Tables of text, .csv and .tsv.

Read by rows with the standard library, so that every complaint names its row. Large files that
cannot be misread (no quotes) go through polars, five times as fast; what it does not take for
plain numbers is read again by rows.
"""

from __future__ import annotations

import csv
import mmap
from array import array
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from scalinglaws.errors import BadInput
from scalinglaws.files.cells import Labels, texts
from scalinglaws.files.refusal import COUNTED
from scalinglaws.files.table import Table
from scalinglaws.files.tables.growing import Growing
from scalinglaws.files.tables.repeats import repeated

DELIMITERS = {".csv": ",", ".tsv": "\t"}
_LARGE = 1 << 24  # bytes of a file that is worth importing polars for


@contextmanager
def text_rows(path: Path) -> Generator[Iterator[list[str]]]:
    """Rows of a text table; what is wrong with the text comes out as BadInput."""
    delimiter = DELIMITERS[path.suffix.lower()]
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True, strict=True)
        try:
            yield reader
        except UnicodeDecodeError:
            raise BadInput(f"{path}: not UTF-8 text: save the table as UTF-8") from None
        except csv.Error as error:
            raise BadInput(
                f"{path}, line {reader.line_num}: {error}: mend the quotes or cells there"
            ) from None


def text_names(path: Path) -> list[str]:
    """The names in the file's header."""
    with text_rows(path) as rows:
        names = header_of(rows)
    if not any(names):
        raise BadInput(f"{path}: the file has no header: name the columns in its first line")
    return names


def read_text(path: Path, numbers: Collection[str], labels: Collection[str]) -> Table:
    """Columns as numbers and as labels; BadInput names the first cell that is neither."""
    large = path.stat().st_size > _LARGE and not _has_quotes(path)
    table = _read_plain(path, numbers, labels) if large else None
    return table or _read_rows(path, numbers, labels)


def filled_rows(path: Path, rows: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    """The rows that are not blank. Raises BadInput for one that is longer or shorter."""
    for place, row in enumerate(filter(None, rows), start=1):
        if len(row) != width:
            raise BadInput(
                f"{path}, row {place}: {len(row)} cells under a header of {width}: "
                f"give every row as many {COUNTED}"
            )
        yield row


def places(path: Path, header: Sequence[str], names: Collection[str]) -> dict[str, int]:
    """Where each of these columns stands. Raises BadInput for a name that stands twice."""
    for name in names:
        if header.count(name) > 1:
            raise BadInput(f"{path}: {header.count(name)} columns are called {name!r}: rename them")
    return {name: header.index(name) for name in names}


def header_of(rows: Iterator[list[str]]) -> list[str]:
    """The names in the first line that is not blank."""
    return [name.strip() for name in next(filter(None, rows), [])]


def _read_rows(path: Path, numbers: Collection[str], labels: Collection[str]) -> Table:
    hashes = array("q")
    with text_rows(path) as rows:
        header = header_of(rows)
        growing = Growing(path, places(path, header, {*numbers, *labels}), numbers, labels)
        for place, row in enumerate(filled_rows(path, rows, len(header)), start=1):
            growing.add(place, row)
            hashes.append(hash(tuple(row)))
    return growing.table(repeated(np.array(hashes, dtype=np.int64)))


# Large files without quotes: a row is a line, a cell what stands between two delimiters.


def _has_quotes(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b'"') >= 0


def _read_plain(path: Path, numbers: Collection[str], labels: Collection[str]) -> Table | None:
    """The table by polars; None where it does not see plain numbers in every cell asked for."""
    import polars
    from polars.exceptions import PanicException, PolarsError

    header = text_names(path)
    places(path, header, {*numbers, *labels})
    last = polars.col(header[-1])
    cells = [polars.col(name).str.strip_chars().cast(polars.Float64) for name in numbers]
    words = [polars.col(name).alias(f"{name} ") for name in labels]
    try:
        lazy = polars.scan_csv(
            path,
            separator=DELIMITERS[path.suffix.lower()],
            infer_schema=False,
            quote_char=None,
            empty_string_is_null=False,
            with_column_names=lambda _: header,
            glob=False,
        )
        rest = [polars.struct(header).hash().alias(" hash"), (last == "").alias(" short")]
        frame = lazy.select(*cells, *words, *rest).collect(engine="streaming")
        named = {name: _labels(frame[f"{name} "]) for name in labels}
    except (PolarsError, PanicException, BadInput):
        return None
    if frame[" short"].any():  # or a row that lacks its last cells
        return None
    hashes = frame[" hash"].to_numpy().astype(np.int64)
    columns: dict[str, Any] = {name: frame[name].to_numpy() for name in numbers}
    return Table(columns, repeated(hashes), labels=named)


def _labels(column: Any) -> Any:
    known = Labels()
    return texts(map(known.__getitem__, column))
