"""Where a number that a label announces ends: a run of digit signs may go on into the next word (…0063,两边; …9600 6周)."""

from __future__ import annotations

import re
from itertools import pairwise

from text.contacts.reading import CHINESE, DIGIT, DIGIT_OF, GAP, MOBILE, Run, read_run

_START = re.compile(rf"(?:\+|[(\[【「<{{]){{0,2}}(?={DIGIT})")
_DIGITS = re.compile(rf"{DIGIT}(?:{GAP}{{0,5}}{DIGIT}){{4,19}}")
_STOP = re.compile(r"[,;!?。，、()\n]|[^\x00-\x7f]")
_COUNTED = re.compile(
    r"(?!\s?(?:[日周月年天][结薪入]|天天|日日|日常|周末|月底|万一|点击|人工|个人)|\s[周][一二三四五六日](?![次回]))\s?(?:元|块|万|人|%|票|次|字|件|年|月|日|天|周|岁|级|楼|点|分|小时|米|mm|kg|个|号(?:楼|文|令|公告|线)|[至到-]\s?[0-9]|w(?![a-z]))"
)
_LEGEND = re.compile(r"[\s,;:。(].\s?=")  # ...2Ol,O=0: the next word says how to read
_MASKED = re.compile(r"[*×#＊]{2}")
_NOT_IN = re.compile(r"[%$¥€£]")
_WHOLE = re.compile(
    r"(?:(?:00)?86)?1[3-9][0-9]{9}|(?:00)?85[23][2-9][0-9]{7}|[48]00[0-9]{7}|0(?:10|2[0-9]|[3-9][0-9]{2})[0-9]{7,8}"
)
_HONG_KONG = re.compile(r"[2-9][0-9]{7}")
# what goes on in a number with idle words in it; no counts, no words of choice and no numerals
_STREWN = re.compile(
    r"(?:(?![元块万千百十周月天年日号时岁点楼层个次人份位张件斤米度期型第或和跟与及到至约共前后中首尾末加减])"
    rf"(?!{DIGIT})[一-鿿]){{1,2}}(?P<digits>[0-9]{{1,8}})"
)
_FIRST = re.compile(r"1(?:[3-9][0-9]{0,7})?(?=[一-鿿])")
_LENGTH = 11


def announced_run(folded: str, at: int, *, eight: bool) -> Run | None:
    """The number that a label in front of ``folded[at]`` announces; None where no five digits stand there.

    With ``eight`` a number of eight digits is whole (Hong Kong). Country code, one kind of sign between the digits and Chinese
    numerals are read on; a digit of the next word is left to it. A masked number (138****6721) is none.
    """
    start = _START.match(folded, at)
    match = _DIGITS.match(folded, start.end()) if start else None
    if match is None:
        return None
    begin = match.start()
    places = [i for i in range(begin, match.end()) if folded[i] in DIGIT_OF and not _is_sign(folded, i, begin)]
    while places and folded[places[-1]] in "oli" and folded[places[-1] + 1 : places[-1] + 2].isalpha():
        places.pop()  # a letter of the next word
    legend = next((n for n in range(5, len(places)) if _LEGEND.match(folded, places[n] - 1)), len(places))
    places = places[:legend]
    digits = "".join(DIGIT_OF[folded[i]] for i in places)
    count = _count(folded, places, digits, eight)
    if count < 5:
        return None
    end = places[count - 1] + 1
    piece = folded[begin:end]
    if _NOT_IN.search(piece) or (_MASKED.search(piece) and not _WHOLE.fullmatch(digits[:count])):
        return None
    if re.match(r"[0-9_]", folded[end : end + 1]) or (
        re.match(r"[a-z]", folded[end : end + 1])
        and not _WHOLE.fullmatch(digits[:count])
        and not (count >= 7 and piece.isdigit())
    ):
        return None
    run = read_run(folded, begin, end)
    return Run(begin, end, digits[:count], run.rules)


def strewn_run(folded: str, at: int) -> Run | None:
    """The mobile number that begins at ``folded[at]`` and has idle Chinese words between its digits: 158你1897懂0000的; else None."""
    match = _FIRST.match(folded, at)
    if match is None:
        return None
    start, digits = at, match.group()
    while match and len(digits) < _LENGTH:
        at = match.end()
        match = _STREWN.match(folded, at)
        digits += match["digits"] if match else ""
    if match is None or not MOBILE.fullmatch(digits) or re.match(r"[0-9a-z_]", folded[match.end() : match.end() + 1]):
        return None
    return Run(start, match.end(), digits, ("idle words",))


def _is_sign(folded: str, i: int, begin: int) -> bool:
    """Whether a bar between digits is a separator and no 1."""
    return folded[i] == "|" and i > begin and folded[i - 1].isdigit() and folded[i + 1 : i + 2].isdigit()


def _count(folded: str, places: list[int], digits: str, eight: bool) -> int:
    """How many of the digits belong to the number."""
    total = len(places)
    if _WHOLE.fullmatch(digits):
        return total
    breaks = [i for i in range(5, total) if places[i] > places[i - 1] + 1]  # digits before a gap
    for i in breaks:
        if _WHOLE.fullmatch(digits[:i]):
            return i
    for i in breaks:
        gap = folded[places[i - 1] + 1 : places[i]]
        other = folded[places[i]] in CHINESE and not any(folded[p] in CHINESE for p in places[:i])
        ends = len(gap) > 1 or _STOP.search(gap) or total - i > 4 or _COUNTED.match(folded, places[-1] + 1)
        if (eight and i == 8 and ends and _HONG_KONG.fullmatch(digits[:8])) or other or "\n" in gap:
            return i
        if i >= 7 and (_STOP.search(gap) or total > 11) and gap not in _gaps(folded, places[:i]):
            return i
    last = max((i for i in range(5, total) if places[i] > places[i - 1] + 1), default=0)
    if last and total - last <= 4 and _COUNTED.match(folded, places[-1] + 1):
        return last
    return total


def _gaps(folded: str, places: list[int]) -> set[str]:
    return {folded[a + 1 : b] for a, b in pairwise(places) if b > a + 1}
