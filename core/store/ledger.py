"""The ledger: a hash-chained, append-only log of acts. Triggers refuse changes; the chain shows any that got past them.

``hash`` is SHA-256 (hex) over the canonical JSON of seq, at, actor, action, object, payload_sha256 and prev; the payload
itself is held apart, so that a lawful erasure leaves the chain valid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, pack, when

GENESIS = "0" * 64


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

    def breaks(self) -> Iterator[str]:
        """Each place where the chain does not hold, in words; nothing when it is whole."""
        prev, seq = GENESIS, 0
        for entry in self.entries():
            where = f"ledger entry {entry['seq']}"
            if entry["seq"] != seq + 1:
                yield f"{where}: expected entry {seq + 1}; entries were removed"
            if entry["prev"] != prev:
                yield f"{where}: expected previous hash {prev[:12]}, found {entry['prev'][:12]}; entries were removed or re-ordered"
            if hashlib.sha256(entry["payload"].encode()).hexdigest() != entry["payload_sha256"]:
                yield f"{where}: the payload was altered"
            if link(entry) != entry["hash"]:
                yield f"{where}: expected hash {link(entry)[:12]}, found {entry['hash'][:12]}; the entry was altered"
            prev, seq = entry["hash"], entry["seq"]


def link(entry: Mapping[str, Any]) -> str:
    """The hash (hex) that ties an entry to the one before it."""
    fields = ("seq", "at", "actor", "action", "object", "payload_sha256", "prev")
    text = json.dumps({name: entry[name] for name in fields}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
