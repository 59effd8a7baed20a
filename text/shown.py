"""How values from outside are shown: contacts masked, addresses that no program follows, control signs made visible.

This is about what a reader sees; against markup the templates escape everything.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable

DOT = "•"
MOST_DOTS = 8  # a mask does not tell the length of a long value
MOST_MARKS = 2  # combining marks on one sign; more of them paint over the lines around
_CONTROLS: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"}, 0x7F: 0x2421,
    **{code: f"⟨U+{code:04X}⟩" for code in range(0x80, 0xA0)},
    **{code: f"⟨U+{code:04X}⟩" for code in (0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}  # fmt: skip
_MARKS = re.compile(  # of Latin and Cyrillic, Hebrew, Arabic, Thai, Lao, Tibetan, and those for all scripts
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd"
    r"\u0f71-\u0f84\u0f8d-\u0fbc\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3,}"
)
_BLANKS = frozenset(
    "\u00ad\u115f\u1160\u180e\u200b\u200c\u200d\u2060\u2800\u3164\ufe0e\ufe0f\ufeff\uffa0"
)  # letters and signs that show nothing
# what a spreadsheet takes for the start of a formula, also behind blanks and signs that cannot be seen, also in full width
_STARTS = r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]"
_FORMULA = re.compile(rf"{_STARTS}|[\t\r\n]")
# the same where a spreadsheet would begin another cell that separates by semicolons or tabs: to it our quotation marks are letters
_CUT_OFF = re.compile(rf"(?<=[;\t\r\n])(?={_STARTS})")
_WEB = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


def visible(text: str) -> str:
    """``text`` with control and direction signs made visible, not obeyed; line breaks stay."""
    if text.isprintable():  # most values hold no sign that would be replaced
        return text if text.isascii() else _MARKS.sub(lambda match: match.group()[:MOST_MARKS], text)
    return _MARKS.sub(lambda match: match.group()[:MOST_MARKS], text.translate(_CONTROLS))


def guarded(text: str) -> str:
    """A text as a CSV cell that no spreadsheet computes: control signs visible, an apostrophe before what would start a formula.

    That goes for each part, too, that a spreadsheet of another country's settings cuts a cell into (at semicolons, tabs, line breaks).
    """
    shown = _CUT_OFF.sub("'", visible(text))
    return f"'{shown}" if _FORMULA.match(text) or _FORMULA.match(shown) else shown


def plain(text: str, limit: int = 120) -> str:
    """``text`` on one line of at most ``limit`` characters, as ``visible`` shows it; empty where nothing of it can be seen."""
    line = visible(" ".join(text[: 4 * limit].split()))
    if _BLANKS.issuperset(line.replace(" ", "")):
        return ""
    kept = line[:limit]
    while kept and unicodedata.combining(line[len(kept) : len(kept) + 1] or " "):
        kept = kept[:-1]
    return kept if kept == line and len(text) <= 4 * limit else kept[: limit - 1] + "…"


def masked(value: str) -> str:
    """A contact by its first and last two characters; of a short one only the first is shown."""
    value = value.strip()
    if len(value) < 6:
        return value[:1] + DOT * (len(value) - 1) if len(value) > 1 else DOT
    return value[:2] + DOT * min(MOST_DOTS, len(value) - 4) + value[-2:]


def contact_spans(text: str, known: Iterable[str] = ()) -> list[tuple[int, int]]:
    """Where contacts stand in a text, sorted and joined: those that can be found, and ``known`` values, even if cut off."""
    spans = list(_found(text))
    lower = text.lower()
    if len(lower) == len(text):
        for value in {value.lower() for value in known if len(value) > 3}:
            spans += [match.span() for match in re.finditer(re.escape(value), lower)]
            cut = next((size for size in range(len(value) - 1, 3, -1) if lower.endswith(value[:size])), 0)
            spans += [(len(text) - cut, len(text))] if cut else []
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined


@functools.lru_cache(maxsize=4_096)
def _found(text: str) -> tuple[tuple[int, int], ...]:
    """Where contacts are found in a text; remembered, since pages show the same titles again and again."""
    # its patterns take a tenth of a second to build, and most commands show no text
    from text.contacts import find_contacts

    return tuple((point.start, point.end) for point in find_contacts(text))


def without_contacts(text: str, known: Iterable[str] = (), cover: Callable[[str], str] = masked) -> str:
    """``text`` with every contact in it masked; ``cover`` is another way of covering one."""
    parts, at = [], 0
    for start, end in contact_spans(text, known):
        parts += [text[at:start], cover(text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def defanged(url: str, limit: int = 160) -> str:
    """A URL that reads as one and that no program follows: hxxp, dots of the host in brackets."""
    web = _WEB.match(url)
    if web:
        scheme, host, rest = web.groups()
        inert = f"{scheme}://{host.replace('.', '[.]')}{rest}"
    else:
        inert = url.replace(":", "[:]").replace(".", "[.]")
    return plain(re.sub("http", "hxxp", inert, flags=re.IGNORECASE), limit)
