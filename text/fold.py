"""The folding of single characters: what a reader takes for the same sign becomes the same sign.

``fold_character`` is the definition. ``TABLE`` is its memory for ``str.translate``: each code point becomes exactly one
character, and ``ODD`` stands in for those that fold to none or to several (``fold_character`` then tells what they are).
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

ODD = "\ufdd0"  # a non-character: never in an honest text, and folded away where it is

# signs that no Unicode rule joins, but that adverts use for one another
_ALIKE = {
    **dict(zip("妳祢汝咗嘅喺⺟⺝⺼⻓⻅⻉⻋⻔⻛⻜⻢⻥⻦⻨⻬⻰⺠⺣⻌⻗", "你你你了的在母月月长见贝车门风飞马鱼鸟麦齐龙民灬辶雨", strict=True)),
    **dict(zip("ニロカトエタハ", "二口力卜工夕八", strict=True)),  # katakana that pass for Chinese characters
    **dict(zip("ㄠㄚㄒㄗㄖㄩㄇㄈㄏㄉㄑ", "幺丫下卩日凵冂匚厂力く", strict=True)),  # bopomofo that do
    **dict(zip("νѵⱱᴠ∨⋁ᵛⅤⅴ", "vvvvvvvvv", strict=True)),
    **dict(zip("хχⅩⅹ᙭╳", "xxxxxx", strict=True)),
    **dict(zip("оοаαеіιсрρуɡ", "ooaaeiicppyg", strict=True)),  # Cyrillic and Greek that look Latin
    **dict(zip("ВЕКМНТАОРСХΒΕΖΗΙΚΜΝΡΤΥΑΟΧ", "bekmhtaopcxbezhikmnptyaox", strict=True)),  # capitals look otherwise
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴡʏᴢ", "abcdefghijklmnoprstuwyz", strict=True)),  # small capitals
    **dict(zip("➕╋✚✙✛✜┼", "+++++++", strict=True)),
    **dict(zip("－﹣−–—‐‑‒―─━ｰ", "-" * 12, strict=True)),
    **dict(zip("“”„‟〝〞", '""""""', strict=True)),
    **dict(zip("‘’‚‛`´", "''''''", strict=True)),
    "…": "…", "⋯": "…", "🔟": "10", "ı": "i", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "\u2800": " ", "\x85": " ",
    "\u2028": "\n", "\u2029": "\n", "\u3164": "", "\u115f": "", "\u1160": "", "\uffa0": "", "\ufffc": "", ODD: "",
}  # fmt: skip
_COMBINING = ((0x0300, 0x036F), (0x0483, 0x0489), (0x180B, 0x180F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
              (0x302A, 0x302D), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF))  # fmt: skip


@functools.cache
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def is_mark(character: str) -> bool:
    """Whether the character only decorates or varies the one before it (accents, keycaps, variation selectors)."""
    code = ord(character)
    return code == 0x200D or any(low <= code <= high for low, high in _COMBINING)


def fold_character(character: str) -> str:
    """What one character folds to: none, one or several characters.

    Compatibility forms (NFKC), width, case, traditional form, tone marks and dressed digits go; controls other than line
    breaks and tabs, format characters, lone surrogates and combining marks fold to the empty string.
    """
    code = ord(character)
    if code < 128:
        return character.lower() if code >= 32 or character in "\t\n\r" else ""
    if character in _ALIKE:
        return _ALIKE[character]
    if 0x1F1E6 <= code <= 0x1F1FF:  # regional indicators: a flag becomes its country code
        return chr(code - 0x1F1E6 + 97)
    for start in (0x1F150, 0x1F170):  # white letters on black circles and squares
        if start <= code < start + 26:
            return chr(code - start + 97)
    category = unicodedata.category(character)
    if category in ("Cf", "Cs", "Cc") or is_mark(character):
        return ""
    if category in ("Nd", "No"):
        number = unicodedata.numeric(character, -1.0)
        if number >= 0 and number == int(number) and number < 100:
            return str(int(number))
    return "".join(_simple(part) for part in _undressed(unicodedata.normalize("NFKC", character)))


def _undressed(folded: str) -> str:
    if len(folded) == 3 and folded[0] in "(〔" and folded[2] in ")〕":
        return folded[1]
    return folded


def _simple(character: str) -> str:
    """Lower case, bare of tone marks (u with two dots becomes v, as pinyin is typed), simplified; other marks go."""
    if ord(character) < 128:
        return character.lower()
    if is_mark(character) or character == ODD:
        return ""
    lowered = character.lower()
    parts = unicodedata.normalize("NFD", lowered)
    if parts[0].isascii() and len(parts) > 1:
        return "v" if parts[0] == "u" and "\u0308" in parts else parts[0]
    if "\u3400" <= character <= "\U0003ffff":
        simplified = str(_simplifier().convert(character))
        return simplified if len(simplified) == 1 else character
    return lowered[0] if lowered else ""


class _Table(dict[int, str]):
    """Code point -> one folded character, or ODD; remembers each code point when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = fold_character(chr(code))
        value = folded if len(folded) == 1 else ODD
        self[code] = value
        return value


TABLE = _Table()


@functools.lru_cache(maxsize=4096)
def expansion(character: str) -> str:
    """What an ODD character folds to (none or several characters)."""
    return fold_character(character)
