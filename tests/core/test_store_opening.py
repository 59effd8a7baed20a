"""Opening a store: fresh, older, newer, broken, foreign, out of reach, and by two processes at once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database
from stored import LATER, NOW, add, document

from core.errors import Busy, StoreError
from core.plugins import ROOT
from core.store import Store
from core.store.schema import migrations, names


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A store that was made before the latest migration, with one document."""
    path = tmp_path / "xuncha.db"
    latest = sorted(names())[-1]
    db = Database(path)
    migrations.apply(db, stop_before=latest)
    db.execute("INSERT INTO runs VALUES (7, 'crawl', '2026-11-19', NULL, 'running', '{}', '{}', '[]')")
    db.close()
    return path


def test_a_fresh_store_is_made_with_its_folder_and_needs_no_back_up(tmp_path: Path) -> None:
    with Store.open(tmp_path / "new" / "xuncha.db") as store:
        assert store.documents.count() == 0
        assert store.damage() == []
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"xuncha.db"}


def test_what_is_stored_is_there_when_the_store_is_opened_again(tmp_path: Path) -> None:
    with Store.open(tmp_path / "xuncha.db") as store:
        add(store, "1")
    with Store.open(tmp_path / "xuncha.db") as store:
        assert store.documents.get(1) == document("1")


def test_a_store_is_written_ahead_with_foreign_keys(on_disk: Store) -> None:
    assert next(on_disk.db.query("PRAGMA journal_mode"))["journal_mode"] == "wal"
    with pytest.raises(sqlite3.IntegrityError):
        on_disk.frontier.push(99, "s", "f", "http://a.test/", "a.test", "{}", 0)


def test_every_migration_has_a_number_of_its_own_in_order() -> None:
    applied = [migration.name for migration in migrations.pending(Database(memory=True))]
    assert applied == sorted(applied)
    assert len({name[:4] for name in applied}) == len(applied)


def test_an_older_store_is_backed_up_beside_itself_before_it_is_migrated(older: Path) -> None:
    with Store.open(older, now=NOW) as store:
        assert {migration.name for migration in migrations.applied(store.db)} == names()
        assert store.runs.last("crawl", 1)[0].id == 7
    kept = older.with_name("xuncha.before-migration-20261120T223000Z.db")
    with sqlite3.connect(kept) as copy:
        assert copy.execute("SELECT id, stage FROM runs").fetchall() == [(7, "crawl")]
        applied = {name for (name,) in copy.execute("SELECT name FROM _sqlite_migrations")}
    copy.close()
    assert applied == names() - {sorted(names())[-1]}


def test_a_migrated_store_is_not_backed_up_again(older: Path) -> None:
    for now in (NOW, LATER):
        with Store.open(older, now=now):
            pass
    assert len(list(older.parent.glob("*before-migration*"))) == 1


def test_a_migration_that_fails_leaves_the_store_as_it_was_and_a_back_up(
    on_disk: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = on_disk.path
    assert path is not None

    def half(db: Database) -> None:
        db.execute("CREATE TABLE half (id)")
        db.execute("INSERT INTO half VALUES (1)")
        db.execute("CREATE TABLE runs (id)")  # there is one already

    faulty = [*migrations._migrations, migrations._Migration("9998_half", half)]
    monkeypatch.setattr(migrations, "_migrations", faulty)
    with pytest.raises(StoreError, match="table runs already exists"):
        Store.open(path, now=NOW)
    monkeypatch.undo()
    with Store.open(path) as store:
        assert "half" not in store.db.table_names()
        assert {migration.name for migration in migrations.applied(store.db)} == names()
    assert path.with_name("xuncha.before-migration-20261120T223000Z.db").exists()


def test_a_store_from_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    with Store.open(tmp_path / "xuncha.db") as store:
        row = {"migration_set": "xuncha", "name": "9999_later", "applied_at": "2027-01-01"}
        store.db.table("_sqlite_migrations").insert(row)
    before = (tmp_path / "xuncha.db").read_bytes()
    with pytest.raises(
        StoreError, match=r"made by a newer xuncha \(migrations \['9999_later'\]\); upgrade this installation"
    ):
        Store.open(tmp_path / "xuncha.db")
    assert (tmp_path / "xuncha.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"this is no database\n" * 100, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "xuncha.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"xuncha\.db: expected a store of xuncha .*restore a back-up"):
        Store.open(path)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmarks (id)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"found tables \['bookmarks'\] of something else"):
        Store.open(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "xuncha.db").touch()
    with Store.open(tmp_path / "xuncha.db") as store:
        assert store.documents.count() == 0


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="expected a file that can be written"):
        Store.open(tmp_path)


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="expected a file that can be written"):
        Store.open(tmp_path / "file" / "xuncha.db")


@pytest.fixture
def unwritable() -> Iterator[Path]:
    """A folder that this process may read and not write; root becomes nobody for a while."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "night"
        with Store.open(folder / "xuncha.db"):
            pass
        os.chmod(name, 0o755)
        folder.chmod(0o555)
        (folder / "xuncha.db").chmod(0o444)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_folder_that_cannot_be_written_is_named(unwritable: Path) -> None:
    with pytest.raises(StoreError, match=r"night/xuncha\.db: expected a store of xuncha that can be read and written"):
        Store.open(unwritable / "xuncha.db")
    with pytest.raises(StoreError, match=r"new/xuncha\.db: expected a file that can be written"):
        Store.open(unwritable / "new" / "xuncha.db")


def test_a_back_up_is_whole_and_is_never_written_over(on_disk: Store, tmp_path: Path) -> None:
    add(on_disk, "1", "2")
    on_disk.backup(tmp_path / "copy.db")
    with pytest.raises(StoreError, match=r"copy\.db: a back-up is never written over"):
        on_disk.backup(tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db") as copy:
        assert copy.documents.count() == 2


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    path = tmp_path / "xuncha.db"
    with Store.open(path) as store:
        add(store, *map(str, range(200)))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xaa" * 4096
    path.write_bytes(content)
    with Store.open(path) as store:
        assert store.damage()


def test_a_fault_of_the_database_leaves_the_with_block_as_our_own_error(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match=r"xuncha\.db: .*no such table: nowhere"),
        Store.open(tmp_path / "xuncha.db") as store,
    ):
        store.db.execute("SELECT * FROM nowhere")
    with pytest.raises(sqlite3.IntegrityError), Store.open(tmp_path / "xuncha.db") as store:  # that is a fault of ours
        store.db.execute("INSERT INTO captures (id) VALUES ('incomplete')")


def test_a_store_that_another_process_holds_too_long_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.store.PATIENCE_SECONDS", 0.05)
    path = tmp_path / "xuncha.db"
    with Store.open(path) as holder:
        holder.db.conn.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match="another process has been writing"), Store.open(path) as other:
            add(other, "1")
        holder.db.rollback()


def test_a_batch_is_stored_whole_or_not_at_all(store: Store) -> None:
    with pytest.raises(RuntimeError), store.atomic():  # noqa: PT012 - the transaction is the point
        add(store, "1", "2")
        store.runs.start("crawl", NOW)
        raise RuntimeError
    assert (store.documents.count(), store.runs.last("crawl", 1)) == (0, [])
    with store.atomic():
        add(store, "1")
        with pytest.raises(RuntimeError), store.atomic():  # noqa: PT012
            add(store, "2")
            raise RuntimeError
    assert [store.documents.find("forum", id) for id in ("1", "2")] == [1, None]


WRITER = """
import sys
from pathlib import Path
from stored import NOW, add
from core.store import Store
with Store.open(Path(sys.argv[1])) as store:
    for number in range(60):
        add(store, f"{sys.argv[2]}-{number}")
        with store.atomic():
            add(store, f"{sys.argv[2]}-{number}-a", f"{sys.argv[2]}-{number}-b")
            store.ledger.append(NOW, sys.argv[2], "wrote", str(number))
"""


def test_two_processes_write_while_a_third_reads_and_each_batch_is_seen_whole(tmp_path: Path) -> None:
    path = tmp_path / "xuncha.db"
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"}
    writers = [  # both open a store that is not there yet
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name], env=environ, stderr=subprocess.PIPE, text=True
        )
        for name in ("night", "reviewer")
    ]
    seen = []
    while any(writer.poll() is None for writer in writers):
        if path.exists() and path.stat().st_size > 100_000:  # the schema stands
            with Store.open(path) as reader:
                seen += [next(reader.db.query(COUNTS)) for _ in range(20)]
    assert [(writer.wait(), writer.stderr.read()) for writer in writers if writer.stderr] == [(0, ""), (0, "")]
    for writer in writers:
        writer.stderr.close()  # type: ignore[union-attr]
    assert all(row["halves"] == row["entries"] * 2 for row in seen)
    with Store.open(path) as store:
        assert store.documents.count() == 2 * 60 * 3
        assert list(store.ledger.breaks()) == []


COUNTS = """SELECT (SELECT count(*) FROM documents WHERE native_id LIKE '%-a' OR native_id LIKE '%-b') AS halves,
    (SELECT count(*) FROM ledger) AS entries"""
