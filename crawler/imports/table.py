"""Tables with a header: CSV and TSV, in UTF-8 (with or without a mark) or GB18030."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.imports import Fault

SUFFIXES = (".csv", ".tsv")
MAX_FIELD = 5_000_000
CHUNK = 1_000_000


def by_header(header: Sequence[str], cells: Sequence[str]) -> dict[str, str] | str:
    """A row's cells under their names, or what is wrong with them."""
    if len(cells) != len(header):
        return f"expected {len(header)} cells, found {len(cells)}"
    return {name: cell.rstrip("\t") for name, cell in zip(header, cells, strict=True)}


def rows(
    path: Path, fit: Callable[[Sequence[str], Sequence[str]], Mapping[str, str] | str] = by_header
) -> Iterator[tuple[int, Mapping[str, Any] | Fault]]:
    """(line, row) pairs, in order; ``fit`` puts the cells of a row under the header, or says why it cannot: that is a Fault."""
    csv.field_size_limit(MAX_FIELD)
    with path.open(newline="", encoding=_encoding(path), errors="replace") as stream:
        reader = csv.reader((line.replace("\0", "") for line in stream), delimiter=_delimiter(path))
        header: list[str] = []
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield reader.line_num, Fault(reader.line_num, f"expected CSV: {error}")
                continue
            if not cells:  # an empty line
                continue
            if not header:
                header = [name.strip() for name in cells]
            elif cells != header:  # exports that were appended to repeat their header
                row = fit(header, cells)
                yield reader.line_num, Fault(reader.line_num, row) if isinstance(row, str) else row


def _encoding(path: Path) -> str:
    """UTF-16 by its mark, UTF-8 when the whole file is that (a name far down may be the first Chinese word), else GB18030."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        if stream.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            return "utf-16"
        stream.seek(0)
        try:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def header(path: Path) -> list[str]:
    """The names in the first row that is not empty."""
    csv.field_size_limit(MAX_FIELD)
    with path.open(newline="", encoding=_encoding(path), errors="replace") as stream:
        lines = (line.replace("\0", "") for line in stream)
        try:
            return next(
                ([name.strip() for name in cells] for cells in csv.reader(lines, delimiter=_delimiter(path)) if cells),
                [],
            )
        except csv.Error:
            return []


def _delimiter(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","
