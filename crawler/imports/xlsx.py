"""Excel workbooks (Office Open XML): each sheet is a table with a header in its first row. Needs the extra ``xlsx`` (openpyxl)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from core.errors import InputError
from crawler.imports import Fault

SUFFIXES = (".xlsx", ".xlsm")
MAX_BYTES = 2_000_000_000  # of the parts of a workbook, unpacked: more is a bomb


def rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | Fault]]:
    """(row number, row) pairs of all sheets in their order; empty rows are left out, empty cells are ''.

    Raises:
        InputError: openpyxl is not installed, or the file is no workbook.
    """
    with closing(_open(path)) as book:
        for sheet in book.worksheets:
            header: list[str] = []
            for number, cells in enumerate(_values(path, sheet), 1):
                values = [_plain(cell) for cell in cells]
                if not any(value != "" for value in values):
                    continue
                if not header:
                    last = max(
                        place for place, value in enumerate(values) if value != ""
                    )  # as wide as the widest row of the sheet
                    header = [str(value).strip() for value in values[: last + 1]]
                elif any(value != "" for value in values[len(header) :]):
                    yield (
                        number,
                        Fault(number, f"sheet {sheet.title}: expected {len(header)} cells, found {len(values)}"),
                    )
                else:
                    yield number, {name: value for name, value in zip(header, values, strict=False) if name}


def headers(path: Path) -> dict[str, list[str]]:
    """The first row of each sheet by the sheet's name; errors as ``rows``."""
    with closing(_open(path)) as book:
        return {
            sheet.title: [str(_plain(cell)).strip() for cell in next(iter(_values(path, sheet)), ())]
            for sheet in book.worksheets
        }


def _open(path: Path) -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise InputError(
            f"{path}: Excel workbooks need openpyxl; install it by: pip install 'xuncha[xlsx]', or save the file as CSV"
        ) from error
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > MAX_BYTES:
            raise InputError(f"{path}: expected a workbook of at most {MAX_BYTES} bytes unpacked, found {size}")
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, ParseError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: expected an Excel workbook: {error}") from error


def _values(path: Path, sheet: Any) -> Iterator[tuple[Any, ...]]:
    try:
        yield from sheet.iter_rows(values_only=True)
    except (KeyError, ValueError, ParseError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: sheet {sheet.title}: cannot be read: {error}") from error


def _plain(cell: Any) -> Any:
    if cell is None:
        return ""
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat() if isinstance(cell, date) else cell
