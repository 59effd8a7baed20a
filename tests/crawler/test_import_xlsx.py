from __future__ import annotations

import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.errors import InputError
from core.store import Store
from core.types import Document
from crawler.imports import Fault, format_of, formats, import_file

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def book(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    found = openpyxl.Workbook()
    found.remove(found.active)
    for name, rows in sheets.items():
        sheet = found.create_sheet(name)
        for row in rows:
            sheet.append(row)
    found.save(path)
    return path


def bring(path: Path, **more: Any) -> tuple[list[Document], dict[str, int], list[Fault]]:
    store = Store.in_memory()
    counts, faults = import_file(
        store, settings.load(path.parent, {}), path, "p", AT, store.runs.start("import", AT), **more
    )
    return [document for batch in store.documents.unjudged("nobody") for _, _, document in batch], counts, faults


def test_every_sheet_of_a_workbook_is_a_table(tmp_path: Path) -> None:
    sheets: dict[str, list[list[Any]]] = {
        "一": [
            ["编号", "内容", "发布时间"],
            [7, "看见白鹭", datetime(2026, 11, 11, 12, 0)],
            [None, None, None],
            [8, "还有船", "2026-11-11"],
        ],
        "二": [["id", "text"], [9, "水鸟"], [10, "a", "too many"]],
        "三": [],
    }
    path = book(tmp_path / "x.xlsx", sheets)
    assert format_of(path) is formats()["xlsx"]
    documents, counts, faults = bring(path)
    assert [(item.native_id, item.text) for item in documents] == [("7", "看见白鹭"), ("8", "还有船"), ("9", "水鸟")]
    assert documents[0].published_at == datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
    assert (counts["rows"], [(fault.line, fault.what) for fault in faults]) == (
        4,
        [(3, "sheet 二: expected 2 cells, found 3")],
    )


def test_columns_of_a_workbook_may_be_named(tmp_path: Path) -> None:
    documents, _, _ = bring(
        book(tmp_path / "x.xlsx", {"s": [["nr", "worte"], [5, "一"]]}), mapping={"id": "nr", "text": "worte"}
    )
    assert (documents[0].native_id, documents[0].text) == ("5", "一")


def test_without_openpyxl_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "x.xlsx", {"s": [["id", "text"], [1, "一"]]})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"pip install 'xuncha\[xlsx\]'"):
        bring(path)


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    plain, hollow = tmp_path / "x.xlsx", tmp_path / "y.xlsx"
    plain.write_bytes(b"id,text\n1,a\n")
    with zipfile.ZipFile(hollow, "w") as parts:
        parts.writestr("a.txt", "x")
    for path in (plain, hollow):
        with pytest.raises(InputError, match="expected an Excel workbook"):
            bring(path)
