"""The gate: a cheap linear filter for bulk streams, in numpy alone. It drops what is certainly no advert of the trade, and nothing else.

A batch is one array of code points from end to end: folding is one table look-up, an n-gram one multiplication, and a document's
score the sum of its n-grams' weights over the root of their number. Three kinds of n-grams share one hashed table: characters,
pairs of characters, and pairs of toneless syllables (香港 and 乡岗 sound alike). Separators are dropped, digits are one sign, so that
neither gaps between letters nor a number decide. Texts in Latin letters always pass: they are few, and the gold set has too few of them
to learn from.
"""

from __future__ import annotations

import functools
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classifier.contract import Text
from classifier.models import read_meta
from classifier.views import readable
from text.fold import fold_character
from text.pinyin import readings

BITS = 18
BATCH = 512
_FACTORS = tuple(np.uint32(factor) for factor in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1))
KINDS = 3  # of n-grams at each sign
LETTERS, LEAST_LATIN = 26, 12
_END = 0x110000  # the sign that ends a document: beyond all code points
_UNMET = 0xFFFFFFFF

Signs = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of a batch: ``buckets`` document after document, the ``lengths[i]`` of document i from ``starts[i]`` on."""

    buckets: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    latin: npt.NDArray[np.bool_]  # documents mostly in Latin letters


@functools.cache
def _tables() -> tuple[Signs, Signs]:
    """(sign, sound) of each code point, filled when it is first met; 4.4 MB each."""
    return np.full(0x110000, _UNMET, dtype=np.uint32), np.zeros(0x110000, dtype=np.uint32)


def _meet(codes: Signs) -> None:
    """Put code points into the tables: the folded sign (0: dropped), and the number of its syllable (of itself where it has none)."""
    signs, sounds = _tables()
    for code in np.unique(codes):
        folded = fold_character(chr(code))[:1]
        if folded.isdigit():
            folded = "0"
        if folded.isalnum() or unicodedata.category(folded or " ") == "So":  # emoji speak
            signs[code] = ord(folded)
            sounds[code] = zlib.crc32(readings().get(ord(folded), folded).encode())
        else:
            signs[code] = 0


def grams(texts: Sequence[Text]) -> Grams:
    """The n-grams of title and body of some texts; each text has a few at least."""
    documents = [f"{text.title[:300]}\n{readable(text.text)}\n" for text in texts]
    codes = np.frombuffer("".join(documents).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table, heard = _tables()
    signs = table[codes]
    unmet = signs == _UNMET
    if unmet.any():
        _meet(codes[unmet])
        signs = table[codes]
    lengths = np.fromiter(map(len, documents), dtype=np.int64, count=len(documents))
    ends = np.cumsum(lengths) - 1
    signs[ends] = _END
    kept = signs > 0
    signs, sounds = signs[kept], heard[codes[kept]]
    ends = np.cumsum(kept)[ends] - 1
    one, pair, loud = signs * _FACTORS[0], signs * _FACTORS[1], sounds * _FACTORS[2]
    pair[:-1] += signs[1:] * _FACTORS[3]
    loud[:-1] += sounds[1:] * _FACTORS[4]
    pair[ends] = loud[ends] = 0  # a pair never runs over the end of its document
    buckets = np.stack([_mixed(one, 0), _mixed(pair, 1), _mixed(loud, 2)], axis=1)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    letters = np.add.reduceat((signs - ord("a") < LETTERS).astype(np.int64), starts)
    return Grams(buckets.ravel(), starts * KINDS, lengths * KINDS, (letters >= LEAST_LATIN) & (letters * 2 > lengths))


def _mixed(hashed: Signs, kind: int) -> Signs:
    """The bucket of each hash (the finalizer of MurmurHash3 in short, Appleby 2011)."""
    hashed = (hashed ^ (hashed >> np.uint32(16))) * _FACTORS[kind]
    return hashed >> np.uint32(32 - BITS)


@dataclass(frozen=True, slots=True)
class Gate:
    """Weights of the buckets, the intercept, and the least score that passes."""

    weights: npt.NDArray[np.float32]
    intercept: float
    threshold: float

    def scores(self, texts: Sequence[Text]) -> npt.NDArray[np.float32]:
        """The score of each text, higher for what looks like the trade; one in Latin letters gets the threshold at least."""
        parts = [self._scores(grams(texts[start : start + BATCH])) for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)

    def _scores(self, found: Grams) -> npt.NDArray[np.float32]:
        sums = np.add.reduceat(self.weights[found.buckets], found.starts)
        scores = sums / np.sqrt(found.lengths) + self.intercept
        return np.where(found.latin, np.maximum(scores, self.threshold), scores).astype(np.float32)

    def passes(self, texts: Sequence[Text]) -> npt.NDArray[np.bool_]:
        """Whether each text deserves the full judgement."""
        passed: npt.NDArray[np.bool_] = self.scores(texts) >= np.float32(self.threshold)
        return passed


def load(folder: Path) -> Gate:
    """The gate whose weights lie in a folder of ``models/``.

    Raises:
        ModelError: weights are missing, altered, or made for another label set.
    """
    meta = read_meta(folder)
    with np.load(folder / str(meta["weights"]), allow_pickle=False) as stored:
        return Gate(stored["weights"].astype(np.float32), float(meta["intercept"]), float(meta["threshold"]))
