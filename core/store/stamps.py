"""Time stamps (RFC 3161) that were asked for: of heads of the ledger and of bundles; those without an answer wait for the next try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, time_of, when

TABLES = (
    """CREATE TABLE stamps (id INTEGER PRIMARY KEY, subject TEXT NOT NULL, seq INTEGER NOT NULL, data BLOB NOT NULL, asked_at TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0, fault TEXT NOT NULL DEFAULT '', authority TEXT NOT NULL DEFAULT '', request BLOB, response BLOB,
        stamped_at TEXT)""",
    "CREATE INDEX stamps_waiting ON stamps(id) WHERE response IS NULL",
)
LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp: its subject (``ledger`` or a bundle's folder), the entry of the ledger it goes with, the bytes that it is about.

    ``request`` and ``response`` are DER as sent and received, ``stamped_at`` the authority's time; they are empty while it waits.
    """

    id: int
    subject: str
    seq: int
    data: bytes
    asked_at: datetime
    tries: int
    fault: str
    authority: str
    request: bytes
    response: bytes
    stamped_at: datetime | None


class Stamps:
    """Table ``stamps``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def ask(self, subject: str, seq: int, data: bytes, at: datetime) -> int:
        """Queue a time stamp; what has been asked for already is not asked for twice. Returns its id."""
        with self.db.atomic():
            known = self.db.execute(
                "SELECT id FROM stamps WHERE subject = ? AND data = ?", [clean(subject), data]
            ).fetchone()
            if known:
                return int(known[0])
            cursor = self.db.execute(
                "INSERT INTO stamps (subject, seq, data, asked_at) VALUES (?, ?, ?, ?)",
                [clean(subject), seq, data, when(at)],
            )
            return int(cursor.lastrowid or 0)

    def answered(self, id: int, authority: str, request: bytes, response: bytes, stamped_at: datetime) -> None:
        """Store an authority's answer."""
        with self.db.atomic():
            self.db.execute(
                "UPDATE stamps SET authority = ?, request = ?, response = ?, stamped_at = ?, tries = tries + 1, fault = '' WHERE id = ?",
                [authority, request, response, when(stamped_at), id],
            )

    def failed(self, id: int, fault: str) -> None:
        """Remember that no authority answered; the stamp waits on."""
        with self.db.atomic():
            self.db.execute("UPDATE stamps SET tries = tries + 1, fault = ? WHERE id = ?", [clean(fault), id])

    def waiting(self) -> list[Stamp]:
        """Those that no authority has answered yet, oldest first."""
        return self._all("WHERE response IS NULL")

    def held(self) -> list[Stamp]:
        """Those that were answered, oldest first."""
        return self._all("WHERE response IS NOT NULL")

    def get(self, id: int) -> Stamp:
        """The stamp with an id, which must be there."""
        return self._all("WHERE id = ?", [id])[0]

    def _all(self, where: str, values: Sequence[Any] = ()) -> list[Stamp]:
        rows = self.db.query(f"SELECT * FROM stamps {where} ORDER BY id", list(values))
        return [
            Stamp(**{
                **row, "asked_at": time_of(row["asked_at"]), "request": row["request"] or b"", "response": row["response"] or b"",
                "stamped_at": time_of(row["stamped_at"]) if row["stamped_at"] else None,
            })
            for row in rows
        ]  # fmt: skip
