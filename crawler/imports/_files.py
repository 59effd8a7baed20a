"""The containers that exports come in: JSON lines and arrays, CSV, XLSX and SQLite; rows of any of them, and their columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.store import foreign
from crawler.imports import Fault, jsonl, table, xlsx

SQLITE = (".db", ".sqlite")
Row = tuple[int, Mapping[str, Any] | Fault]
LOOK = 20  # rows that are looked at to learn the columns: the first ones may be broken


def records(
    path: Path, fit: Callable[[Sequence[str], Sequence[str]], Mapping[str, str] | str] = table.by_header
) -> Iterator[Row]:
    """(line, row) pairs of a file by its ending; those of a database are numbered through, table after table."""
    suffix = path.suffix.lower()
    if suffix in table.SUFFIXES:
        yield from table.rows(path, fit)
    elif suffix in xlsx.SUFFIXES:
        yield from xlsx.rows(path)
    elif suffix in SQLITE:
        number = 0
        for name in foreign.tables(path):
            for row in foreign.rows(path, name):
                number += 1
                yield number, row
    else:
        yield from jsonl.rows(path)


def columns(path: Path) -> dict[str, list[str]]:
    """The names of columns by table ('' where the file is one table), as far as the file's beginning shows; none when it cannot be read."""
    try:
        if path.suffix.lower() in SQLITE:
            return foreign.tables(path)
        if path.suffix.lower() in table.SUFFIXES:
            return {"": table.header(path)}
        if path.suffix.lower() in xlsx.SUFFIXES:
            return xlsx.headers(path)
        if path.suffix.lower() in jsonl.SUFFIXES:
            return {"": _keys(path)}
    except (OSError, InputError):
        return {}
    return {}


def _keys(path: Path) -> list[str]:
    """The keys of the first object; of a single object written over several lines, its own."""
    for _, row in islice(jsonl.rows(path), LOOK):
        if not isinstance(row, Fault):
            return list(row)
    if path.suffix.lower() == ".json":
        try:
            found = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            return []
        return list(found) if isinstance(found, dict) else []
    return []
