"""Who may use the review application: accounts, sessions, failed sign-ins and one-time links. Secrets come in as digests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from core.store.rows import when


class Accounts:
    """Tables ``accounts``, ``sessions``, ``sign_in_failures``, ``one_time_links`` and ``reveals``."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def add(self, name: str, role: str, password: str, now: datetime) -> bool:
        """Store an account with the hash of its password; False when the name is taken."""
        query = "INSERT INTO accounts (name, role, password, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        return self.db.execute(query, [name, role, password, when(now)]).rowcount == 1

    def get(self, name: str) -> dict[str, Any] | None:
        """The account with a name (name, role, password, created_at) unless it is closed, or None."""
        return next(self.db.query("SELECT * FROM accounts WHERE name = ? AND closed_at = ''", [name]), None)

    def all(self) -> list[dict[str, Any]]:
        """Rows name, role, created_at, closed_at (empty: open) and seen_at (the last use of a session that still is) of all accounts."""
        return list(
            self.db.query(
                """SELECT a.name, a.role, a.created_at, a.closed_at, (SELECT max(s.seen_at) FROM sessions s WHERE s.account = a.name) AS seen_at
                FROM accounts a ORDER BY a.name"""
            )
        )

    def close(self, name: str, now: datetime) -> bool:
        """Close an account for good and end its sessions; its name stays taken. False when there is none that is open."""
        with self.db.atomic():
            closed = self.db.execute(
                "UPDATE accounts SET closed_at = ? WHERE name = ? AND closed_at = ''", [when(now), name]
            )
            self.end_sessions(name)
            self.db.execute("DELETE FROM one_time_links WHERE account = ?", [name])
        return closed.rowcount == 1

    def end_sessions(self, name: str) -> None:
        """End all sessions of an account."""
        self.db.execute("DELETE FROM sessions WHERE account = ?", [name])

    def rehash(self, name: str, password: str) -> None:
        """Replace the hash of an account's password."""
        self.db.execute("UPDATE accounts SET password = ? WHERE name = ?", [password, name])

    def open_session(self, id: str, account: str, form_token: str, now: datetime, expires_at: datetime) -> None:
        """Store a session; those that have ended are dropped."""
        with self.db.atomic():
            self.db.execute("DELETE FROM sessions WHERE expires_at <= ?", [when(now)])
            self.db.table("sessions").insert(
                {
                    "id": id, "account": account, "form_token": form_token,
                    "created_at": when(now), "seen_at": when(now), "expires_at": when(expires_at),
                }
            )  # fmt: skip

    def session(self, id: str, now: datetime, idle_since: datetime) -> dict[str, Any] | None:
        """A session that has not expired and was used after ``idle_since``, with its account's ``role``; or None."""
        rows = self.db.query(
            """SELECT s.*, a.role FROM sessions s JOIN accounts a ON a.name = s.account
            WHERE s.id = ? AND s.expires_at > ? AND s.seen_at > ? AND a.closed_at = ''""",
            [id, when(now), when(idle_since)],
        )
        return next(rows, None)

    def touch_session(self, id: str, now: datetime) -> None:
        """Remember that a session was used."""
        self.db.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", [when(now), id])

    def close_session(self, id: str) -> None:
        """End a session; what it revealed is masked again."""
        self.db.execute("DELETE FROM sessions WHERE id = ?", [id])

    def add_failure(self, keys: list[str], now: datetime, forget_before: datetime) -> None:
        """Count a failed sign-in under each key; older ones than ``forget_before`` are dropped."""
        with self.db.atomic():
            self.db.execute("DELETE FROM sign_in_failures WHERE at < ?", [when(forget_before)])
            self.db.table("sign_in_failures").insert_all({"key": key, "at": when(now)} for key in keys)

    def failures(self, key: str, since: datetime) -> int:
        """How often a sign-in under a key failed since a time."""
        query = "SELECT count(*) AS n FROM sign_in_failures WHERE key = ? AND at > ?"
        return int(next(self.db.query(query, [key, when(since)]))["n"])

    def forget_failures(self, keys: list[str]) -> None:
        """Drop what was counted under some keys."""
        self.db.execute(f"DELETE FROM sign_in_failures WHERE key IN ({', '.join('?' * len(keys))})", keys)

    def add_link(self, id: str, account: str, expires_at: datetime) -> None:
        """Store a one-time link."""
        self.db.table("one_time_links").insert({"id": id, "account": account, "expires_at": when(expires_at)})

    def use_link(self, id: str, now: datetime) -> str | None:
        """The account of a one-time link, which is gone with this; None when there is none or it has expired."""
        rows = list(self.db.query("DELETE FROM one_time_links WHERE id = ? RETURNING account, expires_at", [id]))
        return str(rows[0]["account"]) if rows and rows[0]["expires_at"] > when(now) else None

    def reveal(self, session: str, lead: str, now: datetime) -> None:
        """Remember that a session has revealed the contacts of a lead."""
        self.db.table("reveals").insert({"session": session, "lead": lead, "at": when(now)}, ignore=True)

    def revealed(self, session: str, lead: str) -> bool:
        """Whether a session has revealed the contacts of a lead."""
        return any(self.db.query("SELECT 1 AS one FROM reveals WHERE session = ? AND lead = ?", [session, lead]))
