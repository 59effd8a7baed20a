"""Which country code a number of eight digits has that is written without one: the place named nearest decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.types import ContactKind
from text.contacts.candidate import Candidate

_NAMES = "澳门", "macau", "macao", "853", "氹仔", "路环", "新马路"
_MACAU = re.compile("|".join(_NAMES))
_HONG_KONG = re.compile(
    r"香港|港[岛铁]|hong\s?kong|(?<![a-z])hk(?![a-z])|九龙|旺角|尖沙|佐敦|铜锣湾|中环|荃湾|沙田|上水|元朗|屯门"
)
_NEAR = 40


def names_macau(folded: str) -> bool:
    """Whether a folded text names Macau or its code."""
    return any(name in folded for name in _NAMES)


def placed(folded: str, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """``candidates`` with 853 for 852 where Macau is named nearest and the number has no code of its own.

    Macau's numbers begin with 2, 6 or 8 (https://www.itu.int/oth/T0202000081).
    """
    macau = names_macau(folded)
    for c in candidates:
        if macau and c.kind in (ContactKind.PHONE, ContactKind.WHATSAPP, ContactKind.WECHAT) and _is_macau(folded, c):
            own = c.canonical[-8:]
            yield replace(c, canonical="853" + own, rules=(*c.rules, "place"))
        else:
            yield c


def _is_macau(folded: str, c: Candidate) -> bool:
    if not re.fullmatch(r"(?:852)?[268][0-9]{7}", c.canonical):
        return False
    if len(re.sub(r"\D", "", folded[c.start : c.end])) > 8 or (
        len(c.canonical) == 8 and c.kind is not ContactKind.PHONE
    ):
        return False  # its code is written
    before = folded[max(0, c.start - _NEAR) : c.start]
    here, there = _last(_MACAU, before), _last(_HONG_KONG, before)
    if here >= 0 or there >= 0:
        return here > there
    behind = folded[c.end : c.end + 20]
    first, other = _MACAU.search(behind), _HONG_KONG.search(behind)
    if first or other:
        return bool(first) and (other is None or first.start() < other.start())  # type: ignore[union-attr]
    return not _HONG_KONG.search(folded)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((m.start() for m in pattern.finditer(text)), default=-1)
