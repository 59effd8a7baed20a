"""What a page tells in attributes reaches the text, and what is no contact stays out of it."""

from __future__ import annotations

import time

import pytest

from crawler.attributes import linked, spelled_out
from crawler.extract import html_text, main_text, parse, select, value
from text.contacts import find_contacts


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<p>加微信：<a href="weixin://dl/chat?zq0heron">点这里</a>', "加微信：点这里 微信 zq0heron"),
        ('<p>微信<span title="zq0heron">悬停查看</span></p>', "微信悬停查看 zq0heron"),
        ('<p>微信号 <button data-clipboard-text="zq0heron">复制</button></p>', "微信号 zq0heron"),
        ('<p>微信 <input readonly value="zq0heron"></p>', "微信 zq0heron"),
        ('<p><a href="tel:+8613000000000">一键拨号</a></p>', "一键拨号 +8613000000000"),
        ('<p><a href="mailto:zq0@river.example?subject=x">写信</a></p>', "写信 zq0@river.example"),
        ('<p><a href="http://wpa.qq.com/msgrd?v=3&uin=100000000&site=qq">在线咨询</a></p>', "在线咨询 QQ 100000000"),
        ('<p><a href="https://t.me/zq0heron">飞机</a></p>', "飞机 t.me/zq0heron"),
        ('<p>看<img src="a.png" alt="扫码" title="微信 zq0heron"></p>', "看扫码 微信 zq0heron"),
        ("<p>咨询<button>微信 zq0heron</button><textarea>电话 13000000000</textarea></p>", "咨询 微信 zq0heron 电话 13000000000"),
        ('<p><i aria-label="微信号：zq0heron"></i>咨询</p>', "微信号：zq0heron 咨询"),
    ],
)  # fmt: skip
def test_a_contact_in_an_attribute_stands_in_the_text_where_its_element_is(html: str, text: str) -> None:
    assert html_text(html) == text
    assert find_contacts(html_text(html))
    assert "0heron" in main_text(f"<html><body>{html}</body></html>") or "0heron" not in text


@pytest.mark.parametrize(
    "html",
    [
        '<p>电话 <a href="tel:075500000000">0755-0000 0000</a></p>',
        '<p>微信 <b title="zq0heron">zq0heron</b></p>',
        '<p><a href="/a" title="点击复制">看</a></p>',
        '<p><img title="IMG_20261106_2140.jpg" src="a.jpg"></p>',
        '<p><em title="2026-11-6 21:40:43">刚刚</em></p>',
        '<p><a title="https://river.example/very/long" href="/x">看</a></p>',
        '<p><input type="hidden" name="formhash" value="abcdef0123"></p>',
        '<p><input type="submit" value="submit"></p>',
        f'<p title="{"a1b2c3" * 100}">长</p>',
    ],
)
def test_what_the_text_says_already_and_what_is_no_contact_adds_nothing(html: str) -> None:
    assert spelled_out(html) is html


def test_names_and_times_are_read_without_attributes() -> None:
    body = parse('<body><a class="by" title="微信 zq0heron">甲</a></body>').body
    assert value(body, ".by") == "甲"


@pytest.mark.parametrize(
    ("href", "found"),
    [
        ("tel:119", ""), ("sms:13000000000?body=x", "13000000000"), ("mailto:nobody", ""), ("javascript:void(0)", ""), ("http://[oops", ""), ("", ""),
        ("mqqwpa://im/chat?chat_type=wpa&uin=100000000", "QQ 100000000"), ("tencent://message/?uin=100000000", "QQ 100000000"),
        ("tg://resolve?domain=zq0heron", "Telegram @zq0heron"), ("whatsapp://send?phone=85200000000", "WhatsApp 85200000000"),
        ("https://api.whatsapp.com/send?phone=85200000000", "WhatsApp 85200000000"), ("https://wa.me/85200000000", "wa.me/85200000000"),
        ("line://ti/p/~zq0heron", "line.me/ti/p/~zq0heron"), ("skype:zq0heron?chat", "skype zq0heron"), ("https://t.me/share/url?url=x", ""),
        ("https://river.example/a", ""), ("weixin://", ""),
    ],
)  # fmt: skip
def test_a_link_is_a_contact_when_it_dials_one(href: str, found: str) -> None:
    assert linked(href) == found


@pytest.mark.parametrize(
    "html",
    ['<div title="zq0abc">' * 50_000, '<p><a href="tel:13000000000" title="zq0a{}">x</a></p>' * 5_000, '<input value="abcde' + "e" * 500_000],
    ids=["nested", "many", "one of half a megabyte"],
)  # fmt: skip
def test_hostile_attributes_cost_little(html: str) -> None:
    begun = time.process_time()
    html_text(html)
    assert time.process_time() - begun < 5


def test_many_elements_are_found_in_time_that_grows_with_their_number() -> None:
    """Iterating the list that resiliparse gives takes a walk from the root for each step: 20,000 elements took minutes."""
    tree = parse("<body>" + "<p><a class=t href=/x>x</a></p>" * 15_000 + "</body>")
    begun = time.process_time()
    assert len(select(tree.body, "a.t")) == 15_000
    assert time.process_time() - begun < 3


def test_lone_surrogates_do_not_stop_the_reading() -> None:
    assert html_text('<p title="zq0abcd\ud800">x') == "x\nzq0abcd\ufffd"
