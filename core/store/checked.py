"""What is known of sources in this workspace: the verdict of their robots.txt with the date it was read, and whether they are switched on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from core.store.rows import clean, time_of, when


@dataclass(frozen=True, slots=True)
class Check:
    """One reading of robots.txt for a source: ``allowed``, ``partly``, ``forbidden`` or ``unreachable``; ``detail`` names its start pages."""

    source: str
    read_at: datetime
    verdict: str
    detail: str


class Checked:
    """Tables ``source_checks`` and ``source_switches``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def put(self, check: Check) -> None:
        """Keep a reading, instead of the one before."""
        with self.db.atomic():
            row = {
                "source": clean(check.source),
                "read_at": when(check.read_at),
                "verdict": check.verdict,
                "detail": clean(check.detail),
            }
            self.db.table("source_checks").upsert(row, pk="source")

    def all(self) -> dict[str, Check]:
        """The last reading of each source by name."""
        return {
            row["source"]: Check(row["source"], time_of(row["read_at"]), row["verdict"], row["detail"])
            for row in self.db.query("SELECT * FROM source_checks")
        }

    def switch(self, source: str, on: bool, at: datetime) -> None:
        """Switch a source on or off, whatever its declaration says."""
        with self.db.atomic():
            self.db.table("source_switches").upsert(
                {"source": clean(source), "is_on": int(on), "at": when(at)}, pk="source"
            )

    def switches(self) -> dict[str, bool]:
        """Which sources the operator has switched on or off."""
        return {row["source"]: bool(row["is_on"]) for row in self.db.query("SELECT source, is_on FROM source_switches")}
