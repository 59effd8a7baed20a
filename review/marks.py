"""A text cut into pieces, each with what is to be seen in it: why it counts, whether a search hits it, whether it is a contact."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from text.normalise import normalise

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; ``reasons`` number the reasons for it, ``closes`` those that end with it."""

    text: str
    reasons: tuple[int, ...] = ()
    closes: tuple[int, ...] = ()
    hit: bool = False
    contact: bool = False


def pieces(
    text: str,
    spans: Sequence[tuple[int, int, int]],
    contacts: Sequence[Range],
    hits: Sequence[Range],
    cover: Callable[[str], str] | None,
) -> list[Piece]:
    """``text`` in order, cut where anything begins or ends.

    ``spans`` are (start, end, number of the reason); ``contacts`` do not overlap, and with a ``cover`` each is one covered piece,
    which no hit lights: it would tell that the covered signs are those searched for.
    """
    spans = [(max(0, start), min(end, len(text)), number) for start, end, number in spans if start < end]
    edges = {0, len(text)}
    for start, end, *_ in [*spans, *contacts, *hits]:
        edges |= {start, end}
    if cover:
        for start, end in contacts:
            edges -= set(range(start + 1, end))
        hits = [(s, e) for s, e in hits if not any(start < e and s < end for start, end in contacts)]
    cuts = sorted(edge for edge in edges if 0 <= edge <= len(text))
    contact_starts = [start for start, _ in contacts]
    found = []
    for start, end in pairwise(cuts):
        place = bisect_left(contact_starts, start + 1) - 1
        contact = place >= 0 and start < contacts[place][1]
        inside = [(s, e, number) for s, e, number in spans if s < end and start < e]
        found.append(
            Piece(
                cover(text[start:end]) if contact and cover else text[start:end],
                tuple(dict.fromkeys(number for *_, number in inside)),
                tuple(dict.fromkeys(number for _, e, number in inside if e <= end)),
                any(s < end and start < e for s, e in hits),
                contact,
            )
        )
    return found


def folded(text: str, *groups: Sequence[tuple[int, ...]]) -> tuple[str, list[list[tuple[int, ...]]]]:
    """The normalised view of a text, and groups of (start, end, ...) moved onto it."""
    normal = normalise(text)
    moved = [
        [(bisect_left(normal.map, start), bisect_left(normal.map, end), *rest) for start, end, *rest in group]
        for group in groups
    ]
    return normal.folded, moved
