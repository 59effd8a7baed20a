"""The edges of a lead, of three kinds that are never mixed: a contact that a document shows, a text and a picture that it shares. Reads only.

The graph is bipartite: a document on one side, a contact, a campaign or a poster on the other. Edges are read from what was stored of the documents,
so that they are as current as these, and bear their dates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import time_of
from core.types import Lead


@dataclass(frozen=True, slots=True)
class Edge:
    """What a document has in common with others: ``kind`` is contact, text or picture, ``value`` the contact (``kind:value``),
    the campaign or the poster (SHA-256 of the first picture that looks so).

    ``ties`` tells whether leads are built by it: a hub, an uncertain reading or a template of rivals is shown and ties nothing.
    ``evidence`` of a contact is its raw reading, rules and confidence; of a text the similarity and the document it is most like; of a picture
    its own SHA-256.
    ``first`` and ``last`` are when the document was seen (a contact), or joined the campaign and was last seen (a text).
    """

    document: int
    kind: str
    value: str
    ties: bool
    evidence: Mapping[str, Any]
    first: datetime
    last: datetime


class Edges:
    """Edges of leads, over several tables."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def of(self, lead: Lead) -> list[Edge]:
        """All edges of a lead's documents: contacts first, most shared ones first, then texts."""
        found = [*self._contacts(lead), *self._texts(lead), *self._pictures(lead)]
        shared: dict[tuple[str, str], int] = {}
        for edge in found:
            shared[edge.kind, edge.value] = shared.get((edge.kind, edge.value), 0) + 1
        return sorted(found, key=lambda e: (e.kind, not e.ties, -shared[e.kind, e.value], e.value, e.document))

    def rivals(self, lead: str) -> list[dict[str, Any]]:
        """Other leads that share a text with one: rows with ``campaign``, ``lead`` and ``documents``, how many of the other lead."""
        return list(
            self.db.query(
                """SELECT mine.campaign, ld.lead, count(*) AS documents FROM (SELECT DISTINCT cd.campaign FROM lead_documents l
                JOIN campaign_documents cd ON cd.document = l.document WHERE l.lead = :lead) mine
                JOIN campaign_documents cd ON cd.campaign = mine.campaign JOIN lead_documents ld ON ld.document = cd.document
                WHERE ld.lead <> :lead GROUP BY mine.campaign, ld.lead ORDER BY documents DESC, ld.lead""",
                {"lead": lead},
            )
        )

    def _contacts(self, lead: Lead) -> list[Edge]:
        rows = self.db.query(
            """SELECT c.*, d.first_seen, d.last_seen FROM lead_documents ld JOIN documents d ON d.id = ld.document
            JOIN contact_points c ON c.document = d.id AND c.version = d.version
            WHERE ld.lead = ? AND c.canonical NOT LIKE '#%' ORDER BY d.id, c.field, c.start""",
            [lead.id],
        )
        first: dict[tuple[int, str], Edge] = {}
        for row in rows:
            value = f"{row['kind']}:{row['canonical']}"
            evidence = {name: row[name] for name in ("raw", "field", "start", "end", "confidence")}
            edge = Edge(
                row["document"], "contact", value, (row["kind"], row["canonical"]) in lead.contacts,
                evidence | {"rules": json.loads(row["rules"])}, time_of(row["first_seen"]), time_of(row["last_seen"]),
            )  # fmt: skip
            known = first.get((edge.document, value))
            if known is None or known.evidence["confidence"] < row["confidence"]:
                first[edge.document, value] = edge
        return list(first.values())

    def _pictures(self, lead: Lead) -> list[Edge]:
        """Pictures that another document shows too, in this lead or outside of it."""
        rows = self.db.query(
            """SELECT DISTINCT ld.document, ld.why, p.poster, min(p.sha256) AS sha256, d.first_seen, d.last_seen FROM lead_documents ld
            JOIN documents d ON d.id = ld.document JOIN document_pictures dp ON dp.document = ld.document
            JOIN picture_addresses a ON a.url = dp.url JOIN pictures p ON p.sha256 = a.sha256
            WHERE ld.lead = ? AND p.poster <> '' AND EXISTS (SELECT 1 FROM pictures q JOIN picture_addresses b ON b.sha256 = q.sha256
                JOIN document_pictures o ON o.url = b.url WHERE q.poster = p.poster AND o.document <> ld.document)
            GROUP BY ld.document, p.poster ORDER BY ld.document""",
            [lead.id],
        )
        return [
            Edge(
                row["document"], "picture", row["poster"], f"same picture as others, {row['poster'][:12]}" in row["why"],
                {"sha256": row["sha256"]}, time_of(row["first_seen"]), time_of(row["last_seen"]),
            )
            for row in rows
        ]  # fmt: skip

    def _texts(self, lead: Lead) -> list[Edge]:
        rows = self.db.query(
            """SELECT cd.*, ld.why, d.last_seen FROM lead_documents ld JOIN campaign_documents cd ON cd.document = ld.document
            JOIN documents d ON d.id = ld.document WHERE ld.lead = ? ORDER BY cd.document""",
            [lead.id],
        )
        return [
            Edge(
                row["document"], "text", row["campaign"], f"same text as others of campaign {row['campaign']}" in row["why"].split("; "),
                {"similarity": row["similarity"], "nearest": row["nearest"]}, time_of(row["joined_at"]), time_of(row["last_seen"]),
            )
            for row in rows
        ]  # fmt: skip
