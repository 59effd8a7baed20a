"""What the review application asks: the queue and its filters, claims, what is unfinished, and the search index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.leads import standing
from core.store.rows import document_of, when
from core.types import Act, ContactKind, Document

STATES = {
    "undecided": "l.state = 'open' AND l.answer = ''",
    "unsure": "l.state = 'open' AND l.answer = 'unsure'",
    "confirmed": "l.state = 'open' AND l.answer = 'confirm'",
    "rejected": "l.state = 'open' AND l.answer = 'reject'",
    "referred": "l.state = 'open' AND l.answer = 'refer'",
    "closed": "l.state <> 'open'",
}
MOST_HITS = 2_000  # documents that one search looks at, newest first: a common word stays as quick as a rare one
MOST_COUNTED = 1_000

_HITS = """(SELECT s.document, ld.lead FROM
    (SELECT rowid FROM search_terms WHERE search_terms MATCH :terms ORDER BY rowid DESC LIMIT :hits) f
    JOIN searched s ON s.id = f.rowid JOIN documents d ON d.id = s.document AND d.version = s.version
    JOIN lead_documents ld ON ld.document = s.document)"""
_FACET = """l.id IN (SELECT ld.lead FROM document_facets f JOIN lead_documents ld ON ld.document = f.document
    WHERE f.kind = '{0}' AND f.value = :{0})"""
_ROW = "l.*, (SELECT count(*) FROM lead_documents ld WHERE ld.lead = l.id) AS documents"
_FREE = """NOT EXISTS (SELECT 1 FROM claims c WHERE c.lead = l.id AND c.until > :now AND c."by" <> :by)
    AND NOT EXISTS (SELECT 1 FROM skips k WHERE k.lead = l.id AND k."by" = :by AND k.until > :now)"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads of the queue are wanted; an empty value asks for nothing. ``terms`` is a match expression of FTS5."""

    state: str = "undecided"
    label: str = ""
    source: str = ""
    province: str = ""
    contact: str = ""
    terms: str = ""


class Review:
    """Queries of the review application; tables ``claims``, ``skips``, ``searched``, ``search_terms`` and ``document_facets``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def leads(self, wanted: Wanted, now: datetime, limit: int, offset: int = 0) -> list[dict[str, Any]]:
        """Rows of leads, highest priority first, with ``claimed_by`` (empty: nobody) and ``documents``, how many."""
        where, values = _where(wanted)
        rows = self.db.query(
            f"""SELECT {_ROW}, coalesce(c."by", '') AS claimed_by FROM leads l LEFT JOIN claims c ON c.lead = l.id AND c.until > :now
            WHERE {where} ORDER BY l.priority DESC, l.id LIMIT :limit OFFSET :offset""",
            {**values, "now": when(now), "limit": limit, "offset": offset},
        )
        return list(rows)

    def count(self, wanted: Wanted) -> int:
        """How many leads there are, counted no further than one above ``MOST_COUNTED``."""
        where, values = _where(wanted)
        query = f"SELECT count(*) AS n FROM (SELECT 1 FROM leads l WHERE {where} LIMIT :most)"
        return int(next(self.db.query(query, {**values, "most": MOST_COUNTED + 1}))["n"])

    def hits(self, terms: str, leads: Iterable[str]) -> dict[str, Document]:
        """For each of some leads the first document that a search finds in it."""
        ids = list(leads)
        marks = ", ".join(f":lead{i}" for i in range(len(ids)))
        rows = self.db.query(
            f"""SELECT h.lead AS hit_lead, d.* FROM (SELECT lead, min(document) AS document FROM {_HITS}
            WHERE lead IN ({marks}) GROUP BY lead) h JOIN documents d ON d.id = h.document""",
            {"terms": terms, "hits": MOST_HITS, **{f"lead{i}": id for i, id in enumerate(ids)}},
        )
        return {row["hit_lead"]: document_of(row) for row in rows}

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

    def choices(self, facet: str) -> list[str]:
        """The values that a facet has, sorted; each is found by one step in the index."""
        rows = self.db.query(
            """WITH RECURSIVE v(value) AS (SELECT min(value) FROM document_facets WHERE kind = :kind UNION ALL
            SELECT (SELECT min(value) FROM document_facets WHERE kind = :kind AND value > v.value) FROM v
            WHERE v.value IS NOT NULL) SELECT value FROM v WHERE value IS NOT NULL""",
            {"kind": facet},
        )
        return [row["value"] for row in rows]

    def lead(self, id: str) -> dict[str, Any] | None:
        """The row of a lead with ``documents``, how many, or None."""
        return next(self.db.query(f"SELECT {_ROW} FROM leads l WHERE id = ?", [id]), None)

    def captures(self, documents: Iterable[int]) -> list[dict[str, Any]]:
        """Captures of all versions of some documents, newest first: capture columns, ``document`` and ``version``."""
        ids = list(documents)
        return list(
            self.db.query(
                f"""SELECT c.*, v.document, v.version FROM document_versions v JOIN captures c ON c.id = v.capture
                WHERE v.document IN ({", ".join("?" * len(ids))}) ORDER BY c.fetched_at DESC, v.document""",
                ids,
            )
        )

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
        """Claim the first wanted lead that nobody else holds and that ``by`` has not skipped; None when there is none."""
        where, values = _where(wanted)
        rows = self.db.query(
            f"""INSERT INTO claims (lead, "by", at, until) SELECT l.id, :by, :now, :until FROM leads l
            WHERE {where} AND {_FREE} ORDER BY l.priority DESC, l.id LIMIT 1
            ON CONFLICT (lead) DO UPDATE SET "by" = :by, at = :now, until = :until RETURNING lead""",
            {**values, "by": by, "now": when(now), "until": when(until)},
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
        """Rows of leads that a person has ``claimed`` or ``skipped`` without an answer, or answered with ``unsure``."""
        queries = {
            "claimed": """JOIN claims c ON c.lead = l.id WHERE c."by" = :by AND c.until > :now AND l.answer = '' ORDER BY c.at DESC""",
            "skipped": """JOIN skips k ON k.lead = l.id WHERE k."by" = :by AND k.until > :now AND l.answer = ''
                ORDER BY k.until DESC""",
            "unsure": """WHERE l.state = 'open' AND l.answer = 'unsure' AND :by = (SELECT d."by" FROM decisions d WHERE d.lead = l.id
                AND d.act = 'unsure' ORDER BY d.id DESC LIMIT 1) AND :now <> '' ORDER BY l.priority DESC""",
        }
        values = {"by": by, "now": when(now)}
        return {
            name: list(self.db.query(f"SELECT {_ROW} FROM leads l {rest} LIMIT 20", values))
            for name, rest in queries.items()
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
        """A person's latest decision that no undo took back, or None."""
        rows = self.db.query(
            """SELECT * FROM decisions d WHERE "by" = :by AND act <> :undo AND NOT EXISTS (SELECT 1 FROM decisions u
            WHERE u.lead = d.lead AND u.act = :undo AND json_extract(u.detail, '$.undoes') = d.id) ORDER BY id DESC LIMIT 1""",
            {"by": by, "undo": str(Act.UNDO)},
        )
        return next(rows, None)

    def decided(self, by: str, since: datetime) -> int:
        """How many answers a person has given since a time, undone ones left out."""
        rows = self.db.query(
            """SELECT count(*) AS n FROM decisions d WHERE "by" = :by AND at >= :since AND act NOT IN ('undo', 'note')
            AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.lead = d.lead AND u.act = 'undo'
            AND json_extract(u.detail, '$.undoes') = d.id)""",
            {"by": by, "since": when(since)},
        )
        return int(next(rows)["n"])

    def ledger(self, limit: int, offset: int) -> list[dict[str, Any]]:
        """Entries of the ledger, newest first."""
        return list(self.db.query("SELECT * FROM ledger ORDER BY seq DESC LIMIT ? OFFSET ?", [limit, offset]))

    # -- the search index: documents that are in a lead, and no others

    def mark(self) -> tuple[int, int]:
        """What changes whenever the index may be behind: the latest run and the latest event of a lead."""
        query = "SELECT (SELECT max(id) FROM runs) AS run, (SELECT max(id) FROM lead_events) AS event"
        row = next(self.db.query(query))
        return int(row["run"] or 0), int(row["event"] or 0)

    def unindexed(self, limit: int) -> list[tuple[int, int, Document]]:
        """(id, version, document) of documents in leads whose newest version is not in the index."""
        rows = self.db.query(
            """SELECT d.* FROM lead_documents ld JOIN documents d ON d.id = ld.document
            WHERE NOT EXISTS (SELECT 1 FROM searched s WHERE s.document = d.id AND s.version = d.version) LIMIT ?""",
            [limit],
        )
        return [(row["id"], row["version"], document_of(row)) for row in rows]

    def index(self, document: int, version: int, terms: Iterable[str], facets: Mapping[str, Iterable[str]]) -> None:
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


def _where(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    clauses = [STATES[wanted.state]]
    values: dict[str, Any] = {"hits": MOST_HITS}
    if wanted.label:
        clauses.append("l.label = :label")
    clauses += [_FACET.format(facet) for facet in ("source", "province") if getattr(wanted, facet)]
    if wanted.contact:
        kinds = ", ".join(f"'{kind}'" for kind in ContactKind)
        clauses.append(
            f"""l.id IN (SELECT ld.lead FROM contact_points p JOIN lead_documents ld ON ld.document = p.document
            WHERE p.kind IN ({kinds}) AND p.canonical = :contact)"""
        )
    if wanted.terms:
        clauses.append(f"l.id IN (SELECT lead FROM {_HITS})")
    named = {name: getattr(wanted, name) for name in ("label", "source", "province", "contact", "terms")}
    return " AND ".join(clauses), values | {name: value for name, value in named.items() if value}
