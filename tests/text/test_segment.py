"""What segment promises: topic words stay whole, and jieba and rjieba agree."""

import itertools

import pytest

from text.segment import jieba_cut, key_terms, rjieba_cut, segment, word_spans

PROBE = (
    "香港验血查男女，寄血样到香港，孕囊大小要求，港澳通行证办理",
    "支持上门采血送检，当天寄出，加微信预约",
    "非医学需要的胎儿性别鉴定是违法的，请到正规医院产检",
    "孕七周胎芽三毫米可以做无创吗？报告三天出结果",
    "我们小区的孕妈都在讨论生男生女的清宫图准不准",
)


@pytest.mark.parametrize("text", PROBE)
def test_rjieba_and_jieba_cut_alike(text: str) -> None:
    pytest.importorskip("rjieba")
    assert rjieba_cut()(text) == jieba_cut()(text)


def test_topic_words_stay_whole() -> None:
    words = segment("可以寄血港检，看孕囊胎芽，带通行证")
    assert {"寄血", "港检", "孕囊", "胎芽", "通行证"} <= set(words)


def test_white_space_is_no_word() -> None:
    assert segment("你好 \n 世界") == ["你好", "世界"]


def test_word_spans_cover_the_text() -> None:
    text = "香港 验血\ud800，ok"
    spans = word_spans(text)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(spans))


def test_key_terms_name_what_the_texts_share() -> None:
    texts = ["香港验血当天出结果，我们可以安排", "我们这边香港验血，孕囊够大就行", "香港验血要看孕囊"]
    assert key_terms(texts, 2) == ["香港验血", "孕囊"]


def test_key_terms_of_nothing_are_none() -> None:
    assert key_terms([], 3) == []
    assert key_terms(["", " "], 3) == []
