"""Discuz, Telegram and Douban where their pages differ from the saved examples of the sources."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from core import settings
from core.store import Store
from core.types import Document
from crawler.adapters import adapter
from crawler.pages import Follow, Locked, Page
from crawler.replay import replay
from crawler.sources import Source

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
THREAD = "http://a.test/forum.php?mod=viewthread&tid=7"


def read(kind: str, body: str | bytes, url: str, role: str = "document", **more: Any) -> list[Any]:
    source = Source("s", "河边", kind, "p", ("http://a.test/",), Path(), hosts=("a.test", "t.me"))
    content = body if isinstance(body, bytes) else body.encode()
    return list(
        adapter(kind).read(
            source,
            Page(url, content, AT, role, {"content-type": more.pop("media", "text/html; charset=utf-8")}, **more),
        )
    )


def post(body: str, pid: int = 5, head: str = "") -> str:
    cell = body if body.startswith("<div class='pcb") else f"<td class='t_f' id='postmessage_{pid}'>{body}</td>"
    return f"<div id='postlist'><div id='post_{pid}'><table id='pid{pid}'><tr><td>{head}</td><td><table><tr>{cell}</tr></table></td></tr></table></div></div>"


def posts(body: str, **more: Any) -> list[Document]:
    return [item for item in read("discuz", body, THREAD, **more) if isinstance(item, Document)]


@pytest.mark.parametrize(
    "page", ["", "<html>", "<div id='postlist'><div id='post_x'></div></div>", "<p class='author'>", "\x00" * 50]
)
@pytest.mark.parametrize("role", ["list", "document"])
@pytest.mark.parametrize("kind", ["discuz", "douban"])
def test_a_page_without_what_is_looked_for_gives_no_documents(kind: str, role: str, page: str) -> None:
    assert read(kind, page, "http://a.test/group/topic/1/", role) == []


def test_a_forum_in_gbk_is_read() -> None:
    page = f"<meta http-equiv='Content-Type' content='text/html; charset=gbk'><span id='thread_subject'>看鸟</span>{post('河边看见白鹭')}"
    (found,) = posts(page.encode("gb18030"), media="text/html; charset=gbk")
    assert (found.title, found.text) == ("看鸟", "河边看见白鹭")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("发表于&nbsp;2026-11-6&nbsp;21:40:43", "2026-11-06T13:40:43+00:00"),
        ("发表于 <span title='2026-11-6 21:40:43'>半小时前</span>", "2026-11-06T13:40:43+00:00"),
        ("发表于 半&nbsp;小时前", "2026-11-20T03:30:00+00:00"),
        ("发表于 前天&nbsp;12:30", "2026-11-18T04:30:00+00:00"),
        ("", None),
    ],
)
def test_times_of_posts_are_read_in_all_their_forms(shown: str, expected: str | None) -> None:
    (found,) = posts(post("河边", head=f"<em id='authorposton5'>{shown}</em>"))
    assert (found.published_at and found.published_at.isoformat()) == expected


def test_a_robot_is_shown_plain_pictures_and_no_floor() -> None:
    (found,) = posts(post("<img src='data/attachment/forum/a.jpg' alt='扫码 zq0heron'> 河边"))
    assert [(picture.url, picture.alt) for picture in found.pictures] == [
        ("http://a.test/data/attachment/forum/a.jpg", "扫码 zq0heron")
    ]
    assert "zq0heron" in found.text


def test_pictures_attached_below_a_post_and_previews_for_guests_are_taken() -> None:
    below = "<div class='pattl'><dl class='tattl'><img id='aimg_9' src='none.gif' file='b.jpg'></dl></div><div class='guestviewthumb'><img src='x.gif' makefile='forum.php?mod=image&amp;aid=3'></div>"
    (found,) = posts(post("河边").replace("</div></div>", f"{below}</div></div>"))
    assert [picture.url for picture in found.pictures] == [
        "http://a.test/b.jpg",
        "http://a.test/forum.php?mod=image&aid=3",
    ]


def test_a_deleted_author_is_the_name_that_is_left() -> None:
    assert (
        posts(post("河边", head="<div class='pi'>小河 <em>该用户已被删除</em></div>"))[0].author
        == "小河 该用户已被删除"
    )


def test_a_poll_has_its_words_in_its_own_box() -> None:
    (found,) = posts(post("<div class='pcbs'>哪条河？ 单选投票</div>").replace("id='postmessage_5'", ""))
    assert found.text == "哪条河？ 单选投票"


def test_what_a_reader_unlocked_is_text() -> None:
    (found,) = posts(post("河边<div class='showhide'><h4>本帖隐藏的内容</h4>微信 zq0heron</div>"))
    assert "微信 zq0heron" in found.text


def test_posts_of_a_later_page_belong_to_the_thread_that_was_opened_on_the_first() -> None:
    found = read(
        "discuz",
        post("第二页", 99) + "<div class='pg'><a class='nxt' href='thread-7-3-1.html'>下一页</a></div>",
        "http://a.test/thread-7-2-1.html",
        extra={"parent": "5"},
    )
    assert (found[0].native_id, found[0].parent) == ("99", "5")
    assert found[1] == Follow("http://a.test/thread-7-3-1.html", "document", priority=5, extra={"parent": "5"})


def test_a_picture_board_is_a_list_too() -> None:
    page = "<ul id='waterfall'><li><h3><a href='thread-8-1-1.html'>河</a></h3></li></ul>"
    assert [item.url for item in read("discuz", page, "http://a.test/forum-2-1.html", "list")] == [
        "http://a.test/thread-8-1-1.html"
    ]


def test_a_moved_thread_is_followed_to_where_it_went() -> None:
    page = "<tbody id='normalthread_10'><tr><th><a class='s xst' href='forum.php?mod=viewthread&tid=44&extra='>河</a></th></tr></tbody>"
    assert [item.url for item in read("discuz", f"<table>{page}</table>", "http://a.test/forum-2-1.html", "list")] == [
        "http://a.test/forum.php?mod=viewthread&tid=44"
    ]


def test_the_archivers_board_and_its_pages_are_followed() -> None:
    page = "<base href='http://evil.test/'><div id='content'><ul><li><a href='?tid-7.html'>河</a></li></ul><div class='page'><a href='?fid-2.html&page=2'>2</a><a href='?fid-2.html&page=3'>3</a></div></div>"
    found = read("discuz", page, "http://a.test/archiver/?fid-2.html&page=2", "list")
    assert [(item.role, item.url) for item in found] == [
        ("document", "http://a.test/archiver/?tid-7.html"),
        ("list", "http://a.test/archiver/?fid-2.html&page=3"),
    ]


def test_a_thread_that_is_gone_is_neither_document_nor_locked() -> None:
    assert (
        read("discuz", "<div id='messagetext'><p>抱歉，指定的主题不存在或已被删除或正在被审核</p></div>", THREAD) == []
    )


@pytest.mark.parametrize(
    ("kind", "url", "role"),
    [
        ("discuz", THREAD, "document"),
        ("discuz", "http://a.test/forum-2-1.html", "list"),
        ("discuz", "http://a.test/archiver/?tid-7.html", "document"),
        ("douban", "https://www.douban.com/group/topic/1/", "document"),
        ("douban", "https://www.douban.com/group/x/discussion", "list"),
        ("telegram", "https://t.me/s/x", "list"),
    ],
)
def test_pages_from_archives_are_told_apart_by_their_address(kind: str, url: str, role: str) -> None:
    assert adapter(kind).role_of(url) == role  # type: ignore[attr-defined]


def telegram(inner: str) -> list[Any]:
    page = f"<section class='tgme_channel_history'><div class='tgme_widget_message' data-post='c/1'>{inner}</div></section>"
    return read("telegram", page, "https://t.me/s/c", "list")


def test_a_message_without_words_or_pictures_is_passed_over() -> None:
    assert telegram("<div class='tgme_widget_message_sticker_wrap'></div>") == []


def test_a_poll_is_text_and_a_hidden_forwarder_has_a_name() -> None:
    (found,) = telegram(
        "<span class='tgme_widget_message_forwarded_from_name'>某人</span><div class='tgme_widget_message_poll'><div class='tgme_widget_message_poll_question'>哪条河？</div></div>"
    )
    assert (found.text, found.fields) == ("哪条河？", {"forwarded_from": "某人"})


def test_the_oldest_page_of_a_channel_leads_no_further() -> None:
    page = "<section class='tgme_channel_history'><div class='tme_no_messages_found'>No posts found</div></section>"
    assert read("telegram", page, "https://t.me/s/c?before=1", "list") == []


def test_a_channel_without_preview_is_told() -> None:
    (found,) = read("telegram", "<div class='tgme_page'></div>", "https://t.me/c", "list")
    assert isinstance(found, Locked)


def test_later_pages_of_a_topic_give_comments_with_the_same_parent() -> None:
    page = "<h1>河</h1><ul id='comments'><li data-cid='9'><p class='reply-content'>好</p><span class='pubtime'>2026-11-06 22:01:09</span></li></ul>"
    (found,) = read("douban", page, "https://www.douban.com/group/topic/300/?start=100")
    assert (found.native_id, found.parent, found.kind) == ("comment-9", "300", "comment")


def test_threads_and_topics_in_archives_of_others_are_read_by_their_own_adapters(tmp_path: Path) -> None:
    pages = {
        "http://a.test/forum-2-1.html": "<p>board</p>",
        THREAD: post("河边看见白鹭"),
        "http://a.test/thread-9-1-1.html": post("还有船", 6),
    }
    with (tmp_path / "x.warc.gz").open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for url, body in pages.items():
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(url, "response", payload=BytesIO(body.encode()), http_headers=head)
            )
    store = Store.in_memory()
    forum = Source("s", "河边", "discuz", "p", ("http://a.test/",), Path(), hosts=("a.test",))
    counts, issues = replay(
        store, settings.load(tmp_path, {}), tmp_path / "x.warc.gz", {"s": forum}, AT, store.runs.start("replay", AT)
    )
    assert (counts["read"], counts["new"], issues) == (3, 2, [])
    found = [document for batch in store.documents.unjudged("nobody") for _, _, document in batch]
    assert {(item.native_id, item.text) for item in found} == {("5", "河边看见白鹭"), ("6", "还有船")}
