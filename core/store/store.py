"""Opening, migrating and backing up the store; its tables hang on it by name (``store.documents.add(...)``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from core.errors import StoreError
from core.store.accounts import Accounts
from core.store.collected import Captures, Documents, Pages, Refusals, RobotsTexts
from core.store.digest import Overview
from core.store.frontier import Frontier
from core.store.judged import Campaigns, ContactPoints, Judgements
from core.store.leads import Decisions, Leads
from core.store.ledger import Ledger
from core.store.review import Review
from core.store.runs import Runs
from core.store.schema import migrations, names


class Store:
    """The store of one workspace. Use as a context manager, or call ``close``."""

    def __init__(self, db: Database, path: Path | None) -> None:
        self.db = db
        self.path = path
        self.runs = Runs(db)
        self.captures = Captures(db)
        self.documents = Documents(db)
        self.refusals = Refusals(db)
        self.robots = RobotsTexts(db)
        self.pages = Pages(db)
        self.frontier = Frontier(db)
        self.judgements = Judgements(db)
        self.contact_points = ContactPoints(db)
        self.campaigns = Campaigns(db)
        self.leads = Leads(db)
        self.decisions = Decisions(db)
        self.ledger = Ledger(db)
        self.overview = Overview(db)
        self.accounts = Accounts(db)
        self.review = Review(db)

    @classmethod
    def open(cls, path: Path, *, now: datetime | None = None) -> Store:
        """Open (or create) the store at ``path``; pending migrations are applied after a back-up beside it.

        Raises:
            StoreError: the file is no SQLite database, cannot be written, or was made by a newer version.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        existed = path.exists() and path.stat().st_size > 0
        try:
            connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA foreign_keys=ON")
            db = Database(connection)
            applied = {migration.name for migration in migrations.applied(db)}
            ahead = applied - names()
            if ahead:
                raise StoreError(f"{path}: made by a newer xuncha (migrations {sorted(ahead)}); upgrade this installation")
            if migrations.pending(db):
                if existed and applied:
                    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
                    backup(connection, path.with_name(f"{path.stem}.before-migration-{stamp}.db"))
                migrations.apply(db)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path}: expected a writable SQLite store of xuncha: {error}; restore a back-up") from error
        return cls(db, path)

    @classmethod
    def in_memory(cls) -> Store:
        """A fresh store that lives in memory, for tests."""
        db = Database(memory=True)
        migrations.apply(db)
        return cls(db, None)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All that happens inside is stored together, or not at all."""
        with self.db.atomic():
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Like ``atomic``, but the write lock is taken at once: what is read inside cannot change before it is written."""
        if self.db.conn.in_transaction:
            with self.db.atomic():
                yield
            return
        self.db.conn.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.rollback()
            raise
        self.db.commit()

    def backup(self, target: Path) -> None:
        """Write a consistent copy of the store to ``target`` (which must not exist)."""
        backup(self.db.conn, target)

    def damage(self) -> list[str]:
        """What SQLite's own quick check finds wrong with the file; nothing when it is sound."""
        found = [str(row["quick_check"]) for row in self.db.query("PRAGMA quick_check")]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def backup(connection: sqlite3.Connection, target: Path) -> None:
    """Copy a database by ``VACUUM INTO``, which sees one consistent state and leaves no gaps."""
    if target.exists():
        raise StoreError(f"{target}: a back-up is never written over; choose another name")
    connection.execute("VACUUM INTO ?", [str(target)])
