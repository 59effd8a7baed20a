"""Toneless pinyin of single characters and of Latin runs; tables are built once, on first use."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping

# the reading that these adverts and their readers mean, where the dictionary lists another first
_READINGS = {"血": "xue", "了": "le", "的": "de", "地": "di", "得": "de", "着": "zhe", "单": "dan", "行": "xing", "查": "cha", "长": "chang",
             "重": "zhong", "都": "dou", "还": "hai", "没": "mei", "会": "hui", "好": "hao", "种": "zhong", "什": "shen", "么": "me",
             "和": "he", "说": "shuo", "系": "xi", "给": "gei", "大": "da", "家": "jia", "儿": "er", "广": "guang", "便": "bian",
             "吓": "xia", "传": "chuan", "降": "jiang", "率": "lv", "中": "zhong", "为": "wei", "合": "he", "车": "che", "折": "zhe"}  # fmt: skip
_NOT_SYLLABLES = {"n", "m", "ng", "hm", "hng", "o", "e", "a", "yo", "lo", "ei", "r", "ê"}
_SAME = {"lue": "lve", "nue": "nve"}
_LONGEST = 6


@functools.cache
def readings() -> Mapping[int, str]:
    """Code point -> toneless pinyin of its first reading, u with two dots written v."""
    from pypinyin.pinyin_dict import pinyin_dict

    table = {code: _toneless(all_of.split(",", 1)[0]) for code, all_of in pinyin_dict.items()}
    table.update((ord(character), reading) for character, reading in _READINGS.items())
    return table


def reads_as(character: str, syllable: str) -> bool:
    """Whether ``syllable`` (toneless) is any reading of the character."""
    from pypinyin.pinyin_dict import pinyin_dict

    known = [_toneless(reading) for reading in pinyin_dict.get(ord(character), "").split(",") if reading]
    return syllable in known or syllable.replace("u", "v") in known


@functools.lru_cache(maxsize=8192)
def _toneless(reading: str) -> str:
    bare = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return re.sub("[\u0300-\u036f]", "", bare)


@functools.cache
def syllables() -> frozenset[str]:
    """All valid toneless syllables of two letters and more, with ``a``, ``e`` and ``o`` left out."""
    found = {s for s in readings().values() if s.isascii() and s.isalpha() and len(s) <= _LONGEST}
    return frozenset((found | {"lv", "nv", "lue", "nue"}) - _NOT_SYLLABLES)


@functools.lru_cache(maxsize=65536)
def split_latin(run: str) -> tuple[str, ...]:
    """A lower-case Latin run as syllables (``xianggang`` -> ``xiang``, ``gang``), longest first; itself where it is none."""
    if len(run) > 40:
        return (run,)
    best: list[tuple[str, ...] | None] = [None] * len(run) + [()]
    valid = syllables()
    for start in range(len(run) - 1, -1, -1):
        for end in range(min(len(run), start + _LONGEST), start, -1):
            tail = best[end]
            if tail is not None and run[start:end] in valid:
                known = best[start]
                if known is None or len(tail) + 1 < len(known):
                    best[start] = (_SAME.get(run[start:end], run[start:end]), *tail)
    return best[0] or (run,)
