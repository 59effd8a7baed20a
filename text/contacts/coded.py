"""Contacts in what QR and bar codes say: links that add a friend or open a group, numbers to dial, cards of addresses, payment codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from core.types import ContactKind, ContactPoint
from text.contacts import find_contacts

FIELD = "qr"
SURE = 0.98
_DIGITS = re.compile(r"\D+")
_WECHAT = re.compile(
    r"^(?:u\.wechat\.com/|weixin\.qq\.com/[a-z]/|work\.weixin\.qq\.com/(?:ca|u|gm|ct|kfid)/|qr\.weixin\.qq\.com/)\S{4,}",
    re.IGNORECASE,
)
_QQ = re.compile(
    r"^(?:qm\.qq\.com/(?:q/|cgi-bin/qm/qr\?\S*k=)|jq\.qq\.com/\?\S*k=|qun\.qq\.com/\S*k=)\S{4,}", re.IGNORECASE
)
_CARD_PHONE = re.compile(r"(?:^|[\n;:])(?:TEL|CELL)[^:\n]{0,60}:(?:tel:)?([+\d][\d\- ]{5,20})", re.IGNORECASE)


def find_coded(codes: str) -> list[ContactPoint]:
    """The contact points of ``Document.code_text`` (one code a line), all of field ``qr`` and with ``qr`` first among their rules.

    A link that adds a friend or opens a group reaches somebody as a handle does: it is of the kind of its platform, its canonical value
    host and path as they stand, since the platform tells their case apart. Any other address is a URL.
    """
    found: list[ContactPoint] = []
    at = 0
    for line in codes.split("\n"):
        found += [replace(point, start=point.start + at, end=point.end + at) for point in _of_code(line)]
        at += len(line) + 1
    return found


def _of_code(line: str) -> list[ContactPoint]:
    bare = re.sub(r"^https?://", "", line.strip(), flags=re.IGNORECASE)
    for matches, kind, rule in _LINKS:
        if matches(bare):
            host, slash, path = bare.partition("/")
            return [_point(line, kind, f"{host.lower()}{slash}{path}", rule)]
    scheme, _, rest = line.strip().partition(":")
    if scheme.lower() in ("tel", "sms", "smsto") and len(number := _number(rest)) >= 5:
        return [_point(line, ContactKind.PHONE, number, "number to dial")]
    if scheme.lower() in ("wxp", "weixin") and len(rest) > 8:
        return [
            _point(line, ContactKind.WECHAT, line.strip(), "payment code" if scheme.lower() == "wxp" else "wechat link")
        ]
    if scheme.lower() in ("mqqapi", "mqq", "tencent") and (uin := _uin(line)):
        return [_point(line, ContactKind.QQ, uin, "qq link")]
    cards = [_point(line, ContactKind.PHONE, _number(match[1]), "card") for match in _CARD_PHONE.finditer(line)]
    return cards + [
        replace(
            point,
            field=FIELD,
            rules=("qr", *point.rules),
            confidence=max(point.confidence, 0.9 if _whole(point, line) else 0.0),
        )
        for point in find_contacts(line)
        if not (cards and point.kind is ContactKind.PHONE)
    ]


def _whole(point: ContactPoint, line: str) -> bool:
    """Whether the contact is all that the code says: then it is meant."""
    return point.end - point.start >= len(line.strip()) - 10


def _point(line: str, kind: ContactKind, canonical: str, rule: str) -> ContactPoint:
    return ContactPoint(kind, line, canonical, 0, len(line), ("qr", rule), SURE, FIELD)


def _number(text: str) -> str:
    digits = _DIGITS.sub("", text.partition(":")[0].partition("?")[0])
    return digits[2:] if digits.startswith("86") and len(digits) == 13 else digits


def _uin(link: str) -> str:
    try:
        asked = parse_qs(urlsplit(link).query)
    except ValueError:
        return ""
    return next(
        (
            value
            for name in ("uin", "group_code")
            for value in asked.get(name, ())
            if value.isdigit() and len(value) >= 5
        ),
        "",
    )


_LINKS: tuple[tuple[Callable[[str], object], ContactKind, str], ...] = (
    (_WECHAT.match, ContactKind.WECHAT, "wechat link"),
    (_QQ.match, ContactKind.QQ, "qq link"),
)
