"""The frontier as a Scrapy scheduler: pages are leased from the store, hosts take turns, one page of a host at a time, at its pace."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.utils.asyncio import call_later, create_looping_call

from crawler.patrol import Patrol

TEND_SECONDS = 15.0


class LeasedScheduler(BaseScheduler):
    """Hands out leased pages. Nothing enters by ``enqueue_request``: pages are pushed by the transaction that found them."""

    def __init__(self, crawler: Any = None) -> None:
        self.crawler = crawler
        self._alarm: Any = None
        self._alarm_at = 0.0
        self._tending: Any = None
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Any) -> LeasedScheduler:
        """Built by Scrapy."""
        return cls(crawler)

    def open(self, spider: Any) -> None:
        """Take the patrol from the spider and make its queue ready."""
        self.spider = spider
        self.patrol: Patrol = spider.patrol
        self.patrol.resume()
        if self.crawler is not None:
            self.patrol.batches.later, self.patrol.batches.when_broken = call_later, self._give_up
            self._tending = create_looping_call(self._tend)
            self._tending.start(min(TEND_SECONDS, self.patrol.lease_seconds / 3), now=False)

    def close(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Stop the clocks."""
        if self._tending is not None:
            self._tending.stop()
        if self._alarm is not None:
            self._alarm.cancel()

    def has_pending_requests(self) -> bool:
        """Whether any page is waiting."""
        return self.patrol.waiting()

    def enqueue_request(self, request: Request) -> bool:  # noqa: ARG002 - Scrapy's signature
        """Refused: only the store's transaction queues pages."""
        return False

    def next_request(self) -> Request | None:
        """The next page of the next host that may be asked, or None; then the engine is woken when the first of the waiting may."""
        leased = self.patrol.lease()
        if leased is None:
            self._wake_at(self.patrol.hosts.soonest())
            return None
        return Request(
            leased.url,
            callback=self.spider.parse,
            errback=self.spider.failed,
            dont_filter=True,
            meta={
                "lease": leased, "download_slot": leased.host, "handle_httpstatus_all": True,
                "download_timeout": float(self.patrol.settings["page_deadline_seconds"]), **json.loads(leased.request),
            },
        )  # fmt: skip

    def _wake_at(self, time: float | None) -> None:
        """Have the engine ask again at a time (seconds since the epoch): by itself it does so every five seconds only."""
        if time is None or self.crawler is None or (self._alarm is not None and self._alarm_at <= time):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = time
        self._alarm = call_later(max(0.0, time - self.patrol.now().timestamp()), self._wake)

    def _wake(self) -> None:
        self._alarm = None
        slot = self.crawler.engine._slot  # Scrapy has no other way to be told that there is work
        if slot is not None:
            slot.nextcall.schedule()

    def _give_up(self) -> None:
        closing = self.crawler.engine.close_spider_async(reason="the store cannot be written")
        self._closing = asyncio.ensure_future(closing)  # not awaited: it waits for the page that found it out

    def _tend(self) -> None:
        self.patrol.tend()
        self._wake()
