"""What a page can say to stop a crawl: malformed addresses, odd headers, links off the source, pages that never come to an end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import HtmlResponse
from twisted.python.failure import Failure

from core import settings
from core.store import Store
from core.store.frontier import Leased
from core.types import Capture, Document, Provenance
from crawler.adapters import feed, html
from crawler.download import HeadTooLarge, InwardAddress
from crawler.outcomes import Outcome
from crawler.pages import Follow, Page
from crawler.patrol import MAX_ATTEMPTS, Patrol
from crawler.scheduler import LeasedScheduler
from crawler.sources import Source
from crawler.spider import SiteSpider

AT = datetime(2026, 11, 20, tzinfo=UTC)
BASE = "http://board.example"


def source(kind: str = "html", **more: object) -> Source:
    given = {"document": {"text": ".text"}, **more}
    return Source("board", "Board", kind, "board", (f"{BASE}/",), Path(), ("board.example",), **given)  # type: ignore[arg-type]


@pytest.fixture
def patrol(tmp_path: Path) -> Patrol:
    store = Store.in_memory()
    run = store.runs.start("crawl", AT)
    return Patrol(store, settings.load(tmp_path, {}), {"board": source()}, run, "test", lambda: AT)


def page(body: str, url: str = f"{BASE}/1", role: str = "document") -> Page:
    return Page(url, body.encode(), AT, role, {"content-type": "text/html; charset=utf-8"})


def answer(
    patrol: Patrol,
    status: int,
    headers: dict[str, str | bytes],
    url: str = f"{BASE}/1",
    attempts: int = 1,
    nights: int = 0,
    body: bytes = b"",
) -> Outcome:
    capture = Capture(
        "urn:uuid:1", "board", url, AT, status, "text/html", "0", 0, "a.warc.gz", 0, "allowed", Provenance.LIVE
    )
    leased = Leased(1, url, "board.example", "board", "", attempts, nights)
    request = Request(
        url, meta={"lease": leased, "role": "document", "document": True, "capture": capture, "extra": {}}
    )
    response = HtmlResponse(url, status, headers, body, request=request)

    async def outcomes() -> list[Outcome]:
        return [outcome async for outcome in SiteSpider(patrol).parse(response)]

    (outcome,) = asyncio.run(outcomes())
    return outcome


def failed(patrol: Patrol, error: Exception, attempts: int = 1) -> Outcome:
    request = Request(f"{BASE}/1", meta={"lease": Leased(1, f"{BASE}/1", "board.example", "board", "", attempts)})
    failure = Failure(error)
    failure.request = request  # type: ignore[attr-defined]
    (outcome,) = SiteSpider(patrol).failed(failure)
    return outcome


def test_a_malformed_link_does_not_cost_a_page_its_text() -> None:
    body = '<div class="text">正文<a href="http://[oops/">x</a><a href="/2">y</a><img src="//[bad"></div>'
    (document,) = html.read(source(), page(body))
    assert isinstance(document, Document)
    assert document.text.startswith("正文")
    assert document.links == (f"{BASE}/2",)


def test_a_malformed_link_does_not_cost_a_list_its_other_links() -> None:
    listed = html.read(source(list={"link": "a"}), page('<a href="http://[oops/">x</a><a href="/2">y</a>', role="list"))
    assert [follow.url for follow in listed] == [f"{BASE}/2"]


def test_an_entry_of_a_feed_with_a_malformed_link_stands_under_the_address_of_the_feed() -> None:
    body = '<rss version="2.0"><channel><item><title>t</title><link>http://[oops/</link><guid>7</guid></item></channel></rss>'
    (document,) = feed.read(source("feed"), page(body, f"{BASE}/feed.xml"))
    assert document.url == f"{BASE}/feed.xml"


def test_an_entry_of_a_feed_has_the_path_of_its_own_page() -> None:
    body = '<rss version="2.0"><channel><item><title>t</title><link>http://blog.example/nannv/7.html</link></item></channel></rss>'
    (document,) = feed.read(source("feed"), page(body, f"{BASE}/feed.xml"))
    assert (document.site.host, document.site.path) == ("blog.example", "/nannv/7.html")


def test_posts_on_later_pages_of_a_thread_belong_to_the_post_that_opened_it() -> None:
    thread = source(document={"each": ".p", "id": "::attr(id)", "text": ".t", "next": ".n"})
    first, second, next_page = html.read(
        thread,
        page(
            '<p class="p" id="1"><b class="t">a</b></p><p class="p" id="2"><b class="t">b</b></p><a class="n" href="/2">n</a>'
        ),
    )
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert isinstance(next_page, Follow)
    later = Page(next_page.url, b'<p class="p" id="3"><b class="t">c</b></p>', AT, "document", extra=next_page.extra)
    (third,) = html.read(thread, later)
    assert isinstance(third, Document)
    assert (first.parent, second.parent, third.parent) == ("", "1", "1")


def test_a_next_page_on_another_host_is_refused(patrol: Patrol) -> None:
    assert not patrol.push(source(), Follow("http://elsewhere.example/2", "list"))
    assert [(refusal.url, refusal.reason) for refusal in patrol.store.refusals.all()] == [
        ("http://elsewhere.example/2", "off the source")
    ]


def test_a_page_that_is_found_again_is_not_refused_for_the_budget(patrol: Patrol) -> None:
    small = source(max_pages=1)
    assert patrol.push(small, Follow(f"{BASE}/1", "list"))
    patrol.budgets.asked(small, AT)
    assert not patrol.push(small, Follow(f"{BASE}/1", "list"))
    assert patrol.store.refusals.all() == []
    assert patrol.push(small, Follow(f"{BASE}/2", "list"))
    assert [(refusal.url, refusal.reason) for refusal in patrol.store.refusals.all()] == [
        (f"{BASE}/2", "page budget of the source")
    ]
    assert patrol.store.frontier.counts(patrol.run)["kept"] == 1


def test_a_full_queue_turns_pages_away_and_says_how_many_in_one_line(
    patrol: Patrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.patrol.MAX_QUEUE", 2)
    pushed = [patrol.push(source(), Follow(f"{BASE}/{number}", "document")) for number in (1, 2, 3, 4, 2)]
    patrol.overflow(source(), f"{BASE}/list")
    assert pushed == [True, True, False, False, False]
    assert [(r.url, r.reason, r.detail[:13]) for r in patrol.store.refusals.all()] == [
        (f"{BASE}/list", "queue of the source is full", "2 pages found")
    ]


def test_a_page_whose_outcome_never_came_is_given_up_and_the_next_one_is_handed_out(patrol: Patrol) -> None:
    patrol.push(source(), Follow(f"{BASE}/kills-the-process", "document", priority=9))
    patrol.push(source(), Follow(f"{BASE}/good", "document"))
    for _ in range(MAX_ATTEMPTS):
        leased = patrol.lease()
        assert leased is not None
        assert leased.url == f"{BASE}/kills-the-process"
        patrol.hosts.release(leased.host)
        patrol.resume()
    leased = patrol.lease()
    assert leased is not None
    assert leased.url == f"{BASE}/good"
    assert [(refusal.url, refusal.reason) for refusal in patrol.store.refusals.all()] == [
        (f"{BASE}/kills-the-process", "given up")
    ]


def test_the_page_that_a_killed_run_was_at_is_waiting_when_the_run_goes_on(patrol: Patrol) -> None:
    patrol.push(source(), Follow(f"{BASE}/1", "document"))
    assert patrol.lease() is not None
    resumed = Patrol(patrol.store, patrol.settings, patrol.sources, patrol.run, "test", lambda: AT)
    assert not resumed.waiting()
    LeasedScheduler().open(SiteSpider(resumed))
    assert resumed.waiting()


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/", "file:///etc/passwd", "http://[oops/", "http://u:p@board.example/"]
)
def test_a_redirect_to_what_may_not_be_fetched_is_refused_by_the_guard(patrol: Patrol, location: str) -> None:
    outcome = answer(patrol, 302, {"Location": location})
    assert outcome.refusal is not None
    assert outcome.refusal[0] == "guard"
    assert location in outcome.refusal[1]
    assert outcome.found == ()


def test_a_redirect_to_itself_is_refused(patrol: Patrol) -> None:
    assert answer(patrol, 302, {"Location": "/1#top"}).refusal == ("redirects", f"in a circle, back to {BASE}/1")


def test_a_redirect_in_plain_utf_8_leads_to_the_page_that_was_meant(patrol: Patrol) -> None:
    (follow,) = answer(patrol, 302, {"Location": "/帖子/2".encode()}).found
    assert isinstance(follow, Follow)
    assert follow.url == f"{BASE}/帖子/2"


def test_a_retry_after_that_is_no_number_counts_as_an_hour_and_so_stops_the_host(patrol: Patrol) -> None:
    outcome = answer(patrol, 429, {"Retry-After": "²".encode("latin-1")})
    assert (outcome.refusal, outcome.stop) == (("wall", "status 429"), "status 429")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DownloadCancelledError("20 MB"), "too large"),
        (CannotResolveHostError("no such name"), "no address"),
        (HeadTooLarge("more than 262144 bytes of headers"), "too large"),
        (InwardAddress("10.0.0.1 is not a global address"), "guard"),
    ],
)
def test_what_asking_again_cannot_mend_is_refused_at_once(patrol: Patrol, error: Exception, reason: str) -> None:
    outcome = failed(patrol, error)
    assert not outcome.retry
    assert outcome.refusal is not None
    assert outcome.refusal[0] == reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DownloadTimeoutError("4 s"), "too slow"),
        (ResponseDataLossError(), "broken off"),
        (OSError("reset"), "not fetched"),
    ],
)
def test_what_may_pass_is_asked_again_and_then_refused_with_its_reason(
    patrol: Patrol, error: Exception, reason: str
) -> None:
    assert failed(patrol, error).retry
    outcome = failed(patrol, error, attempts=MAX_ATTEMPTS)
    assert outcome.refusal is not None
    assert outcome.refusal[0] == reason


def test_a_page_that_failed_on_an_earlier_night_is_tried_once_a_night(patrol: Patrol) -> None:
    outcome = answer(patrol, 500, {}, nights=1)
    assert (outcome.retry, outcome.keep, outcome.refusal) == (False, True, ("server error", "status 500, 1 times"))


@pytest.mark.parametrize("status", [403, 418, 429, 432])
def test_a_refusing_status_shuts_the_host_and_leaves_the_page_to_another_night(patrol: Patrol, status: int) -> None:
    outcome = answer(patrol, status, {})
    assert (outcome.refusal, outcome.stop, outcome.keep) == (("wall", f"status {status}"), f"status {status}", True)


def test_a_meta_refresh_is_followed_as_the_redirect_that_it_is(patrol: Patrol) -> None:
    (follow,) = answer(patrol, 200, {}, body=b'<meta http-equiv="refresh" content="0;url=/2">').found
    assert isinstance(follow, Follow)
    assert follow.url == f"{BASE}/2"
    outcome = answer(patrol, 200, {}, body=b'<meta http-equiv="refresh" content="0;url=http://elsewhere.example/">')
    assert outcome.refusal == ("redirect off the source", "to elsewhere.example")
    outcome = answer(patrol, 200, {}, body=b'<meta http-equiv="refresh" content="0;url=file:///etc/passwd">')
    assert outcome.refusal is not None
    assert outcome.refusal[0] == "guard"


def test_a_login_page_costs_a_page_and_not_its_host(patrol: Patrol) -> None:
    outcome = answer(
        patrol, 200, {"Content-Type": "text/html; charset=utf-8"}, body="<p>您需要登录后才能查看本帖".encode()
    )
    assert (outcome.refusal, outcome.stop, outcome.keep) == (("wall", "login page"), "", False)
