"""Signs that a text tells its reader to put in: 138 0000, 中间那四位是2685; zq0和dan中间有下划线; q后头加个数字0.

Each way gives edits of the folded text: (start, end, what stands there instead, rule). What was told is taken out, so that a label behind
the words names what stands before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.contacts.candidate import Edit
from text.contacts.reading import CHINESE, NUMERAL

_RULE = "told to put in"
_AROUND = 60  # how far before the words the handle may stand
_GAPPED = re.compile("[中码号]|[x*]{2}")
# what is told to stand between two groups: 138 0000, 中间那四位是2685; 138****0000, 星号填2685
_MIDDLE = re.compile(
    r"(?<![0-9])1[3-9][0-9](?P<gap>[^\w\n]{1,6}|_{1,6}|x{3,5})[0-9]{4}(?P<words>[^\w\n]{0,3}(?:中间|当中|星号|x{2,5}|\*{2,5}|打?码)(?:还有|少了?|缺了?|漏了?|填|补|插|加|换成|的|那|是|为|:|处|部分|地方|[四4](?:位|个(?:数字?|号)?)){0,5}\s?(?:(?P<m>[0-9]{4})|[四4]个[零0〇洞])(?:[^\w\n]?[插填补放塞](?:进去|上去?|在?中间|里面))?)(?![0-9元块万])"
)
_SIGNS = {"下划线": "_", "下横线": "_", "横杠": "-", "减号": "-", **CHINESE}
# signs to be put in: a和b中间还有一条下划线; q后头加个数字0
_SIGN = rf"(?:数字|字母|英文)?\s?(?P<sign>下划线|下横线|横杠|减号|_|[0-9]|{NUMERAL}|[a-z])(?![a-z0-9_])"
_MORE = r"(?:还|要|得|再|应该|少了?|漏了?|缺了?){0,2}(?:加|补|插|放|添|有|是)?(?:了|上|入|进)?(?:一?[个条道位根])?"
_INSERTED = re.compile(
    rf"(?<![a-z0-9_])(?P<a>[a-z0-9_]{{1,10}})\s?(?:(?:和|跟|与)\s?(?P<b>[a-z0-9_]{{1,10}})(?:的?(?:当中|中间|之间))|(?P<side>后[面头边]?|之后|前[面头边]?|之前)){_MORE}{_SIGN}"
)
_LINKED = re.compile(
    rf"(?<![a-z0-9_@./\-])[a-z][a-z0-9]{{1,11}}(?P<gap>\s?[和跟与,、]\s?|\s)[a-z0-9]{{2,11}}(?![a-z0-9_@])(?P<words>[^\w\n]{{0,3}}(?:当中|中间|之间){_MORE}(?:用|是)?{_SIGN}(?:[连隔分]开?接?起?来?)?)"
)
_PLACED = "中", "间", "后", "前"
_HANDLE = re.compile(r"(?<![a-z0-9_@./\-])[a-z][a-z0-9_]{3,19}(?![a-z0-9_@])")


def find_inserts(folded: str) -> Iterator[Edit]:
    """The edits that put in what a text tells to, at offsets of the folded text."""
    for match in _MIDDLE.finditer(folded) if _GAPPED.search(folded) else ():
        yield *match.span("gap"), match["m"] or "0000", _RULE
        yield *match.span("words"), " ", _RULE
    if not any(word in folded for word in _PLACED):
        return
    for match in _LINKED.finditer(folded):
        yield *match.span("gap"), _SIGNS.get(match["sign"], match["sign"]), _RULE
        yield *match.span("words"), " ", _RULE
    for match in _INSERTED.finditer(folded):
        yield from _beside_part(folded, match)


def _beside_part(folded: str, told: re.Match[str]) -> Iterator[Edit]:
    """A sign between two parts of the handle that stands before the words, or behind or before one part of it."""
    sign = _SIGNS.get(told["sign"], told["sign"])
    first, second = told["a"], told["b"] or ""
    if (told["side"] or "").startswith(("前", "之前")):
        first, second = "", first
    for handle in _HANDLE.finditer(folded, max(0, told.start() - _AROUND), told.start()):
        if handle.group().count(first + second) == 1 and handle.group() != first + second + sign:
            at = handle.start() + handle.group().index(first + second) + len(first)
            yield at, at, sign, _RULE
            yield *told.span(), " ", _RULE
            return
