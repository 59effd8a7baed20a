"""What is found in pictures, and how it becomes the fields of a document: text with a way back to the place in the picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Box = tuple[
    float, float, float, float, float, float, float, float
]  # four corners, x then y, as shares (0..1) of width and height


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words, or one code: its text, where it stands, and how sure its reader is (0..1)."""

    text: str
    box: Box
    confidence: float = 1.0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where characters ``start`` to ``end`` of a field stand: in which picture (SHA-256), in which box."""

    start: int
    end: int
    picture: str
    box: Box
    confidence: float


def field(pictures: Iterable[tuple[str, Sequence[Line]]]) -> tuple[str, list[Place]]:
    """The text of a document's pictures, a line for each line found, and where each stands; ``pictures`` are (SHA-256, lines) in order."""
    parts: list[str] = []
    places: list[Place] = []
    at = 0
    for picture, lines in pictures:
        for line in lines:
            text = " ".join(line.text.split())
            if not text:
                continue
            parts.append(text)
            places.append(Place(at, at + len(text), picture, line.box, line.confidence))
            at += len(text) + 1
    return "\n".join(parts), places


def under(places: Sequence[Place], start: int, end: int, text: str) -> list[Place]:
    """The places that characters ``start`` to ``end`` of a field (``text``) stand in, each narrowed to its share of the line."""
    found = []
    for place in places:
        low, high = max(start, place.start), min(end, place.end)
        if low < high:
            whole = _width(text[place.start : place.end]) or 1.0
            before, to = _width(text[place.start : low]), _width(text[place.start : high])
            narrowed = _part(place.box, before / whole, to / whole)
            found.append(Place(low, high, place.picture, narrowed, place.confidence))
    return found


def _width(text: str) -> float:
    """About how wide a text is drawn, in Chinese characters."""
    return sum(1.0 if sign >= "\u2e80" else 0.55 for sign in text)


def _part(box: Box, begin: float, end: float) -> Box:
    """The part of a line's box between two shares of its length."""
    ax, ay, bx, by, cx, cy, dx, dy = box
    return (
        ax + (bx - ax) * begin, ay + (by - ay) * begin, ax + (bx - ax) * end, ay + (by - ay) * end,
        dx + (cx - dx) * end, dy + (cy - dy) * end, dx + (cx - dx) * begin, dy + (cy - dy) * begin,
    )  # fmt: skip


def lines_of(rows: Iterable[Sequence[Any]]) -> list[Line]:
    """Lines from the rows that the store and the reading process pack them as: text, box, confidence, kind."""
    return [Line(str(row[0]), tuple(map(float, row[1])), float(row[2]), str(row[3])) for row in rows]  # type: ignore[arg-type]


def rows_of(lines: Iterable[Line]) -> list[list[Any]]:
    """Lines as rows for JSON."""
    return [[line.text, [round(part, 4) for part in line.box], round(line.confidence, 3), line.kind] for line in lines]


def places_of(rows: Iterable[Sequence[Any]]) -> list[Place]:
    """Places from the rows that the store packs them as."""
    return [Place(int(row[0]), int(row[1]), str(row[2]), tuple(map(float, row[3])), float(row[4])) for row in rows]  # type: ignore[arg-type]


def packed(places: Iterable[Place]) -> list[list[Any]]:
    """Places as rows for JSON."""
    return [[p.start, p.end, p.picture, list(p.box), p.confidence] for p in places]
