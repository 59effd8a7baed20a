"""Prevalence studies: the frame of an audit sample, what was drawn from it, and the labels that people gave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, cleaned, when

BEIJING = "+8 hours"


class Study:
    """Tables ``study_samples``, ``study_frame`` and ``study_labels``; a frame stays as it was when the sample was drawn."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def judged(self, rater: str, campaigns: bool = False) -> list[dict[str, Any]]:
        """Rows document, version, score and flagged: what a rater judged, by document id; what was purged cannot be labelled any more.

        With ``campaigns``, one document (the one stored first) for each campaign and for each text that is the same word for word.
        """
        one = "GROUP BY coalesce(c.campaign, d.text_sha256)" if campaigns else "GROUP BY d.id"
        return list(
            self.db.query(
                f"""SELECT min(d.id) AS document, d.version, j.score, j.flagged FROM documents d
                JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = ? AND d.purged_at IS NULL
                LEFT JOIN campaign_documents c ON c.document = d.id {one} ORDER BY document""",
                [rater],
            )
        )

    def add(self, sample: dict[str, Any], at: datetime, frame: Iterable[dict[str, Any]]) -> bool:
        """Store a sample (name, design, size, seed, rater, unit) with its frame; False where the name is taken.

        Rows of the frame have document, version, score, flagged, stratum, probability (of inclusion) and place: where the
        document stands in the raters' queue, from 1; 0 when it was not drawn.
        """
        with self.db.atomic():
            if self.sample(str(sample["name"])):
                return False
            self.db.table("study_samples").insert(cleaned({**sample, "drawn_at": when(at)}))
            self.db.table("study_frame").insert_all({"sample": clean(str(sample["name"])), **row} for row in frame)
        return True

    def sample(self, name: str) -> dict[str, Any] | None:
        """A sample by its name, or None."""
        return next(self.db.query("SELECT * FROM study_samples WHERE name = ?", [clean(name)]), None)

    def names(self) -> list[str]:
        """The names of all samples, the latest drawn first."""
        return [
            row["name"] for row in self.db.query("SELECT name FROM study_samples ORDER BY drawn_at DESC, rowid DESC")
        ]

    def queue(self, sample: str) -> list[dict[str, Any]]:
        """Rows document, title and text of what was drawn, as it read when it was judged, in the raters' order; no scores."""
        return list(
            self.db.query(
                """SELECT f.document, v.title, v.text FROM study_frame f
                JOIN document_versions v ON v.document = f.document AND v.version = f.version
                WHERE f.sample = ? AND f.place > 0 ORDER BY f.place""",
                [clean(sample)],
            )
        )

    def strata(self, sample: str, by: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Rows stratum, n, mean (score), flagged (how many) and the values of ``by`` (platform, month): the frame, counted."""
        more = "".join(f", {_GROUPS[name]} AS {name}" for name in by)
        return list(
            self.db.query(
                f"""SELECT f.stratum, count(*) AS n, avg(f.score) AS mean, sum(f.flagged) AS flagged{more}
                FROM study_frame f JOIN documents d ON d.id = f.document WHERE f.sample = :sample
                GROUP BY f.stratum{"".join(f", {name}" for name in by)} ORDER BY f.stratum""",
                {"sample": clean(sample), "shift": BEIJING},
            )
        )

    def drawn(self, sample: str) -> list[dict[str, Any]]:
        """Rows document, score, flagged, stratum, probability, platform and month of what was drawn, in the raters' order."""
        return list(
            self.db.query(
                f"""SELECT f.document, f.score, f.flagged, f.stratum, f.probability,
                {_GROUPS["platform"]} AS platform, {_GROUPS["month"]} AS month
                FROM study_frame f JOIN documents d ON d.id = f.document
                WHERE f.sample = :sample AND f.place > 0 ORDER BY f.place""",
                {"sample": clean(sample), "shift": BEIJING},
            )
        )

    def label(self, sample: str, labels: Iterable[dict[str, Any]], at: datetime) -> int:
        """Store labels (document, rater, label, adjudicated, note); a rater's later label counts instead of an earlier one."""
        rows = [cleaned({"sample": sample, "at": when(at), **row}) for row in labels]
        with self.db.atomic():
            self.db.table("study_labels").insert_all(rows)
        return len(rows)

    def labels(self, sample: str) -> list[dict[str, Any]]:
        """The latest label of each document and rater (the adjudicator apart): rows document, rater, label, adjudicated, note."""
        return list(
            self.db.query(
                """SELECT document, rater, label, adjudicated, note FROM study_labels WHERE id IN
                (SELECT max(id) FROM study_labels WHERE sample = ? GROUP BY document, adjudicated, iif(adjudicated, '', rater))
                ORDER BY document, adjudicated, rater""",
                [clean(sample)],
            )
        )

    def sightings(self, rater: str) -> tuple[int, list[dict[str, Any]]]:
        """Occasions (a platform on a day of first sight with flagged documents), and rows kind, canonical and n of each contact point.

        ``n`` is on how many of the occasions the contact was seen in documents that the rater flags.
        """
        seen = """FROM documents d JOIN judgements j ON j.document = d.id AND j.version = d.version
            AND j.rater = :rater AND j.flagged = 1"""
        occasion = "d.platform || ' ' || date(d.first_seen, :shift)"
        values = {"rater": rater, "shift": BEIJING}
        occasions = next(self.db.query(f"SELECT count(DISTINCT {occasion}) AS n {seen}", values))["n"]
        rows = self.db.query(
            f"""SELECT c.kind, c.canonical, count(DISTINCT {occasion}) AS n {seen}
            JOIN contact_points c ON c.document = d.id AND c.version = d.version
            WHERE substr(c.canonical, 1, 1) <> '#' AND c.confidence >= 0.5 GROUP BY c.kind, c.canonical""",
            values,
        )
        return int(occasions), list(rows)


_GROUPS = {
    "platform": "d.platform",
    # the time that the document bears, else when it was first seen; months are Beijing's
    "month": "strftime('%Y-%m', coalesce(d.published_at, d.first_seen), :shift)",
}
