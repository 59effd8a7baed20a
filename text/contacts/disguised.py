"""Addresses taken apart (spaced, dots in words, another sign for @) and contacts told in pieces or in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.types import ContactKind
from text.contacts.addresses import EMAIL, PUBLIC, TLD, URL, canonical_host, has_hidden_tld
from text.contacts.candidate import Candidate
from text.contacts.handles import looks_made_up
from text.contacts.names import IN_NOTE
from text.contacts.reading import DIGIT_OF, LAB_VALUE, MOBILE, REVERSED

# w w w . z q 0 . e x a m p l e: single signs with single spaces
_SPACED = re.compile(r"(?<!\S)[a-z0-9](?: [a-z0-9.@:/_\-]){7,80}(?![^\s一-鿿。，,])")
_DOT = r"(?:\s?[(\[【{<]\s?(?:点|dot|\.|。)\s?[)\]】}>]\s?|\s?(?:点|dot|。|[·•])\s?|\s{0,3}\.\s{0,3})"
_NAME = r"[a-z0-9零〇一二三四五六七八九\-]{1,40}"
_TOP = "com|net|cn|cc|top|vip|hk|xyz|org|app|shop|club|site|info|example|test"
_DOTTED = re.compile(
    rf"(?P<scheme>(?:https?|hxxps?)\s?:\s?/\s?/\s?)?(?<![a-z0-9@.\-])(?P<host>(?:{_NAME}{_DOT}){{1,4}}(?:{_TOP}))(?![a-z0-9\-])"
    r"(?P<path>\s?(?:/|斜[杠线])\s?[a-z0-9\-._~/?#&=%]{1,200})?"
)
# another sign for @, where a note or the label says that this is an e-mail: zq0hr#lab.test（#换成@）
_SIGNED = re.compile(
    rf"(?<![a-z0-9._%+\-])(?P<user>[a-z0-9][a-z0-9._+\-]{{1,40}})\s?[#*$&☆★△▲●]\s?(?P<host>(?:[a-z0-9\-]{{1,40}}\.){{1,3}}(?:{TLD}))(?![a-z0-9\-])"
)
_MAIL = re.compile(r"邮|e-?mail|信箱")
_SWAPPED = re.compile(r"[换改变替代][成为]?\s?(?:@|at|艾特)|[=当是]\s?@|@的?地方")
# zq0 下划线 xiaoman
_SPOKEN = re.compile(
    r"(?<![a-z0-9_])(?P<a>[a-z][a-z0-9]{1,12})[^\w\n]{0,2}(?:(?:后面|中间|然后|再)?[加是]?[一有]?个?)(?P<sign>下划线|下横线|underscore|中?横[杠线]|减号|短杠)"
    r"[^\w\n]{0,2}(?:(?:然后|后面|再)?[加是]?[一-鿿]{0,6}?)[^\w\n]{0,2}(?P<b>[a-z0-9]{1,12})(?![a-z0-9_])"
)
# elppa0qz 倒过来加微信
_TURNED = re.compile(
    rf"(?<![a-z0-9_@./])(?P<id>[a-z0-9][a-z0-9_\-]{{5,19}})[^\w\n]{{0,3}}(?:这个|把它)?(?:(?:{REVERSED.pattern})[^\n。a-z0-9]{{0,4}}?(?:{IN_NOTE[ContactKind.WECHAT].pattern})(?![^\w\n]{{0,3}}[a-z0-9@])"
    rf"|(?:{IN_NOTE[ContactKind.WECHAT].pattern})号?[^\w\n]?[^\n。a-z0-9]{{0,3}}?(?:{REVERSED.pattern}))"
)
# 前半截 zq0 ... 后半截：_lucky99
_HALVES = re.compile(
    r"(?:前半?[截段部]|前一半|上半[截段部]?|第一[段截]|开头|前面|前[0-9三四五六七]位|写?一半)[^\w\n]{0,2}(?:就?是|为)?[^\w\n]{0,2}(?P<a>[a-z0-9_\-]{2,12})(?![a-z0-9_\-])"
    r"(?:[^a-z0-9]{0,6}中间[^a-z0-9]{0,4}(?P<m>[0-9]{2,6}))?[^a-z0-9]{1,40}?(?:后半?[截段部]|后一半|下半[截段部]?|第二[段截]|另外?一半|剩下的?|后面|最后|[后末][0-9三四五六七八]位)[^\w\n]{0,2}(?:就?是|为)?[^\w\n]{0,2}(?P<b>[a-z0-9_\-]{2,12})(?![a-z0-9_\-])"
)


def find_disguised(folded: str) -> Iterator[Candidate]:
    """Addresses and contacts in a folded text that were taken apart, in no order, overlapping ones left in."""
    for match in _SPACED.finditer(folded):
        yield from _closed_up(match)
    for match in _DOTTED.finditer(folded) if has_hidden_tld(folded) else ():
        yield from _dotted(match)
    for match in _SIGNED.finditer(folded):
        near = folded[match.end() : match.end() + 24]
        if _MAIL.search(folded, max(0, match.start() - 12), match.start()) or _SWAPPED.search(near):
            address = f"{match['user']}@{match['host']}"
            yield Candidate(*match.span(), ContactKind.EMAIL, address, 0.85, ("address", "disguised"))
    for match in _SPOKEN.finditer(folded):
        handle = match["a"] + ("_" if match["sign"] in ("下划线", "下横线", "underscore") else "-") + match["b"]
        if 6 <= len(handle) <= 20 and re.search("[0-9]", handle):
            yield Candidate(*match.span(), ContactKind.WECHAT, handle, 0.95, ("told in words",))
    for match in _TURNED.finditer(folded):
        if re.search("[a-z]$", match["id"]) and looks_made_up(match["id"][::-1]):
            yield Candidate(*match.span("id"), ContactKind.WECHAT, match["id"][::-1], 0.8, ("label behind", "reversed"))
    for match in _HALVES.finditer(folded):
        whole = match["a"] + (match["m"] or "") + match["b"]
        value = re.search(LAB_VALUE, folded[max(0, match.start() - 12) : match.start()])
        if MOBILE.fullmatch(whole) and not value:
            yield Candidate(match.start("a"), match.end("b"), ContactKind.PHONE, whole, 0.8, ("halves",))
        elif 6 <= len(whole) <= 20 and whole[0].isalpha() and looks_made_up(whole):
            yield Candidate(match.start("a"), match.end("b"), ContactKind.WECHAT, whole, 0.75, ("halves",))


def _closed_up(match: re.Match[str]) -> Iterator[Candidate]:
    written = match.group().replace(" ", "")
    email, url = EMAIL.fullmatch(written), URL.fullmatch(written)
    if email:
        yield Candidate(*match.span(), ContactKind.EMAIL, written, 0.85, ("address", "spelled out"))
    elif url and not PUBLIC.search(url["host"]):
        address = canonical_host(url["host"]) + (url["port"] or "") + (url["path"] or "").rstrip("./")
        yield Candidate(*match.span(), ContactKind.URL, address, 0.8, ("address", "spelled out"))


def _dotted(match: re.Match[str]) -> Iterator[Candidate]:
    written = match["host"]
    host = re.sub(_DOT, ".", written)
    host = "".join(DIGIT_OF[c] if "一" <= c <= "鿿" or c == "〇" else c for c in host)
    if host == written and not re.search(r"\s", match["path"] or ""):
        return  # a plain address
    bare = not re.search("点|dot|[。·•]|[(\\[【{<]", written)
    parts = host.split(".")
    # "the end. com" is prose: where only spaces hide the dot, the name must look like one
    named = match["scheme"] or match["path"] or parts[0] == "www" or re.search("[0-9]", parts[-2])
    if (bare and not named) or PUBLIC.search(host) or all(part.isdigit() for part in parts[:-1]):
        return
    path = re.sub(r"\s", "", match["path"] or "").replace("斜杠", "/").replace("斜线", "/").rstrip(".,;:!?'*/")
    yield Candidate(*match.span(), ContactKind.URL, canonical_host(host) + path, 0.8, ("address", "disguised"))
