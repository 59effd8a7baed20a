"""Campaigns: which documents are one advert re-written, the texts and band keys by which the next one is met, and what happened.

A *text* is what documents with the same bare form have in common; campaigns are made of texts, and their members are documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import pack, time_of, when

TABLES = (
    "ALTER TABLE campaigns ADD COLUMN merged_into TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE campaigns ADD COLUMN terms TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE campaigns ADD COLUMN named_size INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX campaigns_unnamed ON campaigns(id) WHERE named_size = 0",
    # the document that this one is most like: the evidence of the tie
    "ALTER TABLE campaign_documents ADD COLUMN nearest INTEGER REFERENCES documents(id)",
    """CREATE TABLE campaign_texts (id INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL UNIQUE, sketch BLOB NOT NULL,
        campaign TEXT REFERENCES campaigns(id), document INTEGER NOT NULL REFERENCES documents(id))""",
    "CREATE INDEX campaign_texts_campaign ON campaign_texts(campaign) WHERE campaign IS NOT NULL",
    # which version of a document stands in the index, and as which text; none for one that is too short to be compared
    """CREATE TABLE campaign_places (document INTEGER PRIMARY KEY REFERENCES documents(id), version INTEGER NOT NULL,
        text INTEGER REFERENCES campaign_texts(id))""",
    "CREATE INDEX campaign_places_text ON campaign_places(text) WHERE text IS NOT NULL",
    # no foreign key: a text that is gone leaves its keys, which are dropped when they are next met
    "CREATE TABLE campaign_keys (key INTEGER NOT NULL, text INTEGER NOT NULL, PRIMARY KEY (key, text)) WITHOUT ROWID",
    """CREATE TABLE campaign_events (id INTEGER PRIMARY KEY, campaign TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,
        detail TEXT NOT NULL, run INTEGER)""",
    "CREATE INDEX campaign_events_campaign ON campaign_events(campaign)",
    "CREATE INDEX campaign_events_at ON campaign_events(at)",
    "CREATE INDEX campaign_events_run ON campaign_events(run)",
    # one row: up to which judgement of which rater the index has been brought, and by which rules
    "CREATE TABLE campaign_mark (one INTEGER PRIMARY KEY CHECK (one = 1), rater TEXT NOT NULL, rules TEXT NOT NULL, judgement INTEGER NOT NULL)",
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the index: its campaign (empty: none), its first document, and what it is compared by (bytes of a sketch)."""

    id: int
    campaign: str
    document: int
    sketch: bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """A judgement that the index has not seen; ``placed`` is the version that stands in it, ``text`` is read where it is flagged."""

    judgement: int
    document: int
    version: int
    flagged: bool
    placed: int | None
    text: str


class Campaigns:
    """Tables ``campaigns`` and ``campaign_*``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    # -- what others ask

    def members(self) -> dict[int, str]:
        """The campaign of each document that is in one."""
        return dict(self.db.execute("SELECT document, campaign FROM campaign_documents").fetchall())

    def get(self, id: str) -> dict[str, Any] | None:
        """A campaign's row with ``size``, ``first_seen`` and ``last_seen`` of its documents; ``terms`` is a list. None: no such campaign."""
        rows = self.db.query(
            """SELECT c.*, count(cd.document) AS size, min(d.first_seen) AS first_seen, max(d.last_seen) AS last_seen
            FROM campaigns c LEFT JOIN campaign_documents cd ON cd.campaign = c.id LEFT JOIN documents d ON d.id = cd.document
            WHERE c.id = ? GROUP BY c.id""",
            [id],
        )
        return next(({**row, "terms": json.loads(row["terms"])} for row in rows), None)

    def largest(self, limit: int) -> list[dict[str, Any]]:
        """The campaigns with most documents: rows with ``id``, ``terms`` (a list) and ``size``."""
        rows = self.db.query(
            """SELECT c.id, c.terms, n.size FROM (SELECT campaign, count(*) AS size FROM campaign_documents GROUP BY campaign
            ORDER BY size DESC, campaign LIMIT ?) n JOIN campaigns c ON c.id = n.campaign ORDER BY n.size DESC, c.id""",
            [limit],
        )
        return [{**row, "terms": json.loads(row["terms"])} for row in rows]

    def of_lead(self, lead: str) -> list[dict[str, Any]]:
        """The campaigns that a lead's documents are in, most documents first: ``id``, ``terms``, ``documents`` (of the lead), ``size`` (in all)."""
        rows = self.db.query(
            """SELECT c.id, c.terms, count(*) AS documents,
            (SELECT count(*) FROM campaign_documents a WHERE a.campaign = c.id) AS size
            FROM lead_documents ld JOIN campaign_documents cd ON cd.document = ld.document JOIN campaigns c ON c.id = cd.campaign
            WHERE ld.lead = ? GROUP BY c.id ORDER BY documents DESC, c.id""",
            [lead],
        )
        return [{**row, "terms": json.loads(row["terms"])} for row in rows]

    def texts_of(self, campaign: str, limit: int) -> list[tuple[int, str]]:
        """(document, text) of a campaign, one document for each distinct text, oldest first."""
        rows = self.db.execute(
            "SELECT d.id, d.text FROM campaign_texts t JOIN documents d ON d.id = t.document WHERE t.campaign = ? ORDER BY t.id LIMIT ?",
            [campaign, limit],
        )
        return [(int(id), str(text)) for id, text in rows.fetchall()]

    def events(self, since: datetime | None = None, campaign: str | None = None) -> list[dict[str, Any]]:
        """Events, oldest first, since a time and of one campaign where given; ``detail`` is a mapping, ``at`` a time."""
        after = when(since) if since else None
        rows = self.db.query(
            "SELECT * FROM campaign_events WHERE (? IS NULL OR at >= ?) AND (? IS NULL OR campaign = ?) ORDER BY id",
            [after, after, campaign, campaign],
        )
        return [{**row, "at": time_of(row["at"]), "detail": json.loads(row["detail"])} for row in rows]

    def add_event(self, id: str, kind: str, detail: Mapping[str, Any], at: datetime, run: int | None = None) -> None:
        """Record what happened to a campaign; ``kind`` is new, joined, left, merged, split, ended or dissolved."""
        self.db.execute(
            "INSERT INTO campaign_events (campaign, at, kind, detail, run) VALUES (?, ?, ?, ?, ?)",
            [id, when(at), kind, pack(dict(detail)), run],
        )

    # -- names

    def unnamed(self) -> list[str]:
        """Campaigns that were never named."""
        return [str(row[0]) for row in self.db.execute("SELECT id FROM campaigns WHERE named_size = 0 ORDER BY id")]

    def outgrown(self, run: int | None) -> list[str]:
        """Campaigns that something happened to in a run and that have at least twice as many documents as when they were named."""
        rows = self.db.execute(
            """SELECT c.id FROM (SELECT DISTINCT campaign FROM campaign_events WHERE run = ?) e JOIN campaigns c ON c.id = e.campaign
            WHERE (SELECT count(*) FROM campaign_documents cd WHERE cd.campaign = c.id) >= 2 * c.named_size ORDER BY c.id""",
            [run],
        )
        return [str(row[0]) for row in rows.fetchall()]

    def set_name(self, id: str, terms: Sequence[str]) -> None:
        """Name a campaign, at the size that it has."""
        self.db.execute(
            """UPDATE campaigns SET terms = ?, named_size = max(1, (SELECT count(*) FROM campaign_documents WHERE campaign = id))
            WHERE id = ?""",
            [pack(list(terms)), id],
        )

    # -- the index

    def begin(self, rater: str) -> str:
        """Make ready to place what a rater flags; returns the rules of the index that stands, empty where there is none.

        Judgements of another rater than the last one are all looked at again.
        """
        row = self.db.execute("SELECT rater, rules FROM campaign_mark").fetchone()
        if row and row[0] != rater:
            self.db.execute("UPDATE campaign_mark SET rater = ?, judgement = 0", [rater])
        return str(row[1]) if row else ""

    def clear(self, rater: str, rules: str) -> list[str]:
        """Empty the index, to be filled by other rules; returns the campaigns that had documents."""
        gone = [row[0] for row in self.db.execute("SELECT DISTINCT campaign FROM campaign_documents ORDER BY campaign")]
        for table in ("documents", "places", "texts", "keys", "mark"):
            self.db.execute(f"DELETE FROM campaign_{table}")
        self.db.execute("INSERT INTO campaign_mark VALUES (1, ?, ?, 0)", [rater, rules])
        return gone

    def pending(self, limit: int) -> list[Pending]:
        """Judgements of newest versions that the index has not seen, oldest first."""
        rows = self.db.execute(
            """SELECT j.id, j.document, j.version, j.flagged, p.version, CASE WHEN j.flagged THEN d.text ELSE '' END
            FROM campaign_mark m JOIN judgements j ON j.id > m.judgement AND j.rater = m.rater
            JOIN documents d ON d.id = j.document AND d.version = j.version
            LEFT JOIN campaign_places p ON p.document = j.document ORDER BY j.id LIMIT ?""",
            [limit],
        )
        return [Pending(row[0], row[1], row[2], bool(row[3]), row[4], row[5]) for row in rows.fetchall()]

    def mark(self, judgement: int) -> None:
        """Remember that all judgements up to this one have been seen."""
        self.db.execute("UPDATE campaign_mark SET judgement = ?", [judgement])

    def text(self, digest: str) -> Text | None:
        """The text with a digest of its bare form, or None."""
        row = self.db.execute(
            "SELECT id, coalesce(campaign, ''), document, sketch FROM campaign_texts WHERE digest = ?", [digest]
        ).fetchone()
        return Text(*row) if row else None

    def texts(self, ids: Sequence[int]) -> dict[int, Text]:
        """Those of some texts that are still there."""
        marks = ",".join("?" * len(ids))
        rows = self.db.execute(
            f"SELECT id, coalesce(campaign, ''), document, sketch FROM campaign_texts WHERE id IN ({marks})", list(ids)
        )
        return {row[0]: Text(*row) for row in rows.fetchall()}

    def texts_in(self, campaign: str) -> list[Text]:
        """All texts of a campaign, oldest first."""
        rows = self.db.execute(
            "SELECT id, campaign, document, sketch FROM campaign_texts WHERE campaign = ? ORDER BY id", [campaign]
        )
        return [Text(*row) for row in rows.fetchall()]

    def met(self, keys: Sequence[int]) -> list[tuple[int, int]]:
        """(key, text) of all texts that have one of some keys."""
        marks = ",".join("?" * len(keys))
        return self.db.execute(f"SELECT key, text FROM campaign_keys WHERE key IN ({marks})", list(keys)).fetchall()

    def add_text(self, digest: str, sketch: bytes, document: int, keys: Iterable[int]) -> int:
        """A new text under its keys; returns its id, which no text ever had."""
        cursor = self.db.execute(
            "INSERT INTO campaign_texts (digest, sketch, document) VALUES (?, ?, ?)", [digest, sketch, document]
        )
        text = int(cursor.lastrowid or 0)
        self.db.conn.executemany("INSERT OR IGNORE INTO campaign_keys VALUES (?, ?)", [(key, text) for key in keys])
        return text

    def drop_keys(self, rows: Iterable[tuple[int, int]]) -> None:
        """Drop (key, text) rows of texts that are gone."""
        self.db.conn.executemany("DELETE FROM campaign_keys WHERE key = ? AND text = ?", list(rows))

    def set_place(self, document: int, version: int, text: int | None) -> None:
        """Let a document version stand in the index as a text, or as one that is too short to be compared."""
        self.db.execute("INSERT OR REPLACE INTO campaign_places VALUES (?, ?, ?)", [document, version, text])

    def remove(self, document: int) -> str:
        """Take a document out of the index, and its text with the last of its documents; returns the campaign it was in, or empty."""
        row = self.db.execute("SELECT text FROM campaign_places WHERE document = ?", [document]).fetchone()
        if row is None:
            return ""
        was = self.db.execute("SELECT campaign FROM campaign_documents WHERE document = ?", [document]).fetchone()
        self.db.execute("DELETE FROM campaign_documents WHERE document = ?", [document])
        self.db.execute("DELETE FROM campaign_places WHERE document = ?", [document])
        if row[0] is not None:
            query = "SELECT min(document) FROM campaign_places WHERE text = ?"
            heir = self.db.execute(query, [row[0]]).fetchone()[0]
            if heir is None:
                self.db.execute("DELETE FROM campaign_texts WHERE id = ?", [row[0]])
            else:
                self.db.execute(
                    "UPDATE campaign_texts SET document = ? WHERE id = ? AND document = ?", [heir, row[0], document]
                )
        return str(was[0]) if was else ""

    # -- membership

    def documents_of(self, text: int) -> list[int]:
        """The documents that stand in the index as a text, oldest first."""
        rows = self.db.execute("SELECT document FROM campaign_places WHERE text = ? ORDER BY document", [text])
        return [int(row[0]) for row in rows.fetchall()]

    def size(self, campaign: str) -> int:
        """How many documents are in a campaign."""
        query = "SELECT count(*) FROM campaign_documents WHERE campaign = ?"
        return int(self.db.execute(query, [campaign]).fetchone()[0])

    def known(self, campaign: str) -> bool:
        """Whether there ever was a campaign with this id."""
        return self.db.execute("SELECT 1 FROM campaigns WHERE id = ?", [campaign]).fetchone() is not None

    def put(
        self, campaign: str, members: Iterable[tuple[int, float, int | None]], at: datetime, run: int | None = None
    ) -> None:
        """Add (document, similarity, nearest document) members to a campaign, which is made when it is new; a document moves with them.

        One that is in the campaign already keeps the time it joined.
        """
        with self.db.atomic():
            self.db.execute(
                "INSERT INTO campaigns (id, created_at, run) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET merged_into = ''",
                [campaign, when(at), run],
            )
            self.db.conn.executemany(
                """INSERT INTO campaign_documents (document, campaign, similarity, joined_at, nearest) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (document) DO UPDATE SET similarity = excluded.similarity, nearest = excluded.nearest,
                joined_at = CASE WHEN campaign = excluded.campaign THEN joined_at ELSE excluded.joined_at END,
                campaign = excluded.campaign""",
                [(document, campaign, similarity, when(at), nearest) for document, similarity, nearest in members],
            )

    def assign(self, text: int, campaign: str) -> None:
        """Let a text be of a campaign, or of none (empty)."""
        self.db.execute("UPDATE campaign_texts SET campaign = ? WHERE id = ?", [campaign or None, text])

    def release(self, document: int) -> None:
        """Take a document out of its campaign; it stays in the index."""
        self.db.execute("DELETE FROM campaign_documents WHERE document = ?", [document])

    def merge(self, gone: str, into: str) -> list[int]:
        """Move all of one campaign into another; returns the documents that moved."""
        query = "SELECT document FROM campaign_documents WHERE campaign = ? ORDER BY document"
        moved = [int(row[0]) for row in self.db.execute(query, [gone]).fetchall()]
        self.db.execute("UPDATE campaign_documents SET campaign = ? WHERE campaign = ?", [into, gone])
        self.db.execute("UPDATE campaign_texts SET campaign = ? WHERE campaign = ?", [into, gone])
        self.db.execute("UPDATE campaigns SET merged_into = ? WHERE id = ?", [into, gone])
        return moved
