"""The index that campaigns are met by: texts with their band keys, and which document version stands in it as which text.

A *text* is what documents with the same bare form have in common; campaigns are made of texts, and their members are documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

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
# what an advert says: its own text, and where that says next to nothing the words in its pictures too
SAID = "CASE WHEN length(d.text) < 40 AND d.picture_text <> '' THEN trim(d.text || char(10) || d.picture_text) ELSE d.text END"


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


class CampaignIndex:
    """Tables ``campaign_texts``, ``campaign_places``, ``campaign_keys`` and ``campaign_mark``."""

    def __init__(self, db: Database) -> None:
        self.db = db

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
        # +j.rater: else SQLite makes an index of all judgements first, each night; the mark by sub-queries: joined, it lets SQLite expect
        # so many judgements that it reads all documents for a Bloom filter
        rows = self.db.execute(
            f"""SELECT j.id, j.document, j.version, j.flagged, p.version, CASE WHEN j.flagged THEN {SAID} ELSE '' END FROM judgements j
            CROSS JOIN documents d ON d.id = j.document AND d.version = j.version AND d.purged_at IS NULL
            LEFT JOIN campaign_places p ON p.document = j.document
            WHERE j.id > (SELECT judgement FROM campaign_mark) AND +j.rater = (SELECT rater FROM campaign_mark) ORDER BY j.id LIMIT ?""",
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

    def documents_of(self, text: int) -> list[int]:
        """The documents that stand in the index as a text, oldest first."""
        rows = self.db.execute("SELECT document FROM campaign_places WHERE text = ? ORDER BY document", [text])
        return [int(row[0]) for row in rows.fetchall()]

    def assign(self, text: int, campaign: str) -> None:
        """Let a text be of a campaign, or of none (empty)."""
        self.db.execute("UPDATE campaign_texts SET campaign = ? WHERE id = ?", [campaign or None, text])
