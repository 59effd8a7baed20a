"""Cases: leads collected for an authority, worked by somebody, approved by somebody else, handed over. Events are append-only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, pack, when


class Step(StrEnum):
    """What is done to a case."""

    OPENED = "opened"
    COLLECTED = "collected"
    DROPPED = "dropped"
    NOTED = "noted"
    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    EXPORTED = "exported"
    FAILED = "failed"  # an export that could not be made
    DOWNLOADED = "downloaded"
    DELIVERED = "delivered"
    CLOSED = "closed"


STATES = ("open", "submitted", "approved", "exported", "closed")
_AFTER = {
    Step.COLLECTED: "open", Step.DROPPED: "open", Step.SUBMITTED: "submitted", Step.RETURNED: "open", Step.APPROVED: "approved",
    Step.EXPORTED: "exported", Step.CLOSED: "closed",
}  # fmt: skip


class Cases:
    """Tables ``cases``, ``case_leads`` and ``case_events``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def open(self, title: str, by: str, at: datetime) -> str:
        """Open a case that is assigned to who opens it; returns its id (K and a number)."""
        with self.db.atomic():
            last = next(self.db.query("SELECT max(CAST(substr(id, 2) AS INTEGER)) AS n FROM cases"))["n"]
            id = f"K{(last or 0) + 1:04d}"
            row = {
                "id": id,
                "title": clean(title),
                "state": "open",
                "assignee": by,
                "opened_by": by,
                "opened_at": when(at),
                "changed_at": when(at),
            }
            self.db.table("cases").insert(row)
            self.step(id, Step.OPENED, by, at)
        return id

    def get(self, id: str) -> dict[str, Any] | None:
        """A case's row (id, title, state, assignee, opened_by, opened_at, changed_at), or None."""
        return next(self.db.query("SELECT * FROM cases WHERE id = ?", [id]), None)

    def listed(self, state: str = "", limit: int = 200) -> list[dict[str, Any]]:
        """Rows of cases with ``leads``, how many, last changed first; of one state where given, else all that are not closed."""
        rows = self.db.query(
            """SELECT c.*, (SELECT count(*) FROM case_leads l WHERE l.case_id = c.id) AS leads FROM cases c
            WHERE CASE WHEN :state = '' THEN c.state <> 'closed' ELSE c.state = :state END ORDER BY c.changed_at DESC LIMIT :limit""",
            {"state": state, "limit": limit},
        )
        return list(rows)

    def step(
        self, id: str, step: Step, by: str, at: datetime, note: str = "", detail: Mapping[str, Any] | None = None
    ) -> int:
        """Append what was done to a case and let its state follow; returns the event's id."""
        with self.db.atomic():
            table = self.db.table("case_events").insert(
                {
                    "case_id": id,
                    "act": str(step),
                    "by": by,
                    "at": when(at),
                    "note": clean(note),
                    "detail": pack(dict(detail or {})),
                }
            )
            number = int(table.last_rowid or 0)
            self.db.execute("UPDATE cases SET changed_at = ? WHERE id = ?", [when(at), id])
            if step in _AFTER:
                self.db.execute("UPDATE cases SET state = ? WHERE id = ?", [_AFTER[step], id])
            if step is Step.ASSIGNED:
                self.db.execute("UPDATE cases SET assignee = ? WHERE id = ?", [(detail or {})["to"], id])
        return number

    def events(self, id: str) -> list[dict[str, Any]]:
        """What was done to a case, oldest first; ``detail`` is a mapping."""
        rows = self.db.query("SELECT * FROM case_events WHERE case_id = ? ORDER BY id", [id])
        return [{**row, "detail": json.loads(row["detail"])} for row in rows]

    def last(self, id: str, step: Step) -> dict[str, Any] | None:
        """The latest event of one kind, or None."""
        return next((event for event in reversed(self.events(id)) if event["act"] == step), None)

    def collect(self, id: str, lead: str, by: str, at: datetime) -> bool:
        """Put a lead into a case; False when it is in it already."""
        with self.db.atomic():
            query = "INSERT OR IGNORE INTO case_leads (case_id, lead, at) VALUES (?, ?, ?)"
            new = self.db.execute(query, [id, lead, when(at)]).rowcount == 1
            if new:
                self.step(id, Step.COLLECTED, by, at, detail={"lead": lead})
        return new

    def drop(self, id: str, lead: str, by: str, at: datetime) -> None:
        """Take a lead out of a case."""
        with self.db.atomic():
            if self.db.execute("DELETE FROM case_leads WHERE case_id = ? AND lead = ?", [id, lead]).rowcount:
                self.step(id, Step.DROPPED, by, at, detail={"lead": lead})

    def leads(self, id: str) -> list[dict[str, Any]]:
        """Rows of the leads of a case, in the order in which they were collected, with ``documents``, how many."""
        rows = self.db.query(
            """SELECT l.*, (SELECT count(*) FROM lead_documents ld WHERE ld.lead = l.id) AS documents FROM case_leads c
            JOIN leads l ON l.id = c.lead WHERE c.case_id = ? ORDER BY c.at, l.id""",
            [id],
        )
        return list(rows)

    def of_lead(self, lead: str) -> list[dict[str, Any]]:
        """Rows id, title and state of the cases that a lead is in."""
        query = "SELECT c.id, c.title, c.state FROM case_leads l JOIN cases c ON c.id = l.case_id WHERE l.lead = ? ORDER BY c.id"
        return list(self.db.query(query, [lead]))

    def content(self, id: str) -> str:
        """SHA-256 (hex) over the leads of a case, their answers and their documents' versions: what an approval is about."""
        rows = self.db.query(
            """SELECT c.lead, l.state, l.answer, d.id, d.version FROM case_leads c JOIN leads l ON l.id = c.lead
            LEFT JOIN lead_documents ld ON ld.lead = c.lead LEFT JOIN documents d ON d.id = ld.document
            WHERE c.case_id = ? ORDER BY c.lead, d.id""",
            [id],
        )
        # that a lead is referred comes of the export itself, and is no other content
        told = [
            [
                row["lead"],
                row["state"],
                "confirm" if row["answer"] == "refer" else row["answer"],
                row["id"],
                row["version"],
            ]
            for row in rows
        ]
        return hashlib.sha256(pack(told).encode()).hexdigest()
