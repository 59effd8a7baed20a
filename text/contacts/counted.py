"""Zeros of a number that are counted and not written: 177+4个零+3018, 1391648 后面补四个0, 后四位都是0.

Each gives an edit of the folded text: (start, end, what stands there instead, rule).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.contacts.candidate import Edit
from text.contacts.reading import NUMERAL

_POSSIBLE = re.compile(
    r"[个0零](?:(?<=个)连?[着的续]*[零0〇o洞圈]|(?<=[0零])\s?[x×*]\s?[345])|[零〇]{3}|[都全部]是(?:数字)?[0零〇洞]"
)
_D = rf"(?:[0-9o]|{NUMERAL})"
_WITH = r"(?:[^\w\n]|再?[加跟接连]上?|然后|[和是为有补]|后[面头]|中间|接着|最后|末尾|结尾|尾[号数]?|(?:[后末尾]|末尾|最后)[3-8三四五六七八][位个]|再来个?|再|连着|连续|共|数一下|[后末尾][3-8三四五六七八]位)"
_ZEROS = re.compile(
    r"(?P<n>[三四五345])个(?:连着的|连续的)?[零0〇o洞圈]|(?<![0-9]\s)[0零]\s?[x×*]\s?(?P<t>[345])(?!\s[0-9])|(?P<z>[零〇]{3,5})"
    r"|(?:[后末尾]|最后|末尾)(?P<k>[三四五345])[位个](?:数字?)?(?:也?[都全]部?)+是(?:数字)?[0零〇洞]"
)
_HEAD = re.compile(rf"(?<!{_D})(?P<own>{_D}(?:[\s\-,.、]?{_D}){{1,8}})(?P<words>{_WITH}{{0,6}}\n?{_WITH}{{0,4}})$")
_TAIL = re.compile(rf"(?P<words>{_WITH}{{0,6}})(?P<own>{_D}{{2,5}})(?!{_D})")
_AFTER = re.compile(rf"{_D}|\s?[元块万人份个]")
_TIMES = dict(zip("三四五", (3, 4, 5), strict=True))


def find_counted(folded: str) -> Iterator[Edit]:
    """The edits that write counted zeros as digits, between the digits of a number or behind them, at offsets of the folded text.

    What they complete has eleven digits and begins like a mobile number, or is as long as the name of an account.
    """
    if not _POSSIBLE.search(folded):
        return
    for match in _ZEROS.finditer(folded):
        head = _HEAD.search(folded, max(0, match.start() - 40), match.start())
        if head is None:
            continue
        tail = _TAIL.match(folded, match.end())
        own = re.sub(r"[\s\-,.、]", "", head["own"])
        words = head["words"] or (tail and tail["words"])
        zeros = len(match["z"] or "") or _count(match["n"] or match["t"] or match["k"])
        for last in (tail, None) if tail else (None,):
            end = last.end() if last else match.end()
            total = len(own) + zeros + (len(last["own"]) if last else 0)
            mobile = total == 11 and own[0] in "1一幺妖么壹" and len(own) >= 3
            account = bool(words) and 5 <= total <= 10 and (last is not None or len(own) >= 3)
            # zeros that are written out go on in both directions: else the number is whole as it stands
            if _AFTER.match(folded, end) or not (mobile or account) or (match["z"] and not (last and words)):
                continue
            yield head.end("own"), last.start("own") if last else end, "0" * zeros, "told in words"
            break


def _count(numeral: str) -> int:
    return _TIMES.get(numeral) or int(numeral)
