"""What a crawler hands over: everything of its own store that the one store does not have yet, and how far that has been taken in.

``Handed`` reads at the crawler's store and remembers at the one store. Rows are asked for by their number, in the order they were
written; all that is written at the one store may be written twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.collected import capture_of
from core.store.rows import clean, document_of, pack, time_of, when
from core.types import Capture, Document, Refusal

# migration 0050
TABLES = (
    # `begins` is the first capture of the crawler's store: another one under the same name is a new store
    """CREATE TABLE handed (worker TEXT PRIMARY KEY, begins TEXT NOT NULL, marks TEXT NOT NULL, at TEXT NOT NULL)""",
)
PART = 500
SCHEDULE = ("source", "role", "url", "extra", "stamp", "visited_at", "changed_at", "due_at", "failures")
PAGE = ("url", "source", "fetched_at", "status", "etag", "last_modified")


@dataclass(frozen=True, slots=True)
class Seen:
    """A version of a document, as a crawler saw it at a time."""

    document: Document
    at: datetime


class Handed:
    """Table ``handed``, and the reading of a store that is handed over."""

    def __init__(self, db: Database) -> None:
        self.db = db

    # -- at the one store -------------------------------------------------------------------------------------------

    def marks(self, worker: str, begins: str) -> dict[str, Any]:
        """How far a crawler's store has been taken in, by table; empty for a store that was never met."""
        row = next(self.db.query("SELECT * FROM handed WHERE worker = ?", [worker]), None)
        return json.loads(row["marks"]) if row and row["begins"] == begins else {}

    def mark(self, worker: str, begins: str, marks: Mapping[str, Any], at: datetime) -> None:
        """Remember how far; call it in the transaction that stores what was taken in."""
        self.db.execute(
            """INSERT INTO handed (worker, begins, marks, at) VALUES (?, ?, ?, ?) ON CONFLICT (worker) DO UPDATE SET
            begins = excluded.begins, marks = excluded.marks, at = excluded.at""",
            [worker, begins, pack(dict(marks)), when(at)],
        )

    def put_page(self, row: Mapping[str, Any]) -> None:
        """Remember how a URL answered a crawler, unless it is known how it answered later."""
        self._newer("pages", PAGE, ("url",), "fetched_at", row)

    def put_visit(self, row: Mapping[str, Any]) -> None:
        """Take over when a page is due, unless it was visited later."""
        self._newer("visits", SCHEDULE, ("source", "url", "role"), "visited_at", row)

    def _newer(
        self, table: str, columns: tuple[str, ...], key: tuple[str, ...], by: str, row: Mapping[str, Any]
    ) -> None:
        sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
        self.db.execute(
            f"""INSERT INTO {table} ({", ".join(columns)}) VALUES ({", ".join("?" * len(columns))})
            ON CONFLICT ({", ".join(key)}) DO UPDATE SET {sets} WHERE excluded.{by} > {table}.{by}""",
            [row[name] for name in columns],
        )

    def newer(self, seen: Seen) -> bool:
        """Whether a document has been seen later than that already: what another crawler brings late is not written over it."""
        query = "SELECT 1 FROM documents WHERE platform = ? AND native_id = ? AND last_seen > ?"
        of = [clean(seen.document.platform), clean(seen.document.native_id), when(seen.at)]
        return any(self.db.query(query, of))

    # -- at the crawler's store -------------------------------------------------------------------------------------

    def begins(self) -> str:
        """What tells this store from another: its first capture; empty when it has none."""
        return str(next((row["id"] for row in self.db.query("SELECT id FROM captures ORDER BY rowid LIMIT 1")), ""))

    def fetched(self, run: int, url: str) -> bool:
        """Whether a run has a capture of a URL."""
        return any(self.db.query("SELECT 1 FROM captures WHERE url = ? AND run = ?", [clean(url), run]))

    def had(self, statuses: Iterable[int]) -> Iterator[list[str]]:
        """The URLs of pages that answered with one of these statuses, in parts."""
        wanted = pack(sorted(statuses))
        query = (
            "SELECT url FROM pages WHERE url > ? AND status IN (SELECT value FROM json_each(?)) ORDER BY url LIMIT ?"
        )
        last = ""
        while rows := [row["url"] for row in self.db.query(query, [last, wanted, 10 * PART])]:
            yield rows
            last = rows[-1]

    def captures(self, after: int) -> Iterator[tuple[int, list[Capture]]]:
        """Captures beyond a row number, in parts, each with the number of its last."""
        for last, rows in self._parts(
            "SELECT rowid AS number, * FROM captures WHERE rowid > ? ORDER BY rowid LIMIT ?", after
        ):
            yield last, [capture_of(row) for row in rows]

    def documents(self, after: int) -> Iterator[tuple[int, list[Seen]]]:
        """Versions of documents beyond a row number, in parts; what only the newest version knows is told of the older ones too."""
        query = """SELECT v.rowid AS number, v.title AS old_title, v.text AS old_text, v.capture AS old_capture, v.seen_at AS at, d.*
            FROM document_versions v JOIN documents d ON d.id = v.document WHERE v.rowid > ? AND d.purged_at IS NULL
            ORDER BY v.rowid LIMIT ?"""
        for last, rows in self._parts(query, after):
            yield last, [Seen(_version(row), time_of(row["at"])) for row in rows]

    def seen(self, since: str) -> Iterator[Seen]:
        """The newest version of each document that was seen at a time or later, changed or not."""
        query = "SELECT * FROM documents WHERE last_seen >= ? AND purged_at IS NULL ORDER BY last_seen"
        return (Seen(document_of(row), time_of(row["last_seen"])) for row in self.db.query(query, [since]))

    def refusals(self, after: int) -> Iterator[tuple[int, list[Refusal]]]:
        """Refusals beyond a number, in parts."""
        for last, rows in self._parts("SELECT id AS number, * FROM refusals WHERE id > ? ORDER BY id LIMIT ?", after):
            yield (
                last,
                [Refusal(r["url"], r["source"], r["reason"], r["detail"], time_of(r["at"])) for r in rows],
            )

    def pages(self, since: str) -> Iterator[dict[str, Any]]:
        """Rows of how URLs answered, fetched at a time or later."""
        return self.db.query("SELECT * FROM pages WHERE fetched_at >= ? ORDER BY fetched_at", [since])

    def visits(self, since: str) -> Iterator[dict[str, Any]]:
        """Rows of when pages are due, visited at a time or later."""
        return self.db.query("SELECT * FROM visits WHERE visited_at >= ? ORDER BY visited_at", [since])

    def shown(self, document: Document) -> list[str]:
        """The addresses of the pictures that a document shows, in order."""
        rows = self.db.execute(
            """SELECT p.url FROM documents d JOIN document_pictures p ON p.document = d.id
            WHERE d.platform = ? AND d.native_id = ? ORDER BY p.place""",
            [clean(document.platform), clean(document.native_id)],
        )
        return [str(row[0]) for row in rows.fetchall()]

    def addresses(self, since: str) -> Iterator[dict[str, Any]]:
        """What became of pictures' addresses at a time or later: the file, its kind and measures, its capture; or why there is none."""
        return self.db.query(
            """SELECT a.url, a.sha256, a.capture, a.at, a.why, p.kind, p.width, p.height, p.size FROM picture_addresses a
            LEFT JOIN pictures p ON p.sha256 = a.sha256 WHERE a.at >= ? ORDER BY a.at""",
            [since],
        )

    def yields(self, after: int) -> list[dict[str, Any]]:
        """What the finished crawls beyond a run found, by run and source."""
        return list(
            self.db.query(
                """SELECT y.* FROM yields y JOIN runs r ON r.id = y.run WHERE y.run > ? AND r.state = 'finished'
                ORDER BY y.run, y.source""",
                [after],
            )
        )

    def _parts(self, query: str, after: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        while rows := list(self.db.query(query, [after, PART])):
            after = int(rows[-1]["number"])
            yield after, [{name: value for name, value in row.items() if name != "number"} for row in rows]


def _version(row: dict[str, Any]) -> Document:
    return replace(document_of(row), title=row["old_title"], text=row["old_text"], capture=row["old_capture"])
