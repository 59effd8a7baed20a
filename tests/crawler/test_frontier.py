"""The contract of a frontier, on every form of it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from frontiers import FORMS

from crawler.frontier import Frontier, Leased, Left

NOW = 1_000.0


@pytest.fixture(params=sorted(FORMS))
def frontier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Frontier]:
    with FORMS[request.param](tmp_path) as found:
        yield found


def push(
    frontier: Frontier,
    *names: str,
    host: str = "a.test",
    priority: int = 0,
    run: int = 1,
    source: str = "s",
    kept: bool = False,
) -> list[bool]:
    found = [
        frontier.push(run, source, f"{source}/{name}", f"http://{host}/{name}", host, "{}", priority, kept)
        for name in names
    ]
    frontier.commit()
    return found


def take(
    frontier: Frontier, host: str = "a.test", now: float = NOW, seconds: float = 10.0, worker: str = "w", run: int = 1
) -> Leased:
    leased = frontier.lease(run, host, worker, now, seconds)
    frontier.commit()
    assert leased is not None
    return leased


def lease(
    frontier: Frontier, host: str = "a.test", now: float = NOW, seconds: float = 10.0, worker: str = "w", run: int = 1
) -> str | None:
    leased = frontier.lease(run, host, worker, now, seconds)
    frontier.commit()
    return leased.url.rsplit("/", 1)[1] if leased else None


def states(frontier: Frontier, run: int = 1, source: str | None = None) -> dict[str, int]:
    return {state: count for state, count in frontier.counts(run, source).items() if count}


# -- the queue ---------------------------------------------------------------------------------------------------------


def test_a_page_is_queued_once_in_a_run(frontier: Frontier) -> None:
    assert push(frontier, "1", "1", "2") == [True, False, True]
    assert frontier.done(take(frontier))
    assert push(frontier, "1") == [False]
    assert push(frontier, "1", run=2) == [True]
    assert frontier.counts(1) == {"pending": 1, "leased": 0, "done": 1, "failed": 0, "kept": 0}
    assert frontier.queued(1, "s/1")
    assert not frontier.queued(1, "s/3")


def test_pages_go_out_by_priority_then_age_each_to_one_worker(frontier: Frontier) -> None:
    push(frontier, "1", "2")
    push(frontier, "3", priority=5)
    push(frontier, "4", priority=-5)
    assert [lease(frontier) for _ in range(5)] == ["3", "1", "2", "4", None]


def test_hosts_have_queues_of_their_own(frontier: Frontier) -> None:
    push(frontier, "1")
    push(frontier, "2", "3", host="b.test")
    assert frontier.hosts(1) == {"a.test": 1, "b.test": 2}
    assert lease(frontier, "b.test") == "2"
    assert frontier.hosts(1) == {"a.test": 1, "b.test": 1}


def test_a_lease_says_all_that_the_crawler_packed(frontier: Frontier) -> None:
    frontier.push(1, "s", "f", "http://a.test/帖", "a.test", '{"role": "列表"}', 0)
    frontier.commit()
    leased = take(frontier)
    assert (leased.url, leased.host, leased.source, leased.request, leased.attempts, leased.nights) == (
        "http://a.test/帖", "a.test", "s", '{"role": "列表"}', 1, 0,
    )  # fmt: skip


# -- leases ------------------------------------------------------------------------------------------------------------


def test_an_acknowledged_page_does_not_come_back(frontier: Frontier) -> None:
    push(frontier, "1")
    assert frontier.done(take(frontier))
    frontier.commit()
    assert frontier.expire(1, NOW + 1_000) == 0
    assert lease(frontier) is None


def test_a_lease_that_ran_out_comes_back_and_counts_its_attempts(frontier: Frontier) -> None:
    push(frontier, "1")
    take(frontier)
    assert frontier.expire(1, NOW + 9.9) == 0
    assert frontier.expire(1, NOW + 10) == 1
    assert take(frontier, now=NOW + 10).attempts == 2


def test_a_lease_is_made_longer_while_its_worker_lives(frontier: Frontier) -> None:
    push(frontier, "1", "2")
    first = take(frontier)
    take(frontier)
    frontier.renew([first], NOW + 100)
    frontier.commit()
    assert frontier.expire(1, NOW + 50) == 1
    assert frontier.done(first)


def test_an_outcome_that_comes_late_counts_so_long_as_nobody_else_has_the_page(frontier: Frontier) -> None:
    push(frontier, "1")
    leased = take(frontier)
    frontier.expire(1, NOW + 10)
    frontier.commit()
    assert frontier.done(leased)
    assert states(frontier) == {"done": 1}


@pytest.mark.parametrize("end", ["done", "failed", "keep", "retry"])
def test_an_outcome_of_a_lease_that_was_handed_on_changes_nothing(frontier: Frontier, end: str) -> None:
    push(frontier, "1")
    old = take(frontier)
    frontier.expire(1, NOW + 10)
    new = take(frontier, now=NOW + 30, worker="v")
    arguments = () if end in ("done", "retry") else ("late",)
    assert not getattr(frontier, end)(old, *arguments)
    frontier.commit()
    assert states(frontier) == {"leased": 1}
    assert frontier.done(new)


def test_a_page_ends_once(frontier: Frontier) -> None:
    push(frontier, "1")
    leased = take(frontier)
    assert frontier.done(leased)
    assert not frontier.done(leased)
    assert not frontier.retry(leased)
    assert not frontier.failed(leased, "x")
    assert states(frontier) == {"done": 1}


def test_a_page_that_is_put_back_is_pending_and_its_lease_counts_unless_it_is_not_to(frontier: Frontier) -> None:
    push(frontier, "1")
    assert frontier.retry(take(frontier))
    frontier.commit()
    leased = take(frontier)
    assert leased.attempts == 2
    assert frontier.retry(leased, counted=False)
    frontier.commit()
    assert take(frontier).attempts == 2


def test_what_a_dead_worker_held_comes_back_to_a_new_one_and_what_was_done_does_not(frontier: Frontier) -> None:
    push(frontier, "1", "2", "3")
    frontier.done(take(frontier, worker="dead"))
    take(frontier, worker="dead")
    frontier.commit()
    # a form that only one process may use frees the pages at once, a shared one when their lease has run out
    assert frontier.recover(1) + frontier.expire(1, NOW + 100) == 1
    assert [lease(frontier, now=NOW + 100) for _ in range(3)] == ["2", "3", None]


# -- one host, one worker ----------------------------------------------------------------------------------------------


def test_a_host_belongs_to_the_worker_that_leased_from_it(frontier: Frontier) -> None:
    push(frontier, "1", "2", "3")
    push(frontier, "4", host="b.test", source="other")
    assert lease(frontier, worker="w") == "1"
    assert lease(frontier, worker="v") is None
    assert lease(frontier, "b.test", worker="v") == "4"
    assert lease(frontier, worker="w") == "2"


def test_a_host_is_free_again_when_its_worker_has_not_come_for_as_long_as_a_lease(frontier: Frontier) -> None:
    push(frontier, "1", "2", "3")
    assert lease(frontier, worker="w") == "1"
    assert lease(frontier, worker="v", now=NOW + 9.9) is None
    assert lease(frontier, worker="v", now=NOW + 10) == "2"
    assert lease(frontier, worker="w", now=NOW + 11) is None


def test_a_worker_that_keeps_coming_keeps_its_host(frontier: Frontier) -> None:
    push(frontier, *"12345678")
    for step in range(6):
        assert lease(frontier, worker="w", now=NOW + 4 * step) is not None
        assert lease(frontier, worker="v", now=NOW + 4 * step + 3.9) is None


def test_the_sources_of_a_host_share_its_worker(frontier: Frontier) -> None:
    push(frontier, "1", source="s")
    push(frontier, "2", source="t")
    assert lease(frontier, worker="w") == "1"
    assert lease(frontier, worker="v") is None


def test_a_claim_holds_in_its_run_only(frontier: Frontier) -> None:
    push(frontier, "1")
    push(frontier, "2", run=2)
    assert lease(frontier, worker="w") == "1"
    assert lease(frontier, worker="v", run=2) == "2"


def test_a_host_that_is_stopped_or_paused_is_remembered_in_its_run(frontier: Frontier) -> None:
    push(frontier, "1")
    lease(frontier)
    frontier.stop_host(1, "a.test", "status 403")
    frontier.pause_host(1, "b.test", NOW + 60)
    frontier.pause_host(1, "c.test", NOW - 1)
    frontier.commit()
    frontier.recover(1)
    assert frontier.stopped(1) == {"a.test": "status 403"}
    assert frontier.paused(1, NOW) == {"b.test": NOW + 60}
    assert frontier.stopped(2) == {}


# -- pages that are kept -----------------------------------------------------------------------------------------------


def test_a_stopped_host_keeps_its_pending_pages_and_no_others(frontier: Frontier) -> None:
    push(frontier, "1", "2", "3")
    push(frontier, "4", host="b.test")
    lease(frontier)
    left = frontier.keep_host(1, "a.test", "status 403")
    assert sorted(left, key=lambda page: page.url) == [Left("s", "http://a.test/2", 0), Left("s", "http://a.test/3", 0)]
    assert states(frontier) == {"pending": 1, "leased": 1, "kept": 2}
    assert frontier.keep_host(1, "a.test", "status 403") == []


def test_a_source_keeps_its_pending_pages_on_whatever_host(frontier: Frontier) -> None:
    push(frontier, "1", source="t")
    push(frontier, "2", source="t", host="b.test")
    push(frontier, "3")
    assert {page.url for page in frontier.keep_source(1, "t", "budget")} == {"http://a.test/1", "http://b.test/2"}
    assert states(frontier, source="t") == {"kept": 2}
    assert states(frontier, source="s") == {"pending": 1}


def test_pages_of_other_sources_are_kept_when_a_run_goes_on_without_them(frontier: Frontier) -> None:
    push(frontier, "1")
    assert frontier.keep_strangers(1, ["s", "t"], "gone") == []
    assert frontier.keep_strangers(1, ["t"], "gone") == [Left("s", "http://a.test/1", 0)]


def test_what_is_kept_is_carried_into_the_next_run_of_its_source_behind_what_that_finds(frontier: Frontier) -> None:
    push(frontier, "1", "2", "3")
    frontier.done(take(frontier))
    frontier.keep(take(frontier), "too slow")
    frontier.keep_host(1, "a.test", "stopped")
    frontier.clear(1)
    frontier.commit()
    assert states(frontier) == {"kept": 2}
    assert frontier.carry(2, ["other"], 3) == []
    assert states(frontier, 2) == {}
    assert frontier.carry(2, ["s"], 3) == []
    frontier.commit()
    assert states(frontier, 1) == {}
    push(frontier, "new", run=2)
    assert [lease(frontier, run=2) for _ in range(4)] == ["new", "2", "3", None]


def test_a_carried_page_counts_its_nights_and_begins_anew(frontier: Frontier) -> None:
    push(frontier, "1")
    frontier.retry(take(frontier))
    frontier.keep(take(frontier), "too slow")
    frontier.carry(2, ["s"], 3)
    frontier.commit()
    leased = take(frontier, run=2)
    assert (leased.attempts, leased.nights, leased.request) == (1, 1, "{}")


def test_a_page_is_carried_so_many_nights_and_then_given_up(frontier: Frontier) -> None:
    push(frontier, "1")
    frontier.keep_host(1, "a.test", "x")
    assert frontier.carry(2, ["s"], 1) == []
    frontier.keep_host(2, "a.test", "x")
    frontier.commit()
    assert frontier.carry(3, ["s"], 1) == [Left("s", "http://a.test/1", 1)]
    frontier.commit()
    assert [states(frontier, run) for run in (1, 2, 3)] == [{}, {}, {}]


def test_a_kept_page_that_a_run_has_found_by_itself_is_there_once(frontier: Frontier) -> None:
    push(frontier, "1", kept=True)
    push(frontier, "1", run=2)
    frontier.carry(2, ["s"], 3)
    frontier.commit()
    assert (states(frontier, 1), states(frontier, 2)) == ({}, {"pending": 1})


def test_a_kept_page_is_not_carried_into_its_own_run(frontier: Frontier) -> None:
    push(frontier, "1", kept=True)
    assert push(frontier, "1") == [False]
    assert frontier.carry(1, ["s"], 3) == []
    assert states(frontier) == {"kept": 1}
    assert lease(frontier) is None


def test_a_page_that_stood_behind_a_wall_comes_last(frontier: Frontier) -> None:
    push(frontier, "1", "2")
    frontier.keep(take(frontier), "wall", -10)
    frontier.keep_host(1, "a.test", "wall")
    frontier.carry(2, ["s"], 3)
    frontier.commit()
    assert [lease(frontier, run=2) for _ in range(2)] == ["2", "1"]


def test_a_cleared_run_forgets_its_pages_and_hosts_but_for_what_it_kept(frontier: Frontier) -> None:
    push(frontier, "1", "2")
    frontier.failed(take(frontier), "x")
    frontier.keep_host(1, "a.test", "x")
    frontier.stop_host(1, "a.test", "x")
    frontier.clear(1)
    frontier.commit()
    assert states(frontier) == {"kept": 1}
    assert frontier.stopped(1) == {}


def test_a_run_is_not_cleared_while_pages_wait_or_are_leased(frontier: Frontier) -> None:
    """A worker that looked whether the queue was empty may be too late: another one has brought a page since."""
    push(frontier, "1")
    frontier.clear(1)
    assert states(frontier) == {"pending": 1}
    leased = take(frontier)
    frontier.clear(1)
    frontier.done(leased)
    frontier.commit()
    assert states(frontier) == {"done": 1}
    frontier.clear(1)
    assert states(frontier) == {}


# -- any order of events -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_each_page_is_done_once_and_none_is_lost(frontier: Frontier, seed: int) -> None:
    """Two workers over three hosts, who die at any moment, come late, or fail: in the end all pages are done, each by one outcome."""
    draw, now = random.Random(seed), NOW
    hosts = ["a.test", "b.test", "c.test"]
    for number in range(60):
        push(frontier, str(number), host=draw.choice(hosts))
    held: dict[str, list[Leased]] = {"w": [], "v": []}
    done: Counter[int] = Counter()
    for _ in range(4_000):
        now += draw.random()
        worker, act = draw.choice("wv"), draw.random()
        if act < 0.5:
            leased = frontier.lease(1, draw.choice(hosts), worker, now, 5.0)
            held[worker] += [leased] if leased else []
        elif act < 0.53:
            held[worker] = []  # it died, and forgot
        elif act < 0.6:
            frontier.expire(1, now)
        elif held[worker]:
            leased = held[worker].pop(draw.randrange(len(held[worker])))
            if act < 0.7:
                frontier.retry(leased)
            elif frontier.done(leased):
                done[leased.id] += 1
        frontier.commit()
    while frontier.counts(1)["done"] < 60:
        now += 10
        frontier.expire(1, now)
        for host in hosts:
            leased = frontier.lease(1, host, "last", now, 5.0)
            if leased and frontier.done(leased):
                done[leased.id] += 1
        frontier.commit()
    assert states(frontier) == {"done": 60}
    assert set(done.values()) == {1}
    assert len(done) == 60
