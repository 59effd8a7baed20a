"""The audit slice: drawn documents of prevalence studies, handed to people one by one among the leads of their queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, when

RECENT = 3  # samples that are looked through: this is asked at every step of the queue
TWICE = 5  # each fifth drawn document is labelled by two people, so that agreement can be measured
_LABELLED = "SELECT count(DISTINCT s.rater) FROM study_labels s WHERE s.sample = f.sample AND s.document = f.document AND s.adjudicated = 0"
_WANTS = f"""f.place > 0 AND ({_LABELLED}) < CASE WHEN f.place % {TWICE} = 0 THEN 2 ELSE 1 END"""


class Audit:
    """Queries over the study tables, and table ``audit_claims``. Nothing here tells a score: who labels is blind to it."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def sample(self) -> str:
        """The sample drawn last that still wants labels; empty where none of the last few does."""
        rows = self.db.query(
            f"""SELECT f.sample FROM study_frame f JOIN study_samples n ON n.name = f.sample WHERE {_WANTS}
            AND f.sample IN (SELECT name FROM study_samples ORDER BY drawn_at DESC, rowid DESC LIMIT {RECENT})
            ORDER BY n.drawn_at DESC, n.rowid DESC LIMIT 1"""
        )
        return next((str(row["sample"]) for row in rows), "")

    def claim_next(self, sample: str, by: str, now: datetime, until: datetime) -> int | None:
        """Claim the first drawn document that wants a label, is not one's own already, and that nobody holds; or None."""
        rows = self.db.query(
            f"""INSERT INTO audit_claims (sample, document, "by", until) SELECT f.sample, f.document, :by, :until FROM study_frame f
            WHERE f.sample = :sample AND {_WANTS}
            AND NOT EXISTS (SELECT 1 FROM study_labels s WHERE s.sample = f.sample AND s.document = f.document AND s.rater = :by)
            AND NOT EXISTS (SELECT 1 FROM audit_claims c WHERE c.sample = f.sample AND c.document = f.document AND c.until > :now)
            ORDER BY f.place LIMIT 1 ON CONFLICT (sample, document) DO UPDATE SET "by" = :by, until = :until RETURNING document""",
            {"sample": clean(sample), "by": by, "now": when(now), "until": when(until)},
        )
        return next((int(row["document"]) for row in rows), None)

    def claimable(self, sample: str, document: int, by: str, now: datetime, until: datetime) -> bool:
        """Claim one drawn document for who asks, also one that they have labelled before; False when somebody else holds it."""
        self.db.execute(
            """INSERT INTO audit_claims (sample, document, "by", until) SELECT f.sample, f.document, :by, :until FROM study_frame f
            WHERE f.sample = :sample AND f.document = :document AND f.place > 0
            ON CONFLICT (sample, document) DO UPDATE SET "by" = :by, until = :until
            WHERE audit_claims."by" = :by OR audit_claims.until <= :now""",
            {"sample": clean(sample), "document": document, "by": by, "now": when(now), "until": when(until)},
        )
        query = 'SELECT 1 FROM audit_claims WHERE sample = ? AND document = ? AND "by" = ?'
        return any(self.db.query(query, [clean(sample), document, by]))

    def release(self, sample: str, document: int, by: str) -> None:
        """Give up a claim."""
        query = 'DELETE FROM audit_claims WHERE sample = ? AND document = ? AND "by" = ?'
        self.db.execute(query, [clean(sample), document, by])

    def document(self, sample: str, document: int) -> dict[str, Any] | None:
        """A drawn document as it read when it was judged: sample, document, place, size (of the sample), platform, title, text; or None."""
        rows = self.db.query(
            """SELECT f.sample, f.document, f.place, n.size, d.platform, d.kind, v.title, v.text FROM study_frame f
            JOIN study_samples n ON n.name = f.sample JOIN documents d ON d.id = f.document
            JOIN document_versions v ON v.document = f.document AND v.version = f.version
            WHERE f.sample = ? AND f.document = ? AND f.place > 0""",
            [clean(sample), document],
        )
        return next(rows, None)

    def label_of(self, sample: str, document: int, rater: str) -> str:
        """The label that somebody gave last to a drawn document; empty when none."""
        query = (
            "SELECT label FROM study_labels WHERE sample = ? AND document = ? AND rater = ? ORDER BY id DESC LIMIT 1"
        )
        return next((str(row["label"]) for row in self.db.query(query, [clean(sample), document, rater])), "")

    def progress(self, sample: str) -> tuple[int, int]:
        """(labelled, drawn) documents of a sample."""
        row = next(
            self.db.query(
                """SELECT (SELECT count(DISTINCT document) FROM study_labels WHERE sample = :sample) AS labelled,
                (SELECT size FROM study_samples WHERE name = :sample) AS drawn""",
                {"sample": clean(sample)},
            )
        )
        return int(row["labelled"]), int(row["drawn"] or 0)

    def turns(self, by: str, since: datetime) -> tuple[int, int]:
        """(answers on leads, labels of drawn documents) that a person has given since a time: the share that the slice has had."""
        row = next(
            self.db.query(
                """SELECT (SELECT count(*) FROM decisions WHERE "by" = :by AND at >= :since AND act IN ('confirm', 'reject', 'unsure')) AS leads,
                (SELECT count(*) FROM study_labels WHERE rater = :by AND at >= :since) AS labels""",
                {"by": by, "since": when(since)},
            )
        )
        return int(row["leads"]), int(row["labels"])
