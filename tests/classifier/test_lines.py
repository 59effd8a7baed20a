"""Judging JSON lines: any line gets an answer or a message with its number, and answers are true to their text."""

from __future__ import annotations

import functools
import io
import json
import math
import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.contract import Rater
from classifier.lines import BATCH, judge_lines, text_of
from classifier.models import load
from core.labels import labels
from core.settings import SETTINGS
from core.types import ContactKind

AD = "广东福建的姐妹看过来，怀孕七周就可以过港验血知道男女，全包4800元，加微信：zq0gang88 预约，当天出结果。"
FIELDS = {
    "id",
    "label",
    "flagged",
    "score",
    "unsure",
    "labels",
    "spans",
    "contacts",
    "places",
    "prices",
    "week",
    "rater",
}
KINDS = set(ContactKind)


@functools.cache
def rater() -> Rater:
    return load(next(str(item.default) for item in SETTINGS if item.name == "model"))


def judged(*lines: bytes | str | dict[str, Any]) -> tuple[list[dict[str, Any]], list[str], int]:
    """(answers, messages, broken) for some lines, each given as bytes, text or the row itself."""
    out, told = io.BytesIO(), []
    broken = judge_lines(rater(), encoded(lines), out, told.append, lambda _: None)
    return [strict(line) for line in out.getvalue().splitlines()], told, broken


def encoded(lines: Iterable[bytes | str | dict[str, Any]]) -> list[bytes]:
    rows = [json.dumps(line) if isinstance(line, dict) else line for line in lines]
    return [row if isinstance(row, bytes) else row.encode() for row in rows]


def strict(line: bytes) -> Any:
    """A line as a strict reader of JSON takes it: UTF-8, no NaN."""
    return json.loads(line.decode("utf-8"), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def check(answer: dict[str, Any], text: str) -> None:
    """Every field and type of the contract."""
    assert set(answer) == FIELDS
    assert answer["label"] in labels()
    assert answer["flagged"] is labels()[answer["label"]].flagged
    assert type(answer["unsure"]) is bool
    assert 0 <= answer["score"] <= 1
    assert set(answer["labels"]) == set(labels())
    assert all(0 <= value <= 1 for value in answer["labels"].values())
    assert math.isclose(sum(answer["labels"].values()), 1.0, abs_tol=0.01)
    assert answer["rater"].startswith("model:")
    assert answer["week"] is None or (type(answer["week"]) is int and 1 <= answer["week"] <= 45)
    for span in answer["spans"]:
        assert set(span) == {"start", "end", "quote", "reason"}
        assert 0 <= span["start"] < span["end"] <= len(text)
        assert text[span["start"] : span["end"]] == span["quote"]
        assert span["reason"]
    for contact in answer["contacts"]:
        assert contact["kind"] in KINDS
        assert contact["raw"]
        assert contact["canonical"]
    for place in answer["places"]:
        assert place["name"]
        assert place["kind"] in {"province", "city"}
        assert not place["name"].endswith(("省", "市"))
    for price in answer["prices"]:
        assert price["amount"] > 0
        assert len(price["currency"]) == 3


def test_an_advert_is_answered_with_all_that_stands_in_it() -> None:
    [[answer], told, broken] = judged({"id": "x-1", "text": AD})
    check(answer, AD)
    assert (told, broken) == ([], 0)
    assert (answer["id"], answer["flagged"], answer["label"]) == ("x-1", True, "fetal_sex_test_ad")
    assert answer["spans"]
    assert ("wechat", "zq0gang88") in {(contact["kind"], contact["canonical"]) for contact in answer["contacts"]}
    assert {place["name"] for place in answer["places"]} >= {"广东", "福建"}
    assert (answer["prices"], answer["week"]) == ([{"amount": 4800.0, "currency": "CNY"}], 7)


def test_an_everyday_text_is_answered_and_not_flagged() -> None:
    [[answer], _, _] = judged({"text": "婴儿推车九成新，自提，小区门口交接。"})
    check(answer, "婴儿推车九成新，自提，小区门口交接。")
    assert (answer["flagged"], answer["contacts"], answer["prices"], answer["week"]) == (False, [], [], None)


def test_answers_come_in_order_over_several_batches() -> None:
    count = BATCH * 2 + 3
    [answers, _, _] = judged(*({"id": number, "text": f"第{number}条"} for number in range(count)))
    assert [answer["id"] for answer in answers] == list(range(count))


@pytest.mark.parametrize(
    "id", ["a", "", 7, -1, 2.5, True, None, ["a", 1], {"a": {"b": None}}, "\ud800", "\x00", 10**30]
)
def test_an_id_comes_back_as_it_was_given(id: object) -> None:
    [[answer], _, _] = judged({"id": id, "text": ""})
    assert answer["id"] == id
    assert type(answer["id"]) is type(id)


def test_a_line_without_an_id_is_known_by_its_number() -> None:
    [answers, _, _] = judged({"text": "a"}, {"id": "b", "text": "b"}, "", {"text": "c"})
    assert [answer["id"] for answer in answers] == [1, "b", 4]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "expected a JSON object with `text`: "),
        ("not json", "expected a JSON object with `text`: "),
        ('{"text": "a"} {"text": "b"}', "expected a JSON object with `text`: Extra data"),
        ("[]", "expected a JSON object with `text`, found list"),
        ("null", "expected a JSON object with `text`, found NoneType"),
        ('"text"', "expected a JSON object with `text`, found str"),
        ("{}", "expected `text` to be a string, found NoneType"),
        ('{"txt": "a"}', "expected `text` to be a string, found NoneType; keys are txt"),
        ('{"text": 5}', "expected `text` to be a string, found int"),
        ('{"text": null}', "expected `text` to be a string, found NoneType"),
        ('{"text": ["a"]}', "expected `text` to be a string, found list"),
        ('{"text": "a", "title": 5}', "expected `title` to be a string, found int"),
        ('{"text": "a", "url": ["b"]}', "expected `url` to be a string, found list"),
        ('{"text": "a", "id": NaN}', "expected a JSON object with `text`: Out of range"),
        ('{"text": "a", "id": 1e999}', "expected a JSON object with `text`: Out of range"),
        ('{"text": "a", "id": ' + "9" * 5000 + "}", "expected a JSON object with `text`: "),
        (b'{"text": "a\nb"}', "expected a JSON object with `text`: "),
        (b'{"text": "\xff\xfe"}', "expected a JSON object with `text`: 'utf-8' codec"),
        (b'{"text": "\xed\xa0\x80"}', "expected a JSON object with `text`: 'utf-8' codec"),
        ('{"text": "验血"}'.encode("gb18030"), "expected a JSON object with `text`: 'utf-8' codec"),
        ('{"text": "a"}'.encode("utf-16"), "expected a JSON object with `text`: 'utf-8' codec"),
        (b"\x00\x00", "expected a JSON object with `text`: "),
        ("[" * 100_000, "expected a JSON object with `text`: "),
        ('{"text": "a", "id": ' + "[" * 100_000 + "]" * 100_000 + "}", "expected a JSON object with `text`: "),
    ],
)
def test_a_broken_line_is_told_with_its_number_and_the_rest_goes_on(line: str | bytes, told: str) -> None:
    [answers, messages, broken] = judged({"text": "a"}, line, {"text": "c"})
    assert [answer["id"] for answer in answers] == [1, 3]
    assert broken == 1
    [message] = messages
    assert message.startswith(f"line 2: {told}")


@pytest.mark.parametrize("lines", [[], [b""], [b"\n"], [b"  \r\n", b"\n"], [b"\xef\xbb\xbf"], [b"\xef\xbb\xbf\r\n"]])
def test_nothing_is_answered_with_nothing(lines: list[bytes]) -> None:
    assert judged(*lines) == ([], [], 0)


def test_the_mark_that_windows_editors_put_first_and_their_line_ends_do_no_harm() -> None:
    [answers, told, _] = judged(b'\xef\xbb\xbf{"text": "a"}\r\n', b'{"text": "b"}\r\n')
    assert ([answer["id"] for answer in answers], told) == ([1, 2], [])


@pytest.mark.parametrize(
    ("site", "words"),
    [
        ("暖窝论坛 首页", "暖窝论坛 首页"),
        (["暖窝论坛", "首页"], "暖窝论坛 首页"),
        ({"title": "暖窝论坛", "navigation": ["首页", "备孕"], "footer": "页脚"}, "暖窝论坛 首页 备孕 页脚"),
        ([["a"], {"b": [["c"]]}], "a c"),
        (None, ""),
        (5, ""),
        (["a", 5, None, True], "a"),
        ({}, ""),
    ],
)
def test_a_site_is_a_string_a_list_or_a_mapping(site: object, words: str) -> None:
    assert text_of({"text": "", "site": site}).site == words


def test_a_site_nested_as_deep_as_json_allows_is_read() -> None:
    depth = 900
    [answers, told, _] = judged('{"text": "a", "site": ' + "[" * depth + '"b"' + "]" * depth + "}")
    assert (len(answers), told) == (1, [])


def test_empty_and_missing_fields_are_one() -> None:
    [answers, _, _] = judged(
        {"id": 0, "text": AD},
        {"id": 0, "text": AD, "title": None, "url": "", "site": [], "author": None, "venue": None, "more": {"a": 1}},
    )
    assert answers[0] == answers[1]


def test_the_words_around_a_text_are_read() -> None:
    where = {
        "site": {"title": "香港验血中心", "navigation": ["验血流程", "预约"]},
        "url": "http://m.a.example/yanxue/1.html",
    }
    [[bare, there], _, _] = judged({"text": "点击咨询"}, {"text": "点击咨询", **where})
    assert there["score"] > bare["score"]


def test_places_are_read_from_the_title_as_well() -> None:
    [[answer], _, _] = judged({"text": "加我了解", "title": "深圳可以上门"})
    assert {"name": "深圳", "kind": "city"} in answer["places"]


MEGABYTE = 1_000_000
HUGE = {
    "adverts": AD, "letters": "a", "digits": "1", "one character": "血", "spaces": " ", "lines": "\n", "links": "http://a.example/", "at": "a@b.",
    "dots": "a.", "dashes": "1-", "NUL": "\0", "lone surrogates": "\ud800", "right to left": "\u202e血", "invisible": "血\u200b", "prices": "4800元",
    "numerals": "九", "brackets": "(", "labels": "微信：", "combining": "e\u0301", "faces": "👦🏻\u200d", "glosses": "血(xue)", "words": "v x ",
}  # fmt: skip


@pytest.mark.parametrize("piece", HUGE.values(), ids=HUGE)
def test_a_megabyte_of_one_thing_is_answered_in_a_few_seconds(piece: str) -> None:
    text = piece * (MEGABYTE // len(piece))
    rater()
    start = time.process_time()
    [[answer], told, _] = judged(
        {"text": text, "title": text[:50_000], "site": text[:50_000], "author": text[:50_000], "url": text[:50_000]}
    )
    assert time.process_time() - start < 5
    check(answer, text)
    assert told == []


def test_an_advert_at_the_end_of_a_long_text_is_seen() -> None:
    story = "今天带孩子去公园放风筝，回来的路上买了两斤橘子，晚上煮了面条。"
    [[answer, without], _, _] = judged({"text": story * 2000 + AD * 20}, {"text": story * 2000})
    assert answer["score"] > without["score"]


hostile = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from(
            "验血男女香港加微信扣0123456789zq０①一七周元￥$.-_@:/\\，。\n\t \u200b\u200e\u202e\ufeff\x00\ud800🩸"
        ),
    ),
    max_size=300,
)
pieces = st.lists(
    st.one_of(
        hostile,
        st.sampled_from([AD, "七周", "微信", "4800元", "zq0gang88", "QQ：10000", "广东省深圳市", "http://a.example/x"]),
    ),
    max_size=6,
)


@settings(max_examples=150)
@given(pieces.map("".join), hostile, hostile)
def test_any_text_gets_an_answer_that_is_true_to_it(text: str, title: str, site: str) -> None:
    [[answer], told, broken] = judged(
        {"text": text, "title": title, "site": site, "author": title, "url": site, "venue": title}
    )
    assert (told, broken) == ([], 0)
    check(answer, text)


@settings(max_examples=100)
@given(st.lists(pieces.map("".join), max_size=5))
def test_a_text_is_judged_alike_alone_and_among_others(texts: list[str]) -> None:
    [together, _, _] = judged(*({"id": 0, "text": text} for text in texts))
    assert together == [judged({"id": 0, "text": text})[0][0] for text in texts]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "id", "title", "site", "url", "author", "x"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.lists(anything.map(json.dumps).map(str.encode) | st.binary(max_size=60), max_size=4))
def test_any_lines_at_all_are_each_answered_or_told(lines: list[bytes]) -> None:
    lines = [
        part for line in lines for part in line.splitlines(keepends=True)
    ]  # a file's lines hold no line end within
    [answers, told, broken] = judged(*lines)
    assert broken == len(told)
    empty = sum(not line.decode("utf-8-sig", "replace").strip() for line in lines)
    assert len(answers) + broken == len(lines) - empty


def test_without_json_each_answer_is_a_line_for_a_reader() -> None:
    said: list[str] = []
    judge_lines(
        rater(), encoded([{"id": "x", "text": AD}, {"text": "多行\n文字"}, "{"]), None, said.append, said.append
    )
    assert said[0].startswith("line 3: ")
    id, mark, label, score, _ = said[1].split("\t")
    assert (id, mark, label) == ("x", "FLAG", "fetal_sex_test_ad")
    assert 0.5 <= float(score) <= 1.0
    assert said[2].endswith("\t多行 文字")
