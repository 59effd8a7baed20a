"""What is thought of documents: judgements and contact points."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from core.store.rows import clean, cleaned, document_of, pack, time_of, when
from core.types import ContactKind, ContactPoint, Document, Judgement, Span

# migration 0051: what a night looks at does not grow with the store
TABLES = (
    "CREATE TABLE judged_marks (rater TEXT PRIMARY KEY, versions INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX judgements_label ON judgements(label, document)",
    "CREATE INDEX judgements_adverts ON judgements(rater, document, version) WHERE flagged = 1",
    "CREATE INDEX documents_of_run ON documents(run, source)",
    "CREATE INDEX documents_purged ON documents(id) WHERE purged_at IS NOT NULL",
)


class Flagged(NamedTuple):
    """A flagged document; ``title`` is the beginning of its text where it has none of its own.

    A reply bears the title of the post that opened its thread: those are the words of another, often of a woman who asks.
    """

    id: int
    platform: str
    native_id: str
    title: str
    label: str
    score: float
    first_seen: datetime
    last_seen: datetime


class Judgements:
    """Table ``judgements``: one for each document version and rater."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, judged: Iterable[tuple[int, int, Judgement]], at: datetime, run: int | None = None) -> int:
        """Store (document id, version, judgement) rows; what the same rater said of the same version stays; how many."""
        rows = [
            cleaned({
                "document": document, "version": version, "rater": judgement.rater, "at": when(at), "label": judgement.label,
                "flagged": int(judgement.flagged), "score": judgement.score, "unsure": int(judgement.unsure),
                "labels": pack(dict(judgement.labels)), "spans": pack([asdict(span) for span in judgement.spans]), "run": run,
            })
            for document, version, judgement in judged
        ]  # fmt: skip
        with self.db.atomic():
            self.db.table("judgements").insert_all(rows, ignore=True)
        return len(rows)

    def complete(self, rater: str, versions: int) -> None:
        """Remember that a rater has judged all versions up to this one (``Documents.newest_version``), so that none is looked at again."""
        with self.db.atomic():
            self.db.execute(
                "INSERT INTO judged_marks (rater, versions) VALUES (?, ?) ON CONFLICT (rater) DO UPDATE SET versions = excluded.versions",
                [rater, versions],
            )

    def newest(self) -> int:
        """The number of the newest judgement; 0 when there is none."""
        return int(self.db.execute("SELECT coalesce(max(id), 0) FROM judgements").fetchone()[0])

    def latest(self, document: int) -> list[tuple[datetime, Judgement]]:
        """All judgements of a document's newest version, newest first."""
        rows = self.db.query(
            """SELECT j.* FROM judgements j JOIN documents d ON d.id = j.document AND d.version = j.version
            WHERE j.document = ? ORDER BY j.id DESC""",
            [document],
        )
        return [(datetime.fromisoformat(row["at"]), judgement_of(row)) for row in rows]

    def flagged(self, rater: str) -> Iterator[Flagged]:
        """All documents whose newest version a rater flags, oldest first, as leads are built of them: without their text."""
        rows = self.db.execute(
            """SELECT d.id, d.platform, d.native_id, CASE WHEN d.title <> '' AND d.parent = '' THEN d.title WHEN d.text <> ''
                THEN substr(d.text, 1, 200) ELSE substr(d.picture_text, 1, 200) END,
            j.label, j.score, d.first_seen, d.last_seen
            FROM documents d JOIN judgements j ON j.document = d.id AND j.version = d.version
            WHERE j.rater = ? AND j.flagged = 1 AND d.purged_at IS NULL ORDER BY d.id""",
            [rater],
        )
        for row in rows:
            yield Flagged._make([*row[:6], time_of(row[6]), time_of(row[7])])

    def undecided(self, rater: str, near: float, limit: int) -> list[tuple[int, dict[str, Any], Document, Judgement]]:
        """(id, row, document, judgement) of the documents whose score by a rater lies nearest to ``near``, nearest first.

        At most one of a campaign, and of those with one text; none of a lead that has been answered.
        """
        rows = self.db.query(
            """SELECT * FROM (SELECT d.*, j.label AS j_label, j.flagged AS j_flagged, j.score AS j_score, j.labels AS j_labels,
            j.spans AS j_spans, j.unsure AS j_unsure, abs(j.score - :near) AS away, row_number() OVER (
                PARTITION BY coalesce(c.campaign, d.text_sha256) ORDER BY abs(j.score - :near), d.id) AS place
            FROM documents d JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = :rater
            LEFT JOIN campaign_documents c ON c.document = d.id
            WHERE d.text || d.picture_text <> '' AND NOT EXISTS (SELECT 1 FROM lead_documents ld JOIN leads l ON l.id = ld.lead
                WHERE ld.document = d.id AND l.answer <> '')) WHERE place = 1 ORDER BY away, id LIMIT :limit""",
            {"rater": rater, "near": near, "limit": limit},
        )
        return [(row["id"], row, document_of(row), _joined(row, rater)) for row in rows]

    def counts(self, rater: str, since: datetime | None = None) -> dict[str, int]:
        """Judgements of a rater by label, since a time where given."""
        where, values = ("AND at >= ?", [rater, when(since)]) if since else ("", [rater])
        rows = self.db.query(
            f"SELECT label, count(*) AS n FROM judgements WHERE rater = ? {where} GROUP BY label", values
        )
        return {row["label"]: int(row["n"]) for row in rows}


class ContactPoints:
    """Table ``contact_points``: those of flagged documents, and how often others show the same value."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, document: int, version: int, points: Iterable[ContactPoint], flagged: bool) -> None:
        """Store the contact points of a document version instead of those stored before; twice is as good as once.

        Those of a document that no rater flags belong to bystanders: only a digest is kept, to know hubs by.
        """
        with self.db.atomic():
            asked = "SELECT 1 FROM judgements WHERE document = ? AND version = ? AND flagged = 1"
            shown = flagged or any(self.db.query(asked, [document, version]))
            self.db.execute("DELETE FROM contact_points WHERE document = ? AND version = ?", [document, version])
            self.db.table("contact_points").insert_all(
                (
                    cleaned({
                        "document": document, "version": version, "kind": str(point.kind),
                        "canonical": point.canonical if shown else bystander(point.kind, point.canonical),
                        "raw": point.raw if shown else "", "start": point.start, "end": point.end, "field": point.field,
                        "rules": pack(point.rules), "confidence": point.confidence,
                    })
                    for point in points
                ),
                ignore=True,
            )  # fmt: skip

    def of(self, document: int) -> list[ContactPoint]:
        """The contact points of a document's newest version."""
        rows = self.db.query(
            """SELECT c.* FROM contact_points c JOIN documents d ON d.id = c.document AND d.version = c.version
            WHERE c.document = ? ORDER BY c.field, c.start""",
            [document],
        )
        return [
            ContactPoint(
                ContactKind(row["kind"]), row["raw"], row["canonical"], row["start"], row["end"],
                tuple(json.loads(row["rules"])), row["confidence"], row["field"],
            )
            for row in rows
        ]  # fmt: skip

    def seen(self, kind: str, canonical: str) -> dict[str, Any]:
        """Where a contact was seen: ``ads``, ``others`` (documents not flagged), ``leads``, ``first`` and ``last``."""
        rows = self.db.query(
            """SELECT count(DISTINCT CASE WHEN c.canonical = ? THEN c.document END) AS ads,
            count(DISTINCT CASE WHEN c.canonical <> ? THEN c.document END) AS others,
            count(DISTINCT l.lead) AS leads, min(d.first_seen) AS first, max(d.last_seen) AS last
            FROM contact_points c JOIN documents d ON d.id = c.document AND d.version = c.version
            LEFT JOIN lead_documents l ON l.document = d.id WHERE c.kind = ? AND c.canonical IN (?, ?)""",
            [canonical, canonical, kind, canonical, bystander(kind, canonical)],
        )
        return next(rows)

    def tying(self, rater: str, confidence: float) -> Iterator[tuple[int, str, str]]:
        """(document, kind, value) of the contacts of all documents that a rater flags, those of at least so much confidence."""
        return iter(
            self.db.execute(
                """SELECT c.document, c.kind, c.canonical FROM contact_points c
                JOIN documents d ON d.id = c.document AND d.version = c.version
                JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = ? AND j.flagged = 1
                WHERE c.confidence >= ? AND c.canonical NOT LIKE '#%' ORDER BY c.document, c.field, c.start""",
                [rater, confidence],
            )
        )

    def bystanders(self, documents: int) -> dict[str, int]:
        """How many documents that are not flagged show a contact, by its digest (see ``bystander``), where at least so many do."""
        rows = self.db.execute(
            """SELECT canonical, sum(n) AS n FROM (SELECT c.canonical, count(DISTINCT c.document) AS n FROM contact_points c
            JOIN documents d ON d.id = c.document AND d.version = c.version WHERE c.canonical LIKE '#%' GROUP BY c.canonical
            UNION ALL SELECT canonical, documents FROM purged_contacts) GROUP BY canonical HAVING sum(n) >= ?""",
            [documents],
        )
        return dict(rows.fetchall())


def bystander(kind: str, canonical: str) -> str:
    """What stands for a contact of a document that is not flagged: ``#`` and a digest, never the value."""
    return "#" + hashlib.sha256(clean(f"{kind}:{canonical}").encode()).hexdigest()[:32]


def _joined(row: dict[str, Any], rater: str) -> Judgement:
    """The judgement in the ``j_`` columns of a row that is a document's."""
    return judgement_of(
        {"rater": rater, **{name.removeprefix("j_"): value for name, value in row.items() if name.startswith("j_")}}
    )


def judgement_of(row: dict[str, Any]) -> Judgement:
    """The judgement that a row holds."""
    return Judgement(
        label=row["label"],
        flagged=bool(row["flagged"]),
        score=row["score"],
        rater=row["rater"],
        labels=json.loads(row["labels"]),
        spans=tuple(Span(**span) for span in json.loads(row["spans"])),
        unsure=bool(row["unsure"]),
    )
