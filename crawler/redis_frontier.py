"""The frontier in Redis: one queue for the crawlers of several machines, by the contract of ``crawler.frontier`` (extra ``[cluster]``).

The connection and the duplicate filter are scrapy-redis' own: its client with its time-outs, and its set of fingerprints for each run.
Its queue is not: a page that it has handed out is gone from it, and stock scrapy-redis lost 16 of 2,000 pages in a kill (measured
2026-11-20). Each operation is one call of ``redis_frontier.lua``, so fingerprint and page enter together or not at all.

Redis cannot be part of the store's transaction. An outcome is visible at once but stays open until ``commit`` confirms it; should its
worker die between the two, it is undone when the lease runs out, and the page comes again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from core.errors import SettingsError, Unavailable
from core.store.frontier import Leased, Left
from core.store.rows import clean

SCRIPT = Path(__file__).with_suffix(".lua")
SKEW_SECONDS = 2.0  # leases and pauses are told in each worker's own time
STATES = ("pending", "leased", "done", "failed", "kept")


class RedisFrontier:
    """The queue on a Redis server; ``numbers`` maps runs of this worker's own store to the nights that all workers share."""

    shared = True

    def __init__(self, server: Any, prefix: str = "xuncha:") -> None:
        self.server, self.prefix = server, prefix
        self.numbers: dict[int, int] = {}
        self._script = server.register_script(SCRIPT.read_text("utf-8"))
        self._open: dict[tuple[int, int], None] = {}
        self._given_up: list[int] = []
        self._had: list[str] = []

    def _do(self, operation: str, *arguments: Any) -> Any:
        return self._script(keys=[self.prefix], args=[operation, *arguments])

    def _of(self, run: int) -> int:
        return self.numbers.get(run, run)

    # -- the night --------------------------------------------------------------------------------------------------

    def join(self, run: int, sources: Iterable[str], now: Callable[[], float] = time.time) -> int:
        """Take part in the night that is on, or begin one; ``run`` stands for it from now on. Returns the night's number.

        Raises:
            SettingsError: this machine's clock differs from the server's, or the night is on with other sources.
        """
        seconds, micros = self.server.time()
        skew = now() - (seconds + micros / 1e6)
        if abs(skew) > SKEW_SECONDS:
            raise SettingsError(
                f"expected this machine's clock within {SKEW_SECONDS:.0f} s of the Redis server's, found {skew:+.1f} s; set it (NTP), or leases are void"
            )
        mine = "\n".join(sorted(sources))
        night, theirs = self._do("join", mine)
        theirs = _text(theirs)
        if theirs != mine:
            others = sorted(set(theirs.split("\n")) ^ set(mine.split("\n")))
            raise SettingsError(
                f"night {night} is on with other sources; expected the same on every worker, found a difference in {', '.join(others)[:200]}"
            )
        self.numbers[run] = int(night)
        return int(night)

    def settle(self, run: int, stored: Callable[[str], bool]) -> int:
        """Confirm outcomes that wait for it and that a worker's own store holds: it died between the two. Returns how many."""
        ended = self._do("ended", self._of(run))
        found = [(ended[i], ended[i + 1]) for i in range(0, len(ended), 3) if stored(_text(ended[i + 2]))]
        if found:
            self._do("confirm", *(value for token in found for value in token))
        return len(found)

    def enters(self, store: str) -> bool:
        """Whether a store takes part for the first time: what it has had before, the others don't know."""
        return bool(self.server.sadd(f"{self.prefix}stores", store))

    def known(self, url: str) -> bool:
        """Whether any worker has had a page, on this night or an earlier one."""
        return bool(self.server.sismember(f"{self.prefix}had", clean(url)))

    def had(self, urls: Iterable[str]) -> None:
        """Remember pages that were had, for all workers, once the store holds what they gave; twice is as good as once."""
        self._had += [clean(url) for url in urls]

    def unsettled(self, run: int) -> int:
        """How many pages of a run are pending, leased, or ended without a commit yet: as long as there are, the night is not over."""
        # by one question: a page goes back and forth between the two
        return int(self._do("unsettled", self._of(run)))

    # -- the queue --------------------------------------------------------------------------------------------------

    def push(
        self, run: int, source: str, fingerprint: str, url: str, host: str, request: str, priority: int, kept: bool = False
    ) -> bool:  # fmt: skip
        """Queue a page once in a run, or keep it for a later run; False when the run has it already."""
        arguments = (source, fingerprint, clean(url), clean(host), clean(request), priority, int(kept))
        return bool(self._do("push", self._of(run), *arguments))

    def queued(self, run: int, fingerprint: str) -> bool:
        """Whether a page is in a run's queue, in whatever state."""
        return bool(self._do("queued", self._of(run), fingerprint))

    def lease(self, run: int, host: str, worker: str, now: float, seconds: float) -> Leased | None:
        """Hand out the next page of a host, by priority, then age; None when none is pending, another worker has the host, or it
        is to be left alone yet."""
        found = self._do("lease", self._of(run), clean(host), worker, repr(now), repr(seconds))
        if not found:
            return None
        id, url, of, source, request, attempts, nights = found
        return Leased(int(id), _text(url), _text(of), _text(source), _text(request), int(attempts), int(nights))

    def renew(self, leases: Iterable[Leased], until: float) -> None:
        """Make leases last longer, and the claim on their hosts: their worker is alive and at work on them."""
        tokens = [value for leased in leases for value in (leased.id, leased.attempts)]
        if tokens:
            self._do("renew", repr(until), *tokens)

    def expire(self, run: int, now: float) -> int:
        """Make pages pending again whose lease has run out; how many."""
        return int(self._do("expire", self._of(run), repr(now)))

    def recover(self, run: int) -> int:  # noqa: ARG002 - the contract
        """Nothing: what a dead worker held is freed by ``expire``, since nobody knows that it is dead."""
        return 0

    # -- what became of a leased page -------------------------------------------------------------------------------

    def done(self, leased: Leased) -> bool:
        """Acknowledge a page; False, and nothing of it may be stored, when the lease was lost."""
        return self._finish(leased, "done")

    def failed(self, leased: Leased, reason: str) -> bool:  # noqa: ARG002 - the refusal ledger has the reason
        """Give a page up; False when the lease was lost."""
        return self._finish(leased, "failed")

    def keep(self, leased: Leased, reason: str, priority: int = 0) -> bool:  # noqa: ARG002
        """Keep a page for a later run, ``priority`` added to its own; False when the lease was lost."""
        return self._finish(leased, "kept", priority)

    def retry(self, leased: Leased, counted: bool = True) -> bool:
        """Put a leased page back; without ``counted`` the lease is not one of its attempts. False when the lease was lost."""
        return self._finish(leased, "pending", 0 if counted else -1)

    def _finish(self, leased: Leased, state: str, by: int = 0) -> bool:
        done = bool(self._do("finish", leased.id, leased.attempts, state, by))
        if done and state != "pending":
            self._open[leased.id, leased.attempts] = None
        return done

    # -- pages by the heap ------------------------------------------------------------------------------------------

    def keep_host(self, run: int, host: str, reason: str) -> list[Left]:  # noqa: ARG002
        """Keep all pending pages of a host for a later run; which."""
        return _left(self._do("keep_host", self._of(run), clean(host)))

    def keep_source(self, run: int, source: str, reason: str) -> list[Left]:  # noqa: ARG002
        """Keep all pending pages of a source for a later run; which."""
        return _left(self._do("keep_source", self._of(run), source))

    def keep_strangers(self, run: int, sources: Iterable[str], reason: str) -> list[Left]:  # noqa: ARG002
        """Keep all pending pages of other sources than these for a later run; which."""
        return _left(self._do("keep_strangers", self._of(run), *sources))

    def carry(self, run: int, sources: Iterable[str], nights: int) -> list[Left]:
        """Put what earlier runs kept of these sources into a run's queue; returns what is given up after so many runs."""
        found = self._do("carry", self._of(run), nights, *sources)
        self._given_up += [int(id) for *_, id in found]
        return _left(page[:3] for page in found)

    # -- hosts ------------------------------------------------------------------------------------------------------

    def hosts(self, run: int) -> dict[str, int]:
        """Hosts with pages pending, and how many."""
        return {host: int(count) for host, count in _pairs(self._do("hosts", self._of(run)))}

    def stop_host(self, run: int, host: str, reason: str) -> None:
        """Remember that a host is not to be asked again in a run, and why."""
        self._do("host", self._of(run), clean(host), "stopped", clean(reason))

    def pause_host(self, run: int, host: str, until: float) -> None:
        """Remember that a host is to be left alone until a time; no worker is handed a page of it before."""
        self._do("host", self._of(run), clean(host), "ready", repr(until))

    def stopped(self, run: int) -> dict[str, str]:
        """The hosts that are not to be asked again in a run, and why."""
        return {host: _text(why) for host, why in _pairs(self._do("told", self._of(run), "stopped"))}

    def paused(self, run: int, now: float) -> dict[str, float]:
        """The hosts that are to be left alone, and until when."""
        found = {host: float(until) for host, until in _pairs(self._do("told", self._of(run), "ready"))}
        return {host: until for host, until in found.items() if until > now}

    # -- the whole --------------------------------------------------------------------------------------------------

    def spend(self, run: int, source: str, pages: int, size: int) -> tuple[int, int]:
        """Count pages and bytes that a source has cost in a run; what it has cost all workers."""
        found = self._do("spend", self._of(run), source, pages, size)
        return int(found[0]), int(found[1])

    def counts(self, run: int, source: str | None = None) -> dict[str, int]:
        """Pages of a run by state."""
        found = dict.fromkeys(STATES, 0)
        for field, count in self.server.hgetall(f"{self.prefix}{self._of(run)}:count").items():
            state, _, of = _text(field).partition(" ")
            if source is None or of == source:
                found[state] += int(count)
        return found

    def clear(self, run: int) -> None:
        """Forget a run, but for the pages that it kept, and end its night; nothing while pages wait or are leased."""
        self._do("clear", self._of(run))

    def commit(self) -> None:
        """Confirm the outcomes since the last call: the store holds what their pages gave."""
        if self._had:
            self.server.sadd(f"{self.prefix}had", *self._had)
            self._had.clear()
        if self._given_up:
            self._do("drop", *self._given_up)
            self._given_up.clear()
        self._settle("confirm")

    def rollback(self) -> None:
        """Undo the outcomes since the last ``commit``: their pages are leased still, and come again when that runs out."""
        self._had.clear()
        self._given_up.clear()
        self._settle("undo")

    def _settle(self, how: str) -> None:
        tokens = [value for token in self._open for value in token]
        self._open.clear()
        if tokens:
            self._do(how, *tokens)


def connect(url: str, prefix: str = "xuncha:") -> RedisFrontier:
    """The frontier at ``redis://[:password@]host[:port]/db``.

    Raises:
        Unavailable: the extra is not installed, or no server answers.
    """
    try:
        from redis.exceptions import RedisError
        from scrapy_redis.connection import get_redis
    except ImportError as error:
        raise Unavailable(
            f"frontier {url.split('@')[-1]}: expected redis and scrapy-redis, found {error.name} missing; pip install 'xuncha[cluster]'"
        ) from error
    server = get_redis(url=url, socket_timeout=30, socket_connect_timeout=10)
    try:
        server.ping()
    except RedisError as error:
        raise Unavailable(
            f"frontier {url.split('@')[-1]}: expected a Redis server: {error}; start it, or mend setting 'frontier'"
        ) from error
    return RedisFrontier(server, prefix)


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _pairs(flat: list[Any]) -> Iterable[tuple[str, Any]]:
    return ((_text(flat[i]), flat[i + 1]) for i in range(0, len(flat), 2))


def _left(found: Iterable[Any]) -> list[Left]:
    return [Left(_text(source), _text(url), int(nights)) for source, url, nights in found]
