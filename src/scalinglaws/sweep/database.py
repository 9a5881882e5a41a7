"""The store's SQLite file: made whole, checked before it is touched, read wherever it lies."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from scalinglaws.errors import StoreError

APPLICATION_ID = 0x53434C57  # "SCLW"
SCHEMA_VERSION = 1

# `cells` is what two runs of one sweep must share bit for bit; `runs` is how it came about.
SCHEMA = f"""
CREATE TABLE cells (key TEXT PRIMARY KEY, cell TEXT NOT NULL, rows TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (key TEXT PRIMARY KEY, wall_s REAL NOT NULL, host TEXT NOT NULL,
                   attempt INTEGER NOT NULL, finished TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE failures (key TEXT PRIMARY KEY, cell TEXT NOT NULL, reason TEXT NOT NULL,
                       traceback TEXT NOT NULL, attempt INTEGER NOT NULL,
                       finished TEXT NOT NULL) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
PRAGMA journal_mode = WAL;
"""


@contextmanager
def store_errors(path: Path) -> Generator[None]:
    """Turn what the disk or SQLite refuses into one StoreError about `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}; {_mend(error)}") from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}; {_mend(error)}") from error


def create(path: Path) -> None:
    """Make an empty store file, whole or not at all. The caller holds the store's lock."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    with closing(sqlite3.connect(temporary)) as db:
        db.executescript(SCHEMA)
    os.replace(temporary, path)


def open_to_write(path: Path) -> sqlite3.Connection:
    """Open an existing, checked store file; every commit is on the disk when it returns."""
    db = sqlite3.connect(_uri(path, "rw"), uri=True)
    db.execute("PRAGMA synchronous = FULL")
    return db


@contextmanager
def open_to_read(path: Path) -> Generator[sqlite3.Connection]:
    """Open a checked store file to read, whoever else writes it and wherever it lies.

    A WAL database needs its -shm file, which cannot be made in a read-only folder. SQLite's
    `immutable` would read without it, but skip what a killed driver left in the -wal file: so
    there the two files are copied and the copy is read.
    """
    with tempfile.TemporaryDirectory(prefix="scalinglaws-") as folder:
        try:
            db = sqlite3.connect(_uri(path, "ro"), uri=True)
            db.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            primary = error.sqlite_errorcode & 0xFF  # the higher bits say which kind of it
            if primary not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                raise
            copy = Path(folder) / path.name
            for suffix in ("", "-wal"):
                if (source := path.with_name(path.name + suffix)).exists():
                    shutil.copyfile(source, copy.with_name(copy.name + suffix))
            db = sqlite3.connect(copy)
        with closing(db):
            yield db


def check(path: Path) -> None:
    """Raise StoreError unless `path` is an undamaged store of this version; never change it."""
    with store_errors(path):
        with path.open("rb") as file:
            header = file.read(100)
        if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
            raise StoreError(_not_a_store(path))
        # Big-endian at fixed offsets of the file header (sqlite.org/fileformat2.html, 1.3).
        version, application_id = struct.unpack(">60xi4xi28x", header)
        if application_id != APPLICATION_ID:
            raise StoreError(_not_a_store(path))
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{path} has schema {version}, this version of scalinglaws reads {SCHEMA_VERSION}; "
                "use the version that wrote it or choose another store"
            )
        with open_to_read(path) as db:
            found = [text for (text,) in db.execute("PRAGMA quick_check(1)")]
            if found != ["ok"]:
                raise sqlite3.DatabaseError(f"file is damaged ({found[0]:.80})")


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _not_a_store(path: Path) -> str:
    return (
        f"{path} is not a store of scalinglaws, or is cut short; it was not touched\n"
        "move it away or choose another store"
    )


def _mend(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, sqlite3.Error):
        full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        damaged = type(error) is sqlite3.DatabaseError
    else:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        damaged = False
    if full:
        return "what was stored is kept: free some space and run again"
    if damaged:
        return "it was not touched: restore it from a copy or choose another store"
    return "what was stored is kept: choose a store in a writable folder on a local disk"
