"""Times as pages write them, resolved against the capture time and the site's zone; None where that cannot be done."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

_AGO = re.compile(r"(\d+|半)\s*(秒|分钟|分|小时|天|周|个月|月|年)\s*[以之]?前")
_UNITS = {
    "秒": 1,
    "分": 60,
    "分钟": 60,
    "小时": 3600,
    "天": 86_400,
    "周": 604_800,
    "月": 2_592_000,
    "个月": 2_592_000,
    "年": 31_536_000,
}
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DATE = re.compile(
    r"(?<!\d)(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d|\s*[-/.]\s*\d)"
)  # not 10/11/2026: nobody knows which is the month
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z| ?[+-]\d{2}:?\d{2})?")
_WEIBO = re.compile(
    r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d{2}:\d{2}:\d{2} [+-]\d{4} \d{4}"
)  # Sat Dec 23 17:12:54 +0800 2023
_AFTERNOON = re.compile(r"下午|傍晚|晚上|\d ?[pP]\.?[mM]\b")
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
    text = " ".join(raw.replace("\xa0", " ").split())[:200]
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
    if match and not _AFTERNOON.search(text):
        found = datetime.fromisoformat(match[0].replace(" +", "+").replace(" -", "-").replace("Z", "+00:00"))
        return (found if found.tzinfo else found.replace(tzinfo=here)).astimezone(UTC)
    if _WEIBO.fullmatch(text):
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y").astimezone(UTC)
    if re.match(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4}", text):
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return None


def _relative(text: str, now: datetime) -> datetime | None:
    if "刚刚" in text or "刚才" in text:
        return now.astimezone(UTC)
    match = _AGO.search(text)
    if match:
        count = 0.5 if match[1] == "半" else int(match[1])
        return (now - timedelta(seconds=count * _UNITS[match[2]])).astimezone(UTC)
    for word, days in (("今天", 0), ("昨天", 1), ("前天", 2)):
        if word in text:
            return _at_clock(now - timedelta(days=days), text)
    return None


def _dated(text: str, now: datetime) -> datetime | None:
    match = _DATE.search(text)
    if not match:
        return _at_clock(now, text) if _CLOCK.fullmatch(text) else None
    year = int(match[1] or now.year)
    day = now.replace(year=year, month=1, day=1).replace(month=int(match[2]), day=int(match[3]))
    found = _at_clock(day, text[match.end() :])
    if not match[1] and found > now.astimezone(UTC) + timedelta(days=1):
        found = found.replace(year=found.year - 1)  # a date without a year is never in the future
    return found


def _at_clock(day: datetime, text: str) -> datetime:
    match = _CLOCK.search(text)
    hour, minute, second = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if hour < 12 and _AFTERNOON.search(text):
        hour += 12
    return day.replace(hour=hour, minute=minute, second=second, microsecond=0).astimezone(UTC)
