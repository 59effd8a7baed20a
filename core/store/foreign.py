"""SQLite files of other programs, opened to be read only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlite_utils import Database

from core.errors import InputError


def tables(path: Path) -> dict[str, list[str]]:
    """The tables of a SQLite file with their columns; an unreadable one raises InputError."""
    with closing(_open(path)) as connection:
        try:
            database = Database(connection)
            return {name: [column.name for column in database.table(name).columns] for name in database.table_names()}
        except sqlite3.Error as error:
            raise InputError(f"{path}: expected a SQLite file: {error}") from error


def rows(path: Path, table: str) -> Iterator[dict[str, Any]]:
    """The rows of a table in its own order; text that is not UTF-8 is read with replacement signs.

    Raises:
        InputError: the file is no SQLite database, is damaged, or lacks the table.
    """
    with closing(_open(path)) as connection:
        try:
            yield from Database(connection).table(table).rows
        except sqlite3.Error as error:
            raise InputError(f"{path}: table {table}: expected a readable SQLite table: {error}") from error


def _open(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise InputError(f"{path}: expected a SQLite file: {error}") from error
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection
