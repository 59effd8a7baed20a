"""What a text tells its reader to do with the signs of a contact: leave some out (去掉汉字), read some as others (X=8, O是零).

Both give edits of the folded text: (start, end, what stands there instead, rule). Nothing outside a handle or number is touched: an
edit has a Latin letter, a digit or an underscore on both sides, or lies within such a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from text.contacts.reading import NUMERAL
from text.normalise import Normalised

Edit = tuple[int, int, str, str]

_AROUND, _BEHIND = 60, 30  # how far before and behind the words the signs may stand
_TOLD = re.compile(r"去|删|不要|不用|不算|不读|忽略|无视|拿掉|抹|略|多余|留|只[要看打输]|空格")
_GONE = r"(?:去掉|去除|去了|删掉|删除|删了|删去|拿掉|拿走|抹掉|抹去|忽略|无视|略过|跳过|不要|不用[打输写看管]?|不算|不读|不打|不输|省略|剔除|扔掉|扣掉|减掉)"
_WHAT = r"(?P<{0}>\"[^\"\n]{{1,6}}\"|'[^'\n]{{1,6}}'|[「『“‘][^」』”’\n]{{1,6}}[」』”’]|[a-z]{{1,4}}(?![a-z])|汉字|中文字?|大写(?:字母)?|文字|标点符号|特殊符号|符号|数字|表情包?|括号(?:里的?|内容?)?|[一-鿿]{{1,6}}?|[^\w\s,。;!?()\[\]]{{1,2}})"
_COUNT = r"(?:这?[两二三四几]?个?(?:字母?|符号)|号|字|符号)?"
_REMOVE = re.compile(
    rf"(?:把|将)\s?(?:所有的?|里面的|中间的|多余的)?{_WHAT.format('a')}\s?{_COUNT}(?:都|全)?(?:{_GONE}|[删去])"
    rf"|(?:{_GONE})\s?(?:所有的?|里面的|中间的|多余的)?{_WHAT.format('b')}\s?{_COUNT}(?=[^\w\"']|[再就即后加]|$)"
    rf"|(?:^|(?<=[\s,。;!?()\[\]【】:]))(?:所有的?|里面的|中间的|多余的)?{_WHAT.format('c')}\s?{_COUNT}(?:都|全|请|要|自己|自行)?(?:{_GONE}|是?多余的?|(?<=[都全])[删去](?=\W|$))(?![一-鿿]{{0,2}}[a-z0-9]{{5}})"
)
_KEEP = re.compile(r"(?:只?[保]?留下?|只要|只看|只打|只输入?|只取)(?P<kind>数字和?字母|字母和?数字|英文和?数字|数字|英文|字母)")
_NOTE = re.compile(
    rf"(?<=[a-z0-9_])\s?[(\[【{{<]\s?(?:[^()\[\]【】{{}}<>\n]{{0,12}}(?:{_GONE}|没有空格|无空格|[去删]空格)[^()\[\]【】{{}}<>\n]{{0,8}}|[删去空])[)\]】}}>]\s?(?=[a-z0-9_])"
    r"|(?<=[a-z0-9_])[-~·]\s?(?:不要|去掉|删掉?|空格)\s?[-~·](?=[a-z0-9_])"
)
_KINDS = {
    "汉字": "[一-鿿]", "中文": "[一-鿿]", "中文字": "[一-鿿]", "文字": "[一-鿿]", "字": "[一-鿿]", "空格": r"[ \t]", "空": r"[ \t]", "点": r"[.·。]", "小数点": r"[.]", "点点": r"[.·]",
    "横杠": "-", "横线": "-", "减号": "-", "杠": "-", "杠杠": "-", "短横": "-", "下划线": "_", "星号": r"[*★☆✱]", "星": r"[*★☆]", "星星": r"[*★☆⭐🌟]",
    "井号": "#", "井": "#", "斜杠": "/", "斜线": "/", "逗号": ",", "符号": r"[^\w\s一-鿿]", "标点": r"[^\w\s一-鿿]", "标点符号": r"[^\w\s一-鿿]", "特殊符号": r"[^\w\s一-鿿]",
    "表情": r"[\u2600-\u27bf\u2b50\ufe0f\U0001f000-\U0001faff]", "图案": r"[\u2600-\u27bf\u2b50\U0001f000-\U0001faff]", "表情包": r"[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]",
    "括号": r"(?:[(\[【][^()\[\]【】\na-z0-9]{0,20}[)\]】]|[()\[\]【】])", "括号里": r"[(\[【][^()\[\]【】\n]{0,20}[)\]】]", "括号里的": r"[(\[【][^()\[\]【】\n]{0,20}[)\]】]", "括号内": r"[(\[【][^()\[\]【】\n]{0,20}[)\]】]", "括号内容": r"[(\[【][^()\[\]【】\n]{0,20}[)\]】]",
}  # fmt: skip
_OWN = f"(?:[a-z0-9_]|{NUMERAL})"  # a sign of a handle or number
_KEPT = {"数字": r"[^0-9\n]", "英文": r"[^a-z\n]", "字母": r"[^a-z\n]"}

_VALUE = r"[0-9零〇一二三四五六七八九](?![0-9.%])|[a-z](?![a-z])|下划线|横杠|减号"
_IS = r"(?:==?|→|代表的?(?:是|数字)?|代替|代|就?是|换成?|改成?|当作?|为|表示|指|等于|读作?)"
_LEGEND = re.compile(
    rf"(?<![a-z0-9_.])(?:字母|符号)?(?P<sign>[a-z]|星号|五?角?星星?|井号|圆?圈圈?|[*#$&@!?^~×✖★☆●▲△○◯]|[\U0001f300-\U0001faff❤])\s?(?:都|一律|统统)?{_IS}\s?(?:数字|字母|阿拉伯数字)?\s?['\"]?(?P<value>{_VALUE})"
    r"|是?(?:数字)?(?P<zero>[零0])(?:,|\s)?不是(?:字母|英文)?(?P<letter>[a-z]|欧)(?![a-z])"
)
_NUMERALS = dict(zip("零〇一二三四五六七八九", "00123456789", strict=True)) | {"下划线": "_", "横杠": "-", "减号": "-"}
_SIGNS = {"星": "*★☆⭐", "井": "#", "圈": "○◯⭕"}
_RUN = r"(?<![a-z0-9_@./\-])[a-z0-9_\-{1}{0}]{{4,20}}(?![a-z0-9_@/])"


def find_told(normal: Normalised) -> Iterator[Edit]:
    """The edits that the words of a text ask for, at offsets of its folded view."""
    folded = normal.folded
    if _TOLD.search(folded):
        yield from _notes(folded)
        yield from _removals(normal)
    yield from _legends(normal)


def _notes(folded: str) -> Iterator[Edit]:
    """Notes in brackets between the parts of a handle: zq0(空格去掉)mei."""
    for match in _NOTE.finditer(folded):
        yield *match.span(), "", "told to leave out"


def _removals(normal: Normalised) -> Iterator[Edit]:
    folded = normal.folded
    for match in _REMOVE.finditer(folded):
        what = (match["a"] or match["b"] or match["c"]).strip("\"'「」『』“”‘’")
        if what.startswith("大写"):
            for at in range(max(0, match.start() - _AROUND), match.start()):
                if re.match("[a-z]", folded[at]) and normal.raw[normal.map[at]].isupper():
                    yield at, at + 1, "", "told to leave out"
        for pattern in _patterns(what):
            edits = list(_cut(folded, match, pattern))
            yield from edits
            if edits:
                break
    for match in _KEEP.finditer(folded):
        yield from _cut(folded, match, _KEPT.get(match["kind"], r"[^a-z0-9_\n]"))


def _patterns(what: str) -> Iterator[str]:
    if what in _KINDS:
        yield _KINDS[what]
    if what.isdigit():
        return
    yield re.escape(what)
    if len(what) > 1 and not what.isascii():
        yield f"[{re.escape(what)}]"


def _cut(folded: str, told: re.Match[str], pattern: str) -> Iterator[Edit]:
    """What matches ``pattern`` within a run of letters and digits before the words, or else behind them."""
    within = re.compile(rf"(?<={_OWN})[\s(\[【\-]?(?:{pattern})+[\s)\]】\-]?(?={_OWN})")
    if re.match("[a-z_]", pattern):  # letters in a longer word: no sign need stand around them
        within = re.compile(rf"(?<=[a-z0-9_])[-~·]?{pattern}[-~·]?|{pattern}[-~·]?(?=[a-z0-9_])")
    start = max(folded.rfind("\n", 0, told.start()) + 1, told.start() - _AROUND)
    for low, high in ((start, told.start()), (told.end(), min(len(folded), told.end() + _BEHIND))):
        found = [m for m in within.finditer(folded, low, high) if len(m.group()) <= 24]
        if found:
            for m in found:
                yield *m.span(), "", "told to leave out"
            return


def _legends(normal: Normalised) -> Iterator[Edit]:
    folded = normal.folded
    found = list(_LEGEND.finditer(folded))
    for match in found:
        sign = match["sign"] or ("o" if match["letter"] == "欧" else match["letter"])
        value = match["value"] or "0"
        value = _NUMERALS.get(value, value)
        if sign == value:
            continue
        signs = next((found for name, found in _SIGNS.items() if name in sign), sign)
        # B=8, b=6: the same letter twice, so case tells them apart
        cased = sum((m["sign"] or "") == sign for m in found) > 1
        run = re.compile(_RUN.format("".join(map(re.escape, signs)), NUMERAL[1:-1]))
        other = {i for m in found for i in range(*m.span())}
        spans = [m.span() for m in run.finditer(folded, max(0, match.start() - _AROUND), match.start())]
        spans = spans or [m.span() for m in run.finditer(folded, match.end(), min(len(folded), match.end() + _BEHIND))]
        as_raw = _as_raw(normal, *match.span("sign")) if cased else sign
        for start, end in spans:
            inside = _as_raw(normal, start, end) if cased else folded[start:end]
            for at, written in enumerate(inside if start not in other else ""):
                if written in (as_raw if signs == sign else signs):
                    yield start + at, start + at + 1, value, "legend"


def _as_raw(normal: Normalised, start: int, end: int) -> str:
    """``folded[start:end]`` in the case of the raw text."""
    raw = (normal.raw[normal.map[i]] for i in range(start, end))
    return "".join(r if r.lower() == f else f for r, f in zip(raw, normal.folded[start:end], strict=True))
