from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.errors import InputError
from core.store import Store
from core.types import Document, Provenance
from crawler.imports import Fault, format_of, formats, import_file

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


class Desk:
    """A workspace that files are imported into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = settings.load(folder, {})
        self.store = Store.in_memory()
        self.run = self.store.runs.start("import", AT)

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def bring(self, name: str, content: str | bytes, **more: Any) -> tuple[dict[str, int], list[Fault]]:
        return import_file(self.store, self.settings, self.file(name, content), "weibo", AT, self.run, **more)

    def documents(self) -> list[Document]:
        return [document for batch in self.store.documents.unjudged("nobody") for _, _, document in batch]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_jsonl_is_read_line_by_line_and_broken_lines_are_told_with_their_number(desk: Desk) -> None:
    good = json.dumps(
        {"id": 7, "text": "看见白鹭", "nickname": "甲", "create_time": 1763600000, "note_url": "https://m.a.test/7"},
        ensure_ascii=False,
    )
    lines = [good, "{broken", "", "[1]", '{"id": 8}', '"text"', '{"id": 9, "text": "\\ud800 一"}', "{" * 5_000]
    counts, faults = desk.bring("x.jsonl", b"\xef\xbb\xbf" + "\n".join(lines).encode())
    assert counts == {"rows": 7, "new": 2, "changed": 0, "known": 0, "faulty": 5}
    assert [fault.line for fault in faults] == [2, 4, 5, 6, 8]
    assert "expected a JSON object" in faults[0].what
    assert "no text: expected one of the columns text, content" in faults[2].what
    first = desk.documents()[0]
    assert (first.native_id, first.text, first.author, first.url, first.platform) == (
        "7",
        "看见白鹭",
        "甲",
        "https://m.a.test/7",
        "weibo",
    )
    assert first.published_at == datetime(2025, 11, 20, 0, 53, 20, tzinfo=UTC)
    assert first.fields == {"line": 1}


def test_bytes_that_are_not_utf_8_spoil_their_own_line_only(desk: Desk) -> None:
    counts, faults = desk.bring("x.jsonl", b'{"text": "\xff"}\n{"text": "ok"}\n')
    assert (counts["new"], [fault.line for fault in faults]) == (1, [1])


def test_a_json_array_is_read_as_well(desk: Desk) -> None:
    counts, faults = desk.bring("x.json", '\ufeff[{"id": 1, "title": "t", "content": "一"}, 2]')
    assert (counts["new"], [fault.line for fault in faults]) == (1, [2])
    assert (desk.documents()[0].title, desk.documents()[0].text) == ("t", "一")


@pytest.mark.parametrize("content", ["[", '[{"text": "x"}', "[" * 100_000])
def test_a_broken_array_is_one_fault(desk: Desk, content: str) -> None:
    counts, faults = desk.bring("x.json", content)
    assert (counts["new"], len(faults)) == (0, 1)


WEIBO = "id,bid,正文,用户昵称,发布时间\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_that_exports_have(desk: Desk, encoding: str) -> None:
    rows = WEIBO + '5000\t,Abc,"看见白鹭，\n还有船",甲,2026-11-06 21:40\r\n'
    counts, faults = desk.bring("x.csv", rows.encode(encoding))
    assert (counts["new"], faults) == (1, [])
    (found,) = desk.documents()
    assert (found.native_id, found.text, found.author) == ("5000", "看见白鹭，\n还有船", "甲")
    assert found.published_at == datetime(2026, 11, 6, 13, 40, tzinfo=UTC)


def test_a_gbk_table_that_begins_with_much_ascii_is_read(desk: Desk) -> None:
    rows = "id,text\n" + "".join(f"{number},{'plain words ' * 1_000}\n" for number in range(100)) + "999,看见白鹭\n"
    desk.bring("x.csv", rows.encode("gb18030"))
    assert desk.documents()[-1].text == "看见白鹭"


def test_a_repeated_header_is_no_row_and_wrong_cell_counts_are_faults(desk: Desk) -> None:
    counts, faults = desk.bring("x.csv", WEIBO + "1,a,一,甲,\r\n" + WEIBO + "2,b,二\r\n3,c,三,丙,,,\r\n4,d,四,丁,\r\n")
    assert counts == {"rows": 4, "new": 2, "changed": 0, "known": 0, "faulty": 2}
    assert [(fault.line, fault.what) for fault in faults] == [
        (4, "expected 5 cells, found 3"),
        (5, "expected 5 cells, found 7"),
    ]


def test_empty_lines_and_nul_bytes_in_a_table_are_passed_over(desk: Desk) -> None:
    counts, faults = desk.bring("x.csv", "id,text\n\n1,a\0b\n\n")
    assert (counts["new"], faults, desk.documents()[0].text) == (1, [], "ab")


def test_a_tsv_is_split_at_tabs(desk: Desk) -> None:
    desk.bring("x.tsv", "id\ttext\n1\ta, b\n")
    assert desk.documents()[0].text == "a, b"


def test_the_same_file_again_brings_nothing_new(desk: Desk) -> None:
    desk.bring("x.jsonl", '{"id": 1, "text": "一"}\n{"text": "ohne id"}\n')
    counts, _ = desk.bring("x.jsonl", '{"id": 1, "text": "一"}\n{"text": "ohne id"}\n')
    assert (counts["new"], counts["known"]) == (0, 2)


def test_an_edited_post_is_changed(desk: Desk) -> None:
    desk.bring("x.jsonl", '{"id": 1, "text": "一"}')
    counts, _ = desk.bring("y.jsonl", '{"id": 1, "text": "一（改）"}')
    assert (counts["new"], counts["changed"]) == (0, 1)


def test_columns_may_be_named(desk: Desk) -> None:
    desk.bring("x.csv", "no,words\n5,一\n", mapping={"text": "words", "id": "no"})
    assert (desk.documents()[0].native_id, desk.documents()[0].text) == ("5", "一")


def test_the_file_is_kept_as_it_came_with_its_digest(desk: Desk) -> None:
    content = b'{"id": 1, "text": "\xe4\xb8\x80"}'
    desk.bring("x.jsonl", content)
    (capture,) = desk.store.captures.all()
    assert capture.sha256 == hashlib.sha256(content).hexdigest()
    assert (desk.folder / "archive" / capture.warc).read_bytes() == content
    assert (capture.provenance, capture.url) == (Provenance.IMPORT, "import:x.jsonl")
    assert desk.documents()[0].capture == capture.id


def test_a_file_that_is_not_there_or_of_no_known_kind_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match=r"expected one of .*\.csv.*found '.pdf'"):
        desk.bring("x.pdf", "")
    with pytest.raises(InputError, match="found 'nonsense'"):
        desk.bring("x.csv", "", format="nonsense")
    with pytest.raises(InputError, match="cannot be read"):
        import_file(desk.store, desk.settings, desk.folder / "none.csv", "weibo", AT, desk.run)


def test_formats_are_found_by_their_modules(tmp_path: Path) -> None:
    assert {"jsonl", "table"} <= set(formats())
    assert format_of(tmp_path / "x.JSONL") is formats()["jsonl"]
    assert format_of(tmp_path / "x.txt", "jsonl") is formats()["jsonl"]
