"""Pages that were captured and wait to be read: those of sources that declare no selectors, read in batches after the crawl."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlite_utils import Database

from core.store.rows import pack


class Unread:
    """Table ``unread``: captures that no document has been made of yet."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, capture: str, source: str, role: str, extra: Mapping[str, Any]) -> None:
        """Remember a capture to be read; twice is as good as once."""
        with self.db.atomic():
            row = {"capture": capture, "source": source, "role": role, "extra": pack(dict(extra))}
            self.db.table("unread").insert(row, ignore=True)

    def batches(self, sources: Iterable[str], size: int = 50) -> Iterator[list[dict[str, Any]]]:
        """Rows of some sources (capture, source, role and extra as a mapping), oldest first; remove what was read before asking on."""
        last = 0
        while True:
            rows = list(
                self.db.query(
                    """SELECT rowid AS place, * FROM unread WHERE rowid > ? AND source IN (SELECT value FROM json_each(?))
                    ORDER BY rowid LIMIT ?""",
                    [last, pack(sorted(sources)), size],
                )
            )
            if not rows:
                return
            last = rows[-1]["place"]
            yield [{**row, "extra": json.loads(row["extra"])} for row in rows]

    def remove(self, capture: str) -> None:
        """A capture has been read; call it in the transaction that stores what it gave."""
        with self.db.atomic():
            self.db.execute("DELETE FROM unread WHERE capture = ?", [capture])

    def count(self) -> int:
        """How many captures wait."""
        return int(next(self.db.query("SELECT count(*) AS n FROM unread"))["n"])
