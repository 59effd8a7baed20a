"""Opening, migrating and backing up the store; its tables hang on it by name (``store.documents.add(...)``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from core.errors import Busy, StoreError, XunchaError
from core.store.accounts import Accounts
from core.store.collected import Captures, Documents, Pages, Refusals, RobotsTexts
from core.store.digest import Overview
from core.store.exports import Exports
from core.store.frontier import Frontier
from core.store.judged import Campaigns, ContactPoints, Judgements
from core.store.leads import Decisions, Leads
from core.store.ledger import Ledger
from core.store.movement import Movement
from core.store.review import Review
from core.store.runs import Runs
from core.store.schema import migrations, names
from core.store.study import Study

PATIENCE_SECONDS = 30  # how long a write waits for that of another process


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
        self.study = Study(db)
        self.exports = Exports(db)
        self.movement = Movement(db)

    @classmethod
    def open(cls, path: Path, *, now: datetime | None = None) -> Store:
        """Open (or create) the store at ``path``; pending migrations are applied after a back-up beside it.

        Raises:
            StoreError: the file is no store of xuncha, cannot be written, or was made by a newer version.
            Busy: another process is making or migrating it.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, check_same_thread=False)
        except (OSError, sqlite3.DatabaseError) as error:
            raise StoreError(
                f"{path}: expected a file that can be written: {error}; mend the folder or its rights"
            ) from error
        try:
            return cls._opened(connection, path, now)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise failure(path, error) from error
        except StoreError:
            connection.close()
            raise

    @classmethod
    def _opened(cls, connection: sqlite3.Connection, path: Path, now: datetime | None) -> Store:
        db = _Database(connection)
        applied = {migration.name for migration in migrations.applied(db)}
        ahead = applied - names()
        if ahead:
            raise StoreError(f"{path}: made by a newer xuncha (migrations {sorted(ahead)}); upgrade this installation")
        if not applied and db.table_names():
            raise StoreError(
                f"{path}: expected a store of xuncha, found tables {db.table_names()[:3]} of something else; name another file"
            )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        if migrations.pending(db):
            if applied:
                stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
                backup(connection, path.with_name(f"{path.stem}.before-migration-{stamp}.db"))
            with db.atomic():  # a second process that opens the store waits here, then finds nothing pending
                migrations.apply(db)
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
        """``atomic``, for its other promise: what is read inside cannot change before it is written."""
        with self.db.atomic():
            yield

    def backup(self, target: Path) -> None:
        """Write a consistent copy of the store to ``target`` (which must not exist)."""
        backup(self.db.conn, target)

    def damage(self) -> list[str]:
        """What SQLite's own quick check finds wrong with the file; nothing when it is sound."""
        try:
            found = [str(row["quick_check"]) for row in self.db.query("PRAGMA quick_check")]
        except sqlite3.DatabaseError as error:  # too broken to be checked to the end
            return [str(error)]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        self.close()
        if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
            raise failure(self.path, error) from error


class _Database(Database):
    """Transactions take the write lock at once.

    One that reads first and writes later would fail at that point ("database is locked", whatever the time-out) when
    another process has written in between: a night and a reviewer, say.
    """

    @contextmanager
    def atomic(self) -> Iterator[Database]:
        """All or nothing; inside of another, a savepoint."""
        if self.conn.in_transaction:
            with super().atomic():
                yield self
            return
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield self
        except BaseException:
            self.rollback()
            raise
        self.commit()


def failure(path: Path | None, error: sqlite3.DatabaseError) -> XunchaError:
    """What a fault of SQLite means to the operator."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
        return Busy(
            f"{path}: another process has been writing to the store for {PATIENCE_SECONDS} seconds; start again when it is done"
        )
    return StoreError(
        f"{path}: expected a store of xuncha that can be read and written: {error}; mend the disk or restore a back-up"
    )


def backup(connection: sqlite3.Connection, target: Path) -> None:
    """Copy a database by ``VACUUM INTO``, which sees one consistent state and leaves no gaps."""
    if target.exists():
        raise StoreError(f"{target}: a back-up is never written over; choose another name")
    connection.execute("VACUUM INTO ?", [str(target)])
