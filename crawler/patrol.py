"""One crawl: its store, frontier, run, sources, archive and hosts. Shared by spider, scheduler and middlewares."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import secrets
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from urllib.parse import urlsplit

from w3lib.url import canonicalize_url

from core.settings import Settings
from core.store import Store
from core.types import Refusal
from crawler.batches import Batches
from crawler.budgets import Budgets
from crawler.frontier import Frontier, Leased, Left
from crawler.hosts import Hosts, host_of
from crawler.pages import Follow
from crawler.revisits import PICTURE, Revisits
from crawler.robots import Robots
from crawler.sources import Source
from evidence.archive import Archive

MAX_ATTEMPTS = 3  # leases of a page in one run
KEEP_NIGHTS = 14  # runs that a page is kept over before it is given up
MAX_QUEUE = 10_000  # pages of a source that wait at any time, tonight's and kept ones
KNOWN_STATUS = (200, 206, 301, 302, 303, 307, 308, 404, 410)
KEPT = "kept for the next night"


def worker_name(settings: Settings) -> str:
    """The name of this crawler among those that share a frontier: the setting, or the machine's; safe in file names."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", str(settings["worker"]) or socket.gethostname())[:60] or "worker"


class Patrol:
    """The state of one crawl run over some sources; ``now`` gives the time (UTC)."""

    def __init__(
        self, store: Store, settings: Settings, sources: Mapping[str, Source], run: int, software: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC), page_done: Callable[[], None] = lambda: None,
        frontier: Frontier | None = None,
    ) -> None:  # fmt: skip
        self.page_done = page_done
        self.store, self.settings, self.sources, self.run, self.now = store, settings, dict(sources), run, now
        self.frontier: Frontier = frontier or store.frontier
        name = f"{now():%Y%m%dT%H%M%S}-run{run}-{os.getpid()}"
        if self.frontier.shared:  # containers have the same process ids, and their captures may lie in one folder
            name += f"-{worker_name(settings)}-{secrets.token_hex(3)}"
        self.archive = Archive(settings.path("archive"), name, software)
        self.worker = name
        self.allow = tuple(settings["allow_addresses"])
        self.lease_seconds = float(settings["lease_seconds"])
        self.max_wait = float(settings["max_wait_seconds"])
        self.hosts = Hosts()
        spend = functools.partial(self.frontier.spend, run)
        self.budgets = Budgets(settings, store.captures.spent(run), spend)
        self.flight: dict[int, Leased] = {}
        self.elsewhere = self.frontier.shared  # other workers may have pages under way
        self.adrift = 0  # leases whose end could not be written: they come back when they run out
        self.batches = Batches(store, self.frontier)
        self.revisits = Revisits(store, settings, run, now)
        self.robots: Robots | None = None
        self.pictures_asked: dict[str, int] = {}
        self._queued: dict[str, int] = {}
        self._full: dict[str, int] = {}
        self._delays: dict[str, float] = {}

    def transaction(self) -> AbstractContextManager[None]:
        """What pages gave and their acknowledgement: stored together, or not at all."""
        return self.batches.one()

    # -- the queue --------------------------------------------------------------------------------------------------

    def push(self, source: Source, follow: Follow, known: bool | None = None) -> bool:
        """Queue a page, unless it is off the source, known or queued already; call it within a transaction.

        ``known`` tells what ``known_link`` says of a document page, where the caller has asked already. What the source's
        budget or a stopped host leaves out is kept for the next night.
        """
        if not (source.shows(follow.url) if follow.role == PICTURE else source.covers(follow.url)):
            self.refuse(source.name, follow.url, "off the source", f"hosts of the source: {', '.join(source.hosts)}")
            return False
        url = follow.url if follow.extra.get("exact") else canonicalize_url(follow.url)
        if follow.document and (self.known(url) if known is None else known):
            return False
        host = host_of(url)
        fingerprint = hashlib.sha256(
            f"{source.name}\n{follow.role}\n{url}".encode("utf-8", "surrogatepass")
        ).hexdigest()[:32]
        if self._waiting_of(source) >= MAX_QUEUE and not self.frontier.queued(self.run, fingerprint):
            self._full[source.name] = self._full.get(source.name, 0) + 1
            return False
        stopped = self.hosts.stopped.get(host)
        spent = None if stopped else self.budgets.exhausted(source, self.now())
        request = json.dumps(
            {"source": source.name, "role": follow.role, "document": follow.document, "extra": dict(follow.extra)}
        )
        kept = bool(stopped or spent)
        if not self.frontier.push(self.run, source.name, fingerprint, url, host, request, follow.priority, kept):
            return False
        self._queued[source.name] += 1
        if stopped:
            self.refuse(source.name, url, stopped, KEPT)
        elif spent:
            self.refuse(source.name, url, *spent)
        else:
            self.hosts.found(host)
        return True

    def overflow(self, source: Source, page: str) -> None:
        """Write down how many pages a full queue turned away since the last call, all found on ``page``."""
        turned_away = self._full.pop(source.name, 0)
        if turned_away:
            detail = f"{turned_away} pages found here are not queued: {MAX_QUEUE} of the source are waiting"
            self.refuse(source.name, page, "queue of the source is full", detail)

    def _waiting_of(self, source: Source) -> int:
        if source.name not in self._queued:
            counts = self.frontier.counts(self.run, source.name)
            self._queued[source.name] = counts["pending"] + counts["leased"] + counts["kept"]
        return self._queued[source.name]

    def known(self, url: str) -> bool:
        """Whether a document page has been fetched before, by any worker."""
        return self.store.pages.status(url) in KNOWN_STATUS or self.frontier.known(url)

    def had(self, url: str, status: int) -> None:
        """A page was fetched: the other workers are told; within a transaction."""
        if status in KNOWN_STATUS:
            self.frontier.had([url])

    def known_link(self, follow: Follow) -> bool:
        """Like ``known``, for a page that was found."""
        return self.known(follow.url if follow.extra.get("exact") else canonicalize_url(follow.url))

    def resume(self) -> None:
        """Make the queue ready: what a dead worker held is pending again, what earlier runs kept is queued, strangers are kept."""
        with self.transaction():
            self.frontier.recover(self.run)
            for left in self.frontier.carry(self.run, self.sources, KEEP_NIGHTS):
                self.refuse(left.source, left.url, "given up", f"not had in {left.nights + 1} nights")
            reason = "source not in this crawl"
            self._left(self.frontier.keep_strangers(self.run, self.sources, reason), reason, "kept for a crawl of it")
        self._heed()
        self.look()

    def _heed(self) -> None:
        """Take over which hosts have shut their doors or want to be left alone, whoever was told so."""
        self.hosts.stopped |= {host: f"host stopped: {why}" for host, why in self.frontier.stopped(self.run).items()}
        for host, until in self.frontier.paused(self.run, self.now().timestamp()).items():
            self.hosts.leave(host, until)

    def look(self) -> None:
        """See what the queue holds, and in a shared one what other workers have under way and have learned of hosts."""
        if self.frontier.shared:
            self._heed()
            self.elsewhere = self.frontier.unsettled(self.run) > 0
        self.hosts.count(self.frontier.hosts(self.run))

    def waiting(self) -> bool:
        """Whether any page is waiting, or will be when its lease has run out: other workers may die over theirs."""
        return self.hosts.waiting() or self.adrift > 0 or self.elsewhere

    def tend(self) -> None:
        """What a living worker does every now and then: renew its leases, free those that ran out, secure the archive."""
        now = self.now().timestamp()
        with self.transaction():
            self.frontier.renew(self.flight.values(), now + self.lease_seconds)
            if self.frontier.expire(self.run, now):
                self.adrift = 0
        self.look()
        self.archive.secure()

    # -- leases -----------------------------------------------------------------------------------------------------

    def lease(self) -> Leased | None:
        """The next page of the next host that may be asked; the host is busy until ``release``."""
        while (host := self.hosts.next(self.now().timestamp())) is not None:
            leased = self._lease_of(host)
            if leased is not None:
                return leased
        return None

    def _lease_of(self, host: str) -> Leased | None:
        while True:
            now = self.now()
            with self.transaction():
                leased = self.frontier.lease(self.run, host, self.worker, now.timestamp(), self.lease_seconds)
            if leased is None:  # another worker's host, or a page that was put aside meanwhile
                self.hosts.pending[host] = 0
                return None
            if self._fit(leased, now):
                self.hosts.take(host)
                self.flight[leased.id] = leased
                return leased
            self.look()
            if not self.hosts.pending[host] or self.hosts.ready.get(host, 0.0) > now.timestamp():
                return None

    def _fit(self, leased: Leased, now: datetime) -> bool:
        """Whether a leased page may be asked for now; if not, it is put where it belongs."""
        if json.loads(leased.request).get("role") == PICTURE and self.store.pictures.had(leased.url):
            with self.transaction():  # another source shows it too, and has had it meanwhile
                self.frontier.done(leased)
            return False
        source = self.sources[leased.source]
        spent = self.budgets.exhausted(source, now)
        wait = 0.0 if spent else self.budgets.opens_in(source, now)
        if leased.attempts <= MAX_ATTEMPTS and not spent and not wait:
            return True
        with self.transaction():
            if leased.attempts > MAX_ATTEMPTS:
                # its outcome was never stored: a page that kills the process must not do so each night
                self.refuse(leased.source, leased.url, "given up", f"leased {MAX_ATTEMPTS} times without an outcome")
                self.frontier.failed(leased, "given up")
            elif spent or wait > self.max_wait:
                self.put_aside(leased, *(spent or ("outside visiting hours", f"{source.hours}; {KEPT}")))
            else:
                self.frontier.retry(leased, counted=False)
                self.pause(leased.host, wait)
        return False

    def put_aside(self, leased: Leased, reason: str, detail: str) -> None:
        """Keep a leased page, and all others of its source, for the next night; within a transaction."""
        self.frontier.keep(leased, reason)
        own = [Left(leased.source, leased.url, leased.nights)]
        self._left(own + self.frontier.keep_source(self.run, leased.source, reason), reason, detail)

    def release(self, leased: Leased, ended: bool = True) -> None:
        """A page is through, for good when it has ``ended``."""
        self.flight.pop(leased.id, None)
        self.hosts.release(leased.host)
        if ended and leased.source in self._queued:
            self._queued[leased.source] -= 1

    # -- hosts ------------------------------------------------------------------------------------------------------

    def asked(self, source: Source | None, url: str, robots_delay: float) -> None:
        """A request is sent: its host is left alone for as long as setting, sources and robots.txt ask."""
        self.answered(url, robots_delay)
        if source:
            self.budgets.asked(source, self.now())

    def answered(self, url: str, robots_delay: float) -> None:
        """A response is there: the pace counts from it, too, since nobody knows how long the request was on its way."""
        host = host_of(url)
        self.hosts.leave(host, self.now().timestamp() + self.delay(url, robots_delay))
        if self.frontier.shared:  # whoever has the host next keeps the pace from this request on
            self.frontier.pause_host(self.run, host, self.hosts.ready[host])

    def delay(self, url: str, robots_delay: float) -> float:
        """Seconds between two requests to a host: the longest of the setting, the sources that share the host, robots.txt."""
        netloc = urlsplit(url).netloc.lower()
        if netloc not in self._delays:
            asked = [s.delay_seconds for s in self.sources.values() if netloc in (*s.hosts, *s.picture_hosts)]
            self._delays[netloc] = max([float(self.settings["delay_seconds"]), *asked])
        return max(self._delays[netloc], robots_delay)

    def stop(self, host: str, reason: str) -> None:
        """A host has shut its door: its pending pages are kept for the next night and none is asked again in this run."""
        self.hosts.stopped[host] = f"host stopped: {reason}"
        self.frontier.stop_host(self.run, host, reason)
        self._left(self.frontier.keep_host(self.run, host, reason), self.hosts.stopped[host], KEPT)
        self.hosts.pending[host] = 0

    def pause(self, host: str, seconds: float) -> None:
        """Leave a host alone for a while, as it asked."""
        until = self.now().timestamp() + seconds
        self.hosts.leave(host, until)
        self.frontier.pause_host(self.run, host, until)

    # -- the refusal ledger -----------------------------------------------------------------------------------------

    def refuse(self, source: str, url: str, reason: str, detail: str = "") -> None:
        """Write a URL into the refusal ledger."""
        self.store.refusals.add(Refusal(url, source, reason, detail[:500], self.now(), self.run))

    def _left(self, left: Iterable[Left], reason: str, detail: str) -> None:
        """Write pages that are kept into the ledger: each on its first night, later ones of a host and source in one line."""
        older: dict[tuple[str, str], int] = {}
        for page in left:
            if not page.nights:
                self.refuse(page.source, page.url, reason, detail)
            else:
                parts = urlsplit(page.url)
                key = page.source, f"{parts.scheme}://{parts.netloc}/"
                older[key] = older.get(key, 0) + 1
        for (source, site), count in older.items():
            self.refuse(source, site, reason, f"{count} pages kept since earlier nights; {detail}")

    def close(self) -> None:
        """Write what is still open, and close the archive."""
        self.batches.commit()
        self.archive.close()
