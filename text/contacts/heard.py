"""Numbers written by their sound or in words: 衣三八..., yao san ba ..., one three eight ... four zeros, 四个零, 二十六; and look-alike letters (I38OOOO6721).

Only whole mainland mobile numbers are read so: eleven such signs in a row that begin like one are no accident.
"""

from __future__ import annotations

import re

from text.contacts.reading import DIGIT_OF, MOBILE, Run

_SOUNDS = {
    "0": "灵铃玲林凌另岭令领陵龄拎", "1": "衣伊医依亿腰妖夭么", "2": "尔儿耳饵", "3": "散伞山", "4": "思丝死寺司撕似", "5": "舞午吴无武务乌",
    "6": "溜柳刘流留遛", "7": "漆妻欺期奇骑其起气", "8": "吧巴爸叭霸扒疤", "9": "久酒旧舅究救狗",
}  # fmt: skip
_WORDS = {
    **dict(zip(["ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu"], "0123456789", strict=True)),
    **dict(zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], "0123456789", strict=True)),
    "dong": "0", "yao": "1", "liang": "2", "guai": "7", "gou": "9", "oh": "0",
}  # fmt: skip
_ALIKE = {"z": "2", "s": "5", "b": "8", "g": "9", "q": "9", "з": "3", "d": "0", "○": "0"}
SOUNDS = "".join((*DIGIT_OF, *_SOUNDS.values())).replace("|", "")  # what a number may be written with, sign by sign
_VALUE = {**DIGIT_OF, **_ALIKE, **_WORDS, **{c: d for d, chars in _SOUNDS.items() for c in chars}}
_TIMES = {"双": 2, "两": 2, "俩": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, **{str(n): n for n in range(2, 7)}}
_MANY = {"double": 2, "triple": 3, **dict(zip(["two", "three", "four", "five", "six"], range(2, 7), strict=True))}
_ENGLISH = "zero|one|two|three|four|five|six|seven|eight|nine|oh"
_COUNTED = (
    r"[两俩二三四五六2-6]个连?[0-9零〇o洞圈幺一二三四五六七八九]|双[0-9零一二三四五六七八九]"
    rf"|(?:double|triple)\s(?:{_ENGLISH})|(?:two|three|four|five|six)\s(?:zero|oh)e?s(?![a-z])"
)
_TENS = r"[二三四五六七八九]十[一二三四五六七八九]?|十[一二三四五六七八九]"  # a number that is dictated by twos: 二十六、五十九
_SIGN = "|".join(
    (
        _COUNTED,
        _TENS,
        *sorted(_WORDS, key=len, reverse=True),
        "[" + "".join(c for c in _VALUE if len(c) == 1 and c != "|") + "]",
    )
)
_ONE = "[1一壹幺衣伊医依亿腰妖li]|(?<![什怎这那多要])么|yao|yi|one"
_GAP = r"[\s\-.,、，·]{0,2}"
# what is said between the groups; it holds none of the signs
_FILLER = (
    r"(?:(?:后面|后头|最后|末尾|结尾|接着|然后|还有|中间|再来?|加上?|跟)(?:[是加跟接补]|再加?)?[\s\-.,、，·]{0,2})?"
)
_NUMBER = re.compile(rf"(?:{_ONE})(?:{_GAP}{_FILLER}(?:{_SIGN})){{5,10}}(?![0-9a-z])")
_ALONE = re.compile(r"(?<![0-9a-z])(?<![a-z]-)" + _NUMBER.pattern)
_DICTATED = re.compile("手机|电话|号|[打拨联]|[薇微v]|tel|phone|call|[📞☎📱]")
_PLAIN = re.compile(r"[0-9]")
_SPLIT = re.compile(_SIGN)


def heard_number(folded: str, at: int) -> Run | None:
    """The mobile number that begins at ``folded[at]`` and is written at least in part by sound, in words or in look-alike letters."""
    match = _NUMBER.match(folded, at)
    return _read(match) if match else None


def heard_numbers(folded: str) -> list[Run]:
    """All such numbers in a folded text; one with tens in it (二十六) only where words in front call it a number."""
    return [
        run
        for match in _ALONE.finditer(folded)
        if (run := _read(match))
        and ("十" not in match.group() or _DICTATED.search(folded, max(0, run.start - 16), run.start))
    ]


def _read(match: re.Match[str]) -> Run | None:
    digits = rules = ""
    end = match.end()
    for found in _SPLIT.finditer(match.string, match.start(), match.end()):
        if len(digits) >= 11 and found.start() > end:
            break  # what follows a gap is the next word: …6721，六周
        sign, end = found.group(), found.end()
        if len(sign) > 1 and sign not in _WORDS:
            digits += _spoken(sign)
            rules = rules or "told in words"
            continue
        digits += _VALUE[sign]
        if sign in _WORDS:
            rules = "told in words"
        elif sign not in DIGIT_OF:
            rules = rules or ("letters for digits" if sign in _ALIKE else "homophones")
        elif sign in "oli○":
            rules = rules or "letters for digits"
    if not rules or not MOBILE.fullmatch(digits):
        return None
    if rules == "letters for digits" and len(_PLAIN.findall(match.group())) < 3:
        return None
    return Run(match.start(), end, digits, (rules,))


def _spoken(sign: str) -> str:
    """The digits of a sign of several: counted ones (四个零, four zeros, double two) and tens (二十六, 十八)."""
    if "十" in sign:
        return (_VALUE[sign[0]] if sign[0] != "十" else "1") + (_VALUE[sign[-1]] if sign[-1] != "十" else "0")
    many, _, word = sign.partition(" ")
    if word:
        return (_VALUE.get(word) or "0") * _MANY[many]
    return (_VALUE.get(sign[-1]) or "0") * _TIMES[sign[0]]
