"""The tables about sources: pages waiting to be read, watch lists, what was read of robots.txt and which sources are on."""

from __future__ import annotations

UNREAD = (
    """CREATE TABLE unread (capture TEXT PRIMARY KEY REFERENCES captures(id), source TEXT NOT NULL, role TEXT NOT NULL,
        extra TEXT NOT NULL)""",
)
WATCHED = (
    """CREATE TABLE watched (kind TEXT NOT NULL, value TEXT NOT NULL, note TEXT NOT NULL, added_at TEXT NOT NULL,
        PRIMARY KEY (kind, value))""",
)
CHECKED = (
    """CREATE TABLE source_checks (source TEXT PRIMARY KEY, read_at TEXT NOT NULL, verdict TEXT NOT NULL,
        detail TEXT NOT NULL)""",
    "CREATE TABLE source_switches (source TEXT PRIMARY KEY, is_on INTEGER NOT NULL, at TEXT NOT NULL)",
)
