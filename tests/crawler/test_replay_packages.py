"""WACZ packages and WET files of others, read; and what a stranger's ZIP may not do."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packages import by_archiveweb, by_browsertrix, by_pywacz, wacz, warc
from test_replay import Desk
from warcio.warcwriter import WARCWriter

from core.errors import InputError
from core.types import Provenance
from crawler import wacz as packages

ARTICLE = f"<html><head><title>别处</title></head><body><article>{'别处的文章。' * 30}</article></body></html>"
FIRST = ("http://other.test/a", "text/html", ARTICLE)
THREAD = ("http://bbs.test/t-1.html", "text/html", "<html><body><h1>白鹭</h1><p class=t>看见白鹭</p></body></html>")
DRAWN = ("http://drawn.test/", "text/html", "<html><body><div id=app></div></body></html>")
PAGES = [
    FIRST,
    THREAD,
    ("http://other.test/frame.html", "text/html", ARTICLE),
    ("http://other.test/data.json", "application/json", '{"a": 1}'),
    DRAWN,
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "workspace").mkdir()
    return Desk(tmp_path / "workspace")


def test_a_package_of_archiveweb_gives_its_pages_and_not_what_they_loaded(desk: Desk, tmp_path: Path) -> None:
    counts, issues = desk.replay(by_archiveweb(tmp_path / "a.wacz", PAGES, FIRST))
    assert issues == []
    assert set(desk.documents()) == {("other.test", "/a"), ("hebian", "1")}
    assert (counts["records"], counts["new"], counts["skipped"]) == (5, 2, 3)
    assert all(capture.provenance is Provenance.ARCHIVE for capture in desk.store.captures.all())


def test_a_package_of_browsertrix_is_read_from_all_its_files_and_both_lists(desk: Desk, tmp_path: Path) -> None:
    deeper = {"url": DRAWN[0], "title": "画出来的", "text": "画出来的\n脚本画的白鹭"}
    counts, issues = desk.replay(by_browsertrix(tmp_path / "b.wacz", PAGES, FIRST, deeper))
    assert issues == []
    found = desk.documents()
    assert set(found) == {("other.test", "/a"), ("hebian", "1"), ("drawn.test", "/")}
    assert counts["records"] == 5  # urn: records are about the crawl
    drawn = found["drawn.test", "/"]  # its HTML has no words; what the browser showed is in the list
    assert (drawn.title, drawn.text) == ("画出来的", "脚本画的白鹭")


def test_a_package_without_a_list_gives_every_html_page(desk: Desk, tmp_path: Path) -> None:
    _, issues = desk.replay(by_pywacz(tmp_path / "c.wacz", PAGES[:4]))
    assert issues == []
    assert set(desk.documents()) == {("other.test", "/a"), ("other.test", "/frame.html"), ("hebian", "1")}


def test_a_package_of_our_own_bundles_is_read(desk: Desk, tmp_path: Path) -> None:
    pytest.importorskip("wacz")
    from wacz.main import main

    (tmp_path / "x.warc.gz").write_bytes(warc(PAGES[:2]))
    assert main(["create", "-o", str(tmp_path / "d.wacz"), str(tmp_path / "x.warc.gz")]) == 0
    _, issues = desk.replay(tmp_path / "d.wacz")
    assert (issues, len(desk.documents())) == ([], 2)


def test_a_replay_again_brings_nothing_new(desk: Desk, tmp_path: Path) -> None:
    path = by_archiveweb(tmp_path / "a.wacz", PAGES, FIRST)
    desk.replay(path)
    counts, _ = desk.replay(path)
    assert (counts["new"], counts["changed"], counts["known"]) == (0, 0, 2)


def test_a_member_that_was_altered_is_told_and_read_all_the_same(desk: Desk, tmp_path: Path) -> None:
    path = wacz(tmp_path / "a.wacz", {"archive/data.warc.gz": warc([FIRST])})
    with zipfile.ZipFile(path) as archive:
        package = archive.read("datapackage.json")
    with zipfile.ZipFile(tmp_path / "altered.wacz", "w") as archive:
        archive.writestr("datapackage.json", package)
        archive.writestr("archive/data.warc.gz", warc([THREAD]))
    counts, issues = desk.replay(tmp_path / "altered.wacz")
    assert counts["new"] == 1
    assert "expected sha256" in issues[0]


@contextmanager
def smaller(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(packages, name, value)
        yield


def test_a_bomb_is_refused_before_it_is_unpacked(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.wacz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.warc.gz", b"\0" * 50_000_000)
    with pytest.raises(InputError, match="no more than 200 times its packed size"):
        desk.replay(tmp_path / "bomb.wacz")
    path = by_archiveweb(tmp_path / "a.wacz", PAGES, FIRST)
    with smaller(monkeypatch, "MAX_MEMBERS", 3), pytest.raises(InputError, match="at most 3 members, found 4"):
        desk.replay(path)
    with smaller(monkeypatch, "MAX_BYTES", 1_000), pytest.raises(InputError, match="at most 1000 bytes unpacked"):
        desk.replay(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"WARC/1.0\r\n", b"\x1f\x8b"])
def test_what_is_no_package_is_refused(desk: Desk, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.wacz").write_bytes(content)
    with pytest.raises(InputError, match="expected a WACZ package"):
        desk.replay(tmp_path / "x.wacz")


def test_a_package_without_an_archive_is_refused_and_a_damaged_member_costs_only_itself(
    desk: Desk, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="expected WARC files in archive/"):
        desk.replay(wacz(tmp_path / "none.wacz", {"archive/readme.txt": b"x"}))
    path = wacz(tmp_path / "two.wacz", {"archive/a.warc.gz": b"not a warc", "archive/b.warc.gz": warc([FIRST])})
    counts, issues = desk.replay(path)
    assert counts["new"] == 1
    assert [issue for issue in issues if "a.warc.gz: expected a WARC file" in issue]


def test_a_member_out_of_its_place_stays_in_the_package(desk: Desk, tmp_path: Path) -> None:
    desk.replay(
        wacz(tmp_path / "a.wacz", {"archive/../../../evil.warc.gz": warc([FIRST]), "archive/b.warc.gz": warc([THREAD])})
    )
    assert not list(tmp_path.parent.rglob("evil*"))


def test_texts_of_a_wet_file_are_documents(desk: Desk, tmp_path: Path) -> None:
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True, warc_version="WARC/1.0")
    writer.write_record(writer.create_warcinfo_record("x.warc.wet.gz", {"software": "others"}))
    for url, text in (
        ("http://wet.test/a?x=1", "白鹭 - 河边\n看见白鹭。\n还有船。\n"),
        ("http://bbs.test/t-9.html", "只有一行"),
        ("dns:wet.test", "x"),
    ):
        record = writer.create_warc_record(url, "conversion", payload=io.BytesIO(text.encode()), warc_content_type="text/plain", warc_headers_dict={"WARC-Date": "2026-11-06T13:40:43Z", "WARC-Identified-Content-Language": "zho"})  # fmt: skip
        writer.write_record(record)
    (tmp_path / "x.warc.wet.gz").write_bytes(stream.getvalue())
    counts, issues = desk.replay(tmp_path / "x.warc.wet.gz")
    assert (counts["new"], issues) == (2, [])
    found = desk.documents()
    first = found["wet.test", "/a?x=1"]
    assert (first.title, first.text, first.site.host, first.site.path) == (
        "白鹭 - 河边",
        "看见白鹭。\n还有船。",
        "wet.test",
        "/a",
    )
    assert found["hebian", "/t-9.html"].text == "只有一行"
    (capture,) = [c for c in desk.store.captures.all() if c.url == "http://wet.test/a?x=1"]
    assert capture.fetched_at == datetime(2026, 11, 6, 13, 40, 43, tzinfo=UTC)


def test_a_record_without_an_id_has_one_all_the_same(desk: Desk, tmp_path: Path) -> None:
    plain = gzip.decompress(warc([FIRST, THREAD]))
    kept = b"\r\n".join(line for line in plain.split(b"\r\n") if not line.startswith(b"WARC-Record-ID"))
    (tmp_path / "x.warc").write_bytes(kept)
    counts, _ = desk.replay(tmp_path / "x.warc")
    assert counts["new"] == 2
    assert len({capture.id for capture in desk.store.captures.all()}) == 2
