"""Handles and numbers that a label or a verb announces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from core.types import ContactKind
from text.contacts.behind import find_behind
from text.contacts.candidate import DOUBTED, Candidate
from text.contacts.handles import WORDS, find_handle, looks_made_up
from text.contacts.heard import heard_number
from text.contacts.labels import (
    COLON,
    CONNECTIVE,
    ENGLISH,
    GENERIC,
    LABELS,
    LAST,
    NOT_PHONE_BEFORE,
    OTHER_NAME,
    SHORT_CONNECTIVE,
    VERB,
    VERB_NUMBER,
    Label,
)
from text.contacts.reading import (
    DIGIT_OF,
    HOTLINES,
    MOBILE,
    NUMERAL,
    Run,
    is_reversed,
    over_lines,
    phone_number,
)
from text.contacts.runs import announced_run, strewn_run

_AHEAD = re.compile(
    rf"[^\n。！？!?；;a-z0-9@]{{1,18}}?(?={NUMERAL}{{8,11}}(?!{NUMERAL}))|"
    r"[^\n。！？!?；;a-z0-9@]{1,18}?(?=(?:[a-z][a-z0-9_\-]{5,19}|[1-9][0-9]{6,10}|\+?85[23]|[2-9][0-9]{3} [0-9]{4})(?![a-z0-9_@.\-/%]))"
)
_LONG = re.compile(rf"[0-9]{{7,11}}|{NUMERAL}{{8,11}}")
_DATE = re.compile(r"20[0-3][0-9][01][0-9][0-3][0-9]")
_NEAR = re.compile(r"[^\n。！？!?；;a-z0-9@，,]{1,6}?(?=[a-z][a-z0-9_\-]{5,19}(?![a-z0-9_@.\-/%]))")
_BESIDE = re.compile(r"\s?(?:号码?|id)?\s?(?:[/&+、,|]|和|及|与|跟|或|同|and|or)?\s?")
_OPENED = re.compile(r"[a-z0-9_]\s?[(\[【]$")
_CLOSED = (")", "]", "】")
_APPS = {ContactKind.TELEGRAM, ContactKind.LINE, ContactKind.WHATSAPP}
_NEXT = re.compile(
    r"\s?(?:[、,/;|&]|或者?|和|or|以及|还有|\s)\s?(?:备用号?|另一?个|小号|第二个|号二|[a-z]{1,2}\s?[:：])?[:：]?\s?"
)
_MEASURE = re.compile(
    r"(?!\s?(?:[日周月年天][结薪入]|天天|日日|日常|周末|月底|万一|点击|人工|个人)|\s周[一二三四五六日](?![次回]))\s?(?:元|块|万|人|%|票|次|字|件|年|月|日|天|周|岁|级|楼|号楼|点|分钟|小时|米|mm|kg|号(?:文|令|公告|线))"
)
# of eleven digits in a mobile's shape there are no people: 📞13600000000 人在深圳
_PEOPLE = re.compile(r"\s?人")
_CODE = re.compile(r"[a-z]{2,6}[\s\-]?[0-9]")  # the WX-2026... of a number of orders
_ASKED = frozenset("加佳嘉她他我+➕")
_PARTING = re.compile(r"_(?![a-z0-9_]{1,30}_(?![a-z0-9_]))")  # one that no other at the end answers: _zq0lily_
_WORD = re.compile(r"[a-z]{1,20}")
_LINE_ID = re.compile(
    r"(?!www\.|[a-z0-9_\-.]{1,40}\.(?:com|net|cn|cc|top|vip|org|example|test)(?![a-z]))\.?[a-z0-9][a-z0-9_\-]{0,18}(?:\.[a-z0-9_\-]{1,18}){1,3}(?![a-z0-9@/])|\.[a-z0-9][a-z0-9_\-]{3,18}(?![a-z0-9@/.])"
)
_BACKWARDS = re.compile(r"[a-z0-9_\-]{6,20}(?![a-z0-9_])")
_HANDLES = {ContactKind.WECHAT, ContactKind.TELEGRAM, ContactKind.LINE}


def find_labelled(folded: str, hong_kong: bool) -> Iterator[Candidate]:
    """The contacts in a folded text that a label announces, in no order, overlapping ones left in.

    With ``hong_kong`` eight digits are a Hong Kong number.
    """
    yield from _announced(folded, hong_kong)
    for pattern, rule, confidence in ((VERB, "verb", 0.6), (COLON, "colon", 0.55)):
        for match in pattern.finditer(folded):
            if OTHER_NAME.search(folded[max(0, match.end() - 12) : match.end()]):
                continue
            handle = find_handle(folded, match.end())
            if handle and looks_made_up(handle[1]) and re.search("[a-z].*[a-z]|[0-9]{5}", handle[1]):
                yield Candidate(match.end(), handle[0], ContactKind.WECHAT, handle[1], confidence, (rule, *handle[2]))
    for match in VERB_NUMBER.finditer(folded):
        if not HOTLINES.fullmatch(match["id"]) and not _MEASURE.match(folded, match.end()):
            yield Candidate(*match.span("id"), ContactKind.QQ, match["id"], 0.55, ("verb",))
    yield from find_behind(folded)
    for match in LAST.finditer(folded):
        if (
            not re.fullmatch("[a-z]+[0-9]", match["id"])
            and re.split("[^a-z]", match["id"])[0] not in WORDS
            and looks_made_up(match["id"])
            and len(re.findall("[a-z]", match["id"])) >= 3
            and re.search("[0-9]", match["id"])
            and folded.count(match["id"]) == 1
            and not OTHER_NAME.search(folded[max(0, match.start("id") - 12) : match.start("id")])
        ):
            yield Candidate(*match.span("id"), ContactKind.WECHAT, match["id"], 0.5, ("last word of a line",))


def _announced(folded: str, hong_kong: bool) -> Iterator[Candidate]:
    """What the labels name, the last label first, so that one beside another (微信/QQ：...) can share what that one names."""
    found: dict[int, list[Candidate]] = {}
    labels = [(match.start(), label, match) for label in LABELS for match in label.pattern.finditer(folded)]
    for start, label, match in sorted(labels, key=lambda entry: (-entry[0], entry[1].strong)):
        word = _WORD.match(folded, start)
        if word and word.end() > match.end() and word.group() in WORDS:
            continue  # the v of vlog
        other = NOT_PHONE_BEFORE.search(folded[max(0, start - 12) : start])
        if other and (not label.strong or ("号" in other.group() and _CODE.match(folded, start))):
            continue
        if folded[match.end() : match.end() + 1] in _CLOSED and _OPENED.search(folded, max(0, start - 3), start):
            continue  # zq0_lily(v): it names what stands before it
        connective = CONNECTIVE if label.strong else SHORT_CONNECTIVE
        joint = connective.match(folded, match.end())
        at = joint.end() if joint else match.end()
        if at == match.end() and _PARTING.match(folded, at):
            at += 1  # vx_zq0lily: it parts the name from the handle
        beside = _BESIDE.match(folded, match.end())
        named = []
        if beside and not GENERIC.fullmatch(match.group()):
            named = [shared for c in found.get(beside.end(), ()) if (shared := _shared(c, label.kind))]
        named = named or list(_chain(folded, at, label, match.group(), hong_kong))
        if not named and folded[match.end() : match.end() + 1] in (" ", "'", ","):
            at = ENGLISH.match(folded, match.end()).end()  # type: ignore[union-attr]  # it may be empty
            named = [
                c
                for c in _chain(folded, at, label, match.group(), hong_kong)
                if looks_made_up(c.canonical) and not _DATE.fullmatch(c.canonical)
            ]
        asked = folded[max(0, start - 2) : start].strip()[-1:] in _ASKED
        if not named and (label.strong or asked or label.kind in _APPS):
            named = list(_ahead(folded, match.end(), label, match.group()))
        yield from named
        found.setdefault(start, []).extend(named)


def _shared(c: Candidate, kind: ContactKind) -> Candidate | None:
    """What the label beside it names, as a contact of this kind too; None where it can be none."""
    if c.kind is kind:
        return None
    number = c.canonical.isdigit()
    if kind in (ContactKind.TELEGRAM, ContactKind.LINE) and number:
        return None
    if kind is ContactKind.QQ and not (number and 5 <= len(c.canonical) <= 10):
        return None
    canonical = phone_number(c.canonical, False) if kind is ContactKind.PHONE and number else c.canonical
    if canonical is None or (
        kind in (ContactKind.PHONE, ContactKind.WHATSAPP) and not (number and len(canonical) >= 8)
    ):
        return None
    return replace(
        c,
        kind=kind,
        canonical=canonical,
        confidence=round(c.confidence - 0.05, 2),
        rules=("shared label", *c.rules[1:]),
    )


def _ahead(folded: str, at: int, label: Label, written: str) -> Iterator[Candidate]:
    """A made-up handle or a long number a few words behind the label (加她Q说某某介绍来的 ...)."""
    words = (_AHEAD if label.strong or label.kind not in _APPS else _NEAR).match(folded, at)
    if words is None or label.kind is ContactKind.PHONE:
        return
    start = words.end()
    if label.kind is ContactKind.WHATSAPP:
        run = announced_run(folded, start, eight=True)
        if run:
            yield from _number(folded, run, label, f"label {written}", True, True)
        return
    digits = _LONG.match(folded, start)
    if digits and not _MEASURE.match(folded, digits.end()):
        read = "".join(DIGIT_OF[c] for c in digits.group())
        if (MOBILE.fullmatch(read) or label.kind is ContactKind.QQ) and not _DATE.fullmatch(read):
            yield Candidate(start, digits.end(), label.kind, read, 0.55, (f"label {written}", "words between"))
        return
    handle = find_handle(folded, start)
    if handle and label.kind in _HANDLES and looks_made_up(handle[1]) and len(handle[1]) >= 6:
        rules = f"label {written}", "words between", *handle[2]
        turned = is_reversed(folded, start, handle[0])
        if turned:
            yield Candidate(start, handle[0], label.kind, handle[1][::-1], 0.6, (*rules, "reversed"))
        yield Candidate(start, handle[0], label.kind, handle[1], 0.3 if turned else 0.6, rules)


def _chain(folded: str, at: int, label: Label, written: str, hong_kong: bool) -> Iterator[Candidate]:
    """What one label names: the first handle or number behind it, and those that are listed after it."""
    for position in range(4):
        rule = f"label {written}" if position == 0 else "listed"
        named = list(_named(folded, at, label, rule, hong_kong, position > 0))
        yield from named
        if not named:
            return
        following = _NEXT.match(folded, named[0].end)
        if following is None:
            return
        at = following.end()


def _named(folded: str, at: int, label: Label, rule: str, hong_kong: bool, listed: bool) -> Iterator[Candidate]:
    if folded[at : at + 1] == "@":
        at += 1
    if label.kind is ContactKind.LINE:  # its ids may hold a full stop, and begin with one
        if at > 1 and folded[at - 1] == "." and folded[at - 2] in " :":
            at -= 1
        dotted = _LINE_ID.match(folded, at)
        if dotted and 4 <= len(dotted.group()) <= 20 and re.search("[a-z]", dotted.group()):
            yield Candidate(*dotted.span(), label.kind, dotted.group(), 0.9, (rule,))
            return
    heard = heard_number(folded, at) or strewn_run(folded, at)
    if heard and label.kind in (ContactKind.WECHAT, ContactKind.PHONE):
        yield from _number(folded, heard, label, rule, hong_kong, listed)
        return
    if label.kind in _HANDLES:
        handle = find_handle(folded, at)
        if handle is not None:
            yield from _handle(folded, at, handle, label, rule, listed)
            return
        backwards = _BACKWARDS.match(folded, at)
        if backwards and re.search("[a-z]$", backwards.group()) and is_reversed(folded, *backwards.span()):
            yield Candidate(*backwards.span(), label.kind, backwards.group()[::-1], 0.8, (rule, "reversed"))
            return
    lines = over_lines(folded, at) if label.kind is not ContactKind.TELEGRAM else None
    if lines:
        yield from _number(folded, lines, label, rule, hong_kong, listed)
        return
    run = announced_run(folded, at, eight=hong_kong or label.kind is ContactKind.WHATSAPP)
    if run is None or (label.kind is ContactKind.TELEGRAM and len(run.digits) < 8):
        return
    if not label.strong and "separators" in run.rules and len(run.digits) < 7:
        return
    yield from _number(folded, run, label, rule, hong_kong, listed)


def _handle(
    folded: str, at: int, handle: tuple[int, str, tuple[str, ...]], label: Label, rule: str, listed: bool
) -> Iterator[Candidate]:
    end, canonical, rules = handle
    made_up = looks_made_up(canonical)
    if canonical in WORDS or (
        not made_up and (listed or set(rules) - {"chinese numerals"} or not label.strong or len(canonical) < 6)
    ):
        return
    if re.match(r"\.[a-z]{2,}|@", folded[end:]) or (re.fullmatch(r"[a-z]+[0-9]{0,2}", canonical) and listed):
        return
    confidence = 0.92 if label.strong and made_up else 0.75 if label.strong else 0.8
    if listed or rules:
        confidence -= 0.1
    if is_reversed(folded, at, end):
        yield Candidate(at, end, label.kind, canonical[::-1], 0.8, (rule, *rules, "reversed"))
        confidence = 0.3
    yield Candidate(at, end, label.kind, canonical, round(confidence, 2), (rule, *rules))
    edge = canonical.strip("-_")
    if edge != canonical and len(edge) >= 5 and folded[at:end] == canonical:
        start = at + canonical.index(edge)
        yield Candidate(start, start + len(edge), label.kind, edge, 0.3, (rule, *rules, "other edge"))


def _number(folded: str, run: Run, label: Label, rule: str, hong_kong: bool, listed: bool) -> Iterator[Candidate]:
    digits, rules = run.digits, (rule, *run.rules)
    coded = re.fullmatch(r"(?:00)?(?:86(1[3-9][0-9]{9})|(85[23][2-9][0-9]{7}))", digits)
    if coded:
        digits = coded[1] or coded[2]
    measured = _MEASURE.match(folded, run.end) and not (MOBILE.fullmatch(digits) and _PEOPLE.match(folded, run.end))
    if HOTLINES.fullmatch(digits) or measured:
        return
    if is_reversed(folded, run.start, run.end) and not (
        MOBILE.fullmatch(digits) and not MOBILE.fullmatch(digits[::-1])
    ):
        digits, rules = digits[::-1], (*rules, "reversed")
    base = 0.93 if label.strong else 0.85
    base -= 0.05 * len(run.rules) + (0.1 if listed else 0)
    kind = label.kind
    if kind is ContactKind.PHONE:
        spaced = re.fullmatch(r"[2-9][0-9]{3} [0-9]{4}", folded[run.start : run.end])
        phone = phone_number(digits, hong_kong or bool(spaced))
        if phone:
            yield Candidate(run.start, run.end, kind, phone, round(base, 2), rules)
    elif kind is ContactKind.WHATSAPP:
        abroad = digits.startswith("001") or (
            re.match(r"1[\s.(\-]", folded[run.start : run.start + 2]) and folded[: run.start].endswith(("+", "00"))
        )
        phone = phone_number(digits, True) if len(digits) > 7 and not abroad else None
        phone = phone or (digits.removeprefix("00") if 9 <= len(digits) <= 15 else None)
        if phone:
            yield Candidate(
                run.start,
                run.end,
                kind,
                "86" + phone if MOBILE.fullmatch(phone) and not abroad else phone,
                round(base, 2),
                rules,
            )
    elif listed and kind in (ContactKind.LINE, ContactKind.TELEGRAM) and (phone := phone_number(digits, hong_kong)):
        yield Candidate(run.start, run.end, ContactKind.PHONE, phone, round(base, 2), rules)  # zq0may or 0936 ...
    elif kind is ContactKind.LINE and len(digits) >= 9:
        yield Candidate(run.start, run.end, kind, run.digits, round(base - 0.2, 2), rules)
    elif kind is ContactKind.TELEGRAM:
        yield Candidate(run.start, run.end, kind, digits, round(base - 0.2, 2), rules)
    elif MOBILE.fullmatch(digits):
        if kind is ContactKind.WECHAT:
            yield Candidate(run.start, run.end, kind, digits, round(base, 2), rules)
        yield Candidate(
            run.start, run.end, ContactKind.PHONE, digits, DOUBTED if kind is ContactKind.WECHAT else 0.6, rules
        )
    elif kind is ContactKind.WECHAT and hong_kong and re.fullmatch(r"852[2-9][0-9]{7}", digits):
        yield Candidate(run.start, run.end, kind, digits, round(base, 2), rules)
    elif kind in (ContactKind.WECHAT, ContactKind.QQ) and 5 <= len(digits) <= 11:
        if kind is ContactKind.WECHAT and not label.strong and len(digits) < 7:
            return
        lower = 0.15 if kind is ContactKind.WECHAT or len(digits) == 5 else 0.0
        yield Candidate(run.start, run.end, kind, digits, round(base - lower, 2), rules)
