"""The frontier in SQLite: pages to fetch, leased one by one, so that a crash loses none.

A page is pending, leased, done, failed, or kept for a later run. ``lease`` hands it to a worker for a while; ``done`` is called
in the very transaction that stores what the page gave; a lease that runs out makes the page pending again. A host belongs to the
worker that leases from it. Time is in seconds since the epoch and is passed in. The contract, which other forms share, is
``crawler.frontier.Frontier``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from core.store.rows import clean, pack

# migration 0010
SCHEMA = (
    "ALTER TABLE frontier ADD COLUMN nights INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX frontier_kept ON frontier(source) WHERE state = 'kept'",
    "CREATE INDEX frontier_source ON frontier(run, source, state)",
    """CREATE TABLE frontier_hosts (run INTEGER NOT NULL REFERENCES runs(id), host TEXT NOT NULL, worker TEXT NOT NULL,
        until REAL NOT NULL, ready_at REAL NOT NULL, stopped TEXT NOT NULL, PRIMARY KEY (run, host))""",
    # when a run that had been cut off was gone on with: a run that was killed says so
    "CREATE TABLE run_resumptions (run INTEGER NOT NULL REFERENCES runs(id), at TEXT NOT NULL)",
    "CREATE INDEX refusals_url ON refusals(run, url)",
    "CREATE INDEX captures_run ON captures(run, source)",
)


@dataclass(frozen=True, slots=True)
class Leased:
    """A page handed to a worker.

    ``request`` is whatever the crawler packed; ``attempts`` counts the leases of this run from 1, and with ``id`` it is the
    lease's token; ``nights`` counts the runs that the page was kept over.
    """

    id: int
    url: str
    host: str
    source: str
    request: str
    attempts: int
    nights: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """A page that was not fetched; ``nights`` counts the runs that it had been kept over before."""

    source: str
    url: str
    nights: int


class Frontier:
    """Tables ``frontier`` and ``frontier_hosts``."""

    shared = False

    def __init__(self, db: Database) -> None:
        self.db = db
        self._claims: dict[tuple[int, str, str], float] = {}

    def push(
        self, run: int, source: str, fingerprint: str, url: str, host: str, request: str, priority: int, kept: bool = False
    ) -> bool:  # fmt: skip
        """Queue a page once in a run, or keep it for a later run; False when the run has it already."""
        cursor = self.db.execute(
            """INSERT OR IGNORE INTO frontier (run, source, fingerprint, url, host, request, priority, state, worker,
            leased_until, attempts, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, '')""",
            [run, source, fingerprint, clean(url), clean(host), clean(request), priority, "kept" if kept else "pending"],
        )  # fmt: skip
        return cursor.rowcount > 0

    def queued(self, run: int, fingerprint: str) -> bool:
        """Whether a page is in a run's queue, in whatever state."""
        return any(self.db.query("SELECT 1 FROM frontier WHERE run = ? AND fingerprint = ?", [run, fingerprint]))

    # -- leases -----------------------------------------------------------------------------------------------------

    def lease(self, run: int, host: str, worker: str, now: float, seconds: float) -> Leased | None:
        """Hand out the next page of a host, by priority, then age; None when none is pending or another worker has the host."""
        if not self._claimed(run, host, worker, now, seconds):
            return None
        with self.db.atomic():
            row = self.db.execute(
                """UPDATE frontier SET state = 'leased', worker = ?, leased_until = ?, attempts = attempts + 1
                WHERE id = (SELECT id FROM frontier WHERE run = ? AND host = ? AND state = 'pending'
                ORDER BY priority DESC, id LIMIT 1) RETURNING id, url, host, source, request, attempts, nights""",
                [worker, now + seconds, run, clean(host)],
            ).fetchone()
        return Leased(*row) if row else None

    def _claimed(self, run: int, host: str, worker: str, now: float, seconds: float) -> bool:
        """Whether a host is this worker's; a claim lasts as long as a lease and is renewed half way."""
        key = (run, host, worker)
        if self._claims.get(key, 0.0) > now + seconds / 2:
            return True
        cursor = self.db.execute(
            """INSERT INTO frontier_hosts (run, host, worker, until, ready_at, stopped) VALUES (?, ?, ?, ?, 0, '')
            ON CONFLICT (run, host) DO UPDATE SET worker = excluded.worker, until = excluded.until
            WHERE frontier_hosts.worker IN (excluded.worker, '') OR frontier_hosts.until <= ?""",
            [run, clean(host), worker, now + seconds, now],
        )
        if cursor.rowcount > 0:
            self._claims[key] = now + seconds
        return cursor.rowcount > 0

    def renew(self, leases: Iterable[Leased], until: float) -> None:
        """Make leases last longer: their worker is alive and at work on them."""
        with self.db.atomic():
            for leased in leases:
                self.db.execute(
                    "UPDATE frontier SET leased_until = ? WHERE id = ? AND attempts = ? AND state = 'leased'",
                    [until, leased.id, leased.attempts],
                )

    def expire(self, run: int, now: float) -> int:
        """Make pages pending again whose lease has run out; how many."""
        return self._free("leased_until <= ?", run, now)

    def recover(self, run: int) -> int:
        """Make all leased pages pending again and free all hosts, when the run's only worker is known to be gone; how many pages."""
        self._claims.clear()
        with self.db.atomic():
            self.db.execute("UPDATE frontier_hosts SET worker = '', until = 0 WHERE run = ?", [run])
            return self._free("1", run)

    def _free(self, clause: str, run: int, *values: float) -> int:
        cursor = self.db.execute(
            f"UPDATE frontier SET state = 'pending', worker = '' WHERE run = ? AND state = 'leased' AND {clause}",
            [run, *values],
        )
        return int(cursor.rowcount)

    # -- what became of a leased page -------------------------------------------------------------------------------

    def done(self, leased: Leased) -> bool:
        """Acknowledge a page, in the transaction that stores its items; False, and nothing may be stored, when the lease was lost."""
        return self._end(leased, "state = 'done', request = ''")

    def failed(self, leased: Leased, reason: str) -> bool:
        """Give a page up, with the reason; False when the lease was lost."""
        return self._end(leased, "state = 'failed', request = '', reason = ?", clean(reason))

    def keep(self, leased: Leased, reason: str, priority: int = 0) -> bool:
        """Keep a page for a later run, ``priority`` added to its own; False when the lease was lost."""
        return self._end(
            leased, "state = 'kept', reason = ?, worker = '', priority = priority + ?", clean(reason), priority
        )

    def retry(self, leased: Leased, counted: bool = True) -> bool:
        """Put a leased page back; without ``counted`` the lease is not one of its attempts. False when the lease was lost."""
        return self._end(leased, "state = 'pending', worker = '', attempts = attempts - ?", 0 if counted else 1)

    def _end(self, leased: Leased, change: str, *values: str | int) -> bool:
        # a lease that ran out and that nobody took is still good; one that was taken, or ended already, is not
        cursor = self.db.execute(
            f"UPDATE frontier SET {change} WHERE id = ? AND attempts = ? AND state IN ('leased', 'pending')",
            [*values, leased.id, leased.attempts],
        )
        return cursor.rowcount > 0

    # -- pages by the heap ------------------------------------------------------------------------------------------

    def keep_host(self, run: int, host: str, reason: str) -> list[Left]:
        """Keep all pending pages of a host for a later run; which."""
        return self._keep(reason, "run = ? AND host = ?", run, clean(host))

    def keep_source(self, run: int, source: str, reason: str) -> list[Left]:
        """Keep all pending pages of a source for a later run; which."""
        return self._keep(reason, "run = ? AND source = ?", run, source)

    def keep_strangers(self, run: int, sources: Iterable[str], reason: str) -> list[Left]:
        """Keep all pending pages of other sources than these for a later run; which."""
        return self._keep(
            reason, "run = ? AND source NOT IN (SELECT value FROM json_each(?))", run, pack(sorted(sources))
        )

    def _keep(self, reason: str, clause: str, *values: str | int) -> list[Left]:
        with self.db.atomic():
            rows = self.db.execute(
                f"""UPDATE frontier SET state = 'kept', reason = ? WHERE state = 'pending' AND {clause}
                RETURNING source, url, nights""",
                [clean(reason), *values],
            ).fetchall()
        return [Left(*row) for row in rows]

    def carry(self, run: int, sources: Iterable[str], nights: int) -> list[Left]:
        """Put what earlier runs kept of these sources into a run's queue, behind what it finds itself.

        Returns what was kept over ``nights`` runs already, and is now given up.
        """
        clause = "state = 'kept' AND run <> ? AND source IN (SELECT value FROM json_each(?))"
        which = [run, pack(sorted(sources))]
        with self.db.atomic():
            rows = self.db.execute(
                f"DELETE FROM frontier WHERE {clause} AND nights >= ? RETURNING source, url, nights", [*which, nights]
            ).fetchall()
            self.db.execute(
                f"""UPDATE OR IGNORE frontier SET run = ?, state = 'pending', worker = '', leased_until = 0, attempts = 0,
                nights = nights + 1, priority = priority - 1 WHERE {clause}""",
                [run, *which],
            )
            self.db.execute(f"DELETE FROM frontier WHERE {clause}", which)  # found again by this run before
        return [Left(*row) for row in rows]

    # -- hosts ------------------------------------------------------------------------------------------------------

    def hosts(self, run: int) -> dict[str, int]:
        """Hosts with pages pending, and how many."""
        rows = self.db.query(
            "SELECT host, count(*) AS n FROM frontier WHERE run = ? AND state = 'pending' GROUP BY host", [run]
        )
        return {row["host"]: int(row["n"]) for row in rows}

    def stop_host(self, run: int, host: str, reason: str) -> None:
        """Remember that a host is not to be asked again in a run, and why."""
        self._of_host(run, host, "stopped", clean(reason))

    def pause_host(self, run: int, host: str, until: float) -> None:
        """Remember that a host is to be left alone until a time."""
        self._of_host(run, host, "ready_at", until)

    def _of_host(self, run: int, host: str, column: str, value: str | float) -> None:
        first = {"stopped": "", "ready_at": 0.0, column: value}
        self.db.execute(
            f"""INSERT INTO frontier_hosts (run, host, worker, until, ready_at, stopped) VALUES (?, ?, '', 0, ?, ?)
            ON CONFLICT (run, host) DO UPDATE SET {column} = excluded.{column}""",
            [run, clean(host), first["ready_at"], first["stopped"]],
        )

    def stopped(self, run: int) -> dict[str, str]:
        """The hosts that are not to be asked again in a run, and why."""
        rows = self.db.query("SELECT host, stopped FROM frontier_hosts WHERE run = ? AND stopped <> ''", [run])
        return {row["host"]: row["stopped"] for row in rows}

    def paused(self, run: int, now: float) -> dict[str, float]:
        """The hosts that are to be left alone, and until when."""
        rows = self.db.query("SELECT host, ready_at FROM frontier_hosts WHERE run = ? AND ready_at > ?", [run, now])
        return {row["host"]: float(row["ready_at"]) for row in rows}

    # -- other workers: there is none ------------------------------------------------------------------------------

    def known(self, url: str) -> bool:  # noqa: ARG002 - the contract
        """No: what was had is in this store."""
        return False

    def had(self, urls: Iterable[str]) -> None:
        """Nothing to do: the store knows its pages."""

    def unsettled(self, run: int) -> int:
        """How many pages of a run are pending or leased."""
        counts = self.counts(run)
        return counts["pending"] + counts["leased"]

    # -- the whole --------------------------------------------------------------------------------------------------

    def spend(self, run: int, source: str, pages: int, size: int) -> None:
        """Nothing: the captures of the run tell what its sources have cost, and there is no other worker."""

    def counts(self, run: int, source: str | None = None) -> dict[str, int]:
        """Pages of a run by state."""
        rows = self.db.query(
            "SELECT state, count(*) AS n FROM frontier WHERE run = ? AND (? IS NULL OR source = ?) GROUP BY state",
            [run, source, source],
        )
        found = {row["state"]: int(row["n"]) for row in rows}
        return dict.fromkeys(("pending", "leased", "done", "failed", "kept"), 0) | found

    def clear(self, run: int) -> None:
        """Forget a run, but for the pages that it kept; nothing while pages wait or are leased."""
        with self.db.atomic():
            if self.unsettled(run):
                return
            self.db.execute("DELETE FROM frontier WHERE run = ? AND state <> 'kept'", [run])
            self.db.execute("DELETE FROM frontier_hosts WHERE run = ?", [run])

    def commit(self) -> None:
        """Nothing to do: what was done is in the store's own transaction, and holds with it."""

    def rollback(self) -> None:
        """Forget what is remembered of the transaction that failed."""
        self._claims.clear()
