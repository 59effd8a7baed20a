from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.reasons import MOST_CHARACTERS, MOST_SPANS, cues, reason, spans
from classifier.views import masked_offsets
from core.types import Span
from text.normalise import normalise

AD = "七周可以过港验血，加微信 zq0gang88 预约。今天天气很好！"


def found(text: str, evidence: float | list[float] = 1.0) -> tuple[Span, ...]:
    normal = normalise(text)
    body, kept = masked_offsets(normal.folded)
    added = (
        np.full(len(body), evidence, dtype=np.float32)
        if isinstance(evidence, float)
        else np.array(evidence, dtype=np.float32)
    )
    return spans(normal, body, added, kept)


def test_spans_are_clauses_in_reading_order() -> None:
    assert [span.quote for span in found(AD)] == ["七周可以过港验血", "加微信 zq0gang88 预约", "今天天气很好"]


def test_a_clause_without_evidence_is_no_span() -> None:
    body, _ = masked_offsets(normalise(AD).folded)
    assert [span.quote for span in found(AD, [1.0 if at < 8 else -1.0 for at in range(len(body))])] == [
        "七周可以过港验血"
    ]
    assert found(AD, -1.0) == ()
    assert found("") == ()
    assert found("，。\n ， ") == ()


def test_the_richest_clauses_are_shown_and_no_more_than_a_reader_takes_in() -> None:
    text = "，".join("验" * (number + 1) for number in range(MOST_SPANS + 4))
    assert [len(span.quote) for span in found(text)] == list(range(5, MOST_SPANS + 5))


def test_of_a_clause_without_an_end_the_richest_window_is_shown() -> None:
    text = "字" * 100 + "验血" * 30 + "字" * 100
    evidence = [1.0 if sign in "验血" else 0.01 for sign in text]
    [span] = found(text, evidence)
    assert (span.start, span.end, span.quote) == (100, 100 + MOST_CHARACTERS, "验血" * 30)


def test_a_span_of_a_text_in_disguise_is_quoted_as_it_stands() -> None:
    text = "  ７週\u200b驗\u200b血 ，看男女 "
    first = found(text)[0]
    assert text[first.start : first.end] == first.quote
    assert first.quote.startswith("７週")


@pytest.mark.parametrize(("folded", "part"), [("加微信预约", "; "), ("今天天气很好", "wording typical of such texts")])
def test_a_reason_says_what_the_words_do(folded: str, part: str) -> None:
    assert part in reason(folded) or reason(folded) in cues().reasons


def test_acts_come_before_topics_and_three_say_enough() -> None:
    known = cues()
    acts = {text for text, act in zip(known.reasons, known.acts, strict=True) if act}
    parts = reason("加微信预约香港验血看男女代理招募寄血样包邮").split("; ")
    assert len(parts) == 3
    assert [part in acts for part in parts] == sorted((part in acts for part in parts), reverse=True)


def test_cues_are_found_through_gaps() -> None:
    assert reason("加 微 信") == reason("加微信") != "wording typical of such texts"


@given(st.text(st.sampled_from("验血男女香港加微信七周，。；\n 0123abz_-\u200b\u202e\x00\ud800①Ａ頭"), max_size=200))
def test_every_span_quotes_its_text_and_none_overlap(text: str) -> None:
    shown = found(text)
    assert len(shown) <= MOST_SPANS
    for span in shown:
        assert text[span.start : span.end] == span.quote
        assert span.reason
    assert all(one.end <= other.start for one, other in pairwise(shown))
