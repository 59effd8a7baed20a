"""The watch list (关注名单): query terms for sources that search, and contact points whose appearance is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.judged import bystander
from core.store.rows import clean, time_of, when

QUERY = "query"  # the kind of a query term; any other kind is a ContactKind


@dataclass(frozen=True, slots=True)
class Watch:
    """One entry: a query term (kind ``query``), or a contact point by kind and canonical value."""

    kind: str
    value: str
    note: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """A watched contact point that stands in a document. ``flagged`` tells whether any rater flags it, ``lead`` is empty where none holds it."""

    kind: str
    value: str
    note: str
    document: int
    url: str
    title: str
    source: str
    first_seen: datetime
    seen_at: datetime
    flagged: bool
    lead: str


class Watched:
    """Table ``watched``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, kind: str, value: str, note: str, at: datetime) -> bool:
        """Put an entry on the list; False when it is there (its note is then the new one)."""
        with self.db.atomic():
            known = self._get(kind, value) is not None
            row = {"kind": clean(kind), "value": clean(value), "note": clean(note), "added_at": when(at)}
            if known:
                self.db.execute(
                    "UPDATE watched SET note = :note WHERE kind = :kind AND value = :value AND :note <> ''", row
                )
            else:
                self.db.table("watched").insert(row)
        return not known

    def remove(self, kind: str, value: str) -> bool:
        """Take an entry off the list; False when it is not there."""
        with self.db.atomic():
            known = self._get(kind, value) is not None
            self.db.execute("DELETE FROM watched WHERE kind = ? AND value = ?", [clean(kind), clean(value)])
        return known

    def all(self) -> list[Watch]:
        """The list: query terms first, then contact points by kind, each in the order they were added."""
        rows = self.db.query("SELECT * FROM watched ORDER BY kind <> ?, kind, added_at, value", [QUERY])
        return [Watch(row["kind"], row["value"], row["note"], time_of(row["added_at"])) for row in rows]

    def terms(self) -> list[str]:
        """The query terms, in the order they were added."""
        return [watch.value for watch in self.all() if watch.kind == QUERY]

    def hits(self, since: datetime | None = None, limit: int = 1000) -> list[Hit]:
        """Documents whose newest version shows a watched contact point, those seen with their text last first.

        Documents that nobody flags are among them: of their contacts only a digest is kept, and it is compared. ``since`` asks for
        versions stored from that time on.
        """
        found: list[dict[str, Any]] = []
        for watch in self.all():
            if watch.kind == QUERY:
                continue
            rows = self.db.query(
                """SELECT DISTINCT d.id, d.url, d.title, d.source, d.first_seen, d.changed_at, coalesce(l.lead, '') AS lead,
                EXISTS (SELECT 1 FROM judgements j WHERE j.document = d.id AND j.version = d.version AND j.flagged = 1) AS flagged
                FROM contact_points c JOIN documents d ON d.id = c.document AND d.version = c.version
                LEFT JOIN lead_documents l ON l.document = d.id
                WHERE c.kind = ? AND c.canonical IN (?, ?) AND (? IS NULL OR d.changed_at >= ?) ORDER BY d.changed_at DESC LIMIT ?""",
                [watch.kind, watch.value, bystander(watch.kind, watch.value), *[when(since) if since else None] * 2, limit],
            )  # fmt: skip
            found += [{"watch": watch, **row} for row in rows]
        found.sort(key=lambda row: (row["changed_at"], row["id"]), reverse=True)
        return [
            Hit(
                row["watch"].kind, row["watch"].value, row["watch"].note, row["id"], row["url"], row["title"], row["source"],
                time_of(row["first_seen"]), time_of(row["changed_at"]), bool(row["flagged"]), row["lead"],
            )
            for row in found[:limit]
        ]  # fmt: skip

    def _get(self, kind: str, value: str) -> dict[str, Any] | None:
        rows = self.db.query("SELECT * FROM watched WHERE kind = ? AND value = ?", [clean(kind), clean(value)])
        return next(rows, None)
