"""What the pictures of a document version say: words and codes as texts, and the place in its picture of each line.

A version that nobody has judged takes a reading as its own. One that has been judged is a thing somebody relies on: a new reading makes the
next version of it, with the same text, so that it is judged again and the earlier judgement stands beside what it was given for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, pack, when

TABLES = (
    "ALTER TABLE documents ADD COLUMN picture_text TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE documents ADD COLUMN code_text TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE readings (document INTEGER NOT NULL REFERENCES documents(id), version INTEGER NOT NULL, picture_text TEXT NOT NULL,
        code_text TEXT NOT NULL, picture_places TEXT NOT NULL, code_places TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (document, version)) WITHOUT ROWID""",
    # documents whose pictures have been looked at or read since they were last settled
    "CREATE TABLE picture_changes (document INTEGER PRIMARY KEY) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Two texts of a document version, and rows (start, end, SHA-256, box, confidence) of where each line of them stands."""

    picture_text: str = ""
    code_text: str = ""
    picture_places: tuple[Any, ...] = ()
    code_places: tuple[Any, ...] = ()


class Readings:
    """Tables ``readings`` and ``picture_changes``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def unsettled(self, limit: int) -> list[int]:
        """Documents whose pictures say something else than is stored, or may."""
        return [
            int(row[0])
            for row in self.db.execute(
                "SELECT document FROM picture_changes ORDER BY document LIMIT ?", [limit]
            ).fetchall()
        ]

    def settle(self, document: int, reading: Reading, at: datetime) -> bool:
        """Store what a document's pictures say; returns whether that made a new version of it."""
        values = [
            clean(reading.picture_text),
            clean(reading.code_text),
            pack(reading.picture_places),
            pack(reading.code_places),
        ]
        with self.db.atomic():
            self.db.execute("DELETE FROM picture_changes WHERE document = ?", [document])
            row = next(
                self.db.query(
                    "SELECT id, version, purged_at, picture_text, code_text FROM documents WHERE id = ?", [document]
                ),
                None,
            )
            if row is None or row["purged_at"]:
                return False
            version = int(row["version"])
            before = self.of(document, version)
            if (before.picture_text, before.code_text) == (values[0], values[1]):
                return False
            judged = self.db.execute(
                "SELECT 1 FROM judgements WHERE document = ? AND version = ?", [document, version]
            ).fetchone()
            if judged:
                self.db.execute(_NEXT, [version + 1, when(at), document, version])
                version += 1
            self.db.execute(
                "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?)", [document, version, *values, when(at)]
            )
            self.db.execute(
                "UPDATE documents SET version = ?, picture_text = ?, code_text = ?, changed_at = CASE WHEN ? THEN ? ELSE changed_at END WHERE id = ?",
                [version, values[0], values[1], bool(judged), when(at), document],
            )
        return bool(judged)

    def of(self, document: int, version: int) -> Reading:
        """The reading of a document version; an empty one where there is none."""
        row = next(
            self.db.query("SELECT * FROM readings WHERE document = ? AND version = ?", [document, version]), None
        )
        if row is None:
            return Reading()
        places = (tuple(json.loads(row[name])) for name in ("picture_places", "code_places"))
        return Reading(row["picture_text"], row["code_text"], *places)


def carry_over(db: Database, document: int, version: int) -> None:
    """A document has a new version, and shows the same pictures until somebody looks: their reading goes along, and is to be settled."""
    db.execute(
        """INSERT INTO readings SELECT document, ?, picture_text, code_text, picture_places, code_places, at FROM readings
        WHERE document = ? AND version = ?""",
        [version, document, version - 1],
    )
    db.execute(
        "INSERT OR IGNORE INTO picture_changes SELECT DISTINCT document FROM document_pictures WHERE document = ?",
        [document],
    )


def forget_captured(db: Database, capture: str) -> None:
    """A capture is erased: forget what pictures it gave, unless other captures gave the same files."""
    for (sha256,) in db.execute("SELECT sha256 FROM picture_addresses WHERE capture = ?", [capture]).fetchall():
        db.execute(
            "DELETE FROM document_pictures WHERE url IN (SELECT url FROM picture_addresses WHERE capture = ?)",
            [capture],
        )
        db.execute("DELETE FROM picture_addresses WHERE capture = ?", [capture])
        db.execute(
            "DELETE FROM pictures WHERE sha256 = ? AND NOT EXISTS (SELECT 1 FROM picture_addresses a WHERE a.sha256 = pictures.sha256)",
            [sha256],
        )


_NEXT = """INSERT INTO document_versions (document, version, capture, seen_at, text_sha256, title, text)
    SELECT document, ?, capture, ?, text_sha256, title, text FROM document_versions WHERE document = ? AND version = ?"""
