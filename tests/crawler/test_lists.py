"""Lists of kinds json, search and classified, on answers in the shapes that such services give; the words are ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.types import Document
from crawler.adapters import adapter
from crawler.adapters.json import dig
from crawler.pages import Follow, Locked, Page, Unread
from crawler.sources import Source, with_queries

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def source(kind: str, **changes: Any) -> Source:
    given: dict[str, Any] = {
        "name": "s", "title": "河边", "kind": kind, "platform": "p", "start_urls": ("http://a.test/roll?p={page}",), "folder": Path(),
        "hosts": ("a.test",),
    }  # fmt: skip
    return Source(**{**given, **changes})


def read(where: Source, body: Any, role: str = "list", url: str = "http://a.test/roll", **more: Any) -> list[Any]:
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return list(adapter(where.kind).read(where, Page(url, content, AT, role, **more)))


# -- json --------------------------------------------------------------------------------------------------------------

ROLL = {"result": {"data": [{"link": "http://a.test/1.html", "time": "1794369600", "t": "一"}, {"link": "//a.test/2.html"}, {"link": "http://b.test/3"}, {}, 7]}}  # fmt: skip
WHERE = {"items": "result.data", "url": "link", "published": "time", "title": "t", "first": 1, "step": 1, "pages": 3}


def test_a_roll_leads_to_its_pages_and_then_on() -> None:
    roll = source("json", json=WHERE)
    (first,) = adapter("json").start(roll)
    assert (first.url, first.role) == ("http://a.test/roll?p=1", "list")
    found = read(roll, ROLL, extra=first.extra)
    assert [(item.url, item.role, item.document) for item in found] == [
        ("http://a.test/1.html", "document", True), ("http://a.test/2.html", "document", True), ("http://a.test/roll?p=2", "list", False),
    ]  # fmt: skip
    assert found[0].extra == {"listed": {"published": "1794369600", "title": "一"}}
    assert not [item for item in read(roll, {"result": {"data": []}}, extra=first.extra) if isinstance(item, Follow)]
    last = read(roll, ROLL, extra={**first.extra, "number": 2})
    assert [item.role for item in last] == ["document", "document"]


@pytest.mark.parametrize(
    "body",
    ['data_callback([{"url": "http://a.test/1.html"}])', 'a.b ( [{"url": "/1.html"}] ) ;\n', '/**/cb([{"url": "/1.html"}]);', '\ufeff[{"url": "/1.html"}]'],
)  # fmt: skip
def test_jsonp_is_json_within_a_call(body: str) -> None:
    assert [item.url for item in read(source("json"), body)] == ["http://a.test/1.html"]


def test_a_roll_in_gbk_is_read_and_its_time_serves_a_page_without_one() -> None:
    body = 'cb([{"url":"/1.html","title":"看见白鹭","time":"2026-11-06 21:40:43"}])'.encode("gb18030")
    roll = source("json", json={"published": "time", "title": "title"}, document={"title": "h1", "text": ".t"})
    (follow,) = read(roll, body, headers={"content-type": "text/javascript; charset=gbk"})
    (found,) = read(roll, "<h1>白鹭</h1><div class=t>一</div>", "document", follow.url, extra=follow.extra)
    assert (found.published_at, found.published_raw) == (
        datetime(2026, 11, 6, 13, 40, 43, tzinfo=UTC),
        "2026-11-06 21:40:43",
    )


def test_items_may_be_documents_themselves() -> None:
    where = {
        "items": "posts",
        "id": "pid",
        "text": "body.html",
        "title": "t",
        "author": "who.name",
        "published": "ts",
        "url": "u",
    }
    posts = [
        {"pid": 7, "t": "一 &amp; 二", "body": {"html": '<p>加 <a href="weixin://dl/chat?zq0heron">我</a></p>'}, "who": {"name": "甲"}, "ts": 1794369600000, "u": "/7"},
        {"pid": 8, "body": {"html": ""}}, {"body": {"html": "<p>x</p>"}}, {"pid": True, "body": None},
    ]  # fmt: skip
    (found,) = read(source("json", json=where), {"posts": posts})
    assert isinstance(found, Document)
    assert (found.native_id, found.title, found.text, found.author) == ("7", "一 & 二", "加 我 微信 zq0heron", "甲")
    assert (found.url, found.published_at) == ("http://a.test/7", datetime(2026, 11, 11, 4, 0, tzinfo=UTC))


@pytest.mark.parametrize("body", ["", "<html>", "{", "7", '{"a": 1}', '{"x": {"y": 7}}', "{" * 100_000])
def test_what_is_no_list_is_told(body: str) -> None:
    path = "x.y" if body.startswith('{"x"') else ""
    with pytest.raises(InputError, match="expected"):
        read(source("json", json={"items": path}), body)


def test_a_path_leads_through_keys_and_places() -> None:
    data = {"web": {"results": [{"url": "u0"}, {"url": "u1"}]}}
    assert dig(data, "web.results.1.url") == "u1"
    assert dig(data, "web.results.9.url") is None
    assert dig(data, "web.url.x") is None
    assert dig(data, "") is data


def test_pages_of_a_roll_may_be_read_by_another_kind() -> None:
    thread = '<html><body><div id="postlist"><div id="post_5"><table id="pid5"><td class="t_f" id="postmessage_5">一</td></table></div></div></body></html>'
    (found,) = read(source("json", reads_as="discuz"), thread, "document", "http://a.test/thread-1-1-1.html")
    assert (found.native_id, found.text) == ("5", "一")


# -- search ------------------------------------------------------------------------------------------------------------

BRAVE = {
    "web": {
        "results": [
            {"url": "https://river.test/bailu", "title": "白鹭", "description": "x", "age": "3 days ago"},
            {"url": "ftp://x.test/"},
        ]
    }
}
SEARXNG = {"query": "x", "results": [{"url": "https://river.test/bailu", "title": "白鹭", "engine": "bing"}]}
GOOGLE = {
    "items": [{"link": "https://river.test/bailu", "title": "白鹭", "displayLink": "river.test"}],
    "queries": {"nextPage": []},
}


@pytest.mark.parametrize(
    ("answer", "items", "url"), [(BRAVE, "web.results", "url"), (SEARXNG, "results", "url"), (GOOGLE, "items", "link")], ids=["brave", "searxng", "google"],
)  # fmt: skip
def test_an_answer_names_pages_anywhere(answer: Any, items: str, url: str) -> None:
    search = source("search", hosts=("a.test", "*"), json={"items": items, "url": url, "title": "title"})
    (found,) = read(search, answer)
    assert (found.url, found.document, found.extra) == ("https://river.test/bailu", True, {})


def test_an_answer_without_results_is_no_fault() -> None:
    assert read(source("search", json={"items": "web.results"}), {"query": {}}) == []


def test_a_page_that_was_found_is_put_off_and_read_like_any_other() -> None:
    search = source("search", hosts=("a.test", "*"))
    html = "<html><body><article><p>看见白鹭</p></article></body></html>"
    later = Page("https://river.test/bailu", html.encode(), AT, "document", later=True)
    assert list(adapter("search").read(search, later)) == [Unread("river.test/bailu")]
    (found,) = read(search, html, "document", "https://river.test/bailu")
    assert (found.text, found.site.host) == ("看见白鹭", "river.test")


def test_pages_of_two_hosts_with_one_path_are_two_documents() -> None:
    search = source("search", hosts=("a.test", "*"))
    found = [
        read(search, "<html><body><p>x</p></body></html>", "document", f"https://{host}/about?x=1")[0]
        for host in ("one.test", "two.test", "a.test")
    ]
    assert [item.native_id for item in found] == ["one.test/about?x=1", "two.test/about?x=1", "/about?x=1"]


def test_each_term_of_the_watch_list_is_a_query() -> None:
    search = source("search", start_urls=("http://a.test/s?q={query}&p={page}", "http://a.test/new"))
    asked = with_queries(search, ["寄血 香港", "a&b"])
    assert asked.start_urls == (
        "http://a.test/s?q=%E5%AF%84%E8%A1%80%20%E9%A6%99%E6%B8%AF&p={page}", "http://a.test/s?q=a%26b&p={page}", "http://a.test/new",
    )  # fmt: skip
    assert [follow.url for follow in adapter("search").start(asked)][1] == "http://a.test/s?q=a%26b&p=1"
    assert with_queries(search, []).start_urls == ("http://a.test/new",)


# -- classified boards -------------------------------------------------------------------------------------------------

LIST = """<html><body><ul id="normal-list">
<li sortid="1794369600000"><a class="title" href="/fuwu/a100.html">河边导览</a><span class="price">面议</span><i class="area">福田</i></li>
<li><a class="title" href="http://elsewhere.test/x">广告</a></li><li>没有链接</li></ul><a class="next" href="/fuwu/?page=2">下一页</a></body></html>"""
ADVERT = """<html><head><title>河边导览 - 分类</title><meta name="location" content="province=广东;city=深圳;coord=1,2"></head><body><h1 class="t">河边导览</h1>
<div class="meta"><span class="action">发布时间</span><span>11月06日 21:40</span></div><ul class="attrs"><li>类别： <b>导览</b></li><li>区域：福田</li></ul>
<div class="desc">清早看水鸟。</div><div class="tel"><a href="tel:13000000000">查看电话</a></div><b class="cost">50 元</b></body></html>"""
BOARD = {
    "list": {"each": "#normal-list li", "link": "a.title", "next": "a.next", "published": "::attr(sortid)", "price": ".price", "place": ".area"},
    "document": {
        "title": ".t", "text": ".desc", "published": ".meta .action + span", "place": "meta[name=location]::attr(content)", "price": ".cost",
        "rows": ".attrs li", "contact": ".tel", "gone": ".removed",
    },
}  # fmt: skip


def test_the_rows_of_a_board_lead_to_adverts_with_what_they_say() -> None:
    found = read(source("classified", **BOARD), LIST)
    assert [(item.url, item.role) for item in found] == [
        ("http://a.test/fuwu/a100.html", "document"),
        ("http://a.test/fuwu/?page=2", "list"),
    ]
    assert found[0].extra == {"listed": {"published": "1794369600000", "price": "面议", "place": "福田"}}


def test_rows_that_are_links_themselves_are_read() -> None:
    board = source("classified", list={"each": "a.row", "published": "::attr(gjalog_fang)"})
    (found,) = read(board, '<html><body><a class="row" href="/1" gjalog_fang="1794369600">x</a></body></html>')
    assert (found.url, found.extra) == ("http://a.test/1", {"listed": {"published": "1794369600"}})


def test_an_advert_is_one_document_with_its_rows_its_contact_and_its_facts() -> None:
    (found,) = read(source("classified", **BOARD), ADVERT, "document", "http://a.test/fuwu/a100.html")
    assert (found.kind, found.title) == ("listing", "河边导览")
    assert found.text == "清早看水鸟。\n类别： 导览\n区域：福田\n查看电话 13000000000"
    assert found.published_at == datetime(2026, 11, 6, 13, 40, tzinfo=UTC)
    assert found.fields == {"price": "50 元", "place": "广东 深圳"}


def test_what_an_advert_does_not_say_its_row_says() -> None:
    board = source("classified", list=BOARD["list"], document={"text": ".desc"})
    (found,) = read(board, ADVERT, "document", extra={"listed": {"published": "1794369600000", "price": "面议"}})
    assert found.published_at == datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
    assert found.fields == {"price": "面议"}


def test_an_advert_that_was_taken_down_is_told() -> None:
    page = '<html><body><div class="removed">该信息已被删除</div><div class="desc">x</div></body></html>'
    assert read(source("classified", **BOARD), page, "document", "http://a.test/1") == [
        Locked("http://a.test/1", "gone: 该信息已被删除")
    ]
