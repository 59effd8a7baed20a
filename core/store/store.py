"""Opening, migrating and backing up the store; its tables hang on it by name (``store.documents.add(...)``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from core.errors import Busy, StoreError, XunchaError
from core.store.accounts import Accounts
from core.store.audit import Audit
from core.store.campaigns import Campaigns
from core.store.cases import Cases
from core.store.checked import Checked
from core.store.collected import Captures, Documents, Pages, Refusals, RobotsTexts
from core.store.desk import Desk
from core.store.digest import Overview
from core.store.edges import Edges
from core.store.exports import Exports
from core.store.frontier import Frontier
from core.store.handed import Handed
from core.store.hands import Hands
from core.store.index import SearchIndex
from core.store.judged import ContactPoints, Judgements
from core.store.kin import Kin
from core.store.leads import Decisions, Leads
from core.store.ledger import Ledger
from core.store.movement import Movement
from core.store.pictures import Pictures
from core.store.readings import Readings
from core.store.retention import Retention
from core.store.review import Review
from core.store.runs import Runs
from core.store.schema import migrations, names
from core.store.stamps import Stamps
from core.store.study import Study
from core.store.unread import Unread
from core.store.visits import Sightings, Visits
from core.store.watched import Watched
from core.store.yields import Yields

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
        self.edges = Edges(db)
        self.decisions = Decisions(db)
        self.hands = Hands(db)
        self.handed = Handed(db)
        self.ledger = Ledger(db)
        self.stamps = Stamps(db)
        self.overview = Overview(db)
        self.accounts = Accounts(db)
        self.review = Review(db)
        self.index = SearchIndex(db)
        self.kin = Kin(db)
        self.desk = Desk(db)
        self.cases = Cases(db)
        self.audit = Audit(db)
        self.study = Study(db)
        self.unread = Unread(db)
        self.watched = Watched(db)
        self.checked = Checked(db)
        self.retention = Retention(db)
        self.exports = Exports(db)
        self.visits = Visits(db)
        self.sightings = Sightings(db)
        self.yields = Yields(db)
        self.movement = Movement(db)
        self.pictures = Pictures(db)
        self.readings = Readings(db)

    @classmethod
    def open(cls, path: Path, *, now: datetime | None = None, patience: float = PATIENCE_SECONDS) -> Store:
        """Open (or create) the store at ``path``; pending migrations are applied after a back-up beside it.

        ``patience`` is how many seconds a write waits for that of another process.

        Raises:
            StoreError: the file is no store of xuncha, cannot be written, or was made by a newer version.
            Busy: another process is making or migrating it.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=patience, check_same_thread=False)
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
        connection.execute("PRAGMA secure_delete=ON")  # what is purged is overwritten, not only unlinked
        connection.execute("PRAGMA cache_size=-65536")  # 64 MB: the keys of campaigns are met at random places
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
        db = _Database(memory=True)
        migrations.apply(db)
        return cls(db, None)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All that happens inside is stored together, or not at all."""
        with self.db.atomic():
            yield

    def begin(self) -> None:
        """Open a transaction that lasts until ``commit``; ``atomic`` within it is a part of it. Nothing when one is open."""
        if not self.begun():
            self.db.execute("BEGIN IMMEDIATE")

    def begun(self) -> bool:
        """Whether a transaction is open."""
        return bool(self.db.conn.in_transaction)

    def commit(self) -> None:
        """End the transaction that ``begin`` opened: what was written holds, or, when that fails, nothing of it."""
        try:
            self.db.commit()
        except BaseException:
            self.db.rollback()
            raise

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

    _depth = 0

    @contextmanager
    def atomic(self) -> Iterator[Database]:
        """All or nothing; inside of another, a savepoint."""
        if self.conn.in_transaction:
            # named by its depth: SQLite need not read a statement anew that it has seen before
            name = f"depth_{self._depth}"
            self.conn.execute(f"SAVEPOINT {name}")
            self._depth += 1
            try:
                yield self
            except BaseException:
                if self.conn.in_transaction:  # an error may have ended the whole transaction already
                    self.conn.execute(f"ROLLBACK TO {name}")
                    self.conn.execute(f"RELEASE {name}")
                raise
            else:
                self.conn.execute(f"RELEASE {name}")
            finally:
                self._depth -= 1
            return
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield self
        except BaseException:
            self.rollback()
            raise
        self.commit()

    def query(
        self, sql: str, params: Sequence[Any] | dict[str, Any] | None = None
    ) -> Generator[dict[str, Any], None, None]:
        """The rows of a query; a plain SELECT without the savepoint that sqlite-utils puts around each."""
        if not sql.startswith("SELECT"):
            return super().query(sql, params)
        cursor = self.conn.execute(sql, params if params is not None else ())
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)


def held(error: BaseException) -> bool:
    """Whether a fault of SQLite is that another process holds the store."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def failure(path: Path | None, error: sqlite3.DatabaseError) -> XunchaError:
    """What a fault of SQLite means to the operator."""
    if held(error):
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
