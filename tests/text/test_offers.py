"""What the offer readers promise: prices, weeks, accuracy and turnaround as they are said, and no look-alikes."""

import time
from collections import Counter

import pytest

from classifier import gold
from text import offers
from text.normalise import normalise
from text.offers import find_accuracy, find_prices, find_turnaround, find_week


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("4000港币", 4000, "HKD"),
        ("HKD 4,500", 4500, "HKD"),
        ("HK$3000", 3000, "HKD"),
        ("¥4500", 4500, "CNY"),
        ("四千五百元", 4500, "CNY"),
        ("只要四千五", 4500, "CNY"),
        ("4500元", 4500, "CNY"),
        ("价格3k", 3000, "CNY"),
        ("2.98万套餐", 29800, "CNY"),
        ("费用5-20万", 50000, "CNY"),
        ("1500块", 1500, "CNY"),
        ("US$580", 580, "USD"),
        ("三万八全包", 38000, "CNY"),
        ("定金500，余款到付", 500, "CNY"),
        ("含气筒，89元一套", 89, "CNY"),
        ("每单180", 180, "CNY"),
        ("HKD4000-4500", 4000, "HKD"),
        ("港币四千", 4000, "HKD"),
    ],
)
def test_a_price_is_read(text: str, amount: float, currency: str) -> None:
    assert [(price.amount, price.currency) for price in find_prices(text)] == [(amount, currency)]


@pytest.mark.parametrize(
    "text",
    [
        "3000人",
        "2025元旦",
        "一块去",
        "2000年",
        "准确率99%",
        "10万人",
        "4k视频",
        "电话13800001234",
        "7周5天",
        "500公里",
        "几百块都不止",
        "第300期",
        "加2次",
    ],
)
def test_other_numbers_are_no_prices(text: str) -> None:
    assert find_prices(text) == []


def test_a_price_quotes_the_raw_text() -> None:
    text = "套餐：ＨＫ＄４，５００ 起"
    (price,) = find_prices(text)
    assert text[price.start : price.end] == "ＨＫ＄４，５００"


def test_an_amount_without_a_currency_follows_a_text_that_reckons_in_hong_kong_dollars() -> None:
    assert [price.currency for price in find_prices("基础4000港币，加急加900")] == ["HKD", "HKD"]


@pytest.mark.parametrize(
    ("text", "week"),
    [("孕5周可查", 5), ("六周就能验", 6), ("6w查", 6), ("孕7周+", 7), ("怀孕满50天", 7), ("12-22周", 12), ("五六周", 5), ("孕7+2", 7),
     ("满40天", 5), ("八周以内都行", 8), ("6周或7周都可以验", 6)],
)  # fmt: skip
def test_the_earliest_week_of_pregnancy_is_read(text: str, week: int) -> None:
    assert find_week(text) == week


@pytest.mark.parametrize(
    "text",
    [
        "两周后再来",
        "每周三",
        "周末",
        "三周年",
        "产后6周复查",
        "一周内出结果",
        "3周内出报告",
        "保底2w",
        "月入6w",
        "满3天",
        "产后42天",
    ],
)
def test_other_weeks_are_not_weeks_of_pregnancy(text: str) -> None:
    assert find_week(text) is None


@pytest.mark.parametrize(
    ("text", "percent"),
    [("准确率99.8%", 99.8), ("99.9％准", 99.9), ("百分之九十九点八准确", 99.8), ("湿度99%", None), ("打9折", None)],
)
def test_the_promised_accuracy_is_read(text: str, percent: float | None) -> None:
    assert find_accuracy(text) == percent


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("当天出结果", "same day"),
        ("1个工作日出报告", "1 working days"),
        ("3-6天出结果", "3-6 days"),
        ("结果最快48小时", "48 hours"),
        ("今天天气好", None),
    ],
)
def test_the_turnaround_is_read(text: str, said: str | None) -> None:
    assert find_turnaround(text) == said


@pytest.mark.parametrize("piece", ["1", "1,", "一", "一百", "港币", "1-", "百分之", "满", "价格", "3天", "周", " "])
def test_nasty_input_takes_no_time(piece: str) -> None:
    text = piece * (30_000 // len(piece))
    start = time.process_time()
    for read in (find_prices, find_week, find_accuracy, find_turnaround):
        read(text)
    assert time.process_time() - start < 6


def test_what_lets_a_text_be_searched_stands_in_every_match() -> None:
    """Texts without it are not searched: were it not in every match, prices would be lost."""
    searched = Counter[str]()
    for document in gold.read():
        folded = normalise(document.text).folded
        for pattern, needed in offers._NEEDED.items():
            for match in pattern.finditer(folded):
                searched[pattern.pattern] += 1
                assert needed.search(match.group()), (match.group(), needed.pattern)
        for match in offers._WEEK.finditer(folded):
            assert offers._WEEK_UNIT.search(match.group())
        for match in offers._PLUS.finditer(folded):
            assert offers._WEEK_UNIT.search(match.group()) or "孕" in match.group()
    assert len(searched) == len(offers._NEEDED)
