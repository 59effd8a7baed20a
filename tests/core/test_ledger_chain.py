"""The hash-chained ledger: what somebody with the file in his hands alters, removes or re-orders is found and named."""

from __future__ import annotations

import re

import pytest
from stored import LATER, NOW

from core.store import Store
from core.store.ledger import GENESIS, link

COLUMNS = ("at", "actor", "action", "object", "payload", "payload_sha256", "prev", "hash")


@pytest.fixture
def chained(store: Store) -> Store:
    for number in range(1, 6):
        store.ledger.append(NOW, f"zq0-{number}", "confirm", f"L{number}", {"note": f"备注 {number}"})
    for verb in ("UPDATE", "DELETE"):  # as one who writes to the file past our triggers
        store.db.execute(f"DROP TRIGGER ledger_no_{verb}")
    return store


def broken(store: Store) -> set[int]:
    found = [re.match(r"ledger entry (\d+): ", text) for text in store.ledger.breaks()]
    assert all(found)
    return {int(match.group(1)) for match in found if match}


def test_an_empty_ledger_is_whole(store: Store) -> None:
    assert list(store.ledger.breaks()) == []


def test_entries_are_numbered_and_each_holds_the_hash_of_the_one_before(chained: Store) -> None:
    entries = list(chained.ledger.entries())
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry["prev"] for entry in entries] == [GENESIS, *(entry["hash"] for entry in entries[:-1])]
    assert list(chained.ledger.breaks()) == []


def test_the_head_that_is_told_is_that_of_the_last_entry(store: Store) -> None:
    heads = [store.ledger.append(NOW, "zq0", "note", "L1") for _ in range(3)]
    assert heads == [entry["hash"] for entry in store.ledger.entries()]
    assert len(set(heads)) == 3


def test_an_altered_payload_is_found(chained: Store) -> None:
    chained.db.execute("""UPDATE ledger SET payload = '{"note":"备注 9"}' WHERE seq = 3""")
    assert list(chained.ledger.breaks()) == ["ledger entry 3: the payload was altered"]


@pytest.mark.parametrize("column", COLUMNS)
def test_any_altered_column_is_found_at_its_entry(chained: Store, column: str) -> None:
    chained.db.execute(f"UPDATE ledger SET {column} = {column} || '0' WHERE seq = 3")
    assert 3 in broken(chained)


def test_a_payload_altered_with_its_digest_breaks_the_entry(chained: Store) -> None:
    row = next(chained.db.query("SELECT payload, payload_sha256 FROM ledger WHERE seq = 1"))
    chained.db.execute("UPDATE ledger SET payload = :payload, payload_sha256 = :payload_sha256 WHERE seq = 3", row)
    assert broken(chained) == {3}
    assert "the entry was altered" in next(chained.ledger.breaks())


def test_an_entry_altered_with_its_own_hash_breaks_the_next_one(chained: Store) -> None:
    entry = next(row for row in chained.ledger.entries() if row["seq"] == 3)
    forged = {**entry, "actor": "somebody else"}
    chained.db.execute("UPDATE ledger SET actor = ?, hash = ? WHERE seq = 3", [forged["actor"], link(forged)])
    assert broken(chained) == {4}


def test_a_removed_entry_is_found_and_named(chained: Store) -> None:
    chained.db.execute("DELETE FROM ledger WHERE seq = 3")
    told = list(chained.ledger.breaks())
    assert told[0] == "ledger entry 4: expected entry 3; entries were removed"
    assert broken(chained) == {4}


def test_a_removed_first_entry_is_found(chained: Store) -> None:
    chained.db.execute("DELETE FROM ledger WHERE seq = 1")
    assert broken(chained) == {2}


def test_a_removal_that_closes_the_gap_in_the_numbers_is_found(chained: Store) -> None:
    chained.db.execute("DELETE FROM ledger WHERE seq = 3")
    chained.db.execute("UPDATE ledger SET seq = seq - 1 WHERE seq > 3")
    assert broken(chained) == {3, 4}


def test_re_ordered_entries_are_found(chained: Store) -> None:
    chained.db.execute("UPDATE ledger SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3)")
    chained.db.execute("UPDATE ledger SET seq = -seq WHERE seq < 0")
    assert {2, 3} <= broken(chained)


def test_an_inserted_entry_is_found(chained: Store) -> None:
    chained.db.execute("UPDATE ledger SET seq = 6 WHERE seq = 5")
    chained.db.execute(f"INSERT INTO ledger SELECT 5, {', '.join(COLUMNS)} FROM ledger WHERE seq = 2")
    assert {5, 6} <= broken(chained)


def test_entries_cut_off_the_end_show_in_the_head_alone(chained: Store) -> None:
    """Why heads are printed on reports: a chain cannot know what came after it."""
    head = list(chained.ledger.entries())[-1]["hash"]
    chained.db.execute("DELETE FROM ledger WHERE seq = 5")
    assert list(chained.ledger.breaks()) == []
    assert list(chained.ledger.entries())[-1]["hash"] != head


def test_the_chain_goes_on_after_it_was_opened_again_and_in_any_script(store: Store) -> None:
    store.ledger.append(NOW, "审核员", "确认", "线索", {"b": 1, "a": ["汉字", None, 0.5]})
    store.ledger.append(LATER, "", "", "", None)
    assert list(store.ledger.breaks()) == []
