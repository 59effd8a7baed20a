"""Reading handles as a person would: spelled out, broken by spaces, pictures or lines, with Chinese numerals in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from text.contacts.reading import CHINESE, IN_DIGITS, NUMERAL

_WIDE = re.compile(
    r"[a-z][a-z0-9]{1,15}(?:\s{0,2}(?P<sign>[_\-])\s{0,2}[a-z0-9]{1,12})(?:\s{0,2}(?P=sign)\s{0,2}[a-z0-9]{1,12}){0,3}(?![a-z0-9_@.])"
)
# the same picture between the signs: zq0🍀mo🍀mo
_SIGNED = re.compile(
    r"[a-z][a-z0-9_]{0,9}(?P<sign>[\u2600-\u27bf\u2b50\U0001f000-\U0001faff]\ufe0f?)[a-z0-9_]{1,10}(?:(?P=sign)[a-z0-9_]{1,10}){0,18}(?![a-z0-9_@.])"
)
_BROKEN = re.compile(
    r"(?P<a>[a-z][a-z0-9]{1,11}[_\-]?)[ \t]{0,2}\n[ \t]{0,2}(?P<b>[_\-]?[a-z0-9][a-z0-9_\-]{1,12})(?![a-z0-9_.@])"
)
_HANDLE = re.compile(rf"_{{0,2}}[a-z](?:[a-z0-9_\-]|{NUMERAL}(?={NUMERAL}|[0-9a-z_])|(?<={NUMERAL}){NUMERAL}){{2,29}}")
_SPELLED = re.compile(
    rf"[a-z](?P<gap>[ .·*~,_\-/|])(?:(?:[a-z0-9_]|{NUMERAL})(?P=gap)){{1,18}}[a-z0-9]{{1,12}}(?![a-z0-9])"
)
_JOINT = re.compile(r"[ .·…*~丶]{1,3}([a-z0-9_]{2,16})(?![a-z0-9_.@])")
WORDS = frozenset(
    word
    for line in (Path(__file__).parent / "words.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for word in line.split()
)


def find_handle(folded: str, at: int) -> tuple[int, str, tuple[str, ...]] | None:
    """The handle that begins at ``folded[at]``: (end, canonical, rules); None where there is none.

    A handle has five to twenty letters, digits, ``_`` or ``-`` and begins with a letter or ``_``. Up to two ``_`` at its end are its
    own where no Chinese word follows; a dash only where the clause ends. One that is spelled out (z q 0 t t) or
    broken once (zq0 yun88) is joined.
    """
    spelled = _SPELLED.match(folded, at)
    if spelled and 5 <= sum(c.isalnum() for c in spelled.group()) <= 20 and spelled.group().count(spelled["gap"]) >= 2:
        return (
            spelled.end(),
            re.sub(
                r"[^a-z0-9]" if spelled["gap"] == "_" else r"[^a-z0-9_]",
                "",
                spelled.group().translate(IN_DIGITS),
            ),
            ("spelled out",),
        )
    wide = _WIDE.match(folded, at)
    if wide and " " in wide.group():
        joined = re.sub(r"\s", "", wide.group())
        if (
            "\n" not in wide.group()
            and 5 <= len(joined) <= 20
            and ("_" in joined or re.match("[a-z]+[0-9]", joined))
            and looks_made_up(joined)
        ):
            return wide.end(), joined, ("joined",)
    broken = _BROKEN.match(folded, at)
    if broken and (len(broken["a"]) < 6 or broken["a"][-1] in "_-" or broken["b"][0] in "_-"):
        joined = broken["a"] + broken["b"]
        if (
            6 <= len(joined) <= 20
            and looks_made_up(joined)
            and not (
                not re.search("[0-9_]", broken["a"])
                and looks_made_up(broken["b"])
                and len(broken["b"]) >= 6
                and broken["b"][0] not in "_-"
            )
        ):
            return broken.end(), joined, ("over lines",)
    signed = _SIGNED.match(folded, at)
    if signed:
        parts = signed.group().split(signed["sign"])
        joined = "".join(parts)
        if 5 <= len(joined) <= 20 and looks_made_up(joined) and max(map(len, parts[1:])) < 8:
            return signed.end(), joined, ("separators",)
    match = _HANDLE.match(folded, at)
    if match is None or folded[match.end() : match.end() + 1] == "@":
        return None
    end, written = match.end(), match.group()
    rules: list[str] = []
    if len(written) < 6 and written not in WORDS:  # WeChat's shortest: what is shorter was broken
        for joint in _joints(folded, end):
            if looks_made_up(joint.group(1)) and len(joint.group(1)) >= 6 and not re.search("[0-9_]", written):
                return None  # the next is a handle of its own: bot zq0lian
            if len(written) + len(joint.group(1)) <= 20 and joint.group(1) not in WORDS:
                end, written = joint.end(), written + joint.group(1)
                rules = ["joined"]
    stripped = _edged(written, folded[end : end + 1])
    end -= len(written) - len(stripped)
    if any(c in CHINESE for c in stripped):
        stripped = stripped.translate(IN_DIGITS)
        rules.append("chinese numerals")
    if not 5 <= len(stripped) <= 20:
        return None
    return end, stripped, tuple(rules)


def _edged(written: str, following: str) -> str:
    """A handle without the signs at its end that only part it from what follows."""
    bare = written.rstrip("-_")
    edge = written[len(bare) :]
    if (edge in ("_", "__") and not "一" <= following <= "鿿") or (edge == "-" and following in ("", ",", "。", "\n")):
        return written
    return bare


def _joints(folded: str, at: int) -> Iterator[re.Match[str]]:
    for _ in range(3):
        joint = _JOINT.match(folded, at)
        if joint is None:
            return
        yield joint
        at = joint.end()


def looks_made_up(handle: str) -> bool:
    """Whether a handle is surely no word: letters with a digit or underscore, and no unit, gene or model number."""
    if handle in WORDS or not re.search(r"[0-9_]", handle):
        return False
    return not re.fullmatch(
        r"(?:(?:hkd?|rmb|cny|usd?|nt|mop|sgd|thb|eur|jpy)\d+|(?:chi)?ctr\d+|\d+[a-z]{1,3}|[a-z]{1,2}\d{1,4}|[a-z]\d{2,3}[a-z]{0,4}|[a-z]{1,3}-\d{1,4}[a-z]{0,2}|(?:isbn|issn|doi|sku|iso|gb|gbt|astm|pmid|nct|chr|nm|np|cas)[-_]?\d[\d\-]*|[a-z]{1,5}[-_]?\d+(?:-\d+)+|[a-z]{1,5}[0-9]+-[a-z]?[0-9]+|(?:gse|gsm|srr|srx|prjna|prjca|hra|pmid)\d+|(?:b?-?hcg|afp|amh|tsh|psa|papp)[-_]?\d+|[a-z]{2,8}\d+(?:[mun]?g|mcg|[mu]?l|m?iu|u)(?:d|h|ml|l|dl|kg|qd|bid|tid|qid|qn|po|im|iv|sc|prn|tab|cap|s|x\d+)?|(?:brca|hpv|cd|il|p|sars|covid|iphone|mate|win|ios|usb|mp|http)[-_]?\d{1,3}[a-z]?)",
        handle,
    )
