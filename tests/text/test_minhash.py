"""What hashed shingles promise: the same advert re-written is near, another is far, and no run differs from another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from text import minhash
from text.shingles import bare

ADVERT = "香港验血查男女，孕6周就可以，加微信 zq0000001 预约，当天出结果准确率高"
REWRITTEN = "香港验血查男女、孕7周就可以，加微信 zq0000002 预约，当天出结果 准确率高"
KNOWN = [-5411910373175152577, -5072789512937061221]  # stored keys are of use only while this holds; else raise VERSION
texts = st.text(alphabet="香港验血查男女孕周可以预约当天出结果准", max_size=60)


def pieces(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)} if len(text) > 3 else {text} - {""}


def jaccard(one: str, other: str) -> float:
    left, right = pieces(one), pieces(other)
    return len(left & right) / len(left | right) if left | right else 0.0


def sketch(text: str) -> minhash.Sketch:
    return minhash.sketch(minhash.hashes(text))


def test_a_bare_text_does_not_see_spacing_width_script_or_contact() -> None:
    assert bare("香港 验-血，加V：zq0000001") == bare("香港驗血加Ｖzq0000002")


def test_a_short_text_is_one_piece_and_an_empty_one_none() -> None:
    assert len(minhash.hashes("香港")) == len(minhash.hashes("香港人")) == 1
    assert len(minhash.hashes("")) == 0
    assert minhash.similarity(sketch(""), sketch("")) == 0.0


@given(texts)
def test_there_is_a_hash_for_each_distinct_piece(text: str) -> None:
    assert len(minhash.hashes(text)) == len(pieces(text))


@given(texts, texts)
def test_the_similarity_of_sketches_is_that_of_the_pieces(one: str, other: str) -> None:
    value = minhash.similarity(sketch(one), sketch(other))
    assert value == pytest.approx(jaccard(one, other))
    assert value == minhash.similarity(sketch(other), sketch(one))


def test_of_long_texts_the_similarity_is_estimated_closely() -> None:
    draw = np.random.default_rng(7)
    one = "".join(map(chr, draw.integers(0x4E00, 0x9000, 4000)))
    other = one[:3000] + "".join(map(chr, draw.integers(0x4E00, 0x9000, 1000)))
    assert len(sketch(one)) == minhash.SKETCH
    assert minhash.similarity(sketch(one), sketch(other)) == pytest.approx(jaccard(one, other), abs=0.07)
    assert minhash.similarity(sketch(one), sketch(one)) == 1.0


def test_a_signature_is_the_same_alone_and_among_others_and_in_every_run() -> None:
    one, other = minhash.hashes(bare(ADVERT)), minhash.hashes("别的话")
    assert np.array_equal(minhash.signatures([one])[0], minhash.signatures([other, one])[1])
    assert minhash.keys(minhash.signatures([minhash.hashes("香港验血")]))[0][:2].tolist() == KNOWN
    assert minhash.signatures([]).shape == (0, minhash.PERMUTATIONS)


def test_a_rewritten_advert_shares_keys_and_another_text_shares_none() -> None:
    found = [
        set(minhash.keys(minhash.signatures([minhash.hashes(bare(text))]))[0].tolist())
        for text in (ADVERT, REWRITTEN, "今天天气很好，我们去公园玩，晚上还要回来做饭")
    ]
    assert len(found[0]) == minhash.BANDS
    assert found[0] & found[1]
    assert not found[0] & found[2]
    assert minhash.similarity(sketch(bare(ADVERT)), sketch(bare(REWRITTEN))) > 0.7
