"""When a page is due again (``visits``), and what became of the pages of flagged documents (``sightings``, append-only)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, cleaned, pack, time_of, when

UP, CHANGED, GONE, RETURNED, UNREACHED = "up", "changed", "gone", "returned", "unreached"
STATES = (UP, CHANGED, GONE, RETURNED, UNREACHED)


@dataclass(frozen=True, slots=True)
class Visit:
    """A page as last visited: what led there (``extra``), what its list said of it (``stamp``), when it last changed, when it is due."""

    source: str
    role: str
    url: str
    extra: Mapping[str, Any]
    stamp: str
    visited_at: datetime
    changed_at: datetime
    due_at: datetime
    failures: int = 0


class Visits:
    """Table ``visits``: one row for each page that is to be visited again."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def put(self, visit: Visit) -> None:
        """Write a page's schedule over its earlier one; call it within a transaction."""
        row = cleaned(
            {
                "source": visit.source, "role": visit.role, "url": visit.url, "extra": pack(dict(visit.extra)), "stamp": visit.stamp,
                "visited_at": when(visit.visited_at), "changed_at": when(visit.changed_at), "due_at": when(visit.due_at), "failures": visit.failures,
            }
        )  # fmt: skip
        self.db.execute(
            """INSERT INTO visits (source, role, url, extra, stamp, visited_at, changed_at, due_at, failures)
            VALUES (:source, :role, :url, :extra, :stamp, :visited_at, :changed_at, :due_at, :failures)
            ON CONFLICT (source, url, role) DO UPDATE SET extra = excluded.extra, stamp = excluded.stamp, visited_at = excluded.visited_at,
            changed_at = excluded.changed_at, due_at = excluded.due_at, failures = excluded.failures""",
            row,
        )

    def get(self, source: str, role: str, url: str) -> Visit | None:
        """A page's schedule, or None where it has none."""
        rows = self.db.query(
            "SELECT * FROM visits WHERE source = ? AND url = ? AND role = ?", [source, clean(url), role]
        )
        return next((_visit(row) for row in rows), None)

    def due(self, source: str, role: str, at: datetime, limit: int) -> list[Visit]:
        """The pages of a source and role that are due, the most overdue first."""
        rows = self.db.query(
            "SELECT * FROM visits WHERE source = ? AND role = ? AND due_at <= ? ORDER BY due_at, url LIMIT ?",
            [source, role, when(at), limit],
        )
        return [_visit(row) for row in rows]

    def last_of(self, source: str, first: str) -> Visit | None:
        """The last page on the schedule of the thread whose first page has this URL, or None where it has one page."""
        rows = self.db.query(
            """SELECT * FROM visits WHERE source = ? AND json_extract(extra, '$.first') = ?
            ORDER BY json_extract(extra, '$.page') DESC LIMIT 1""",
            [source, clean(first)],
        )
        return next((_visit(row) for row in rows), None)

    def next_due(self, source: str) -> tuple[int, datetime | None]:
        """How many pages of a source are on the schedule, and when the next one is due."""
        row = next(self.db.query("SELECT count(*) AS n, min(due_at) AS at FROM visits WHERE source = ?", [source]))
        return int(row["n"]), time_of(row["at"]) if row["at"] else None


def _visit(row: dict[str, Any]) -> Visit:
    times = {name: time_of(row[name]) for name in ("visited_at", "changed_at", "due_at")}
    return Visit(**{**row, **times, "extra": json.loads(row["extra"])})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a flagged document's page.

    ``state`` is the last sighting's, ``since`` when that state began, ``checked_at`` the last try, ``seen_at`` when the document was
    last seen there, ``gone_at`` when its last removal was first noticed, ``returned_at`` when it came back from one.
    """

    document: int
    state: str
    since: datetime
    checked_at: datetime
    reason: str
    seen_at: datetime | None = None
    changed_at: datetime | None = None
    gone_at: datetime | None = None
    returned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A flagged document whose page is looked at again, with where it stands (None: never looked at since it was taken)."""

    document: int
    platform: str
    native_id: str
    url: str
    title: str
    text: str
    first_seen: datetime
    standing: Standing | None


class Sightings:
    """Table ``sightings``; append-only."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(
        self, document: int, at: datetime, state: str, reason: str = "", capture: str = "", run: int | None = None
    ) -> str:
        """Record a look at a flagged document's page; returns the state as stored.

        A document that was gone and is up (or changed) again is stored as ``returned``. One look of a kind is stored for a run.
        """
        if state not in STATES:
            raise ValueError(f"expected a state among {STATES}, found {state!r}")
        with self.db.atomic():
            last = next(
                self.db.query(
                    "SELECT state FROM sightings WHERE document = ? AND state <> ? ORDER BY id DESC LIMIT 1",
                    [document, UNREACHED],
                ),
                None,
            )
            if last and last["state"] == GONE and state in (UP, CHANGED):
                state = RETURNED
            row = {
                "document": document,
                "at": when(at),
                "state": state,
                "reason": reason[:300],
                "capture": capture,
                "run": run,
            }
            self.db.execute(
                """INSERT INTO sightings (document, at, state, reason, capture, run)
                SELECT :document, :at, :state, :reason, :capture, :run WHERE NOT EXISTS (SELECT 1 FROM sightings
                WHERE document = :document AND run = :run AND (state = :state OR (:state = 'up' AND state <> 'unreached')))""",
                cleaned(row),
            )
        return state

    def of(self, document: int) -> list[dict[str, Any]]:
        """All looks at a document's page, oldest first: at (datetime), state, reason, capture, run."""
        rows = self.db.query(
            "SELECT at, state, reason, capture, run FROM sightings WHERE document = ? ORDER BY id", [document]
        )
        return [{**row, "at": time_of(row["at"])} for row in rows]

    def standing(self, documents: Collection[int]) -> dict[int, Standing]:
        """Where each of these documents stands; those never looked at again are left out."""
        rows = self.db.query(
            "SELECT * FROM sightings WHERE document IN (SELECT value FROM json_each(?)) ORDER BY document, id",
            [pack(sorted(documents))],
        )
        found: dict[int, Standing] = {}
        for row in rows:
            found[row["document"]] = _after(found.get(row["document"]), row)
        return found

    def latest(self, state: str, limit: int) -> list[tuple[Standing, str, str]]:
        """Where documents stand, in one state or (empty) in any, last looked at first; with the lead (empty: none) and the source."""
        rows = list(
            self.db.query(
                """SELECT s.document, coalesce(m.lead, '') AS lead, d.source FROM sightings s JOIN documents d ON d.id = s.document
                LEFT JOIN lead_documents m ON m.document = s.document WHERE s.id IN (SELECT max(id) FROM sightings GROUP BY document)
                AND (:state = '' OR s.state = :state) ORDER BY s.id DESC LIMIT :limit""",
                {"state": state, "limit": limit},
            )
        )
        known = self.standing([row["document"] for row in rows])
        return [(known[row["document"]], row["lead"], row["source"]) for row in rows]

    def watched(self, source: str, model: str) -> list[Watched]:
        """The documents of a source that are watched: flagged, in any version, by raters with the prefix ``model`` or by a person.

        Those whose lead a person rejected are not. Oldest first.
        """
        return self._watched("d.source = ?", [source], model)

    def watched_at(self, urls: Collection[str], ids: Collection[int], model: str) -> list[Watched]:
        """The watched documents that stand at one of these URLs or have one of these ids."""
        return self._watched(
            "(d.url IN (SELECT value FROM json_each(?)) OR d.id IN (SELECT value FROM json_each(?)))",
            [pack([clean(url) for url in urls]), pack(sorted(ids))],
            model,
        )

    def _watched(self, clause: str, values: list[Any], model: str) -> list[Watched]:
        rows = list(
            self.db.query(
                f"""SELECT d.id, d.platform, d.native_id, d.url, d.title, d.text, d.first_seen FROM documents d WHERE {clause}
                AND EXISTS (SELECT 1 FROM judgements j WHERE j.document = d.id AND j.flagged = 1
                    AND (substr(j.rater, 1, length(?)) = ? OR j.rater LIKE 'person:%'))
                AND NOT EXISTS (SELECT 1 FROM lead_documents m JOIN leads l ON l.id = m.lead WHERE m.document = d.id AND l.answer = 'reject')
                ORDER BY d.id""",
                [*values, model, model],
            )
        )
        known = self.standing([row["id"] for row in rows]) if rows else {}
        return [
            Watched(
                row["id"], row["platform"], row["native_id"], row["url"], row["title"], row["text"], time_of(row["first_seen"]), known.get(row["id"])
            )
            for row in rows
        ]  # fmt: skip

    def counts(self) -> dict[str, int]:
        """How many documents stand in each state."""
        rows = self.db.query(
            "SELECT state, count(*) AS n FROM sightings WHERE id IN (SELECT max(id) FROM sightings GROUP BY document) GROUP BY state"
        )
        return dict.fromkeys(STATES, 0) | {row["state"]: int(row["n"]) for row in rows}

    def turns(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """What turned in a time, newest first: changed, gone (the first look that found it so) and returned.

        Rows have document, lead (empty where there is none), source, state, reason and at.
        """
        rows = self.db.query(
            """SELECT s.document, coalesce(m.lead, '') AS lead, d.source, s.state, s.reason, s.at FROM sightings s
            JOIN documents d ON d.id = s.document LEFT JOIN lead_documents m ON m.document = s.document
            WHERE s.at >= ? AND s.at <= ? AND s.state IN ('changed', 'gone', 'returned') AND NOT (s.state = 'gone' AND coalesce((
                SELECT p.state FROM sightings p WHERE p.document = s.document AND p.id < s.id AND p.state <> 'unreached'
                ORDER BY p.id DESC LIMIT 1), '') = 'gone') ORDER BY s.id DESC""",
            [when(since), when(until)],
        )
        return [{**row, "at": time_of(row["at"])} for row in rows]


def _after(before: Standing | None, row: dict[str, Any]) -> Standing:
    """Where a document stands after one more look."""
    at, state = time_of(row["at"]), row["state"]
    present = state in (UP, CHANGED, RETURNED)
    same = before is not None and (
        before.state == state or (present and before.state in (UP, CHANGED, RETURNED) and state == UP)
    )
    return Standing(
        row["document"], state, before.since if before and same else at, at, row["reason"],
        seen_at=at if present else before.seen_at if before else None,
        changed_at=at if state == CHANGED else before.changed_at if before else None,
        gone_at=at if state == GONE and not (before and before.state == GONE) and not _still_gone(before) else before.gone_at if before else None,
        returned_at=at if state == RETURNED else before.returned_at if before else None,
    )  # fmt: skip


def _still_gone(before: Standing | None) -> bool:
    """Whether an earlier removal holds on: gone before, and not seen since."""
    return bool(before and before.gone_at and (before.seen_at is None or before.seen_at < before.gone_at))


VISITS = (
    """CREATE TABLE visits (source TEXT NOT NULL, role TEXT NOT NULL, url TEXT NOT NULL, extra TEXT NOT NULL, stamp TEXT NOT NULL,
        visited_at TEXT NOT NULL, changed_at TEXT NOT NULL, due_at TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (source, url, role)) WITHOUT ROWID""",
    "CREATE INDEX visits_due ON visits(source, role, due_at)",
    "CREATE INDEX visits_first ON visits(source, json_extract(extra, '$.first'))",
    # pages that an earlier version took documents from come onto the schedule too, as if visited when they were last seen
    """INSERT OR IGNORE INTO visits (source, role, url, extra, stamp, visited_at, changed_at, due_at)
        SELECT d.source, 'document', d.url, json_object('parent', min(d.parent)), '', max(d.last_seen), max(d.changed_at), max(d.last_seen)
        FROM documents d JOIN pages p ON p.url = d.url AND p.source = d.source WHERE p.status = 200 GROUP BY d.source, d.url""",
)
SIGHTINGS = (
    """CREATE TABLE sightings (id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents(id), at TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT NOT NULL, capture TEXT NOT NULL, run INTEGER)""",
    "CREATE INDEX sightings_document ON sightings(document, id)",
    "CREATE INDEX sightings_at ON sightings(at)",
    *(
        f"CREATE TRIGGER sightings_no_{verb} BEFORE {verb} ON sightings BEGIN SELECT RAISE(ABORT, 'sightings is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ),
)
