"""Facts about storing outcomes: what is acknowledged, what is kept, and what a fault of one page leaves of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Spider

from core import settings
from core.store import Store
from core.types import Capture, Document, Provenance
from crawler.frontier import Leased
from crawler.outcomes import Outcome
from crawler.pages import Follow
from crawler.patrol import Patrol
from crawler.pipelines import MAX_BARREN, SLICE, StorePipeline
from crawler.sources import Source

AT = datetime(2026, 11, 20, tzinfo=UTC)
BASE = "http://board.example"
SOURCE = Source("board", "Board", "html", "board", (f"{BASE}/",), Path(), ("board.example",))


@pytest.fixture
def patrol(tmp_path: Path) -> Patrol:
    store = Store.in_memory()
    chosen = settings.load(tmp_path, {}).replace(delay_seconds=0.0)
    return Patrol(store, chosen, {"board": SOURCE}, store.runs.start("crawl", AT), "test", lambda: AT)


def leased(patrol: Patrol, path: str, role: str = "list", **extra: object) -> Leased:
    patrol.push(SOURCE, Follow(f"{BASE}{path}", role, extra=extra))
    found = patrol.lease()
    assert found is not None
    return found


def outcome(lease: Leased, *found: Document | Follow, sha256: str = "0" * 64, **more: Any) -> Outcome:
    capture = Capture(
        f"urn:uuid:{lease.id}-{lease.attempts}",
        "board",
        lease.url,
        AT,
        200,
        "text/html",
        sha256,
        7,
        "a.warc.gz",
        0,
        "allowed",
        Provenance.LIVE,
    )
    return Outcome(lease, "board", 200, capture, found, **more)


def document(number: int) -> Document:
    return Document("board", str(number), f"{BASE}/{number}", "post", "正文", source="board", capture="c")


def keep(patrol: Patrol, item: Outcome) -> StorePipeline:
    pipeline = StorePipeline(SimpleNamespace(spider=SimpleNamespace(patrol=patrol, logger=Spider("x").logger)))
    asyncio.run(pipeline.process_item(item))
    return pipeline


def queued(patrol: Patrol) -> list[str]:
    rows = patrol.store.db.query("SELECT url FROM frontier WHERE state = 'pending' ORDER BY id")
    return [row["url"].removeprefix(BASE) for row in rows]


def refused(patrol: Patrol) -> list[tuple[str, str]]:
    return [(refusal.url.removeprefix(BASE), refusal.reason) for refusal in patrol.store.refusals.all()]


def test_a_page_and_its_acknowledgement_are_stored_together(patrol: Patrol) -> None:
    keep(patrol, outcome(leased(patrol, "/"), document(1), Follow(f"{BASE}/2", "document", document=True)))
    assert patrol.store.frontier.counts(1)["done"] == 1
    assert (patrol.store.captures.count(), patrol.store.documents.count(), queued(patrol)) == (1, 1, ["/2"])


def test_nothing_is_stored_of_a_page_that_was_handed_on_meanwhile(patrol: Patrol) -> None:
    late = leased(patrol, "/")
    patrol.store.frontier.expire(1, AT.timestamp() + 10_000)
    assert patrol.store.frontier.lease(1, late.host, "another", AT.timestamp() + 10_000, 60) is not None
    keep(patrol, outcome(late, document(1), Follow(f"{BASE}/2", "document", document=True)))
    assert (patrol.store.captures.count(), patrol.store.documents.count(), queued(patrol)) == (0, 0, [])
    assert patrol.store.frontier.counts(1)["leased"] == 1


def test_a_page_that_cannot_be_stored_is_refused_and_the_crawl_goes_on(patrol: Patrol) -> None:
    lease = leased(patrol, "/")
    broken = replace(document(1), fields={"x": object()})  # no JSON
    keep(patrol, outcome(lease, broken))
    assert refused(patrol) == [("/", "not stored")]
    assert (patrol.store.captures.count(), patrol.store.frontier.counts(1)["failed"]) == (0, 1)
    assert patrol.batches.broken is None
    assert lease.host not in patrol.hosts.busy


def test_a_store_that_cannot_be_written_ends_the_crawl_and_loses_no_page(
    patrol: Patrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = leased(patrol, "/")
    ended: list[bool] = []
    patrol.batches.when_broken = lambda: ended.append(True)

    def full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(patrol.store.captures, "add", full)
        patch.setattr(patrol.store.refusals, "add", full)
        keep(patrol, outcome(lease, document(1)))
    assert ended == [True]
    assert patrol.waiting()
    assert patrol.store.frontier.counts(1)["leased"] == 1
    patrol.now = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    patrol.flight.clear()
    patrol.tend()
    assert queued(patrol) == ["/"]


def test_many_links_are_queued_in_slices_and_none_is_lost(patrol: Patrol) -> None:
    follows = [Follow(f"{BASE}/{number}", "document", document=True) for number in range(3 * SLICE + 7)]
    keep(patrol, outcome(leased(patrol, "/"), *follows, Follow(f"{BASE}/next", "list")))
    assert len(queued(patrol)) == 3 * SLICE + 8
    assert patrol.store.frontier.counts(1)["done"] == 1


def test_a_list_that_is_the_one_before_it_again_is_not_followed(patrol: Patrol) -> None:
    link = Follow(f"{BASE}/1", "document", document=True)
    keep(patrol, outcome(leased(patrol, "/"), link, Follow(f"{BASE}/a/", "list", priority=9), sha256="a" * 64))
    again = patrol.lease()
    assert again is not None
    extra = {"same": "a" * 16}
    keep(patrol, outcome(again, link, Follow(f"{BASE}/a/a/", "list"), sha256="a" * 64, extra=extra))
    assert refused(patrol) == [("/a/a/", "repeats")]
    assert queued(patrol) == ["/1"]


def test_lists_that_lead_to_no_document_come_to_an_end(patrol: Patrol) -> None:
    on = Follow(f"{BASE}/b", "list")
    keep(patrol, outcome(leased(patrol, "/"), on, extra={"barren": MAX_BARREN - 1}))
    assert queued(patrol) == ["/b"]
    again = patrol.lease()
    assert again is not None
    keep(patrol, outcome(again, Follow(f"{BASE}/c", "list"), extra={"barren": MAX_BARREN}))
    assert refused(patrol) == [("/c", "no end")]


def test_a_list_with_documents_begins_to_count_anew(patrol: Patrol) -> None:
    link = Follow(f"{BASE}/1", "document", document=True)
    keep(patrol, outcome(leased(patrol, "/"), link, Follow(f"{BASE}/b", "list"), extra={"barren": MAX_BARREN}))
    assert queued(patrol) == ["/1", "/b"]


def test_a_wait_is_kept_and_one_that_is_too_long_ends_the_hosts_night(patrol: Patrol) -> None:
    keep(patrol, outcome(leased(patrol, "/"), retry=True, pause=60.0))
    assert patrol.hosts.ready["board.example"] == AT.timestamp() + 60
    assert patrol.store.frontier.paused(1, AT.timestamp()) == {"board.example": AT.timestamp() + 60}
    assert patrol.lease() is None
    patrol.hosts.ready.clear()
    again = patrol.lease()
    assert again is not None
    keep(patrol, outcome(again, retry=True, pause=1e6, refusal=("robots.txt", "outside visiting hours"), counted=False))
    assert refused(patrol) == [("/", "robots.txt")]
    assert patrol.hosts.stopped == {"board.example": "host stopped: outside visiting hours"}
    assert patrol.store.frontier.counts(1)["kept"] == 1


def test_a_stopped_or_paused_host_is_so_still_when_the_run_goes_on(patrol: Patrol) -> None:
    keep(patrol, outcome(leased(patrol, "/"), refusal=("wall", "status 403"), stop="status 403", keep=True))
    patrol.pause("other.example", 60)
    resumed = Patrol(patrol.store, patrol.settings, patrol.sources, patrol.run, "test", lambda: AT)
    resumed.resume()
    assert resumed.hosts.stopped == {"board.example": "host stopped: status 403"}
    assert resumed.hosts.ready == {"other.example": AT.timestamp() + 60}
    assert resumed.push(SOURCE, Follow(f"{BASE}/late", "document"))
    assert not resumed.waiting()


def test_a_host_that_fails_page_after_page_is_left_alone(patrol: Patrol) -> None:
    for number in range(8):
        patrol.push(SOURCE, Follow(f"{BASE}/{number}", "document"))
    while (lease := patrol.lease()) is not None:
        keep(patrol, Outcome(lease, "board", refusal=("too slow", ""), keep=True, failed=True))
    assert patrol.hosts.stopped == {"board.example": "host stopped: 5 pages in a row not to be had"}
    assert patrol.store.frontier.counts(1)["kept"] == 8
    assert [reason for _, reason in refused(patrol)].count("too slow") == 5


def test_pages_that_are_kept_again_are_one_line_of_the_ledger(patrol: Patrol) -> None:
    for number in range(4):
        patrol.push(SOURCE, Follow(f"{BASE}/{number}", "document"))
    patrol.stop("board.example", "status 403")
    second = Patrol(
        patrol.store, patrol.settings, patrol.sources, patrol.store.runs.start("crawl", AT), "test", lambda: AT
    )
    second.resume()
    second.push(SOURCE, Follow(f"{BASE}/new", "document"))
    second.stop("board.example", "status 403")
    told = [(r.url.removeprefix(BASE), r.detail) for r in patrol.store.refusals.all(run=2)]
    assert sorted(told) == [
        ("/", "4 pages kept since earlier nights; kept for the next night"),
        ("/new", "kept for the next night"),
    ]
