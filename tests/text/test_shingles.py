"""What shingles promise: the same advert re-written is near, another is far."""

import pytest

from text.shingles import bigrams, jaccard, near_pairs, shingles, signature


def test_shingles_do_not_see_spacing_width_or_contact() -> None:
    assert shingles("香港 验-血，加V：zq0000001") == shingles("香港驗血加Ｖzq0000002")


def test_a_short_text_is_its_own_shingle() -> None:
    assert shingles("香港") == {"香港"}
    assert shingles("，。") == set()


def test_a_shingle_has_at_least_one_character() -> None:
    with pytest.raises(ValueError, match="n must be at least 1, found 0"):
        shingles("香港", 0)


def test_bigrams_are_search_terms() -> None:
    assert bigrams("香港验血 DNA 99%，好") == ["香港", "港验", "验血", "dna", "99", "好"]


def test_jaccard_is_the_shared_share() -> None:
    assert jaccard({"a", "b"}, {"b", "c"}) == pytest.approx(1 / 3)
    assert jaccard(set(), set()) == 0.0


def test_a_signature_is_the_same_in_every_run() -> None:
    assert signature(["甲", "乙"]).digest() == signature(["乙", "甲", "甲"]).digest()


def test_near_pairs_finds_the_rewritten_advert() -> None:
    texts = {
        "a": "香港验血查男女，孕6周就可以，加微信 zq0000001 预约，当天出结果准确率高",
        "b": "香港验血查男女、孕7周就可以，加微信 zq0000002 预约，当天出结果 准确率高",
        "c": "今天天气很好，我们去公园玩",
    }
    ((first, second, similarity),) = near_pairs(texts)
    assert (first, second) == ("a", "b")
    assert similarity > 0.7
