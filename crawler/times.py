"""Times as pages write them, resolved against the capture time and the site's zone; None where that cannot be done.

Simplified and traditional Chinese, English "ago" forms, ISO 8601, RFC 2822 and epochs. What is ambiguous is not guessed:
``10/11/2026`` and ``25-11-06`` stay unresolved, and the raw string is kept by whoever asks.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

_COUNT = r"(\d+|半|[一二两兩三四五六七八九十]+)"
_UNIT = r"(秒钟?|秒鐘|分钟|分鐘|分|个?小时|個?小時|天|日|周|週|星期|个月|個月|月|年)"
_AGO = re.compile(rf"((?:{_COUNT}\s*{_UNIT}\s*)+)[以之]?前")
_PART = re.compile(rf"{_COUNT}\s*{_UNIT}")
_ENGLISH = re.compile(r"\b(\d+|an?|one)\s+(second|minute|min|hour|day|week|month|year)s?\s+ago\b", re.IGNORECASE)
_NUMBERS = {
    "半": 0.5,
    **{sign: float(place) for place, sign in enumerate("一二三四五六七八九", 1)},
    "两": 2.0,
    "兩": 2.0,
}
_SECONDS = {"second": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86_400, "week": 604_800, "month": 2_592_000, "year": 31_536_000}  # fmt: skip
_UNITS = {"秒": "second", "分": "minute", "时": "hour", "時": "hour", "天": "day", "日": "day", "周": "week", "週": "week", "星": "week", "月": "month", "年": "year"}  # fmt: skip
_DAYS = (("今天", 0), ("今日", 0), ("today", 0), ("昨天", 1), ("昨日", 1), ("yesterday", 1), ("大前天", 3), ("前天", 2), ("前日", 2))  # fmt: skip
_WEEKDAY = re.compile(r"(上?)(?:周|週|星期|礼拜|禮拜)([一二三四五六日天])")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?")
# not 10/11/2026 nor 25-11-06: nobody knows which is the month, or the year
_DATE = re.compile(r"(?<!\d)(?<!\d[-/.])(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d|\s*[-/.]\s*\d)")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z| ?[+-]\d{2}:?\d{2})?")
_WEIBO = re.compile(
    r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d{2}:\d{2}:\d{2} [+-]\d{4} \d{4}"
)  # Sat Dec 23 17:12:54 +0800 2023
_AFTERNOON = re.compile(r"下午|傍晚|晚上|晚间|晚間|\d ?[pP]\.?[mM]\b")
_NOON = re.compile(r"中午")  # 中午1:30 is half past one, 中午11:30 is not
_NIGHT = re.compile(r"凌晨|半夜|\d ?[aA]\.?[mM]\b")  # twelve at night is the day's first hour
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


def zone_of(text: str) -> tzinfo:
    """The zone of an offset such as ``+08:00``; UTC for anything else."""
    match = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", text.strip())
    if not match:
        return UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


def resolve(raw: str, at: datetime, zone: str = "+08:00") -> datetime | None:
    """The UTC time that ``raw`` names, seen at ``at``: ISO 8601, RFC 2822, epochs, ``2026-11-6 21:40``, ``3小时前``, ``昨天 12:30``, ``11-06``."""
    text = unicodedata.normalize("NFKC", " ".join(raw.split()))[:200].strip()
    if not text:
        return None
    here = zone_of(zone)
    try:
        return _absolute(text, here) or _relative(text, at.astimezone(here)) or _dated(text, at.astimezone(here))
    except (ValueError, OverflowError):
        return None


def _absolute(text: str, here: tzinfo) -> datetime | None:
    if _EPOCH.fullmatch(text):
        number = int(text)
        return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC)
    match = _ISO.search(text)
    if match and not (_AFTERNOON.search(text) or _NIGHT.search(text) or _NOON.search(text)):
        found = datetime.fromisoformat(match[0].replace(" +", "+").replace(" -", "-").replace("Z", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=here)).astimezone(UTC)
    if _WEIBO.fullmatch(text):
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
    if re.match(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4}", text):
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _relative(text: str, now: datetime) -> datetime | None:
    if re.search(r"刚刚|刚才|剛剛|剛才|\bjust now\b", text, re.IGNORECASE):
        return now.astimezone(UTC)
    match = _AGO.search(text)
    if match and not re.search(r"月\s*\d+\s*日", match[0]):  # 11月10日前 is a date; 1小时30分钟前: every part counts
        seconds = sum(_number(count) * _SECONDS[_unit(unit)] for count, unit in _PART.findall(match[1]))
        return (now - timedelta(seconds=seconds)).astimezone(UTC)
    match = _ENGLISH.search(text)
    if match:
        count = float(match[1]) if match[1].isdigit() else 1.0
        return (now - timedelta(seconds=count * _SECONDS[match[2].lower()])).astimezone(UTC)
    for word, days in _DAYS:
        if word in text.lower():
            return _at_clock(now - timedelta(days=days), text)
    match = _WEEKDAY.search(text)
    if match and not _DATE.search(text):  # the last such day; 上周三 that of the week before this one
        place = "一二三四五六日天".index(match[2]) % 7 if match[2] != "天" else 6
        back = now.weekday() - place
        return _at_clock(now - timedelta(days=back + 7 if match[1] else back % 7), text)
    return None


def _number(text: str) -> float:
    if text.isdigit():
        return float(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _NUMBERS[text] if len(text) == 1 else float("nan")  # 一二: no number
    return (_NUMBERS[tens] if tens else 1.0) * 10 + (_NUMBERS[ones] if ones else 0.0)


def _unit(text: str) -> str:
    sign = text.removesuffix("钟").removesuffix("鐘").lstrip("个個小")
    return _UNITS[sign[:1]]


def _dated(text: str, now: datetime) -> datetime | None:
    match = _DATE.search(text)
    if not match:
        return _at_clock(now, text) if _CLOCK.fullmatch(text) else None
    month, date, rest = int(match[2]), int(match[3]), text[match.end() :]
    if match[1]:
        return _at_clock(now.replace(year=int(match[1]), month=1, day=1).replace(month=month, day=date), rest)
    latest = now.astimezone(UTC) + timedelta(days=1)
    newest = now.year - ("去年" in text)
    # a date without a year is never in the future; 02-29 is not in each year
    for year in range(newest, newest - 9, -1):
        try:
            found = _at_clock(now.replace(year=year, month=1, day=1).replace(month=month, day=date), rest)
        except ValueError:
            if (month, date) == (2, 29):
                continue
            raise
        if found <= latest:
            return found
    return None


def _at_clock(day: datetime, text: str) -> datetime:
    match = _CLOCK.search(text)
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if hour < 12 and (_AFTERNOON.search(text) or (_NOON.search(text) and hour < 4)):
        hour += 12
    elif hour == 12 and _NIGHT.search(text):
        hour = 0
    return day.replace(hour=hour, minute=minute, second=second, microsecond=0).astimezone(UTC)
