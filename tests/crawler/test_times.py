from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.times import resolve, zone_of

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # twelve o'clock in Beijing


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-11-06T21:40:43Z", "2026-11-06 21:40:43"),
        ("2026-11-06T21:40:43+08:00", "2026-11-06 13:40:43"),
        ("2026-11-06T21:40:43+0800", "2026-11-06 13:40:43"),
        ("2026-11-06 21:40:43 +0800", "2026-11-06 13:40:43"),
        ("2026-11-06T21:40:43.123456789Z", "2026-11-06 21:40:43"),
        ("2026-11-06T21:40:43", "2026-11-06 13:40:43"),
        ("2026-11-06 21:40", "2026-11-06 13:40:00"),
        ("发表于 2026-11-6 21:40:43", "2026-11-06 13:40:43"),
        ("发表于\xa02026-11-6\xa021:40", "2026-11-06 13:40:00"),
        ("2026年11月6日 21:40", "2026-11-06 13:40:00"),
        ("2026.11.6 21:40", "2026-11-06 13:40:00"),
        ("2026/11/6", "2026-11-05 16:00:00"),
        ("2026-11-06 下午 3:20", "2026-11-06 07:20:00"),
        ("2026-11-06 03:20 PM", "2026-11-06 07:20:00"),
        ("11-06", "2026-11-05 16:00:00"),
        ("11月6日", "2026-11-05 16:00:00"),
        ("11-06 09:05", "2026-11-06 01:05:00"),
        ("3小时前", "2026-11-20 01:00:00"),
        ("5 分钟前", "2026-11-20 03:55:00"),
        ("1分钟以前", "2026-11-20 03:59:00"),
        ("半小时前", "2026-11-20 03:30:00"),
        ("2天前", "2026-11-18 04:00:00"),
        ("3周前", "2026-10-30 04:00:00"),
        ("1个月前", "2026-10-21 04:00:00"),
        ("2年前", "2024-11-20 04:00:00"),
        ("刚刚", "2026-11-20 04:00:00"),
        ("昨天 12:30", "2026-11-19 04:30:00"),
        ("前天\xa008:00", "2026-11-18 00:00:00"),
        ("编辑于 昨天 08:01 广东", "2026-11-19 00:01:00"),
        ("今天9:05", "2026-11-20 01:05:00"),
        ("09:15", "2026-11-20 01:15:00"),
        ("Fri, 20 Nov 2026 03:00:00 +0000", "2026-11-20 03:00:00"),
        ("Fri, 20 Nov 2026 03:00:00 GMT", "2026-11-20 03:00:00"),
        ("20 Nov 2026 11:00:00 +0800", "2026-11-20 03:00:00"),
        ("Sat Dec 23 17:12:54 +0800 2023", "2023-12-23 09:12:54"),
        ("1763600000", "2025-11-20 00:53:20"),
        ("1763600000000", "2025-11-20 00:53:20"),
    ],
)
def test_a_time_is_resolved_as_pages_write_it(raw: str, expected: str) -> None:
    found = resolve(raw, NOON)
    assert found is not None
    assert found.tzinfo is UTC
    assert f"{found:%Y-%m-%d %H:%M:%S}" == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "abc",
        "2026-02-30",
        "2026-13-01",
        "20-11-2026",
        "10/11/2026",
        "99999999999999",
        "9999999999999999999天前",
        "2026-11-06 25:00",
    ],
)
def test_what_cannot_be_resolved_is_none_and_no_guess(raw: str) -> None:
    assert resolve(raw, NOON) is None


def test_a_date_without_a_year_is_never_in_the_future() -> None:
    assert resolve("12-30", NOON) == datetime(2025, 12, 29, 16, 0, tzinfo=UTC)


def test_yesterday_is_reckoned_in_the_zone_of_the_site() -> None:
    late = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)  # already the 20th in Beijing
    assert resolve("昨天 12:30", late) == datetime(2026, 11, 19, 4, 30, tzinfo=UTC)
    assert resolve("昨天 12:30", late, "+00:00") == datetime(2026, 11, 18, 12, 30, tzinfo=UTC)


def test_an_offset_that_is_written_wins_over_the_zone_of_the_site() -> None:
    assert resolve("2026-11-06 21:40:43 +0800", NOON, "+00:00") == datetime(2026, 11, 6, 13, 40, 43, tzinfo=UTC)


@pytest.mark.parametrize(("text", "hours"), [("+08:00", 8), ("-0530", -5.5), ("UTC", 0), ("", 0), ("Asia/Shanghai", 0)])
def test_a_zone_is_an_offset_and_anything_else_is_utc(text: str, hours: float) -> None:
    assert zone_of(text).utcoffset(None) == timedelta(hours=hours)


@given(st.text(alphabet="0123456789-/:年月日天前昨今刚半小时分钟 T+Z.PM下午", max_size=30))
def test_no_text_makes_it_fail(raw: str) -> None:
    found = resolve(raw, NOON)
    assert found is None or found.tzinfo is UTC
