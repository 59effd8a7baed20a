"""Values as exports write them: counts, ids, lists of pictures, times."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from core.types import Picture

_COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([万亿wW千kK]?)\+?")
_TIMES = {"": 1, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_BETWEEN_URLS = re.compile(r"[,;]\s*(?=https?:)")  # addresses themselves may hold commas
SECRETS = {
    "xsec_token",
    "xsec_source",
    "share_token",
    "sec_uid",
    "uid",
    "user_id",
}  # of a session or a person; pages open without


def word(row: Mapping[str, Any], *names: str) -> str:
    """The first of some columns that holds something, as text; 'None' and 'null' hold nothing."""
    for name in names:
        value = row.get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # a sheet's numbers
        text = "" if value is None else str(value).strip()
        if text and text not in ("None", "null", "nan"):
            return text
    return ""


def count(text: str) -> int | None:
    """A count such as ``356``, ``1.2万``, ``10万+`` or ``1,024``; None for anything else."""
    match = _COUNT.fullmatch(text.strip())
    return round(float(match[1].replace(",", "")) * _TIMES[match[2].lower()]) if match else None


def counts(row: Mapping[str, Any], names: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """The counts that a row gives, by our name for them."""
    return {ours: found for ours, theirs in names.items() if (found := count(word(row, *theirs))) is not None}


def creator(row: Mapping[str, Any], *names: str) -> str:
    """Who wrote it, as 16 hex digits: MediaCrawler's ``creator_hash``, or the same made of an older export's user id."""
    given = word(row, "creator_hash")
    if given:
        return given
    id = word(row, *names)
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:16] if id else ""


def pictures(*lists: str) -> tuple[Picture, ...]:
    """The pictures of lists that are joined by commas or semicolons, each once."""
    urls = (url.strip() for listed in lists for url in _BETWEEN_URLS.split(listed))
    return tuple(Picture(url) for url in dict.fromkeys(urls) if url.startswith(("http://", "https://")))


def public_url(url: str) -> str:
    """An address without the parameters that belong to the session or the account it was fetched with."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    query = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name.lower() not in SECRETS
    ]
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def epoch(text: str) -> datetime | None:
    """The time of an epoch in seconds or, beyond 10^11, milliseconds."""
    if not text.isascii() or not text.isdigit() or len(text) > 14:
        return None
    number = int(text)
    return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC) if number else None
