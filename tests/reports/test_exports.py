from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
import stix2
from hostile import ATTACKS, NOW, RATER, SECRET, hostile

from core.errors import InputError, SettingsError
from core.store import Store
from core.store.rows import clean
from core.types import ContactKind, ContactPoint, Document, Judgement
from reports.cells import CELL, CUT, Workbook, guarded
from reports.exports import formats
from reports.exports.export import export
from reports.exports.formats import FORMATS
from reports.exports.rows import COLUMNS, KINDS, rows
from text.shown import visible

FULL = tuple((kind, format) for kind in KINDS for format in FORMATS)


def written(store: Store, folder: Path, kind: str, format: str, raw: bool = False, reveal: bool = True) -> Path:
    path = folder / f"{kind}{'-raw' if raw else ''}{'' if reveal else '-masked'}.{FORMATS[format][0]}"
    export(store, kind, format, path, NOW, by="zq0", model="stack", raw=raw, reveal=reveal)
    return path


def read(path: Path, kind: str) -> list[dict[str, Any]]:
    """The rows of a file, as its own reader has them; strings where the format knows nothing else."""
    match path.suffixes[-1]:
        case ".csv":
            text = path.read_bytes().decode("utf-8-sig")
            return list(csv.DictReader(io.StringIO(text, newline="")))
        case ".xlsx":
            sheet = openpyxl.load_workbook(path).active
            head, *lines = sheet.iter_rows(values_only=True)  # type: ignore[union-attr]
            return [dict(zip(head, line, strict=True)) for line in lines]
        case ".jsonl":
            return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        case ".parquet":
            return pq.read_table(path).to_pylist()
        case _:
            bundle = json.loads(path.read_text("utf-8"))
            extended = [thing["extensions"] for thing in bundle["objects"] if "extensions" in thing]
            found = [extension["row"] for one in extended for extension in one.values() if "row" in extension]
            return [{name: row.get(name) for name in COLUMNS[kind]} for row in found]


@pytest.fixture(scope="module")
def attacked() -> Iterator[Store]:
    with hostile(*ATTACKS) as store:
        yield store


@pytest.fixture
def pointed(store: Store) -> Store:
    """The nights' store with the contact points of its adverts."""
    for lead in store.leads.queue(50):
        points = [ContactPoint(ContactKind(kind), value, value, 0, 1) for kind, value in lead.contacts]
        for document in lead.documents:
            store.contact_points.add(document, 1, points, flagged=True)
    return store


# -- the same rows everywhere -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "format"), FULL)
def test_machines_read_the_same_rows_in_every_format(pointed: Store, tmp_path: Path, kind: str, format: str) -> None:
    expected = list(rows(pointed, kind, RATER, reveal=True))
    assert expected
    found = read(written(pointed, tmp_path, kind, format, raw=True), kind)
    if format == "csv":
        cells = {True: "true", False: "false", None: ""}
        assert found == [
            {
                name: cells[value] if value is None or value is True or value is False else str(value)
                for name, value in row.items()
            }
            for row in expected
        ]
    else:
        assert found == expected


@pytest.mark.parametrize("kind", KINDS)
def test_any_text_at_all_comes_back_from_the_exact_formats(attacked: Store, tmp_path: Path, kind: str) -> None:
    expected = list(rows(attacked, kind, RATER, reveal=True))
    for format in ("jsonl", "parquet", "stix"):
        assert read(written(attacked, tmp_path, kind, format), kind) == expected, format
    found = read(written(attacked, tmp_path, kind, "csv", raw=True), kind)
    assert [[row[name] for row in found] for name, type in COLUMNS[kind].items() if type == "text"] == [
        [row[name] or "" for row in expected] for name, type in COLUMNS[kind].items() if type == "text"
    ]


# -- nothing lives ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raw", [False, True])
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(attacked: Store, tmp_path: Path, kind: str, raw: bool) -> None:
    path = written(attacked, tmp_path, kind, "xlsx", raw)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]
    with zipfile.ZipFile(path) as parts:
        inside = {name: parts.read(name) for name in parts.namelist()}
    assert all(b"<f>" not in body and b"<f " not in body and b"<hyperlink" not in body for body in inside.values())
    assert not [name for name in inside if "externalLink" in name or "vba" in name or ".." in name]
    if kind == "documents" and not raw:
        values = {str(cell.value) for cell in cells}
        for attack in (attack for attack in ATTACKS if not set(attack) & set("\r\n\t") and len(attack) < CELL):
            assert clean(visible(attack)).replace("\ufffe", "⟨U+FFFE⟩").replace("\uffff", "⟨U+FFFF⟩") in values, attack


@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_of_a_csv_file_starts_a_formula(attacked: Store, tmp_path: Path, kind: str) -> None:
    path = written(attacked, tmp_path, kind, "csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    found = read(path, kind)
    assert len(found) == len(list(rows(attacked, kind, RATER)))
    for row in found:
        assert set(row) == set(COLUMNS[kind])
        for name, value in row.items():
            if COLUMNS[kind][name] == "text":
                assert not value.lstrip(" \u200b\ufeff").startswith(tuple("=+-@\t\r\n＝＋－＠")), (name, value)
    # spreadsheets of other settings: our commas and quotation marks are letters to them, and they begin cells elsewhere
    parts = re.split(r"[;\t\r\n]", path.read_text("utf-8-sig"))
    assert not [part for part in parts if re.match("[ \u200b\ufeff]*[=+\\-@＝＋－＠]", part)]


@pytest.mark.parametrize(("kind", "format"), FULL)
def test_no_field_leads_out_of_the_folder(attacked: Store, tmp_path: Path, kind: str, format: str) -> None:
    inner = tmp_path / "a" / "b"
    path = written(attacked, inner, kind, format)
    assert [entry for entry in tmp_path.rglob("*") if entry.is_file()] == [path]
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_attack_of_a_formula_is_guarded_in_a_cell() -> None:
    for attack in ("=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\u200b=1", "＝1", "\ufeff=1"):
        assert guarded(attack).startswith("'")
    assert guarded("8 weeks - ask") == "8 weeks - ask"


def test_a_text_longer_than_a_cell_is_cut_and_said_so(tmp_path: Path) -> None:
    with hostile("长" * 33_000) as store:
        told = export(store, "documents", "xlsx", tmp_path / "a.xlsx", NOW, by="zq0", model="stack", reveal=True)
        assert "cut" in told["notes"][0]
        longest = max(str(row["text"] or "") for row in read(tmp_path / "a.xlsx", "documents"))
        assert longest.endswith(CUT)
        assert len(longest) < CELL


# -- seekers and contacts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "format"), FULL)
def test_no_word_of_a_seeker_leaves_even_when_contacts_do(tmp_path: Path, kind: str, format: str) -> None:
    with hostile("一条广告") as store:
        told = json.dumps(read(written(store, tmp_path, kind, format, raw=True), kind), ensure_ascii=False)
    for word in (SECRET, "zq0asks", "zq0mama"):
        assert word not in told


def test_of_a_seekers_document_hash_label_and_date_remain() -> None:
    with hostile("一条广告") as store:
        [_, row] = rows(store, "documents", RATER, reveal=True)
    assert row["withheld"] == "seeker"
    assert row["text_sha256"]
    assert (row["label"], row["first_seen"][:10]) == ("seeker", "2026-11-20")
    assert [
        name
        for name in ("title", "text", "author", "url", "native_id", "published_at", "published_raw", "capture")
        if row[name]
    ] == []


def _document(store: Store, label: str, flagged: bool, seeker: float) -> int:
    id, _ = store.documents.add(Document("forum", f"{label}{seeker}", "https://forum.example/t/1", "post", SECRET), NOW)
    store.judgements.add([(id, 1, Judgement(label, flagged, 0.4, RATER, {"seeker": seeker, label: 0.5}))], NOW)
    return id


def test_what_may_be_a_seekers_or_was_never_judged_is_withheld_as_well(empty: Store) -> None:
    _document(empty, "unrelated", False, 0.3)
    empty.documents.add(Document("forum", "new", "https://forum.example/t/2", "post", SECRET), NOW)
    assert [row["withheld"] for row in rows(empty, "documents", RATER)] == ["perhaps a seeker", "not judged"]


def _reply(store: Store, parent: str, title: str = SECRET) -> None:
    id, _ = store.documents.add(
        Document("forum", f"reply to {parent}", "https://forum.example/t/1", "post", "有车接送", title, parent=parent),
        NOW,
    )
    store.judgements.add([(id, 1, Judgement("fetal_sex_test_ad", True, 0.9, RATER))], NOW)


@pytest.mark.parametrize(
    ("label", "why"), [("seeker", "title: seeker"), ("", "title: not judged"), (None, "title: not judged")]
)
def test_the_title_that_a_seeker_gave_her_thread_does_not_leave_with_an_advert_below_it(
    empty: Store, tmp_path: Path, label: str | None, why: str
) -> None:
    if label is not None:
        id, _ = empty.documents.add(
            Document("forum", "1", "https://forum.example/t/1", "post", "几周能去", SECRET), NOW
        )
        empty.documents.add(Document("board", "1", "https://board.example/t/1", "post", "出租", "另一处"), NOW)
        if label:
            empty.judgements.add([(id, 1, Judgement(label, False, 0.0, RATER))], NOW)
    _reply(empty, "1")
    [row] = [row for row in rows(empty, "documents", RATER, reveal=True) if row["flagged"]]
    assert (row["title"], row["text"], row["withheld"]) == ("", "有车接送", why)
    for format in FORMATS:
        told = json.dumps(read(written(empty, tmp_path, "documents", format), "documents"), ensure_ascii=False)
        assert SECRET not in told


def test_the_title_of_an_advert_leaves_with_the_replies_below_it(empty: Store) -> None:
    id, _ = empty.documents.add(Document("forum", "1", "https://forum.example/t/1", "post", "可约", "代办"), NOW)
    empty.judgements.add([(id, 1, Judgement("fetal_sex_test_ad", True, 0.9, RATER))], NOW)
    _reply(empty, "1", "代办")
    assert [(row["title"], row["withheld"]) for row in rows(empty, "documents", RATER)] == [("代办", ""), ("代办", "")]


def test_one_person_who_says_seeker_is_enough(empty: Store) -> None:
    id = _document(empty, "fetal_sex_test_ad", True, 0.0)
    assert next(rows(empty, "documents", RATER))["withheld"] == ""
    empty.judgements.add([(id, 1, Judgement("seeker", False, 0.0, "person:zq0"))], NOW)
    assert next(rows(empty, "documents", RATER))["withheld"] == "seeker"
    assert SECRET not in str(list(rows(empty, "judgements", RATER)))


@pytest.mark.parametrize(("kind", "format"), FULL)
def test_contacts_are_masked_unless_revealed(pointed: Store, tmp_path: Path, kind: str, format: str) -> None:
    masked = json.dumps(read(written(pointed, tmp_path, kind, format, reveal=False), kind), ensure_ascii=False)
    for value in ("zq0yangben88", "13800000017", "zq0gang66", "zq0route", "100000456", "zq0saliva"):
        assert value not in masked
    if kind in ("leads", "contacts"):
        assert "zq0yangben88" in json.dumps(read(written(pointed, tmp_path, kind, format), kind), ensure_ascii=False)


def test_each_export_is_in_the_ledger_with_its_digest(store: Store, tmp_path: Path) -> None:
    told = export(store, "contacts", "jsonl", tmp_path / "a.jsonl", NOW, by="zq0", model="stack", reveal=True)
    [*_, last] = store.ledger.entries()
    payload = json.loads(last["payload"])
    assert (last["actor"], last["action"], last["object"]) == ("zq0", "exported", "contacts")
    assert (payload["contacts"], payload["sha256"], payload["rows"]) == ("in full", told["sha256"], told["rows"])
    assert list(store.ledger.breaks()) == []


# -- what goes wrong --------------------------------------------------------------------------------------------------


def test_wrong_words_are_named_with_the_nearest_right_one(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'leads'"):
        export(store, "lead", "csv", tmp_path / "a", NOW, by="zq0", model="stack")
    with pytest.raises(InputError, match="did you mean 'xlsx'"):
        export(store, "leads", "xls", tmp_path / "a", NOW, by="zq0", model="stack")


def test_nothing_is_written_over_and_a_failure_leaves_neither_file_nor_entry(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(list(store.ledger.entries()))
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(InputError, match="never written over"):
        export(store, "leads", "csv", tmp_path / "a.csv", NOW, by="zq0", model="stack")
    monkeypatch.setitem(formats.FORMATS, "csv", ("csv", lambda *_: 1 / 0))  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        export(store, "leads", "csv", tmp_path / "b.csv", NOW, by="zq0", model="stack")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert len(list(store.ledger.entries())) == before


@pytest.mark.parametrize(("format", "package"), [("parquet", "pyarrow"), ("stix", "stix2")])
def test_a_missing_extra_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, package: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(SettingsError, match=rf"pip install 'xuncha\[{format}\]'"):
        export(store, "leads", format, tmp_path / "a", NOW, by="zq0", model="stack")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_store_gives_files_with_headings_alone(empty: Store, tmp_path: Path, kind: str) -> None:
    for format in FORMATS:
        assert read(written(empty, tmp_path, kind, format), kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_stix_reads_its_own_bundles_and_the_same_rows_give_the_same_bytes(
    store: Store, tmp_path: Path, kind: str
) -> None:
    path = written(store, tmp_path, kind, "stix")
    parsed = stix2.parse(path.read_text("utf-8"))
    assert parsed.type == "bundle"
    assert path.read_bytes() == written(store, tmp_path / "again", kind, "stix").read_bytes()


def test_our_counts_are_numbers_and_what_a_page_said_is_text_however_like_a_number_it_looks(tmp_path: Path) -> None:
    with hostile("13800000017", "00000012", "1E9", "-1", "TRUE", "1000000000000000") as store:
        for kind in KINDS:
            sheet = openpyxl.load_workbook(written(store, tmp_path, kind, "xlsx")).active
            assert sheet is not None
            typed = dict(zip((str(cell.value) for cell in sheet[1]), sheet.iter_cols(min_row=2), strict=True))
            for name, declared in COLUMNS[kind].items():
                found = {cell.data_type for cell in typed[name] if cell.value is not None}
                assert found <= {"n" if declared in ("whole", "number") else "b" if declared == "truth" else "s"}, name
    with Workbook(tmp_path / "long.xlsx", NOW) as book:
        book.sheet("一", ("id",), [(10**15,), (10**15 - 1,)])
    cells = openpyxl.load_workbook(tmp_path / "long.xlsx").active["A"]  # type: ignore[index]
    assert [cell.value for cell in cells[1:]] == ["1000000000000000", 10**15 - 1]
