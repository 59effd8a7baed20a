"""The whole ledger verified: every way to change it is seen, and the entry named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from authority import Authority
from proving import LATER, LEAD

from core.errors import InputError
from core.settings import Settings
from core.store import Store
from core.store.ledger import GUARDED
from evidence import stamp
from evidence.audit import Audit, examine

Xuncha = Callable[..., "CompletedProcess[bytes]"]
GUARDS = "DROP TRIGGER ledger_no_UPDATE; DROP TRIGGER ledger_no_DELETE;"
REMAKE = [
    "CREATE TRIGGER ledger_no_UPDATE BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'no'); END",
    "CREATE TRIGGER ledger_no_DELETE BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'no'); END",
]


def audit(settings: Settings, *heads: str) -> Audit:
    with Store.open(settings.path("database")) as store:
        return examine(store, settings.path("reports"), stamp.roots(settings), heads)


def tamper(settings: Settings, statements: str) -> None:
    """What an administrator does who puts the guards back in place."""
    connection = sqlite3.connect(settings.path("database"))
    connection.executescript(f"{GUARDS} {statements}; {';'.join(REMAKE)};")
    connection.close()


def head_of(settings: Settings) -> tuple[int, str]:
    with Store.open(settings.path("database")) as store:
        return store.ledger.head()


def test_a_whole_ledger_has_no_damage_and_says_how_many_heads_agree(settings: Settings) -> None:
    seq, head = head_of(settings)
    found = audit(settings, head, f"{seq}:{head}")
    assert (found.damages, found.entries, found.head, found.witnesses) == ((), seq, head, 2)


@pytest.mark.parametrize("seq", [1, 2, 3])
@pytest.mark.parametrize("column", ["at", "actor", "action", "object", "payload", "payload_sha256", "prev", "hash"])
def test_a_changed_row_is_named(settings: Settings, seq: int, column: str) -> None:
    tamper(settings, f"UPDATE ledger SET {column} = {column} || 'x' WHERE seq = {seq}")
    assert any(damage.startswith(f"ledger entry {seq}:") for damage in audit(settings).damages)


def test_a_removed_row_is_named_by_the_one_after_it(settings: Settings) -> None:
    tamper(settings, "DELETE FROM ledger WHERE seq = 2")
    assert "ledger entry 3: expected entry 2; entries were removed" in audit(settings).damages


def test_re_ordered_rows_are_named(settings: Settings) -> None:
    tamper(settings, "UPDATE ledger SET seq = -seq WHERE seq IN (1, 2); UPDATE ledger SET seq = 3 + seq WHERE seq < 0")
    told = audit(settings).damages
    assert any(damage.startswith("ledger entry 1:") for damage in told)
    assert any(damage.startswith("ledger entry 2:") for damage in told)


def test_a_cut_end_is_seen_by_any_head_kept_elsewhere_and_by_nothing_else(settings: Settings) -> None:
    seq, head = head_of(settings)
    tamper(settings, f"DELETE FROM ledger WHERE seq = {seq}")
    assert audit(settings).damages == ()
    assert f"ledger entry {seq}: " in audit(settings, f"{seq}:{head}").damages[0]
    assert "expected an entry with hash" in audit(settings, head).damages[0]


def test_the_heads_of_digests_are_witnesses(settings: Settings) -> None:
    seq, head = head_of(settings)
    folder = settings.path("reports")
    folder.mkdir()
    (folder / "digest-2026-11-20.json").write_text(json.dumps({"ledger": {"seq": seq, "head": head}}))
    (folder / "digest-2026-11-19.json").write_text("{}")
    (folder / "digest-2026-11-18.json").write_text("torn")
    assert (audit(settings).damages, audit(settings).witnesses) == ((), 1)
    tamper(settings, f"DELETE FROM ledger WHERE seq = {seq}")
    [damage] = audit(settings).damages
    assert damage.startswith(f"ledger entry {seq}: digest-2026-11-20.json has hash {head[:12]}")


def test_a_time_stamp_is_a_witness(settings: Settings, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    (settings.workspace / "roots.pem").write_bytes(authority.roots)
    asking = settings.replace(timestamp_roots="roots.pem")
    seq, head = head_of(settings)
    with Store.open(settings.path("database")) as store:
        request, nonce = stamp.question(head.encode())
        response = authority.answer(request)
        at = stamp.check(head.encode(), request, response, authority.roots, nonce)
        id = store.stamps.ask("ledger", seq, head.encode(), LATER)
        store.stamps.answered(id, "http://tsa.example", request, response, at)
    assert (audit(asking).damages, audit(asking).stamps, audit(asking).unchecked) == ((), 1, 0)
    assert audit(settings).unchecked == 1
    connection = sqlite3.connect(settings.path("database"))
    connection.execute("UPDATE stamps SET data = ?", [("0" * 64).encode()])  # a head that was never stamped
    connection.commit()
    connection.close()
    assert "expected a stamp of sha256" in audit(asking).damages[0]


@pytest.mark.parametrize("table", GUARDED)
def test_missing_guards_are_named(settings: Settings, table: str) -> None:
    connection = sqlite3.connect(settings.path("database"))
    connection.execute(f"DROP TRIGGER {table}_no_DELETE")
    connection.close()
    assert audit(settings).damages == (
        f"table {table}: its triggers against change are missing; somebody removed them",
    )


# -- lawful erasure


def test_an_erased_payload_leaves_the_chain_whole_and_says_who_and_why(settings: Settings) -> None:
    with Store.open(settings.path("database")) as store:
        entry = next(entry for entry in store.ledger.entries() if entry["object"] == LEAD)
        before = store.ledger.hash_of(entry["seq"])
        store.ledger.erase(entry["seq"], LATER, "bo", "a person's request")
        assert list(store.ledger.breaks()) == []
        *_, last = store.ledger.entries()
        assert (last["actor"], last["action"], last["object"]) == ("bo", "payload erased", str(entry["seq"]))
        assert json.loads(last["payload"])["payload_sha256"] == entry["payload_sha256"]
        assert store.ledger.hash_of(entry["seq"]) == before
        for seq, found in ((entry["seq"], "erased already"), (last["seq"], "an erasure"), (99, "none")):
            with pytest.raises(InputError, match=found):
                store.ledger.erase(seq, LATER, "bo", "again")


def test_a_payload_that_is_gone_without_a_word_is_named(settings: Settings) -> None:
    with Store.open(settings.path("database")) as store, store.atomic():
        store.db.execute("UPDATE ledger SET payload = '' WHERE seq = 2")  # the one change that the trigger lets pass
    assert audit(settings).damages == ("ledger entry 2: the payload is gone, and no entry says that it was erased",)


@pytest.mark.parametrize(
    "change", ["payload = 'x'", "actor = 'x'", "payload = '', actor = 'x'", "payload = '', hash = ''"]
)
def test_the_trigger_lets_nothing_else_pass(settings: Settings, change: str) -> None:
    with Store.open(settings.path("database")) as store, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store.db.execute(f"UPDATE ledger SET {change} WHERE seq = 2")


# -- the commands


def test_audit_verify_tells_a_whole_ledger_from_a_changed_one(xuncha: Xuncha, settings: Settings) -> None:
    (settings.workspace / "xuncha.toml").write_text("")
    seq, head = head_of(settings)
    assert xuncha("audit", "head", "-w", settings.workspace).stdout.decode().strip() == f"{seq}:{head}"
    done = xuncha("audit", "verify", "--head", f"{seq}:{head}", "-w", settings.workspace)
    assert (done.returncode, done.stdout.decode().splitlines()[0]) == (
        0, f"whole: {seq} entries, 1 heads kept elsewhere agree, 0 time stamps",
    )  # fmt: skip
    done = xuncha("audit", "erase", "3", "--why", "asked", "--by", "bo", "-w", settings.workspace)
    assert done.returncode == 0
    assert b"payload erased" in xuncha("audit", "log", "-w", settings.workspace).stdout
    assert xuncha("audit", "verify", "-w", settings.workspace).returncode == 0
    tamper(settings, "UPDATE ledger SET actor = 'x' WHERE seq = 2")
    done = xuncha("audit", "verify", "-w", settings.workspace)
    assert done.returncode == 4
    assert b"ledger entry 2: expected hash" in done.stdout
    assert xuncha("audit", "stamp", "-w", settings.workspace).returncode == 2
