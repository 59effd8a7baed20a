"""Contact points in a text, as they are really hidden: homophone labels, dressed digits, separators, several readings.

``find_contacts`` is the whole interface. A reading of at least 0.5 confidence is one that the program believes; below that it is
kept for a person to see (the literal form of a handle that is said to be written backwards, say).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.types import ContactKind, ContactPoint
from text.contacts.addresses import find_addresses
from text.contacts.candidate import Candidate
from text.contacts.labelled import find_labelled
from text.contacts.numbers import find_numbers
from text.contacts.reading import DIGIT
from text.normalise import Normalised, normalise

__all__ = ["find_contacts"]

MAX_CHARACTERS = 200_000
_SECOND = 0.6  # the confidence of a second reading that is still believed
_CELL = 64
_POSSIBLE = re.compile(
    rf"[a-z][a-z0-9_\-]{{2}}|[0-9]{{5}}|@|点|[a-z0-9]\.[a-z]{{2}}|{DIGIT}(?:\W{{0,5}}{DIGIT}){{3}}|[a-z0-9](?:\W{{1,2}}[a-z0-9]){{4}}"
)


_HONG_KONG = re.compile(r"港|hk|852|九龙|旺角|尖沙|佐敦|铜锣湾|唔|佢|搵|嚟|哋")
_TRADITIONAL = re.compile("[電話為個這們後來開關請聯時間體檢驗報嘅喺咗啲㗎]")


def find_contacts(text: str, title: str = "") -> list[ContactPoint]:
    """The contact points of a document, by field (title first) and position.

    Each has its raw span (code points of the field it stands in), its canonical value, the rules that led to it and a confidence. A
    contact that begins in the title and ends in the text is given where its longer part stands. What lies beyond 200,000
    characters is left out.

    Canonical values: phones in digits (mainland without 86, others with their country code, so 852 for Hong Kong), WeChat,
    Telegram and Line in lower case without ``@``, e-mail in lower case, URLs as host and path without scheme.
    """
    border = len(title) + 1 if title else 0
    whole = f"{title}\n{text}" if title else text
    normal = normalise(whole[:MAX_CHARACTERS])
    if not _POSSIBLE.search(normal.folded):
        return []
    local = bool(_HONG_KONG.search(normal.folded)) or len(_TRADITIONAL.findall(whole[:MAX_CHARACTERS])) >= 3
    candidates = [
        *find_addresses(normal.folded),
        *find_labelled(normal.folded, local),
        *find_numbers(normal.folded, local),
    ]
    points = [_point(candidate, normal, border) for candidate in _settle(candidates)]
    return sorted(points, key=lambda p: (p.field != "title", p.start, -p.confidence))


def _settle(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Of overlapping candidates the best, and other readings of the very same span; of one reading, the best trace."""
    kept: list[Candidate] = []
    cells: dict[int, list[Candidate]] = {}  # kept candidates by where they lie, so that the work stays linear
    for candidate in sorted(_doubt_second_readings(candidates), key=_rank):
        own = range(candidate.start // _CELL, candidate.end // _CELL + 1)
        near = {id(other): other for cell in own for other in cells.get(cell, ())}.values()
        clash = [other for other in near if candidate.start < other.end and other.start < candidate.end]
        if any(other.kind is candidate.kind and other.canonical == candidate.canonical for other in clash):
            continue
        if all(_other_reading(candidate, other) for other in clash):
            kept.append(candidate)
            for cell in own:
                cells.setdefault(cell, []).append(candidate)
    return kept


def _doubt_second_readings(candidates: Sequence[Candidate]) -> list[Candidate]:
    """A mobile number that only a WeChat label announces is a phone with less confidence."""
    announced = {
        (c.start, c.end): c.kind for c in candidates if c.rules[0].startswith("label") and c.confidence > _SECOND
    }
    spoken = {
        (c.start, c.end)
        for c in candidates
        if c.kind is ContactKind.PHONE and c.rules[0].startswith("label") and c.confidence > _SECOND
    }
    return [
        replace(c, confidence=_SECOND)
        if c.kind is ContactKind.PHONE
        and c.confidence > _SECOND
        and announced.get((c.start, c.end)) is ContactKind.WECHAT
        and (c.start, c.end) not in spoken
        else c
        for c in candidates
    ]


def _rank(candidate: Candidate) -> tuple[bool, float, int]:
    # an address holds its parts together: the user of an e-mail is no handle
    own_shape = candidate.kind in (ContactKind.EMAIL, ContactKind.URL) or candidate.rules[0].endswith("link")
    return not own_shape, -candidate.confidence, candidate.start - candidate.end


def _other_reading(candidate: Candidate, other: Candidate) -> bool:
    same_place = candidate.start == other.start and candidate.end == other.end
    dialled = {ContactKind.PHONE, ContactKind.WECHAT, ContactKind.WHATSAPP}
    same_number = candidate.canonical[-8:] == other.canonical[-8:] and {candidate.kind, other.kind} <= dialled
    reversed_reading = same_place and candidate.kind is other.kind and "reversed" in (*candidate.rules, *other.rules)
    return (candidate.kind is not other.kind and same_number) or reversed_reading


def _point(candidate: Candidate, normal: Normalised, border: int) -> ContactPoint:
    start, end = normal.raw_span(candidate.start, candidate.end)
    rules = candidate.rules
    if normal.raw[start:end].lower() != normal.folded[candidate.start : candidate.end]:
        rules = (*rules, "folded signs")
    field = "text" if start >= border else "title"
    if field == "title" and end > border:
        rules = (*rules, "title and text")
        if end - border >= border - 1 - start:
            field, start = "text", border
        else:
            end = border - 1
    raw = normal.raw[start:end]
    canonical = _path_as_written(candidate.canonical, raw) if candidate.kind is ContactKind.URL else candidate.canonical
    shift = border if field == "text" else 0
    return ContactPoint(candidate.kind, raw, canonical, start - shift, end - shift, rules, candidate.confidence, field)


def _path_as_written(canonical: str, raw: str) -> str:
    """The canonical URL with its path in the case of the raw text (hosts do not tell case apart, paths do)."""
    host, slash, path = canonical.partition("/")
    at = raw.lower().find(path) if path else -1
    return host + slash + raw[at : at + len(path)] if at >= 0 else canonical
