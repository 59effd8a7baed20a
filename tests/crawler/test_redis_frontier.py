"""What the queue in Redis does beyond the contract: one night for all workers, outcomes without a commit, pace from worker to worker."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from frontiers import redis_server

from core import settings
from core.errors import SettingsError, Unavailable
from crawler.budgets import Budgets
from crawler.redis_frontier import RedisFrontier, connect
from crawler.sources import Source

NOW = 1_000.0


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as found:
        yield found


@pytest.fixture
def two(url: str) -> Iterator[tuple[RedisFrontier, RedisFrontier]]:
    first, second = connect(url), connect(url)
    yield first, second
    first.server.flushall()
    first.server.close()
    second.server.close()


def push(frontier: RedisFrontier, *names: str, host: str = "a.test", run: int = 1) -> None:
    for name in names:
        assert frontier.push(run, "s", name, f"http://{host}/{name}", host, "{}", 0)


def test_workers_join_one_night_whatever_their_own_runs_are_called(two: tuple[RedisFrontier, RedisFrontier]) -> None:
    first, second = two
    assert (first.join(7, ["s"]), second.join(3, ["s"])) == (1, 1)
    push(first, "1", run=7)
    assert second.hosts(3) == {"a.test": 1}
    assert second.queued(3, "1")
    leased = second.lease(3, "a.test", "w", NOW, 10)
    assert leased is not None
    assert second.done(leased)
    assert first.unsettled(7) == 1  # not over before the store of the worker holds it
    second.commit()
    assert first.unsettled(7) == 0
    first.clear(7)
    assert (first.join(8, ["s"]), second.join(4, ["s"])) == (2, 2)


def test_a_worker_with_other_sources_or_a_wrong_clock_is_turned_away(two: tuple[RedisFrontier, RedisFrontier]) -> None:
    first, second = two
    first.join(1, ["s", "t"])
    with pytest.raises(SettingsError, match=r"difference in t$"):
        second.join(1, ["s"])
    with pytest.raises(SettingsError, match=r"found [+]60\.0 s"):
        second.join(1, ["s", "t"], lambda: time.time() + 60)


def test_an_outcome_whose_worker_died_before_its_commit_is_undone(two: tuple[RedisFrontier, RedisFrontier]) -> None:
    first, second = two
    push(first, "1", "2", "3")
    for end in (first.done, lambda leased: first.failed(leased, "x"), lambda leased: first.keep(leased, "wall", -10)):
        leased = first.lease(1, "a.test", "w", NOW, 10)
        assert leased is not None
        assert end(leased)
    assert second.counts(1) == {"pending": 0, "leased": 0, "done": 1, "failed": 1, "kept": 1}
    assert second.expire(1, NOW + 10) == 3
    assert second.counts(1) == {"pending": 3, "leased": 0, "done": 0, "failed": 0, "kept": 0}
    found = [second.lease(1, "a.test", "v", NOW + 20, 10) for _ in range(3)]
    assert [leased.url[-1] for leased in found if leased] == ["1", "2", "3"]
    first.commit()  # comes too late, and changes nothing
    assert second.counts(1)["leased"] == 3


def test_a_store_that_cannot_be_written_gives_its_outcomes_back(two: tuple[RedisFrontier, RedisFrontier]) -> None:
    first, _ = two
    push(first, "1")
    leased = first.lease(1, "a.test", "w", NOW, 10)
    assert leased is not None
    first.done(leased)
    first.had(["http://a.test/1"])
    first.rollback()
    first.commit()
    assert not first.known("http://a.test/1")
    assert first.counts(1)["leased"] == 1
    assert first.done(leased)


def test_an_outcome_that_the_store_of_a_dead_worker_holds_is_confirmed_when_it_comes_back(
    two: tuple[RedisFrontier, RedisFrontier],
) -> None:
    first, second = two
    push(first, "1", "2")
    for _ in range(2):
        leased = first.lease(1, "a.test", "w", NOW, 10)
        assert leased is not None
        first.done(leased)
    assert second.settle(1, lambda url: url.endswith("/2")) == 1
    assert second.expire(1, NOW + 10) == 1
    assert second.counts(1)["done"] == 1


def test_a_host_that_is_to_be_left_alone_is_handed_to_nobody_and_a_living_worker_keeps_it(
    two: tuple[RedisFrontier, RedisFrontier],
) -> None:
    first, second = two
    push(first, "1", "2")
    leased = first.lease(1, "a.test", "w", NOW, 10)
    assert leased is not None
    first.pause_host(1, "a.test", NOW + 50)
    assert first.lease(1, "a.test", "w", NOW + 1, 10) is None
    first.renew([leased], NOW + 30)
    assert second.lease(1, "a.test", "v", NOW + 29, 10) is None  # the claim was renewed with the lease
    assert second.lease(1, "a.test", "v", NOW + 31, 10) is None  # free, but it is to be left alone
    assert second.lease(1, "a.test", "v", NOW + 50, 10) is not None


def test_what_one_worker_had_the_others_know_once_it_is_stored(two: tuple[RedisFrontier, RedisFrontier]) -> None:
    first, second = two
    first.had(["http://a.test/1"])
    assert not second.known("http://a.test/1")
    first.commit()
    assert second.known("http://a.test/1")


def test_a_page_that_is_given_up_stays_until_that_is_written_down(two: tuple[RedisFrontier, RedisFrontier]) -> None:
    first, _ = two
    push(first, "1")
    first.keep_host(1, "a.test", "x")
    assert [left.url for left in first.carry(2, ["s"], 0)] == ["http://a.test/1"]
    first.rollback()
    assert [left.url for left in first.carry(2, ["s"], 0)] == ["http://a.test/1"]
    first.commit()
    assert first.carry(2, ["s"], 0) == []
    assert first.counts(1)["kept"] == 0


def test_a_page_that_goes_back_and_forth_is_never_overlooked(two: tuple[RedisFrontier, RedisFrontier]) -> None:
    """Counted by two questions it is sometimes in neither answer, and a worker that sees no page ends its night too soon."""
    first, second = two
    push(first, "1")
    ended = threading.Event()

    def to_and_fro() -> None:
        while not ended.is_set():
            leased = second.lease(1, "a.test", "w", NOW, 10)
            assert leased is not None
            assert second.retry(leased, counted=False)

    with ThreadPoolExecutor(1) as threads:
        moving = threads.submit(to_and_fro)
        try:
            seen = {first.unsettled(1) for _ in range(3_000)}
        finally:
            ended.set()
        moving.result()
    assert seen == {1}


def test_a_budget_counts_what_all_workers_have_spent(two: tuple[RedisFrontier, RedisFrontier], tmp_path: Path) -> None:
    given = settings.load(tmp_path, {}).replace(max_pages_per_source=3, max_bytes_per_source=1_000)
    source = Source("s", "S", "html", "s", ("http://a.test/",), Path(), ("a.test",))
    for worker in two:
        worker.join(1, ["s"])
    mine, theirs = (Budgets(given, {}, functools.partial(worker.spend, 1)) for worker in two)
    now = datetime(2030, 1, 1, tzinfo=UTC)
    mine.asked(source, now)
    theirs.asked(source, now)
    assert mine.exhausted(source, now) is None
    mine.asked(source, now)
    assert mine.exhausted(source, now) == ("page budget of the source", "3 pages a run; kept for the next night")
    theirs.came(source, 600)
    assert theirs.exhausted(source, now) is not None
    other = replace(source, name="t")
    mine.came(other, 600)
    theirs.came(other, 600)
    assert theirs.exhausted(other, now) == ("byte budget of the source", "1000 bytes a run; kept for the next night")
    two[0].clear(1)
    assert two[0].spend(1, "s", 1, 0) == (1, 0)


def test_a_finished_night_leaves_little_behind(two: tuple[RedisFrontier, RedisFrontier]) -> None:
    first, _ = two
    first.join(1, ["s"])
    for number in range(50):
        push(first, str(number), host=f"{number % 5}.test")
    for number in range(50):
        leased = first.lease(1, f"{number % 5}.test", "w", NOW, 10)
        assert leased is not None
        first.done(leased)
    first.commit()
    first.clear(1)
    assert {key.decode().removeprefix("xuncha:") for key in first.server.keys("xuncha:*")} == {"night", "next", "runs"}


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    with pytest.raises(Unavailable, match="expected a Redis server") as caught:
        connect("redis://:geheim@127.0.0.1:1/0")
    assert "geheim" not in str(caught.value)
