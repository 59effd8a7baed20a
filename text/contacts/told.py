"""What a text tells its reader to do with the signs of a contact: leave some out (去掉汉字), read some as others (X=8, O是零).

Both give edits of the folded text: (start, end, what stands there instead, rule). Nothing outside a handle or number is touched: an
edit has a Latin letter, a digit or an underscore on both sides, or lies within such a run, or takes away the words that were followed,
so that a label behind them names what stands before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from text.contacts.candidate import Edit
from text.contacts.reading import NUMERAL
from text.normalise import Normalised

_AROUND, _BEHIND = 60, 30  # how far before and behind the words the signs may stand
_TOLD = re.compile(
    r"去|删|不要|不用|不算|不读|忽略|无视|拿掉|抹|略|多余|留|只[要看打输]|空格|没有?|无效|是[一-鿿]{0,3}(?:防[屏封和检删吞]|干扰|凑数|占位|障眼|混淆)"
)
_GONE_WORDS = r"去掉|去除|去了|删掉|删除|删了|删去|拿掉|拿走|抹掉|抹去|忽略|无视|略过|跳过|不要|不用[打输写看管]?|不算|不读|不打|不输|省略|剔除|扔掉|扣掉|减掉|(?:都|只|就)?是(?:用来|拿来|为了)?(?:防(?:屏蔽|屏|封号?|和谐|检测|删|吞)|干扰|凑数|占位|障眼法?|混淆)的?|(?:就?是|等于|=|代表|表示|当)(?:没有|不存在|什么都没有|无效|空气|摆设|装饰)的?|没用|没有?意义|不用[管理]"
_GONE = f"(?:{_GONE_WORDS})"
_WHAT = r"(?P<what>\"[^\"\n]{1,6}\"|'[^'\n]{1,6}'|[「『“‘][^」』”’\n]{1,6}[」』”’]|[a-z_]{1,12}(?![a-z])|汉字|中文字?|大写(?:字母)?|文字|标点符号|特殊符号|符号|数字|表情包?|括号(?:里的?|内容?)?|[一-鿿]{1,6}?|[^\w\s,。;!?()\[\]]{1,2})"
_COUNT = r"(?:这?[两二三四几]?个?(?:字母?|符号)|号|字|符号)?"
_OF = r"(?:所有的?|里面的?|中间的?|多余的)?"
_GONE_AT = re.compile(f"{_GONE_WORDS}|多余|是多余|删")
_BEFORE_IT = re.compile(
    rf"(?:[把将]|^|(?<=[\s,。;!?()\[\]【】:])){_OF}{_WHAT}\s?{_COUNT}(?:都|全部?|统统|通通|一律|请|要|自己|自行|可以|是)?$"
)
_BEHIND_IT = re.compile(rf"\s?{_OF}{_WHAT}\s?{_COUNT}(?=[^\w\"']|[再就即后加输]|[拨来]?打|拨|$)")
_GOES_ON = re.compile(
    r"[掉了的去除]?[一-鿿]{0,2}[a-z0-9]{5}"
)  # what follows is a contact of its own: 不要QQ 微信zq0...
_KEEP = re.compile(
    r"(?:只?[保]?留下?|只要|只看|只打|只输入?|只取)(?P<kind>数字和?字母|字母和?数字|英文和?数字|数字|英文|字母)"
)
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
_LETTERS = {"字母", "英文", "英文字母", "拼音"}
_FILLED = re.compile(r"(?<![a-z0-9_])(?:[a-z]{0,2}[0-9]){5,12}[a-z]{0,2}(?![a-z0-9_])")  # digits with letters strewn in
_NAMED = re.compile(
    r"(?<![a-z0-9_])(?:vx?|wx|q|qq|tg|line|wechat|weixin|telegram|id)\s?$"
)  # a label and no part of a handle
_AND = re.compile("[和跟与及、]")
_PART = re.compile(f"[a-z0-9_]{{2}}|[0-9]|{NUMERAL}{{3}}")
_OWN = f"(?:[a-z0-9_]|{NUMERAL})"  # a sign of a handle or number
_OWNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_" + NUMERAL[1:-1])
_KEPT = {"数字": r"[^0-9\n]", "英文": r"[^a-z\n]", "字母": r"[^a-z\n]"}

_VALUE = r"[0-9零〇一二三四五六七八九](?![0-9.%])|[a-z](?![a-z])|下划线|横杠|减号"
_IS = r"(?:==?|→|代表的?(?:是|数字)?|代替|代|就?是|换成?|改成?|当作?|为|表示|指|等于|读作?)"
# the sign first: the search for it is quick
_LEGEND = re.compile(
    rf"(?P<sign>[a-z*#$&@!?^~×✖★☆●▲△○◯❤星井圈五\U0001f300-\U0001faff])(?<![a-z0-9_.][a-z])(?:(?<=[五星井圈])(?:号|角星|星|圈))?\s?(?:都|一律|统统)?{_IS}\s?(?:数字|字母|阿拉伯数字)?\s?['\"]?(?P<value>{_VALUE})"
)
_NO_LETTER = re.compile(
    r"(?:[a-z][后前]面?的?那?个?(?:就?是)?(?:数字)?)?[零0](?:,|\s)?不是(?:字母|英文)?(?P<letter>[a-z]|欧)(?![a-z])"
)
# a Chinese sign: 花=8, 一只鸭一个0
_WRITTEN_SO = "=", "代表", "数字", "当", "个0", "个零"
_WRITTEN = re.compile(
    r"(?<![一-鿿])(?P<figure>[零一二三四五六七八九])(?:改|换|写|打|输)(?:成|为|作)?(?:阿拉伯)?数字|(?<![一-鿿])(?P<sign>[一-鿿])(?:==?|代表(?:数字)?|就是数字|是数字|当)\s?(?P<value>[0-9])(?![0-9.%])|(?:一|每)[只个朵颗条头](?P<each>[一-鿿])(?:是|就是|=|算|当)?一?个(?P<zero>[0-9零])(?![0-9])"
)
# o和l都是数字0和1
_PAIRED = re.compile(
    rf"(?<![a-z0-9])(?P<s1>[a-z])[和跟与、,](?P<s2>[a-z])(?:都|分别|依次)?(?:{_IS}|换)\s?(?:数字)?\s?(?P<v1>[0-9零一二三四五六七八九])[和跟与、,](?P<v2>[0-9零一二三四五六七八九])(?![0-9])"
)
_NUMERALS = dict(zip("零〇一二三四五六七八九", "00123456789", strict=True)) | {"下划线": "_", "横杠": "-", "减号": "-"}
_SIGNS = {"星": "*★☆⭐", "五": "*★☆⭐", "井": "#", "圈": "○◯⭕"}
_RUN = r"(?<![a-z0-9_@./\-])[a-z0-9_\-{1}{0}]{{4,20}}(?![a-z0-9_@/])"


def find_told(normal: Normalised) -> Iterator[Edit]:
    """The edits that the words of a text ask for, at offsets of its folded view."""
    folded = normal.folded
    if _TOLD.search(folded):
        gone = list(_GONE_AT.finditer(folded))
        if gone or "空格" in folded:
            yield from _notes(folded)
        yield from _removals(normal, gone)
    yield from _legends(normal)


def _notes(folded: str) -> Iterator[Edit]:
    """Notes in brackets between the parts of a handle: zq0(空格去掉)mei."""
    for match in _NOTE.finditer(folded):
        yield *match.span(), "", "told to leave out"


def _removals(normal: Normalised, gone: list[re.Match[str]]) -> Iterator[Edit]:
    folded = normal.folded
    for match in gone:
        near = folded[max(0, match.start() - _AROUND) : match.start()] + folded[match.end() : match.end() + _BEHIND]
        if not _PART.search(near):
            continue
        before = _BEFORE_IT.search(folded, max(0, match.start() - 14), match.start())
        behind = _BEHIND_IT.match(folded, match.end())
        if before and _GOES_ON.match(folded, match.end()):
            before = None
        for told in (before, behind):
            stop = told.start("what") if told and told is before else match.start()
            if told and (edits := list(_removed(normal, match, stop, told["what"].strip("\"'「」『』“”‘’"), near))):
                yield from edits
                yield min(told.start(), match.start()), max(told.end(), match.end()), " ", "told to leave out"
                break
    for match in _KEEP.finditer(folded) if "字" in folded or "英文" in folded else ():
        yield from _cut(folded, match, match.start(), _KEPT.get(match["kind"], r"[^a-z0-9_\n]"))


def _removed(normal: Normalised, told: re.Match[str], stop: int, what: str, near: str) -> Iterator[Edit]:
    folded = normal.folded
    if what.startswith("大写"):
        for at in range(max(0, told.start() - _AROUND), told.start()):
            if re.match("[a-z]", folded[at]) and normal.raw[normal.map[at]].isupper():
                yield at, at + 1, "", "told to leave out"
        return
    if what in _LETTERS:
        low, high = max(0, told.start() - _AROUND), min(len(folded), told.end() + _BEHIND)
        for run in _FILLED.finditer(folded, low, high):
            for letter in re.finditer("[a-z]", run.group()):
                yield run.start() + letter.start(), run.start() + letter.end(), "", "told to leave out"
        return
    for pattern in _patterns(what, near):
        edits = list(_cut(folded, told, stop, pattern))
        yield from edits
        if edits:
            return


def _patterns(what: str, near: str) -> Iterator[str]:
    """What the words may mean that stands ``near``: a kind of sign, the words themselves, each of their characters."""
    if what in _KINDS:
        yield _KINDS[what]
    parts = _AND.split(what)
    if len(parts) > 1 and all(part in _KINDS for part in parts):
        yield "(?:" + "|".join(_KINDS[part] for part in parts) + ")"
    if what.isdigit():
        return
    if _beside(what, near):
        yield re.escape(what)
    if len(what) > 1 and not _OWNS & set(what) and all(c in near for c in what) and any(_beside(c, near) for c in what):
        yield f"[{re.escape(what)}]"


def _beside(words: str, near: str) -> bool:
    """Whether ``words`` may stand within a handle or number (letters: beside one): most do not, and need no search of their own."""
    at = near.find(words) if words else -1
    while at >= 0:
        end = at + len(words)
        while near.startswith(words, end):
            end += len(words)
        before, behind = _OWNS.intersection(near[max(0, at - 2) : at]), _OWNS.intersection(near[end : end + 2])
        if (before and behind) or ((before or behind) and words[0] in _OWNS) or at < 2 or end > len(near) - 2:
            return True
        at = near.find(words, end)
    return False


@lru_cache(maxsize=256)
def _within(pattern: str) -> re.Pattern[str]:
    if re.match("[a-z_]", pattern):  # letters in a longer word: no sign need stand around them
        return re.compile(rf"(?<=[a-z0-9_])[-~·]?{pattern}[-~·]?|{pattern}[-~·]?(?=[a-z0-9_])")
    return re.compile(rf"(?<={_OWN})[\s(\[【\-]?(?:{pattern})+[\s)\]】\-]?(?={_OWN})")


@lru_cache(maxsize=256)
def _run(signs: str) -> re.Pattern[str]:
    return re.compile(_RUN.format("".join(map(re.escape, signs)), NUMERAL[1:-1]))


def _cut(folded: str, told: re.Match[str], stop: int, pattern: str) -> Iterator[Edit]:
    """What matches ``pattern`` within a run of letters and digits before ``stop``, where the words begin, or else behind them."""
    within = _within(pattern)
    start = max(folded.rfind("\n", 0, told.start()) + 1, told.start() - _AROUND)
    for low, high in ((start, stop), (told.end(), min(len(folded), told.end() + _BEHIND))):
        found = [m for m in within.finditer(folded, low, high) if len(m.group()) <= 24]
        if found:
            for m in found:
                # the bracket round a whole handle parts it from its label: vx(zq0lily)
                opens = m.group()[0] in "([【" and _NAMED.search(folded, max(0, m.start() - 10), m.start())
                yield *m.span(), " " if opens else "", "told to leave out"
            return


def _legends(normal: Normalised) -> Iterator[Edit]:
    folded = normal.folded
    legends = [(match, match["sign"], match["value"]) for match in _LEGEND.finditer(folded)]
    paired = list(_PAIRED.finditer(folded)) if legends else []
    legends = [entry for entry in legends if not any(p.start() <= entry[0].start() < p.end() for p in paired)]
    legends += [(p, p[f"s{n}"], p[f"v{n}"]) for p in paired for n in (1, 2)]
    if any(word in folded for word in _WRITTEN_SO):
        legends += [
            (m, m["sign"] or m["each"] or m["figure"], m["value"] or m["zero"] or m["figure"])
            for m in _WRITTEN.finditer(folded)
        ]
    named = [sign for _, sign, _ in legends]
    if "不是" in folded:
        legends += [(match, match["letter"].replace("欧", "o"), "0") for match in _NO_LETTER.finditer(folded)]
    words = {i for match, _, _ in legends for i in range(*match.span())}
    for match, sign, value in legends:
        signs, value = _SIGNS.get(sign, sign), _NUMERALS.get(value, value)
        if signs == value:
            continue
        low, high = max(0, match.start() - _AROUND), min(len(folded), match.end() + _BEHIND)
        runs = list(_run(signs).finditer(folded, low, match.start())) or list(
            _run(signs).finditer(folded, match.end(), high)
        )
        cased = named.count(sign) > 1  # B=8, b=6: the same letter twice, so case tells them apart
        meant = _as_raw(normal, match.start(), match.start() + 1) if cased else signs
        done = False
        for run in runs:
            written = _as_raw(normal, *run.span()) if cased else run.group()
            for at, one in enumerate(written if run.start() not in words else ""):
                if one in meant:
                    done = True
                    yield run.start() + at, run.start() + at + 1, value, "legend"
        if done:
            yield *match.span(), " ", "legend"


def _as_raw(normal: Normalised, start: int, end: int) -> str:
    """``folded[start:end]`` in the case of the raw text."""
    raw = (normal.raw[normal.map[i]] for i in range(start, end))
    return "".join(r if r.lower() == f else f for r, f in zip(raw, normal.folded[start:end], strict=True))
