"""Tables with a header: CSV and TSV, in UTF-8 (with or without a mark) or GB18030."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.imports import Fault

SUFFIXES = (".csv", ".tsv")
MAX_FIELD = 5_000_000


def rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | Fault]]:
    """(line, row) pairs, in order; a row with another number of cells than the header is a Fault."""
    csv.field_size_limit(MAX_FIELD)
    with path.open(newline="", encoding=_encoding(path), errors="replace") as stream:
        reader = csv.reader((line.replace("\0", "") for line in stream), delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        header: list[str] = []
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield reader.line_num, Fault(reader.line_num, f"expected CSV: {error}")
                continue
            if not header:
                header = [name.strip() for name in cells]
            elif len(cells) != len(header):
                yield reader.line_num, Fault(reader.line_num, f"expected {len(header)} cells, found {len(cells)}")
            elif cells != header:  # exports that were appended to repeat their header
                yield reader.line_num, {name: cell.rstrip("\t") for name, cell in zip(header, cells, strict=True)}


def _encoding(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(200_000)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head[: head.rfind(b"\n") + 1 or len(head)].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
