"""What each crawl found at each source: the counts from which a broken source is told from a quiet one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import time_of, when

COUNTS = (
    "waiting", "lists", "unchanged", "links", "pages", "empty", "documents", "titled", "authored", "dated",
)  # fmt: skip


class Yields:
    """Table ``yields``: by run and source, what the pages gave; written in the transactions that store the pages."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, run: int, source: str, counts: Mapping[str, int]) -> None:
        """Add to a run's counts of a source; names are those of ``COUNTS``. Call it within a transaction."""
        names = [name for name in COUNTS if counts.get(name)]
        sums = ", ".join(f"{name} = {name} + excluded.{name}" for name in names) or "run = run"
        columns, marks = "".join(f", {name}" for name in names), ", ?" * len(names)
        self.db.execute(
            f"INSERT INTO yields (run, source{columns}) VALUES (?, ?{marks}) ON CONFLICT (run, source) DO UPDATE SET {sums}",
            [run, source, *(counts[name] for name in names)],
        )

    def last(self, source: str, count: int, until: datetime) -> list[dict[str, Any]]:
        """A source's counts in its latest finished crawls, newest first: ``COUNTS``, run, started_at, new and changed documents."""
        rows = self.db.query(
            """SELECT y.*, r.started_at,
                (SELECT count(*) FROM documents d WHERE d.source = y.source AND d.run = y.run) AS new
            FROM yields y JOIN runs r ON r.id = y.run WHERE y.source = ? AND r.stage = 'crawl' AND r.state = 'finished'
            AND r.started_at <= ? ORDER BY y.run DESC LIMIT ?""",
            [source, when(until), count],
        )
        return [{**row, "started_at": time_of(row["started_at"])} for row in rows]

    def gap(self, source: str, run: int) -> bool:
        """Whether pages of the source's crawl before a run went lost to its lists: they must be read in full again.

        A full queue turned them away, or they were given up; what is merely kept for the next night is no gap.
        """
        query = """SELECT EXISTS (SELECT 1 FROM refusals WHERE source = :source AND run = (SELECT max(y.run) FROM yields y
            WHERE y.source = :source AND y.run < :run) AND reason IN ('queue of the source is full', 'given up')) AS found"""
        return bool(next(self.db.query(query, {"source": source, "run": run}))["found"])


YIELDS = (
    "CREATE TABLE yields (run INTEGER NOT NULL REFERENCES runs(id), source TEXT NOT NULL, "
    + ", ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in COUNTS)
    + ", PRIMARY KEY (run, source)) WITHOUT ROWID",
    "CREATE INDEX yields_source ON yields(source, run)",
    "CREATE INDEX documents_run ON documents(source, run)",
)
