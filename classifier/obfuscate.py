"""Obfuscation: the ways in which adverts hide their words, as seeded attacks that keep the label.

Each attack changes about ``rate`` of the Chinese characters (digit attacks: of the digits; gap attacks: of the gaps).
The families in ``HELD_OUT`` are never trained on, so that the robustness table shows what an unseen trick does. Which tricks there
are was collected from real pages (project brief on slang, sections 7 and 8).
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Mapping, Sequence

from text.pinyin import readings
from text.splits import pairs

Attack = Callable[[str, float, random.Random], str]
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SIMILAR = {
    "血": "皿", "香": "杳", "查": "査", "男": "侽", "女": "囡", "胎": "眙", "检": "捡", "测": "侧", "鉴": "监", "定": "啶", "性": "姓",
    "别": "別", "孩": "孩", "微": "徽", "信": "伩", "代": "伐", "理": "埋", "孕": "孖", "包": "苞", "抽": "油", "采": "釆", "样": "祥",
    "本": "夲", "寄": "奇", "港": "巷", "试": "拭", "管": "菅", "生": "牲", "儿": "几", "子": "孑", "基": "墓", "因": "囚", "加": "伽",
    "联": "朕", "系": "糸", "预": "顶", "约": "药", "价": "阶", "格": "恪", "结": "洁", "果": "杲", "准": "谁", "验": "硷", "周": "週",
}  # fmt: skip
_SLANG = {
    "男孩": "皮夹克", "女孩": "小棉袄", "男宝": "带把的", "女宝": "小公主", "儿子": "臭小子", "女儿": "千金", "香港": "那边", "微信": "绿泡泡",
    "验血": "抽一管", "抽血": "抽一管", "性别": "谜底", "通行证": "小本本", "检测": "查一查", "电话": "☎", "扣扣": "企鹅", "港币": "港纸",
    "血样": "小管子", "快递": "小哥", "代理": "合伙人", "护士": "白衣姐", "试管": "小管管", "胎儿": "小豆芽", "血": "🩸", "孕妇": "准妈",
}  # fmt: skip
_EMOJI = {"男": "👦", "女": "👧", "血": "🩸", "孕": "🤰", "飞": "✈", "港": "🇭🇰", "钱": "💰", "宝": "👶", "电": "📱", "加": "➕", "微": "🟢",
          "问": "❓", "看": "👀", "家": "🏠", "车": "🚗", "花": "🌸", "心": "❤", "医": "💊", "寄": "📮", "一": "1️⃣", "二": "2️⃣"}  # fmt: skip
_DIGITS = ("０１２３４５６７８９", "⓪①②③④⑤⑥⑦⑧⑨", "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
_INVISIBLE = ("\u200b", "\u200c", "\u2060", "\ufeff")
_GAPS = (" ", ".", "-", "·", "*", "_", "~", "/")


def _each(text: str, rate: float, rng: random.Random, change: Callable[[str], str]) -> str:
    return "".join(change(sign) if _HAN.match(sign) and rng.random() < rate else sign for sign in text)


@functools.cache
def _by_sound() -> Mapping[str, Sequence[str]]:
    from opencc import OpenCC

    common = "".join(chr(code) for code in range(0x4E00, 0x9FA6))
    simplified = OpenCC("t2s").convert(common)
    found: dict[str, list[str]] = {}
    for sign, plain in zip(common, simplified, strict=False):
        if (
            sign == plain and sign.encode("gb18030")[:1] < b"\xd8" and len(sign.encode("gb18030")) == 2
        ):  # GB 2312's common level
            found.setdefault(readings().get(ord(sign), ""), []).append(sign)
    return found


def homophone(text: str, rate: float, rng: random.Random) -> str:
    """A common character of the same sound: 香港 becomes 乡岗."""
    return _each(text, rate, rng, lambda sign: rng.choice(_by_sound().get(readings().get(ord(sign), ""), [sign])))


def similar(text: str, rate: float, rng: random.Random) -> str:
    """A character that looks alike: 检 becomes 捡."""
    return _each(text, min(1.0, rate * 2), rng, lambda sign: _SIMILAR.get(sign, sign))


def split(text: str, rate: float, rng: random.Random) -> str:
    """A character written as its parts: 胎 becomes 月台."""
    return _each(text, min(1.0, rate * 1.5), rng, lambda sign: rng.choice(_parts().get(sign, [sign])))


@functools.cache
def _parts() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for written, sign in pairs().items():
        found.setdefault(sign, []).append(written)
    return found


def pinyin(text: str, rate: float, rng: random.Random) -> str:
    """A character in Latin letters: 香港 becomes xiang港."""
    return _each(text, rate, rng, lambda sign: readings().get(ord(sign), sign))


def initials(text: str, rate: float, rng: random.Random) -> str:
    """A character by its first letter: 香港 becomes x港."""
    return _each(text, rate * 0.5, rng, lambda sign: readings().get(ord(sign), sign)[0])


def gloss(text: str, rate: float, rng: random.Random) -> str:
    """A pinyin gloss in brackets behind a character: 孕(yun)妇."""
    return _each(text, rate, rng, lambda sign: f"{sign}({readings().get(ord(sign), '')})")


def gaps(text: str, rate: float, rng: random.Random) -> str:
    """Spaces, dots and dashes between characters: 包-生-女."""
    mark = rng.choice(_GAPS)
    return _each(text, rate, rng, lambda sign: sign + mark)


def invisible(text: str, rate: float, rng: random.Random) -> str:
    """Characters of no width between the visible ones."""
    return _each(text, rate, rng, lambda sign: sign + rng.choice(_INVISIBLE))


def emoji(text: str, rate: float, rng: random.Random) -> str:
    """Pictures for words."""
    return _each(text, min(1.0, rate * 3), rng, lambda sign: _EMOJI.get(sign, sign))


def traditional(text: str, rate: float, rng: random.Random) -> str:
    """Traditional characters among simplified ones."""
    table = _to_traditional()
    return _each(text, min(1.0, rate * 2), rng, lambda sign: table.get(sign, sign))


@functools.cache
def _to_traditional() -> Mapping[str, str]:
    from opencc import OpenCC

    common = "".join(chr(code) for code in range(0x4E00, 0x9FA6))
    return {sign: other for sign, other in zip(common, OpenCC("s2t").convert(common), strict=False) if sign != other}


def digits(text: str, rate: float, rng: random.Random) -> str:
    """Digits in full width, in circles, as Chinese numerals."""
    signs = rng.choice(_DIGITS)
    return "".join(
        signs[int(sign)] if sign in "0123456789" and rng.random() < max(rate, 0.5) else sign for sign in text
    )


def reversal(text: str, rate: float, rng: random.Random) -> str:
    """Two neighbouring characters changed round: 验血 becomes 血验."""
    signs, at = list(text), 0
    while at < len(signs) - 1:
        if _HAN.match(signs[at]) and _HAN.match(signs[at + 1]) and rng.random() < rate / 2:
            signs[at], signs[at + 1] = signs[at + 1], signs[at]
            at += 1
        at += 1
    return "".join(signs)


def slang(text: str, rate: float, rng: random.Random) -> str:
    """The trade's own words for the plain ones."""
    for word, other in _SLANG.items():
        if word in text and rng.random() < max(rate, 0.5):
            text = text.replace(word, other)
    return text


ATTACKS: Mapping[str, Attack] = {
    attack.__name__: attack
    for attack in (
        homophone,
        similar,
        split,
        pinyin,
        initials,
        gloss,
        gaps,
        invisible,
        emoji,
        traditional,
        digits,
        reversal,
        slang,
    )
}
HELD_OUT = ("initials", "reversal")
TRAINED = tuple(name for name in ATTACKS if name not in HELD_OUT)


def obfuscate(text: str, rate: float, rng: random.Random, names: Sequence[str] = TRAINED, most: int = 2) -> str:
    """A text under one or several attacks, drawn from ``names``."""
    for name in rng.sample(list(names), rng.randint(1, most)):
        text = ATTACKS[name](text, rate, rng)
    return text
