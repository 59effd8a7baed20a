"""What belongs to one person at the review desk: watches, saved views, keys, where they stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, when

LEAD = "lead"  # the kind of a watch on a lead; other kinds are those of contact points
MOST_HITS = 20


class Desk:
    """Tables ``watches``, ``saved_views``, ``key_choices`` and ``stops``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    # -- watches: told of on the first page when something new is seen

    def watch(self, by: str, kind: str, value: str, now: datetime) -> None:
        """Begin to watch a lead (kind ``lead``) or a contact."""
        row = {"by": by, "kind": kind, "value": clean(value), "since": when(now), "seen_at": when(now)}
        self.db.table("watches").insert(row, ignore=True)

    def unwatch(self, by: str, kind: str, value: str) -> None:
        """Stop watching."""
        self.db.execute('DELETE FROM watches WHERE "by" = ? AND kind = ? AND value = ?', [by, kind, clean(value)])

    def watched(self, by: str) -> list[dict[str, Any]]:
        """Rows kind, value, since and seen_at of what a person watches."""
        return list(self.db.query('SELECT * FROM watches WHERE "by" = ? ORDER BY since DESC', [by]))

    def hits(self, by: str) -> list[dict[str, Any]]:
        """What is new at what a person watches: rows kind, value, lead, title, n (documents or events) and at, newest first.

        New of a lead are its events by others since it was marked as seen; of a contact, documents first seen since.
        """
        rows = self.db.query(
            """SELECT w.kind, w.value, l.id AS lead, l.title, count(*) AS n, max(e.at) AS at FROM watches w
                JOIN lead_events e ON e.lead = w.value AND e.at > w.seen_at JOIN leads l ON l.id = w.value
                WHERE w."by" = :by AND w.kind = 'lead' AND coalesce(json_extract(e.detail, '$.by'), '') <> :by GROUP BY w.value
            UNION ALL
            SELECT w.kind, w.value, l.id AS lead, l.title, count(DISTINCT d.id) AS n, max(d.first_seen) AS at FROM watches w
                JOIN contact_points p ON p.kind = w.kind AND p.canonical = w.value
                JOIN documents d ON d.id = p.document AND d.version = p.version AND d.first_seen > w.seen_at
                JOIN lead_documents ld ON ld.document = d.id JOIN leads l ON l.id = ld.lead
                WHERE w."by" = :by AND w.kind <> 'lead' GROUP BY w.kind, w.value, l.id
            ORDER BY at DESC LIMIT :most""",
            {"by": by, "most": MOST_HITS},
        )
        return list(rows)

    def seen(self, by: str, now: datetime) -> None:
        """Mark the hits of all watches of a person as seen."""
        self.db.execute('UPDATE watches SET seen_at = ? WHERE "by" = ?', [when(now), by])

    # -- saved views of the queue

    def save_view(self, by: str, name: str, query: str, now: datetime) -> None:
        """Keep a query of the queue under a name, in place of what had that name."""
        row = {"by": by, "name": clean(name), "query": clean(query), "at": when(now)}
        self.db.table("saved_views").upsert(row, pk=("by", "name"))

    def drop_view(self, by: str, name: str) -> None:
        """Forget a saved view."""
        self.db.execute('DELETE FROM saved_views WHERE "by" = ? AND name = ?', [by, clean(name)])

    def views(self, by: str) -> list[dict[str, Any]]:
        """Rows name and query of a person's saved views, by name."""
        return list(self.db.query('SELECT name, query FROM saved_views WHERE "by" = ? ORDER BY name', [by]))

    # -- keys

    def keys(self, by: str) -> dict[str, str]:
        """The keys that a person chose, by action."""
        rows = self.db.query('SELECT action, key FROM key_choices WHERE "by" = ?', [by])
        return {row["action"]: row["key"] for row in rows}

    def choose_keys(self, by: str, keys: Mapping[str, str]) -> None:
        """Replace a person's choice of keys."""
        with self.db.atomic():
            self.db.execute('DELETE FROM key_choices WHERE "by" = ?', [by])
            self.db.table("key_choices").insert_all(
                {"by": by, "action": action, "key": key} for action, key in keys.items()
            )

    # -- where somebody stopped

    def stop(self, by: str, query: str, lead: str, now: datetime) -> None:
        """Remember the queue that a person works in, and the lead in hand."""
        row = {"by": by, "query": clean(query), "lead": lead, "at": when(now)}
        self.db.table("stops").upsert(row, pk="by")

    def stopped(self, by: str) -> dict[str, Any] | None:
        """Rows query, lead and at of where a person stopped, or None."""
        return next(self.db.query('SELECT query, lead, at FROM stops WHERE "by" = ?', [by]), None)
