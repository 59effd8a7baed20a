"""The tables about sources: pages waiting to be read, watch lists, what was read of robots.txt and which sources are on."""

from __future__ import annotations

from sqlite_utils import Database

from core.store.schema import migrations


@migrations(name="0013_unread")
def unread(db: Database) -> None:
    """Captures of sources without selectors, to be read in a batch after the crawl."""
    db.execute(
        """CREATE TABLE unread (capture TEXT PRIMARY KEY REFERENCES captures(id), source TEXT NOT NULL, role TEXT NOT NULL,
        extra TEXT NOT NULL)"""
    )


@migrations(name="0014_watch")
def watch(db: Database) -> None:
    """The watch list: query terms for sources that search, and contact points to be told of."""
    db.execute(
        """CREATE TABLE watched (kind TEXT NOT NULL, value TEXT NOT NULL, note TEXT NOT NULL, added_at TEXT NOT NULL,
        PRIMARY KEY (kind, value))"""
    )


@migrations(name="0015_source_checks")
def source_checks(db: Database) -> None:
    """What was read of the robots.txt of each source, and whether the operator has switched it on or off."""
    db.execute(
        """CREATE TABLE source_checks (source TEXT PRIMARY KEY, read_at TEXT NOT NULL, verdict TEXT NOT NULL,
        detail TEXT NOT NULL)"""
    )
    db.execute("CREATE TABLE source_switches (source TEXT PRIMARY KEY, is_on INTEGER NOT NULL, at TEXT NOT NULL)")
