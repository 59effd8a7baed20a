"""One crawl: its store, run, sources, archive and the state of its hosts. Shared by spider, scheduler and middlewares."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url

from core.settings import Settings
from core.store import Store
from core.store.frontier import Leased
from core.types import Refusal
from crawler.pages import Follow
from crawler.robots import Robots
from crawler.sources import Source
from evidence.archive import Archive

MAX_ATTEMPTS = 3
MAX_PAUSE_SECONDS = 600.0  # a longer Retry-After ends the host's night instead of holding the run
KNOWN_STATUS = (200, 206, 301, 302, 303, 307, 308, 404, 410)


class Patrol:
    """The state of one crawl run over some sources; ``now`` gives the time (UTC)."""

    def __init__(
        self, store: Store, settings: Settings, sources: Mapping[str, Source], run: int, software: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC), page_done: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.page_done = page_done
        self.store, self.settings, self.sources, self.run, self.now = store, settings, dict(sources), run, now
        name = f"{now():%Y%m%dT%H%M%S}-run{run}-{os.getpid()}"
        self.archive = Archive(settings.path("archive"), name, software)
        self.worker = name
        self.allow = tuple(settings["allow_addresses"])
        self.pending: dict[str, int] = {}
        self.busy: dict[str, int] = {}
        self.stopped: dict[str, str] = {}
        self.paused: dict[str, float] = {}
        self.pushed: dict[str, int] = {}
        self.robots: Robots | None = None

    # -- the queue --------------------------------------------------------------------------------------------------

    def push(self, source: Source, follow: Follow) -> bool:
        """Queue a page, unless it is off the source, known, over budget or queued already; call it within a transaction."""
        if not source.covers(follow.url):
            self.refuse(source.name, follow.url, "off the source", f"hosts of the source: {', '.join(source.hosts)}")
            return False
        url = canonicalize_url(follow.url) if not follow.extra.get("exact") else follow.url
        host = urlsplit(url).netloc.lower()
        if follow.document and self.known(url):
            return False
        fingerprint = hashlib.sha256(
            f"{source.name}\n{follow.role}\n{url}".encode("utf-8", "surrogatepass")
        ).hexdigest()[:32]
        if host in self.stopped:
            self.refuse(source.name, url, self.stopped[host])
            return False
        if self.store.frontier.queued(self.run, fingerprint):
            return False
        if self._spent(source) >= self._budget(source):
            self.refuse(source.name, url, "page budget of the source", f"{self._budget(source)} pages a run")
            return False
        request = json.dumps(
            {"source": source.name, "role": follow.role, "document": follow.document, "extra": dict(follow.extra)}
        )
        if not self.store.frontier.push(self.run, source.name, fingerprint, url, host, request, follow.priority):
            return False
        self.pending[host] = self.pending.get(host, 0) + 1
        self.pushed[source.name] = self._spent(source) + 1
        return True

    def _budget(self, source: Source) -> int:
        return source.max_pages or int(self.settings["max_pages_per_source"])

    def _spent(self, source: Source) -> int:
        if source.name not in self.pushed:
            self.pushed[source.name] = sum(self.store.frontier.counts(self.run, source.name).values())
        return self.pushed[source.name]

    def known(self, url: str) -> bool:
        """Whether a document page has been fetched before."""
        page = self.store.pages.get(url)
        return page is not None and page["status"] in KNOWN_STATUS

    def known_link(self, url: str) -> bool:
        """Like ``known``, for a link as it was written."""
        return self.known(canonicalize_url(url))

    def resume(self) -> None:
        """Make the queue ready: what a dead worker held is pending again, what belongs to sources not in this crawl is given up."""
        self.store.frontier.recover(self.run)
        reason = "source not in this crawl"
        for source, url in self.store.frontier.drop_strangers(self.run, self.sources, reason):
            self.refuse(source, url, reason, "a later crawl of the source finds the page again")
        self.pending = self.store.frontier.hosts(self.run)

    def waiting(self) -> bool:
        """Whether any page is pending."""
        return any(count > 0 for count in self.pending.values())

    def free(self, host: str) -> bool:
        """Whether a host may be asked now: nothing under way there, no pause."""
        return not self.busy.get(host) and self.paused.get(host, 0.0) <= self.now().timestamp()

    def lease(self, host: str, now: float) -> Leased | None:
        """The next page of a host, which is busy until ``release``; pages that swallowed every lease before are given up."""
        while True:
            leased = self.store.frontier.lease(self.run, host, self.worker, now, float(self.settings["lease_seconds"]))
            if leased is None:
                self.pending[host] = 0
                return None
            self.pending[host] -= 1
            if leased.attempts <= MAX_ATTEMPTS:
                break
            # its outcome was never stored: a page that kills the process must not do so each night
            with self.store.atomic():
                self.refuse(leased.source, leased.url, "given up", f"leased {MAX_ATTEMPTS} times without an outcome")
                self.store.frontier.failed(leased.id, "given up")
        self.busy[host] = self.busy.get(host, 0) + 1
        return leased

    def release(self, leased: Leased) -> None:
        """A page is through, whatever came of it."""
        self.busy[leased.host] = max(0, self.busy.get(leased.host, 0) - 1)

    def again(self, leased: Leased) -> None:
        """Put a leased page back into the queue."""
        self.store.frontier.retry(leased.id)
        self.pending[leased.host] = self.pending.get(leased.host, 0) + 1

    # -- hosts ------------------------------------------------------------------------------------------------------

    def stop(self, host: str, reason: str) -> None:
        """A host has shut its door: its pending pages are refused and none is asked again in this run."""
        self.stopped[host] = f"host stopped: {reason}"
        for source, url in self.store.frontier.drop_host(self.run, host, reason):
            self.refuse(source, url, self.stopped[host])
        self.pending[host] = 0

    def pause(self, host: str, seconds: float) -> bool:
        """Leave a host alone for a while, as its Retry-After asks; False when it asks for longer than a run can wait."""
        if seconds > MAX_PAUSE_SECONDS:
            return False
        self.paused[host] = (self.now() + timedelta(seconds=seconds)).timestamp()
        return True

    def refuse(self, source: str, url: str, reason: str, detail: str = "") -> None:
        """Write a URL into the refusal ledger."""
        self.store.refusals.add(Refusal(url, source, reason, detail[:500], self.now(), self.run))

    def delay(self, source: Source | None, robots_delay: float) -> float:
        """Seconds between two requests to a host: the longest of setting, source and robots.txt."""
        least = float(self.settings["delay_seconds"])
        return max(least, source.delay_seconds if source else 0.0, robots_delay)

    def close(self) -> None:
        """Close the archive."""
        self.archive.close()
