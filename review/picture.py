"""The geometry of the pictures: when documents were seen, in which provinces, and how a lead hangs together. Pure; templates draw it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from review.words import BEIJING
from text.shown import plain
from text.tiles import COLUMNS, ROWS, TILES

WIDTH, HEIGHT = 640, 120  # of the timeline
WIDEST = 28  # a bar of it, so that a single day is no wall
CELL = 44
ROW, COLUMN_WIDTH, GAP = 30, 210, 130  # of the network
MOST_ROWS = 60  # in one column; with three columns fewer than the 200 nodes that can still be read


@dataclass(frozen=True, slots=True)
class Bar:
    """Documents first seen in one step of time, from ``day`` on."""

    day: date
    n: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars by day, week or month (``step``), the first and last day, the highest bar, and marks of events (x, kind, day)."""

    step: str
    bars: tuple[Bar, ...]
    first: date
    last: date
    most: int
    marks: tuple[tuple[float, str, date], ...]


def timeline(seen: Iterable[datetime], events: Iterable[tuple[datetime, str]]) -> Timeline | None:
    """When documents were first seen (Beijing days), and what happened meanwhile; None without documents."""
    days = sorted(at.astimezone(BEIJING).date() for at in seen)
    if not days:
        return None
    marked = sorted((at.astimezone(BEIJING).date(), kind) for at, kind in events)
    first, last = (
        min(days[0], *(day for day, _ in marked), days[0]),
        max(days[-1], *(day for day, _ in marked), days[-1]),
    )
    long = (last - first).days
    step = "day" if long <= 45 else "week" if long <= 400 else "month"
    starts = _starts(first, last, step)
    counts = Counter(_start(day, step) for day in days)
    most = max(counts.values())
    width = WIDTH / len(starts)
    bar = round(min(max(width - 2, min(width, 1.5)), WIDEST), 1)
    bars = tuple(
        Bar(
            start,
            counts[start],
            round((at + 0.5) * width - bar / 2, 1),
            round(HEIGHT - high, 1),
            bar,
            round(high, 1),
        )
        for at, start in enumerate(starts)
        if counts[start]
        for high in [counts[start] / most * (HEIGHT - 18)]
    )
    place = {start: at for at, start in enumerate(starts)}
    marks = {(round((place[_start(day, step)] + 0.5) * width, 1), kind, day) for day, kind in marked}
    return Timeline(step, bars, first, last, most, tuple(sorted(marks)))


@dataclass(frozen=True, slots=True)
class Tile:
    """A province on the grid: how many documents name it, and how strongly it is shown (0 to 4)."""

    name: str
    n: int
    x: int
    y: int
    strength: int


def tiles(counts: Mapping[str, int]) -> tuple[int, int, tuple[Tile, ...]]:
    """Width, height and cells of the tile grid for counts by province."""
    most = max([1, *counts.values()])
    cells = tuple(
        Tile(name, counts.get(name, 0), column * CELL, row * CELL, -(-4 * counts.get(name, 0) // most))
        for name, (column, row) in TILES.items()
    )
    return COLUMNS * CELL, ROWS * CELL, cells


@dataclass(frozen=True, slots=True)
class Node:
    """Something in the network: ``kind`` is documents, contact, campaign or lead; ``n`` how many documents; ``key`` what it stands for."""

    key: str
    kind: str
    label: str
    n: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A node at its place."""

    node: Node
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes in three columns, each ``box`` wide, and the edges between them as (path, kind, strength 1 to 3); ``hidden`` nodes did not fit."""

    width: int
    height: int
    box: int
    nodes: tuple[Placed, ...]
    edges: tuple[tuple[str, str, int], ...]
    hidden: int


def network(
    columns: Sequence[Sequence[Node]],
    edges: Mapping[tuple[str, str], tuple[str, int]],
    most: int = MOST_ROWS,
    box: int = COLUMN_WIDTH,
    gap: int = GAP,
) -> Network:
    """Lay nodes out in columns of boxes with a gap between. ``edges`` are by (key, key of a later column) with their kind and how many documents bear them out.

    The first columns' order is that given; in the others each node stands near what it is tied to (barycentre heuristic of
    Sugiyama, Tagawa and Toda 1981), so that lines cross little.
    """
    kept = [list(column[:most]) for column in columns]
    hidden = sum(len(column) for column in columns) - sum(len(column) for column in kept)
    rank: dict[str, float] = {node.key: at for at, node in enumerate(kept[0])} if kept else {}
    for column in kept[1:]:
        ties = {node.key: [rank[one] for one, other in edges if other == node.key and one in rank] for node in column}
        column.sort(key=lambda node: (sum(ties[node.key]) / len(ties[node.key]) if ties[node.key] else 1e9, node.key))
        rank |= {node.key: at for at, node in enumerate(column)}
    tallest = max([1, *(len(column) for column in kept)])
    placed: dict[str, Placed] = {}
    for number, column in enumerate(kept):
        pitch = tallest * ROW / max(1, len(column))
        for at, node in enumerate(column):
            placed[node.key] = Placed(node, number * (box + gap), round((at + 0.5) * pitch))
    heaviest = max([1, *(n for _, n in edges.values())])
    lines = tuple(
        (_line(placed[one], placed[other], box), kind, 1 + round(2 * n / heaviest))
        for (one, other), (kind, n) in edges.items()
        if one in placed and other in placed
    )
    width = max(1, len(kept)) * (box + gap) - gap
    return Network(width, tallest * ROW, box, tuple(placed.values()), lines, hidden)


def fitting(text: str, width: float) -> str:
    """As much of a text as fits a width in pixels of a picture, at 13 pixels to a sign; full-width signs take twice the room."""
    room, kept = width, ""
    for sign in plain(text, 120):
        room -= 13.0 if unicodedata.east_asian_width(sign) in "WF" else 8.0
        if room < 0:
            return f"{kept[:-1]}…"
        kept += sign
    return kept


def _line(one: Placed, other: Placed, box: int) -> str:
    x, end = one.x + box, other.x
    bend = (end - x) // 2
    return f"M{x} {one.y}C{x + bend} {one.y} {end - bend} {other.y} {end} {other.y}"


def _start(day: date, step: str) -> date:
    if step == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == "month" else day


def _starts(first: date, last: date, step: str) -> list[date]:
    found, at = [], _start(first, step)
    while at <= last:
        found.append(at)
        at = _start(at + timedelta(days={"day": 1, "week": 7, "month": 32}[step]), step)
    return found
