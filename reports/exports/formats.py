"""The formats of an export. Each writes all rows of one kind into one file and says how many, and what a reader must know."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.batches import batches
from core.errors import SettingsError
from reports.cells import Workbook, guarded
from reports.exports.rows import Columns, Row

BATCH = 5_000  # rows of one group of a Parquet file
_WIDTHS = {"text": 20, "time": 22, "whole": 9, "number": 9, "truth": 8}
_WIDE = {
    "text": 70,
    "title": 40,
    "url": 40,
    "reasons": 50,
    "falls_under": 50,
    "contact_points": 30,
    "spans": 40,
    "labels": 40,
    "text_sha256": 30,
    "rater": 28,
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is written: the kind of rows, their columns, when, and whether for machines (``raw``) and with contacts in full (``reveal``)."""

    kind: str
    columns: Columns
    at: datetime
    raw: bool = False
    reveal: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a file has, and in words what differs from them (cells cut off)."""

    rows: int
    notes: tuple[str, ...] = ()


def as_csv(rows: Iterable[Row], path: Path, order: Order) -> Written:
    """CSV (RFC 4180) in UTF-8, every cell quoted. With a byte-order mark and guarded cells; ``raw``: neither, exact values.

    An absent value is an empty cell; truth values are true and false, so that machines read them alike in all languages.
    """
    number = 0
    with path.open("w", encoding="utf-8" if order.raw else "utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(order.columns)
        for row in rows:
            number += 1
            writer.writerow([_cell(row[name], order.raw) for name in order.columns])
    return Written(number)


def _cell(value: Any, raw: bool) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value if raw else guarded(value)
        case _:
            return repr(value)


def as_xlsx(rows: Iterable[Row], path: Path, order: Order) -> Written:
    """XLSX with one table; see ``reports.cells.Workbook``."""
    names = list(order.columns)
    with Workbook(path, order.at, f"xuncha {order.kind}") as book:
        widths = [_WIDE.get(name, _WIDTHS[kind]) for name, kind in order.columns.items()]
        number = book.sheet(order.kind, names, ([row[name] for name in names] for row in rows), widths, order.raw)
    return Written(
        number, (f"{book.cut} texts longer than a cell were cut; JSON lines hold them whole",) if book.cut else ()
    )


def as_jsonl(rows: Iterable[Row], path: Path, _: Order) -> Written:
    """JSON lines in UTF-8: one object a row, exact values, null where absent."""
    number = 0
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for row in rows:
            number += 1
            # a line separator of Unicode inside a text would end the line for some readers
            line = (
                json.dumps(row, ensure_ascii=False)
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029")
                .replace("\x85", "\\u0085")
            )
            stream.write(line + "\n")
    return Written(number)


def as_parquet(rows: Iterable[Row], path: Path, order: Order) -> Written:
    """Parquet (zstd), exact values, columns typed as declared; needs the extra ``parquet``.

    Raises:
        SettingsError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise missing("parquet", "pyarrow") from error
    kinds = {"text": pa.string(), "time": pa.string(), "whole": pa.int64(), "number": pa.float64(), "truth": pa.bool_()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in order.columns.items()])
    number = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches(rows, BATCH):
            writer.write_table(pa.Table.from_pylist(list(batch), schema))
            number += len(batch)
    return Written(number)


def as_stix(rows: Iterable[Row], path: Path, order: Order) -> Written:
    """A STIX 2.1 bundle; see ``reports.exports.stix``; needs the extra ``stix``.

    Raises:
        SettingsError: stix2 is not installed.
    """
    try:
        import stix2  # noqa: F401
    except ImportError as error:
        raise missing("stix", "stix2") from error
    from reports.exports.stix import bundle

    counted = _Counted(rows)
    path.write_text(bundle(counted, order.kind, order.at, order.reveal) + "\n", "utf-8")
    return Written(counted.number)


class _Counted:
    """Rows on their way, and how many went by."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.number += 1
            yield row


def missing(extra: str, package: str) -> SettingsError:
    """The error for a package of an extra that is not there."""
    return SettingsError(f"format {extra}: expected the package {package}, found none; pip install 'xuncha[{extra}]'")


# suffix of the file and its writer
FORMATS: Mapping[str, tuple[str, Callable[[Iterable[Row], Path, Order], Written]]] = {
    "csv": ("csv", as_csv),
    "xlsx": ("xlsx", as_xlsx),
    "jsonl": ("jsonl", as_jsonl),
    "parquet": ("parquet", as_parquet),
    "stix": ("stix.json", as_stix),
}
