"""Near-duplicate texts: hashed shingles, MinHash signatures (rensa) and their bands, and the similarity that decides.

A text is compared by the three-character pieces of its bare form (``text.shingles.bare``). Texts that share a band key are candidates
(locality-sensitive hashing: Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3); whether they are alike
is decided by their sketches: the smallest ``SKETCH`` hashes, which for a text of no more pieces than that are all of them, so that the
Jaccard similarity is exact; for longer ones it is the bottom-k estimate (standard error at most 0.022).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Sketch = npt.NDArray[np.uint32]

PIECE = 3  # characters
PERMUTATIONS = 128
BANDS = 32  # of 4 rows: a pair at similarity 0.5 is met with probability 0.87, at 0.6 with 0.99, at 0.7 with 0.9999
SEED = 20261120
SKETCH = 512
VERSION = 1  # of all of this; whoever stores keys or sketches stores it with them
_MIXERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_ROWS = PERMUTATIONS // BANDS


def hashes(bare: str) -> Hashes:
    """The distinct hashes (64 bits, sorted) of the pieces of a bare text; a shorter text is its own piece, an empty one has none."""
    codes = np.frombuffer(bare.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if 0 < len(codes) < PIECE:
        codes = np.concatenate([codes, np.zeros(PIECE - len(codes), np.uint64)])
    count = max(0, len(codes) - PIECE + 1)
    packed = np.zeros(count, np.uint64)
    for place in range(PIECE):  # a code point has 21 bits, so three of them never collide in 63
        packed = (packed << np.uint64(21)) | codes[place : place + count]
    return np.unique(_mixed(packed))


def signatures(texts: Sequence[Hashes]) -> npt.NDArray[np.uint64]:
    """The MinHash signatures of texts, a row of 128 each, the same in every run. Every text must have a piece."""
    from rensa import RMinHash

    if not texts:
        return np.zeros((0, PERMUTATIONS), np.uint64)
    ends = np.cumsum([0, *map(len, texts)]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(texts), ends, PERMUTATIONS, SEED)
    return np.array(matrix.to_rows(), np.uint64)


def keys(signed: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """The keys of signatures, a row of 32 each: two texts that agree in a whole band share its key. Signed, as SQLite stores them."""
    bands = signed.reshape(len(signed), BANDS, _ROWS)
    mixed = np.arange(1, BANDS + 1, dtype=np.uint64) * _MIXERS[1] + np.zeros((len(signed), 1), np.uint64)
    for row in range(_ROWS):
        mixed = _mixed(mixed ^ bands[:, :, row])
    return mixed.view(np.int64)


def sketch(found: Hashes) -> Sketch:
    """What is kept of a text to compare it by: the smallest of its hashes, the upper 32 bits of each, sorted."""
    return np.unique((found >> np.uint64(32)).astype(np.uint32))[:SKETCH]


def similarity(one: Sketch, other: Sketch) -> float:
    """The Jaccard similarity (0 to 1) of two texts by their sketches; two empty ones share nothing."""
    union = np.union1d(one, other)
    if max(len(one), len(other)) >= SKETCH:
        union = union[:SKETCH]
    if not len(union):
        return 0.0
    shared = np.intersect1d(one, other, assume_unique=True)
    return float(np.searchsorted(shared, union[-1], side="right")) / len(union)


def _mixed(values: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * _MIXERS[0]
    values = (values ^ (values >> np.uint64(27))) * _MIXERS[1]
    return values ^ (values >> np.uint64(31))
