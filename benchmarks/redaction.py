"""What the redaction of a release lets through: contacts and names planted in adverts in all the ways in which contacts hide.

    python -m benchmarks.redaction [--quick] [--documents N]

Each document is an authored advert of the gold set with a made-up contact and a made-up person in it, hidden in one of the ways of
``HIDINGS``, half of them under an obfuscation of the whole text besides. A contact has leaked when five characters of it in a
row, or six of ten digits, can be read in the released text: as they stand, without marks, in full width, as Chinese numerals, by their
sound, backwards. A name has leaked when its characters stand there in order with at most two others between. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from classifier.gold import read
from classifier.obfuscate import ATTACKS
from reports.release.redact import Redactor, fold
from text.normalise import normalise

SAYS = (
    "加微{}", "薇❤：{}", "V信 {}", "➕v:{}", "电话{}", "☎{}", "扣扣{}", "Q {}", "tg：{}", "飞机 {}", "whatsapp {}", "同号{}", "咨询 {}", "{}", "找我{}", "号码是{}，备注看置顶",
    "绿泡泡{}", "卫星{}", "line id {}", "邮箱 {}", "（{}）", "威杏{}", "+{}", "我的主页签名：{}", "戳{}",
)  # fmt: skip
SURNAMES, GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗",
    "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉萍红梅琳晶欣怡婷雪倩颖璐",
)
NAMES = ("联系人：{}", "我叫{}", "找{}医生", "{}老师亲自对接", "{}", "认准{}", "{}姐一对一", "客服{}", "，{}。", "@{}")
_CHINESE, _BANK, _RADIO = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "洞幺两三四五六拐八勾"
_SOUND = ("零玲", "一衣", "二儿", "三散", "四思", "五舞", "六溜", "七期", "八吧", "九酒")


def _each(value: str, change: Callable[[str], str]) -> str:
    return "".join(change(sign) for sign in value)


def _digits(table: str) -> Callable[[str, random.Random], str]:
    return lambda value, _: _each(value, lambda sign: table[int(sign)] if sign in "0123456789" else sign)


HIDINGS: Mapping[str, Callable[[str, random.Random], str]] = {
    "plain": lambda value, _: value,
    "upper case": lambda value, _: value.upper(),
    "full width": lambda value, _: _each(value, lambda sign: chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign),
    "spaced": lambda value, _: " ".join(value),
    "dotted": lambda value, rng: rng.choice(".-·*_~/|+ ").join(value),
    "in pieces": lambda value, rng: rng.choice((" ", "-", "…", "，", "❤", "~~")).join(value[i : i + 3] for i in range(0, len(value), 3)),
    "with characters between": lambda value, rng: rng.choice("哈加的啊").join(value[i : i + 2] for i in range(0, len(value), 2)),
    "invisible signs": lambda value, rng: rng.choice("\u200b\u200d\u2060\ufeff\u00ad").join(value),
    "tag characters": lambda value, _: "·" + _each(value, lambda sign: chr(0xE0000 + ord(sign))),
    "circled": lambda value, _: _each(value, lambda sign: "⓪①②③④⑤⑥⑦⑧⑨"[int(sign)] if sign.isdigit() else chr(0x24D0 + ord(sign) - 97) if "a" <= sign <= "z" else sign),
    "keycaps": lambda value, _: _each(value, lambda sign: f"{sign}\ufe0f\u20e3" if sign.isdigit() else sign),
    "mathematical": lambda value, _: _each(value, lambda sign: chr(0x1D7CE + int(sign)) if sign.isdigit() else chr(0x1D41A + ord(sign) - 97) if "a" <= sign <= "z" else sign),
    "Chinese numerals": _digits(_CHINESE),
    "bank numerals": _digits(_BANK),
    "radio numerals": _digits(_RADIO),
    "by sound": lambda value, rng: _each(value, lambda sign: rng.choice(_SOUND[int(sign)]) if sign.isdigit() else sign),
    "mixed numerals": lambda value, rng: _each(value, lambda sign: rng.choice((sign, _CHINESE[int(sign)], _BANK[int(sign)])) if sign.isdigit() else sign),
    "backwards": lambda value, _: value[::-1] + "（倒着看）",
    "bracketed": lambda value, _: "".join(f"【{sign}】" for sign in value),
    "two lines": lambda value, _: value[: len(value) // 2] + "\n" + value[len(value) // 2 :],
    "markup": lambda value, _: f"<b>{value}</b>",
    "regional letters": lambda value, _: _each(value, lambda sign: chr(0x1F1E6 + ord(sign) - 97) + " " if "a" <= sign <= "z" else sign),
}  # fmt: skip


def made_up(rng: random.Random) -> str:
    """A contact as they are written: a handle, a number, an address. Authored values are marked by zq0 or 0000."""
    tail = "".join(rng.choice("abcdefghijkmnpqrstuvwxyz0123456789") for _ in range(rng.randint(4, 8)))
    number = "".join(rng.choice("0123456789") for _ in range(4))
    return rng.choice(
        (
            f"zq0{tail}",
            f"zq0{tail}",
            f"13{number[:1]}0000{number}",
            f"1{number}0000",
            f"zq0{tail}@mail.example",
            f"t.me/zq0{tail}",
            f"zq0{tail[:4]}.example",
        )
    )


def person(rng: random.Random) -> str:
    """A made-up Chinese name."""
    return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))


def readings(text: str) -> list[str]:
    """A released text as a patient reader may read it: letters and digits alone, several ways, and each of them backwards."""
    bare = re.sub(r"\[[A-Z]+(?:_[0-9]+)?\]", "\n", text)
    normal = normalise(bare)
    numerals = str.maketrans(_CHINESE + _BANK + _RADIO + "〇○两幺妖洞拐勾", "0123456789" * 3 + "002110" + "79")
    hidden = "".join(chr(ord(sign) - 0xE0000) if 0xE0000 <= ord(sign) < 0xE0080 else sign for sign in bare)
    sounds = {
        "ling": "0",
        "yi": "1",
        "yao": "1",
        "er": "2",
        "liang": "2",
        "san": "3",
        "si": "4",
        "wu": "5",
        "liu": "6",
        "qi": "7",
        "ba": "8",
        "jiu": "9",
    }
    heard = "".join(
        sounds.get(syllable, syllable if re.fullmatch("[a-z0-9]+", syllable) else "\n") for syllable in normal.pinyin
    )
    ways = [normal.folded.translate(numerals), fold(hidden), heard]
    parts = [re.sub(r"[^a-z0-9\n]", "", way) for way in ways] + [re.sub(r"[^0-9\n]", "", way) for way in ways]
    return parts + [part[::-1] for part in parts]


def leaked(value: str, ways: list[str]) -> bool:
    """Whether five characters in a row of a value (six, of a number) can be read in any of the ways."""
    core = re.sub(
        r"[^a-z0-9]", "", value.lower().removesuffix("@mail.example").removesuffix(".example").removeprefix("t.me/")
    )
    size = 6 if core.isdigit() else 5
    pieces = {core[i : i + size] for i in range(max(1, len(core) - size + 1))}
    return any(piece in way for piece in pieces for way in ways)


def name_leaked(name: str, text: str) -> bool:
    """Whether a name's characters stand in the text in order, with at most two others between."""
    return re.search("[^\\[\\]]{0,2}".join(map(re.escape, name)), normalise(text).folded) is not None


def main(arguments: list[str] | None = None) -> int:
    """Print the table and, as the last line, the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the same 500 documents; it is quick enough")
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", action="store_true", help="print what leaked")
    options = parser.parse_args(arguments)
    start, rng = time.perf_counter(), random.Random(options.seed)
    texts = [row.text for row in read() if row.label.endswith("_ad") and 20 <= len(row.text) <= 600]
    redactor = Redactor()
    planted: Counter[str] = Counter()
    leaks: Counter[str] = Counter()
    dropped = before = after = 0
    for number in range(options.documents):
        way = list(HIDINGS)[number % len(HIDINGS)]
        contact, name, body = made_up(rng), person(rng), rng.choice(texts)
        if rng.random() < 0.5:
            body = ATTACKS[rng.choice(sorted(ATTACKS))](body, 0.2, rng)
        cut = rng.randint(0, len(body))
        told = HIDINGS[way](contact, rng)
        text = f"{body[:cut]} {rng.choice(SAYS).format(told)} {body[cut:]} {rng.choice(NAMES).format(name)}"
        found = redactor.redact(text)
        dropped, before, after = (
            dropped + found.dropped,
            before + len(text),
            after + len(re.sub(r"\[[A-Z]+(?:_[0-9]+)?\]", "", found.text)),
        )
        there = not name_leaked(name, body) and not leaked(
            contact, readings(body)
        )  # the advert itself may hold the same signs
        for kind, lost in ((way, leaked(contact, readings(found.text))), ("name", name_leaked(name, found.text))):
            planted[kind] += there
            leaks[kind] += there and lost
            if options.show and there and lost:
                print(f"{kind}: {contact if kind != 'name' else name!r} in {found.text!r}")
    print(f"{'hidden':<26}{'planted':>9}{'leaked':>9}")
    for kind in (*HIDINGS, "name"):
        print(f"{kind:<26}{planted[kind]:>9}{leaks[kind]:>9}")
    result: dict[str, Any] = {
        "benchmark": "redaction", "documents": options.documents, "planted": planted.total(), "leaked": leaks.total(),
        "leaked_by_kind": {kind: count for kind, count in leaks.items() if count}, "texts_dropped": dropped,
        "characters_kept": round(after / before, 3), "seconds": round(time.perf_counter() - start, 1),
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
