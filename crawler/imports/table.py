"""Tables with a header: CSV and TSV, in UTF-8 (with or without a mark) or GB18030."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.imports import Fault

SUFFIXES = (".csv", ".tsv")
MAX_FIELD = 5_000_000
CHUNK = 1_000_000


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
            if not cells:  # an empty line
                continue
            if not header:
                header = [name.strip() for name in cells]
            elif len(cells) != len(header):
                yield reader.line_num, Fault(reader.line_num, f"expected {len(header)} cells, found {len(cells)}")
            elif cells != header:  # exports that were appended to repeat their header
                yield reader.line_num, {name: cell.rstrip("\t") for name, cell in zip(header, cells, strict=True)}


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
