"""The frontier as a Scrapy scheduler: pages are leased from the store, hosts take turns, one page of a host at a time."""

from __future__ import annotations

import json
import time
from collections import deque
from typing import Any

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from crawler.patrol import Patrol


class LeasedScheduler(BaseScheduler):
    """Hands out leased pages. Nothing enters by ``enqueue_request``: pages are pushed by the transaction that found them."""

    def open(self, spider: Any) -> None:
        """Take the patrol from the spider and make its queue ready."""
        self.spider = spider
        self.patrol: Patrol = spider.patrol
        self.patrol.resume()
        self.turns: deque[str] = deque()

    def has_pending_requests(self) -> bool:
        """Whether any page is waiting."""
        return self.patrol.waiting()

    def enqueue_request(self, request: Request) -> bool:  # noqa: ARG002 - Scrapy's signature
        """Refused: only the store's transaction queues pages."""
        return False

    def next_request(self) -> Request | None:
        """The next page of the next host that is free, or None."""
        self.turns.extend(host for host in self.patrol.pending if host not in self.turns)
        for _ in range(len(self.turns)):
            host = self.turns.popleft()
            if self.patrol.pending.get(host, 0) <= 0:
                continue
            self.turns.append(host)
            if self.patrol.free(host):
                leased = self.patrol.lease(host, time.time())
                if leased is not None:
                    packed = json.loads(leased.request)
                    return Request(
                        leased.url,
                        callback=self.spider.parse,
                        errback=self.spider.failed,
                        dont_filter=True,
                        meta={"lease": leased, "download_slot": host, "handle_httpstatus_all": True, **packed},
                    )
        return None
