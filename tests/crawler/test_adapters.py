"""Each adapter on pages of our own writing; adapters are pure, so a page is bytes and nothing is fetched."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError, PluginError
from core.types import Document
from crawler.adapters import adapter
from crawler.pages import Follow, Locked, Page, absolute
from crawler.sources import Source

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SITE = "http://a.test"


def source(kind: str, **changes: Any) -> Source:
    given: dict[str, Any] = {
        "name": "s",
        "title": "河边",
        "kind": kind,
        "platform": "p",
        "start_urls": (f"{SITE}/",),
        "folder": Path(),
        "hosts": ("a.test",),
    }
    return Source(**{**given, **changes})


def read(where: Source, body: str | bytes, url: str = f"{SITE}/list", role: str = "list", **page: Any) -> list[Any]:
    body = body.encode() if isinstance(body, str) else body
    return list(adapter(where.kind).read(where, Page(url, body, AT, role, capture="urn:uuid:1", **page)))


def documents(*arguments: Any, **more: Any) -> list[Document]:
    return [item for item in read(*arguments, **more) if isinstance(item, Document)]


def follows(*arguments: Any, **more: Any) -> list[Follow]:
    return [item for item in read(*arguments, **more) if isinstance(item, Follow)]


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(PluginError, match="did you mean 'wordpress'"):
        adapter("wordpres")


@pytest.mark.parametrize("link", ["http://[oops", "http://a.test:x/", "http://[::1"])
def test_a_malformed_link_leads_nowhere(link: str) -> None:
    assert absolute(SITE, link) in ("", link)


# -- feeds -------------------------------------------------------------------------------------------------------------

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>河边日记</title><link>http://a.test/</link>
<item><title>白鹭 &amp; 船</title><link>http://a.test/bailu/</link><guid isPermaLink="false">http://a.test/?p=12</guid>
<pubDate>Fri, 06 Nov 2026 13:40:43 +0000</pubDate><dc:creator>甲</dc:creator><description>摘要</description>
<content:encoded><![CDATA[<p>微信 <b>zq0heron</b></p><img alt="扫码" src="/q.png"><script>x()</script>]]></content:encoded></item>
<item><title>只有标题</title><link>http://a.test/2/</link></item>
<item><link>http://a.test/empty/</link></item>
<item><title>锁</title><link>http://a.test/locked/</link><description><![CDATA[<form class="post-password-form"></form>]]></description></item>
</channel></rss>"""


def test_rss_gives_a_document_for_each_entry_with_words() -> None:
    found = documents(source("feed", id_pattern=r"[?&]p=(\d+)"), RSS)
    assert [document.native_id for document in found] == ["12", "http://a.test/2/"]
    first = found[0]
    assert (first.title, first.text, first.author) == ("白鹭 & 船", "微信 zq0heron\n扫码", "甲")
    assert (first.url, first.kind, first.capture) == ("http://a.test/bailu/", "article", "urn:uuid:1")
    assert first.published_at == datetime(2026, 11, 6, 13, 40, 43, tzinfo=UTC)
    assert (first.site.title, first.site.host, first.site.path) == ("河边日记", "a.test", "/bailu/")


def test_an_entry_under_a_password_is_told_and_not_read() -> None:
    assert [item for item in read(source("feed"), RSS) if isinstance(item, Locked)] == [
        Locked("http://a.test/locked/", "under a password")
    ]


def test_atom_gives_its_full_content() -> None:
    atom = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>河边</title><entry><id>tag:a.test,2026:7</id>
    <title>白鹭</title><link href="/7"/><updated>2026-11-06T21:40:43+08:00</updated><author><name>乙</name></author>
    <content type="html">&lt;p&gt;一&lt;/p&gt;&lt;p&gt;二&lt;/p&gt;</content></entry></feed>"""
    (found,) = documents(source("feed"), atom, url=f"{SITE}/atom.xml")
    assert (found.native_id, found.text, found.author, found.url) == (
        "tag:a.test,2026:7",
        "一\n二",
        "乙",
        "http://a.test/7",
    )
    assert found.published_at == datetime(2026, 11, 6, 13, 40, 43, tzinfo=UTC)


def test_json_feed_is_read() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": "河边", "authors": [{"name": "丙"}],
        "items": [
            {"id": "1", "url": "http://a.test/1", "title": "一", "content_html": "<p>正文</p>", "date_published": "2026-11-06T13:40:43Z"},
            {"id": 2, "url": "http://a.test/2", "content_text": "只有正文", "authors": [{"name": "丁"}]},
        ],
    }  # fmt: skip
    found = documents(source("feed"), json.dumps(feed), headers={"content-type": "application/feed+json"})
    assert [(item.native_id, item.title, item.text, item.author) for item in found] == [
        ("1", "一", "正文", "丙"),
        ("2", "", "只有正文", "丁"),
    ]


def test_what_a_feed_entry_links_shows_and_attaches_is_kept() -> None:
    rss = """<rss version="2.0"><channel><title>河边</title><item><guid>1</guid><link>http://a.test/riji/1/</link><category>观鸟</category>
    <description>&lt;p&gt;看&lt;a href="../2/"&gt;这里&lt;/a&gt;&lt;a href="weixin://dl/chat?zq0heron"&gt;咨询&lt;/a&gt;&lt;img src="/q.png" alt="扫码"&gt;&lt;/p&gt;</description>
    <enclosure url="http://a.test/q.png" type="image/jpeg"/><enclosure url="http://a.test/v.mp4" type="video/mp4" length="1"/></item></channel></rss>"""
    (found,) = documents(source("feed"), rss)
    assert found.text == "看这里咨询 微信 zq0heron 扫码"
    assert found.links == ("http://a.test/riji/2/", "weixin://dl/chat?zq0heron", "http://a.test/v.mp4")
    assert [(picture.url, picture.alt) for picture in found.pictures] == [("http://a.test/q.png", "扫码")]
    assert found.fields == {"tags": "观鸟"}


def test_a_discuz_feed_has_its_descriptions_escaped_twice() -> None:
    rss = """<rss version="2.0"><channel><title>河边论坛</title><generator>Discuz! Board by Comsenz Inc.</generator><item><title>白鹭</title>
    <link>http://a.test/thread-1-1-1.html</link><description><![CDATA[一&lt;br /&gt;二 &amp;amp; 三]]></description></item></channel></rss>"""
    (found,) = documents(source("feed", id_pattern=r"thread-(\d+)"), rss)
    assert (found.native_id, found.text) == (
        "http://a.test/thread-1-1-1.html",
        "一\n二 & 三",
    ) or found.text == "一\n二 & 三"


@pytest.mark.parametrize(
    ("changes", "author"),
    [
        ({"author": {"name": "丁"}}, "丁"),
        ({"authors": None}, "丙"),
        ({"authors": [{"name": "戊"}, {}]}, "戊"),
        ({"authors": "己"}, ""),
    ],
)
def test_authors_of_a_json_feed_of_either_version(changes: dict[str, Any], author: str) -> None:
    item = {
        "id": "1",
        "content_text": "正文",
        "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"}, 7],
        "image": "/p.jpg",
        "tags": ["一", 2],
    }
    (found,) = documents(source("feed"), json.dumps({"author": {"name": "丙"}, "items": [{**item, **changes}]}))
    assert (found.author, found.links, found.pictures[0].url) == (author, (f"{SITE}/a.mp3",), f"{SITE}/p.jpg")


def test_plain_text_in_a_json_feed_keeps_its_signs() -> None:
    (found,) = documents(source("feed"), json.dumps({"items": [{"id": "1", "content_text": "a < b\n微信 zq0<heron>"}]}))
    assert found.text == "a < b\n微信 zq0<heron>"


@pytest.mark.parametrize(
    "body",
    ["", "{", "{}", '{"items": null}', '{"items": {"a": 1}}', "[1]", "<html><p>x</p></html>", "\x00", "{" * 100_000],
)
def test_a_page_that_is_no_feed_is_told(body: str) -> None:
    with pytest.raises(InputError, match="expected"):
        read(source("feed"), body)


@pytest.mark.parametrize(
    "body",
    [
        '{"items": []}',
        '{"items": [null, 1, "x", {}, {"authors": [null]}]}',
        '<rss version="2.0"></rss>',
        '<rss version="2.0"><channel><item>',
    ],
)
def test_a_feed_without_words_gives_nothing(body: str) -> None:
    assert documents(source("feed"), body) == []


def test_a_feed_in_gbk_is_read() -> None:
    feed = '<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel><title>河边</title><item><title>白鹭</title><guid>1</guid></item></channel></rss>'
    (found,) = documents(source("feed"), feed.encode("gb18030"), headers={"content-type": "text/xml"})
    assert (found.title, found.site.title) == ("白鹭", "河边")


# -- sitemaps ----------------------------------------------------------------------------------------------------------

SITEMAP = """<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>http://a.test/riji/1/</loc></url><url><loc> http://a.test/riji/2/ </loc></url><url><loc>http://a.test/about/</loc></url>
<url><loc>http://elsewhere.test/riji/3/</loc></url></urlset>"""


def test_a_sitemap_leads_to_the_pages_of_the_source_that_are_wanted() -> None:
    found = follows(source("sitemap", follow="/riji/"), SITEMAP, role="sitemap")
    assert [(item.url, item.role, item.document) for item in found] == [
        (f"{SITE}/riji/{number}/", "document", True) for number in (1, 2)
    ]


def test_a_gzipped_sitemap_is_the_same() -> None:
    assert follows(source("sitemap"), gzip.compress(SITEMAP.encode()), role="sitemap") == follows(
        source("sitemap"), SITEMAP, role="sitemap"
    )


def test_an_index_leads_to_sitemaps() -> None:
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{SITE}/s1.xml.gz</loc></sitemap></sitemapindex>'
    (found,) = follows(source("sitemap"), index, role="sitemap")
    assert (found.url, found.role, found.document) == (f"{SITE}/s1.xml.gz", "sitemap", False)


@pytest.mark.parametrize("body", [b"", b"\x1f\x8bbroken", b"not xml"])
def test_a_page_that_is_no_sitemap_is_told(body: bytes) -> None:
    with pytest.raises(InputError, match="expected a sitemap"):
        read(source("sitemap"), body, role="sitemap")


@pytest.mark.parametrize(
    "body", ["<urlset><url></url></urlset>", "<urlset><url><loc>http://[oops</loc></url></urlset>", "<html></html>"]
)
def test_a_sitemap_without_usable_pages_leads_nowhere(body: str) -> None:
    assert read(source("sitemap"), body, role="sitemap") == []


def test_a_sitemap_does_not_read_other_files_into_itself() -> None:
    evil = (
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://a.test/&e;</loc></url></urlset>'
    )
    assert all("root:" not in item.url for item in follows(source("sitemap"), evil, role="sitemap"))


# -- pages -------------------------------------------------------------------------------------------------------------

THREAD = """<html><head><title>白鹭 - 河边论坛</title></head><body><nav><a href="/">首页</a></nav><h1>白鹭</h1>
<div class="post" id="post_11"><i class="by">甲</i><em>2026-11-6 21:40</em><div class="t">一<img src="/a.png" alt="扫码"></div></div>
<div class="post" id="post_12"><i class="by">乙</i><em>3小时前</em><div class="t">二<div class="sign">签名</div><a href="http://[oops">坏</a></div></div>
<div class="post" id="post_13"><div class="t"></div></div>
<a class="nxt" href="/t-1-2.html">下一页</a></body></html>"""
FORUM = {
    "each": ".post",
    "id": "::attr(id)",
    "title": "h1",
    "text": ".t",
    "author": ".by",
    "published": "em",
    "next": "a.nxt",
    "drop": ".sign",
}


def test_a_thread_gives_a_document_for_each_post() -> None:
    found = documents(
        source("html", document=FORUM, id_pattern=r"post_(\d+)"), THREAD, url=f"{SITE}/t-1-1.html", role="document"
    )
    assert [(item.native_id, item.text, item.author, item.parent) for item in found] == [
        ("11", "一扫码", "甲", ""),
        ("12", "二坏", "乙", "11"),
    ]
    first = found[0]
    assert (first.title, first.kind, first.site.navigation) == ("白鹭", "post", ("首页",))
    assert first.published_at == datetime(2026, 11, 6, 13, 40, tzinfo=UTC)
    assert [(picture.url, picture.alt) for picture in first.pictures] == [(f"{SITE}/a.png", "扫码")]
    assert found[1].links == ()


def test_a_threads_next_page_knows_who_opened_the_thread() -> None:
    forum = source("html", document=FORUM, id_pattern=r"post_(\d+)")
    (follow,) = follows(forum, THREAD, url=f"{SITE}/t-1-1.html", role="document")
    assert (follow.url, follow.role, follow.document) == (f"{SITE}/t-1-2.html", "document", False)
    later = documents(
        forum, THREAD.replace("post_1", "post_2"), url=f"{SITE}/t-1-2.html", role="document", extra=follow.extra
    )
    assert [item.parent for item in later] == ["11", "11"]


def test_a_list_leads_to_the_wanted_pages_in_its_own_order() -> None:
    forum = source("html", list={"link": "a.t", "next": "a.nxt"}, follow=r"/t-\d+")
    page = '<a class=t href="/t-2.html#last">b</a><a class=t href="/t-1.html">a</a><a class=t href="/u-1">u</a><a class=t href="http://b.test/t-9">x</a><a class=nxt href="?page=2">n</a>'
    found = follows(forum, f"<html><body>{page}</body></html>")
    assert [(item.url, item.role, item.document) for item in found] == [
        (f"{SITE}/t-2.html", "document", True), (f"{SITE}/t-1.html", "document", True), (f"{SITE}/list?page=2", "list", False),
    ]  # fmt: skip


def test_a_next_link_to_the_page_itself_is_not_followed() -> None:
    assert (
        follows(
            source("html", list={"link": "a.t", "next": "a.nxt"}),
            '<html><body><a class=nxt href="#">n</a></body></html>',
        )
        == []
    )


def test_a_base_element_does_not_lead_off_the_site() -> None:
    (found,) = follows(
        source("html", list={"link": "a"}),
        '<html><head><base href="http://evil.test/"></head><body><a href="/x">x</a></body></html>',
    )
    assert found.url == f"{SITE}/x"


def test_a_page_without_selectors_is_one_article_with_its_main_text() -> None:
    page = f"<html><head><title>白鹭</title></head><body><nav><a>首页</a></nav><article><p>{'今天去河边走了走，看见白鹭。' * 20}</p></article></body></html>"
    (found,) = documents(source("html"), page, url=f"{SITE}/a/1?x=2", role="document")
    assert (found.title, found.native_id, found.kind) == ("白鹭", "/a/1?x=2", "article")
    assert "看见白鹭" in found.text


def test_the_native_id_is_found_in_the_url_when_the_page_has_none() -> None:
    (found,) = documents(
        source("html", id_pattern=r"/t-(\d+)"),
        "<html><body><p>正文</p></body></html>",
        url=f"{SITE}/t-77.html",
        role="document",
    )
    assert found.native_id == "77"


def test_a_page_under_a_password_is_told_and_not_read() -> None:
    page = '<html><body><h1>锁</h1><form class="post-password-form">This content is password protected.</form></body></html>'
    assert read(source("html"), page, role="document") == [Locked(f"{SITE}/list", "under a password")]


def test_without_a_list_the_start_pages_are_the_documents() -> None:
    assert [follow.role for follow in adapter("html").start(source("html"))] == ["document"]
    assert [follow.role for follow in adapter("html").start(source("html", list={"link": "a"}))] == ["list"]


# -- WordPress ---------------------------------------------------------------------------------------------------------

POST = {
    "id": 12, "date": "2026-11-06T21:40:43", "date_gmt": "2026-11-06T13:40:43", "link": f"{SITE}/riji/bailu/", "status": "publish",
    "title": {"rendered": "白鹭 &#038; 船 &#8211; 一"}, "content": {"rendered": "<p>微信 zq0heron</p>", "protected": False}, "author": 1,
}  # fmt: skip
COMMENT = {
    "id": 5,
    "post": 12,
    "parent": 0,
    "author_name": "乙 &amp; 丙",
    "date_gmt": "2026-11-07T01:00:00",
    "content": {"rendered": "<p>好</p>"},
    "link": f"{SITE}/riji/bailu/#comment-5",
}


def test_wordpress_is_asked_for_posts_and_comments_by_date_and_for_edited_posts() -> None:
    found = list(adapter("wordpress").start(source("wordpress", start_urls=(f"{SITE}/blog/",))))
    assert [(item.role, item.extra["order"]) for item in found] == [
        ("posts", "date"),
        ("comments", "date"),
        ("posts", "modified"),
    ]
    assert all(item.url.startswith(f"{SITE}/blog/?rest_route=/wp/v2/{item.role}&") for item in found)
    assert {item.extra["alias_of"] for item in found} == {
        f"{SITE}/blog/wp-json/wp/v2/posts",
        f"{SITE}/blog/wp-json/wp/v2/comments",
    }
    assert found[2].priority < found[0].priority


def test_a_post_of_wordpress_is_a_document() -> None:
    (found,) = documents(source("wordpress"), json.dumps([POST]), role="posts")
    assert (found.native_id, found.title, found.text, found.kind) == (
        "12",
        "白鹭 & 船 – 一",
        "微信 zq0heron",
        "article",
    )
    assert found.published_at == datetime(2026, 11, 6, 13, 40, 43, tzinfo=UTC)
    assert (found.site.host, found.site.path) == ("a.test", "/riji/bailu/")


def test_a_comment_of_wordpress_belongs_to_its_post() -> None:
    (found,) = documents(source("wordpress"), json.dumps([COMMENT]), role="comments")
    assert (found.native_id, found.parent, found.author, found.text, found.kind) == (
        "comment-5",
        "12",
        "乙 & 丙",
        "好",
        "comment",
    )


def test_an_answer_to_a_comment_names_it_and_a_post_keeps_its_links_and_pictures() -> None:
    (answer,) = documents(source("wordpress"), json.dumps([{**COMMENT, "parent": 4}]), role="comments")
    assert (answer.parent, answer.fields) == ("12", {"reply_to": "comment-4"})
    content = {"rendered": '<p><a href="tel:13000000000">拨号</a><img src="/q.png" alt="扫码"></p>', "protected": False}
    (post,) = documents(source("wordpress"), json.dumps([{**POST, "content": content}]), role="posts")
    assert (post.text, post.links, post.pictures[0].url) == (
        "拨号 13000000000 扫码",
        ("tel:13000000000",),
        f"{SITE}/q.png",
    )


def test_a_protected_post_is_told_and_not_read() -> None:
    protected = {**POST, "content": {"rendered": "", "protected": True}}
    assert read(source("wordpress"), json.dumps([protected]), role="posts") == [
        Locked(f"{SITE}/riji/bailu/", "under a password")
    ]


def test_the_next_page_of_posts_is_asked_for_while_there_is_one() -> None:
    extra = {"base": SITE, "order": "modified", "number": 1}
    body = json.dumps([POST])
    (found,) = follows(source("wordpress"), body, role="posts", headers={"x-wp-totalpages": "2"}, extra=extra)
    assert "orderby=modified" in found.url
    assert found.url.endswith("&page=2")
    assert (
        follows(source("wordpress"), body, role="posts", headers={"x-wp-totalpages": "2"}, extra={**extra, "number": 2})
        == []
    )
    assert follows(source("wordpress"), "[]", role="posts", headers={"x-wp-totalpages": "9"}, extra=extra) == []


@pytest.mark.parametrize("body", ["", "{}", '{"code":"rest_forbidden"}', "null", "<html>", "[" * 100_000])
def test_an_answer_that_is_no_list_is_told(body: str) -> None:
    with pytest.raises(InputError, match="expected a JSON list of posts"):
        read(source("wordpress"), body, role="posts")


@pytest.mark.parametrize(
    "body", ["[null, 1, {}]", '[{"id": 1}]', '[{"id": 1, "title": null, "content": null, "link": "http://[oops"}]']
)
def test_a_post_with_parts_missing_does_not_fail(body: str) -> None:
    assert all(item.native_id == "1" for item in documents(source("wordpress"), body, role="posts"))
