"""Contacts in pieces that a sentence says to put together: halves in title and text, 前三位 ..., 后八位 ..., lines to be joined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from core.types import ContactKind
from text.contacts.candidate import Candidate
from text.contacts.handles import WORDS, looks_made_up
from text.contacts.names import IN_NOTE
from text.contacts.reading import LAB_VALUE, MOBILE

_N = "[0-9一二三四五六七八九]"
# what says that digits are a part of a number
_JOIN = re.compile(
    rf"标题|题目|接正文|[前后尾末头中][面边头]?{_N}(?:位|个(?:数字|号)|码|(?![周月天年个]))|尾[号数巴]|开头|结尾|末尾|前[半段部]|后[半段部]|第[一二三123][行段部截句]|[上下]一[行条句]|[上下]半[段截]|中间"
    r"|下?接(?:上|着|下|标|正文)|接(?=\s?[0-9])|连[起在]|连着|拼|凑|合[起在成]|合一|组合|加起来|剩下|号段|一半|两[段半截]|分[两二三]|续上|\+\s?上面"
)
_CHUNK = re.compile(
    r"(?<![0-9a-z_./$¥%*])(?<![0-9],)(?<![0-9a-z]\+)(?<![0-9]\s\+)(?<![0-9]:)(?:[0-9]{4}[ \-][0-9]{4}|1[3-9][0-9]-[0-9]{4}(?!-)|[0-9]{1,9})(?![0-9a-z_%*]|\.[0-9]|,[0-9]{3})"
)
_COUNTS = re.compile(
    r"\s?(?:位|周|元|块|天|点|分|个|次|岁|月|年|日|号楼|万|千|百|岁|w(?![a-z])|kg|mm|cm|ml|%|度|楼|人|家|片|级|折|份|段|行|截|[-~至到]\s?[0-9])"
)
_ORDER = re.compile(r"前|第[一1二2三3]|后|尾|末|[开起]头|[头中]|结尾|第")
_LAST = re.compile(r"[后尾末]|结尾|第[二三23]|剩下")
_FIRST = re.compile(r"前|开头|第[一1]|头")
_ONLY = re.compile(
    rf"(?:{_JOIN.pattern}|[^\w]|[是为就看在里再加的有和与跟这那接打拨]|接着写|写不[下完]了?|[放装]不下了?|没写完|太长了?|正文|末尾|结尾|最后|然后|上面|下面|后面|这里|位|个|数字?|号码?|手机|电话|[段截行部]|{_N}位|自己|一起|起来|上)*"
)
_SUM = re.compile(r"\s?(?:=|等于|[块元])")
_CODE = re.compile(rf"验证码|密码|订单|单号|编号|快递|{LAB_VALUE}|红包|彩票|门牌|车牌|房间")
_WORD = re.compile(r"_?[a-z][a-z0-9_\-]{1,15}|[0-9_\-]{2,9}")
_HALF = re.compile(r"后面再?[加接跟]|[加接]在[一-鿿]{0,3}后|[前上]半|前面|开头|接|连|拼")
_TITLE = re.compile(r"标题|题目")
# 尾号3321,前面是139,中间四个0: three parts in any order
_PART = r"(?:(?P<first{0}>前面?三?位?|号段|开头|头三位)|(?P<last{0}>[尾末]号|[后尾末]四位|结尾|末尾|最后四?位?|后面)|(?P<mid{0}>中间四?位?))的?(?:数字)?[^\w\n]?(?:就?是|为)?[^\w\n]?(?P<p{0}>[0-9]{{3,4}}|[4四]个[0零])(?![0-9周天元个万块岁%.])"
_THREE = re.compile("[^\\w\\n]{1,2}(?:然后|再|加上)?".join(_PART.format(n) for n in (1, 2, 3)))
_LABEL = re.compile(rf"(?:{IN_NOTE[ContactKind.WECHAT].pattern})号?码?的?[^\w\n]{{0,3}}$")
_CALLED = re.compile("手机|电话|号|[联拨打加薇微vq]")
# zq0mei 加上 8866; 前半 zq0mei 后半 _8866
_JOINED = re.compile(
    r"(?<![a-z0-9_])(?P<a>[a-z][a-z0-9_\-]{1,13})[^\w\n]{0,2}(?:再?加上?(?:数字|字母)?|然后(?:是|加)?|[后]半[段截部]?(?:是|:)?|接着?|后面(?:是|加|跟|接)?|下[半一][段截]?(?:是|:)?)[^\w\n]{0,2}(?P<b>[a-z0-9_\-]{2,10})(?![a-z0-9_@.])"
)


def find_pieces(folded: str) -> Iterator[Candidate]:
    """The contacts in a folded text (title, line break, text) whose pieces a sentence says to put together."""
    parts = _JOIN.search(folded)
    if parts or "加" in folded:
        yield from _joined(folded)
    if not parts:
        return
    yield from _mobiles(folded)
    for match in _THREE.finditer(folded) if "中间" in folded else ():
        yield from _three(match)
    yield from _handles(folded)


def _mobiles(folded: str) -> Iterator[Candidate]:
    chunks = [m for m in _CHUNK.finditer(folded) if not _COUNTS.match(folded, m.end())]
    for i in range(len(chunks)):
        for n in (2, 3):
            run = chunks[i : i + n]
            if len(run) < n or sum(map(_length, run)) > 11:
                break
            if sum(map(_length, run)) < 11 or any(b.start() - a.end() > 40 for a, b in pairwise(run)):
                continue
            yield from _together(folded, run)


def _three(match: re.Match[str]) -> Iterator[Candidate]:
    """The mobile number of which beginning, middle and end are told, in whatever order."""
    parts = {}
    for n in "123":
        piece = "0000" if match[f"p{n}"][1] == "个" else match[f"p{n}"]
        parts.update({name: piece for name in ("first", "mid", "last") if match[name + n]})
    digits = "".join(parts.get(name, "") for name in ("first", "mid", "last"))
    near = match.string[max(0, match.start() - 12) : match.end() + 16]
    if MOBILE.fullmatch(digits) and _CALLED.search(near):
        yield Candidate(*match.span(), ContactKind.PHONE, digits, 0.85, ("halves",))
        if _LABEL.search(match.string, max(0, match.start() - 12), match.start()):
            yield Candidate(*match.span(), ContactKind.WECHAT, digits, 0.85, ("halves",))


def _between(folded: str, a: re.Match[str], b: re.Match[str]) -> bool:
    """Whether nothing but words of joining stands between two pieces; a title may say more after its piece."""
    gap = folded[a.end() : b.start()]
    if "\n" in gap and _TITLE.search(folded, a.end()) and "\n" not in folded[: a.end()]:
        gap = gap.partition("\n")[2]
    return bool(_ONLY.fullmatch(gap))


def _length(chunk: re.Match[str]) -> int:
    return sum(c.isdigit() for c in chunk.group())


def _together(folded: str, run: list[re.Match[str]]) -> Iterator[Candidate]:
    start, end = run[0].start(), run[-1].end()
    inside = folded[start:end]
    if not all(_between(folded, a, b) for a, b in pairwise(run)) or _SUM.match(folded, end):
        return
    said = _JOIN.findall(folded, max(0, start - 16), min(len(folded), end + 24))
    if len(set(said)) < len(run) - 1:  # three numbers in a row need more than one word for it
        return
    if _CODE.search(folded, max(0, start - 12), end) or re.search(r"[元块周]", inside):
        return
    parts = [re.sub(r"\D", "", m.group()) for m in run]
    if _LAST.search(folded, max(0, start - 5), start) and not _FIRST.search(folded, max(0, start - 5), end + 12):
        return  # 尾号 1370000 is no beginning
    if _swapped(folded, run):
        parts = [*parts[1:], parts[0]]
    digits = "".join(parts)
    if MOBILE.fullmatch(digits):
        yield Candidate(start, end, ContactKind.PHONE, digits, 0.8, ("halves",))


def _swapped(folded: str, run: list[re.Match[str]]) -> bool:
    """Whether the first piece is told to be the last: 后四位 6721, 前七位 1380000."""
    before = folded[max(0, run[0].start() - 8) : run[0].start()]
    between = folded[run[0].end() : run[1].start()]
    return bool(_LAST.search(before) and _FIRST.search(between) and not _FIRST.search(before))


def _joined(folded: str) -> Iterator[Candidate]:
    """Handles of two parts with a word of joining between them, where WeChat is named near."""
    for match in _JOINED.finditer(folded):
        whole = match["a"] + match["b"]
        part = match["b"] not in WORDS and not _COUNTS.match(folded, match.end())
        if part and 6 <= len(whole) <= 20 and looks_made_up(whole) and _named(folded, match.start(), match.end()):
            yield Candidate(match.start("a"), match.end("b"), ContactKind.WECHAT, whole, 0.95, ("halves",))


def _handles(folded: str) -> Iterator[Candidate]:
    """A handle that begins in the title and goes on in the text, which says so."""
    title, _, text = folded.partition("\n")
    told = _TITLE.search(text)
    if told is None:
        return
    first = list(_WORD.finditer(title))
    second = [m for m in _WORD.finditer(folded, len(title) + 1) if not _COUNTS.match(folded, m.end())]
    if not first or not second or not _named(folded, len(title), min(len(folded), second[0].end() + 20)):
        return
    head, tail = first[-1], second[0]
    whole = head.group() + tail.group()
    if head.group()[0].isalpha() and len(head.group()) >= 3 and 6 <= len(whole) <= 20 and looks_made_up(whole):
        sure = _HALF.search(folded, max(0, told.start() + len(title) - 12), told.end() + len(title) + 12)
        yield Candidate(head.start(), tail.end(), ContactKind.WECHAT, whole, 0.95 if sure else 0.75, ("halves",))


def _named(folded: str, start: int, end: int) -> bool:
    """Whether WeChat is named near."""
    return bool(IN_NOTE[ContactKind.WECHAT].search(folded, max(0, start - 20), min(len(folded), end + 20)))
