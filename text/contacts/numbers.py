"""Phone numbers that need no label: mainland mobile, landline and service numbers, Hong Kong and foreign ones."""

from __future__ import annotations

import re

from core.types import ContactKind
from text.contacts.candidate import Candidate
from text.contacts.heard import heard_numbers
from text.contacts.labels import NOT_PHONE_BEFORE
from text.contacts.reading import (
    DIGIT,
    GAP,
    LANDLINE,
    MOBILE,
    NUMERAL,
    SERVICE,
    Run,
    is_reversed,
    read_run,
    well_spaced,
)

_MOBILE_RUN = re.compile(rf"(?<![0-9])[1一壹幺lㄧ〡弌](?:{GAP}{{0,6}}{DIGIT}){{10}}(?![0-9])")
# the same odd sign between the groups, whatever it is: 187乄0000乄2295
_PARTED = re.compile(r"(?<![0-9])1[3-9][0-9]{1,2}(?P<gap>[^0-9\n]{1,3})[0-9]{3,4}(?P=gap)[0-9]{4}(?![0-9]|[.\-][0-9])")
_REVERSED_RUN = re.compile(rf"(?<![0-9])[0-9](?:{GAP}{{0,2}}[0-9]){{9}}{GAP}{{0,2}}1(?![0-9])")
_LANDLINE = re.compile(
    r"(?<![0-9.\-])[(]?(?P<area>0(?:10|2[0-9]|[3-9][0-9]{2}))[)]?(?:\s?-\s?|\s|(?<=[)]))(?P<own>[0-9]{7,8}|[0-9]{3}[\s\-][0-9]{4,5}|[0-9]{4}[\s\-][0-9]{3,4})(?![0-9])"
)
_SIGNED_LANDLINE = re.compile(
    r"(?<![0-9.\-/])0(?:10|2[0-9]|[3-9][0-9]{2})(?P<sign>[.·/_*~])[0-9]{4}(?P=sign)[0-9]{3,4}(?![0-9])"
)
# the same in numerals: 零五七七 八零零零零二六一
_SPOKEN_LANDLINE = re.compile(
    rf"(?<!{NUMERAL})[零〇洞]{NUMERAL}{{2,3}}[\s\-]?{NUMERAL}{{7,8}}(?!{NUMERAL}|[十百千万点])"
)
_TAIWAN = re.compile(r"(?<![0-9a-z.\-/])09[0-9]{2}(?P<sign>[\s\-])[0-9]{3}(?P=sign)[0-9]{3}(?![0-9]|[.\-/][0-9])")
# in any groups beside a word for the island: 台湾窗口 0932 18 0000
_TAIWAN_GROUPS = re.compile(r"(?<![0-9a-z.\-/])09(?:[\s\-]?[0-9]){6}[\s\-]?[0-9]{2}(?![0-9a-z_%]|[.\-/][0-9])")
_TAIWAN_PLACE = re.compile(r"台湾|台[北中南东]|新北|高雄|桃园|新竹|嘉义|基隆|花莲|屏东|taiwan|taipei|886")
_DATED = re.compile(r"[\s\-](?:19|20)[0-9]{2}$")
_SHORT_MESSAGE = re.compile(r"(?:短信|发送?|编辑)[^\n。]{0,20}?[至到]\s?(?P<id>106(?:[\s\-]?[0-9]){7,14})(?![0-9])")
_SERVICE = re.compile(
    rf"(?<![0-9.\-])[48]00(?:[\s\-]?[0-9]){{7}}(?![0-9])|(?<!{DIGIT})[4四肆8八捌](?:{GAP}?[0o零〇洞]){{2}}(?:{GAP}{{0,2}}(?:[0-9o]|{NUMERAL})){{7}}(?!{DIGIT})"
)
_HONG_KONG = re.compile(
    rf"(?<![0-9])(?:\+|00)?\s?[(]?(?P<code>852(?=[^0-9]{{0,4}}[2-9])|853(?=[^0-9]{{0,4}}[268]))[)]?{GAP}{{0,3}}(?P<own>[2-9](?:{GAP}{{0,2}}{DIGIT}){{7}})(?![0-9])"
)
_FOREIGN = re.compile(
    r"(?<![0-9a-z])(?:\+|(?<!\d)00(?=[1-9])|(?=886[\s\-]))\s?(?P<number>[1-9](?:[\s\-()]{0,3}[0-9]){7,14})(?![0-9])"
)
# eight digits in two groups: a Hong Kong number where the text is from there or calls it one
_EIGHT = re.compile(r"(?<![0-9$.,\-/#])(?P<a>[2-9][0-9]{3})[ \-](?P<b>[0-9]{4})(?![0-9]|[.,\-/][0-9]|\s?[元年月日])")
_CALLED = re.compile(
    r"enquir|book|call|tel|nurse|hotline|questions?|contact|查询|电|专线|总机|热线|wh?ats|wapp|ws(?![a-z])|搵|找|联络|联系|请"
)
_NAMED_PHONE = re.compile(r"(?:电话|热线|手机|致电|拨打?|tel|phone|call)(?:号码?)?[^\w\n]{0,3}$")
_WHATSAPP_AFTER = re.compile(r"[^\w\n]{0,3}(?:whats?\s?ap|wa(?![a-z])|ws(?![a-z]))")
_JOINED = re.compile(
    r"接上|接着|接标题|接下|凑一?起|凑齐|连起来|连着|拼起来|拼一?起|合起来|合一?起|加起来|前半|后半|续上"
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_PRICED = re.compile(r"\s?(?:hk\$?d?|港[币元]|rmb|价|费|元|套餐|一晚|起(?![0-9])|[$¥])")
_TAIWAN_CODE = 886  # its plan is wider than the table of valid numbers
_BEFORE = 24  # how far in front the words may stand that say what a number is
_UNIT = re.compile(r"\s?(?:号(?:诊|楼|房|床|窗|线|文件|订单|令|公告)|元|块|万|%|票|次|字|件|股|吨|米|mm|kg|mb)")


def find_numbers(folded: str, hong_kong: bool) -> list[Candidate]:
    """The phone numbers in a folded text that stand by themselves, in no order; ``hong_kong``: it comes from there."""
    found: list[Candidate] = []
    for match in _MOBILE_RUN.finditer(folded):
        candidate = _mobile(folded, read_run(folded, *match.span()))
        if candidate:
            found.append(candidate)
    for match in _PARTED.finditer(folded):
        digits = re.sub(r"\D", "", match.group())
        before = folded[max(0, match.start() - _BEFORE) : match.start()]
        if (
            MOBILE.fullmatch(digits)
            and not re.search(r"[,./:;+=]|[至到年月周天元万号或]", match["gap"])
            and not NOT_PHONE_BEFORE.search(before)
            and not _UNIT.match(folded, match.end())
        ):
            found.append(Candidate(*match.span(), ContactKind.PHONE, digits, 0.8, ("mobile", "separators")))
    for match in _LANDLINE.finditer(folded):
        found.append(Candidate(*match.span(), ContactKind.PHONE, re.sub(r"\D", "", match.group()), 0.85, ("landline",)))
    for match in _SIGNED_LANDLINE.finditer(folded):
        found.append(
            Candidate(
                *match.span(), ContactKind.PHONE, re.sub(r"\D", "", match.group()), 0.8, ("landline", "separators")
            )
        )
    for match in _SPOKEN_LANDLINE.finditer(folded):
        run = read_run(folded, *match.span())
        if LANDLINE.fullmatch(run.digits) and not re.search("0{8}", run.digits):
            found.append(Candidate(*match.span(), ContactKind.PHONE, run.digits, 0.85, ("landline", *run.rules)))
    if "09" in folded:
        found += _taiwanese(folded)
    for match in _SHORT_MESSAGE.finditer(folded) if "106" in folded else ():
        found.append(
            Candidate(*match.span("id"), ContactKind.PHONE, re.sub(r"\D", "", match["id"]), 0.7, ("service number",))
        )
    for match in _SERVICE.finditer(folded):
        run = read_run(folded, *match.span())
        if not SERVICE.fullmatch(run.digits) or set(match.group()) & set(",;%:$¥"):
            continue
        sure = "-" in match.group() or "chinese numerals" in run.rules
        found.append(
            Candidate(
                *match.span(), ContactKind.PHONE, run.digits, 0.85 if sure else 0.55, ("service number", *run.rules)
            )
        )
    for match in _HONG_KONG.finditer(folded) if "852" in folded or "853" in folded else ():
        run = read_run(folded, match.start("own"), match.end("own"))
        candidate = Candidate(
            *match.span(), ContactKind.PHONE, match["code"] + run.digits, 0.9, ("hong kong code", *run.rules)
        )
        found.append(candidate)
    for match in _EIGHT.finditer(folded):
        if NOT_PHONE_BEFORE.search(folded[max(0, match.start() - _BEFORE) : match.start()]) or _is_range(folded, match):
            continue
        called = _CALLED.search(folded, max(0, match.start() - 24), match.start())
        called = called or _WHATSAPP_AFTER.match(folded, match.end())
        if (hong_kong or called) and not (_YEAR.fullmatch(match["a"]) and _YEAR.fullmatch(match["b"])):
            confidence = 0.8 if hong_kong and called else 0.6
            found.append(
                Candidate(
                    *match.span(), ContactKind.PHONE, "852" + match["a"] + match["b"], confidence, ("hong kong form",)
                )
            )
    if "+" in folded or "00" in folded or "886" in folded:
        found += _foreign(folded)
    for run in heard_numbers(folded):
        if not NOT_PHONE_BEFORE.search(folded[max(0, run.start - _BEFORE) : run.start]):
            found.append(Candidate(run.start, run.end, ContactKind.PHONE, run.digits, 0.75, ("mobile", *run.rules)))
    found += [c for match in _REVERSED_RUN.finditer(folded) if (c := _backwards(folded, match))]
    return found


def _taiwanese(folded: str) -> list[Candidate]:
    """Mobile numbers of Taiwan: in the usual groups, or in any where the island or a town of it is named near."""
    matches = [
        *_TAIWAN.finditer(folded),
        *(match for match in _TAIWAN_GROUPS.finditer(folded) if _is_taiwanese(folded, match)),
    ]
    return [
        Candidate(*m.span(), ContactKind.PHONE, "886" + re.sub(r"\D", "", m.group())[1:], 0.75, ("taiwan form",))
        for m in matches
    ]


def _is_taiwanese(folded: str, match: re.Match[str]) -> bool:
    before = folded[max(0, match.start() - _BEFORE) : match.start()]
    behind = folded[match.end() : match.end() + _BEFORE // 2]
    named = _TAIWAN_PLACE.search(before) or _TAIWAN_PLACE.search(behind)
    return bool(named) and not (
        NOT_PHONE_BEFORE.search(before) or _DATED.search(match.group()) or "\n" in match.group()
    )


def _is_range(folded: str, match: re.Match[str]) -> bool:
    """Whether two groups of four are two prices (高级5500-6000) that nothing calls a number."""
    low, high = int(match["a"]), int(match["b"])
    if low % 50 or high % 50 or not low < high:
        return False
    near = folded[max(0, match.start() - 8) : match.start()]
    return not _CALLED.search(near) or bool(_PRICED.search(near) or _PRICED.match(folded, match.end()))


def _backwards(folded: str, match: re.Match[str]) -> Candidate | None:
    digits = read_run(folded, *match.span()).digits[::-1]
    if MOBILE.fullmatch(digits) and is_reversed(folded, *match.span()):
        return Candidate(*match.span(), ContactKind.PHONE, digits, 0.85, ("mobile", "reversed"))
    return None


def _mobile(folded: str, run: Run) -> Candidate | None:
    if not MOBILE.fullmatch(run.digits):
        return None
    piece, before = folded[run.start : run.end], folded[max(0, run.start - _BEFORE) : run.start]
    if re.search(r"[a-z_=.#&@]$|[a-z./][^\s一-鿿]*/$|[0-9][.,:]$|(?<![0-9])-$", before) and not re.search(
        r"(?:tel|phone|mobile|call)[.:]?$|\+86-?$", before
    ):
        return None
    if (
        NOT_PHONE_BEFORE.search(before)
        or _UNIT.match(folded, run.end)
        or re.match(r"[a-z_@=]|[.\-][0-9]", folded[run.end : run.end + 2])
    ):
        return None
    plain = sum(c.isdigit() for c in piece)
    if "letters for digits" in run.rules and plain < (6 if re.search("[i|]", piece) else 4):
        return None
    if "separators" in run.rules and (not well_spaced(piece) or ("\n" in piece and not _goes_on(folded, run))):
        return None
    if (
        "chinese numerals" in run.rules
        and re.search("[两俩仨]", piece)
        and plain < 4
        and not re.search("[幺洞]", piece)
    ):
        return None
    return Candidate(
        run.start, run.end, ContactKind.PHONE, run.digits, 0.95 if not run.rules else 0.85, ("mobile", *run.rules)
    )


def _goes_on(folded: str, run: Run) -> bool:
    """Whether a run over lines is one number: nothing but its digits in the lines that follow, or a note that says so."""
    if re.match(r"[ \t]{0,3}(?:\n|$)", folded[run.end : run.end + 4]):
        return bool(re.fullmatch(r"[0-9]{1,8}(?:[ \t]{0,3}\n[ \t]{0,3}[0-9]{1,8}){1,10}", folded[run.start : run.end]))
    if _CALLED.search(folded, max(0, run.start - 8), run.start):
        return True
    return bool(_JOINED.search(folded, max(0, run.start - 30), min(len(folded), run.end + 30)))


def _foreign(folded: str) -> list[Candidate]:
    import phonenumbers

    found = []
    for match in _FOREIGN.finditer(folded):
        digits = re.sub(r"\D", "", match.group("number"))
        if digits.startswith(("852", "853")) and len(digits) == 11:
            continue
        try:
            number = phonenumbers.parse("+" + digits)
        except phonenumbers.NumberParseException:
            continue
        called = (
            len(digits) > 9
            and re.search(r"[\s\-()]", match["number"])
            and _NAMED_PHONE.search(folded, max(0, match.start() - 8), match.start())
        )
        if not phonenumbers.is_possible_number(number) or (
            match.group()[0] != "+"
            and not phonenumbers.is_valid_number(number)
            and number.country_code != _TAIWAN_CODE
            and not called
        ):
            continue
        own = str(number.national_number)
        canonical = f"{number.country_code}{own}"
        if number.country_code == 86:
            canonical = own if MOBILE.fullmatch(own) else "0" + own
            if not (MOBILE.fullmatch(own) or LANDLINE.fullmatch(canonical)):
                continue
            spaced = re.search(r"[\s\-()]", match.group("number"))
        spaced = re.search(r"[\s\-()]", match.group("number"))
        confidence = (
            0.9
            if phonenumbers.is_valid_number(number) or number.country_code == 86
            else 0.7
            if spaced or number.country_code == _TAIWAN_CODE
            else 0.45
        )
        found.append(Candidate(*match.span(), ContactKind.PHONE, canonical, confidence, ("country code",)))
    return found
