"""Campaigns: which documents are one advert re-written, what they are called, and what happened to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.store.campaign_index import SAID, CampaignIndex
from core.store.rows import pack, time_of, when


class Campaigns(CampaignIndex):
    """Tables ``campaigns``, ``campaign_documents`` and ``campaign_events``, above the index."""

    # -- what others ask

    def members(self) -> dict[int, str]:
        """The campaign of each document that is in one."""
        return dict(self.db.execute("SELECT document, campaign FROM campaign_documents").fetchall())

    def get(self, id: str) -> dict[str, Any] | None:
        """A campaign's row with ``size``, ``first_seen`` and ``last_seen`` of its documents; ``terms`` is a list. None: no such campaign."""
        rows = self.db.query(
            """SELECT c.*, count(cd.document) AS size, min(d.first_seen) AS first_seen, max(d.last_seen) AS last_seen
            FROM campaigns c LEFT JOIN campaign_documents cd ON cd.campaign = c.id LEFT JOIN documents d ON d.id = cd.document
            WHERE c.id = ? GROUP BY c.id""",
            [id],
        )
        return next(({**row, "terms": json.loads(row["terms"])} for row in rows), None)

    def largest(self, limit: int) -> list[dict[str, Any]]:
        """The campaigns with most documents: rows with ``id``, ``terms`` (a list) and ``size``."""
        rows = self.db.query(
            """SELECT c.id, c.terms, n.size FROM (SELECT campaign, count(*) AS size FROM campaign_documents GROUP BY campaign
            ORDER BY size DESC, campaign LIMIT ?) n JOIN campaigns c ON c.id = n.campaign ORDER BY n.size DESC, c.id""",
            [limit],
        )
        return [{**row, "terms": json.loads(row["terms"])} for row in rows]

    def of_lead(self, lead: str) -> list[dict[str, Any]]:
        """The campaigns that a lead's documents are in, most documents first: ``id``, ``terms``, ``documents`` (of the lead), ``size`` (in all)."""
        rows = self.db.query(
            """SELECT c.id, c.terms, count(*) AS documents,
            (SELECT count(*) FROM campaign_documents a WHERE a.campaign = c.id) AS size
            FROM lead_documents ld JOIN campaign_documents cd ON cd.document = ld.document JOIN campaigns c ON c.id = cd.campaign
            WHERE ld.lead = ? GROUP BY c.id ORDER BY documents DESC, c.id""",
            [lead],
        )
        return [{**row, "terms": json.loads(row["terms"])} for row in rows]

    def texts_of(self, campaign: str, limit: int) -> list[tuple[int, str]]:
        """(document, text) of a campaign, one document for each distinct text, oldest first."""
        rows = self.db.execute(
            f"SELECT d.id, {SAID} FROM campaign_texts t JOIN documents d ON d.id = t.document WHERE t.campaign = ? ORDER BY t.id LIMIT ?",
            [campaign, limit],
        )
        return [(int(id), str(text)) for id, text in rows.fetchall()]

    def events(self, since: datetime | None = None, campaign: str | None = None) -> list[dict[str, Any]]:
        """Events, oldest first, since a time and of one campaign where given; ``detail`` is a mapping, ``at`` a time."""
        after = when(since) if since else None
        rows = self.db.query(
            "SELECT * FROM campaign_events WHERE (? IS NULL OR at >= ?) AND (? IS NULL OR campaign = ?) ORDER BY id",
            [after, after, campaign, campaign],
        )
        return [{**row, "at": time_of(row["at"]), "detail": json.loads(row["detail"])} for row in rows]

    def add_event(self, id: str, kind: str, detail: Mapping[str, Any], at: datetime, run: int | None = None) -> None:
        """Record what happened to a campaign; ``kind`` is new, joined, left, merged, split, ended or dissolved."""
        self.db.execute(
            "INSERT INTO campaign_events (campaign, at, kind, detail, run) VALUES (?, ?, ?, ?, ?)",
            [id, when(at), kind, pack(dict(detail)), run],
        )

    # -- names

    def unnamed(self) -> list[str]:
        """Campaigns that were never named."""
        return [str(row[0]) for row in self.db.execute("SELECT id FROM campaigns WHERE named_size = 0 ORDER BY id")]

    def outgrown(self, run: int | None) -> list[str]:
        """Campaigns that something happened to in a run and that have at least twice as many documents as when they were named."""
        rows = self.db.execute(
            """SELECT c.id FROM (SELECT DISTINCT campaign FROM campaign_events WHERE run = ?) e JOIN campaigns c ON c.id = e.campaign
            WHERE (SELECT count(*) FROM campaign_documents cd WHERE cd.campaign = c.id) >= 2 * c.named_size ORDER BY c.id""",
            [run],
        )
        return [str(row[0]) for row in rows.fetchall()]

    def set_name(self, id: str, terms: Sequence[str]) -> None:
        """Name a campaign, at the size that it has."""
        self.db.execute(
            """UPDATE campaigns SET terms = ?, named_size = max(1, (SELECT count(*) FROM campaign_documents WHERE campaign = id))
            WHERE id = ?""",
            [pack(list(terms)), id],
        )

    # -- membership

    def size(self, campaign: str) -> int:
        """How many documents are in a campaign."""
        query = "SELECT count(*) FROM campaign_documents WHERE campaign = ?"
        return int(self.db.execute(query, [campaign]).fetchone()[0])

    def known(self, campaign: str) -> bool:
        """Whether there ever was a campaign with this id."""
        return self.db.execute("SELECT 1 FROM campaigns WHERE id = ?", [campaign]).fetchone() is not None

    def put(
        self, campaign: str, members: Iterable[tuple[int, float, int | None]], at: datetime, run: int | None = None
    ) -> None:
        """Add (document, similarity, nearest document) members to a campaign, which is made when it is new; a document moves with them.

        One that is in the campaign already keeps the time it joined.
        """
        with self.db.atomic():
            self.db.execute(
                "INSERT INTO campaigns (id, created_at, run) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET merged_into = ''",
                [campaign, when(at), run],
            )
            self.db.conn.executemany(
                """INSERT INTO campaign_documents (document, campaign, similarity, joined_at, nearest) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (document) DO UPDATE SET similarity = excluded.similarity, nearest = excluded.nearest,
                joined_at = CASE WHEN campaign = excluded.campaign THEN joined_at ELSE excluded.joined_at END,
                campaign = excluded.campaign""",
                [(document, campaign, similarity, when(at), nearest) for document, similarity, nearest in members],
            )

    def release(self, document: int) -> None:
        """Take a document out of its campaign; it stays in the index."""
        self.db.execute("DELETE FROM campaign_documents WHERE document = ?", [document])

    def merge(self, gone: str, into: str) -> list[int]:
        """Move all of one campaign into another; returns the documents that moved."""
        query = "SELECT document FROM campaign_documents WHERE campaign = ? ORDER BY document"
        moved = [int(row[0]) for row in self.db.execute(query, [gone]).fetchall()]
        self.db.execute("UPDATE campaign_documents SET campaign = ? WHERE campaign = ?", [into, gone])
        self.db.execute("UPDATE campaign_texts SET campaign = ? WHERE campaign = ?", [into, gone])
        self.db.execute("UPDATE campaigns SET merged_into = ? WHERE id = ?", [into, gone])
        return moved
