from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from core import settings
from core.errors import InputError
from core.store import Store
from core.types import Document, Provenance
from crawler.replay import is_warc, replay
from crawler.sources import Source
from evidence import pixels
from evidence.archive import Archive

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
FORUM = Source(
    "forum", "河边论坛", "html", "hebian", ("http://bbs.test/forum.html",), Path(), hosts=("bbs.test",),
    list={"link": "a.t"}, follow=r"/t-\d+", id_pattern=r"/t-(\d+)", document={"title": "h1", "text": ".t"},
)  # fmt: skip
BLOG = Source("blog", "河边小站", "wordpress", "xiaozhan", ("http://blog.test/",), Path(), hosts=("blog.test",))
PAGES = [
    ("http://bbs.test/forum.html", "text/html", '<html><body><a class="t" href="/t-1.html">一</a></body></html>'),
    ("http://bbs.test/forum.html?page=2", "text/html", '<html><body><a class="t" href="/t-2.html">二</a></body></html>'),
    ("http://bbs.test/t-1.html", "text/html; charset=gbk", "<html><body><h1>白鹭</h1><p class=t>看见白鹭</p></body></html>"),
    ("http://bbs.test/q.png", "image/png", "png"),
    ("http://blog.test/?rest_route=/wp/v2/posts&per_page=100&orderby=date&order=desc&page=1", "application/json",
     json.dumps([{"id": 12, "title": {"rendered": "船"}, "content": {"rendered": "<p>一条船</p>"}, "link": "http://blog.test/chuan/"}])),
    ("http://blog.test/wp-json/wp/v2/comments?page=2", "application/json", json.dumps([{"id": 5, "post": 12, "content": {"rendered": "<p>好</p>"}}])),
    ("http://blog.test/chuan/", "text/html", f"<html><head><title>船</title></head><body><p>{'一条船慢慢走。' * 30}</p></body></html>"),
    ("http://other.test/a", "text/html", f"<html><head><title>别处</title></head><body><article>{'别处的文章。' * 30}</article></body></html>"),
]  # fmt: skip


def by_warcio(path: Path, pages: list[tuple[str, str, str]] = PAGES, gzip: bool = True) -> Path:
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=gzip)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "others"}))
        for url, kind, body in pages:
            head = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
            payload = BytesIO(body.encode("gbk" if "gbk" in kind else "utf-8"))
            writer.write_record(writer.create_warc_record(url, "response", payload=payload, http_headers=head))
    return path


def by_us(folder: Path) -> Path:
    archive = Archive(folder, "ours", "xuncha")
    for url, kind, body in PAGES:
        archive.add(
            url, AT, "HTTP/1.1 200 OK", [("Content-Type", kind)], body.encode("gbk" if "gbk" in kind else "utf-8")
        )
    archive.close()
    return archive.path


class Desk:
    """A workspace that WARC files are replayed into."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings.load(folder, {})
        self.store = Store.in_memory()
        self.run = self.store.runs.start("replay", AT)

    def replay(self, path: Path) -> tuple[dict[str, int], list[str]]:
        return replay(self.store, self.settings, path, {"forum": FORUM, "blog": BLOG}, AT, self.run)

    def documents(self) -> dict[tuple[str, str], Document]:
        found = [document for batch in self.store.documents.unjudged("nobody") for _, _, document in batch]
        return {(document.platform, document.native_id): document for document in found}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "workspace").mkdir()
    return Desk(tmp_path / "workspace")


@pytest.fixture(params=["warcio, gzip", "warcio, plain", "ours"])
def warc(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "ours":
        return by_us(tmp_path)
    return by_warcio(tmp_path / ("x.warc.gz" if "gzip" in request.param else "x.warc"), gzip="gzip" in request.param)


def test_an_archive_is_read_by_the_declared_sources(desk: Desk, warc: Path) -> None:
    counts, issues = desk.replay(warc)
    assert issues == []
    assert counts == {"records": 8, "read": 7, "skipped": 1, "new": 5, "changed": 0, "known": 0}
    found = desk.documents()
    assert set(found) == {
        ("hebian", "1"),
        ("xiaozhan", "12"),
        ("xiaozhan", "comment-5"),
        ("xiaozhan", "/chuan/"),
        ("other.test", "/a"),
    }
    assert (found["hebian", "1"].title, found["hebian", "1"].text) == ("白鹭", "看见白鹭")
    assert found["xiaozhan", "comment-5"].parent == "12"
    assert "别处的文章" in found["other.test", "/a"].text


def test_lists_in_an_archive_are_no_documents(desk: Desk, warc: Path) -> None:
    desk.replay(warc)
    assert not [document for document in desk.documents().values() if "forum.html" in document.url]


def test_captures_of_an_archive_say_that_they_are(desk: Desk, warc: Path) -> None:
    desk.replay(warc)
    captures = list(desk.store.captures.all())
    assert {capture.provenance for capture in captures} == {Provenance.ARCHIVE}
    assert len({capture.warc for capture in captures}) == 1
    assert (desk.settings.path("archive") / captures[0].warc).read_bytes() == warc.read_bytes()
    assert all(document.capture in {capture.id for capture in captures} for document in desk.documents().values())


def test_a_replay_again_brings_nothing_new(desk: Desk, warc: Path) -> None:
    desk.replay(warc)
    counts, _ = desk.replay(warc)
    assert (counts["new"], counts["changed"], counts["known"]) == (0, 0, 5)


def test_a_torn_last_record_costs_only_itself(desk: Desk, warc: Path) -> None:
    whole = warc.read_bytes()
    warc.write_bytes(whole[:-30])
    counts, _ = desk.replay(warc)
    assert counts["records"] in (7, 8)
    assert ("xiaozhan", "12") in desk.documents()


def test_a_record_that_cannot_be_read_is_an_issue_and_the_rest_goes_on(desk: Desk, tmp_path: Path) -> None:
    broken = ("http://blog.test/wp-json/wp/v2/posts?page=9", "application/json", '{"code": "rest_forbidden"}')
    counts, issues = desk.replay(by_warcio(tmp_path / "x.warc.gz", [broken, PAGES[2]]))
    assert (counts["read"], len(issues)) == (1, 1)
    assert "expected a JSON list of posts" in issues[0]


def test_what_is_no_warc_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "x.warc").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"must be named \.wacz"):
        desk.replay(tmp_path / "x.warc")


def test_warc_files_are_known_by_their_names() -> None:
    assert is_warc(Path("A.WARC.GZ"))
    assert is_warc(Path("a.warc"))
    assert not is_warc(Path("a.gz"))


def test_pictures_that_documents_show_are_kept_from_the_same_archive(desk: Desk, tmp_path: Path) -> None:
    shown = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (64).to_bytes(4, "big") * 2 + bytes(60)
    html = "<html><body><h1>帖</h1><p>看图，这里写得长一点，好让正文能被读出来。</p><img src='/a.png'><img src='/b.png'></body></html>"
    path = tmp_path / "x.warc.gz"
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for url, kind, body in (
            ("http://shown.example/a.png", "image/png", shown),
            ("http://shown.example/t/1.html", "text/html", html.encode()),
            ("http://shown.example/b.png", "image/png", b"<svg/>"),
            ("http://shown.example/other.png", "image/png", shown),
        ):
            head = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(url, "response", payload=BytesIO(body), http_headers=head))
    counts, issues = desk.replay(path)
    assert (counts["pictures"], issues) == (1, [])
    [row] = desk.store.pictures.unseen(10)
    capture = desk.store.captures.get(row["capture"])
    assert capture is not None
    assert (capture.url, capture.provenance) == ("http://shown.example/a.png", Provenance.ARCHIVE)
    assert pixels.body(desk.settings.path("archive"), capture, 10_000) == shown
    assert next(desk.store.db.query("SELECT why FROM picture_addresses WHERE sha256 = ''"))["why"].startswith(
        "no picture: expected png"
    )
