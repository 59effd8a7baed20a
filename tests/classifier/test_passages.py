"""Passages: a long text is read in windows as well as whole, and nothing of it falls between two."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.contract import Text
from classifier.passages import CLOSE, LONG, MOST, MOST_CLOSE, WINDOW, close_looks, columns, passages, strongest

LAWFUL = "产检的日子请按时到院，医生会为您测量血压和体重，并听取胎心。" * 12


def test_a_short_text_has_no_passages() -> None:
    assert passages(Text("香港验血查男女，六周就能做，加我预约")) == []
    assert passages(Text("字" * LONG)) == []


@given(st.text("字。，\n 血", min_size=LONG + 1, max_size=3_000))
def test_the_passages_of_a_text_are_the_text(body: str) -> None:
    joined = "".join(passage.text for passage in passages(Text(body)))
    assert body.startswith(joined)
    assert not body[len(joined) :].strip()


def test_passages_end_where_sentences_end_and_carry_the_words_around_the_text() -> None:
    found = passages(Text(LAWFUL, "产检须知", "市妇幼", "院办", "http://fy.example/1"))
    assert all(passage.text.endswith("。") for passage in found)
    assert all(WINDOW <= len(passage.text) <= 2 * WINDOW for passage in found[:-1])
    assert {(passage.title, passage.site, passage.author) for passage in found} == {("产检须知", "市妇幼", "院办")}


def test_a_text_without_any_sentence_end_is_cut_all_the_same() -> None:
    found = passages(Text("血" * 100_000))
    assert 1 < len(found) <= MOST
    assert max(len(passage.text) for passage in found) <= 2 * WINDOW


def test_the_strongest_passage_stands_beside_a_texts_own_margins() -> None:
    own = np.array([[0.1, -2.0], [0.5, 0.5]])
    inside = np.array([[-1.0, 3.0], [2.0, -4.0]])
    assert strongest(own, np.array([0, 0]), inside, [1]).tolist() == [[0.1, -2.0, 3.0], [0.5, 0.5, 0.5]]
    assert strongest(own, np.array([], dtype=np.int64), np.zeros((0, 2)), [0]).tolist() == [
        [0.1, -2.0, 0.1],
        [0.5, 0.5, 0.5],
    ]


def test_flagging_and_the_flagged_labels_are_told_for_passages() -> None:
    assert columns(("seeker", "fetal_sex_test_ad", "unrelated", "flagged", "topic")) == [1, 3]


@given(st.lists(st.text(alphabet="血样香港，抽", min_size=1, max_size=90), min_size=8, max_size=60))
def test_close_looks_begin_at_sentences_and_leave_no_sentence_out(sentences: list[str]) -> None:
    body = "".join(f"{sentence}。" for sentence in sentences)
    found = [look.text for look in close_looks(Text(body))]
    if len(body) <= LONG:
        assert found == []
    elif len(found) < MOST_CLOSE:
        assert all(any(f"{sentence}。" in look for look in found) for sentence in sentences)
        assert all(len(look) >= CLOSE for look in found[:-1])


def test_close_looks_at_a_text_without_an_end_are_few() -> None:
    assert len(close_looks(Text("血" * 100_000))) == 1
    assert len(close_looks(Text("抽血。" * 30_000))) <= MOST_CLOSE
