"""What a lead is connected with: other leads by contact or by text, campaigns, captures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean

MOST_OTHERS = 60  # leads that one contact or one campaign leads to


class Kin:
    """Reads over leads, documents, contact points, campaigns and captures."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def points(self, documents: Sequence[int]) -> list[dict[str, Any]]:
        """Rows document, kind, canonical and confidence of the contact points of some documents; those of bystanders are left out."""
        rows = self.db.query(
            f"""SELECT p.document, p.kind, p.canonical, max(p.confidence) AS confidence FROM contact_points p JOIN documents d
            ON d.id = p.document AND d.version = p.version WHERE p.document IN ({_marks(documents)}) AND substr(p.canonical, 1, 1) <> '#'
            GROUP BY p.document, p.kind, p.canonical ORDER BY p.document""",
            list(documents),
        )
        return list(rows)

    def by_contact(self, lead: str, kind: str, canonical: str) -> list[dict[str, Any]]:
        """Rows lead, title, label, answer and n (documents) of the other leads in which a contact was seen."""
        rows = self.db.query(
            """SELECT l.id AS lead, l.title, l.label, l.answer, count(DISTINCT p.document) AS n FROM contact_points p
            JOIN lead_documents ld ON ld.document = p.document JOIN leads l ON l.id = ld.lead
            WHERE p.kind = ? AND p.canonical = ? AND l.id <> ? GROUP BY l.id ORDER BY n DESC, l.id LIMIT ?""",
            [kind, clean(canonical), lead, MOST_OTHERS],
        )
        return list(rows)

    def by_text(self, lead: str) -> list[dict[str, Any]]:
        """Rows lead, title, label, answer, n (documents) and campaign of the other leads with adverts of the same campaigns."""
        rows = self.db.query(
            """SELECT l.id AS lead, l.title, l.label, l.answer, count(*) AS n, c.campaign FROM campaign_documents c
            JOIN lead_documents ld ON ld.document = c.document JOIN leads l ON l.id = ld.lead
            WHERE l.id <> :lead AND c.campaign IN (SELECT own.campaign FROM campaign_documents own JOIN lead_documents o
                ON o.document = own.document WHERE o.lead = :lead) GROUP BY l.id, c.campaign ORDER BY n DESC, l.id LIMIT :most""",
            {"lead": lead, "most": MOST_OTHERS},
        )
        return list(rows)

    def campaigns(self, documents: Sequence[int]) -> dict[int, str]:
        """The campaign of each of some documents that is in one."""
        rows = self.db.query(
            f"SELECT document, campaign FROM campaign_documents WHERE document IN ({_marks(documents)})",
            list(documents),
        )
        return {row["document"]: row["campaign"] for row in rows}

    def rows(self, documents: Sequence[int]) -> list[dict[str, Any]]:
        """Rows of some documents without their site context, in order of first sight: id, platform, url, title, text, author, times, version."""
        rows = self.db.query(
            f"""SELECT id, platform, url, title, text, author, source, published_at, first_seen, last_seen, version, capture
            FROM documents WHERE id IN ({_marks(documents)}) ORDER BY first_seen, id""",
            list(documents),
        )
        return list(rows)

    def captures(self, documents: Iterable[int]) -> list[dict[str, Any]]:
        """Captures of all versions of some documents, newest first: capture columns, ``document`` and ``version``."""
        ids = list(documents)
        return list(
            self.db.query(
                f"""SELECT c.*, v.document, v.version FROM document_versions v JOIN captures c ON c.id = v.capture
                WHERE v.document IN ({_marks(ids)}) ORDER BY c.fetched_at DESC, v.document""",
                ids,
            )
        )

    def leads_of_capture(self, capture: str) -> list[str]:
        """The leads that hold a document taken from a capture."""
        rows = self.db.query(
            """SELECT DISTINCT ld.lead FROM document_versions v JOIN lead_documents ld ON ld.document = v.document
            WHERE v.capture = ? ORDER BY ld.lead""",
            [clean(capture)],
        )
        return [row["lead"] for row in rows]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
