"""Pieces that stand apart and belong together: bracketed ones, numbered ones, halves, parts over lines and replies.

Each gives edits of the folded text: (start, end, what stands there instead, rule), so that the label in front reads on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.contacts.candidate import Edit
from text.contacts.reading import NUMERAL
from text.normalise import Normalised

# what each way needs somewhere: cheap to look for, and most texts have none of it
_GOES_ON = re.compile("[接续]|正文")
_LINES = re.compile(r"[a-z0-9_]\n[a-z0-9_]\n")
_ODD_SIGN = re.compile(r"[…~·*.](?:(?<!\.)|\.)")
_HALF = re.compile(r"[上前头第开](?:[半部段截位面头:]|[1-9一二三四五六七])")
# 字母zq数字0再加拼音xiaoyue
_KIND = "(?:[大小]写)?(?:英文)?(?:字母|英文|数字|拼音|阿拉伯数字)"
_KINDS = "字母", "英文", "数字", "拼音"
_THEN = "(?:再|后面)?[加接跟]上?|然后|后面|最后|再|[和是]"
_TOLD_KINDS = re.compile(
    rf"(?=[大小英字数拼阿])(?P<first>{_KIND}(?:就?是|为|:)?\s?['\"]?)(?:[a-z0-9_]|{NUMERAL}){{1,12}}(?P<rest>(?:['\"]?[^\w\n]{{0,2}}(?:(?:{_THEN})*\s?{_KIND}|(?:{_THEN})+\s?|(?<=[、,])(?=[a-z0-9](?![a-z0-9_])))(?:就?是|为|:)?\s?['\"]?(?:[a-z0-9_]|{NUMERAL}){{1,12}}(?:\s[a-z]{{2,6}}(?![a-z0-9_])){{0,3}}){{1,4}})(?![a-z0-9_])"
)
_SIGNS = "线", "underscore", "杠", "减号", "短横"
_TOLD_SIGN = re.compile(
    r"(?<=[a-z0-9])[^\w\n]?(?:(?P<low>下划线|下横线|底线|underscore)|中?横杠|减号|短横)[^\w\n]?(?=[a-z0-9])"
)
# 拆开写:3300/歇一下/00729
_APART = re.compile(
    r"(?<![0-9a-z_./])[0-9a-z_]{2,9}(?P<s>[/|~、·…—\-]{1,3}|\s)[一-鿿]{1,6}(?P=s)[0-9a-z_]{2,9}(?:(?P=s)[一-鿿]{1,6}(?P=s)[0-9a-z_]{2,9}){0,2}(?![0-9a-z_])"
)
_SAID_APART = re.compile(r"拆[开成着]|[分断隔]开|防[删封屏]|拼起?来?|连起?来|合起来")
# 【zq0】【chen】【jie】
_OPEN, _CLOSE = r"[(\[【〔「『{<\"']", r"[)\]】〕」』}>\"']"
_PIECE = r"[a-z0-9_\-]{1,12}"
_BRACKETED = re.compile(rf"{_OPEN}{_PIECE}{_CLOSE}(?:[^\w\n]?{_OPEN}{_PIECE}{_CLOSE}){{1,7}}")
_PLUSSED = re.compile(
    r"(?<![a-z0-9_+\-])(?!(?:vx|wx|tg|qq|weixin|wechat|line|call|tel|telegram|whats?\s?app?|phone|mobile)\s?\+|[a-z]{2,9}\s\+[0-9]{2,3}[\s\-])[a-z][a-z0-9_]{1,9}(?:\s?\+\s?[a-z0-9_]{1,9}){1,4}(?![a-z0-9_+])"
)
# zq0、mei、jie8 连起来; zq0...mei...99
_LISTED = re.compile(
    r"(?<![a-z0-9_])[a-z][a-z0-9_]{1,9}(?:\s?[、,]\s?[a-z0-9_]{1,9}){1,4}(?=[^\w\n]{0,3}(?:[两三四几]段)?[连拼合组][起在成])"
)
_PARTED = re.compile(
    r"(?<![a-z0-9_.@/])[a-z][a-z0-9_]{1,9}(?P<s>\.{2,3}|…+|~|·|\*)[a-z0-9_]{1,9}(?:(?P=s)[a-z0-9_]{1,9}){1,6}(?![a-z0-9_@/])"
)
# a first part that ends a line or the title, and one that is said to go on: 飞机:zq0bl / (接上)ood_hk
_CARRIED = re.compile(
    r"(?<=[a-z0-9_])[^\w\n]{0,2}\n[^\w\n]{0,2}(?:(?:(?:回复|评论|第|楼|回帖)\s?[2-5二三四五两]\s?(?:楼|条|段|层|句|行)?|[2-5二三四五]\s?[楼层])\s?:?\s?)?(?:(?:标题|上面|前面)?[接续](?:着?(?:[上前]一?|第?[1-9一二三四五])[行条句楼段层个]|(?:在|着)?(?:楼上|上面?|标题|题目|正文|前面)(?:的?(?:后[面头边]?|末尾|尾巴))?(?:的?(?:数字|字母|英文|内容|部分|号码|[一-鿿]{0,2}[位段截]))?的?(?:就?是|为)?|着)?|正文接?)[^\w\n]{0,3}(?=[a-z0-9_])"
)
# the same speaker goes on in the next line: 楼主:... 137 26 / 楼主回复:72 0000,齐了
_SPEAKER = r"(?:楼主|作者|博主|up主?|lz|本人|我)"
_RESUMED = re.compile(
    rf"(?<=[a-z0-9_])[^\w\n]{{0,2}}\n{_SPEAKER}[^\w\n]?(?:(?:再|又)?(?:回复?|补充?|追[加评]|续|跟帖|发)[^\n:,。]{{0,8}})?:\s?(?=[a-z0-9_]{{2}})"
)
_IN_PARTS = re.compile(r"分[两二三]?[次段条开]|[两二三]段|齐了|全了|拆[开成]|[拼连合]起|[拼连合]一起|合一|接上|前后")
# a piece of a handle a line, the label perhaps so too, where the text says that it is read downwards
_STACKED = re.compile(r"(?m)^(?:[一-鿿]{1,2}\n){0,3}[a-z0-9_]{1,9}(?:\n[a-z0-9_]{1,9}){1,6}$")
_DOWNWARDS = re.compile("竖[着排向过]?[来着]?[看读念连写]|竖排|从上[往到向]下|上下连|[几两三四五]行(?:字母?)?[连拼合]")
# a sign on each line
_UPRIGHT = re.compile(r"(?m)^[a-z0-9_](?:[ \t]?\n[ \t]?[a-z0-9_]){4,19}(?=[ \t]?(?:\n|$))")
# 1楼:微信186 2楼:0000 3楼:1374
_MARK = r"(?:第?{0}(?:楼|层|段|行|句|截|部分|图|张图?|张|[.、):])|(?:[图段楼]|评论|回复|跟帖){0}|{1})(?:写[着的]?)?(?:就?是|为)?\s?:?\s?"
_TOGETHER = re.compile(r"拼|连起?[来在读]?|合起?[来在]|凑|组合|按(?:顺序|楼|数字|编号)|顺序|加起来|一起")
_BETWEEN = r"[^\w\n]{0,3}\n?"
_NUMBERED = re.compile(
    rf"(?<![0-9a-z])(?P<m1>{_MARK.format('[1一]', '①')})(?P<label>[^0-9\n]{{0,8}}?)(?P<p1>[a-z0-9_]{{2,12}})(?P<g1>{_BETWEEN}(?:{_MARK.format('[2二]', '②')}))(?P<p2>[a-z0-9_]{{2,12}})"
    rf"(?:(?P<g2>{_BETWEEN}(?:{_MARK.format('[3三]', '③')}))(?P<p3>[a-z0-9_]{{2,12}}))?"
)
# 飞机上半:zq0cloud / 下半:_blood; QQ前四位3400,后六位000217
_N = "[0-9一二三四五六七八两]"
_FIRST = rf"(?:(?:[上前]半|前一半|上一半|第[一1]|前|头)(?:[截段部]|部分|位|{_N}个?(?:位|个?字母|个?字|数|个|码))?|开头)"
_SECOND = rf"(?:(?:[下后]半|后一半|下一半|另一半|第[二2]|后面?|末|尾|剩下的?)(?:[截段部]|部分|位|{_N}个?(?:位|个?字母|个?字|数|个|码))?|后面|结尾|末尾|最后)"
_HALVES = re.compile(
    rf"(?P<f>{_FIRST})[^\w\n]{{0,2}}(?:就?是|为|写[着的]?)?[^\w\n]{{0,2}}(?P<a>[a-z0-9_\-]{{2,12}})(?![a-z0-9_\-])"
    rf"(?:(?P<mid>[^a-z0-9_]{{0,12}}?(?:中间|当中)(?:[截段部]|部分|{_N}个?(?:位|个?字母|个?字|数|个|码))?[^\w\n]{{0,2}}(?:就?是|为|写[着的]?|加|接)?[^\w\n]{{0,2}}?)[a-z0-9_\-]{{2,12}}(?![a-z0-9_\-]))?"
    rf"(?P<gap>[^a-z0-9_]{{0,24}}?{_SECOND}[^\w\n]{{0,2}}(?:就?是|为|写[着的]?|加|接)?[^\w\n]{{0,2}}?)(?P<b>[a-z0-9_\-]{{2,12}})(?![a-z0-9_\-])"
)
_MEASURED = re.compile(r"\s?(?:元|块|万|人|份|个|台|户|周|天|月|年|岁|平|%|次)")


def find_joins(normal: Normalised) -> Iterator[Edit]:
    """The edits that put the pieces in a text together, at offsets of its folded view."""
    folded = normal.folded
    if "①" in normal.raw:  # folded it is a digit like those of the piece behind it
        raw = (normal.raw[i] for i in normal.map[: len(folded)])
        yield from _numbered("".join(r if r in "①②③" else f for r, f in zip(raw, folded, strict=True)))
    yield from _spoken(folded)
    if "\n" in folded:
        for match in _CARRIED.finditer(folded) if _GOES_ON.search(folded) else ():
            yield *match.span(), "", "halves"
        for match in _RESUMED.finditer(folded) if _IN_PARTS.search(folded) else ():
            yield *match.span(), "", "halves"
        for match in _STACKED.finditer(folded) if _DOWNWARDS.search(folded) else ():
            yield from _cuts(match, r"\n", "over lines")
        for match in _UPRIGHT.finditer(folded) if _LINES.search(folded) else ():
            if re.search("[a-z]", match.group()):
                yield from _cuts(match, r"\s?\n\s?", "over lines")
    together = _TOGETHER.search(folded)
    for pattern, possible in ((_LISTED, together), (_PARTED, _ODD_SIGN.search(folded)), (_PLUSSED, "+" in folded)):
        for match in pattern.finditer(folded) if possible else ():
            if re.search("[0-9]", match.group()):
                yield from _cuts(match, "[^a-z0-9_]+", "joined")
    for match in _BRACKETED.finditer(folded):
        if re.search("[a-z]", match.group()) and re.search("[0-9_]", match.group()):
            yield from _opened(match)
    if together:
        yield from _numbered(folded)
    for match in _HALVES.finditer(folded) if _HALF.search(folded) else ():
        if _MEASURED.match(folded, match.end()):
            continue
        yield *match.span("f"), " ", "halves"
        if match["mid"]:
            yield *match.span("mid"), "", "halves"
        yield *match.span("gap"), "", "halves"


def _spoken(folded: str) -> Iterator[Edit]:
    """Pieces that are told by their kind, signs that are told by name, and pieces with idle words between them."""
    for match in _TOLD_KINDS.finditer(folded) if any(word in folded for word in _KINDS) else ():
        yield *match.span("first"), " ", "told in words"
        for words in re.finditer(rf"(?:(?!{NUMERAL})[^a-z0-9_])+", match["rest"]):
            start = match.start("rest") + words.start()
            yield start, start + len(words.group()), "", "told in words"
    for match in _TOLD_SIGN.finditer(folded) if any(word in folded for word in _SIGNS) else ():
        yield *match.span(), "_" if match["low"] else "-", "told in words"
    for match in _APART.finditer(folded) if _SAID_APART.search(folded) else ():
        if _SAID_APART.search(
            folded, max(0, match.start() - 16), min(len(folded), match.end() + 24)
        ) and not _MEASURED.match(folded, match.end()):
            yield from _cuts(match, r"[^a-z0-9_]+", "joined")


def _cuts(match: re.Match[str], sign: str, rule: str) -> Iterator[Edit]:
    """Each ``sign`` within a match, cut out."""
    for found in re.finditer(sign, match.group()):
        yield match.start() + found.start(), match.start() + found.end(), "", rule


def _opened(match: re.Match[str]) -> Iterator[Edit]:
    """Pieces in brackets without these; a space stays behind the last, since what follows is no part of the handle."""
    at = match.start()
    for piece in re.finditer(_PIECE, match.group()):
        yield at, match.start() + piece.start(), "", "brackets"
        at = match.start() + piece.end()
    yield at, match.end(), " ", "brackets"


def _numbered(folded: str) -> Iterator[Edit]:
    for match in _NUMBERED.finditer(folded):
        around = folded[max(0, match.start() - 24) : match.start()] + folded[match.end() : match.end() + 24]
        if not _TOGETHER.search(around) or _MEASURED.match(folded, match.end()):
            continue
        yield *match.span("m1"), " ", "numbered pieces"
        for gap in ("g1", "g2"):
            if match[gap]:
                yield *match.span(gap), "", "numbered pieces"
