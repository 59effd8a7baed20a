"""Counts over several tables, for the daily digest. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import time_of, when
from core.store.runs import run_of
from core.types import Run

ROBOTS = "robots.txt"  # what captures of robots.txt itself bear instead of a source


class Overview:
    """What happened in a time, over all tables. ``shift`` is a modifier of SQLite such as ``+8 hours``: the zone of a day."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def runs(self, since: datetime, until: datetime) -> list[Run]:
        """Runs that began or ended in a time, oldest first, and earlier ones that nothing has gone on with."""
        rows = self.db.query(
            """SELECT * FROM runs r WHERE started_at <= :until AND (started_at >= :since OR finished_at >= :since
            OR (state IN ('running', 'interrupted')
                AND NOT EXISTS (SELECT 1 FROM runs later WHERE later.stage = r.stage AND later.id > r.id)))
            ORDER BY id""",
            {"since": when(since), "until": when(until)},
        )
        return [run_of(row) for row in rows]

    def first_run(self) -> datetime | None:
        """When the oldest run began; None where there is none."""
        first = next(self.db.query("SELECT min(started_at) AS at FROM runs"))["at"]
        return time_of(first) if first else None

    def asked(self, run: int) -> list[str]:
        """The sources that a run was to patrol, as its inputs name them."""
        rows = self.db.query(
            "SELECT s.value AS source FROM runs, json_each(runs.inputs, '$.sources') s WHERE runs.id = ?", [run]
        )
        return [str(row["source"]) for row in rows]

    def patrols(self, source: str, count: int, until: datetime) -> list[Run]:
        """The latest finished crawls that were to patrol a source, newest first."""
        rows = self.db.query(
            """SELECT * FROM runs WHERE stage = 'crawl' AND state = 'finished' AND started_at <= ?
            AND EXISTS (SELECT 1 FROM json_each(runs.inputs, '$.sources') s WHERE s.value = ?) ORDER BY id DESC LIMIT ?""",
            [when(until), source, count],
        )
        return [run_of(row) for row in rows]

    def held(self) -> dict[str, tuple[int, datetime]]:
        """For each source that ever gave documents: how many, and when one was last seen."""
        rows = self.db.query(
            "SELECT source, count(*) AS n, max(last_seen) AS last FROM documents GROUP BY source ORDER BY source"
        )
        return {row["source"]: (int(row["n"]), time_of(row["last"])) for row in rows}

    def answers(self, source: str, since: datetime) -> dict[str, int]:
        """How a source has answered since a time: ``fetched`` captures, ``unchanged`` (304) among them, ``refused`` URLs."""
        fetched = next(
            self.db.query(
                "SELECT count(*) AS fetched, coalesce(sum(status = 304), 0) AS unchanged FROM captures WHERE source = ? AND fetched_at >= ?",
                [source, when(since)],
            )
        )
        refused = next(
            self.db.query("SELECT count(*) AS n FROM refusals WHERE source = ? AND at >= ?", [source, when(since)])
        )
        return {
            "fetched": int(fetched["fetched"]),
            "unchanged": int(fetched["unchanged"]),
            "refused": int(refused["n"]),
        }

    def rater(self, prefix: str) -> str:
        """The rater with this prefix that judged last; empty where none did."""
        rows = self.db.query(
            "SELECT rater FROM judgements WHERE substr(rater, 1, length(:prefix)) = :prefix ORDER BY id DESC LIMIT 1",
            {"prefix": prefix},
        )
        return next((str(row["rater"]) for row in rows), "")

    def mix(self, rater: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """What a rater judged in a time: rows with label, n, flagged and unsure (counts)."""
        return list(
            self.db.query(
                """SELECT label, count(*) AS n, sum(flagged) AS flagged, sum(unsure) AS unsure FROM judgements
                WHERE rater = ? AND at >= ? AND at <= ? GROUP BY label ORDER BY n DESC, label""",
                [rater, when(since), when(until)],
            )
        )

    def pages_by_day(self, since: datetime, until: datetime, shift: str) -> dict[str, int]:
        """Captured pages (robots.txt apart) by day (YYYY-MM-DD); days without any are left out."""
        query = """SELECT date(fetched_at, :shift) AS day, count(*) AS n FROM captures
            WHERE source <> :robots AND fetched_at >= :since AND fetched_at <= :until GROUP BY day"""
        return self._by_day(query, since, until, shift=shift, robots=ROBOTS)

    def flagged_by_day(self, rater: str, since: datetime, until: datetime, shift: str) -> dict[str, int]:
        """Documents whose newest version a rater flags, by the day they were first seen; days without any are left out."""
        query = """SELECT date(d.first_seen, :shift) AS day, count(*) AS n FROM documents d
            JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = :rater AND j.flagged = 1
            WHERE d.first_seen >= :since AND d.first_seen <= :until GROUP BY day"""
        return self._by_day(query, since, until, shift=shift, rater=rater)

    def leads_by_day(self, since: datetime, until: datetime, shift: str) -> dict[str, int]:
        """New leads by day; days without any are left out."""
        query = """SELECT date(at, :shift) AS day, count(*) AS n FROM lead_events
            WHERE kind = 'new' AND at >= :since AND at <= :until GROUP BY day"""
        return self._by_day(query, since, until, shift=shift)

    def new_leads(self, since: datetime, until: datetime) -> int:
        """New leads in a time, its end left out."""
        query = "SELECT count(*) AS n FROM lead_events WHERE kind = 'new' AND at >= ? AND at < ?"
        return int(next(self.db.query(query, [when(since), when(until)]))["n"])

    def waiting(self) -> list[dict[str, Any]]:
        """Open leads, oldest first: ``id``, ``title``, ``created_at`` and ``answer``, the act that stands (empty: undecided)."""
        rows = self.db.query(
            "SELECT id, title, created_at, answer FROM leads WHERE state = 'open' ORDER BY created_at, id"
        )
        return [{**row, "created_at": time_of(row["created_at"])} for row in rows]

    def _by_day(self, query: str, since: datetime, until: datetime, **values: str) -> dict[str, int]:
        rows = self.db.query(query, {"since": when(since), "until": when(until), **values})
        return {row["day"]: int(row["n"]) for row in rows}
