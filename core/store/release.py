"""The SQLite file of a release: its tables, for Datasette and anybody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlite_utils import Database

Table = tuple[Mapping[str, type], str | None, Iterable[Mapping[str, Any]]]


def write_database(path: Path, tables: Mapping[str, Table]) -> None:
    """Write a new SQLite file; takes for each table its columns with their types, its primary key (or None) and its rows."""
    with closing(Database(path)) as database:
        for name, (columns, key, rows) in tables.items():
            table = database.table(name)
            table.create(dict(columns), pk=key)
            table.insert_all(dict(row) for row in rows)
        database.vacuum()
