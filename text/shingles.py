"""Overlapping pieces of a text: for near-duplicates (with contacts masked) and for full-text search."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from text.normalise import normalise

_MASK = re.compile(r"[a-z0-9_\-]*[0-9][a-z0-9_\-]*[0-9][a-z0-9_\-]*[0-9][a-z0-9_\-]*")
_WORDS = re.compile(r"[a-z]+|[0-9]+|[^\W_a-z0-9]+")
PERMUTATIONS = 128
SEED = 20261120


def shingles(text: str, n: int = 3) -> set[str]:
    """The distinct ``n``-character pieces of the dense text, each run with three digits or more masked as one ``#``.

    A text shorter than ``n`` is its own single shingle; an empty one has none.
    """
    if n < 1:
        raise ValueError(f"shingles: n must be at least 1, found {n}")
    dense = _MASK.sub("#", normalise(text).dense)
    if len(dense) <= n:
        return {dense} if dense else set()
    return {dense[i : i + n] for i in range(len(dense) - n + 1)}


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


def jaccard(a: Collection[str], b: Collection[str]) -> float:
    """Shared share of two collections, 0 to 1; two empty ones share nothing."""
    left, right = set(a), set(b)
    return len(left & right) / len(left | right) if left or right else 0.0


def signature(pieces: Iterable[str]) -> Any:
    """The MinHash (rensa.RMinHash) of shingles: 128 permutations, fixed seed, so that runs agree."""
    from rensa import RMinHash

    minhash = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    minhash.update(sorted(set(pieces)))
    return minhash


def near_pairs(texts: Mapping[Any, str] | Sequence[str], threshold: float = 0.6) -> list[tuple[Any, Any, float]]:
    """Pairs of keys (positions, for a sequence) whose shingles have a Jaccard similarity of at least ``threshold``.

    Candidates by MinHash-LSH, each checked by the exact similarity; in the order of the texts, the later key second.
    """
    from rensa import RMinHashLSH

    items = list(texts.items()) if isinstance(texts, Mapping) else list(enumerate(texts))
    pieces = [shingles(text) for _, text in items]
    # 32 bands of 4 rows: a pair at similarity 0.5 is met with probability 0.87, at 0.6 with 0.99
    index = RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=32)
    found: list[tuple[Any, Any, float]] = []
    for position, own in enumerate(pieces):
        if not own:
            continue
        minhash = signature(own)
        for other in sorted(set(index.query(minhash))):
            similarity = jaccard(pieces[other], own)
            if similarity >= threshold:
                found.append((items[other][0], items[position][0], similarity))
        index.insert(position, minhash)
    return found
