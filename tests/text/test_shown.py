from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.shown import defanged, masked, plain, without_contacts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("zq0huang01", "zq••••••01"), ("13800000017", "13•••••••17"), ("zq0ab", "z••••"), ("zq0abc", "zq••bc"), ("ab", "a•"), ("a", "•"), ("", "•"),
    ],
)  # fmt: skip
def test_a_contact_shows_its_ends_and_no_more(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_a_mask_does_not_tell_how_long_a_value_is() -> None:
    assert masked("zq" + "x" * 5000 + "01") == masked("zq" + "x" * 20 + "01")


@given(st.text(max_size=40))
def test_a_mask_never_shows_more_than_four_characters(value: str) -> None:
    assert len(masked(value).replace("•", "")) <= 4


def test_direction_signs_are_seen_not_obeyed() -> None:
    assert plain("a\u202egpj.exe\u2069") == "a⟨U+202E⟩gpj.exe⟨U+2069⟩"


def test_control_signs_become_pictures() -> None:
    assert plain("a\x00b\x1b[2J\x7f") == "a␀b␛[2J␡"


def test_lines_are_joined() -> None:
    assert plain("一\r\n二\u2028三\t四") == "一 二 三 四"


def test_heaped_marks_are_thinned() -> None:
    assert plain("z" + "\u0316" * 300) == "z" + "\u0316" * 2


def test_a_long_text_is_cut_with_a_sign_of_it() -> None:
    assert plain("长" * 5000, 20) == "长" * 19 + "…"


@given(st.text(alphabet=st.characters(), max_size=60), st.integers(1, 30))
def test_what_is_shown_fits_and_can_be_written(text: str, limit: int) -> None:
    shown = plain(text, limit)
    shown.encode("utf-8")
    assert len(shown) <= limit or "⟨" in shown
    assert not any(ord(sign) < 32 for sign in shown)


def test_a_contact_in_a_title_is_masked() -> None:
    assert "zq0liang88" not in without_contacts("过港加薇❤：zq0liang88 细聊")


def test_a_contact_that_is_known_is_masked_wherever_it_stands() -> None:
    assert without_contacts("找ZQ0huang01吧", ["zq0huang01"]) == "找ZQ••••••01吧"


def test_a_known_contact_cut_off_at_the_end_is_masked() -> None:
    assert "zq0hu" not in without_contacts("详情问zq0hu", ["zq0huang01"])


def test_text_without_contacts_stays() -> None:
    assert without_contacts("七周过港一趟") == "七周过港一趟"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("HTTPS://a.b.example/x.html", "hxxpS://a[.]b[.]example/x.html"),
        ("http://a.example/?u=https://c.example", "hxxp://a[.]example/?u=hxxps://c.example"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("data:text/html,<script>", "data[:]text/html,<script>"),
    ],
)
def test_an_address_cannot_be_followed(url: str, shown: str) -> None:
    assert defanged(url) == shown
