"""What find_places promises: the provinces and cities that are meant, and not what only looks like them."""

import time

import pytest

from text.places import find_places, province_of, provinces


def names(text: str) -> list[str]:
    return [place.name for place in find_places(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("深圳到香港只要一小时", ["深圳", "香港"]),
        ("浙江省温州市瑞安上门采血", ["浙江", "温州", "瑞安"]),
        ("广东中山的姐妹", ["广东", "中山"]),
        ("全国上门：北京、上海、广州、威海", ["北京", "上海", "广州", "威海"]),
        ("海南岛旅游", ["海南"]),
        ("香港驗血", ["香港"]),
        ("臺北", ["台北"]),
        ("湖南人", ["湖南"]),
        ("威海市区", ["威海"]),
    ],
)
def test_places_are_found_without_their_suffix(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    ["吉林中路88号", "南京东路", "上海路", "中山大学", "孙中山先生", "他说河南话", "北海道", "三明治", "每周口服一次", "变成都不行",
     "推广东西", "网上海量", "结合肥胖", "东西安全吗", "太原始了", "朝阳产业", "日照时间", "到大厦门口", "阿里巴巴", "和田玉", "北京路",
     "天台上", "三门功课", "吉林大学第一医院"],
)  # fmt: skip
def test_what_only_looks_like_a_place_is_none(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    "text", ["找她去旺角", "50天去HK抽血", "🇭🇰", "赴港验血", "xiang港验血", "香 氵巷", "香.港", "x港"]
)
def test_hong_kong_goes_by_many_names(text: str) -> None:
    assert names(text) == ["香港"]


@pytest.mark.parametrize("text", ["HKD 4500", "HK$300", "hklab.example", "到港口", "港股", "来港元"])
def test_money_hosts_and_harbours_are_not_hong_kong(text: str) -> None:
    assert names(text) == []


def test_a_place_quotes_the_raw_text() -> None:
    text = "去 香.港 看看"
    (place,) = find_places(text)
    assert text[place.start : place.end] == "香.港"


def test_kinds_are_told_apart() -> None:
    assert [place.kind for place in find_places("广东深圳")] == ["province", "city"]


def test_the_table_holds_all_provinces() -> None:
    assert len(set(provinces().values())) == 34


@pytest.mark.parametrize(
    ("city", "province"), [("深圳", "广东"), ("义乌", "浙江"), ("香港", "香港"), ("广东", "广东"), ("巴黎", None)]
)
def test_a_city_has_its_province(city: str, province: str | None) -> None:
    assert province_of(city) == province


def test_long_and_odd_texts_take_no_time() -> None:
    start = time.process_time()
    find_places("香" * 100_000 + "xianggang" * 10_000 + "\ud800" * 1000)
    assert time.process_time() - start < 5
