from __future__ import annotations

import time

import pytest

from crawler.extract import (
    decode,
    html_text,
    links,
    locked,
    main_text,
    parse,
    pictures,
    select,
    site_context,
    tidy,
    value,
)

SIMPLIFIED = '<html><head><meta charset="{}"></head><body><h1>河边</h1><p>今天天气很好，我们去河边走走，看看白鹭。联系微信 zq0heron。</p></body></html>'
TRADITIONAL = '<html><head><meta charset="{}"></head><body><h1>河邊</h1><p>今天天氣很好，我們去河邊走走，看看白鷺。聯絡微信 zq0heron。</p></body></html>'


@pytest.mark.parametrize(
    "told", ["utf-8", "gb2312", "GBK", "big5", "iso-8859-1", "windows-1252", "shift_jis", "no-such", ""]
)
@pytest.mark.parametrize("where", ["header and page", "page"])
@pytest.mark.parametrize(
    ("page", "real"), [(SIMPLIFIED, "gb18030"), (SIMPLIFIED, "utf-8"), (TRADITIONAL, "big5"), (TRADITIONAL, "utf-8")]
)
def test_a_page_is_read_whatever_charset_it_claims(page: str, real: str, told: str, where: str) -> None:
    page = page.format(told)
    html, _ = decode(page.encode(real), f"text/html; charset={told}" if where == "header and page" else "text/html")
    assert html == page


def test_the_hint_of_the_source_goes_before_what_the_site_says() -> None:
    body = SIMPLIFIED.format("big5").encode("gb18030")
    assert decode(body, "text/html; charset=big5", "gb18030") == (SIMPLIFIED.format("big5"), "gb18030")


def test_one_bad_byte_does_not_spoil_the_page() -> None:
    for real in ("gb18030", "utf-8"):
        html, charset = decode(SIMPLIFIED.format(real).encode(real) + b"\x81", f"text/html; charset={real}")
        assert "看看白鹭" in html
        assert charset == real


def test_a_few_chinese_words_in_an_undeclared_gbk_page_are_read() -> None:
    assert "免费" in decode("<html><body><a>免费</a></body></html>".encode("gb18030"))[0]


@pytest.mark.parametrize("codec", ["punycode", "idna", "unicode_escape", "rot13", "hex", "zip"])
def test_a_codec_that_is_no_charset_is_not_used(codec: str) -> None:
    begun = time.process_time()
    html, charset = decode(
        f"<meta charset={codec}>河边".encode() + b"a-" * 100_000 + b"b" * 200_000, f"text/html; charset={codec}"
    )
    assert (html[:40].split(">")[1][:2], charset) == ("河边", "utf-8")
    assert time.process_time() - begun < 2


def test_no_page_grows_beyond_the_ceiling() -> None:
    assert len(decode(b"a" * 4_000_000)[0]) == 3_000_000


def test_text_keeps_each_contact_a_reader_sees() -> None:
    html = """<div>加<b>微信</b>：zq0<span>heron</span><br>电话 <a href="tel:+8613000000000">0755-0000 0000</a>
        <img src="q.png" alt="扫码加 zq0alt"><a href="http://h.test/x">QQ：100000</a><table><tr><td>飞机</td><td>@zq0tg</td></tr></table>
        <ul><li>一</li><li>二</li></ul><svg><text>zq0svg</text></svg></div>"""
    text = html_text(html)
    assert text.splitlines()[0] == "加微信：zq0heron"
    for contact in ("0755-0000 0000", "zq0alt", "100000", "@zq0tg", "zq0svg"):
        assert contact in text


def test_text_leaves_out_what_no_reader_sees() -> None:
    assert html_text("<p>一</p><script>zq0js()</script><style>.zq0css{}</style><!-- zq0comment -->") == "一"


def test_text_has_a_line_for_each_block() -> None:
    assert html_text("<p>一</p><p>二<br>三</p><div>四&nbsp;五</div>") == "一\n二\n三\n四 五"


def test_invisible_characters_are_evidence_and_stay() -> None:
    assert html_text("<p>微\u200b信 zq0\u2060heron</p>") == "微\u200b信 zq0\u2060heron"


def test_tidy_drops_control_characters_and_spare_white_space() -> None:
    assert tidy(" a\x00 \t b \r\n\n c\x07 ") == "a b\nc"


def test_the_main_text_falls_back_to_all_text() -> None:
    assert main_text("<html><body><p>短</p></body></html>") == "短"


def test_value_takes_the_first_element_that_has_one() -> None:
    body = parse('<body class="postid-12"><p></p><p>二</p><time datetime="2026-11-06">昨天</time></body>').body
    assert value(body, "p") == "二"
    assert value(body, "time::attr(datetime)") == "2026-11-06"
    assert value(body, "::attr(class)") == "postid-12"
    assert value(body, "h9") == value(body, "") == value(None, "p") == ""
    assert select(None, "p") == []


def test_a_lazy_picture_lies_where_its_attribute_says() -> None:
    body = parse(
        '<body><img src="none.gif" zoomfile="big.jpg" alt="一"><img data-src="lazy.jpg" src="x.gif"><img src="data:image/gif;base64,x"></body>'
    ).body
    assert [(picture.url, picture.alt) for picture in pictures(body)] == [("big.jpg", "一"), ("lazy.jpg", "")]


def test_links_are_as_written_and_bounded() -> None:
    body = parse("<body>" + '<a href="tel:+8613000000000">x</a><a>y</a><a href="/b">z</a>' * 400 + "</body>").body
    assert links(body)[:2] == ["tel:+8613000000000", "/b"]
    assert len(links(body)) <= 500


def test_the_context_is_the_words_around_a_document() -> None:
    tree = parse(
        "<html><head><title>白鹭 - 河边论坛</title><meta property='og:site_name' content='河边论坛'></head>"
        "<body><nav><a>首页</a><a>孕产</a><a>首页</a></nav><p>正文</p><footer>粤ICP备00000000号</footer></body></html>"
    )
    context = site_context(tree, "http://Bbs.Test:8000/thread-1.html?x=1")
    assert (context.title, context.navigation, context.footer) == ("河边论坛", ("首页", "孕产"), "粤ICP备00000000号")
    assert (context.host, context.path) == ("bbs.test:8000", "/thread-1.html")
    declared = site_context(tree, "http://bbs.test/", ("p", "", "nav"))
    assert (declared.title, declared.footer) == ("正文", "首页孕产首页")


def test_anything_parses() -> None:
    for html in ("", "<", "\x00", "<html><body><p>" * 2_000, "<table><tr><td><table>", "]]>", "<!DOCTYPE"):
        site_context(parse(html), "http://h.test/")


def test_a_password_form_of_wordpress_is_known() -> None:
    assert locked('<form action="/wp-login.php?action=postpass" class="post-password-form" method="post">')
    assert not locked('<form class="search-form">')
