"""Chinese numerals as numbers (四千五 -> 4500) and the signs they are written with."""

from __future__ import annotations

DIGITS = {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2, "俩": 2,
          **{c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
NUMERALS = "".join(sorted({*DIGITS, *_UNITS, "万"}))


def chinese_number(written: str) -> int | None:
    """The value of a Chinese numeral up to the ten-thousands; None where it is none.

    A last digit without its unit counts for the next lower one, as it is spoken: 四千五 is 4500, 一百二 is 120.
    """
    if not written or any(c not in DIGITS and c not in _UNITS and c != "万" for c in written):
        return None
    if "万" in written:
        high, _, low = written.partition("万")
        head, tail = chinese_number(high), chinese_number(low) if low else 0
        if head is None or tail is None:
            return None
        if len(low) == 1 and low in DIGITS and tail:
            tail *= 1000
        return head * 10_000 + tail
    total, digit, unit, zero = 0, -1, 0, False
    for sign in written:
        if sign in _UNITS:
            unit = _UNITS[sign]
            total += max(digit, 0) * unit if digit >= 0 else unit
            digit, zero = -1, False
        elif digit > 0:
            return None  # two digits in a row are an enumeration, not a number
        else:
            digit = DIGITS[sign]
            zero = zero or digit == 0
    if digit > 0:
        total += digit * (unit // 10 if unit >= 100 and not zero else 1)
    return total if total or digit == 0 else None
