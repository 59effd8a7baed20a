"""The search index: documents that are in a lead, and no others; their facets; and what speaks of the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from core.store.rows import document_of
from core.types import Document

MOST_POSTINGS = 2_000  # a term that stands in more documents tells little, and is slow to look for


class SearchIndex:
    """Tables ``searched``, ``search_terms`` and ``document_facets``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def mark(self) -> tuple[int, int]:
        """What changes whenever the index may be behind: the latest run and the latest event of a lead."""
        query = "SELECT (SELECT max(id) FROM runs) AS run, (SELECT max(id) FROM lead_events) AS event"
        row = next(self.db.query(query))
        return int(row["run"] or 0), int(row["event"] or 0)

    def behind(self, limit: int) -> list[tuple[int, int, Document]]:
        """(id, version, document) of documents in leads whose newest version is not in the index."""
        rows = self.db.query(
            """SELECT d.* FROM lead_documents ld JOIN documents d ON d.id = ld.document
            WHERE NOT EXISTS (SELECT 1 FROM searched s WHERE s.document = d.id AND s.version = d.version) LIMIT ?""",
            [limit],
        )
        return [(row["id"], row["version"], document_of(row)) for row in rows]

    def add(self, document: int, version: int, terms: Iterable[str], facets: Mapping[str, Iterable[str]]) -> None:
        """Put a document version that is not in it into the index: its terms in order; its facets replace the older ones."""
        with self.db.atomic():
            table = self.db.table("searched").insert({"document": document, "version": version})
            query = "INSERT INTO search_terms (rowid, terms) VALUES (?, ?)"
            self.db.execute(query, [table.last_rowid, " ".join(terms)])
            self.db.execute("DELETE FROM document_facets WHERE document = ?", [document])
            self.db.table("document_facets").insert_all(
                {"document": document, "kind": kind, "value": value}
                for kind, values in facets.items()
                for value in values
            )

    def choices(self, facet: str) -> list[str]:
        """The values that a facet has, sorted; each is found by one step in the index."""
        rows = self.db.query(
            """WITH RECURSIVE v(value) AS (SELECT min(value) FROM document_facets WHERE kind = :kind UNION ALL
            SELECT (SELECT min(value) FROM document_facets WHERE kind = :kind AND value > v.value) FROM v
            WHERE v.value IS NOT NULL) SELECT value FROM v WHERE value IS NOT NULL""",
            {"kind": facet},
        )
        return [row["value"] for row in rows]

    def rarest(self, terms: Sequence[str], count: int, more_than: int) -> list[str]:
        """Those ``count`` of some terms that the fewest documents hold, of those in more than so many and at most ``MOST_POSTINGS``."""
        found = []
        asked = "SELECT count(*) AS n FROM (SELECT rowid FROM search_terms WHERE search_terms MATCH ? LIMIT ?)"
        for term in dict.fromkeys(terms):
            postings = next(self.db.query(asked, [f'"{term}"', MOST_POSTINGS + 1]))["n"]
            if more_than < postings <= MOST_POSTINGS:
                found.append((postings, term))
        return [term for _, term in sorted(found)[:count]]

    def confirmed_alike(self, terms: Sequence[str], lead: str, limit: int) -> list[dict[str, Any]]:
        """Documents of other leads that somebody has confirmed and that hold some of the terms, best match (BM25) first.

        Rows lead, label (as confirmed, else the lead's), document, title and text; the best document of each lead alone.
        """
        if not terms:
            return []
        rows = self.db.query(
            """SELECT ld.lead, coalesce((SELECT c.label FROM decisions c WHERE c.lead = l.id AND c.act = 'confirm' ORDER BY c.id DESC LIMIT 1),
                l.label) AS label, d.id AS document, d.title, d.text FROM
            (SELECT s.document, t.rank AS rank FROM search_terms t JOIN searched s ON s.id = t.rowid
                WHERE t.search_terms MATCH :terms AND EXISTS (SELECT 1 FROM lead_documents a JOIN leads b ON b.id = a.lead
                    WHERE a.document = s.document AND b.state = 'open' AND b.answer IN ('confirm', 'refer') AND b.id <> :lead)
                ORDER BY t.rank LIMIT 60) f
            JOIN documents d ON d.id = f.document JOIN lead_documents ld ON ld.document = d.id JOIN leads l ON l.id = ld.lead
            ORDER BY f.rank""",
            {"terms": " OR ".join(f'"{term}"' for term in terms), "lead": lead},
        )
        best: dict[str, dict[str, Any]] = {}
        for row in rows:
            best.setdefault(row["lead"], row)
        return list(best.values())[:limit]
