"""Notes that say of a number what else it is: 微信同号, 电话就是微信, 加微信也是这个号, WhatsApp同号.

The words beside a number are read one by one, each for what it is (a service, a word for the phone, a word for "the same"); which
kinds of word there are decides, whatever their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.types import ContactKind
from text.contacts.candidate import DOUBTED, Candidate
from text.contacts.labels import WECHAT_BEHIND
from text.contacts.names import IN_NOTE, IN_NOTE_PHONE

_LETTER = {ContactKind.WECHAT: "W", ContactKind.WHATSAPP: "A", ContactKind.QQ: "Q"}
_WORD = re.compile(
    "|".join(
        f"(?P<{letter}>{pattern})"
        for letter, pattern in (
            *((_LETTER[kind], pattern.pattern + "号?") for kind, pattern in IN_NOTE.items()),
            ("D", "都是(?:我的?)?"),
            ("S", r"同[步号名]?|一样|一致|[同是为]?一个号?码?|通用|共用|互通|都[行成用走]|都可以?|皆可|均可|相同|二?合一|这个号?码?|本号|此号|该号|它"),
            ("T", r"也[行成]|[也均]?可以?|[也就]?能|直?接?搜索?|上面"),
            ("B", "[也就]是|[就也是为=]"),
            ("P", IN_NOTE_PHONE.pattern + "|电|机(?=同)"),
            ("J", r"[/&+、,和及与跟或的]|and|or"),
            ("F", r"号码?|请|打|拨|[添加]加?|直接|联系"),
            ("X", r"[^\w\n]"),
        )
    )
)  # fmt: skip
_FORWARD, _BACK = 26, 18
_DIALLED = {ContactKind.PHONE, ContactKind.WECHAT, ContactKind.WHATSAPP, ContactKind.QQ}
_WHATSAPP_BEHIND = re.compile(
    rf"[^\w\n@+]{{0,3}}[加用有]?(?:{IN_NOTE[ContactKind.WHATSAPP].pattern})(?![a-z])(?:号|me(?![a-z])|us(?![a-z])|联系|联络|查询|\s)*(?![^\w\n]{{0,4}}[0-9+@])"
)
_NUMBER = re.compile(r"[0-9]{5,15}")
_ALL = re.compile(
    rf"[^\n。!?]{{0,40}}?都是(?:我的?)?(?:{IN_NOTE[ContactKind.WECHAT].pattern})号?(?![^\w\n]{{0,3}}[a-z0-9@])"
)


def also_named(folded: str, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """What the notes beside the numbers among ``candidates`` say that these are as well.

    A note gives the other kind beside the one that was read (its rules begin with ``same number``). One that says of several
    numbers that all of them are WeChat (都是微信) gives that kind alone; its rules begin with ``label``.
    """
    seen: dict[tuple[int, int], tuple[str, str]] = {}
    for c in candidates:
        if c.kind not in _DIALLED or not _NUMBER.fullmatch(c.canonical):
            continue
        place = c.start, c.end
        if place not in seen:
            seen[place] = _behind(folded, c.end), _in_front(folded, c.start)
        rules = ("same number", *c.rules[1:])
        own = re.sub(r"^86(?=1[3-9][0-9]{9}$)", "", c.canonical)  # the code is written for WhatsApp alone
        said = "".join(seen[place])
        for kind, letter in _LETTER.items():
            if letter in said and kind is not c.kind and (kind is not ContactKind.QQ or c.kind is ContactKind.WECHAT):
                yield replace(c, kind=kind, canonical=own, confidence=0.8, rules=rules)
        if "P" in said and c.kind is not ContactKind.PHONE and len(own) == 11 and own[0] in "18":
            yield replace(c, kind=ContactKind.PHONE, canonical=own, confidence=0.8, rules=rules)
        if c.kind is ContactKind.PHONE and _WHATSAPP_BEHIND.match(folded, c.end):
            yield replace(c, kind=ContactKind.WHATSAPP, confidence=0.85, rules=("label behind", *c.rules[1:]))
        if c.kind is ContactKind.PHONE and c.confidence > DOUBTED and WECHAT_BEHIND.match(folded, c.end):
            yield replace(
                c, kind=ContactKind.WECHAT, canonical=own, confidence=0.8, rules=("label behind", *c.rules[1:])
            )
        if c.kind is ContactKind.PHONE and _ALL.match(folded, c.end):
            yield replace(c, kind=ContactKind.WECHAT, confidence=0.82, rules=("all named", *c.rules[1:]))


def _words(folded: str, at: int, limit: int) -> tuple[str, int]:
    """The kinds of the words that follow one another from ``at``, and where they end."""
    kinds = ""
    while at < limit and len(kinds) < 14:
        match = _WORD.match(folded, at)
        if match is None or match.end() > limit:
            break
        kinds += match.lastgroup or ""
        at = match.end()
    return kinds, at


def _behind(folded: str, at: int) -> str:
    kinds, end = _words(folded, at, min(len(folded), at + _FORWARD))
    services = "".join(sorted(set(kinds) & set("WAQ")))
    if not services or "D" in kinds:
        return ""
    own = end < len(folded) and (folded[end] in "@+" or (folded[end].isascii() and folded[end].isalnum()))
    bare = kinds.replace("X", "").replace("J", "").replace("F", "")
    phone = "P" if "P" in bare else ""
    if "S" in bare or (not own and ("B" in bare or "T" in bare or phone)):
        return services + ("P" if phone or "W" not in services else "") if services else ""
    return ""


def _in_front(folded: str, at: int) -> str:
    for start in range(max(0, at - _BACK), at):
        kinds, end = _words(folded, start, at)
        if end == at:
            services = "".join(sorted(set(kinds) & set("WAQ")))
            # a sameness that no name stands before is of something else: 给我一个号,瓦次普 ...
            if services and ("P" in kinds or "S" in kinds.lstrip("SFJX")):
                return services + ("P" if "P" in kinds else "")
    return ""
