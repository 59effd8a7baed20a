"""Chinese provinces and cities named in a text, by an authored table (``places.tsv``) with guards against look-alikes.

A name counts where the words of the sentence begin and end with it (完成|都 is not 成都, 每周|口服 not 周口), and where what
follows does not make it a road, a school, a dish or a dialect. Names that are ordinary words as well (朝阳, 和田, 日照)
count only with 市, 省 or 州 behind them, or beside another place.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from core.types import Place
from text.normalise import Normalised, normalise
from text.segment import word_spans

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

_MAX_CHARACTERS = 200_000
_SUFFIX = re.compile(r"特别行政区|[省市州盟]|自治[区州]|地区")
_TAIL = re.compile(
    r"[县区岛人籍站女]|机场|那边|这边|本地|周边"
)  # words that grow onto a name without making it another
_LISTED = re.compile(r"[省市州]?[、,/\s和与及到至·\-]{1,2}|[省市州]?")
_AFTER = re.compile(
    r"[东西南北中]{0,2}[一二三四五六七八九十0-9]{0,2}(?:路(?!过|边|途|费)|街|大道|大街|巷|弄(?!堂里)|胡同|马路|支路|高速|立交)"
    r"|[一-鿿]{0,2}(?:大学|学院|中学|小学|师大|师范|理工|工大|医科大|财大|日报|晚报|晨报|卫视|电视台|银行|证券|股份|队|国安|申花)"
    r"|话(?!说|题)|菜(?!鸟)|腔|口音|方言|梆子|烧麦|拉面|米线|螺蛳粉|火锅|啤酒|火腿|烤鸭|白药|大桥|时代|道|湾仔"
)
# names that are ordinary words, persons or things as well
_ORDINARY_NAMES = (
    "朝阳 中山 海东 黄山 白山 大同 武威 威海 日照 德州 阿里 山南 海西 海北 三明 安康 大庆 白银 定西 长治 四平 通化 和田 黑河 "
    "玉树 红河 怒江 中卫 固原 天门 仙桃 东阳 永康 长乐 东兴 新北 桃园 嘉义 安顺 南平 来宾 百色 北海 大理 乐山 开封 新乡 周口 "
    "平凉 保定 金华 丽水 黄南 黔南 甘南 海宁 巴中 内江 白城 河池 本溪 新余 林芝 东营 太原 平阳 基隆 石狮 南通 兴安 天台 三门 "
    "江山 文成 安吉 长兴 新昌 浦江 永春 德化 东山 永定 连城 武平 海安 海门 兴化 丹阳 高安 乐平 信丰 应城 大冶 开平 恩平 鹤山 "
    "兴宁 信宜 化州 高州 龙海 新泰 高密 天长 明光 宁国 广德 安宁 开远 宣威 海城 凤城 定州 三河 永城 林州 新密 洪江 资兴 常宁 "
    "津市 南安 象山 平湖 龙泉 南康 乐昌 台山 兴平 丰镇 武安 神木 惠安 招远 "
)
_ORDINARY = frozenset(_ORDINARY_NAMES.split())
# never part of another word, so that no word border is asked for
_PLAIN_NAMES = "香港 深圳 澳门 广州 武汉 杭州 郑州 温州 东莞 佛山 沈阳 哈尔滨 石家庄 呼和浩特 乌鲁木齐"
_PLAIN = frozenset(_PLAIN_NAMES.split())
# other names of a place of the table
_ALIASES = {
    "香港": "旺角 尖沙咀 尖沙嘴 佐敦 铜锣湾 油麻地 西九龙 九龙塘 港岛 香江 hk 赴港 去港 来港 到港 过港 抵港 在港 港检 港验 港查 港抽 港化验 x港 xg港 港y",
    "深圳": "罗湖 罗湖口岸 福田口岸 皇岗 皇岗口岸 深圳湾 莲塘口岸 鹏城",
    "广州": "羊城",
    "上海": "魔都",
    "澳门": "拱北口岸",
}
_NOT_PLACE = re.compile(
    r"(?:到|去|来|在|过)?港(?:y[a-z]|口|股|湾|务|交所|元|币)|hk(?=[a-z$]|\$|\s?d)|(?<=[a-z0-9./@_\-])hk|hk(?=[0-9./@_\-][a-z0-9])"
)


@functools.cache
def provinces() -> Mapping[str, str]:
    """City -> its province, in the order of ``places.tsv``; municipalities and special regions stand for themselves."""
    table: dict[str, str] = {}
    for line in (Path(__file__).parent / "places.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            province, *cities = line.replace(";", " ").split()
            table.setdefault(province, province)
            for city in cities:
                table.setdefault(city, province)
    return table


def province_of(city: str) -> str | None:
    """The province of a city (深圳 -> 广东), a province itself as it is, None where the name is not in the table.

    吉林 is taken for the province, as is every name that both bear.
    """
    return provinces().get(city)


@functools.cache
def _names() -> Mapping[str, str]:
    names = {name: name for name in provinces()}
    for name, others in _ALIASES.items():
        names.update(dict.fromkeys(others.split(), name))
    return names


@functools.cache
def _automaton() -> tuple[AhoCorasick, list[str]]:
    written = list(_names())
    from ahocorasick_rs import AhoCorasick  # only when a text is read

    return AhoCorasick(written), written


def _written(folded: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, place) of every name that is written in a folded text: at each character the longest that begins there."""
    automaton, written = _automaton()
    longest: dict[int, tuple[int, int]] = {}
    for which, start, end in automaton.find_matches_as_indexes(folded, overlapping=True):
        if end > longest.get(start, (0, 0))[0]:
            longest[start] = end, which
    for start, (end, which) in sorted(longest.items()):
        yield start, end, _names()[written[which]]


def find_places(text: str) -> list[Place]:
    """The provinces and cities that ``text`` names, in order, each mention once; offsets count code points of the raw text.

    Other names of a place (旺角, HK, 罗湖口岸) are given as the place. What lies beyond 200,000 characters is left out.
    """
    normal = normalise(text[:_MAX_CHARACTERS])
    folded = normal.folded
    candidates = [found for found in _written(folded) if not _NOT_PLACE.match(folded, found[0])]
    hidden = _hidden(normal, candidates)
    candidates += hidden
    if not candidates:
        return []
    starts, ends = _borders(folded, candidates)
    found: list[Place] = []
    last = (-9, -9)
    for start, end, name in candidates:
        beside = start - last[1] <= 3 and _beside(folded[last[1] : start], found[-1].name, name)
        if start < last[1] or (
            (start, end, name) not in hidden and not _stands(folded, start, end, starts, ends, beside)
        ):
            continue
        last = (start, end)
        raw_start, raw_end = normal.raw_span(start, end)
        kind = "province" if provinces()[name] == name else "city"
        found.append(Place(name, kind, raw_start, raw_end))
    return found


_MAYBE_HIDDEN = re.compile(r"xiang|gang|shen|zhen|氵\s?巷|土\s?川|香[^一-鿿]{1,3}港|深[^一-鿿]{1,3}圳|[香想]\s?g")


# heard, where one sign at least is Latin, split or set apart: xiang港, 香 氵巷, 深土川
_HEARD = {("xiang", "gang"): "香港", ("shen", "zhen"): "深圳"}
_SIGNS = re.compile("[a-z港巷圳川]")


def _hidden(normal: Normalised, known: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Further (start, end, name) in folded text of places that are written to be heard, broken up or split."""
    if not _MAYBE_HIDDEN.search(normal.folded):
        return []
    found = []
    heard = normal.merged_pinyin
    taken = {start for start, _, _ in known}
    for i, pair in enumerate(pairwise(heard)):
        if pair not in _HEARD:
            continue
        start, end = (bisect_left(normal.map, offset) for offset in normal.merged_pinyin_span(i, i + 2))
        written = normal.folded[start:end]
        if start not in taken and written != _HEARD[pair] and _SIGNS.search(written):
            found.append((start, end, _HEARD[pair]))
    return found


def _borders(folded: str, candidates: Iterable[tuple[int, int, str]]) -> tuple[set[int], set[int]]:
    """Where words start and end; nothing where no candidate asks for it, because cutting a text into words takes longest of all."""
    if all(_sure(folded[start:end]) for start, end, _ in candidates):
        return set(), set()
    words = word_spans(folded)
    return {start for start, _ in words}, {end for _, end in words}


def _sure(name: str) -> bool:
    """Whether a name is a place, or not one, wherever words begin and end."""
    return name in _ORDINARY or name in _PLAIN or name[0].isascii()


def _beside(between: str, before: str, name: str) -> bool:
    """Whether a name follows another place as in a list (广州、威海) or as a part of it (广东中山, not 北京朝阳)."""
    if not _LISTED.fullmatch(between):
        return False
    return between.strip("省市州") != "" or provinces()[before] == provinces()[name]


def _stands(folded: str, start: int, end: int, starts: set[int], ends: set[int], beside: bool) -> bool:
    """Whether the name at ``folded[start:end]`` is a place there; ``beside`` tells that another place ends just before it."""
    name = folded[start:end]
    suffix = _SUFFIX.match(folded, end)
    if _AFTER.match(folded, end):
        return False
    if name in _ORDINARY:
        return bool(suffix) or beside
    if name in _PLAIN or name[0].isascii():
        return True
    if name not in provinces():  # another name (赴港): its first word alone may grow into what follows it
        return start in starts or name[0] != "港"
    return (start in starts or beside) and (end in ends or bool(suffix or _TAIL.match(folded, end)))
