from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import views
from classifier.contract import Text
from classifier.views import CHANNELS, HEAD, MARK, TAIL, mask, masked_offsets, normals_of, readable, site_of

# what the mask means, in a form that is plain but takes quadratic time
PLAIN = re.compile(r"[a-z0-9_\-]*\d[a-z0-9_\-]{4,}|[a-z_\-]{2,}[a-z0-9_\-]*\d[a-z0-9_\-]*|\d{5,}")


@pytest.mark.parametrize(
    ("folded", "shown"),
    [
        ("加微信 zq0gang88 预约", f"加微信 {MARK} 预约"),
        ("扣扣10000群", f"扣扣{MARK}群"),
        ("七周4800元", "七周4800元"),
        ("48000元", f"{MARK}元"),
        ("hpv 2026年 b超 nipt", "hpv 2026年 b超 nipt"),
        ("a1 ab1 a1b 1abcd", f"a1 {MARK} a1b {MARK}"),
        ("no-digit_here", "no-digit_here"),
        ("", ""),
    ],
)
def test_what_looks_like_an_id_becomes_one_mark(folded: str, shown: str) -> None:
    assert mask(folded) == shown


@given(st.text("ab1-_2 血.", max_size=30))
def test_the_fast_mask_is_the_plain_one(folded: str) -> None:
    assert mask(folded) == PLAIN.sub(MARK, folded)


@given(st.text("ab1-_2 血.", max_size=60))
def test_each_character_of_the_masked_text_knows_where_it_stood(folded: str) -> None:
    masked, offsets = masked_offsets(folded)
    assert masked == mask(folded)
    assert len(offsets) == len(masked)
    assert offsets == sorted(set(offsets))
    assert all(sign in (MARK, folded[at]) for sign, at in zip(masked, offsets, strict=True))


@pytest.mark.parametrize("run", ["a", "1", "a1", "-", "_a"])
def test_a_run_without_an_end_is_masked_in_linear_time(run: str) -> None:
    start = time.process_time()
    mask(run * 500_000)
    assert time.process_time() - start < 1


def test_of_a_long_text_head_and_tail_are_read() -> None:
    text = "头" * HEAD + "中" * 50_000 + "尾" * TAIL
    assert readable(text) == "头" * HEAD + "尾" * TAIL
    assert readable(text[: HEAD + TAIL]) == text[: HEAD + TAIL]


def test_a_site_is_its_words_without_what_every_address_has_and_without_ids() -> None:
    text = Text("", site="暖窝论坛 首页", author="zq0gang88", url="http://www.nuanwo.example/nannvzaozhi/81234.html")
    assert site_of(text).split() == ["暖窝论坛", "首页", MARK, "nuanwo", f"/nannvzaozhi/{MARK}"]


def test_every_channel_gives_units_for_every_text() -> None:
    texts = [
        Text(""),
        Text("验血"),
        Text("\ud800\x00", "标题", "站", "人", "http://a.example/"),
        Text("a" * 30_000, "b" * 30_000),
    ]
    for channel in CHANNELS:
        assert len(views.units(texts, channel, normals_of(texts))) == len(texts)
