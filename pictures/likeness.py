"""How alike two pictures look: perceptual hashes of 256 bits (imagehash's pHash: Zauner 2010), and their distance.

A hash of 64 bits tells one template with two phone numbers apart no better than chance; one of 256 bits keeps what is written large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SIDE = 16
BITS = SIDE * SIDE
PLAIN = (
    12.0  # standard deviation of the grey values below which a picture is a surface: alike to all others of its kind
)


def likeness(image: Image.Image) -> str:
    """The hash of a picture in hex, empty for a plain surface. Needs the extra ``[pictures]``."""
    import imagehash
    import numpy as np

    gray = np.asarray(image.convert("L"), dtype=np.float32)
    if float(gray.std()) < PLAIN:
        return ""
    return str(imagehash.phash(image, hash_size=SIDE))


def distance(one: str, other: str) -> int:
    """How many bits of two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
