"""The quick ways give what the plain ones give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import hashing, material
from classifier.contract import Text
from classifier.models import load
from classifier.raters.stack import Stack
from text.normalise import normalise

ODD = [
    "",
    "a",
    "ni",
    "nihao 2026",
    "寄xie到xianggang",
    "月台 5200元",
    "\ud800x\udfff",
    "ＶＸ：ｚｑ０００００",
    "💉🧬1️⃣2️⃣",
    "xyzzy999",
]


def plain(text: str) -> list[int]:
    return hashing.unit_numbers(normalise(text).merged_pinyin).tolist()


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_sound_alike_by_table_and_syllable_by_syllable(text: str) -> None:
    assert hashing.heard_numbers(normalise(text).merged).tolist() == plain(text)


@given(st.text(max_size=60))
def test_any_text_does(text: str) -> None:
    assert hashing.heard_numbers(normalise(text).merged).tolist() == plain(text)


def test_gold_texts_do() -> None:
    for example in material.training()[::40]:
        assert hashing.heard_numbers(normalise(example.text.text).merged).tolist() == plain(example.text.text)


def test_the_encoder_reads_texts_of_a_batch_as_it_reads_each_alone() -> None:
    stack = load("stack")
    assert isinstance(stack, Stack)
    texts = [Text("香港验血查男女，满七周就行，加薇zq0000"), Text("短"), Text("今天的晚霞真好看，" * 30)]
    encoder, _ = stack.whole
    together = encoder.logits(texts)
    alone = np.concatenate([encoder.logits([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)
