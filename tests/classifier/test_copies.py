"""Copies for training: parts of long texts, and adverts inside lawful ones; what is shown stays what it was."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.contract import Text
from classifier.copies import HOSTS, MOSTLY, look, woven
from classifier.finetune import Stock, changed, seen_closely
from classifier.material import Example
from classifier.passages import close_looks

ARTICLE = Text(
    "".join(f"第{week}周产检要空腹，医生会看上一次的报告，再开{week}号单。" for week in range(12, 36)),
    "产检时间表",
    "妇幼保健院 导诊",
)
LAWFUL = Example("m", ARTICLE, "medical_info", False, "w1")
ADVERT = Example("a", Text("六周抽血就知道男女，护士上门，三天出单，想约的留个孕周"), "fetal_sex_test_ad", True, "w2")
SEEDS = st.integers(0, 10_000)


@given(SEEDS)
def test_a_look_is_one_of_the_close_looks_and_keeps_the_label(seed: int) -> None:
    seen = look(LAWFUL, random.Random(seed))
    assert seen.text in close_looks(ARTICLE)
    assert (seen.id, seen.label, seen.flagged) == ("m", "medical_info", False)


def test_a_short_text_has_no_parts() -> None:
    assert look(ADVERT, random.Random(1)) is ADVERT


@given(SEEDS)
def test_a_woven_advert_is_seen_with_its_host_around_it(seed: int) -> None:
    seen = woven(ADVERT, LAWFUL, random.Random(seed))
    shared = max(
        length
        for begin in range(len(ADVERT.text.text))
        for length in range(len(ADVERT.text.text) - begin + 1)
        if ADVERT.text.text[begin : begin + length] in seen.text.text
    )
    assert shared >= MOSTLY * len(ADVERT.text.text)
    assert (seen.text.title, seen.text.site) == (ARTICLE.title, ARTICLE.site)
    assert (seen.id, seen.label, seen.flagged) == ("a", "fetal_sex_test_ad", True)


def test_a_host_of_one_sentence_takes_nothing_in() -> None:
    assert woven(ADVERT, replace(LAWFUL, text=Text("字" * 500)), random.Random(1)) is ADVERT


def test_news_are_no_hosts_because_they_quote_adverts() -> None:
    assert "news_legal" not in HOSTS
    report = replace(LAWFUL, label="news_legal")
    assert Stock.of([LAWFUL, report, ADVERT]).hosts == [LAWFUL]


@pytest.mark.parametrize("example", [LAWFUL, ADVERT], ids=["lawful", "advert"])
def test_what_an_epoch_sees_keeps_its_truth(example: Example) -> None:
    rng = random.Random(3)
    stock = Stock.of([LAWFUL, ADVERT])
    seen = [changed(seen_closely(example, stock, rng), stock, rng) for _ in range(60)]
    assert {(one.id, one.label, one.flagged) for one in seen} == {(example.id, example.label, example.flagged)}
    assert len({len(one.text.text) for one in seen}) > 5
