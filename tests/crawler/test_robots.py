"""robots.txt by RFC 9309; section numbers in the names of groups are the RFC's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.store import Store
from crawler.robots import MAX_BYTES, Answer, Robots, Verdict

SITE = "http://a.test"


class Web:
    """Answers to robots.txt by URL, a clock, and the verdicts of one run (``again`` begins another over the same store)."""

    def __init__(self, answers: dict[str, Answer], max_age: timedelta = timedelta(hours=24)) -> None:
        self.answers, self.max_age = answers, max_age
        self.asked: list[str] = []
        self.time = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
        self.store = Store.in_memory()
        self.again()

    def again(self) -> None:
        self.robots = Robots(self.store, self._fetch, lambda: self.time, self.max_age)

    async def _fetch(self, url: str) -> Answer:
        self.asked.append(url)
        await asyncio.sleep(0)
        return self.answers[url]

    def verdict(self, path: str, site: str = SITE) -> Verdict:
        return asyncio.run(self.robots.verdict(site + path))


def web(body: bytes | str, status: int = 200) -> Web:
    body = body.encode() if isinstance(body, str) else body
    return Web({f"{SITE}/robots.txt": Answer(status, body)})


def allowed(body: bytes | str, path: str) -> bool:
    return web(body).verdict(path).allowed


# -- 2.2: groups and rules ---------------------------------------------------------------------------------------------


def test_what_is_not_disallowed_is_allowed() -> None:
    assert allowed("User-agent: *\nDisallow: /a\n", "/b")
    assert not allowed("User-agent: *\nDisallow: /a\n", "/a/b")
    assert allowed("User-agent: *\nDisallow:\n", "/a")
    assert allowed("", "/a")


@pytest.mark.parametrize("name", ["xuncha", "XUNCHA", "xuncha/1.0", "Xuncha Bot"])
def test_our_own_group_goes_before_the_group_for_all(name: str) -> None:
    body = f"User-agent: *\nDisallow: /\n\nUser-agent: {name}\nDisallow: /b\n"
    assert allowed(body, "/a")
    assert not allowed(body, "/b")


@pytest.mark.parametrize("name", ["x", "xun", "xunchabot", "xuncha-image", "other", ""])
def test_a_group_for_another_name_is_not_ours(name: str) -> None:
    assert allowed(f"User-agent: {name}\nDisallow: /\n", "/a")


def test_groups_of_one_name_are_one() -> None:
    body = "User-agent: xuncha\nDisallow: /a\n\nUser-agent: b\nDisallow: /\n\nUser-agent: xuncha\nDisallow: /b\n"
    assert [allowed(body, path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_names_may_share_a_group() -> None:
    assert not allowed("User-agent: b\nUser-agent: xuncha\nDisallow: /a\n", "/a")


def test_rules_before_any_name_hold_for_nobody() -> None:
    assert allowed("Disallow: /a\nUser-agent: *\nDisallow: /b\n", "/a")


def test_the_longest_rule_wins_and_allow_wins_a_tie() -> None:
    assert allowed("User-agent: *\nDisallow: /\nAllow: /page\n", "/page1")
    assert not allowed("User-agent: *\nAllow: /\nDisallow: /page\n", "/page1")
    assert allowed("User-agent: *\nDisallow: /f\nAllow: /f\n", "/f")


def test_a_star_stands_for_anything_and_a_dollar_for_the_end() -> None:
    body = "User-agent: *\nDisallow: /*.php$\nDisallow: /*?s=\n"
    assert [allowed(body, path) for path in ("/a.php", "/a.php?x=1", "/?s=1")] == [False, True, False]


def test_encoded_and_plain_paths_are_the_same() -> None:
    assert not allowed("User-agent: *\nDisallow: /检查\n", "/%E6%A3%80%E6%9F%A5")
    assert not allowed("User-agent: *\nDisallow: /%E6%A3%80%E6%9F%A5\n", "/检查")


def test_paths_are_case_sensitive_and_names_are_not() -> None:
    assert allowed("user-AGENT: *\nDISALLOW: /A\n", "/a")
    assert not allowed("user-AGENT: *\nDISALLOW: /A\n", "/A")


def test_robots_txt_itself_is_always_allowed() -> None:
    assert allowed("User-agent: *\nDisallow: /\n", "/robots.txt")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_comments_and_a_byte_order_mark_are_read(end: str) -> None:
    text = end.join(
        ["# for robots", "User-agent: * # all", "", "Sitemap: http://a.test/s.xml", "Disallow: /a # not this", ""]
    )
    assert not allowed(b"\xef\xbb\xbf" + text.encode(), "/a")


def test_bytes_that_are_not_utf_8_do_not_hide_the_rules() -> None:
    assert not allowed("# 不允许\nUser-agent: *\nDisallow: /a\n".encode("gbk"), "/a")
    assert not allowed(b"User-agent: *\nDisallow: /x\x00\nDisallow: /a\n", "/a")


# -- 2.3.1: what the site answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451])
def test_unavailable_is_open(status: int) -> None:
    verdict = web("User-agent: *\nDisallow: /\n", status).verdict("/a")
    assert verdict.allowed
    assert f"status {status}" in verdict.reason


@pytest.mark.parametrize("status", [500, 502, 503, 599])
def test_a_server_error_is_closed(status: int) -> None:
    verdict = web("User-agent: *\nAllow: /\n", status).verdict("/a")
    assert not verdict.allowed
    assert f"status {status}" in verdict.reason


def test_no_answer_is_closed_and_the_reason_is_told() -> None:
    found = Web({f"{SITE}/robots.txt": Answer(0, note="ConnectionRefusedError")}).verdict("/a")
    assert not found.allowed
    assert "ConnectionRefusedError" in found.reason


def test_an_html_page_in_place_of_robots_txt_holds_no_rules() -> None:
    for body in ("<!DOCTYPE html><p>User-agent: *\nDisallow: /", "\n <HTML>", "\ufeff<html>"):
        verdict = web(body).verdict("/a")
        assert verdict.allowed
        assert "HTML" in verdict.reason


def chain(length: int) -> dict[str, Answer]:
    """robots.txt behind so many redirects, each to another site."""
    answers = {f"{SITE}/robots.txt": Answer(302, location="http://h1.test/robots.txt")}
    for number in range(1, length):
        answers[f"http://h{number}.test/robots.txt"] = Answer(301, location=f"http://h{number + 1}.test/robots.txt")
    answers[f"http://h{length}.test/robots.txt"] = Answer(200, b"User-agent: *\nDisallow: /a\n")
    return answers


def test_five_redirects_are_followed_across_sites_and_the_rules_hold_for_the_first() -> None:
    found = Web(chain(5))
    assert not found.verdict("/a").allowed
    assert found.verdict("/b").allowed
    assert len(found.asked) == 6


def test_more_than_five_redirects_are_unavailable() -> None:
    found = Web(chain(6))
    assert found.verdict("/a").allowed
    assert len(found.asked) == 6


def test_a_relative_redirect_is_followed() -> None:
    answers = {
        f"{SITE}/robots.txt": Answer(301, location="/r.txt"),
        f"{SITE}/r.txt": Answer(200, b"User-agent: *\nDisallow: /\n"),
    }
    assert not Web(answers).verdict("/a").allowed


def test_a_redirect_to_a_server_error_is_closed() -> None:
    answers = {f"{SITE}/robots.txt": Answer(301, location="/r.txt"), f"{SITE}/r.txt": Answer(503)}
    assert not Web(answers).verdict("/a").allowed


def test_each_scheme_and_port_has_rules_of_its_own() -> None:
    found = Web(
        {
            f"{SITE}/robots.txt": Answer(404),
            "https://a.test/robots.txt": Answer(503),
            "http://a.test:8080/robots.txt": Answer(200, b"User-agent: *\nDisallow: /\n"),
        }
    )
    assert found.verdict("/").allowed
    assert not found.verdict("/", "https://a.test").allowed
    assert not found.verdict("/", "http://a.test:8080").allowed
    assert found.verdict("/", "http://A.TEST").allowed
    assert len(found.asked) == 3


# -- 2.4, 2.5: caching and size ----------------------------------------------------------------------------------------


def test_rules_are_remembered_by_later_runs_for_at_most_a_day() -> None:
    found = Web({f"{SITE}/robots.txt": Answer(200, b"User-agent: *\nDisallow: /a\n")}, timedelta(days=7))
    for hours in (0, 12, 11):
        found.time += timedelta(hours=hours)
        found.again()
        assert not found.verdict("/a").allowed
    assert len(found.asked) == 1
    found.time += timedelta(hours=1)
    assert not found.verdict("/a").allowed
    assert len(found.asked) == 2


def test_rules_that_grow_old_within_a_run_are_asked_for_again() -> None:
    found = web("User-agent: *\nDisallow:\n")
    assert found.verdict("/a").allowed
    found.answers[f"{SITE}/robots.txt"] = Answer(200, b"User-agent: *\nDisallow: /a\n")
    found.time += timedelta(hours=25)
    assert not found.verdict("/a").allowed


def test_a_closed_verdict_is_asked_again_by_the_next_run() -> None:
    found = web("", 503)
    assert not found.verdict("/a").allowed
    assert not found.verdict("/b").allowed
    assert len(found.asked) == 1
    found.answers[f"{SITE}/robots.txt"] = Answer(200, b"")
    found.again()
    assert found.verdict("/a").allowed
    assert len(found.asked) == 2


def test_half_a_megabyte_is_read_and_no_more() -> None:
    line = b"Disallow: /x\n"
    within = b"User-agent: *\n" + line * 38_000 + b"Disallow: /a\n"
    assert len(within) < MAX_BYTES
    assert not allowed(within, "/a")
    assert allowed(b"User-agent: *\n" + b"#" * MAX_BYTES + b"\nDisallow: /a\n", "/a")


def test_rules_are_asked_for_once_when_many_pages_wait_for_them() -> None:
    found = web("User-agent: *\nDisallow: /a\n")

    async def all_at_once() -> list[Verdict]:
        return await asyncio.gather(*(found.robots.verdict(f"{SITE}/{number}") for number in range(20)))

    assert all(verdict.allowed for verdict in asyncio.run(all_at_once()))
    assert len(found.asked) == 1


# -- beyond the RFC ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Crawl-delay: 2.5", 2.5),
        ("Request-rate: 1/10", 10),
        ("Request-rate: 6/1m", 10),
        ("Crawl-delay: abc", 0),
        ("Crawl-delay: -1", 0),
    ],
)
def test_the_pace_that_a_site_asks_for_is_told(line: str, seconds: float) -> None:
    assert web(f"User-agent: *\n{line}\nDisallow: /x\n").verdict("/a").delay == seconds


def test_the_slower_of_two_paces_holds() -> None:
    assert web("User-agent: *\nCrawl-delay: 3\nRequest-rate: 1/10\n").verdict("/a").delay == 10


def test_a_site_that_asks_for_a_pace_no_night_can_keep_is_left_alone() -> None:
    verdict = web("User-agent: *\nCrawl-delay: 86400\n").verdict("/a")
    assert not verdict.allowed
    assert "86400 s" in verdict.reason


@pytest.mark.parametrize(
    ("hours", "open_at_four"), [("0200-0630", True), ("0630-0200", False), ("2200-0500", True), ("rubbish", True)]
)
def test_visiting_hours_are_kept(hours: str, open_at_four: bool) -> None:
    assert web(f"User-agent: *\nVisit-time: {hours}\n").verdict("/a").allowed is open_at_four


def test_what_known_rules_forbid_is_told_without_asking() -> None:
    found = web("User-agent: *\nDisallow: /a\n")
    assert not found.robots.forbids(f"{SITE}/a")
    found.verdict("/")
    assert found.robots.forbids(f"{SITE}/a")
    assert not found.robots.forbids(f"{SITE}/b")
    assert not found.robots.forbids("http://other.test/a")
    assert len(found.asked) == 1
