"""Facts about whole nights: the real spider, in a process of its own, against sites on loopback."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from site_server import SOURCE, Reply, Site, configure, declare, listing, night, page

from core.store import Store
from core.types import Refusal
from evidence.archive import read_at

pytestmark = pytest.mark.xdist_group("crawl")
LONG = "河边的风很大，我们走了很远，看见白鹭和船。" * 40


def conditional(reply: Reply) -> Any:
    """The reply once, 304 from then on."""
    return lambda before: reply if before == 0 else Reply(status=304)


def redirect(target: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": target})


BOMB = gzip.compress(b"<html><p>" + b"0" * 5_000_000)
PLAIN = {
    "/robots.txt": Reply("User-agent: *\nDisallow: /closed\n"),
    "/other-robots": Reply("User-agent: *\nDisallow: /\n"),
    "/": conditional(listing(
        "/1", "/closed/2", "/moved", "/circle", "/far", "/gone", "/broken", "/flaky", "/big", "/bomb", "/gzip", "/talk", "/captcha-not",
        "http://elsewhere.test/x", "http://[oops", "/1#again", "/slow", "/torn", "/inward", more="/list2",
    )),
    "/list2": listing("/1", "/last"),
    "/1": page("第一帖"),
    "/closed/2": page("不可看"),
    "/moved": redirect("/moved2"),
    "/moved2": redirect("/arrived", 301),
    "/arrived": page("到了"),
    "/circle": redirect("/circle2"),
    "/circle2": redirect("/circle"),
    "/far": redirect("http://elsewhere.test/y"),
    "/inward": redirect("http://169.254.169.254/latest"),
    "/broken": Reply(status=500),
    "/flaky": lambda before: Reply(status=502) if before == 0 else page("终于"),
    "/big": page("0" * 300_000),
    "/bomb": Reply(BOMB, headers={"Content-Encoding": "gzip"}),
    "/gzip": Reply(gzip.compress("<html><body><h1>帖</h1><p>压缩的</p></body></html>".encode()), headers={"Content-Encoding": "gzip"}),
    "/talk": page(f"网站要输入验证码，还要请先登录。{LONG}"),
    "/captcha-not": page("今天去河边走了走。"),
    "/slow": page("太慢", after=3.0),
    "/torn": Reply(b"<html><p>x", headers={"Content-Length": "500", "Connection": "close"}),
    "/last": page("最后"),
}  # fmt: skip
NUMBERS = [f"/{number}" for number in range(1, 6)]
POSTS = {path: page(f"帖{path}") for path in NUMBERS}
SITES: dict[str, dict[str, Any]] = {
    "plain": PLAIN,
    "forbidding": {"/": listing(*NUMBERS), **POSTS, "/2": Reply("<p>forbidden</p>", status=403)},
    "challenging": {"/": listing(*NUMBERS), **POSTS, "/2": Reply("<html><body>请输入验证码</body></html>")},
    "down": {"/robots.txt": Reply(status=503), "/": listing(*NUMBERS), **POSTS},
    "silent": {"/robots.txt": Reply(drop=True), "/": listing(*NUMBERS), **POSTS},
    "html_robots": {"/robots.txt": Reply("<!DOCTYPE html><p>Disallow: /"), "/": listing("/1"), **POSTS},
    "moved_robots": {"/": listing("/1"), **POSTS},
    "busy": {
        "/": listing(*NUMBERS[:3]),
        **POSTS,
        "/2": lambda before: Reply(status=429, headers={"Retry-After": "1"}) if before == 0 else page("二"),
    },
    "closing": {"/": listing(*NUMBERS), **POSTS, "/2": Reply(status=503, headers={"Retry-After": "86400"})},
    "until": {
        "/": listing(*NUMBERS),
        **POSTS,
        "/2": Reply(status=429, headers={"Retry-After": "Fri, 31 Dec 2999 23:59:59 GMT"}),
    },
    "paced": {"/robots.txt": Reply("User-agent: *\nCrawl-delay: 0.7\n"), "/": listing(*NUMBERS[:3]), **POSTS},
    "budgeted": {"/": listing(*NUMBERS), **POSTS},
    "garbled": {"/": listing("/1", "/2"), "/1": Reply(b"\x00\xff\xfe" * 500), "/2": page("二")},
}


FEED = """<rss version="2.0"><channel><title>河边</title><item><title>可看</title><guid>1</guid><link>/open/1</link></item>
<item><title>不可看</title><guid>2</guid><link>/closed/2</link></item></channel></rss>"""
SITES |= {
    "json_closed": {"/robots.txt": Reply("User-agent: *\nDisallow: /wp-json/\n")},
    "feed": {
        "/robots.txt": Reply("User-agent: *\nDisallow: /closed/\n"),
        "/": Reply(FEED, headers={"Content-Type": "text/xml"}),
    },
    "not_a_feed": {"/": page("网站改版了")},
}
KINDS = {"json_closed": "wordpress", "feed": "feed", "not_a_feed": "feed"}


class Patrolled:
    """The sites, the workspace, and what its store holds after two nights."""

    def __init__(self, sites: dict[str, Site], workspace: Path) -> None:
        self.sites, self.workspace = sites, workspace
        self.first = night(workspace)
        self.asked_first = {name: len(site.asked) for name, site in sites.items()}
        self.second = night(workspace)
        self.store = Store.open(workspace / "xuncha.db")

    def texts(self, name: str) -> list[str]:
        found = [document for batch in self.store.documents.unjudged("nobody") for _, _, document in batch]
        return [document.text for document in found if document.source == name]

    def refused(self, name: str, run: int = 1) -> dict[str, Refusal]:
        """Refusals of a night by path."""
        return {
            refusal.url.removeprefix(self.sites[name].url): refusal
            for refusal in self.store.refusals.all(run=run, source=name)
        }

    def asked(self, name: str) -> list[str]:
        """What the first night asked a site for."""
        return [one.path for one in self.sites[name].asked[: self.asked_first[name]]]


@pytest.fixture(scope="module")
def patrolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patrolled]:
    workspace = tmp_path_factory.mktemp("crawl")
    configure(workspace, max_page_bytes=200_000, page_deadline_seconds=1.0)
    with ExitStack() as stack:
        sites = {name: stack.enter_context(Site(pages)) for name, pages in SITES.items()}
        sites["moved_robots"].pages["/robots.txt"] = redirect(f"{sites['plain'].url}/other-robots")
        for name, site in sites.items():
            extra = "max_pages: 3\n" if name == "budgeted" else ""
            text = (
                f"title: x\nkind: {KINDS[name]}\nstart_urls: ['{site.url}/']\n"
                if name in KINDS
                else SOURCE.format(name=name, url=site.url)
            )
            declare(workspace, name, text + extra)
        found = Patrolled(sites, workspace)
        stack.callback(found.store.close)
        yield found


def test_both_nights_come_to_their_end(patrolled: Patrolled) -> None:
    assert [patrolled.first["state"], patrolled.second["state"]] == ["finished", "finished"]


def test_each_readable_page_is_a_document_once(patrolled: Patrolled) -> None:
    assert sorted(patrolled.texts("plain")) == sorted(
        ["第一帖", "到了", "终于", "压缩的", f"网站要输入验证码，还要请先登录。{LONG}", "今天去河边走了走。", "最后"]
    )


def test_a_page_that_robots_txt_forbids_is_refused_and_not_asked_for(patrolled: Patrolled) -> None:
    assert patrolled.refused("plain")["/closed/2"].reason == "robots.txt"
    assert "/closed/2" not in patrolled.sites["plain"].paths()


@pytest.mark.parametrize(
    ("path", "reason", "detail"),
    [
        ("/circle2", "redirects", "in a circle"),
        ("/far", "redirect off the source", "elsewhere.test"),
        ("/inward", "guard", "not a global address"),
        ("/broken", "server error", "status 500, 3 times"),
        ("/big", "too large", ""),
        ("/bomb", "too large", ""),
        ("/slow", "too slow", ""),
        ("/torn", "broken off", ""),
    ],
)
def test_a_page_that_is_not_kept_is_in_the_ledger_with_its_reason(
    patrolled: Patrolled, path: str, reason: str, detail: str
) -> None:
    refusal = patrolled.refused("plain")[path]
    assert refusal.reason == reason
    assert detail in refusal.detail


def test_a_failing_page_is_asked_for_three_times_and_no_more(patrolled: Patrolled) -> None:
    asked = Counter(patrolled.asked("plain"))
    assert (asked["/broken"], asked["/flaky"], asked["/1"]) == (3, 2, 1)


def test_the_second_night_asks_for_lists_and_what_is_still_owed(patrolled: Patrolled) -> None:
    site = patrolled.sites["plain"]
    again = site.paths(patrolled.asked_first["plain"])
    assert "/1" not in again
    assert "/gone" not in again
    assert again[0] == "/"
    assert patrolled.second["counts"]["plain/new"] == 0


def test_a_list_is_asked_for_with_its_etag(patrolled: Patrolled) -> None:
    site = patrolled.sites["plain"]
    lists = [one for one in site.asked if one.path == "/"]
    assert [one.headers.get("if-none-match") for one in lists] == [None, '"19"']


def test_robots_txt_is_asked_for_once_a_day_and_first(patrolled: Patrolled) -> None:
    for name in ("plain", "paced", "forbidding"):
        paths = [one.path for one in patrolled.sites[name].asked]
        assert (paths[0], paths.count("/robots.txt")) == ("/robots.txt", 1)


def test_the_user_agent_is_honest_and_no_cookie_is_sent(patrolled: Patrolled) -> None:
    for one in patrolled.sites["plain"].asked:
        assert one.headers["user-agent"] == "xuncha/0.1 (+patrol@xuncha.example)"
        assert "cookie" not in one.headers
        assert "referer" not in one.headers


@pytest.mark.parametrize("name", ["forbidding", "challenging"])
def test_a_wall_stops_the_host_and_the_rest_is_refused(patrolled: Patrolled, name: str) -> None:
    assert [path for path in patrolled.asked(name) if path != "/robots.txt"] == ["/", "/1", "/2"]
    refused = patrolled.refused(name)
    assert refused["/2"].reason == "wall"
    assert all(refused[path].reason.startswith("host stopped: ") for path in ("/3", "/4", "/5"))


@pytest.mark.parametrize("name", ["forbidding", "challenging"])
def test_what_a_wall_left_is_asked_the_next_night_and_the_page_behind_it_last(patrolled: Patrolled, name: str) -> None:
    asked = patrolled.sites[name].paths(patrolled.asked_first[name])
    assert asked == ["/", "/3", "/4", "/5", "/2"]
    assert sorted(patrolled.texts(name)) == ["帖/1", "帖/3", "帖/4", "帖/5"]


@pytest.mark.parametrize("name", ["down", "silent"])
def test_a_site_whose_robots_txt_cannot_be_had_is_closed(patrolled: Patrolled, name: str) -> None:
    assert set(patrolled.asked(name)) == {"/robots.txt"}
    refusal = patrolled.refused(name)["/"]
    assert (refusal.reason, "unreachable" in refusal.detail) == ("robots.txt", True)


def test_a_closed_verdict_is_asked_again_the_next_night(patrolled: Patrolled) -> None:
    assert [one.path for one in patrolled.sites["down"].asked] == ["/robots.txt"] * 2


def test_an_html_page_for_robots_txt_holds_no_rules(patrolled: Patrolled) -> None:
    assert patrolled.texts("html_robots") == ["帖/1"]


def test_the_rules_of_a_redirected_robots_txt_hold(patrolled: Patrolled) -> None:
    assert patrolled.asked("moved_robots") == ["/robots.txt"]
    assert patrolled.refused("moved_robots")["/"].reason == "robots.txt"


def test_a_site_that_closes_its_json_interface_is_not_asked_by_its_other_name(patrolled: Patrolled) -> None:
    assert patrolled.asked("json_closed") == ["/robots.txt"]
    assert {refusal.reason for refusal in patrolled.refused("json_closed").values()} == {"robots.txt"}


def test_what_a_feed_shows_of_a_forbidden_page_is_not_kept(patrolled: Patrolled) -> None:
    assert patrolled.store.documents.find("feed", "1")
    assert patrolled.store.documents.find("feed", "2") is None
    assert "its own page is forbidden" in patrolled.refused("feed")["/closed/2"].detail


def test_a_page_that_is_not_what_it_should_be_is_unreadable_in_the_ledger(patrolled: Patrolled) -> None:
    refusal = patrolled.refused("not_a_feed")["/"]
    assert refusal.reason == "unreadable"
    assert "expected RSS, Atom or JSON Feed" in refusal.detail


def test_retry_after_is_waited_for_and_the_page_is_had(patrolled: Patrolled) -> None:
    assert sorted(patrolled.texts("busy")) == ["二", "帖/1", "帖/3"]
    asked = patrolled.sites["busy"].asked
    first = next(index for index, one in enumerate(asked) if one.path == "/2")
    assert asked[first + 1].at - asked[first].at >= 1.0


@pytest.mark.parametrize(("name", "reason"), [("closing", "asked to wait"), ("until", "wall")])
def test_a_host_that_asks_for_a_long_wait_is_left_alone(patrolled: Patrolled, name: str, reason: str) -> None:
    assert Counter(patrolled.asked(name))["/2"] == 1
    assert "/3" not in patrolled.asked(name)
    assert patrolled.refused(name)["/2"].reason == reason
    assert patrolled.refused(name)["/3"].reason.startswith("host stopped: status ")


def test_crawl_delay_is_the_least_time_between_two_requests(patrolled: Patrolled) -> None:
    times = [
        one.at for one in patrolled.sites["paced"].asked[: patrolled.asked_first["paced"]] if one.path != "/robots.txt"
    ]
    assert len(times) == 4
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.68


def test_a_host_is_asked_for_one_page_at_a_time(patrolled: Patrolled) -> None:
    site = patrolled.sites["plain"]
    slow = next(index for index, one in enumerate(site.asked) if one.path == "/slow")
    assert site.asked[slow + 1].at - site.asked[slow].at >= 0.9  # the deadline, not before


def test_a_source_keeps_to_its_budget_and_tells_what_it_left(patrolled: Patrolled) -> None:
    assert [path for path in patrolled.asked("budgeted") if path != "/robots.txt"] == ["/", "/1", "/2"]
    assert {refusal.reason for refusal in patrolled.refused("budgeted").values()} == {"page budget of the source"}
    assert len(patrolled.refused("budgeted")) == 3


def test_what_the_budget_left_is_taken_the_next_night(patrolled: Patrolled) -> None:
    assert len(patrolled.texts("budgeted")) == 4


def test_rubbish_does_not_end_the_night(patrolled: Patrolled) -> None:
    assert "二" in patrolled.texts("garbled")


def test_each_capture_is_in_the_archive_as_it_was_received(patrolled: Patrolled) -> None:
    captures = list(patrolled.store.captures.all())
    for capture in captures:
        assert (
            read_at(patrolled.workspace / "archive" / capture.warc, capture.offset, capture.sha256).url == capture.url
        )
    squeezed = next(capture for capture in captures if capture.url.endswith("/gzip"))
    body = read_at(patrolled.workspace / "archive" / squeezed.warc, squeezed.offset, squeezed.sha256).body
    assert body.startswith(b"\x1f\x8b")


def test_a_capture_bears_the_verdict_that_let_it_through(patrolled: Patrolled) -> None:
    verdicts = {
        capture.url.removeprefix(patrolled.sites["plain"].url): capture.robots
        for capture in patrolled.store.captures.all("plain")
    }
    assert verdicts["/1"].startswith("allowed (rules, status 200, read ")
    assert (
        patrolled.store.captures.get(str((patrolled.store.robots.get(patrolled.sites["plain"].url) or {})["capture"]))
        is not None
    )
