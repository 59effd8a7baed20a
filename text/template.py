"""What re-written adverts have in common: an alignment of several texts into constant words and slots.

A multiple alignment around one text, the one most like the others (the 'centre star' of Gusfield 1993), by words: what most
texts share at one place is constant, what lies between is a slot with its variants. Cited idea: InfoShield (Lee et al. 2021).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from text.segment import segment

MOST_TEXTS = 24
MOST_WORDS = 400  # of one text: the alignment takes time in proportion to the square
SHARE = 0.75  # of the texts, in which a word must stand at its place to be constant
_PIECES = re.compile(r"[0-9A-Za-z_•▮]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a template: constant ``text``, or a slot with its ``variants`` (text, how many; the commonest first, '' for absent)."""

    text: str = ""
    variants: tuple[tuple[str, int], ...] = ()


def template(texts: Sequence[str]) -> tuple[Part, ...]:
    """The template of some texts: its parts in order. Of fewer than two different texts it is the text itself, all constant.

    At most ``MOST_TEXTS`` texts and ``MOST_WORDS`` words of each are read.
    """
    known = list(dict.fromkeys(text for text in texts if text.strip()))[:MOST_TEXTS]
    if len(known) < 2:
        return tuple(Part(text) for text in known)
    counted = Counter(text for text in texts if text.strip())
    words = [_words(text)[:MOST_WORDS] for text in known]
    centre = _centre(words)
    base = words[centre]
    places = [_places(base, other) for other in words]
    weights = [counted[text] for text in known]
    needed = SHARE * sum(weights)
    constant = [
        at
        for at in range(len(base))
        if sum(weight for weight, place in zip(weights, places, strict=True) if at in place) >= needed
    ]
    return _parts(base, constant, words, places, weights)


def _words(text: str) -> list[str]:
    """Words by segmentation, with white space and runs of Latin and digits kept whole."""
    found: list[str] = []
    for line in re.split(r"(\s+)", text):
        if not line or line.isspace():
            found += [" "] * bool(line and found)
        else:
            found += [piece for word in segment(line) for piece in ([word] if len(word) > 1 else _PIECES.findall(word))]
    return found


def _centre(words: Sequence[Sequence[str]]) -> int:
    """The text that shares most words with all others."""
    bags = [Counter(one) for one in words]
    return max(range(len(bags)), key=lambda i: (sum((bags[i] & other).total() for other in bags), -i))


def _places(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Position in ``base`` -> position in ``other`` of the words that the alignment matches."""
    found: dict[int, int] = {}
    for block in SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks():
        found |= {block.a + step: block.b + step for step in range(block.size)}
    return found


def _parts(
    base: Sequence[str],
    constant: Sequence[int],
    words: Sequence[Sequence[str]],
    places: Sequence[dict[int, int]],
    weights: Sequence[int],
) -> tuple[Part, ...]:
    parts: list[Part] = []
    run: list[str] = []
    for before, after in pairwise([-1, *constant, len(base)]):
        variants: Counter[str] = Counter()
        for one, place, weight in zip(words, places, weights, strict=True):
            start = 0 if before < 0 else place.get(before, -1) + 1
            end = len(one) if after == len(base) else place.get(after, -1)
            if (before < 0 or before in place) and end >= start:
                variants["".join(one[start:end]).strip()] += weight
        if set(variants) - {""}:
            parts += [Part("".join(run))] * bool(run)
            parts.append(Part(variants=tuple(variants.most_common())))
            run = []
        if after < len(base):
            run.append(base[after])
    return (*parts, *([Part("".join(run))] * bool(run)))
