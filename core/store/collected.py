"""What the crawler brings: captures, documents, refusals, robots texts and what is needed to ask a page again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.readings import carry_over
from core.store.retention import address_digest, identity_digest
from core.store.rows import clean, cleaned, document_of, document_row, time_of, when
from core.types import Capture, Change, Document, Provenance, Refusal

_CAPTURE = tuple(item.name for item in fields(Capture))


def _insert(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)  # offset is a word of SQL
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"


_ADD_CAPTURE = _insert("captures", _CAPTURE)
_ADD_VERSION = _insert(
    "document_versions", ("document", "version", "capture", "seen_at", "text_sha256", "title", "text")
)
_ADD_REFUSAL = """INSERT INTO refusals (run, source, url, reason, detail, at)
    SELECT :run, :source, :url, :reason, :detail, :at WHERE NOT EXISTS
    (SELECT 1 FROM refusals WHERE run IS :run AND url = :url AND reason = :reason AND source = :source)"""


class Captures:
    """Table ``captures``; append-only."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, capture: Capture) -> None:
        """Store a capture."""
        row = [getattr(capture, name) for name in _CAPTURE]
        row[_CAPTURE.index("fetched_at")] = when(capture.fetched_at)
        self.db.execute(_ADD_CAPTURE, [clean(value) if isinstance(value, str) else value for value in row])

    def get(self, id: str) -> Capture | None:
        """The capture with a record id, or None."""
        return next((capture_of(row) for row in self.db.query("SELECT * FROM captures WHERE id = ?", [id])), None)

    def last_before(self, url: str, at: datetime) -> Capture | None:
        """The newest capture of a URL that is not newer than a time, or None."""
        query = "SELECT * FROM captures WHERE url = ? AND fetched_at <= ? ORDER BY fetched_at DESC, rowid DESC LIMIT 1"
        return next((capture_of(row) for row in self.db.query(query, [clean(url), when(at)])), None)

    def all(self, source: str | None = None) -> Iterator[Capture]:
        """Captures in the order they were stored, of one source or of all."""
        where, values = ("WHERE source = ?", [source]) if source else ("", [])
        return (capture_of(row) for row in self.db.query(f"SELECT * FROM captures {where} ORDER BY rowid", values))

    def by_source(self, run: int) -> dict[str, dict[str, int]]:
        """What a crawl run did, counted from what it stored: fetched, new, changed and refused, by source."""
        counts: dict[str, dict[str, int]] = {}
        queries = {
            "fetched": "SELECT source, count(*) AS n FROM captures WHERE run = ? GROUP BY source",
            "new": "SELECT source, count(*) AS n FROM documents WHERE run = ? GROUP BY source",
            "changed": """SELECT c.source, count(*) AS n FROM document_versions v JOIN captures c ON c.id = v.capture
                WHERE c.run = ? AND v.version > 1 AND v.text_sha256 <> (SELECT p.text_sha256 FROM document_versions p
                    WHERE p.document = v.document AND p.version = v.version - 1) GROUP BY c.source""",
            "refused": "SELECT source, count(*) AS n FROM refusals WHERE run = ? GROUP BY source",
        }
        for name, query in queries.items():
            for row in self.db.query(query, [run]):
                counts.setdefault(row["source"], dict.fromkeys(queries, 0))[name] = int(row["n"])
        return counts

    def spent(self, run: int) -> dict[str, tuple[int, int]]:
        """What each source has cost in a run so far: captures, and bytes as received."""
        rows = self.db.query(
            "SELECT source, count(*) AS n, sum(size) AS b FROM captures WHERE run = ? GROUP BY source", [run]
        )
        return {row["source"]: (int(row["n"]), int(row["b"])) for row in rows}

    def count(self, run: int | None = None) -> int:
        """How many captures there are, of one run or in all."""
        where, values = ("WHERE run = ?", [run]) if run is not None else ("", [])
        return int(next(self.db.query(f"SELECT count(*) AS n FROM captures {where}", values))["n"])


class Documents:
    """Tables ``documents`` (the newest version of each) and ``document_versions`` (all of them; append-only)."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, document: Document, at: datetime, run: int | None = None) -> tuple[int, Change]:
        """Store a document as seen at a time; returns its id and whether it was new, changed or known.

        One that was purged is known as long as its text is the same; changed, it is a new document.
        """
        row = document_row(document)
        seen = when(at)
        with self.db.atomic():
            old = self._same(row["platform"], row["native_id"])
            purged = None if old else self._same(row["platform"], identity_digest(row["platform"], row["native_id"]))
            if purged and purged["text_sha256"] == row["text_sha256"]:
                old = purged
            if old and old["text_sha256"] == row["text_sha256"]:
                self.db.execute("UPDATE documents SET last_seen = ? WHERE id = ?", [seen, old["id"]])
                return int(old["id"]), Change.KNOWN
            if old:
                id, version, change = int(old["id"]), int(old["version"]) + 1, Change.CHANGED
                given = {**row, "version": version, "last_seen": seen, "changed_at": seen}
                columns = ", ".join(f"{name} = :{name}" for name in given)
                self.db.execute(f"UPDATE documents SET {columns} WHERE id = :id", {**given, "id": id})
            else:
                version, change = 1, Change.NEW
                given = {**row, "version": 1, "first_seen": seen, "last_seen": seen, "changed_at": seen, "run": run}
                id = int(self.db.execute(_insert("documents", tuple(given)), list(given.values())).lastrowid or 0)
            self.db.execute(
                _ADD_VERSION, [id, version, row["capture"], seen, row["text_sha256"], row["title"], row["text"]]
            )
            if old:
                carry_over(self.db, id, version)
        return id, change

    def _same(self, platform: str, native_id: str) -> dict[str, Any] | None:
        query = "SELECT id, version, text_sha256 FROM documents WHERE platform = ? AND native_id = ?"
        return next(self.db.query(query, [platform, native_id]), None)

    def get(self, id: int) -> Document | None:
        """The newest version of a document, or None."""
        row = self.row(id)
        return document_of(row) if row else None

    def row(self, id: int) -> dict[str, Any] | None:
        """A document's row with its bookkeeping (version, first_seen, last_seen), or None."""
        return next(self.db.query("SELECT * FROM documents WHERE id = ?", [id]), None)

    def versions(self, id: int) -> list[dict[str, Any]]:
        """All versions of a document, oldest first: version, capture, seen_at, text_sha256, title and text."""
        return list(self.db.query("SELECT * FROM document_versions WHERE document = ? ORDER BY version", [id]))

    def find(self, platform: str, native_id: str) -> int | None:
        """The id of a document by its identity, or None."""
        rows = self.db.query(
            "SELECT id FROM documents WHERE platform = ? AND native_id = ?", [clean(platform), clean(native_id)]
        )
        return next((int(row["id"]) for row in rows), None)

    def count(self) -> int:
        """How many documents there are."""
        return int(next(self.db.query("SELECT count(*) AS n FROM documents"))["n"])

    def newest_version(self) -> int:
        """The number of the newest version; the table is append-only, so numbers have no gaps and a copy of the store keeps them."""
        return int(self.db.execute("SELECT coalesce(max(rowid), 0) FROM document_versions").fetchone()[0])

    def unjudged(self, rater: str, batch: int = 500) -> Iterator[list[tuple[int, int, Document]]]:
        """(id, version, document) of all whose newest version a rater has not judged, in batches.

        Only versions beyond those are looked at of which the rater's mark says that it has judged them all (``Judgements.complete``).
        """
        last, mark = 0, self.db.execute("SELECT versions FROM judged_marks WHERE rater = ?", [rater]).fetchone()
        beyond = "AND d.id IN (SELECT document FROM document_versions WHERE rowid > ?)" if mark else ""
        query = f"""SELECT d.* FROM documents d WHERE d.id > ? {beyond} AND d.purged_at IS NULL AND NOT EXISTS
            (SELECT 1 FROM judgements j WHERE j.document = d.id AND j.version = d.version AND j.rater = ?) ORDER BY d.id LIMIT ?"""
        while True:
            rows = list(self.db.query(query, [last, *(mark or ()), rater, batch]))
            if not rows:
                return
            last = rows[-1]["id"]
            yield [(row["id"], row["version"], document_of(row)) for row in rows]


class Refusals:
    """Table ``refusals``: each URL not fetched or not kept, and why."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, *refusals: Refusal) -> None:
        """Record refusals; the same URL and reason is recorded once in a run."""
        with self.db.atomic():
            for refusal in refusals:
                self.db.execute(_ADD_REFUSAL, cleaned({**asdict(refusal), "at": when(refusal.at)}))

    def all(self, run: int | None = None, source: str | None = None) -> list[Refusal]:
        """Refusals, oldest first, of a run and source where given."""
        clauses = [("run = ?", run), ("source = ?", source)]
        given = [(clause, value) for clause, value in clauses if value is not None]
        where = "WHERE " + " AND ".join(clause for clause, _ in given) if given else ""
        rows = self.db.query(f"SELECT * FROM refusals {where} ORDER BY id", [value for _, value in given])
        return [
            Refusal(row["url"], row["source"], row["reason"], row["detail"], time_of(row["at"]), row["run"])
            for row in rows
        ]

    def latest(self, limit: int, run: int | None = None, sources: Sequence[str] | None = None) -> list[Refusal]:
        """The newest refusals, oldest first, of a run and of sources where given."""
        where, values = _chosen(run, sources)
        rows = self.db.query(f"SELECT * FROM refusals {where} ORDER BY id DESC LIMIT ?", [*values, limit])
        return [
            Refusal(row["url"], row["source"], row["reason"], row["detail"], time_of(row["at"]), row["run"])
            for row in reversed(list(rows))
        ]

    def counts(self, run: int | None = None, sources: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Counts by source and reason, of a run and of sources where given: rows with source, reason, n and one example URL."""
        where, values = _chosen(run, sources)
        return list(
            self.db.query(
                f"""SELECT source, reason, count(*) AS n, min(url) AS example FROM refusals {where}
                GROUP BY source, reason ORDER BY source, n DESC""",
                values,
            )
        )

    def since(self, at: datetime) -> list[dict[str, Any]]:
        """Counts by source and reason since a time: rows with source, reason, n and one example URL."""
        return list(
            self.db.query(
                """SELECT source, reason, count(*) AS n, min(url) AS example FROM refusals WHERE at >= ?
                GROUP BY source, reason ORDER BY source, n DESC""",
                [when(at)],
            )
        )


def _chosen(run: int | None, sources: Sequence[str] | None) -> tuple[str, list[Any]]:
    clauses: list[str] = []
    values: list[Any] = []
    if run is not None:
        clauses, values = ["run = ?"], [run]
    if sources:
        clauses.append(f"source IN ({', '.join('?' * len(sources))})")
        values += sources
    return ("WHERE " + " AND ".join(clauses) if clauses else ""), values


class RobotsTexts:
    """Table ``robots``: the robots.txt of each origin as last read, with the verdict on it."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def put(self, origin: str, at: datetime, status: int, verdict: str, body: bytes, capture: str = "") -> None:
        """Remember a robots.txt; ``verdict`` is rules, open or closed (RFC 9309, 2.3.1)."""
        with self.db.atomic():
            row = {
                "origin": origin,
                "fetched_at": when(at),
                "status": status,
                "verdict": verdict,
                "body": body,
                "capture": capture,
            }
            self.db.table("robots").upsert(cleaned(row), pk="origin")

    def get(self, origin: str) -> dict[str, Any] | None:
        """The remembered robots.txt of an origin (scheme://host:port), or None; ``fetched_at`` is a datetime."""
        row = next(self.db.query("SELECT * FROM robots WHERE origin = ?", [clean(origin)]), None)
        return {**row, "fetched_at": time_of(row["fetched_at"])} if row else None


class Pages:
    """Table ``pages``: validators of each URL, for conditional requests."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def put(self, url: str, source: str, at: datetime, status: int, etag: str, last_modified: str) -> None:
        """Remember how a URL answered."""
        self.db.execute(
            """INSERT INTO pages (url, source, fetched_at, status, etag, last_modified) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (url) DO UPDATE SET source = excluded.source, fetched_at = excluded.fetched_at,
            status = excluded.status, etag = excluded.etag, last_modified = excluded.last_modified""",
            [clean(url), clean(source), when(at), status, clean(etag), clean(last_modified)],
        )

    def status(self, url: str) -> int | None:
        """The status that a URL last answered with, or None."""
        row = self.db.execute("SELECT status FROM pages WHERE url = ?", [clean(url)]).fetchone()
        return int(row[0]) if row else None

    def get(self, url: str) -> dict[str, Any] | None:
        """How a URL last answered, or None; that of a purged document's page is known by its digest."""
        query = "SELECT * FROM pages WHERE url IN (?, ?)"
        return next(self.db.query(query, [clean(url), address_digest(url)]), None)


def capture_of(row: dict[str, Any]) -> Capture:
    """The capture that a row holds."""
    return Capture(**{**row, "fetched_at": time_of(row["fetched_at"]), "provenance": Provenance(row["provenance"])})
