"""What normalise promises: the same sign for the same meaning, and offsets that lead back to the raw text."""

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text.normalise import normalise, restore

# surrogates, controls, marks, digits in dress and Chinese, far more often than plain text() would draw them
SIGNS = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=("Cs", "Cf", "Cc", "Mn", "No", "So")),
        st.sampled_from("香港验血孕妇性别寄氵夜月台马佥亻弋(yùn)[]1２③４️⃣ \u200b\u202e\x00-.·❤️🇭🇰㍿㎜…ﬁⅫ[em]e4[/em]"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("香港驗血", "香港验血"),
        ("ＶＸ：１３８", "vx:138"),
        ("①②③", "123"),
        ("1️⃣3️⃣8️⃣", "138"),
        ("𝟏𝟑𝟖", "138"),
        ("⑴⑵⓪", "120"),
        ("❶❷⓿", "120"),
        ("寄\u200b血", "寄血"),
        ("性\u202e别", "性别"),
        ("孕(yùn)妇", "孕妇"),
        ("香港（xiānggǎng）验血", "香港验血"),
        ("nǚ", "nv"),
        ("🇭🇰", "hk"),
        ("🅥🅧", "vx"),
        ("⼥宝", "女宝"),
        ("验\x00血\ud800", "验血"),
    ],
)
def test_signs_that_look_the_same_are_folded_together(raw: str, folded: str) -> None:
    assert normalise(raw).folded == folded


def test_brackets_that_are_no_pinyin_of_what_stands_before_them_stay() -> None:
    assert normalise("香港(beijing)和血(DNA)").folded == "香港(beijing)和血(dna)"


def test_chinese_numerals_are_left_alone() -> None:
    assert normalise("七周，二胎").folded == "七周,二胎"


@pytest.mark.parametrize("raw", ["寄-血", "寄 血", "寄🩸血", "寄.血", "寄丶血", "寄[em]e400745[/em]血", "寄\n血"])
def test_dense_text_has_nothing_between_letters(raw: str) -> None:
    assert normalise(raw).dense == "寄血"


def test_dense_text_keeps_what_stands_between_digits() -> None:
    assert normalise("套餐 2.98 万, 5-20 天").dense == "套餐2.98万5-20天"


def test_a_hit_in_dense_text_quotes_the_raw_text() -> None:
    normal = normalise("可以，寄-🩸-血 吗")
    at = normal.dense.index("寄血")
    start, end = normal.dense_span(at, at + 2)
    assert normal.raw[start:end] == "寄-🩸-血"


def test_a_span_takes_in_the_marks_that_belong_to_its_last_sign() -> None:
    normal = normalise("加1️⃣3️⃣哦")
    assert normal.raw[slice(*normal.raw_span(1, 3))] == "1️⃣3️⃣"


def test_pinyin_and_characters_meet() -> None:
    assert normalise("xiang港 yan xue").pinyin == normalise("香港验血").pinyin == ("xiang", "gang", "yan", "xue")


def test_an_ngram_of_syllables_quotes_the_raw_text() -> None:
    normal = normalise("去xiang-港抽血")
    at = normal.pinyin.index("xiang")
    assert normal.raw[slice(*normal.pinyin_span(at, at + 2))] == "xiang-港"


def test_latin_words_that_are_no_pinyin_stay_whole() -> None:
    assert normalise("vx dna").pinyin == ("vxdna",)


def test_split_characters_are_merged_in_a_view_of_their_own() -> None:
    normal = normalise("氵夜本，月台儿，亻弋孕，马佥血")
    assert normal.merged == "液本胎儿代孕验血"
    at = normal.merged.index("代孕")
    assert normal.raw[slice(*normal.merged_span(at, at + 2))] == "亻弋孕"
    assert "女子" in normalise("女子").dense, "merging alone would break this word"


def test_split_characters_are_heard_as_well() -> None:
    normal = normalise("香氵巷马佥血")
    assert normal.merged_pinyin == ("xiang", "gang", "yan", "xue")
    assert normal.raw[slice(*normal.merged_pinyin_span(0, 2))] == "香氵巷"


def test_restore_reads_naturally() -> None:
    assert restore("孕(yùn)妇驗⾎，亻弋孕①次") == "孕妇验血,代孕1次"


def test_restore_does_not_harm_clean_text() -> None:
    clean = "女子去香港看病,立刻出发。"
    assert restore(clean) == clean


@given(SIGNS)
@settings(max_examples=300, deadline=None)
def test_every_view_maps_into_the_raw_text_in_order(raw: str) -> None:
    normal = normalise(raw)
    for view, offsets in ((normal.folded, normal.map), (normal.dense, normal.dense_map)):
        assert len(offsets) == len(view) + 1
        assert offsets[-1] == len(raw)
        assert all(0 <= a <= b <= len(raw) for a, b in itertools.pairwise(offsets))
    for view, span in (
        (normal.folded, normal.raw_span),
        (normal.dense, normal.dense_span),
        (normal.merged, normal.merged_span),
        (normal.pinyin, normal.pinyin_span),
        (normal.merged_pinyin, normal.merged_pinyin_span),
    ):
        before = 0
        for i in range(len(view)):
            start, end = span(i, i + 1)
            assert 0 <= start < end <= len(raw)
            assert start >= before
            before = start
        assert 0 <= span(0, len(view))[0] <= span(0, len(view))[1] <= len(raw)


@given(st.text(st.characters(codec=None)), st.integers(-5, 80), st.integers(-5, 80))
@settings(max_examples=150, deadline=None)
def test_any_slice_of_any_string_has_a_raw_span(raw: str, start: int, end: int) -> None:
    normal = normalise(raw)
    low, high = normal.raw_span(start, end)
    assert 0 <= low <= high <= len(raw)
    restore(raw)


@pytest.mark.parametrize("piece", ["寄-血", "(", "1 ", " ", "a", "[a", "氵", "\u200d", "孕(yun)", "①️⃣", "\ud800"])
def test_a_megabyte_takes_seconds_at_most(piece: str) -> None:
    raw = piece * (1_000_000 // len(piece))
    start = time.process_time()
    normal = normalise(raw)
    assert normal.dense is not None
    assert len(normal.dense_map) == len(normal.dense) + 1
    assert time.process_time() - start < 5
