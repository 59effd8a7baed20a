"""The demo's websites, crawled by the real spiders (in a process of their own: Scrapy's reactor runs once in a process)."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from core.labels import labels
from core.plugins import ROOT
from core.store import Store
from core.types import Document
from leads.likeness import components
from leads.networks import MIN_CONFIDENCE, contacts_of, networks
from text import minhash
from text.contacts import find_contacts
from text.shingles import bare
from xuncha.demo.pages import SITES
from xuncha.demo.server import Served, serve, write_sources

pytestmark = pytest.mark.xdist_group("demo")
TRUTH = yaml.safe_load((SITES.parent / "truth.yml").read_text("utf-8"))
NIGHT = """
import json, sys
from pathlib import Path
from core import settings
from core.store import Store
from crawler import run, sources
workspace, names = Path(sys.argv[1]), sys.argv[2:]
chosen = settings.load(workspace, {}).replace(
    contact="https://xuncha.example/bot", allow_addresses=["127.0.0.1"], delay_seconds=0.02, page_deadline_seconds=3.0)
found = sources.discover(chosen.path("sources"))
with Store.open(chosen.path("database")) as store:
    done = run.crawl(store, chosen, {name: found[name] for name in names}, "0.1")
print(json.dumps({"state": done.state, "counts": dict(done.counts), "issues": list(done.issues)}))
"""


@dataclass
class Nights:
    """The first night over all sites, and a second one over the friendly sites."""

    served: Served
    first_asked: dict[str, list[str]]
    first: dict[str, Any]
    second: dict[str, Any]
    store: Store

    def documents(self) -> dict[tuple[str, str], Document]:
        rows = self.store.db.query("SELECT id, platform, native_id FROM documents")
        return {(row["platform"], row["native_id"]): self.store.documents.get(row["id"]) for row in rows}


def night(workspace: Path, *names: str) -> dict[str, Any]:
    command = [sys.executable, "-c", NIGHT, str(workspace), *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "", "a crawl has nothing to say that is not in its ledger"
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    workspace = tmp_path_factory.mktemp("demo")
    with serve() as served:
        write_sources(workspace / "sources", served)
        first = night(workspace, *(path.name for path in (workspace / "sources").iterdir()))
        asked = {site: list(paths) for site, paths in served.asked.items()}
        second = night(workspace, "forum", "board", "blog", "blog-pages", "news", "gbk")
        with Store.open(workspace / "xuncha.db") as store:
            yield Nights(served, asked, first, second, store)


def labelled() -> dict[tuple[str, str], str]:
    return {(platform, id): label for platform, those in TRUTH["documents"].items() for id, label in those.items()}


def pictured() -> dict[tuple[str, str], str]:
    return {(platform, id): label for platform, those in TRUTH["pictured"].items() for id, label in those.items()}


def flagged() -> set[tuple[str, str]]:
    return {key for key, label in labelled().items() if labels()[label].flagged}


def test_the_truth_uses_known_labels_all_of_them_and_about_one_document_in_four_is_flagged() -> None:
    assert set(labelled().values()) == set(labels())
    assert 60 <= len(labelled()) <= 80
    assert 0.2 < len(flagged()) / len(labelled()) < 0.33


def test_each_document_is_stored_once_and_nothing_else_is(nights: Nights) -> None:
    assert set(nights.documents()) == set(labelled()) | set(pictured())
    assert nights.first["counts"]["new"] == len(labelled()) + len(pictured())
    assert nights.first["counts"]["changed"] == 0


def test_an_article_that_feed_and_sitemap_both_hold_is_one_document(nights: Nights) -> None:
    held = nights.documents()
    assert held["demo-blog", "612"].source == "blog"
    assert held["demo-blog", "605"].source == "blog-pages"
    assert nights.first["counts"]["blog-pages/fetched"] == 9


def test_hostile_pages_do_not_end_the_run(nights: Nights) -> None:
    assert nights.first["state"] == "finished"
    assert nights.first["issues"] == []


def test_what_was_refused_is_in_the_ledger_with_its_reason_and_nothing_else_is(nights: Nights) -> None:
    by_port = {urlsplit(base).netloc: site for site, base in nights.served.items()}
    found: dict[str, dict[str, str]] = {}
    for refusal in nights.store.refusals.all(run=1):
        parts = urlsplit(refusal.url)
        found.setdefault(by_port[parts.netloc], {})[parts.path] = refusal.reason
    assert found == TRUTH["refused"]


def test_what_robots_txt_forbids_is_never_asked_for(nights: Nights) -> None:
    assert "/private/thread-4190-1-1.html" not in nights.served.asked["forum"]
    assert nights.served.asked["forum"][0] == "/robots.txt"


def test_a_site_whose_robots_txt_is_unreachable_is_asked_for_nothing_else(nights: Nights) -> None:
    assert nights.served.asked["down"] == ["/robots.txt"]


def test_a_wall_ends_the_visit(nights: Nights) -> None:
    assert nights.served.asked["walled"] == ["/robots.txt", "/", "/topic/51"]
    assert nights.served.asked["barred"] == ["/robots.txt", "/"]


def test_nothing_is_fetched_from_anywhere_but_the_sites(nights: Nights) -> None:
    hosts = {urlsplit(base).netloc for base in nights.served.values()}
    assert {urlsplit(capture.url).netloc for capture in nights.store.captures.all()} == hosts


def test_gbk_that_calls_itself_utf_8_comes_out_right(nights: Nights) -> None:
    pages = yaml.safe_load((SITES / "gbk" / "content.yml").read_text("utf-8"))["pages"]
    held = {
        document.title: document for (platform, _), document in nights.documents().items() if platform == "demo-gbk"
    }
    written = {page["title"]: page for page in pages if "text" in page}
    assert {title: document.text for title, document in held.items()} == {
        title: page["text"] for title, page in written.items()
    }
    assert {title: document.author for title, document in held.items()} == {
        title: page["author"] for title, page in written.items()
    }
    assert {document.site.footer for document in held.values()} == {"东坪生活论坛精华区 建于2004年"}


def test_a_forum_post_comes_with_its_author_time_thread_and_site(nights: Nights) -> None:
    post = nights.documents()["demo-forum", "901293"]
    assert post.text.endswith("打给老韩：①③⑧⓪⓪⓪⓪④④①⑦")
    assert (post.author, post.title, post.parent) == ("样本管家老韩", "有人叫我把血寄过去 这合法吗", "901291")
    assert post.published_at is not None
    assert post.published_at.isoformat() == "2026-11-09T16:41:00+00:00"
    assert post.site.title == "暖窝妈妈论坛"
    assert post.site.navigation[1] == "备孕求子"


def test_the_posts_on_a_threads_second_page_belong_to_its_opener(nights: Nights) -> None:
    held = nights.documents()
    assert held["demo-forum", "901254"].parent == "901251"
    assert held["demo-forum", "901255"].parent == "901251"


def test_script_is_kept_as_text_where_it_is_text_and_dropped_where_it_is_script(nights: Nights) -> None:
    document = nights.documents()["demo-hostile", "script"]
    assert "<svg/onload=alert(document.cookie)>" in document.text
    assert document.title.startswith('"><img src=x onerror=alert("h1")>')
    assert document.author == "<b onmouseover=alert(1)>港顺姐</b>"
    assert "inside" not in document.text
    assert "脚本写出来的字" not in document.text
    assert "javascript" not in document.text


def test_a_bomb_is_archived_as_it_was_received_and_not_inflated(nights: Nights) -> None:
    bombs = [capture for capture in nights.store.captures.all("hostile") if capture.url.endswith("/bomb.html")]
    assert len(bombs) == 1
    assert bombs[0].size < 200_000


def test_the_second_night_brings_nothing_new_and_asks_known_lists_by_their_validators(nights: Nights) -> None:
    assert nights.second["state"] == "finished"
    assert nights.second["counts"]["new"] == nights.second["counts"]["changed"] == 0
    again = {capture.status for capture in nights.store.captures.all() if capture.run == 2}
    assert again == {304}


def test_flagged_documents_form_the_leads_that_were_written(nights: Nights) -> None:
    held = {f"{key[0]} {key[1]}": nights.documents()[key] for key in sorted(flagged())}
    names = dict(enumerate(held))
    texts = {number: held[name].text for number, name in names.items()}
    seen = [
        (number, str(point.kind), point.canonical)
        for number, name in names.items()
        for point in find_contacts(held[name].text, held[name].title)
        if point.confidence >= MIN_CONFIDENCE
    ]
    contacts = dict.fromkeys(names, ()) | contacts_of(seen, ())
    sketches = {number: minhash.sketch(minhash.hashes(bare(text))) for number, text in texts.items()}
    alike = {str(place): [tie.text for tie in part] for place, part in enumerate(components(sketches, 0.6))}
    found = networks(contacts, alike)
    assert {frozenset(names[number] for number in network.documents) for network in found} == {
        frozenset(lead) for lead in TRUTH["leads"]
    }


def test_every_contact_on_the_sites_is_invented(nights: Nights) -> None:
    found = [
        point for document in nights.documents().values() for point in find_contacts(document.text, document.title)
    ]
    assert len(found) > 25
    for point in found:
        assert any(mark in point.canonical for mark in ("0000", "zq0", ".example")), point


def test_the_server_knows_a_page_by_its_validator_and_stops_when_it_is_done() -> None:
    with serve() as served:
        address = urlsplit(served["news"])
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        connection.request("GET", "/")
        response = connection.getresponse()
        etag = response.headers["ETag"]
        assert (response.status, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        response.read()
        connection.request("GET", "/", headers={"If-None-Match": etag})
        response = connection.getresponse()
        assert (response.status, response.read()) == (304, b"")
        connection.request("GET", "/nowhere")
        assert connection.getresponse().status == 404
        connection.close()
    with pytest.raises(OSError):
        http.client.HTTPConnection(address.hostname or "", address.port, timeout=10).request("GET", "/")
