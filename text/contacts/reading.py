"""Reading digits as a person would: Chinese numerals, letters for digits, separators, backwards.

All functions take folded text (``text.normalise``) and offsets into it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CHINESE = {
    **dict(zip("零〇一二三四五六七八九", "00123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)),
    **dict(zip("幺洞拐勾两俩仨弌弍弎ㄧ", "10792231231", strict=True)),
    **dict(zip("〡〢〣〤〥〦〧〨〩", "123456789", strict=True)),
}
_LETTERS = {"o": "0", "○": "0", "◯": "0", "⭕": "0", "l": "1", "i": "1", "|": "1"}
IN_DIGITS = str.maketrans(CHINESE)  # for str.translate: Chinese numerals as digits, all else as it is
DIGIT_OF = {**{d: d for d in "0123456789"}, **CHINESE, **_LETTERS}
DIGIT = "[0-9" + "".join(CHINESE) + "oli|○◯⭕]"
LAB_VALUE = "hcg|孕酮|数值|血值"  # what a number is of that looks like a telephone's and is none
NUMERAL = "[" + "".join(CHINESE) + "]"
# what may stand between two digits of one number: no letter, no Chinese character except bare strokes
GAP = r"(?:[^\w|○◯⭕]|[_丶丨乀乁ヽヾ丿亅乄乂])"
REVERSED = re.compile(
    r"[倒反逆]着|逆过来|倒一下|反一下|[倒反]过来(?![想说讲问也])|[倒反]的(?=[^\w]|$)|镜像|翻转|翻过来|从尾巴?(?:上|开始|往前)?[写念读打输]起?|尾巴?(?:在前|朝前)|从最后一?[位个]?[往向]前|从后[向到]前|最后一?[个位](?:字母|数字|字)?先|反向|倒叙|倒序|逆序|反序|倒写|反写|倒读|从后往前|从后面往前|从右(?:往|到|向)左|从尾到头|[逆倒反][着过]?[读念看打拨]|倒加|反加|颠倒"
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
    if any(c in CHINESE for c in piece):
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
    if any(set(kind) & set("+=") for kind in kinds):  # a sum
        return False
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
        barred = ";/:%$¥" if not re.search("[0-9]", piece) else ";:%$¥" if groups == (3, 4, 4) else ",;/:%$¥"
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


def phone_number(digits: str, hong_kong: bool) -> str | None:
    """The canonical digits of a number that is announced as a phone; None where its length or prefix is that of no phone."""
    if digits.startswith("86") and MOBILE.fullmatch(digits[2:]):
        return digits[2:]
    if MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits) or SERVICE.fullmatch(digits):
        return digits
    if re.fullmatch(r"09[0-9]{8}", digits):  # a mobile of Taiwan: mainland area codes of four digits go with seven more
        return "886" + digits[1:]
    if digits.startswith("852") and len(digits) == 11:
        return digits
    if hong_kong and re.fullmatch(r"[2-9][0-9]{7}", digits):
        return "852" + digits
    if re.fullmatch(r"[2-8][0-9]{6,7}", digits):
        return digits
    return None
