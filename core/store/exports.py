"""Rows over several tables, for exports, referrals and releases. Reads only; whoever shows them withholds and masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlite_utils import Database


# A document is a seeker's as soon as one rater says so of its newest version: a model, a reviewer, or a person of a prevalence study.
def _seeker(document: str) -> str:
    return f"""(EXISTS (SELECT 1 FROM judgements s WHERE s.document = {document}.id AND s.version = {document}.version AND s.label = 'seeker')
        OR EXISTS (SELECT 1 FROM study_labels t JOIN study_frame f ON f.sample = t.sample AND f.document = t.document
            WHERE t.document = {document}.id AND f.version = {document}.version AND t.label = 'seeker'))"""


_SEEKER = _seeker("d")
# The post that opened the thread of a reply, and what the rater says of it: a reply bears its title. Both are absent where it is not in the store.
_OPENER = """LEFT JOIN documents o ON o.platform = d.platform AND o.native_id = d.parent AND d.parent <> ''
    LEFT JOIN judgements oj ON oj.document = o.id AND oj.version = o.version AND oj.rater = :rater"""


class Exports:
    """Rows as they are stored, oldest first. ``rater`` is the model whose judgement counts."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def leads(self) -> Iterator[dict[str, Any]]:
        """All leads (closed ones, too) with ``documents`` (how many), ``platforms`` (names, comma-separated) and whether any is a seeker's."""
        return self.db.query(
            f"""SELECT l.*, count(d.id) AS documents, coalesce(group_concat(DISTINCT d.platform), '') AS platforms,
            coalesce(max({_SEEKER}), 0) AS seeker FROM leads l LEFT JOIN lead_documents ld ON ld.lead = l.id
            LEFT JOIN documents d ON d.id = ld.document GROUP BY l.id ORDER BY l.created_at, l.id"""
        )

    def documents(self, rater: str) -> Iterator[dict[str, Any]]:
        """All documents with the rater's judgement of the newest version (``j_`` columns, null without one), their ``lead``,
        ``campaign``, ``capture_sha256``, the lead's ``answer`` and whether it is a ``seeker``'s; of a reply, the same of the post that
        opened its thread (``o_`` columns)."""
        return self.db.query(
            f"""SELECT d.*, j.label AS j_label, j.flagged AS j_flagged, j.score AS j_score, j.unsure AS j_unsure, j.labels AS j_labels,
            ld.lead, l.answer, c.campaign, k.sha256 AS capture_sha256, {_SEEKER} AS seeker, oj.label AS o_label, oj.flagged AS o_flagged,
            oj.labels AS o_labels, CASE WHEN o.id IS NULL THEN 0 ELSE {_seeker("o")} END AS o_seeker FROM documents d
            LEFT JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = :rater {_OPENER}
            LEFT JOIN lead_documents ld ON ld.document = d.id LEFT JOIN leads l ON l.id = ld.lead
            LEFT JOIN campaign_documents c ON c.document = d.id LEFT JOIN captures k ON k.id = d.capture ORDER BY d.id""",
            {"rater": rater},
        )

    def contacts(self, rater: str) -> Iterator[dict[str, Any]]:
        """Contact points of documents that the rater flags and that are no seeker's: kind, canonical, confidence (the highest), how many
        ``documents`` and ``leads`` (ids, comma-separated), ``platforms``, ``first_seen`` and ``last_seen``."""
        return self.db.query(
            f"""SELECT p.kind, p.canonical, max(p.confidence) AS confidence, count(DISTINCT d.id) AS documents,
            coalesce(group_concat(DISTINCT ld.lead), '') AS leads, group_concat(DISTINCT d.platform) AS platforms,
            min(d.first_seen) AS first_seen, max(d.last_seen) AS last_seen FROM contact_points p
            JOIN documents d ON d.id = p.document AND d.version = p.version
            JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = ? AND j.flagged = 1
            LEFT JOIN lead_documents ld ON ld.document = d.id
            WHERE substr(p.canonical, 1, 1) <> '#' AND NOT {_SEEKER}
            GROUP BY p.kind, p.canonical ORDER BY min(d.first_seen), p.kind, p.canonical""",
            [rater],
        )

    def points(self, rater: str) -> Iterator[dict[str, Any]]:
        """Rows document, kind, canonical and raw of the contact points of the documents that a rater flags."""
        return self.db.query(
            """SELECT DISTINCT p.document, p.kind, p.canonical, p.raw FROM contact_points p
            JOIN documents d ON d.id = p.document AND d.version = p.version
            JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = ? AND j.flagged = 1
            WHERE substr(p.canonical, 1, 1) <> '#' ORDER BY p.document, p.kind, p.canonical, p.raw""",
            [rater],
        )

    def judgements(self) -> Iterator[dict[str, Any]]:
        """All judgements, with whether the document is a ``seeker``'s and whether it was judged in its newest version (``newest``)."""
        return self.db.query(
            f"""SELECT j.*, j.version = d.version AS newest, d.text_sha256, {_SEEKER} AS seeker
            FROM judgements j JOIN documents d ON d.id = j.document ORDER BY j.id"""
        )

    def seekers(self, documents: Iterable[int]) -> set[int]:
        """Those of some documents that a rater says are a seeker's."""
        wanted = ",".join(str(int(id)) for id in documents)
        return {
            row["id"] for row in self.db.query(f"SELECT d.id FROM documents d WHERE d.id IN ({wanted}) AND {_SEEKER}")
        }

    def authors(self) -> set[str]:
        """The names under which documents were written, of two characters or more."""
        return {
            row["author"] for row in self.db.query("SELECT DISTINCT author FROM documents WHERE length(author) > 1")
        }
