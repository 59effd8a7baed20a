from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from core.store import Store

NOW = 1_000.0


@pytest.fixture
def store() -> Store:
    store = Store.in_memory()
    assert store.runs.start("crawl", datetime(2026, 11, 20, tzinfo=UTC)) == 1
    return store


def push(store: Store, *names: str, host: str = "a.test", priority: int = 0) -> list[bool]:
    return [store.frontier.push(1, "s", name, f"http://{host}/{name}", host, "{}", priority) for name in names]


def lease(store: Store, host: str = "a.test", now: float = NOW, seconds: float = 10.0) -> str | None:
    leased = store.frontier.lease(1, host, "w", now, seconds)
    return leased.url.rsplit("/", 1)[1] if leased else None


def test_a_page_is_queued_once_in_a_run(store: Store) -> None:
    assert push(store, "1", "1", "2") == [True, False, True]
    store.frontier.done(1)
    assert push(store, "1") == [False]
    assert store.frontier.counts(1) == {"pending": 1, "leased": 0, "done": 1, "failed": 0}


def test_pages_go_out_by_priority_then_age_each_to_one_worker(store: Store) -> None:
    push(store, "1", "2")
    push(store, "3", priority=5)
    assert [lease(store) for _ in range(4)] == ["3", "1", "2", None]


def test_hosts_have_queues_of_their_own(store: Store) -> None:
    push(store, "1")
    push(store, "2", "3", host="b.test")
    assert store.frontier.hosts(1) == {"a.test": 1, "b.test": 2}
    assert lease(store, "b.test") == "2"
    assert store.frontier.hosts(1) == {"a.test": 1, "b.test": 1}


def test_an_acknowledged_page_does_not_come_back(store: Store) -> None:
    push(store, "1")
    lease(store)
    store.frontier.done(1)
    assert store.frontier.recover(1) == 0
    assert lease(store) is None


def test_a_lease_that_ran_out_comes_back_and_counts_its_attempts(store: Store) -> None:
    push(store, "1")
    lease(store)
    assert store.frontier.expire(1, NOW + 9.9) == 0
    assert store.frontier.expire(1, NOW + 10) == 1
    leased = store.frontier.lease(1, "a.test", "w", NOW, 10)
    assert leased is not None
    assert leased.attempts == 2


def test_what_a_dead_worker_held_is_recovered(store: Store) -> None:
    push(store, "1", "2", "3")
    lease(store)
    lease(store)
    store.frontier.done(1)
    assert store.frontier.recover(1) == 1
    assert [lease(store), lease(store), lease(store)] == ["2", "3", None]


def test_an_acknowledgement_is_undone_with_the_transaction_that_made_it(store: Store) -> None:
    push(store, "1")
    lease(store)
    with pytest.raises(sqlite3.IntegrityError), store.atomic():  # noqa: PT012 - the transaction is the point
        store.frontier.done(1)
        store.db.execute("INSERT INTO captures (id) VALUES ('incomplete')")
    assert store.frontier.counts(1)["leased"] == 1


def test_a_page_that_is_put_back_is_pending(store: Store) -> None:
    push(store, "1")
    lease(store)
    store.frontier.retry(1)
    assert lease(store) == "1"
    store.frontier.done(1)
    store.frontier.retry(1)  # only what is leased can be put back
    assert store.frontier.counts(1)["done"] == 1


def test_a_dropped_host_gives_up_its_pending_pages_and_no_others(store: Store) -> None:
    push(store, "1", "2", "3")
    push(store, "4", host="b.test")
    lease(store)
    assert store.frontier.drop_host(1, "a.test", "status 403") == [("s", "http://a.test/2"), ("s", "http://a.test/3")]
    assert store.frontier.counts(1) == {"pending": 1, "leased": 1, "done": 0, "failed": 2}
    assert store.frontier.drop_host(1, "a.test", "status 403") == []


def test_pages_of_other_sources_are_given_up_when_a_run_goes_on_without_them(store: Store) -> None:
    push(store, "1")
    assert store.frontier.drop_strangers(1, ["s", "t"], "gone") == []
    assert store.frontier.drop_strangers(1, ["t"], "gone") == [("s", "http://a.test/1")]
    assert store.frontier.counts(1)["failed"] == 1


def test_a_cleared_run_forgets_its_pages(store: Store) -> None:
    push(store, "1")
    store.frontier.clear(1)
    assert store.frontier.counts(1, "s") == {"pending": 0, "leased": 0, "done": 0, "failed": 0}
