"""Pictures of documents: which document shows which address, which file that gave, and what waits to be looked at and read.

A file is known by the SHA-256 of its bytes, however many addresses and pages show it, and is read once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import clean, pack, when
from core.types import Capture

TABLES = (
    # state: new (captured, not read), looked (codes and likeness are known), unreadable (why says so). lines are null until words are read
    """CREATE TABLE pictures (sha256 TEXT PRIMARY KEY, kind TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
        size INTEGER NOT NULL, first_seen TEXT NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL DEFAULT '', codes TEXT NOT NULL DEFAULT '[]',
        likeness TEXT NOT NULL DEFAULT '', poster TEXT NOT NULL DEFAULT '', wanted INTEGER NOT NULL DEFAULT 0, lines TEXT, reader TEXT NOT NULL DEFAULT '',
        read_at TEXT)""",
    "CREATE INDEX pictures_state ON pictures(state, first_seen)",
    "CREATE INDEX pictures_wanted ON pictures(wanted) WHERE lines IS NULL AND wanted > 0",
    "CREATE INDEX pictures_poster ON pictures(poster)",
    # what became of an address: a file and its capture, or why there is none
    """CREATE TABLE picture_addresses (url TEXT PRIMARY KEY, sha256 TEXT NOT NULL, capture TEXT NOT NULL, at TEXT NOT NULL,
        why TEXT NOT NULL DEFAULT '')""",
    "CREATE INDEX picture_addresses_sha256 ON picture_addresses(sha256)",
    "CREATE INDEX picture_addresses_capture ON picture_addresses(capture)",
    """CREATE TABLE document_pictures (document INTEGER NOT NULL REFERENCES documents(id), url TEXT NOT NULL, place INTEGER NOT NULL,
        PRIMARY KEY (document, url)) WITHOUT ROWID""",
    "CREATE INDEX document_pictures_url ON document_pictures(url)",
)
LEAST_READ = 10_000  # pixels: no words are looked for in smileys and rulers
LEAST_POSTER = 60_000  # pixels: avatars, smileys and logos tie nothing


class Pictures:
    """Tables ``pictures``, ``picture_addresses`` and ``document_pictures``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    # -- what the crawl writes

    def show(self, document: int, urls: Sequence[str], most: int) -> list[str]:
        """Note which addresses a document shows, ``most`` of them in all; returns those that nothing is known of."""
        with self.db.atomic():
            there = {
                row[0] for row in self.db.execute("SELECT url FROM document_pictures WHERE document = ?", [document])
            }
            new = [url for url in dict.fromkeys(map(clean, urls)) if url not in there][: max(0, most - len(there))]
            self.db.conn.executemany(
                "INSERT INTO document_pictures (document, url, place) VALUES (?, ?, ?)",
                [(document, url, len(there) + place) for place, url in enumerate(new)],
            )
            known = [url for url in new if self.db.execute(_KNOWN, [url]).fetchone()]
            if known:
                self._changed([document])
        return [url for url in new if url not in known]

    def waiting(self, source: str, limit: int) -> list[str]:
        """Addresses that documents of a source show and that were never fetched, newest documents first."""
        rows = self.db.execute(
            """SELECT p.url, max(d.id) AS newest FROM documents d JOIN document_pictures p ON p.document = d.id
            WHERE d.source = ? AND d.purged_at IS NULL AND NOT EXISTS (SELECT 1 FROM picture_addresses a WHERE a.url = p.url)
            GROUP BY p.url ORDER BY newest DESC, p.place LIMIT ?""",
            [source, limit],
        )
        return [str(row[0]) for row in rows.fetchall()]

    def had(self, url: str) -> bool:
        """Whether it is known what became of an address."""
        return self.db.execute("SELECT 1 FROM picture_addresses WHERE url = ?", [clean(url)]).fetchone() is not None

    def came(self, url: str, capture: Capture, sha256: str, size: int, told: tuple[str, int, int]) -> None:
        """A picture was fetched: the SHA-256 (hex) and size of its file, and (kind, width, height) by its header."""
        with self.db.atomic():
            at = when(capture.fetched_at)
            self.db.execute(_ADDRESS, [clean(url), sha256, capture.id, at, ""])
            self.db.execute(
                """INSERT OR IGNORE INTO pictures (sha256, kind, width, height, size, first_seen, state)
                VALUES (?, ?, ?, ?, ?, ?, 'new')""",
                [sha256, *told, size, at],
            )
            known = self.db.execute("SELECT 1 FROM pictures WHERE sha256 = ? AND state <> 'new'", [sha256]).fetchone()
            if known:
                self._changed(self._documents(sha256))

    def same(self, url: str, target: str) -> None:
        """An address leads to another; where that one's file is known, it is this one's too."""
        with self.db.atomic():
            query = "INSERT OR IGNORE INTO picture_addresses SELECT ?, sha256, capture, at, '' FROM picture_addresses WHERE url = ? AND sha256 <> ''"
            if self.db.execute(query, [clean(url), clean(target)]).rowcount > 0:
                rows = self.db.execute("SELECT document FROM document_pictures WHERE url = ?", [clean(url)])
                self._changed([int(row[0]) for row in rows.fetchall()])

    def failed(self, url: str, capture: str, why: str, at: datetime) -> None:
        """An address gave no picture; it is not asked for again."""
        self.db.execute(_ADDRESS, [clean(url), "", capture, when(at), clean(why[:300])])

    # -- what the night reads

    def unseen(self, limit: int) -> list[dict[str, Any]]:
        """Pictures that nobody has looked at, oldest first: sha256 and capture."""
        rows = self.db.query(
            """SELECT sha256, (SELECT capture FROM picture_addresses a WHERE a.sha256 = p.sha256 AND a.capture <> '' LIMIT 1) AS capture
            FROM pictures p WHERE state = 'new' ORDER BY first_seen, sha256 LIMIT ?""",
            [limit],
        )
        return list(rows)

    def looked(self, sha256: str, told: Mapping[str, Any]) -> None:
        """Store what was seen in a picture: width, height, codes (rows) and likeness; its documents are to be settled."""
        values = [told["width"], told["height"], pack(told["codes"]), told["likeness"], sha256]
        with self.db.atomic():
            self.db.execute(
                "UPDATE pictures SET state = 'looked', width = ?, height = ?, codes = ?, likeness = ? WHERE sha256 = ?",
                values,
            )
            self._changed(self._documents(sha256))

    def unreadable(self, sha256: str, why: str) -> None:
        """A picture cannot be read; the message says why."""
        query = "UPDATE pictures SET state = 'unreadable', why = ?, wanted = 0 WHERE sha256 = ?"
        self.db.execute(query, [clean(why[:300]), sha256])

    def readable(self, rater: str) -> list[dict[str, Any]]:
        """Pictures whose words nobody has wanted yet, by document: document, sha256, characters (of its text), codes, parent, and what a rater
        thinks of its newest version: label, score, labels and flagged, None where it has not judged it."""
        return list(
            self.db.query(
                """SELECT dp.document, p.sha256, p.codes <> '[]' AS codes, length(d.text) + length(d.title) AS characters, d.text, d.title, d.parent,
                j.label, j.score, j.labels, j.flagged
                FROM pictures p JOIN picture_addresses a ON a.sha256 = p.sha256 JOIN document_pictures dp ON dp.url = a.url
                JOIN documents d ON d.id = dp.document AND d.purged_at IS NULL
                LEFT JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = ?
                WHERE p.state = 'looked' AND p.lines IS NULL AND p.wanted = 0 AND p.width * p.height >= ? ORDER BY dp.document, dp.place""",
                [rater, LEAST_READ],
            )
        )

    def want(self, wanted: Mapping[str, int]) -> None:
        """Put pictures (by SHA-256) into the queue of those whose words are to be read; a higher number comes earlier."""
        with self.db.atomic():
            self.db.conn.executemany(
                "UPDATE pictures SET wanted = ? WHERE sha256 = ?", [(max(1, n), sha) for sha, n in wanted.items()]
            )

    def queued(self, limit: int) -> list[dict[str, Any]]:
        """The queue: sha256 and capture; one that looks like another that was read comes after all others."""
        rows = self.db.query(
            """SELECT sha256, (SELECT capture FROM picture_addresses a WHERE a.sha256 = p.sha256 AND a.capture <> '' LIMIT 1) AS capture
            FROM pictures p WHERE lines IS NULL AND wanted > 0 AND state = 'looked' ORDER BY poster <> '' AND EXISTS (
                SELECT 1 FROM pictures o WHERE o.poster = p.poster AND o.lines IS NOT NULL), wanted DESC, first_seen, sha256 LIMIT ?""",
            [limit],
        )
        return list(rows)

    def read(self, sha256: str, lines: Iterable[Any], reader: str, at: datetime) -> None:
        """Store the words of a picture (rows); its documents are to be settled."""
        with self.db.atomic():
            query = "UPDATE pictures SET lines = ?, reader = ?, read_at = ? WHERE sha256 = ?"
            self.db.execute(query, [pack(list(lines)), reader, when(at), sha256])
            self._changed(self._documents(sha256))

    # -- posters: pictures that look alike

    def ungrouped(self) -> list[tuple[str, str]]:
        """(sha256, likeness) of pictures that belong to no poster yet, oldest first."""
        rows = self.db.execute(
            """SELECT sha256, likeness FROM pictures WHERE poster = '' AND likeness <> '' AND width * height >= ?
            ORDER BY first_seen, sha256""",
            [LEAST_POSTER],
        )
        return [(row[0], row[1]) for row in rows.fetchall()]

    def posters(self) -> list[tuple[str, str]]:
        """(sha256, likeness) of the first picture of each poster."""
        return [
            (row[0], row[1])
            for row in self.db.execute(
                "SELECT sha256, likeness FROM pictures WHERE poster = sha256 ORDER BY first_seen, sha256"
            )
        ]

    def group(self, posters: Mapping[str, str]) -> None:
        """Note the poster that each picture shows, by the SHA-256 of its first picture."""
        with self.db.atomic():
            self.db.conn.executemany(
                "UPDATE pictures SET poster = ? WHERE sha256 = ?", [(poster, sha) for sha, poster in posters.items()]
            )

    def shared(self, rater: str, hub: int) -> list[tuple[int, str]]:
        """(document, poster) of documents that a rater flags; posters that ``hub`` others show, and more of them than adverts, are left out."""
        rows = self.db.execute(
            """WITH shown AS (SELECT DISTINCT dp.document, p.poster FROM pictures p JOIN picture_addresses a ON a.sha256 = p.sha256
                JOIN document_pictures dp ON dp.url = a.url WHERE p.poster <> ''),
            judged AS (SELECT s.document, s.poster, coalesce(j.flagged, 0) AS flagged FROM shown s JOIN documents d ON d.id = s.document
                LEFT JOIN judgements j ON j.document = d.id AND j.version = d.version AND j.rater = ? WHERE d.purged_at IS NULL),
            counted AS (SELECT poster, sum(flagged) AS ads, sum(1 - flagged) AS others FROM judged GROUP BY poster)
            SELECT g.document, g.poster FROM judged g JOIN counted c ON c.poster = g.poster
            WHERE g.flagged = 1 AND NOT (c.others >= ? AND c.others > c.ads) ORDER BY g.document, g.poster""",
            [rater, hub],
        )
        return [(row[0], row[1]) for row in rows.fetchall()]

    # -- what others ask

    def of(self, document: int) -> list[dict[str, Any]]:
        """The pictures of a document in their order, each file once: url, capture, gone (why an address gave none) and the file's columns."""
        rows = self.db.query(
            """SELECT dp.url, dp.place, coalesce(a.capture, '') AS capture, coalesce(a.why, '') AS gone, p.* FROM document_pictures dp
            LEFT JOIN picture_addresses a ON a.url = dp.url LEFT JOIN pictures p ON p.sha256 = a.sha256
            WHERE dp.document = ? ORDER BY dp.place""",
            [document],
        )
        found: dict[str, dict[str, Any]] = {}
        for row in rows:
            found.setdefault(
                row["sha256"] or row["url"],
                {**row, "codes": json.loads(row["codes"] or "[]"), "lines": json.loads(row["lines"] or "null")},
            )
        return list(found.values())

    def counts(self) -> dict[str, int]:
        """How many pictures there are, and how many of them nobody has looked at, cannot be read, bear codes, wait to be read or were read;
        and how many addresses were not fetched yet, or gave none."""
        query = """SELECT count(*) AS pictures, coalesce(sum(state = 'new'), 0) AS not_read, coalesce(sum(state = 'unreadable'), 0) AS unreadable,
            coalesce(sum(codes <> '[]'), 0) AS with_codes, coalesce(sum(wanted > 0 AND lines IS NULL), 0) AS queued,
            coalesce(sum(lines IS NOT NULL), 0) AS words_read, (SELECT count(*) FROM picture_addresses WHERE sha256 = '') AS refused,
            (SELECT count(DISTINCT p.url) FROM document_pictures p WHERE NOT EXISTS (SELECT 1 FROM picture_addresses a WHERE a.url = p.url)) AS to_fetch
            FROM pictures"""
        return {name: int(value) for name, value in next(self.db.query(query)).items()}

    def _documents(self, sha256: str) -> list[int]:
        query = "SELECT DISTINCT dp.document FROM picture_addresses a JOIN document_pictures dp ON dp.url = a.url WHERE a.sha256 = ?"
        return [int(row[0]) for row in self.db.execute(query, [sha256]).fetchall()]

    def _changed(self, documents: Iterable[int]) -> None:
        self.db.conn.executemany("INSERT OR IGNORE INTO picture_changes VALUES (?)", [(id,) for id in documents])


_KNOWN = "SELECT 1 FROM picture_addresses WHERE url = ? AND sha256 <> ''"
_ADDRESS = """INSERT INTO picture_addresses (url, sha256, capture, at, why) VALUES (?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET
    sha256 = excluded.sha256, capture = excluded.capture, at = excluded.at, why = excluded.why"""
