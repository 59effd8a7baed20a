"""What is kept no longer: documents purged to hash, label and date, captures without a document that stays, and holds against both.

Erasure is the one change that the append-only tables let pass: text becomes empty, and everything that identifies a row by hash and time stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.readings import forget_captured
from core.store.rows import clean, time_of, when

_VERSION = ("document", "version", "capture", "seen_at", "text_sha256")
_CAPTURE = (
    "id", "run", "source", "fetched_at", "status", "media_type", "sha256", "size", "warc", "offset", "robots", "provenance",
)  # fmt: skip


def _guard(table: str, erased: str, kept: Sequence[str]) -> tuple[str, str]:
    same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in kept)
    return (
        f"DROP TRIGGER {table}_no_UPDATE",
        f"""CREATE TRIGGER {table}_no_UPDATE BEFORE UPDATE ON {table} WHEN NOT ({erased} AND {same})
        BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END""",
    )


TABLES = (
    "ALTER TABLE documents ADD COLUMN purged_at TEXT",
    *_guard("document_versions", "NEW.title = '' AND NEW.text = ''", _VERSION),
    *_guard("captures", "NEW.url = '' AND NEW.address = ''", _CAPTURE),
    """CREATE TABLE holds (id INTEGER PRIMARY KEY, lead TEXT NOT NULL, "by" TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL,
        released_by TEXT NOT NULL DEFAULT '', released_at TEXT)""",
    "CREATE TABLE hold_documents (hold INTEGER NOT NULL REFERENCES holds(id), document INTEGER NOT NULL, PRIMARY KEY (hold, document)) WITHOUT ROWID",
    "CREATE INDEX hold_documents_document ON hold_documents(document)",
    # how many purged documents showed a contact, by its digest: hubs stay hubs
    "CREATE TABLE purged_contacts (canonical TEXT PRIMARY KEY, documents INTEGER NOT NULL) WITHOUT ROWID",
    # records of the archive that are to be erased in place; what is still to do survives a crash
    """CREATE TABLE erasures (capture TEXT PRIMARY KEY, warc TEXT NOT NULL, "offset" INTEGER NOT NULL, length INTEGER NOT NULL,
        at TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)""",
    "CREATE INDEX document_versions_capture ON document_versions(capture)",
)
STANDS = ("confirm", "refer")  # leads that bear this answer keep their documents


@dataclass(frozen=True, slots=True)
class Due:
    """A document whose time is over. ``kept`` says what keeps it all the same: hold, or a lead that stands confirmed or referred."""

    id: int
    label: str
    text_sha256: str
    first_seen: datetime
    kept: str


class Retention:
    """Purging and holds, over several tables."""

    def __init__(self, db: Database) -> None:
        self.db = db

    # -- holds

    def hold(self, lead: str, by: str, at: datetime, why: str) -> bool:
        """Hold a lead: the documents that it has, and those that join it, are not purged. False where it is held already."""
        with self.db.atomic():
            if self.held(lead):
                return False
            cursor = self.db.execute(
                'INSERT INTO holds (lead, "by", at, why) VALUES (?, ?, ?, ?)', [lead, clean(by), when(at), clean(why)]
            )
            self.db.execute(
                "INSERT INTO hold_documents SELECT ?, document FROM lead_documents WHERE lead = ?",
                [cursor.lastrowid, lead],
            )
        return True

    def release(self, lead: str, by: str, at: datetime) -> bool:
        """End the hold of a lead; False where there is none."""
        with self.db.atomic():
            query = "UPDATE holds SET released_by = ?, released_at = ? WHERE lead = ? AND released_at IS NULL"
            return self.db.execute(query, [clean(by), when(at), lead]).rowcount > 0

    def held(self, lead: str) -> bool:
        """Whether a lead is on hold."""
        return (
            self.db.execute("SELECT 1 FROM holds WHERE lead = ? AND released_at IS NULL", [lead]).fetchone() is not None
        )

    def holds(self) -> list[dict[str, Any]]:
        """Holds that stand, oldest first: lead, by, at, why and documents (how many are held by it)."""
        rows = self.db.query(
            """SELECT h.lead, h."by", h.at, h.why, (SELECT count(*) FROM (SELECT document FROM hold_documents WHERE hold = h.id
            UNION SELECT document FROM lead_documents WHERE lead = h.lead)) AS documents
            FROM holds h WHERE released_at IS NULL ORDER BY h.id"""
        )
        return [{**row, "at": time_of(row["at"])} for row in rows]

    # -- what is due

    def due(self, before: Mapping[str, datetime], model: str) -> list[Due]:
        """Documents that a model (by the prefix of its rater, ``model:linear@``) last gave a label, and that were first seen before the label's time; oldest first."""
        found: list[Due] = []
        for label, time in before.items():
            rows = self.db.query(
                """SELECT d.id, d.text_sha256, d.first_seen, CASE
                WHEN EXISTS (SELECT 1 FROM hold_documents hd JOIN holds h ON h.id = hd.hold
                    WHERE hd.document = d.id AND h.released_at IS NULL) THEN 'on hold'
                WHEN EXISTS (SELECT 1 FROM lead_documents ld JOIN holds h ON h.lead = ld.lead AND h.released_at IS NULL
                    WHERE ld.document = d.id) THEN 'on hold'
                WHEN EXISTS (SELECT 1 FROM lead_documents ld JOIN leads l ON l.id = ld.lead
                    WHERE ld.document = d.id AND l.answer IN (?, ?)) THEN 'in a lead that stands confirmed or referred'
                ELSE '' END AS kept
                FROM judgements j CROSS JOIN documents d ON d.id = j.document AND d.version = j.version
                WHERE j.label = ? AND d.purged_at IS NULL AND d.first_seen < ? AND j.id = (SELECT max(id) FROM judgements m
                    WHERE m.document = d.id AND m.version = d.version AND substr(m.rater, 1, length(?)) = ?) ORDER BY d.id""",
                [*STANDS, label, when(time), model, model],
            )
            found += [
                Due(row["id"], label, row["text_sha256"], time_of(row["first_seen"]), row["kept"]) for row in rows
            ]
        return sorted(found, key=lambda one: one.id)

    def captures_due(self, documents: Iterable[int], pages_before: datetime | None) -> list[dict[str, Any]]:
        """Captures to erase once these documents are purged: rows of captures, oldest first.

        Those are all captures of a page that gave only documents which are purged (or about to be), and, with ``pages_before``, captures
        older than that which gave no document at all (lists, failed extractions; robots.txt stays, it belongs to the evidence of others).
        """
        with self.db.atomic():  # the driver would begin a transaction by itself, and nobody would end it
            self.db.execute("CREATE TEMP TABLE IF NOT EXISTS going (document INTEGER PRIMARY KEY)")
            self.db.execute("DELETE FROM going")
            self.db.conn.executemany("INSERT OR IGNORE INTO going VALUES (?)", [(id,) for id in documents])
        # from what is gone to its captures, by CROSS JOIN in this order: the other way each night read every capture there is
        query = """WITH gone AS (SELECT id FROM documents WHERE purged_at IS NOT NULL UNION SELECT document FROM going),
            addresses AS (SELECT o.url FROM gone CROSS JOIN document_versions v ON v.document = gone.id
                CROSS JOIN captures o ON o.id = v.capture WHERE o.url <> '')
            SELECT * FROM captures c WHERE c.url <> '' AND (c.url IN (SELECT url FROM addresses)
            AND NOT EXISTS (SELECT 1 FROM captures o JOIN document_versions v ON v.capture = o.id JOIN documents d ON d.id = v.document
                WHERE o.url = c.url AND d.purged_at IS NULL AND d.id NOT IN (SELECT document FROM going))
            AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.url = c.url AND d.purged_at IS NULL
                AND d.id NOT IN (SELECT document FROM going)))
            OR c.url <> '' AND c.id IN (SELECT a.capture FROM picture_addresses a WHERE NOT EXISTS (
                SELECT 1 FROM document_pictures p JOIN documents d ON d.id = p.document WHERE p.url = a.url
                AND d.purged_at IS NULL AND d.id NOT IN (SELECT document FROM going)))"""
        values: list[Any] = []
        if pages_before is not None:
            query += """ OR (c.url <> '' AND c.fetched_at < ? AND c.source <> 'robots.txt'
                AND NOT EXISTS (SELECT 1 FROM document_versions v WHERE v.capture = c.id)
                AND NOT EXISTS (SELECT 1 FROM picture_addresses a WHERE a.capture = c.id))"""
            values.append(when(pages_before))
        return list(self.db.query(f"{query} ORDER BY c.fetched_at, c.id", values))

    # -- what is done

    def indexed(self, document: int) -> list[tuple[int, str, str]]:
        """(version, title, text) of each version of a document that is in the search index."""
        rows = self.db.execute(
            """SELECT v.version, v.title, CASE WHEN coalesce(r.picture_text, '') = '' THEN v.text ELSE v.text || char(10) || r.picture_text END
            FROM searched s JOIN document_versions v ON v.document = s.document AND v.version = s.version
            LEFT JOIN readings r ON r.document = v.document AND r.version = v.version WHERE s.document = ?""",
            [document],
        )
        return list(rows.fetchall())

    def purge(self, document: int, at: datetime, terms: Mapping[int, str]) -> None:
        """Purge a document to hash, label and date; ``terms`` are those under which its versions are in the search index.

        Identity and address become digests, so that the page is known when it is met again and not fetched or judged anew.
        """
        row = next(self.db.query("SELECT platform, native_id, url FROM documents WHERE id = ?", [document]))
        with self.db.atomic():
            for version, words in terms.items():
                entry = self.db.execute(
                    "SELECT id FROM searched WHERE document = ? AND version = ?", [document, version]
                ).fetchone()
                query = "INSERT INTO search_terms (search_terms, rowid, terms) VALUES ('delete', ?, ?)"
                self.db.execute(query, [entry[0], words])
            self.db.execute("DELETE FROM searched WHERE document = ?", [document])
            self.db.execute("DELETE FROM document_facets WHERE document = ?", [document])
            self.db.execute(
                """INSERT INTO purged_contacts SELECT c.canonical, 1 FROM contact_points c JOIN documents d ON d.id = c.document
                AND d.version = c.version WHERE c.document = ? AND c.canonical LIKE '#%' GROUP BY c.canonical
                ON CONFLICT (canonical) DO UPDATE SET documents = documents + 1""",
                [document],
            )
            self.db.execute("DELETE FROM contact_points WHERE document = ?", [document])
            self.db.execute("DELETE FROM readings WHERE document = ?", [document])
            self.db.execute("DELETE FROM picture_changes WHERE document = ?", [document])
            self.db.execute("UPDATE judgements SET spans = '[]' WHERE document = ?", [document])
            self.db.execute("UPDATE study_labels SET note = '' WHERE document = ?", [document])
            self.db.execute("UPDATE document_versions SET title = '', text = '' WHERE document = ?", [document])
            self.db.execute(
                """UPDATE documents SET native_id = ?, url = '', title = '', text = '', author = '', published_raw = '', site = '{}',
                links = '[]', pictures = '[]', picture_text = '', code_text = '', parent = '', fields = '{}', purged_at = ? WHERE id = ?""",
                [identity_digest(row["platform"], row["native_id"]), when(at), document],
            )
            self._forget(row["url"])

    def erase_capture(self, row: Mapping[str, Any], length: int, at: datetime) -> None:
        """Forget where a capture came from, and note that its record (``length`` bytes of the archive) is to be erased."""
        with self.db.atomic():
            self.db.execute("UPDATE captures SET url = '', address = '' WHERE id = ?", [row["id"]])
            self.db.execute(
                'INSERT OR IGNORE INTO erasures (capture, warc, "offset", length, at) VALUES (?, ?, ?, ?, ?)',
                [row["id"], row["warc"], row["offset"], length, when(at)],
            )
            self._forget(str(row["url"]))
            forget_captured(self.db, str(row["id"]))

    def to_erase(self) -> list[dict[str, Any]]:
        """Records of the archive that are still to be erased: rows capture, warc, offset, length and at."""
        return list(self.db.query("SELECT * FROM erasures WHERE done = 0 ORDER BY warc, offset"))

    def erased(self, capture: str) -> None:
        """Note that a record is erased."""
        with self.db.atomic():
            self.db.execute("UPDATE erasures SET done = 1 WHERE capture = ?", [capture])

    def shared(self, warc: str) -> int:
        """How many captures that are not erased lie in a file of the archive."""
        query = "SELECT count(*) FROM captures WHERE warc = ? AND url <> ''"
        return int(self.db.execute(query, [warc]).fetchone()[0])

    def forget_titles(self) -> int:
        """Empty the titles and contacts of closed leads of which every document has been purged; returns how many."""
        with self.db.atomic():
            return self.db.execute(
                """UPDATE leads SET title = '', contacts = '[]' WHERE state <> 'open' AND title <> '' AND NOT EXISTS (
                SELECT 1 FROM lead_events e, json_each(e.detail, '$.documents') n JOIN documents d ON d.id = n.value
                WHERE e.lead = leads.id AND d.purged_at IS NULL) AND EXISTS (
                SELECT 1 FROM lead_events e, json_each(e.detail, '$.documents') n JOIN documents d ON d.id = n.value
                WHERE e.lead = leads.id)"""
            ).rowcount

    def settle(self) -> None:
        """Let nothing of what was erased linger in the store's own files; call it outside of a transaction."""
        self.db.execute("INSERT INTO search_terms (search_terms) VALUES ('optimize')")
        self.db.conn.commit()
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _forget(self, url: str) -> None:
        """A page that was asked for stays known, by the digest of its address, unless a document that stays has the same one."""
        if not url or self.db.execute("SELECT 1 FROM documents WHERE url = ?", [url]).fetchone():
            return
        self.db.execute(
            "UPDATE OR REPLACE pages SET url = ?, etag = '', last_modified = '' WHERE url = ?",
            [address_digest(url), url],
        )
        self.db.execute(
            "DELETE FROM frontier WHERE url = ? AND run IN (SELECT id FROM runs WHERE state = 'finished')", [url]
        )


def identity_digest(platform: str, native_id: str) -> str:
    """What stands for the native id of a purged document: ``#`` and a digest."""
    return "#" + hashlib.sha256(clean(f"{platform}\n{native_id}").encode()).hexdigest()[:40]


def address_digest(url: str) -> str:
    """What stands for the URL of a purged document's page: ``#`` and a digest."""
    return "#" + hashlib.sha256(clean(url).encode()).hexdigest()[:40]
