"""Views: what a model reads of a text, channel by channel, with contacts masked and a way back to the raw characters.

A contact must not be a shortcut (negatives carry contacts too), so whatever looks like an id becomes one mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifier.contract import Text
from classifier.hashing import code_points, heard_numbers
from text.normalise import Normalised, normalise

HEAD, TAIL = 8_000, 2_000  # characters read of a longer text: adverts sell at the end
MARK = "\u00a7"
_ID = re.compile(  # possessive, and each branch begins where a run of such signs begins: linear in the text
    r"(?<![a-z0-9_\-])[a-z_\-]*+\d[a-z0-9_\-]{4,}+|(?<![a-z_\-])[a-z_\-]{2,}+\d[a-z0-9_\-]*+|\d{5,}+"
)
_URL = re.compile(r"https?://|www\.|\.(?:example|test|invalid|com|cn|net|org|html?|php|aspx?)\b")


def readable(text: str) -> str:
    """A text cut to what is read: all of it, or head and tail."""
    return text if len(text) <= HEAD + TAIL else text[:HEAD] + text[-TAIL:]


def mask(folded: str) -> str:
    """Folded text with every id, number of five digits or more and contact reduced to one mark; the length is not kept."""
    return _ID.sub(MARK, folded)


def masked_offsets(folded: str) -> tuple[str, list[int]]:
    """What ``mask`` gives, and for each of its characters the offset in ``folded``."""
    pieces: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _ID.finditer(folded):
        pieces += [folded[at : match.start()], MARK]
        offsets += [*range(at, match.start()), match.start()]
        at = match.end()
    pieces.append(folded[at:])
    offsets += range(at, len(folded))
    return "".join(pieces), offsets


@dataclass(frozen=True, slots=True)
class Channel:
    """One view: its name, the orders of its n-grams, the bits of its table and its weight beside the others."""

    name: str
    orders: tuple[int, int]
    bits: int
    weight: float


CHANNELS = (
    Channel("body", (1, 3), 18, 1.0),
    Channel("sound", (1, 3), 18, 0.8),
    Channel("title", (1, 3), 16, 0.5),
    Channel("site", (1, 3), 16, 0.25),
)


def body_of(normal: Normalised) -> str:
    """The body channel's characters."""
    return mask(normal.folded)


def units(texts: Sequence[Text], channel: Channel, normals: Sequence[Normalised]) -> list[npt.NDArray[np.uint64]]:
    """The units of a channel for each text; ``normals`` are the normalised bodies."""
    read: dict[str, Callable[[Text, Normalised], npt.NDArray[np.uint64]]] = {
        "body": lambda _, normal: code_points(body_of(normal)),
        "sound": lambda _, normal: heard_numbers(normal.merged),
        "title": lambda text, _: code_points(mask(normalise(text.title[:300]).folded)),
        "site": lambda text, _: code_points(site_of(text)),
    }
    return [read[channel.name](text, normal) for text, normal in zip(texts, normals, strict=True)]


def site_of(text: Text) -> str:
    """The words of the site, the author and the URL, without what every URL has."""
    return mask(_URL.sub(" ", normalise(f"{text.site[:800]} {text.author[:60]} {text.url[:200]}").folded))


def normals_of(texts: Sequence[Text]) -> list[Normalised]:
    """The normalised bodies, cut to what is read."""
    return [normalise(readable(text.text)) for text in texts]
