"""Contact points in a text, as they are really hidden: homophone labels, dressed digits, separators, several readings.

``find_contacts`` is the whole interface. A reading of at least 0.5 confidence is one that the program believes; below that it is
kept for a person to see (the literal form of a handle that is said to be written backwards, say).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.types import ContactKind, ContactPoint
from text.contacts.addresses import find_addresses
from text.contacts.authors import find_authors
from text.contacts.candidate import DOUBTED, Candidate
from text.contacts.disguised import find_disguised
from text.contacts.guards import guarded
from text.contacts.heard import SOUNDS
from text.contacts.labelled import find_labelled
from text.contacts.labels import GENERIC
from text.contacts.notes import also_named
from text.contacts.numbers import find_numbers
from text.contacts.pieces import find_pieces
from text.contacts.reading import DIGIT
from text.contacts.regions import names_macau, placed
from text.contacts.reread import find_reread, in_doubt_as_written
from text.normalise import Normalised, normalise

__all__ = ["find_contacts"]

MAX_CHARACTERS = 200_000
_SECOND = 0.6  # the confidence of a second reading that is still believed
_CELL = 64
_POSSIBLE = re.compile(
    rf"[a-z][a-z0-9_\-]{{2}}|[0-9]{{5}}|@|[a-z0-9]\s{{0,3}}点|点\s{{0,3}}[a-z0-9]|[0-9][^\n]{{0,12}}\n?[^\n]{{0,20}}[0-9]{{4}}|[{SOUNDS}]{{10}}|[a-z0-9]\.[a-z]{{2}}|[0-9]{{2}}[加跟接]|(?:[a-z0-9]{{1,2}}[一-鿿]){{4}}|[0-9]{{3}}[一-鿿]{{1,4}}[0-9]{{1,5}}[一-鿿]{{1,4}}[0-9]{{2}}|[三四五345]个(?:连着的?|连续的?)?[0零〇o圈洞]|字母[^\n]{{0,3}}[a-z]|{DIGIT}(?:[\W_]{{0,5}}{DIGIT}){{3}}|[a-z0-9](?:[\W_]{{1,3}}[a-z0-9零〇]){{4}}"
)


_HONG_KONG = re.compile(r"港|hk|852|九龙|旺角|尖沙|佐敦|铜锣湾|唔|佢|搵|嚟|哋")
# a label that names the phone beside the messenger: 电话/微信, Tel & WhatsApp
_PHONE_TOO = re.compile(
    r"(?:电话?|手机|热线|tel|phone|mobile|call|☎|📞|📱)[.号:]?\s?(?:[/&+、,|]|或|和|及|同|or|and)\s?[^\d\n。，]{0,14}$"
    r"|(?:[/&+、|]|或|和|及|同|or|and)\s?(?:电话?|手机|热线|tel|phone|mobile|call|☎|📞|📱)[^\d\n。，]{0,6}$"
)
# the messenger is the number of a phone, which is not offered as one: 薇是手机号
_AS_NUMBER = re.compile(
    r"(?:[微薇徽v威卫][信芯x]?|wx|wechat|绿泡泡?)号?(?:(?<![也就都])[是为用])(?:我的?)?手机号码?[^\w\n]{0,3}$"
)
_TRADITIONAL = re.compile("[電話為個這們後來開關請聯時間體檢驗報嘅喺咗啲㗎]")


def find_contacts(text: str, title: str = "") -> list[ContactPoint]:
    """The contact points of a document, by field (title first) and position.

    Each has its raw span (code points of the field it stands in), its canonical value, the rules that led to it and a confidence. A
    contact that begins in the title and ends in the text is given where its longer part stands. What lies beyond 200,000
    characters is left out.

    Policy: a number under a WeChat or WhatsApp label is of that kind alone; it is a phone as well only where the label or a
    note says so (电话/微信, 微信同号), and else stays a phone in doubt (0.4). Of a URL the host is lower-cased, its www.
    dropped and the path kept as written, since servers tell paths apart by case. Webmaster contacts, emergency and reporting lines,
    accounts that are used no more, and numbers of orders, permits and standards are no contacts of the advert. What has to be guessed (a half that is nowhere written) is not completed.

    Canonical values: phones in digits (mainland without 86, others with their country code, so 852 for Hong Kong), WeChat,
    Telegram and Line in lower case without ``@``, e-mail in lower case, URLs as host and path without scheme.
    """
    border = len(title) + 1 if title else 0
    whole = f"{title}\n{text}" if title else text
    normal = normalise(whole[:MAX_CHARACTERS])
    if not _POSSIBLE.search(normal.folded):
        return []
    local = bool(_HONG_KONG.search(normal.folded)) or names_macau(normal.folded)
    local = local or len(_TRADITIONAL.findall(whole[:MAX_CHARACTERS])) >= 3
    candidates = [
        *find_addresses(normal.folded),
        *find_disguised(normal.folded),
        *find_labelled(normal.folded, local),
        *find_numbers(normal.folded, local),
        *find_pieces(normal.folded),
        *find_authors(normal.folded),
    ]
    together = list(find_reread(normal, local))
    candidates = list(placed(normal.folded, [*in_doubt_as_written(candidates, together), *together]))
    candidates += list(also_named(normal.folded, candidates))
    kept = _settle(list(guarded(normal.folded, candidates)), normal.folded)
    points = [_point(candidate, normal, border) for candidate in kept]
    return sorted(points, key=lambda p: (p.field != "title", p.start, -p.confidence))


def _settle(candidates: Sequence[Candidate], folded: str) -> list[Candidate]:
    """Of overlapping candidates the best, and other readings of the very same span; of one reading, the best trace."""
    kept: list[Candidate] = []
    cells: dict[int, list[Candidate]] = {}  # kept candidates by where they lie, so that the work stays linear
    for candidate in sorted(_doubt_second_readings(candidates, folded), key=_rank):
        own = range(candidate.start // _CELL, candidate.end // _CELL + 1)
        near = {id(other): other for cell in own for other in cells.get(cell, ())}.values()
        clash = [other for other in near if candidate.start < other.end and other.start < candidate.end]
        if any(other.kind is candidate.kind and other.canonical == candidate.canonical for other in clash):
            continue
        if all(_other_reading(candidate, other) for other in clash):
            kept.append(candidate)
            for cell in own:
                cells.setdefault(cell, []).append(candidate)
    return kept


def _doubt_second_readings(candidates: Sequence[Candidate], folded: str) -> list[Candidate]:
    """A number that a WeChat or WhatsApp label announces is a phone only where the label or a note says both."""
    alone: set[tuple[int, str]] = set()  # a note says that they are WeChat, whatever the label
    named: set[tuple[int, str]] = set()  # by the end and the last digits: the span may begin at a country code or not
    both: set[tuple[int, str]] = set()
    for c in candidates:
        number = c.end, c.canonical[-8:]
        if c.kind in (ContactKind.WECHAT, ContactKind.WHATSAPP):
            named.add(number)
            if c.rules[0] == "all named" or _AS_NUMBER.search(folded, max(0, c.start - 20), c.start):
                alone.add(number)
            if c.rules[0] == "same number" or _PHONE_TOO.search(folded, max(0, c.start - 30), c.start):
                both.add(number)
        elif c.kind is ContactKind.PHONE and (
            c.rules[0] in ("shared label", "same number")
            or (c.rules[0].startswith("label ") and not GENERIC.fullmatch(c.rules[0][6:]) and c.confidence > _SECOND)
        ):
            both.add(number)
    return [
        replace(c, confidence=DOUBTED)
        if c.kind is ContactKind.PHONE
        and (number := (c.end, c.canonical[-8:])) in named
        and (number in alone or number not in both)
        else c
        for c in candidates
    ]


def _rank(candidate: Candidate) -> tuple[bool, float, int]:
    # an address holds its parts together: the user of an e-mail is no handle
    own_shape = candidate.kind in (ContactKind.EMAIL, ContactKind.URL) or candidate.rules[0].endswith("link")
    own_shape = own_shape or (candidate.kind is ContactKind.LINE and "." in candidate.canonical)  # zq0.tw is no host
    return not own_shape, -candidate.confidence, candidate.start - candidate.end


def _other_reading(candidate: Candidate, other: Candidate) -> bool:
    same_place = candidate.start == other.start and candidate.end == other.end
    dialled = {ContactKind.PHONE, ContactKind.WECHAT, ContactKind.WHATSAPP}
    same_number = candidate.canonical[-8:] == other.canonical[-8:] and {candidate.kind, other.kind} <= dialled
    reversed_reading = same_place and candidate.kind is other.kind and "reversed" in (*candidate.rules, *other.rules)
    shared = {candidate.rules[0], other.rules[0]} & {"shared label", "same number"}
    if {"as written", "other edge"} & set(
        candidate.rules
    ) and candidate.kind is other.kind:  # what is told to be read otherwise
        return candidate.confidence < DOUBTED
    return (candidate.kind is not other.kind and (same_number or (same_place and bool(shared)))) or reversed_reading


def _point(candidate: Candidate, normal: Normalised, border: int) -> ContactPoint:
    start, end = normal.raw_span(candidate.start, candidate.end)
    rules = candidate.rules
    if normal.raw[start:end].lower() != normal.folded[candidate.start : candidate.end]:
        rules = (*rules, "folded signs")
    field = "text" if start >= border else "title"
    if field == "title" and end > border:
        rules = (*rules, "title and text")
        if end - border >= border - 1 - start:
            field, start = "text", border
        else:
            end = border - 1
    raw = normal.raw[start:end]
    canonical = _path_as_written(candidate.canonical, raw) if candidate.kind is ContactKind.URL else candidate.canonical
    shift = border if field == "text" else 0
    return ContactPoint(candidate.kind, raw, canonical, start - shift, end - shift, rules, candidate.confidence, field)


def _path_as_written(canonical: str, raw: str) -> str:
    """The canonical URL with its path in the case of the raw text (hosts do not tell case apart, paths do)."""
    host, slash, path = canonical.partition("/")
    at = raw.lower().rfind(path) if path else -1
    return host + slash + raw[at : at + len(path)] if at >= 0 else canonical
