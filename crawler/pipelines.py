"""Storing: capture, documents, pages to follow and the acknowledgement of the lease, in one transaction."""

from __future__ import annotations

import json
from typing import Any

from core.types import Change, Document
from crawler.pages import Follow, Unread
from crawler.patrol import Patrol
from crawler.sources import Source
from crawler.spider import Outcome


class StorePipeline:
    """Stores outcomes; what is not stored is not acknowledged, and comes again."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> StorePipeline:
        """Built by Scrapy."""
        return cls(crawler)

    def process_item(self, item: Outcome) -> Outcome:
        """Store one outcome."""
        patrol: Patrol = self.crawler.spider.patrol
        try:
            with patrol.store.atomic():
                self._store(patrol, item)
        finally:
            patrol.release(item.leased)
        patrol.page_done()
        return item

    def _store(self, patrol: Patrol, item: Outcome) -> None:
        leased, source = item.leased, patrol.sources[item.source]
        if item.capture is not None:
            patrol.store.captures.add(item.capture)
        if item.pause:
            patrol.pause(leased.host, item.pause)
        if item.retry:
            patrol.again(leased)
            return
        if item.refusal:
            patrol.refuse(source.name, leased.url, *item.refusal)
            patrol.store.frontier.failed(leased.id, item.refusal[0])
        else:
            for url, reason, detail in item.withheld:
                patrol.refuse(source.name, url, reason, detail)
            known = _keep(patrol, item)
            if item.status != 304:
                patrol.store.pages.put(leased.url, source.name, patrol.now(), item.status, *item.validators)
            patrol.store.frontier.done(leased.id)
            for follow in (found for found in item.found if isinstance(found, Follow)):
                known = _follow(patrol, source, follow, known)
        if item.stop:
            patrol.stop(leased.host, item.stop)


def _keep(patrol: Patrol, item: Outcome) -> int:
    """Store the documents of a page; returns how many known ones now stand in a row."""
    known = int(item.extra.get("known", 0))
    if item.capture is not None and any(isinstance(found, Unread) for found in item.found):
        role = str(json.loads(item.leased.request)["role"])
        patrol.store.unread.add(item.capture.id, item.source, role, item.extra)
    for document in (found for found in item.found if isinstance(found, Document)):
        _, change = patrol.store.documents.add(document, patrol.now(), patrol.run)
        known = known + 1 if change is Change.KNOWN else 0
    return known


def _follow(patrol: Patrol, source: Source, follow: Follow, known: int) -> int:
    """Queue a page that was found; a list is left once enough known documents stood in a row, newest first."""
    limit = int(patrol.settings["known_in_a_row"])
    if follow.document:
        url_known = patrol.known_link(follow.url)
        patrol.push(source, follow)
        return known + 1 if url_known else 0
    if known < limit:
        patrol.push(
            source, Follow(follow.url, follow.role, follow.document, follow.priority, {**follow.extra, "known": known})
        )
    return known
