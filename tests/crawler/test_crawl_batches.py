"""Facts about transactions by the batch: each page as a whole or not at all, whatever becomes of the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.store import Store
from crawler.batches import PAGES, Batches

AT = datetime(2026, 11, 20, tzinfo=UTC)


class Clock:
    """Calls what is due when it is told to."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def later(self, seconds: float, call: Callable[[], None]) -> Clock:
        self.due.append(call)
        return self

    def cancel(self) -> None:
        self.due.clear()

    def strike(self) -> None:
        self.due.pop()()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "xuncha.db")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def batches(store: Store, clock: Clock) -> Batches:
    found = Batches(store, store.frontier)
    found.later = clock.later
    return found


def write(store: Store, name: str) -> None:
    store.pages.put(name, "s", AT, 200, "", "")


def held(store: Store) -> list[str]:
    """What another process sees."""
    assert store.path is not None
    with sqlite3.connect(store.path) as other:
        rows = other.execute("SELECT url FROM pages ORDER BY url").fetchall()
    other.close()
    return [url for (url,) in rows]


def test_without_a_clock_each_is_committed_at_once(store: Store) -> None:
    batches = Batches(store, store.frontier)
    with batches.one():
        write(store, "1")
    assert held(store) == ["1"]


def test_with_a_clock_they_are_committed_together_when_it_strikes(store: Store, batches: Batches, clock: Clock) -> None:
    for name in "123":
        with batches.one():
            write(store, name)
    assert held(store) == []
    assert store.pages.status("2") == 200  # the crawl itself sees it
    assert len(clock.due) == 1
    clock.strike()
    assert held(store) == ["1", "2", "3"]


def test_so_many_are_committed_without_waiting(store: Store, batches: Batches, clock: Clock) -> None:
    for number in range(PAGES + 1):
        with batches.one():
            write(store, f"{number:03}")
    assert len(held(store)) == PAGES
    assert len(clock.due) == 1


def test_one_that_fails_leaves_nothing_and_the_others_hold(store: Store, batches: Batches, clock: Clock) -> None:
    with batches.one():
        write(store, "1")
    with pytest.raises(ValueError), batches.one():  # noqa: PT012 - the transaction is the point
        write(store, "2")
        raise ValueError
    with batches.one():
        write(store, "3")
    clock.strike()
    assert held(store) == ["1", "3"]


def test_the_first_one_that_fails_holds_nobody_up(store: Store, batches: Batches) -> None:
    with pytest.raises(ValueError), batches.one():  # noqa: PT012
        write(store, "1")
        raise ValueError
    assert not store.begun()


def test_one_within_another_is_a_part_of_it(store: Store, batches: Batches, clock: Clock) -> None:
    with pytest.raises(ValueError), batches.one():  # noqa: PT012
        with batches.one():
            write(store, "1")
        raise ValueError
    assert clock.due == []
    assert held(store) == []


def test_what_is_not_committed_is_gone_with_the_process(store: Store, batches: Batches) -> None:
    with batches.one():
        write(store, "1")
    store.close()
    assert held(store) == []


def test_a_store_that_cannot_be_written_ends_the_crawl_once(
    store: Store, batches: Batches, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    batches.when_broken = lambda: ended.append(1)

    def full() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(store, "commit", full)
    for _ in range(2):
        with batches.one():
            write(store, "1")
        clock.strike()
    assert ended == [1]
    assert isinstance(batches.broken, sqlite3.OperationalError)
