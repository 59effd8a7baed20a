"""Where a text may name a person: for leaving names out, never for looking anybody up.

Prefers to find too much. By surname and title (李医生, 王姐), by what introduces a name (联系人：, 我叫), and by jieba's tagger
(dictionary and hidden Markov model, tag ``nr``), also where marks stand between the characters of a name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from text.normalise import normalise
from text.places import provinces
from text.segment import topic_words

_MAX_CHARACTERS = 50_000
_COMMON = 300  # occurrences in the corpus of jieba's dictionary
_HAN = re.compile("[一-鿿]")
_TWO = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|端木|夏侯|轩辕|宇文|长孙|南宫|独孤"
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏"
    "韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰"
    "焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连"
)
_TITLE = (
    "先生|女士|小姐|太太|医生|大夫|主任|院长|教授|博士|护士|老师|老板|经理|总监|顾问|律师|师傅|阿姨|叔叔|大姐|大哥|姐姐|哥哥|姐妹|妹妹|老公|妈妈|爸爸|店长|站长|组长"
    "|姐|哥|总|工|妹|嫂|叔|姨|婶|爷|奶|妈|爸|导|董"
)
_NAME = rf"(?:{_TWO}|[{SURNAMES}])"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:[小老阿]?{_NAME}[一-鿿]{{0,2}}?)(?:{_TITLE})(?![一-鿿]{{0,1}}(?:室|院|办))",
        rf"[小老阿]{_NAME}(?![一-鿿])",
        rf"(?:姓名|联系人|联系|我叫|名叫|我是|我姓|本人|称呼|法人|店主|客服|负责人|专员|对接人|微信名|昵称|署名|请找|就找|认准|找)[:：\s]{{0,2}}[小老阿]?({_NAME}[一-鿿]{{1,2}})",
        rf"(?:我姓|免贵姓|姓)({_NAME})",
        rf"(?<![一-鿿])[@＠]?{_NAME}[一-鿿]{{2}}(?![一-鿿])",  # a line, a signature, a list of them
    )
)


def find_persons(text: str) -> list[tuple[int, int]]:
    """The (start, end) of what may be a person's name, in raw offsets, sorted, overlaps joined."""
    normal = normalise(text[:_MAX_CHARACTERS])
    found = [
        normal.raw_span(*match.span(match.lastindex or 0))
        for pattern in _PATTERNS
        for match in pattern.finditer(normal.folded)
    ]
    found += [normal.raw_span(start, end) for start, end in _tagged(normal.folded)]
    dense = normal.dense
    if dense != normal.folded:
        found += [normal.dense_span(start, end) for start, end in _tagged(dense)]
        found += [
            normal.dense_span(*match.span(match.lastindex or 0))
            for pattern in _PATTERNS
            for match in pattern.finditer(dense)
        ]
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _tagged(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for word, tag in _tagger()(text):
        start, at = at, at + len(word)
        # nrt is a foreign name written by sound, nrfg a famous one
        if tag not in ("nr", "nrt", "nrfg") or len(word) < 2 or word in _not_names():
            continue
        # what jieba counted often is a word (毛巾, 顾客), whatever its tag, unless it stands alone like a signature
        if word not in _common() or (
            not (_HAN.match(text, start - 1) if start else False) and not _HAN.match(text, at)
        ):
            yield start, at


@functools.cache
def _not_names() -> frozenset[str]:
    """Trade words and places that the tagger takes for names."""
    return (
        frozenset(topic_words())
        | frozenset(provinces())
        | frozenset(
            [
                "宝宝",
                "宝妈",
                "宝爸",
                "小宝",
                "双胞胎",
                "安全",
                "明白",
                "高端",
                "成功",
                "包邮",
                "小孩",
                "温馨",
                "阳光",
                "和平",
                "金牌",
                "小朋友",
            ]
        )
    )


@functools.cache
def _tagger() -> Any:
    import logging

    import jieba
    import jieba.posseg

    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.posseg.POSTokenizer(jieba.Tokenizer())
    return lambda text: [
        (pair.word, pair.flag) for pair in tokenizer.cut(text.encode("utf-8", "replace").decode("utf-8"))
    ]


@functools.cache
def _common() -> frozenset[str]:
    import jieba

    words, _ = jieba.Tokenizer().gen_pfdict(jieba.get_dict_file())
    return frozenset(word for word, count in words.items() if count >= _COMMON)
