"""The papers of a bundle: what the rules ask for stands in them, and hostile text is only text."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given
from hypothesis import strategies as st
from proving import LEAD, MAKER

from evidence import office, record
from evidence.record import COLUMNS, FIELDS

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077 53de0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082".replace(" ", "")
)  # fmt: skip


def words(content: bytes) -> str:
    paper = Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


def rows(content: bytes) -> list[list[Any]]:
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


def made(text: str = "标题", shots: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """A record with one exhibit whose every value from outside is ``text``."""
    exhibit = {
        "exhibit": "E001", "record_id": "urn:uuid:1", "url": text, "request": text, "entry": text, "time_utc": "2026-11-20T22:30:00Z",
        "time_beijing": "2026-11-21T06:30:00+08:00", "media_type": text, "ip": text, "robots": text, "tool": text, "run": None,
        "sha256": "0" * 64, "size": 7, "in_bundle": "capture.wacz",
    }  # fmt: skip
    item = {"file": "text/1-v1.txt", "title": text, "url": text, "size": 3, "sha256": "1" * 64, "time_beijing": "2026-11-21T06:30:00+08:00", "exhibit": "E001"}  # fmt: skip
    return {
        "lead": {"id": LEAD, "title": text}, "exhibits": [exhibit], "texts": [item], "screenshots": list(shots), "screenshots_missing": [text],
        "made": {"by": text, "software": text, "environment": text, "operator": text, "settings_sha256": "2" * 64,
                 "time_utc": "2026-11-20T22:30:00Z", "time_beijing": "2026-11-21T06:30:00+08:00"},
        "signatures": {"提取人": "", "见证人": "", "持有人（提供人）": ""},
    }  # fmt: skip


def test_the_list_has_category_format_and_check_value_of_every_item(bundle: Path) -> None:
    told = json.loads((bundle / "data/record.json").read_text("utf-8"))
    found = rows((bundle / "data/清单.xlsx").read_bytes())
    start = found.index(list(COLUMNS)) + 1
    items = found[start : start + len(told["exhibits"]) + len(told["texts"])]
    assert [row[6] for row in items] == [item["sha256"] for item in (*told["exhibits"], *told["texts"])]
    assert {row[1] for row in items} == {"电子数据·网页响应", "电子数据·文本"}
    assert any("提取人（签名或者盖章）" in str(row[0]) for row in found)


def test_no_cell_of_the_list_is_a_formula_a_link_or_a_number(bundle: Path) -> None:
    sheet = openpyxl.load_workbook(bundle / "data/清单.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert "=HYPERLINK(1)" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_the_protocol_has_the_fields_that_the_rules_ask_for(bundle: Path) -> None:
    text = words((bundle / "data/提取记录.docx").read_bytes())
    told = json.loads((bundle / "data/record.json").read_text("utf-8"))
    for name in ("案由", "对象", "提取时间", "提取地点", "方法", "过程", "持有人（提供人）", *(FIELDS[name] for name in ("url", "request", "ip", "sha256", "environment"))):  # fmt: skip
        assert name in text
    for one in (*told["exhibits"], *told["texts"]):
        assert one["sha256"] in text
    assert "涉及 falls under：禁止非医学需要的胎儿性别鉴定" in text
    assert "线索，供执法人员参考" in text
    assert MAKER.by in text
    assert "未截图 not taken：screenshots were not asked for" in text


def test_the_protocol_is_set_in_mainland_chinese_and_leaves_room_to_sign() -> None:
    paper = Document(io.BytesIO(office.protocol(made(), {}, [], "SHA256:zq0")))
    assert {lang.get(qn("w:eastAsia")) for lang in paper.styles.element.iter(qn("w:lang"))} == {"zh-CN"}
    assert all(row.height and row.height >= Mm(11.9) for row in paper.tables[-1].rows)


@pytest.mark.parametrize(
    "text", ["=1+1", "\x00\x1b[2J\ufffe", "http://evil.example/", "</w:t><w:p>", "甲" * 5_000, "\u202e\u2066"]
)
def test_hostile_text_is_only_text_in_both_papers(text: str) -> None:
    given_ = made(text)
    shown = office.inventory(given_)
    assert {row.data_type for line in openpyxl.load_workbook(io.BytesIO(shown)).active.iter_rows() for row in line if row.value is not None} == {"s"}  # fmt: skip
    content = office.protocol(given_, {}, [text], "SHA256:x")
    with zipfile.ZipFile(io.BytesIO(content)) as paper:
        assert b"hyperlink" not in paper.read("word/document.xml")
    assert words(content)


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_at_all_can_be_written(text: str) -> None:
    assert rows(office.inventory(made(text)))
    assert words(office.protocol(made(text), {}, [], "SHA256:x"))


def test_pictures_stand_in_the_protocol_and_in_the_list() -> None:
    shot = {"file": "screenshots/E001.png", "exhibit": "E001", "sha256": "3" * 64, "size": 9, "width": 1280, "height": 4000, "cut_below": True,
            "viewport": "1280x900", "chromium": "150.0", "javascript": False, "charset": "gb18030", "served": 1, "missing": 4}  # fmt: skip
    told = made(shots=[shot])
    content = office.protocol(told, {shot["file"]: PIXEL}, [], "SHA256:x")
    assert (
        "下部已截去 cut below；网页声明的编码与内容不符，按 gb18030 显示；存档内资源 1 项，存档中没有的 4 项"
        in words(content)
    )
    assert "Chromium 150.0 在断网状态下自 WARC 渲染，视口 1280x900 像素，JavaScript 关闭" in words(content)
    with zipfile.ZipFile(io.BytesIO(content)) as paper:
        assert [name for name in paper.namelist() if name.startswith("word/media/")]
        assert b'srcRect b="60000"' in paper.read("word/document.xml")
    assert ["屏幕截图", "E001", "screenshots/E001.png"] in [row[1:4] for row in rows(office.inventory(told))]
    assert record.rows_of(told)[-1][6] == "3" * 64


def test_the_same_record_gives_the_same_bytes() -> None:
    assert office.inventory(made()) == office.inventory(made())
    assert office.protocol(made(), {}, [], "x") == office.protocol(made(), {}, [], "x")


@pytest.mark.parametrize("text", ["=1+1", "\u200b=1+1", "\ufeff@SUM(1)", "\u3000＝1", "甲;=1+1", '";=1+1'])
def test_no_cell_of_the_csv_list_is_a_formula_in_a_spreadsheet_that_takes_commas_or_semicolons(text: str) -> None:
    body = record.inventory(made(text)).decode("utf-8-sig")
    for mark in (",", ";"):
        cells = [cell for row in csv.reader(io.StringIO(body), delimiter=mark) for cell in row]
        assert not [cell for cell in cells if re.match(r"[\s\u200b\ufeff]*[=@＝]", cell)]
