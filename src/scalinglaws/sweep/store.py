"""The store: the rows of every finished cell, in one SQLite file per results folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import msgspec

from scalinglaws.errors import StoreError
from scalinglaws.result import Row
from scalinglaws.sweep import database
from scalinglaws.sweep.cell import Cell
from scalinglaws.sweep.lock import held
from scalinglaws.sweep.rows import decode_rows
from scalinglaws.sweep.worker import Done, Failed


@dataclass(frozen=True)
class Failure:
    """Why a cell has no rows; it is tried again by the next run."""

    key: str
    reason: str  # one line
    traceback: str


class Store:
    """Rows of finished cells under `path`, a folder on a local disk (not NFS).

    A context manager. It is the only writer, and refuses a second one at once. A cell's rows
    enter in one transaction that is on the disk when `save` returns, so a killed driver or a
    full disk loses no finished cell.

    readonly: take no lock and change nothing; a store that a driver is writing can be read.

    Raises StoreHeld when another driver holds it; StoreError when the folder cannot be written
    or the file is foreign, damaged or newer, which leaves it as it was.
    """

    def __init__(self, path: Path | str, *, readonly: bool = False):
        self.path = Path(path)
        self.file = self.path / "store.sqlite"
        self.readonly = readonly
        self._open = ExitStack()
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        with database.store_errors(self.path), ExitStack() as stack:
            if self.readonly:
                if not self.file.exists():
                    raise StoreError(f"no store in {self.path}; run an experiment first")
                database.check(self.file)
                self._db = stack.enter_context(database.open_to_read(self.file))
            else:
                self.path.mkdir(parents=True, exist_ok=True)
                stack.enter_context(held(self.path / "lock"))
                if not self.file.exists():
                    database.create(self.file)
                database.check(self.file)
                self._db = database.open_to_write(self.file)
                stack.callback(self._db.close)
            self._open = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._db = None
        self._open.close()

    def rows(self, cells: Sequence[Cell]) -> list[Row]:
        """The stored rows of these cells, sorted by cell key, then in the task's order."""
        found = self._select("SELECT rows FROM cells WHERE {} ORDER BY key", cells)
        with database.store_errors(self.file):
            try:
                return [row for (text,) in found for row in decode_rows(text)]
            except ValueError as error:
                raise sqlite3.DatabaseError(f"rows are damaged ({error})") from None

    def missing(self, cells: Iterable[Cell]) -> list[Cell]:
        """The cells without rows, each once, in the order given. A failed cell is missing."""
        by_key = {cell.key: cell for cell in cells}
        found = self._select("SELECT key FROM cells WHERE {}", by_key.values())
        stored = {key for (key,) in found}
        return [cell for key, cell in by_key.items() if key not in stored]

    def cells_s(self, cells: Iterable[Cell]) -> float:
        """Seconds that the stored ones of these cells took, wherever and whenever they ran."""
        [(total,)] = self._select("SELECT total(wall_s) FROM runs WHERE {}", cells)
        return total

    def hosts(self, cells: Iterable[Cell]) -> int:
        """On how many hosts the stored ones of these cells ran."""
        [(count,)] = self._select("SELECT count(DISTINCT host) FROM runs WHERE {}", cells)
        return count

    def failures(self, cells: Iterable[Cell]) -> list[Failure]:
        """What stopped those of these cells that failed and have not succeeded since."""
        columns = "SELECT key, reason, traceback FROM failures WHERE {} ORDER BY key"
        return [Failure(*found) for found in self._select(columns, cells)]

    def save(self, cell: Cell, done: Done, attempt: int) -> None:
        """Store a finished cell, durably, in one transaction."""
        run = (cell.key, done.wall_s, done.host, attempt, _now())
        with database.store_errors(self.file), self._connection as db:
            db.execute(
                "INSERT INTO cells VALUES (?, ?, ?)", (cell.key, cell.canonical.decode(), done.rows)
            )
            db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?)", run)
            db.execute("DELETE FROM failures WHERE key = ?", (cell.key,))

    def save_failure(self, cell: Cell, failed: Failed, attempt: int) -> None:
        """Record why a cell failed, in place of what stopped it before."""
        row = (cell.key, cell.canonical.decode(), failed.reason, failed.traceback, attempt, _now())
        with database.store_errors(self.file), self._connection as db:
            db.execute("REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?)", row)

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._db is None:
            raise RuntimeError("a Store is used inside its `with` block")
        return self._db

    def _select(self, query: str, cells: Iterable[Cell]) -> list[tuple[Any, ...]]:
        """Rows of a query whose `{}` is the condition that the key is one of these cells'."""
        keys = msgspec.json.encode([cell.key for cell in cells]).decode()
        with database.store_errors(self.file):
            condition = "key IN (SELECT value FROM json_each(?))"
            return self._connection.execute(query.format(condition), (keys,)).fetchall()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
