"""What QR and bar codes say, as contact points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.contacts.coded import find_coded

SAID = {
    "https://u.wechat.com/zq0EKabcDEF0000": ("wechat", "u.wechat.com/zq0EKabcDEF0000"),
    "HTTP://WEIXIN.QQ.COM/r/zq0aBcD0000": ("wechat", "weixin.qq.com/r/zq0aBcD0000"),
    "https://weixin.qq.com/g/zq0group0000": ("wechat", "weixin.qq.com/g/zq0group0000"),
    "wxp://f2f0zq0000payme": ("wechat", "wxp://f2f0zq0000payme"),
    "https://qm.qq.com/q/zq0AbCd0000": ("qq", "qm.qq.com/q/zq0AbCd0000"),
    "https://qm.qq.com/cgi-bin/qm/qr?k=zq0AbC0000&jump_from=webapi": ("qq", "qm.qq.com/cgi-bin/qm/qr?k=zq0AbC0000&jump_from=webapi"),
    "mqqapi://card/show_pslcard?src_type=internal&uin=310000220&card_type=group": ("qq", "310000220"),
    "tel:138-0000-7716": ("phone", "13800007716"),
    "TEL:+8613800007716": ("phone", "13800007716"),
    "SMSTO:13800007716:你好": ("phone", "13800007716"),
    "BEGIN:VCARD N:港姐 TEL;TYPE=CELL:13800007716 END:VCARD": ("phone", "13800007716"),
    "MECARD:N:li;TEL:13800007716;;": ("phone", "13800007716"),
    "https://t.me/zq0route": ("telegram", "zq0route"),
    "https://wa.me/85200000123": ("whatsapp", "85200000123"),
    "https://gangjian-zq0.example/y/AbC": ("url", "gangjian-zq0.example/y/AbC"),
    "加微信 gangjian_zq012": ("wechat", "gangjian_zq012"),
}  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_a_code_gives_the_contact_it_holds_with_its_provenance(said: str) -> None:
    points = find_coded(said)
    assert SAID[said] in {(str(point.kind), point.canonical) for point in points}
    for point in points:
        assert (point.field, point.rules[0]) == ("qr", "qr")
        assert said[point.start : point.end] == point.raw


@pytest.mark.parametrize(
    "said", ["6901234567892", "WIFI:S:home;T:WPA;P:secret;;", "今天的菜单", "", "https://www.baidu.com"]
)
def test_a_code_that_reaches_nobody_gives_nothing(said: str) -> None:
    assert find_coded(said) == []


def test_places_count_from_the_beginning_of_all_codes() -> None:
    codes = "今天的菜单\nhttps://u.wechat.com/zq0EK0000\ntel:13800007716"
    assert [codes[point.start : point.end] for point in find_coded(codes)] == codes.split("\n")[1:]


@given(st.text(max_size=200))
def test_any_code_gets_an_answer(said: str) -> None:
    for point in find_coded(said):
        assert 0 <= point.start < point.end <= len(said)
