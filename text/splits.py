"""Characters written as their parts (月台 for 胎): the authored table ``splits.txt`` and the merging of a text."""

from __future__ import annotations

import functools
import re
from pathlib import Path

# parts that do not stand alone in a text, so that a pair with one of them is surely a split character
BOUND = frozenset("亻氵扌忄讠纟钅艹宀饣犭辶衤礻阝彳冫刂爫勹⺮罒攵彡亠穴")


@functools.cache
def pairs() -> dict[str, str]:
    """Two written parts -> the character they are parts of."""
    table: dict[str, str] = {}
    for line in (Path(__file__).parent / "splits.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            radical, *words = line.replace("|", " ").split()
            table.update((radical + word[0], word[1]) for word in words if len(word) == 2)
    return table


@functools.cache
def _pattern() -> re.Pattern[str]:
    known = pairs()
    first, second = ("".join(sorted({pair[i] for pair in known})) for i in (0, 1))
    return re.compile(f"[{re.escape(first)}](?=[{re.escape(second)}])")


def find_splits(text: str, only_bound: bool = False) -> list[tuple[int, str]]:
    """Where two characters of ``text`` are parts of one: (offset of the first, merged character), not overlapping.

    With ``only_bound`` only pairs with a part that never stands alone (亻弋, not 女子).
    """
    known, found, free = pairs(), [], 0
    for match in _pattern().finditer(text):
        start = match.start()
        pair = text[start : start + 2]
        if start >= free and pair in known and (not only_bound or not BOUND.isdisjoint(pair)):
            found.append((start, known[pair]))
            free = start + 2
    return found
