"""Pages of sources without selectors: captured in the crawl, read in a batch after it, and no contact that they show is lost."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from site_server import Reply, Site, configure, declare, listing, night

from core import settings
from core.store import Store
from core.types import Capture, Provenance
from crawler import article
from crawler.adapters import adapter
from crawler.article import article_text
from crawler.pages import Page, Unread
from crawler.reading import read_unread
from crawler.sources import Source
from evidence.archive import Archive
from text.contacts import find_contacts

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
STORY = "今天一早去河边走了走，水鸟很多，白鹭站在浅滩上一动不动。" * 8
SOURCE = "title: {name}\nkind: html\nstart_urls: ['{url}/']\nlist: {{link: a.t}}\n"
GENERIC = Source("s", "河边", "html", "s", ("http://a.test/",), Path(), hosts=("a.test",))


def page(body: str) -> str:
    return (
        "<html><head><title>白鹭 - 河边</title></head><body><nav><a href='/'>首页</a><a>微信 zq0nav000</a></nav>"
        f"<article><h1>白鹭</h1>{body}</article><footer>版权所有</footer></body></html>"
    )


@pytest.fixture(params=["trafilatura", "resiliparse"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With and without the extra."""
    if request.param == "trafilatura":
        pytest.importorskip("trafilatura")
    else:
        monkeypatch.setattr(article, "trafilatura", lambda: None)
    return str(request.param)


@pytest.mark.usefixtures("reader")
def test_an_article_is_told_from_what_stands_around_it() -> None:
    text = article_text(page(f"<p>{STORY}</p><p>第二段也说水鸟。</p>"))
    assert STORY.strip() in text
    assert "第二段" in text
    assert "首页" not in text


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("aside", "canonical"),
    [
        ("<div class='float-kefu'>加微信：zq0heron0 咨询</div>", "zq0heron0"),
        ("<div class='sidebar'><img src='q.png' alt='微信号 zq0heron0'></div>", "zq0heron0"),
        ("<div id='bar'><a href='tel:13000000000'>一键拨号</a></div>", "13000000000"),
        ("<div class='comment-list'><p>我的QQ：100000001</p></div>", "100000001"),
    ],
)
def test_a_contact_beside_the_article_is_kept_with_its_line(aside: str, canonical: str) -> None:
    found = find_contacts(article_text(page(f"<p>{STORY}</p>") + aside))
    assert canonical in {point.canonical for point in found}


@pytest.mark.usefixtures("reader")
def test_contacts_of_navigation_and_footer_are_the_sites_and_no_part_of_the_article() -> None:
    assert "zq0nav000" not in article_text(page(f"<p>{STORY}</p>"))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "html", ["", "<", "<p>短", "<div>" * 60_000, "<p>a" * 60_000, "<table><tr><td>" * 5_000, "\ud800<p>x", "<!--"],
    ids=["empty", "sign", "short", "nested", "many", "tables", "surrogate", "comment"],
)  # fmt: skip
def test_any_page_is_read_in_time(html: str) -> None:
    begun = time.process_time()
    article_text(html)
    assert time.process_time() - begun < 10


def test_in_the_reactor_such_a_page_is_put_off_and_others_are_not() -> None:
    body = page(f"<p>{STORY}</p>").encode()
    later = Page("http://a.test/riji/7", body, AT, "document", later=True)
    assert list(adapter("html").read(GENERIC, later)) == [Unread("/riji/7")]
    selected = Source("s", "河边", "html", "s", ("http://a.test/",), Path(), document={"text": "article"})
    assert [type(item).__name__ for item in adapter("html").read(selected, later)] == ["Document"]
    each = Source("s", "河边", "html", "s", ("http://a.test/",), Path(), document={"each": "p"})
    assert [item.text for item in adapter("html").read(each, later)] == [STORY]  # type: ignore[union-attr]


def test_a_night_reads_what_it_captured_and_each_page_once(tmp_path: Path) -> None:
    pages: dict[str, Any] = {
        "/": listing("/1", "/2", "/locked"),
        "/1": Reply(page(f"<p>{STORY}</p>")),
        "/2": Reply(gzip.compress(page(f"<p>二{STORY}</p>").encode("gb18030")), headers={"Content-Encoding": "gzip", "Content-Type": "text/html; charset=gbk"}),
        "/locked": Reply(page('<form class="post-password-form">x</form>')),
    }  # fmt: skip
    with Site(pages) as site:
        configure(tmp_path)
        declare(tmp_path, "s", SOURCE.format(name="s", url=site.url))
        first = night(tmp_path)
        second = night(tmp_path)
    assert (first["counts"]["new"], second["counts"]["new"]) == (2, 0)
    with Store.open(tmp_path / "xuncha.db") as store:
        texts = {d.native_id: (d.text, d.capture) for batch in store.documents.unjudged("nobody") for _, _, d in batch}
        assert store.unread.count() == 0
        assert [(refusal.reason, refusal.detail) for refusal in store.refusals.all()] == [
            ("locked", "under a password")
        ]
        captured = {capture.id: capture.url for capture in store.captures.all("s")}
    assert texts["/2"][0].startswith(("白鹭\n二今天", "二今天"))
    assert captured[texts["/1"][1]] == f"{site.url}/1"


class Shelf:
    """A store with captures that wait to be read, as a crawl leaves it that was killed before it read them."""

    def __init__(self, folder: Path, bodies: list[str]) -> None:
        self.settings = settings.load(folder, {})
        self.store = Store.in_memory()
        run = self.store.runs.start("crawl", AT)
        archive = Archive(self.settings.path("archive"), "a", "test")
        for number, body in enumerate(bodies):
            url = f"http://a.test/{number}"
            filed = archive.add(url, AT, "HTTP/1.1 200 OK", [("Content-Type", "text/html")], body.encode())
            capture = Capture(
                filed.id,
                "s",
                url,
                AT,
                200,
                "text/html",
                filed.sha256,
                filed.size,
                filed.warc,
                filed.offset,
                "allowed",
                Provenance.LIVE,
                run,
            )
            self.store.captures.add(capture)
            self.store.unread.add(filed.id, "s", "document", {"parent": "9"})
            self.store.unread.add(filed.id, "s", "document", {})
        archive.close()
        self.warc = archive.path

    def read(self, name: str = "s") -> dict[str, int]:
        return read_unread(self.store, self.settings, {name: GENERIC}, lambda: AT)


def test_what_waits_is_read_by_the_next_crawl_of_its_source(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, [page(f"<p>{number}{STORY}</p>") for number in range(70)])
    assert shelf.read("another") == {"read": 0, "unreadable": 0}
    assert shelf.read() == {"read": 70, "unreadable": 0}
    assert (shelf.store.documents.count(), shelf.store.unread.count()) == (70, 0)
    first = shelf.store.documents.get(1)
    assert first is not None
    assert (first.native_id, first.parent, first.title) == ("/0", "9", "白鹭")
    assert shelf.store.captures.by_source(1)["s"]["new"] == 70


def test_a_damaged_archive_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, [page(f"<p>{number}{STORY}</p>") for number in range(3)])
    content = bytearray(shelf.warc.read_bytes())
    capture = list(shelf.store.captures.all())[1]
    content[capture.offset + 400] ^= 0xFF
    shelf.warc.write_bytes(content)
    counts = shelf.read()
    assert counts["unreadable"] >= 1
    assert counts["read"] >= 1
    assert {refusal.reason for refusal in shelf.store.refusals.all()} == {"damaged archive"}
    assert shelf.store.unread.count() == 0
