"""Posters: pictures that look alike are one poster, named after the first of them. Each night only new pictures are compared.

A picture is compared with the first one of each poster alone, so that a row of small changes does not lead from one poster to another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.store import Store

BYTES = 32  # of a hash of 256 bits
# Bits of 256 that may differ. JPEG 30 and a third of the size change up to 6, a thin frame 10 to 20; the same template with another agent's
# contacts differs in 12 to 34, so that framed copies are given up for not tying rivals (measured 2026-11-28, benchmarks/pictures.py)
ALIKE = 10


def group(store: Store) -> dict[str, int]:
    """Give each new picture its poster; returns how many pictures were compared, and how many posters are new."""
    first = store.pictures.posters()
    names = [sha256 for sha256, _ in first]
    hashes = _packed([likeness for _, likeness in first])
    fresh = [(sha256, likeness) for sha256, likeness in store.pictures.ungrouped() if len(likeness) == 2 * BYTES]
    found: dict[str, str] = {}
    for sha256, likeness in fresh:
        own = _packed([likeness])
        near = nearest(own[0], hashes)
        if near is not None:
            found[sha256] = names[near]
            continue
        found[sha256] = sha256
        names.append(sha256)
        hashes = np.concatenate([hashes, own])
    store.pictures.group(found)
    return {"compared": len(fresh), "new": sum(sha256 == poster for sha256, poster in found.items())}


def nearest(own: npt.NDArray[np.uint8], hashes: npt.NDArray[np.uint8]) -> int | None:
    """The place of the hash that differs least from ``own``, if in ``ALIKE`` bits at most; the first of several."""
    if not len(hashes):
        return None
    apart = np.bitwise_count(hashes ^ own).sum(axis=1)
    place = int(apart.argmin())
    return place if apart[place] <= ALIKE else None


def _packed(likenesses: Sequence[str]) -> npt.NDArray[np.uint8]:
    whole = [bytes.fromhex(likeness) for likeness in likenesses if len(likeness) == 2 * BYTES]
    return np.frombuffer(b"".join(whole), dtype=np.uint8).reshape(len(whole), BYTES)
