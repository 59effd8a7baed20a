"""The frontier: pages to fetch, leased one by one, so that a crash loses none.

A page is pending, leased, done or failed. ``lease`` hands it to a worker for a while; ``done`` is called in the very
transaction that stores what the page gave; a lease that runs out makes the page pending again. Time is in seconds since
the epoch and is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from core.store.rows import clean, pack


@dataclass(frozen=True, slots=True)
class Leased:
    """A page handed to a worker; ``request`` is whatever the crawler packed, ``attempts`` counts from 1."""

    id: int
    url: str
    host: str
    source: str
    request: str
    attempts: int


class Frontier:
    """Table ``frontier``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def push(self, run: int, source: str, fingerprint: str, url: str, host: str, request: str, priority: int) -> bool:
        """Queue a page once in a run; False when it is there already."""
        with self.db.atomic():
            cursor = self.db.execute(
                """INSERT OR IGNORE INTO frontier (run, source, fingerprint, url, host, request, priority, state, worker,
                leased_until, attempts, reason) VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', '', 0, 0, '')""",
                [run, source, fingerprint, clean(url), clean(host), clean(request), priority],
            )
        return cursor.rowcount > 0

    def queued(self, run: int, fingerprint: str) -> bool:
        """Whether a page is in a run's queue, in whatever state."""
        return any(self.db.query("SELECT 1 FROM frontier WHERE run = ? AND fingerprint = ?", [run, fingerprint]))

    def lease(self, run: int, host: str, worker: str, now: float, seconds: float) -> Leased | None:
        """Hand out the next page of a host, by priority, then age; None when it has none pending."""
        with self.db.atomic():
            rows = self.db.query(
                """UPDATE frontier SET state = 'leased', worker = ?, leased_until = ?, attempts = attempts + 1
                WHERE id = (SELECT id FROM frontier WHERE run = ? AND host = ? AND state = 'pending'
                ORDER BY priority DESC, id LIMIT 1) RETURNING id, url, host, source, request, attempts""",
                [worker, now + seconds, run, host],
            )
            row = next(iter(list(rows)), None)
        return Leased(**row) if row else None

    def hosts(self, run: int) -> dict[str, int]:
        """Hosts with pages pending, and how many."""
        rows = self.db.query(
            "SELECT host, count(*) AS n FROM frontier WHERE run = ? AND state = 'pending' GROUP BY host", [run]
        )
        return {row["host"]: int(row["n"]) for row in rows}

    def drop_host(self, run: int, host: str, reason: str) -> list[tuple[str, str]]:
        """Give up all pending pages of a host; their (source, URL) pairs."""
        with self.db.atomic():
            rows = self.db.query(
                """UPDATE frontier SET state = 'failed', reason = ? WHERE run = ? AND host = ? AND state = 'pending'
                RETURNING source, url""",
                [reason, run, host],
            )
            return [(row["source"], row["url"]) for row in rows]

    def drop_strangers(self, run: int, sources: Iterable[str], reason: str) -> list[tuple[str, str]]:
        """Give up all pending pages of other sources than these; their (source, URL) pairs."""
        with self.db.atomic():
            rows = self.db.query(
                """UPDATE frontier SET state = 'failed', reason = ? WHERE run = ? AND state = 'pending'
                AND source NOT IN (SELECT value FROM json_each(?)) RETURNING source, url""",
                [reason, run, pack(sorted(sources))],
            )
            return [(row["source"], row["url"]) for row in rows]

    def expire(self, run: int, now: float) -> int:
        """Make pages pending again whose lease has run out; how many."""
        return self._free("leased_until <= ?", run, now)

    def recover(self, run: int) -> int:
        """Make all leased pages pending again, when the run's only worker is known to be gone; how many."""
        return self._free("1", run)

    def _free(self, clause: str, run: int, *values: float) -> int:
        with self.db.atomic():
            cursor = self.db.execute(
                f"UPDATE frontier SET state = 'pending', worker = '' WHERE run = ? AND state = 'leased' AND {clause}",
                [run, *values],
            )
        return int(cursor.rowcount)

    def done(self, id: int) -> None:
        """Acknowledge a page; call it in the transaction that stores its items."""
        with self.db.atomic():
            self.db.execute("UPDATE frontier SET state = 'done', request = '' WHERE id = ?", [id])

    def failed(self, id: int, reason: str) -> None:
        """Give a page up, with the reason."""
        with self.db.atomic():
            self.db.execute("UPDATE frontier SET state = 'failed', reason = ? WHERE id = ?", [reason, id])

    def retry(self, id: int) -> None:
        """Put a leased page back."""
        with self.db.atomic():
            self.db.execute(
                "UPDATE frontier SET state = 'pending', worker = '' WHERE id = ? AND state = 'leased'", [id]
            )

    def counts(self, run: int, source: str | None = None) -> dict[str, int]:
        """Pages by state."""
        rows = self.db.query(
            "SELECT state, count(*) AS n FROM frontier WHERE run = ? AND (? IS NULL OR source = ?) GROUP BY state",
            [run, source, source],
        )
        return {"pending": 0, "leased": 0, "done": 0, "failed": 0} | {row["state"]: int(row["n"]) for row in rows}

    def clear(self, run: int) -> None:
        """Forget the pages of a finished run."""
        with self.db.atomic():
            self.db.execute("DELETE FROM frontier WHERE run = ?", [run])
