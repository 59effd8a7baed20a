"""How values that came from pages are shown: contacts masked, addresses that cannot be followed, no hidden signs.

This says what a reader sees; against markup the templates escape, each by its own rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from text.contacts import find_contacts

DOT = "•"
MOST_DOTS = 8  # a mask does not tell the length of a long value
MOST_MARKS = 2  # combining marks on one letter; more of them paint over the lines around
_CONTROLS: dict[int, int | str] = {
    **{code: 0x2400 + code for code in range(0x20)}, **{ord(space): " " for space in "\t\n\v\f\r\x85\u2028\u2029"}, 0x7F: 0x2421,
    **{code: f"⟨U+{code:04X}⟩" for code in (*range(0x80, 0x85), *range(0x86, 0xA0))},
    **{code: f"⟨U+{code:04X}⟩" for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}  # fmt: skip
_WEB = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


def plain(text: str, limit: int = 120) -> str:
    """``text`` on one line of at most ``limit`` characters; control and direction signs are made visible, not obeyed."""
    words = " ".join(text[: 4 * limit].translate(_CONTROLS).split())
    kept, marks = [], 0
    for sign in words:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MOST_MARKS:
            kept.append(sign)
    cut = len(kept) > limit or len(text) > 4 * limit
    return "".join(kept[: limit - 1]) + "…" if cut else "".join(kept)


def masked(value: str) -> str:
    """A contact by its first and last two characters; of a short one only the first is shown."""
    value = value.strip()
    if len(value) < 6:
        return value[:1] + DOT * max(1, min(MOST_DOTS, len(value) - 1)) if len(value) > 1 else DOT
    return value[:2] + DOT * min(MOST_DOTS, len(value) - 4) + value[-2:]


def without_contacts(text: str, known: Iterable[str] = ()) -> str:
    """``text`` with every contact in it masked: those that can be found, and ``known`` values, even if cut off at the end."""
    spans = [(point.start, point.end) for point in find_contacts(text)]
    lower = text.lower()
    for value in (value.lower() for value in known if len(value) > 3):
        spans += [(match.start(), match.end()) for match in re.finditer(re.escape(value), lower)]
        cut = next((size for size in range(len(value) - 1, 3, -1) if lower.endswith(value[:size])), 0)
        spans += [(len(text) - cut, len(text))] if cut else []
    shown, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            shown += [text[at : max(at, start)], masked(text[max(at, start) : end])]
            at = end
    return "".join([*shown, text[at:]])


def defanged(url: str, limit: int = 100) -> str:
    """A URL that reads as one and that no program follows: hxxp, dots of the host in brackets."""
    web = _WEB.match(url)
    if web:
        scheme, host, rest = web.groups()
        inert = f"{scheme}://{host.replace('.', '[.]')}{rest}"
    else:
        inert = url.replace(":", "[:]").replace(".", "[.]")
    return plain(re.sub("http", "hxxp", inert, flags=re.IGNORECASE), limit)
