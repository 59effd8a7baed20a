"""Facts about many nights over one site on loopback: what is asked again and when, and what became of flagged pages."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback_nights import Nights
from site_server import Reply, Site, configure, declare, listing, page

from core.store import Store
from core.types import Judgement
from crawler.removal import notice
from crawler.revisits import list_interval, page_interval, watch_interval

FORUM = """
title: 河边论坛
kind: html
start_urls: ['{url}/']
list: {{link: a.t, next: a.next}}
document: {{each: div.post, text: p, author: b, id: 'p::attr(id)', next: a.more, title: h1}}
"""
LATER = datetime.now(UTC) - timedelta(days=30)  # pages of long ago: their files count as older than the captures
AD = "孕七周可查男女，香港抽血，全国上门，七个工作日出报告，加微zq0nights咨询预约。"


@pytest.fixture(scope="module")
def nights() -> Iterator[Nights]:
    with Nights() as started:
        yield started


def thread(*posts: tuple[str, str], more: str = "", **given: Any) -> Reply:
    """A page of a thread: posts with their ids, and a link to its next page."""
    body = "".join(f'<div class="post"><b>zq0</b><p id="{id}">{text}</p></div>' for id, text in posts)
    after = f'<a class="more" href="{more}">下一页</a>' if more else ""
    return Reply(f"<html><body><h1>帖</h1>{body}{after}</body></html>", **given)


def made(workspace: Path, site: Site, text: str = FORUM, **settings: Any) -> Path:
    configure(workspace, **settings)
    declare(workspace, "forum", text.format(url=site.url))
    file = workspace / "sources/forum/source.yml"
    os.utime(file, (LATER.timestamp(), LATER.timestamp()))
    return workspace


def asked(nights: Nights, site: Site, workspace: Path, days: float) -> list[str]:
    """The paths that one night asks for, in alphabetical order."""
    before = len(site.asked)
    run = nights.crawl(workspace, days)
    assert (run["state"], run["issues"]) == ("finished", [])
    return sorted(site.paths(before))


def flag(workspace: Path, *native_ids: str) -> dict[str, int]:
    """Let the model flag documents; their ids."""
    with Store.open(workspace / "xuncha.db") as store:
        found = {id: store.documents.find("forum", id) for id in native_ids}
        at = datetime.now(UTC)
        for id in found.values():
            assert id is not None
            judgement = Judgement("fetal_sex_test_ad", True, 0.97, "model:stack@0123")
            store.judgements.add([(id, 1, judgement)], at)
        return {name: id for name, id in found.items() if id is not None}


def looks(workspace: Path, document: int) -> list[tuple[str, str]]:
    with Store.open(workspace / "xuncha.db") as store:
        return [(look["state"], look["reason"]) for look in store.sightings.of(document)]


def test_a_quiet_thread_is_asked_at_growing_intervals_and_a_reply_starts_them_anew(
    nights: Nights, tmp_path: Path
) -> None:
    with Site({"/": listing("/t1"), "/t1": thread(("1", "第一帖"))}) as site:
        made(tmp_path, site)
        visited = [day for day in (0, 1, 2, 3, 4, 5, 7, 8, 11, 12) if "/t1" in asked(nights, site, tmp_path, day)]
        assert visited == [0, 1, 2, 3, 5, 8, 12]
        site.pages["/t1"] = thread(("1", "第一帖"), ("2", "有人知道吗"))
        later = [day for day in (17, 18, 19, 20) if "/t1" in asked(nights, site, tmp_path, day)]
    assert later == [18, 19, 20], "half of the 12 quiet days after the last visit, then each day"
    with Store.open(tmp_path / "xuncha.db") as store:
        assert store.documents.count() == 2


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_intervals_grow_while_nothing_changes_and_stay_within_their_bounds(changes: list[bool]) -> None:
    quiet, before = timedelta(), timedelta()
    for changed in changes:
        wait = page_interval(quiet)
        assert timedelta(days=1) <= wait <= timedelta(days=60)
        assert changed or wait >= before
        quiet, before = (timedelta(), timedelta()) if changed else (quiet + wait, wait)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (list_interval(timedelta(days=13)), timedelta()),
        (list_interval(timedelta(days=28)), timedelta(days=2)),
        (list_interval(timedelta(days=400)), timedelta(days=7)),
        (list_interval(timedelta(days=400), 0), timedelta()),
        (page_interval(timedelta(), failures=3), timedelta(days=8)),
        (page_interval(timedelta(days=9999), failures=99), timedelta(days=60)),
        (watch_interval("up", timedelta(days=3)), timedelta(days=1)),
        (watch_interval("up", timedelta(days=400)), timedelta(days=7)),
        (watch_interval("gone", timedelta(days=40)), timedelta(days=10)),
        (watch_interval("gone", timedelta(days=400)), timedelta(days=30)),
    ],
)
def test_an_interval_is_a_share_of_the_time_that_was_quiet(found: timedelta, expected: timedelta) -> None:
    assert found == expected


@pytest.mark.parametrize(
    "text",
    ["抱歉，指定的主题不存在或已被删除或正在被审核", "该帖已被作者删除", "提示: 作者被禁止或删除 内容自动屏蔽", "404 Not Found", "此页面不存在",
     "你访问的文章已删除", "對不起，您要的頁面找不到了", "This post has been removed by the moderator.", "該主題已被管理員刪除"],
)  # fmt: skip
def test_a_notice_of_removal_is_known(text: str) -> None:
    assert notice(text)


@pytest.mark.parametrize(
    "text", ["", AD, "删帖请联系站长", "孕七周去香港，抽血三天出结果", "该帖已被作者删除" + "，其实还在" * 100]
)
def test_other_words_are_no_notice(text: str) -> None:
    assert not notice(text)


def test_only_pages_of_a_thread_that_are_due_are_asked_and_new_ones_are_found(nights: Nights, tmp_path: Path) -> None:
    pages: dict[str, Any] = {
        "/": listing("/t1"),
        "/t1": thread(("1", "一"), ("2", "二"), more="/t1?page=2"),
        "/t1?page=2": thread(("3", "三")),
    }
    with Site(pages) as site:
        made(tmp_path, site)
        assert asked(nights, site, tmp_path, 0) == ["/", "/t1", "/t1?page=2"]
        site.pages["/t1?page=2"] = thread(("3", "三"), ("4", "四"), more="/t1?page=3")
        site.pages["/t1?page=3"] = thread(("5", "五"))
        assert asked(nights, site, tmp_path, 1) == ["/", "/t1", "/t1?page=2", "/t1?page=3"]
        assert asked(nights, site, tmp_path, 1.2) == ["/"]
        for day in (2, 3, 4):
            asked(nights, site, tmp_path, day)
        assert asked(nights, site, tmp_path, 4.95) == ["/", "/t1"], "the first page has been quiet for longer"
    with Store.open(tmp_path / "xuncha.db") as store:
        assert store.documents.count() == 5
        last = store.documents.get(store.documents.find("forum", "5") or 0)
        assert last
        assert last.parent == "1"


def test_an_unchanged_page_is_asked_conditionally_and_its_304_is_recorded(nights: Nights, tmp_path: Path) -> None:
    def unchanged(before: int) -> Reply:
        return thread(("1", "第一帖"), headers={"ETag": '"v1"'}) if before == 0 else Reply(status=304)

    with Site({"/": listing("/t1"), "/t1": unchanged}) as site:
        made(tmp_path, site)
        asked(nights, site, tmp_path, 0)
        asked(nights, site, tmp_path, 1)
        told = [one.headers.get("if-none-match") for one in site.asked if one.path == "/t1"]
    assert told == [None, '"v1"']
    with Store.open(tmp_path / "xuncha.db") as store:
        assert [capture.status for capture in store.captures.all("forum") if capture.url.endswith("/t1")] == [200, 304]
        assert store.yields.last("forum", 1, datetime.now(UTC) + timedelta(days=2))[0]["unchanged"] == 1


def test_after_a_change_of_the_declaration_pages_are_asked_for_in_full(nights: Nights, tmp_path: Path) -> None:
    with Site({"/": listing("/t1"), "/t1": thread(("1", "一"), headers={"ETag": '"v1"'})}) as site:
        made(tmp_path, site)
        asked(nights, site, tmp_path, 0)
        file = tmp_path / "sources/forum/source.yml"
        file.write_text(file.read_text("utf-8") + "note: mended\n", "utf-8")
        os.utime(file, (time.time() + 3600,) * 2)
        asked(nights, site, tmp_path, 1)
        asked(nights, site, tmp_path, 2)
        told = [one.headers.get("if-none-match") for one in site.asked if one.path == "/"]
    assert told == [None, None, '"1"']


def test_a_page_that_gave_nothing_leaves_no_validators_behind(nights: Nights, tmp_path: Path) -> None:
    with Site({"/": Reply("<html><body>改版了</body></html>", headers={"ETag": '"new"'})}) as site:
        made(tmp_path, site)
        for day in range(2):
            asked(nights, site, tmp_path, day)
        assert [one.headers.get("if-none-match") for one in site.asked if one.path == "/"] == [None, None]


def test_a_list_is_left_after_as_many_known_ones_as_its_source_declares(nights: Nights, tmp_path: Path) -> None:
    paths = [f"/{number}" for number in range(12)]
    pages: dict[str, Any] = {path: thread((path, f"帖{path}")) for path in paths}
    lists = {"/": listing(*paths[:4], more="/l2"), "/l2": listing(*paths[4:8], more="/l3"), "/l3": listing(*paths[8:])}
    with Site({**pages, **lists}) as site:
        made(tmp_path, site, FORUM + "known_in_a_row: 4\nrevisit: {{document: 0}}\n")
        assert asked(nights, site, tmp_path, 0) == sorted([*paths, *lists])
        assert asked(nights, site, tmp_path, 1) == ["/"]
        site.pages["/new"] = thread(("new", "新帖"))
        site.pages["/"] = listing("/0", "/1", "/2", "/new", more="/l2")
        assert asked(nights, site, tmp_path, 2) == ["/", "/l2", "/new"]


def test_a_list_that_says_something_new_of_a_known_thread_makes_it_due(nights: Nights, tmp_path: Path) -> None:
    def sitemap(first: str) -> Reply:
        entries = "".join(
            f"<url><loc>{site.url}{path}</loc><lastmod>{at}</lastmod></url>"
            for path, at in (("/t1", first), ("/t2", "2026-11-01"))
        )
        return Reply(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>',
            headers={"Content-Type": "application/xml"},
        )

    with Site({"/t1": thread(("1", "一")), "/t2": thread(("2", "二"))}) as site:
        site.pages["/sitemap.xml"] = sitemap("2026-11-01")
        text = FORUM.replace("kind: html", "kind: sitemap").replace("{url}/'", "{url}/sitemap.xml'")
        made(tmp_path, site, text)
        asked(nights, site, tmp_path, 0)
        assert asked(nights, site, tmp_path, 0.1) == ["/sitemap.xml"]
        site.pages["/sitemap.xml"] = sitemap("2026-11-02")
        assert asked(nights, site, tmp_path, 0.2) == ["/sitemap.xml", "/t1"]
        assert asked(nights, site, tmp_path, 0.3) == ["/sitemap.xml"]


def test_pages_visited_again_take_no_more_than_their_share(nights: Nights, tmp_path: Path) -> None:
    paths = [f"/{number}" for number in range(30)]
    with Site({"/": listing(*paths), **{path: thread((path, f"帖{path}")) for path in paths}}) as site:
        made(tmp_path, site, FORUM + "max_pages: 40\n", revisit_share=0.2)
        assert len(asked(nights, site, tmp_path, 0)) == 31
        assert len(asked(nights, site, tmp_path, 1)) == 1 + 8


def test_what_becomes_of_flagged_pages_is_told_with_dates(nights: Nights, tmp_path: Path) -> None:
    pages: dict[str, Any] = {
        "/": listing("/up", "/gone", "/edited", "/notice", "/post", "/moved", "/walled"),
        **{f"/{name}": thread((name, f"{AD}{name}")) for name in ("up", "gone", "edited", "notice", "moved")},
        "/post": thread(("opener", "请问有人去过吗，孩子三岁了"), ("post", AD)),
        "/walled": thread(("walled", AD)),
    }
    with Site(pages) as site:
        made(tmp_path, site)
        asked(nights, site, tmp_path, 0)
        ids = flag(tmp_path, "up", "gone", "edited", "notice", "post", "moved", "walled")
        site.pages["/gone"] = Reply("没有了", 404)
        site.pages["/edited"] = thread(("edited", "换号了，加微zq0other0000，香港抽血照做，全国上门。"))
        site.pages["/notice"] = thread(("notice", "抱歉，该帖已被作者删除"))
        site.pages["/post"] = thread(("opener", "请问有人去过吗，孩子三岁了"))
        site.pages["/moved"] = Reply(status=302, headers={"Location": "/home"})
        site.pages["/home"] = thread(("home", "欢迎光临河边论坛，今日有三百人在线"))
        site.pages["/walled"] = Reply(status=500)
        first = asked(nights, site, tmp_path, 1)
        site.pages["/gone"] = thread(("gone", f"{AD}gone"))
        asked(nights, site, tmp_path, 2)
        asked(nights, site, tmp_path, 3)
    assert set(first) >= {"/up", "/gone", "/edited", "/notice", "/post", "/moved", "/home", "/walled"}
    found = {name: looks(tmp_path, id) for name, id in ids.items()}
    assert [state for state, _ in found["up"]] == ["up", "up", "up"]
    assert found["gone"] == [("gone", "status 404"), ("returned", ""), ("up", "")]
    assert [state for state, _ in found["edited"]] == ["changed", "up", "up"]
    assert set(found["notice"]) == {("gone", "a notice of removal stands in its place")}
    assert found["post"][0] == ("gone", "its page no longer holds it")
    assert found["moved"][0] == ("gone", "redirects to a page that does not hold it")
    assert found["walled"][0][0] == "unreached"
    with Store.open(tmp_path / "xuncha.db") as store:
        standing = store.sightings.standing(ids.values())
        assert store.documents.get(ids["notice"]).text == f"{AD}notice"  # type: ignore[union-attr]
        assert store.documents.find("forum", "home") is None, (
            "a front page is no document because a thread was there once"
        )
        gone = standing[ids["gone"]]
        assert gone.state == "up"
        assert gone.gone_at
        assert gone.returned_at
        assert gone.returned_at - gone.gone_at > timedelta(hours=20)
        turns = store.sightings.turns(datetime.now(UTC), datetime.now(UTC) + timedelta(days=9))
    assert sorted((turn["document"], turn["state"]) for turn in turns) == sorted(
        [(ids["edited"], "changed"), (ids["gone"], "gone"), (ids["gone"], "returned"), (ids["notice"], "gone"),
         (ids["post"], "gone"), (ids["moved"], "gone")]
    )  # fmt: skip
    assert {turn["source"] for turn in turns} == {"forum"}


def test_a_list_of_old_entries_is_asked_again_the_very_next_time(nights: Nights, tmp_path: Path) -> None:
    entry = "<item><guid>e</guid><title>帖</title><description>旧帖一篇</description><pubDate>Mon, 05 Jan 2015 03:00:00 GMT</pubDate></item>"
    feed = f'<rss version="2.0"><channel><title>河边</title>{entry}</channel></rss>'
    with Site({"/": Reply(feed, headers={"Content-Type": "application/rss+xml"})}) as site:
        made(tmp_path, site, "title: 河边\nkind: feed\nstart_urls: ['{url}/']\n")
        assert [asked(nights, site, tmp_path, day) for day in (0, 0.01, 1)] == [["/"]] * 3


def test_an_entry_of_a_feed_has_its_own_page_looked_at(nights: Nights, tmp_path: Path) -> None:
    def feed(url: str) -> str:
        entry = f"<item><guid>e1</guid><link>{url}/e1</link><title>帖</title><description>{AD}</description></item>"
        return f'<rss version="2.0"><channel><title>河边</title>{entry}</channel></rss>'

    with Site({"/e1": page(f"导航 首页 {AD} 版权所有")}) as site:
        site.pages["/"] = Reply(feed(site.url), headers={"Content-Type": "application/rss+xml"})
        made(tmp_path, site, "title: 河边\nkind: feed\nstart_urls: ['{url}/']\n")
        assert asked(nights, site, tmp_path, 0) == ["/"]
        [id] = flag(tmp_path, "e1").values()
        site.pages["/"] = Reply(
            feed(site.url).replace("e1", "e2").replace(AD, "别的"), headers={"Content-Type": "application/rss+xml"}
        )
        assert asked(nights, site, tmp_path, 1) == ["/", "/e1"]
        site.pages["/e1"] = page("河边小站首页：今日天气晴，适合散步，欢迎常来坐坐。")
        asked(nights, site, tmp_path, 2)
        site.pages["/e1"] = page("此页面已被删除")
        asked(nights, site, tmp_path, 3.5)
    assert [state for state, _ in looks(tmp_path, id)] == ["up", "gone", "gone"]
    with Store.open(tmp_path / "xuncha.db") as store:
        assert store.documents.count() == 2, "looking at a page makes no document of it"
