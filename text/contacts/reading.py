"""Reading digits and handles as a person would: Chinese numerals, letters for digits, separators, backwards.

All functions take folded text (``text.normalise``) and offsets into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CHINESE = {
    **dict(zip("零〇一二三四五六七八九", "00123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)),
    **dict(zip("幺洞拐勾两俩仨弌弍弎ㄧ", "10792231231", strict=True)),
    **dict(zip("〡〢〣〤〥〦〧〨〩", "123456789", strict=True)),
}
_LETTERS = {"o": "0", "○": "0", "◯": "0", "⭕": "0", "l": "1", "i": "1", "|": "1"}
DIGIT_OF = {**{d: d for d in "0123456789"}, **_CHINESE, **_LETTERS}
DIGIT = "[0-9" + "".join(_CHINESE) + "oli|○◯⭕]"
NUMERAL = "[" + "".join(_CHINESE) + "]"
# what may stand between two digits of one number: no letter, no Chinese character except bare strokes
GAP = r"(?:[^\w|○◯⭕]|[_丶乀乁ヽヾ丿亅乄乂])"
REVERSED = re.compile(
    r"倒着|反着|倒过来|反过来|倒序|逆序|反序|倒写|反写|倒读|从后往前|从后面往前|从右(?:往|到|向)左|从尾到头|[逆倒反][着过]?[读念看打拨]|倒加|反加|颠倒"
)

MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[0-9]{7,8}")
SERVICE = re.compile(r"[48]00[0-9]{7}")
HOTLINES = re.compile(r"1[0-9]{2}|12[0-9]{3}|9[0-9]{4}|100[0-9]{2}|96[0-9]{3,4}|1010[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Run:
    """Digits as they were read from ``folded[start:end]``; ``rules`` name what had to be undone."""

    start: int
    end: int
    digits: str
    rules: tuple[str, ...]


def read_run(folded: str, start: int, end: int) -> Run:
    """The digits of ``folded[start:end]``, which must begin and end with a digit sign."""
    piece = folded[start:end]
    rules = []
    if any(c in _CHINESE for c in piece):
        rules.append("chinese numerals")
    if any(c in _LETTERS for c in piece):
        rules.append("letters for digits")
    digits = "".join(DIGIT_OF[c] for c in piece if c in DIGIT_OF)
    if len(digits) < end - start:
        rules.append("separators")
    return Run(start, end, digits, tuple(rules))


def well_spaced(piece: str) -> bool:
    """Whether the gaps in a run look like one number broken up, and not like a list of numbers.

    One kind of gap, in groups that people use (3-4-4, 4-3-4, pairs, single digits ...), or a gap made of odd signs.
    """
    gaps = re.findall(GAP + "+", piece)
    if not gaps:
        return True
    groups = tuple(len(group) for group in re.split(GAP + "+", piece) if group)
    kinds = {gap.strip() or " " for gap in gaps}
    if groups in (
        (3, 4, 4),
        (4, 3, 4),
        (3, 3, 5),
        (3, 8),
        (7, 4),
        (5, 6),
        (3, 5, 3),
        (4, 4, 3),
        (2, 3, 3, 3),
        (5, 3, 3),
        (6, 5),
    ):
        barred = ";/:%$¥" if not re.search("[0-9]", piece) else ",;:%$¥" if groups == (3, 4, 4) else ",;/:%$¥"
        return not any(set(kind) & set(barred) for kind in kinds)
    if len(kinds) == 1 and max(groups) == 1:  # each digit by itself is no list of numbers
        return not set(next(iter(kinds))) & set(",;%")
    if len(kinds) == 1 and max(groups) <= 2:
        return not set(next(iter(kinds))) & set(",;/:%")
    return all(not kind.isascii() or len(set(kind)) < len(kind) for kind in kinds)


def is_reversed(folded: str, start: int, end: int) -> bool:
    """Whether a note beside ``folded[start:end]`` says that it is written backwards."""
    return bool(REVERSED.search(folded, max(0, start - 20), min(len(folded), end + 16)))


_LINES = re.compile(r"[0-9]{2,8}(?:[ \t]{0,3}\n[ \t]{0,3}[0-9]{2,8}){1,3}(?![0-9a-z_.%元])")


def over_lines(folded: str, at: int) -> Run | None:
    """The number that begins at ``folded[at]`` and goes on over lines that hold nothing but its digits."""
    match = _LINES.match(folded, at)
    if match is None:
        return None
    digits = re.sub(r"\D", "", match.group())
    mobile, closed = (
        bool(MOBILE.fullmatch(digits)),
        re.match(r"[ \t]{0,3}(?:\n|$)", folded[match.end() : match.end() + 4]),
    )
    if not mobile and (not closed or not 8 <= len(digits) <= 11 or (digits[0] == "1" and len(digits) == 11)):
        return None
    return Run(at, match.end(), digits, ("over lines",))


_WIDE = re.compile(
    r"[a-z][a-z0-9]{1,15}(?:\s{0,2}(?P<sign>[_\-])\s{0,2}[a-z0-9]{1,12})(?:\s{0,2}(?P=sign)\s{0,2}[a-z0-9]{1,12}){0,3}(?![a-z0-9_@.])"
)
# the same picture between the signs: zq0🍀mo🍀mo
_SIGNED = re.compile(
    r"[a-z][a-z0-9_]{0,9}(?P<sign>[\u2600-\u27bf\u2b50\U0001f000-\U0001faff]\ufe0f?)[a-z0-9_]{1,10}(?:(?P=sign)[a-z0-9_]{1,10}){0,18}(?![a-z0-9_@.])"
)
_BROKEN = re.compile(
    r"(?P<a>[a-z][a-z0-9]{1,11}[_\-]?)[ \t]{0,2}\n[ \t]{0,2}(?P<b>[_\-]?[a-z0-9][a-z0-9_\-]{1,12})(?![a-z0-9_.@])"
)
_HANDLE = re.compile(rf"[a-z](?:[a-z0-9_\-]|{NUMERAL}(?={NUMERAL}|[0-9a-z_])|(?<={NUMERAL}){NUMERAL}){{2,29}}")
_SPELLED = re.compile(r"[a-z](?P<gap>[ .·*~,_\-/|])(?:[a-z0-9](?P=gap)){1,18}[a-z0-9]{1,12}(?![a-z0-9])")
_JOINT = re.compile(r"[ .·…*~丶]{1,3}([a-z0-9_]{2,16})(?![a-z0-9_.@])")
WORDS = frozenset(
    word
    for line in (Path(__file__).parent / "words.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)


def find_handle(folded: str, at: int) -> tuple[int, str, tuple[str, ...]] | None:
    """The handle that begins at ``folded[at]``: (end, canonical, rules); None where there is none.

    A handle has five to twenty letters, digits, ``_`` or ``-`` and begins with a letter. One that is spelled out (z q 0 t t) or
    broken once (zq0 yun88) is joined.
    """
    spelled = _SPELLED.match(folded, at)
    if spelled and 5 <= sum(c.isalnum() for c in spelled.group()) <= 20 and spelled.group().count(spelled["gap"]) >= 2:
        return spelled.end(), re.sub(r"[^a-z0-9]", "", spelled.group()), ("spelled out",)
    wide = _WIDE.match(folded, at)
    if wide and " " in wide.group():
        joined = re.sub(r"\s", "", wide.group())
        if (
            "\n" not in wide.group()
            and 5 <= len(joined) <= 20
            and ("_" in joined or re.match("[a-z]+[0-9]", joined))
            and looks_made_up(joined)
        ):
            return wide.end(), joined, ("joined",)
    broken = _BROKEN.match(folded, at)
    if broken and (len(broken["a"]) < 6 or broken["a"][-1] in "_-" or broken["b"][0] in "_-"):
        joined = broken["a"] + broken["b"]
        if (
            6 <= len(joined) <= 20
            and looks_made_up(joined)
            and not (
                not re.search("[0-9_]", broken["a"])
                and looks_made_up(broken["b"])
                and len(broken["b"]) >= 6
                and broken["b"][0] not in "_-"
            )
        ):
            return broken.end(), joined, ("over lines",)
    signed = _SIGNED.match(folded, at)
    if signed:
        parts = signed.group().split(signed["sign"])
        joined = "".join(parts)
        if 5 <= len(joined) <= 20 and looks_made_up(joined) and max(map(len, parts[1:])) < 8:
            return signed.end(), joined, ("separators",)
    match = _HANDLE.match(folded, at)
    if match is None or folded[match.end() : match.end() + 1] == "@":
        return None
    end, written = match.end(), match.group()
    rules: list[str] = []
    if len(written) < 6:  # WeChat's shortest: what is shorter was broken
        for joint in _joints(folded, end):
            if looks_made_up(joint.group(1)) and len(joint.group(1)) >= 6 and not re.search("[0-9_]", written):
                return None  # the next is a handle of its own: bot zq0lian
            if len(written) + len(joint.group(1)) <= 20 and joint.group(1) not in WORDS:
                end, written = joint.end(), written + joint.group(1)
                rules = ["joined"]
    stripped = written.rstrip("-_")
    end -= len(written) - len(stripped)
    if any(c in _CHINESE for c in stripped):
        stripped = "".join(_CHINESE.get(c, c) for c in stripped)
        rules.append("chinese numerals")
    if not 5 <= len(stripped) <= 20:
        return None
    return end, stripped, tuple(rules)


def _joints(folded: str, at: int) -> Iterator[re.Match[str]]:
    for _ in range(3):
        joint = _JOINT.match(folded, at)
        if joint is None:
            return
        yield joint
        at = joint.end()


def looks_made_up(handle: str) -> bool:
    """Whether a handle is surely no word: letters with a digit or underscore, and no unit, gene or model number."""
    if handle in WORDS or not re.search(r"[0-9_]", handle):
        return False
    return not re.fullmatch(
        r"(?:\d+[a-z]{1,3}|[a-z]{1,2}\d{1,4}|[a-z]\d{2,3}[a-z]{0,4}|[a-z]{1,3}-\d{1,4}[a-z]{0,2}|(?:isbn|issn|doi|sku|iso|gb|gbt|astm|pmid|nct|chr|nm|np|cas)[-_]?\d[\d\-]*|[a-z]{1,5}[-_]?\d+(?:-\d+)+|[a-z]{1,5}[0-9]+-[a-z]?[0-9]+|[a-z]{2,8}\d+(?:mg|ml|g|u)[a-z]*|(?:brca|hpv|cd|il|p|sars|covid|iphone|mate|win|ios|usb|mp|http)[-_]?\d{1,3}[a-z]?)",
        handle,
    )
