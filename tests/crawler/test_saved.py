"""Pages saved by hand, as Chrome, Firefox and SingleFile write them, and as MHTML."""

from __future__ import annotations

import quopri
from datetime import UTC, datetime
from pathlib import Path

import pytest
from import_desk import AT, Desk

from core.errors import InputError
from core.types import Provenance
from crawler.saved import import_saved, pages_in, read_saved
from crawler.sources import Source

FORUM = Source(
    "forum", "河边论坛", "html", "hebian", ("http://bbs.test/forum.html",), Path(), hosts=("bbs.test",),
    list={"link": "a.t"}, follow=r"/t-\d+", id_pattern=r"/t-(\d+)", document={"title": "h1", "text": ".t", "published": "em"},
)  # fmt: skip
BODY = "<h1>白鹭</h1><em>3小时前</em><p class=t>看见白鹭</p>"
URL = "http://bbs.test/t-7.html"
CHROME = f"<!DOCTYPE html>\n<!-- saved from url=(0024){URL} -->\n<html><head></head><body>{BODY}</body></html>"
SINGLE = f"<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: {URL} \n saved date: Fri Nov 06 2026 21:40:43 GMT+0800 (中国标准时间)\n--><body>{BODY}</body></html>"
FIREFOX = f'<html><head><link rel="canonical" href="{URL}"></head><body>{BODY}</body></html>'
MHTML = (
    f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {URL}\r\nSubject: =?utf-8?B?55m96bmt?=\r\nDate: Fri, 6 Nov 2026 21:40:43 +0800\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="----b"\r\n\r\n------b\r\nContent-Type: text/html\r\n'
    f"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: {URL}\r\n\r\n"
    + quopri.encodestring(f"<html><head><meta charset=utf-8></head><body>{BODY}</body></html>".encode()).decode().replace("\n", "\r\n")
    + "\r\n------b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Location: http://bbs.test/a.png\r\n\r\nAAAA\r\n------b--\r\n"
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def bring(desk: Desk, name: str, content: str | bytes, platform: str = "") -> tuple[dict[str, int], list[str]]:
    path = desk.folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return import_saved(desk.store, desk.settings, path, {"forum": FORUM}, platform, AT, desk.run)


@pytest.mark.parametrize(
    ("name", "content", "at"),
    [
        ("白鹭.html", CHROME, AT), ("gbk.htm", CHROME.replace("<head>", "<head><meta charset=gbk>").encode("gb18030"), AT), ("f.html", FIREFOX, AT),
        ("s.html", SINGLE, datetime(2026, 11, 6, 13, 40, 43, tzinfo=UTC)), ("m.mhtml", MHTML, datetime(2026, 11, 6, 13, 40, 43, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_saved_page_is_read_by_the_source_of_its_host_as_of_when_it_was_saved(
    desk: Desk, name: str, content: str | bytes, at: datetime
) -> None:
    counts, issues = bring(desk, name, content)
    assert (counts["new"], issues) == (1, [])
    (found,) = desk.documents()
    assert (found.platform, found.native_id, found.title, found.text, found.url) == (
        "hebian",
        "7",
        "白鹭",
        "看见白鹭",
        URL,
    )
    assert found.published_at == at.replace(hour=at.hour - 3)
    (capture,) = desk.store.captures.all()
    assert (capture.provenance, capture.url, capture.fetched_at) == (Provenance.IMPORT, URL, at)
    kept = desk.settings.path("archive") / capture.warc
    assert kept.read_bytes() == (desk.folder / name).read_bytes()


def test_a_page_that_tells_no_address_is_kept_under_its_digest_and_the_platform_named(desk: Desk) -> None:
    counts, issues = bring(
        desk,
        "x.html",
        f"<html><head><title>白鹭</title></head><body><article>{'看见白鹭。' * 40}</article></body></html>",
        "wechat",
    )
    assert (counts["new"], issues) == (1, [])
    (found,) = desk.documents()
    assert (found.platform, found.title) == ("wechat", "白鹭")
    (capture,) = desk.store.captures.all()
    assert capture.url == "import:x.html"
    counts, _ = bring(desk, "y.html", (desk.folder / "x.html").read_bytes(), "wechat")
    assert counts["known"] == 1


def test_a_list_holds_no_document_and_that_is_told(desk: Desk) -> None:
    counts, issues = bring(desk, "list.html", CHROME.replace("t-7.html", "forum.html"))
    assert (counts["new"], counts["faulty"]) == (0, 1)
    assert "no document in this page (list of forum)" in issues[0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.mht", b"", "with an HTML part"),
        ("a.mht", b"Content-Type: text/plain\r\n\r\nx", "with an HTML part"),
        ("a.mhtml", b"\xff\x00" * 100, "with an HTML part"),
    ],
)
def test_what_is_no_saved_page_is_refused(desk: Desk, name: str, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        bring(desk, name, content)
    with pytest.raises(InputError, match="cannot be read"):
        read_saved(desk.folder / "none.html")


@pytest.mark.parametrize("address", ["file:///C:/x.html", "javascript:x", "about:internet", "http://" + "a" * 3_000])
def test_only_web_addresses_are_believed(tmp_path: Path, address: str) -> None:
    (tmp_path / "x.html").write_text(f"<!-- saved from url=(0014){address} --><p>x", "utf-8")
    assert read_saved(tmp_path / "x.html").url == ""


def test_a_folder_gives_its_pages_and_not_their_parts(tmp_path: Path) -> None:
    for name in ("白鹭.html", "白鹭_files/frame.html", "deep/船.mhtml", "deep/船.files/a.htm", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [path.name for path in pages_in(tmp_path)] == ["船.mhtml", "白鹭.html"]
