"""What the crawler asks of a frontier. ``core.store.frontier`` is the form in SQLite, ``crawler.redis_frontier`` the one for several machines; each
passes the same tests, ``tests/crawler/test_frontier.py``, which take any form from a factory.

Rules of the contract. A page enters a run once. It is pending, leased, done, failed or kept for a later run. A lease is handed to one
worker; its token is ``(id, attempts)``, so that an outcome that comes after its lease was handed on changes nothing and may not be
stored. A host belongs to the worker that leased from it last, until its claim (as long as a lease) has run out: pace and pauses are
that worker's affair. Acknowledgements and pushes are made between two calls of ``commit``, which follows the commit of the store's
transaction with what the pages gave; the SQLite form is part of that transaction. A form that cannot be may hand a page out again
after a crash between the two, and never loses one. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from core.store.frontier import Leased, Left

__all__ = ["Frontier", "Leased", "Left"]


class Frontier(Protocol):
    """The pages to fetch; ``shared`` tells whether other workers have the same queue."""

    shared: bool

    def known(self, url: str) -> bool:
        """Whether another worker's store has a page; False in a form that has no other worker."""
        ...

    def had(self, urls: Iterable[str]) -> None:
        """Tell the other workers, with the next ``commit``, that pages were had."""
        ...

    def unsettled(self, run: int) -> int:
        """How many pages of a run are pending, leased, or ended without a commit yet."""
        ...

    def push(
        self, run: int, source: str, fingerprint: str, url: str, host: str, request: str, priority: int, kept: bool = False
    ) -> bool:  # fmt: skip
        """Queue a page once in a run, or keep it for a later run; False when the run has it already."""
        ...

    def queued(self, run: int, fingerprint: str) -> bool:
        """Whether a page is in a run's queue, in whatever state."""
        ...

    def lease(self, run: int, host: str, worker: str, now: float, seconds: float) -> Leased | None:
        """Hand out the next page of a host, by priority, then age; None when none is pending or another worker has the host."""
        ...

    def renew(self, leases: Iterable[Leased], until: float) -> None:
        """Make leases last longer: their worker is alive and at work on them."""
        ...

    def expire(self, run: int, now: float) -> int:
        """Make pages pending again whose lease has run out; how many."""
        ...

    def recover(self, run: int) -> int:
        """Free what a worker that is known to be gone had leased; how many pages. A form that others share must leave it to ``expire``."""
        ...

    def done(self, leased: Leased) -> bool:
        """Acknowledge a page; False, and nothing of it may be stored, when the lease was lost."""
        ...

    def failed(self, leased: Leased, reason: str) -> bool:
        """Give a page up, with the reason; False when the lease was lost."""
        ...

    def keep(self, leased: Leased, reason: str, priority: int = 0) -> bool:
        """Keep a page for a later run, ``priority`` added to its own; False when the lease was lost."""
        ...

    def retry(self, leased: Leased, counted: bool = True) -> bool:
        """Put a leased page back; without ``counted`` the lease is not one of its attempts. False when the lease was lost."""
        ...

    def keep_host(self, run: int, host: str, reason: str) -> list[Left]:
        """Keep all pending pages of a host for a later run; which."""
        ...

    def keep_source(self, run: int, source: str, reason: str) -> list[Left]:
        """Keep all pending pages of a source for a later run; which."""
        ...

    def keep_strangers(self, run: int, sources: Iterable[str], reason: str) -> list[Left]:
        """Keep all pending pages of other sources than these for a later run; which."""
        ...

    def carry(self, run: int, sources: Iterable[str], nights: int) -> list[Left]:
        """Put what earlier runs kept of these sources into a run's queue, behind what it finds itself.

        Returns what was kept over ``nights`` runs already, and is now given up.
        """
        ...

    def hosts(self, run: int) -> dict[str, int]:
        """Hosts with pages pending, and how many."""
        ...

    def stop_host(self, run: int, host: str, reason: str) -> None:
        """Remember that a host is not to be asked again in a run, and why."""
        ...

    def pause_host(self, run: int, host: str, until: float) -> None:
        """Remember that a host is to be left alone until a time."""
        ...

    def stopped(self, run: int) -> dict[str, str]:
        """The hosts that are not to be asked again in a run, and why."""
        ...

    def paused(self, run: int, now: float) -> dict[str, float]:
        """The hosts that are to be left alone, and until when."""
        ...

    def spend(self, run: int, source: str, pages: int, size: int) -> tuple[int, int] | None:
        """Count pages and bytes that a source has cost in a run; what it has cost all workers, None in a form that has no other worker."""
        ...

    def counts(self, run: int, source: str | None = None) -> dict[str, int]:
        """Pages of a run by state."""
        ...

    def clear(self, run: int) -> None:
        """Forget a run, but for the pages that it kept; nothing while pages wait or are leased."""
        ...

    def commit(self) -> None:
        """Make what was done since the last call hold: the store's transaction has been committed."""
        ...

    def rollback(self) -> None:
        """Undo what was done since the last ``commit``: the store's transaction has failed."""
        ...
