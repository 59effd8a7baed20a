from __future__ import annotations

import pytest

from crawler.hosts import MAX_FAILURES, MAX_PAUSES, Hosts, host_of


@pytest.fixture
def hosts() -> Hosts:
    found = Hosts()
    for host in ("a", "b", "c"):
        found.found(host, 2)
    return found


def turns(hosts: Hosts, count: int, now: float = 0.0) -> list[str | None]:
    return [hosts.next(now) for _ in range(count)]


def test_hosts_take_turns(hosts: Hosts) -> None:
    assert turns(hosts, 4) == ["a", "b", "c", "a"]


def test_a_busy_host_is_passed_over_until_its_page_is_through(hosts: Hosts) -> None:
    hosts.take("a")
    assert turns(hosts, 3) == ["b", "c", "b"]
    hosts.release("a")
    assert "a" in turns(hosts, 3)


def test_a_host_without_pages_is_passed_over_and_comes_back_with_new_ones(hosts: Hosts) -> None:
    for _ in range(2):
        hosts.take("a")
        hosts.release("a")
    assert turns(hosts, 3) == ["b", "c", "b"]
    hosts.found("a")
    assert "a" in turns(hosts, 3)


def test_a_host_is_left_alone_until_its_time_and_an_earlier_word_for_longer_holds(hosts: Hosts) -> None:
    hosts.leave("a", 10.0)
    hosts.leave("a", 5.0)
    assert turns(hosts, 2, now=9.9) == ["b", "c"]
    assert "a" in turns(hosts, 3, now=10.0)


def test_the_soonest_host_that_waits_is_told(hosts: Hosts) -> None:
    hosts.take("a")
    hosts.leave("b", 7.0)
    hosts.leave("c", 9.0)
    assert hosts.next(0.0) is None
    assert hosts.soonest() == 7.0
    hosts.count({})
    assert hosts.soonest() is None


def test_counting_anew_forgets_pages_that_are_gone(hosts: Hosts) -> None:
    hosts.count({"b": 1, "d": 1})
    assert (hosts.pending, hosts.waiting()) == ({"a": 0, "b": 1, "c": 0, "d": 1}, True)
    assert turns(hosts, 3) == ["b", "d", "b"]


def test_so_many_failures_in_a_row_are_too_many_and_an_answer_begins_anew(hosts: Hosts) -> None:
    assert [hosts.failed("a") for _ in range(MAX_FAILURES - 1)] == [False] * (MAX_FAILURES - 1)
    hosts.answered("a")
    assert [hosts.failed("a") for _ in range(MAX_FAILURES)][-2:] == [False, True]


def test_patience_has_an_end(hosts: Hosts) -> None:
    assert [hosts.patience("a") for _ in range(MAX_PAUSES + 1)] == [True] * MAX_PAUSES + [False]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://A.test/x", "a.test"),
        ("http://a.test:80/", "a.test"),
        ("https://a.test:443/", "a.test"),
        ("http://a.test:443/", "a.test:443"),
        ("http://a.test:8080/", "a.test:8080"),
    ],
)
def test_the_schemes_own_port_is_the_host_itself(url: str, host: str) -> None:
    assert host_of(url) == host
