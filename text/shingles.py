"""Pieces of a text: the bare form that near-duplicates are compared by, and the bigrams of full-text search."""

from __future__ import annotations

import re

from text.normalise import normalise

_MASK = re.compile(r"[a-z0-9_\-]*[0-9][a-z0-9_\-]*[0-9][a-z0-9_\-]*[0-9][a-z0-9_\-]*")
_WORDS = re.compile(r"[a-z]+|[0-9]+|[^\W_a-z0-9]+")


def bare(text: str) -> str:
    """What near-duplicates are compared by: the dense text, each run with three digits or more masked as one ``#``.

    Contacts are masked, so that one advert under two contacts is one text.
    """
    return _MASK.sub("#", normalise(text).dense)


def bigrams(text: str) -> list[str]:
    """Search terms in order: two-character pieces of each Chinese run (a lone character as it is), Latin and digit words."""
    terms: list[str] = []
    for match in _WORDS.finditer(normalise(text).folded):
        word = match.group()
        if word.isascii() or len(word) == 1:
            terms.append(word)
        else:
            terms.extend(word[i : i + 2] for i in range(len(word) - 1))
    return terms
