"""The ledger: a hash-chained, append-only log of acts. Triggers refuse changes; the chain shows any that got past them.

``hash`` is SHA-256 (hex) over the canonical JSON of seq, at, actor, action, object, payload_sha256 and prev; the payload
itself is held apart, so that a lawful erasure leaves the chain valid: the payload becomes empty, which no genuine one is, and a later
entry says who erased it and why. The chain shows what was changed, removed between others or re-ordered; that the last entries were cut
off, or all was hashed anew, only a head shows that was kept elsewhere (``evidence.audit``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.errors import InputError
from core.store.rows import clean, pack, when

GENESIS = "0" * 64
ERASED = "payload erased"
LAWFUL = ("seq", "at", "actor", "action", "object", "payload_sha256", "prev", "hash")  # what no erasure may touch
GUARDED = ("ledger", "decisions", "captures", "document_versions")
TABLES = (
    "DROP TRIGGER ledger_no_UPDATE",
    f"""CREATE TRIGGER ledger_no_UPDATE BEFORE UPDATE ON ledger
        WHEN NOT (NEW.payload = '' AND OLD.payload <> '' AND {" AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in LAWFUL)})
        BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END""",
    "CREATE INDEX ledger_object ON ledger(object, action)",
)


class Ledger:
    """Table ``ledger``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def append(
        self, at: datetime, actor: str, action: str, object: str, payload: Mapping[str, Any] | None = None
    ) -> str:
        """Add an act; returns the new head (hex)."""
        with self.db.atomic():
            last = next(self.db.query("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1"), None)
            entry: dict[str, Any] = {
                "seq": (last["seq"] if last else 0) + 1,
                "at": when(at),
                "actor": clean(actor),
                "action": clean(action),
                "object": clean(object),
                "payload": pack(dict(payload or {})),
                "prev": last["hash"] if last else GENESIS,
            }
            entry["payload_sha256"] = hashlib.sha256(entry["payload"].encode()).hexdigest()
            entry["hash"] = link(entry)
            self.db.table("ledger").insert(entry)
        return str(entry["hash"])

    def entries(self) -> Iterator[dict[str, Any]]:
        """All entries, oldest first."""
        return self.db.query("SELECT * FROM ledger ORDER BY seq")

    def since(self, at: datetime) -> list[dict[str, Any]]:
        """All entries from the first that is not older than a time, oldest first."""
        query = "SELECT * FROM ledger WHERE seq >= (SELECT min(seq) FROM ledger WHERE at >= ?) ORDER BY seq"
        return list(self.db.query(query, [when(at)]))

    def head(self) -> tuple[int, str]:
        """Number and hash (hex) of the last entry; 0 and zeros where there is none."""
        row = self.db.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
        return (int(row[0]), str(row[1])) if row else (0, GENESIS)

    def hash_of(self, seq: int) -> str:
        """The hash of an entry; empty where there is no such entry."""
        row = self.db.execute("SELECT hash FROM ledger WHERE seq = ?", [seq]).fetchone()
        return str(row[0]) if row else ""

    def of(self, object: str, action: str) -> list[dict[str, Any]]:
        """All entries of an act on an object, oldest first."""
        query = "SELECT * FROM ledger WHERE object = ? AND action = ? ORDER BY seq"
        return list(self.db.query(query, [clean(object), clean(action)]))

    def has(self, object: str, action: str, actor: str, since: datetime) -> bool:
        """Whether somebody has done something to an object since a time."""
        query = "SELECT 1 FROM ledger WHERE object = ? AND action = ? AND actor = ? AND at >= ? LIMIT 1"
        return self.db.execute(query, [clean(object), clean(action), clean(actor), when(since)]).fetchone() is not None

    def erase(self, seq: int, at: datetime, by: str, why: str) -> str:
        """Erase the payload of an entry, as an act of its own; returns the new head.

        Raises:
            InputError: there is no such entry, its payload is erased already, or it records an erasure.
        """
        with self.db.atomic():
            row = self.db.execute("SELECT action, payload, payload_sha256 FROM ledger WHERE seq = ?", [seq]).fetchone()
            if row is None or not row[1] or row[0] == ERASED:
                found = "none" if row is None else "an erasure" if row[0] == ERASED else "one that is erased already"
                raise InputError(
                    f"ledger entry {seq}: expected an entry with a payload, found {found}; see `xuncha audit log`"
                )
            self.db.execute("UPDATE ledger SET payload = '' WHERE seq = ?", [seq])
            return self.append(at, by, ERASED, str(seq), {"payload_sha256": row[2], "why": why})

    def unguarded(self) -> list[str]:
        """Tables whose triggers against change are missing; nothing when all stand."""
        there = {row[0] for row in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()}
        return [table for table in GUARDED if not {f"{table}_no_UPDATE", f"{table}_no_DELETE"} <= there]

    def breaks(self) -> Iterator[str]:
        """Each place where the chain does not hold, in words that name the entry; nothing when it is whole."""
        prev, seq = GENESIS, 0
        erased = {row[0] for row in self.db.execute("SELECT object FROM ledger WHERE action = ?", [ERASED]).fetchall()}
        for entry in self.entries():
            where = f"ledger entry {entry['seq']}"
            if entry["seq"] != seq + 1:
                yield f"{where}: expected entry {seq + 1}; entries were removed"
            if entry["prev"] != prev:
                yield f"{where}: expected previous hash {prev[:12]}, found {entry['prev'][:12]}; entries were removed or re-ordered"
            if entry["payload"] == "":
                if str(entry["seq"]) not in erased:
                    yield f"{where}: the payload is gone, and no entry says that it was erased"
            elif hashlib.sha256(entry["payload"].encode()).hexdigest() != entry["payload_sha256"]:
                yield f"{where}: the payload was altered"
            if link(entry) != entry["hash"]:
                yield f"{where}: expected hash {link(entry)[:12]}, found {entry['hash'][:12]}; the entry was altered"
            prev, seq = entry["hash"], entry["seq"]


def link(entry: Mapping[str, Any]) -> str:
    """The hash (hex) that ties an entry to the one before it."""
    fields = ("seq", "at", "actor", "action", "object", "payload_sha256", "prev")
    text = json.dumps({name: entry[name] for name in fields}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
