"""Storing: capture, documents, pages to follow and the acknowledgement of the lease, in one transaction."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

from w3lib.url import canonicalize_url

from core.types import Change, Document
from crawler import shown
from crawler.hosts import MAX_FAILURES, MAX_PAUSES
from crawler.outcomes import Outcome
from crawler.pages import Follow, Unread
from crawler.patrol import Patrol
from crawler.removal import notice
from crawler.revisits import CHECK, PICTURE
from crawler.sources import Source

MAX_BARREN = 10  # lists in a row that lead to no document: a calendar without end
SLICE = 500  # links that are queued in one go; a sitemap has 50,000, and other pages wait meanwhile
NEWS = (Change.NEW, Change.CHANGED)
LAST = -10  # added to the priority of a page that stood behind a wall


class LeaseLost(Exception):
    """A page that was handed on, or ended, while it was under way: nothing of it is stored twice."""


class StorePipeline:
    """Stores outcomes; what is not stored is not acknowledged, and comes again."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> StorePipeline:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_item(self, item: Outcome) -> Outcome:
        """Store one outcome."""
        patrol: Patrol = self.crawler.spider.patrol
        ended = not (item.retry or item.keep)
        try:
            item = await self._beforehand(patrol, item)
            with patrol.transaction():
                store(patrol, item)
        except LeaseLost as error:
            self.crawler.spider.logger.warning("%s: %s", error, item.leased.url)
        except Exception as error:
            ended = self._unstored(patrol, item, error)
        finally:
            patrol.release(item.leased, ended)
        patrol.page_done()
        return item

    async def _beforehand(self, patrol: Patrol, item: Outcome) -> Outcome:
        """Queue most of the many document pages that a page leads to, a slice at a time; the rest is left to its own transaction.

        Should that fail, they are found again with it, and are queued once all the same.
        """
        many = [found for found in item.found if isinstance(found, Follow) and found.document][:-SLICE]
        if not many:
            return item
        news = False
        for begin in range(0, len(many), SLICE):
            with patrol.transaction():
                for follow in many[begin : begin + SLICE]:
                    news = _push(patrol, patrol.sources[item.source], follow)[0] or news
            await asyncio.sleep(0)
        done = {id(follow) for follow in many}
        found = tuple(found for found in item.found if id(found) not in done)
        return replace(item, found=found, extra={**item.extra, "news": news})

    def _unstored(self, patrol: Patrol, item: Outcome, error: Exception) -> bool:
        """Record a page that cannot be stored; when that cannot be stored either, the store is broken, and the crawl ends."""
        leased = item.leased
        try:
            with patrol.transaction():
                patrol.frontier.failed(leased, "not stored")
                patrol.refuse(item.source, leased.url, "not stored", f"{type(error).__name__}: {error}")
        except Exception as broken:
            patrol.adrift += 1
            patrol.batches.fail(broken)
            return False
        return True


def store(patrol: Patrol, item: Outcome) -> None:
    """Write what came of a page; within a transaction.

    Raises:
        LeaseLost: the page is no longer this worker's.
    """
    leased, source = item.leased, patrol.sources[item.source]
    item = _considered(patrol, item)
    if not _acknowledged(patrol, item):
        raise LeaseLost("lease lost")
    if item.capture is not None:
        patrol.store.captures.add(item.capture)
        patrol.budgets.came(source, item.capture.size)
    if item.pause:
        patrol.pause(leased.host, item.pause)
    if item.retry:
        patrol.hosts.found(leased.host)
        delay = patrol.delay(leased.url, 0.0) * 2**leased.attempts
        if delay and not item.pause:  # the second try of a page that failed comes later than a next page would
            patrol.pause(leased.host, delay)
        return
    changes: dict[int, Change | None] = {}
    asked, news = json.loads(leased.request), False
    if item.refusal:
        patrol.refuse(source.name, leased.url, *item.refusal)
    else:
        for url, reason, detail in item.withheld:
            patrol.refuse(source.name, url, reason, detail)
        known = _keep(patrol, item, changes)
        if item.status != 304:
            patrol.store.pages.put(leased.url, source.name, patrol.now(), item.status, *item.validators)
            patrol.had(leased.url, item.status)
        news = _follow(patrol, source, item, known) or bool(item.extra.get("news"))
        news = news or any(change in NEWS for change in changes.values())
        patrol.overflow(source, leased.url)
        patrol.store.yields.add(patrol.run, source.name, counted(item, str(asked["role"])))
    if asked["role"] == PICTURE:
        shown.came(patrol, item)
    patrol.revisits.visited(source, item, asked, news)
    patrol.revisits.looked(item, asked, changes)
    if item.stop:
        patrol.stop(leased.host, item.stop)
    elif item.failed and patrol.hosts.failed(leased.host):
        patrol.stop(leased.host, f"{MAX_FAILURES} pages in a row not to be had")
    elif item.capture is not None and not item.failed:
        patrol.hosts.answered(leased.host)


def _considered(patrol: Patrol, item: Outcome) -> Outcome:
    """An outcome that wants its host to be waited for, or the host's stop when that is too long or has been wanted too often."""
    if not item.pause or (item.pause <= patrol.max_wait and patrol.hosts.patience(item.leased.host)):
        return item
    reason, detail = item.refusal or ("asked to wait", f"status {item.status}, Retry-After {item.pause:.0f} s")
    if item.pause <= patrol.max_wait:
        detail += f", more than {MAX_PAUSES} times"
    return replace(item, refusal=(reason, detail), retry=False, pause=0.0, keep=True, stop=detail)


def _acknowledged(patrol: Patrol, item: Outcome) -> bool:
    frontier, leased = patrol.frontier, item.leased
    if item.retry:
        return frontier.retry(leased, item.counted)
    if item.refusal and item.keep:
        return frontier.keep(leased, item.refusal[0], LAST if item.refusal[0] == "wall" else 0)
    if item.refusal:
        return frontier.failed(leased, item.refusal[0])
    return frontier.done(leased)


def counted(item: Outcome, role: str) -> dict[str, int]:
    """What a page gave, by the names of ``core.store.yields.COUNTS``. A 304 gave what it gave before; a check is not counted."""
    documents = [found for found in item.found if isinstance(found, Document)]
    counts = {
        "documents": len(documents), "titled": sum(bool(document.title) for document in documents),
        "authored": sum(bool(document.author) for document in documents),
        "dated": sum(document.published_at is not None for document in documents),
    }  # fmt: skip
    if item.status == 304 and role != PICTURE:
        return {"unchanged": 1}
    if item.status != 200 or role in (CHECK, PICTURE):
        return {}
    if role == "document":
        removed = bool(item.withheld or notice(item.text))
        return {**counts, "pages": 1, "empty": int(not item.found and not removed)}
    # what stands on a list: pages to follow, and documents where the list holds them itself
    links = len(documents) + sum(isinstance(found, Follow) and found.document for found in item.found)
    return {**counts, "lists": 1, "links": links}


def _keep(patrol: Patrol, item: Outcome, changes: dict[int, Change | None]) -> int:
    """Store the documents of a page; returns how many known ones now stand in a row. ``changes`` gets what each turned out to be:
    None for a flagged one in whose place a notice of its removal stands, which is not written over it."""
    known = int(item.extra.get("known", 0))
    if item.capture is not None and any(isinstance(found, Unread) for found in item.found):
        role = str(json.loads(item.leased.request)["role"])
        patrol.store.unread.add(item.capture.id, item.source, role, item.extra)
    elsewhere = item.extra.get("revisit") and item.extra.get("redirects")
    for document in (found for found in item.found if isinstance(found, Document)):
        removed = patrol.revisits.removed(document)
        if removed is not None:
            changes[removed] = None
            continue
        if elsewhere and patrol.store.documents.find(document.platform, document.native_id) is None:
            continue  # where a removed page's address leads now, a front page say, was not asked for
        id, change = patrol.store.documents.add(document, patrol.now(), patrol.run)
        changes[id] = change
        shown.shown(patrol, patrol.sources[item.source], id, document)
        known = known + 1 if change is Change.KNOWN else 0
    return known


def _push(patrol: Patrol, source: Source, follow: Follow) -> tuple[bool, bool]:
    """Queue a page that was found; returns whether it is news, and whether it was known before.

    A known thread of which the list says something new is asked for again, with its last page.
    """
    if follow.stamp:
        follow = replace(follow, extra={**follow.extra, "stamp": follow.stamp})
    if follow.extra.get("revisit") or not patrol.known_link(follow):
        return patrol.push(source, follow, known=False), False
    url = follow.url if follow.extra.get("exact") else canonicalize_url(follow.url)
    bumped = patrol.revisits.bumped(source, follow, url)
    queued = [patrol.push(source, page, known=False) for page in bumped]
    return any(queued), not bumped


def _follow(patrol: Patrol, source: Source, item: Outcome, known: int) -> bool:
    """Queue the pages that were found; returns whether one of them was new. A list is left once enough known documents stood in a row,
    newest first; when it shows the same page again; and when list after list leads to no document."""
    limit = patrol.revisits.known_in_a_row(source)
    fruitful = any(not isinstance(found, Follow) or found.document for found in item.found)
    barren = 0 if fruitful else int(item.extra.get("barren", 0)) + 1
    digest = item.capture.sha256[:16] if item.capture else ""
    news = False
    for follow in (found for found in item.found if isinstance(found, Follow)):
        if follow.document:
            new, seen = _push(patrol, source, follow)
            news, known = news or new, known + 1 if seen else 0
        elif follow.role == "document":
            news = _later_page(patrol, source, item, follow) or news
        elif known < limit:
            if digest and item.extra.get("same") == digest:
                patrol.refuse(source.name, follow.url, "repeats", f"{item.leased.url} is the page before it again")
            elif barren > MAX_BARREN:
                patrol.refuse(source.name, follow.url, "no end", f"{barren} lists in a row lead to no document")
            else:
                extra = {**follow.extra, "known": known, "barren": barren, "same": digest}
                patrol.push(source, Follow(follow.url, follow.role, follow.document, follow.priority, extra))
    return news


def _later_page(patrol: Patrol, source: Source, item: Outcome, follow: Follow) -> bool:
    """Queue the next page of a thread, unless this is a visit of a known one whose next page has a schedule of its own."""
    extra = {
        **follow.extra, "first": item.extra.get("first") or item.leased.url, "page": int(item.extra.get("page", 1)) + 1,
        **({"revisit": True} if item.extra.get("revisit") else {}),
    }  # fmt: skip
    url = follow.url if follow.extra.get("exact") else canonicalize_url(follow.url)
    if item.extra.get("revisit") and patrol.revisits.rests(source.name, follow, url):
        return False
    known = patrol.known(url)
    return patrol.push(source, replace(follow, extra=extra)) and not known
