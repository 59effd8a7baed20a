"""What the review application asks of leads: the queue, claims, what is unfinished, and decisions as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.leads import standing
from core.store.rows import when
from core.store.wanted import HITS, MOST_HITS, Wanted, where
from core.types import Act

MOST_COUNTED = 1_000
FEW_EVENTS = 2_000  # up to here the news is found by its events; above, by walking down the priorities

_ROW = "l.*, (SELECT count(*) FROM lead_documents ld WHERE ld.lead = l.id) AS documents"
_FREE = """NOT EXISTS (SELECT 1 FROM claims c WHERE c.lead = l.id AND c.until > :now AND c."by" <> :by)
    AND NOT EXISTS (SELECT 1 FROM skips k WHERE k.lead = l.id AND k."by" = :by AND k.until > :now)
    AND (l.assignee IN ('', :by) OR l.answer <> '')"""


class Review:
    """Queries of the review application; tables ``claims`` and ``skips``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def leads(self, wanted: Wanted, now: datetime, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        """Rows of leads, highest priority first, with ``claimed_by`` (empty: nobody) and ``documents``, how many."""
        condition, values = where(self.db, wanted)
        rows = self.db.query(
            f"""SELECT {_ROW}, coalesce(c."by", '') AS claimed_by FROM leads l LEFT JOIN claims c ON c.lead = l.id AND c.until > :now
            WHERE {condition} ORDER BY l.priority DESC, l.id LIMIT :limit OFFSET :offset""",
            {**values, "now": when(now), "limit": limit, "offset": offset},
        )
        return list(rows)

    def count(self, wanted: Wanted) -> int:
        """How many leads there are, counted no further than one above ``MOST_COUNTED``."""
        condition, values = where(self.db, wanted)
        query = f"SELECT count(*) AS n FROM (SELECT 1 FROM leads l WHERE {condition} LIMIT :most)"
        return int(next(self.db.query(query, {**values, "most": MOST_COUNTED + 1}))["n"])

    def hits(self, terms: str) -> dict[str, int]:
        """The leads that a search finds, each with its first document that was hit; none for an empty expression."""
        if not terms:
            return {}
        rows = self.db.query(
            f"SELECT lead, min(document) AS document FROM {HITS} GROUP BY lead", {"terms": terms, "hits": MOST_HITS}
        )
        return {row["lead"]: row["document"] for row in rows}

    def facets(self, leads: Sequence[str]) -> dict[str, dict[str, list[str]]]:
        """For each of some leads the values of each facet (source, province) of its documents, most frequent first."""
        marks = ", ".join("?" * len(leads))
        found: dict[str, dict[str, list[str]]] = {}
        rows = self.db.query(
            f"""SELECT ld.lead, f.kind, f.value FROM lead_documents ld JOIN document_facets f ON f.document = ld.document
            WHERE ld.lead IN ({marks}) GROUP BY ld.lead, f.kind, f.value ORDER BY count(*) DESC, f.value""",
            list(leads),
        )
        for row in rows:
            found.setdefault(row["lead"], {}).setdefault(row["kind"], []).append(row["value"])
        return found

    def lead(self, id: str) -> dict[str, Any] | None:
        """The row of a lead with ``documents``, how many, or None."""
        return next(self.db.query(f"SELECT {_ROW} FROM leads l WHERE id = ?", [id]), None)

    def news(self, since: datetime, limit: int) -> list[dict[str, Any]]:
        """Rows of open leads that came or grew since a time, highest priority first, with ``kind``: new, split or grown."""
        at = when(since)
        counted = "SELECT count(*) AS n FROM (SELECT 1 FROM lead_events WHERE at >= ? LIMIT ?)"
        few = next(self.db.query(counted, [at, FEW_EVENTS]))["n"] < FEW_EVENTS
        happened = "e.at >= :since AND e.kind IN ('new', 'split', 'grown')"
        among = (
            f"""l.id IN (SELECT e.lead FROM lead_events e WHERE {happened})"""
            if few
            else (f"EXISTS (SELECT 1 FROM lead_events e WHERE e.lead = l.id AND {happened})")
        )
        rows = self.db.query(
            f"""SELECT {_ROW}, (SELECT e.kind FROM lead_events e WHERE e.lead = l.id AND {happened}
                ORDER BY e.kind = 'new' DESC, e.kind = 'split' DESC LIMIT 1) AS kind
            FROM leads l WHERE l.state = 'open' AND {among} ORDER BY l.priority DESC, l.id LIMIT :limit""",
            {"since": at, "limit": limit},
        )
        return list(rows)

    # -- claims: two people never get the same lead

    def claim(self, lead: str, by: str, now: datetime, until: datetime) -> str:
        """Claim a lead unless somebody else holds it; returns who holds it now."""
        self.db.execute(
            """INSERT INTO claims (lead, "by", at, until) VALUES (:lead, :by, :now, :until) ON CONFLICT (lead) DO UPDATE
            SET "by" = :by, at = :now, until = :until WHERE claims."by" = :by OR claims.until <= :now""",
            {"lead": lead, "by": by, "now": when(now), "until": when(until)},
        )
        return self.holder(lead, now)

    def claim_next(self, wanted: Wanted, by: str, now: datetime, until: datetime) -> str | None:
        """Claim the first wanted lead that nobody else holds or is to answer, and that ``by`` has not skipped; None: there is none."""
        condition, values = where(self.db, wanted)
        rows = self.db.query(
            f"""INSERT INTO claims (lead, "by", at, until) SELECT l.id, :by, :now, :until FROM leads l
            WHERE {condition} AND {_FREE} ORDER BY l.priority DESC, l.id LIMIT 1
            ON CONFLICT (lead) DO UPDATE SET "by" = :by, at = :now, until = :until RETURNING lead""",
            {**values, "by": by, "now": when(now), "until": when(until)},
        )
        return next((str(row["lead"]) for row in rows), None)

    def in_hand(self, wanted: Wanted, by: str, now: datetime) -> str | None:
        """The wanted lead that a person claimed last and still holds, or None."""
        condition, values = where(self.db, wanted)
        rows = self.db.query(
            f"""SELECT c.lead FROM claims c JOIN leads l ON l.id = c.lead WHERE c."by" = :by AND c.until > :now AND {condition}
            ORDER BY c.at DESC LIMIT 1""",
            {**values, "by": by, "now": when(now)},
        )
        return next((str(row["lead"]) for row in rows), None)

    def holder(self, lead: str, now: datetime) -> str:
        """Who holds a lead; empty when nobody does."""
        rows = self.db.query('SELECT "by" FROM claims WHERE lead = ? AND until > ?', [lead, when(now)])
        return next((str(row["by"]) for row in rows), "")

    def release(self, lead: str, by: str) -> None:
        """Give up a claim."""
        self.db.execute('DELETE FROM claims WHERE lead = ? AND "by" = ?', [lead, by])

    def skip(self, lead: str, by: str, until: datetime) -> None:
        """Keep a lead away from a person for a while, and free it for others."""
        with self.db.atomic():
            self.db.table("skips").upsert({"lead": lead, "by": by, "until": when(until)}, pk=("lead", "by"))
            self.release(lead, by)

    def unfinished(self, by: str, now: datetime) -> dict[str, list[dict[str, Any]]]:
        """Rows of leads ``assigned`` to a person, ``claimed`` or ``skipped`` without an answer, or answered with ``unsure``."""
        queries = {
            "assigned": "leads l WHERE l.assignee = :by AND l.assignee <> '' AND l.state = 'open' AND l.answer = '' ORDER BY l.priority DESC",
            "claimed": """leads l WHERE l.id IN (SELECT c.lead FROM claims c WHERE c."by" = :by AND c.until > :now) AND l.answer = ''
                ORDER BY (SELECT c.at FROM claims c WHERE c.lead = l.id) DESC""",
            "skipped": """leads l WHERE l.id IN (SELECT k.lead FROM skips k WHERE k."by" = :by AND k.until > :now) AND l.answer = ''
                ORDER BY l.priority DESC""",
            "unsure": """leads l WHERE l.id IN (SELECT d.lead FROM decisions d WHERE d."by" = :by AND d.act = 'unsure')
                AND l.state = 'open' AND l.answer = 'unsure' AND :by = (SELECT d."by" FROM decisions d WHERE d.lead = l.id
                AND d.act = 'unsure' ORDER BY d.id DESC LIMIT 1) ORDER BY l.priority DESC""",
        }
        values = {"by": by, "now": when(now)}
        return {
            name: list(self.db.query(f"SELECT {_ROW} FROM {rest} LIMIT 20", values)) for name, rest in queries.items()
        }

    # -- decisions as rows, because an undo names the id of what it takes back

    def decisions(self, lead: str) -> list[dict[str, Any]]:
        """All decisions on a lead, oldest first; ``stands`` tells whether no undo took it back."""
        rows = list(self.db.query("SELECT * FROM decisions WHERE lead = ? ORDER BY id", [lead]))
        kept = {row["id"] for row in standing(rows)}
        return [{**row, "stands": row["id"] in kept or row["act"] == Act.UNDO} for row in rows]

    def decision(self, id: int) -> dict[str, Any] | None:
        """A decision by its id, or None."""
        return next(self.db.query("SELECT * FROM decisions WHERE id = ?", [id]), None)

    def last_decision(self, by: str) -> dict[str, Any] | None:
        """A person's latest decision that no undo took back, or None; what has left the house is beyond an undo."""
        rows = self.db.query(
            """SELECT * FROM decisions d WHERE "by" = :by AND act NOT IN (:undo, 'refer') AND NOT EXISTS (SELECT 1 FROM decisions u
            WHERE u.lead = d.lead AND u.act = :undo AND json_extract(u.detail, '$.undoes') = d.id) ORDER BY id DESC LIMIT 1""",
            {"by": by, "undo": str(Act.UNDO)},
        )
        return next(rows, None)

    def decided(self, by: str, since: datetime) -> int:
        """How many answers a person has given since a time, undone ones left out."""
        rows = self.db.query(
            """SELECT count(*) AS n FROM decisions d WHERE "by" = :by AND at >= :since AND act IN ('confirm', 'reject', 'unsure')
            AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.lead = d.lead AND u.act = 'undo'
            AND json_extract(u.detail, '$.undoes') = d.id)""",
            {"by": by, "since": when(since)},
        )
        return int(next(rows)["n"])

    def ledger(self, limit: int, offset: int) -> list[dict[str, Any]]:
        """Entries of the ledger, newest first."""
        return list(self.db.query("SELECT * FROM ledger ORDER BY seq DESC LIMIT ? OFFSET ?", [limit, offset]))
