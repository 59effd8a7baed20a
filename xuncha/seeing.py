"""The stages of a night that read pictures: look at each (codes, likeness), then read the words of those that may matter, within a budget.

A picture is looked at as soon as it is there. Its words are read when its document says little or is suspect, and not at all where the
author's own words ask or tell: these decide alone, whatever the picture says. What a night has no time for waits for the next one; without
the extra ``[pictures]`` all of it waits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from classifier.pictured import speaks
from core.errors import EvidenceError
from core.settings import Settings
from core.store import Store
from core.store.readings import Reading
from evidence.pixels import bodies
from leads.posters import group
from pictures.aside import Aside, obstacle
from pictures.found import field, lines_of, packed
from pictures.sniff import NotAPicture

BATCH = 20  # their files are in memory at one time
WITH_CODE, FLAGGED = 200, 2_000  # places in the queue: added to a thousand times the score
Clock = Callable[[], float]  # seconds that only grow
Ask = Callable[[str, bytes], tuple[dict[str, Any], bytes]]


def not_read() -> str:
    """Why pictures stay unread here (未读); empty when they do not."""
    return obstacle()


def look(store: Store, settings: Settings, now: Callable[[], datetime], clock: Clock, ends: float) -> dict[str, int]:
    """Look at the pictures that nobody has looked at, until the clock says ``ends``; returns counts."""
    counts = {"looked": 0, "with_codes": 0, "unreadable": 0, "settled": 0, "posters": 0, "left": 0}
    with _reader() as ask:
        while clock() < ends and (batch := store.pictures.unseen(BATCH)):
            for sha256, body in _batch(store, settings, batch):
                if clock() >= ends:
                    break
                told = _asked(store, ask, "look", sha256, body)
                if told is None:
                    counts["unreadable"] += 1
                    continue
                store.pictures.looked(sha256, told)
                counts["looked"] += 1
                counts["with_codes"] += bool(told["codes"])
    counts["posters"] = group(store)["new"]
    counts["settled"] = settle(store, now)
    counts["left"] = store.pictures.counts()["not_read"]
    return counts


def read(
    store: Store, settings: Settings, rater: str, now: Callable[[], datetime], clock: Clock, ends: float
) -> dict[str, int]:
    """Read the words of pictures that are wanted, the most suspect first, until the clock or the count of the night ends it."""
    counts = {"wanted": choose(store, settings, rater), "read": 0, "lines": 0, "unreadable": 0, "settled": 0, "left": 0}
    left = int(settings["picture_words_per_night"])
    with _reader() as ask:
        while clock() < ends and left > 0 and (batch := store.pictures.queued(min(BATCH, left))):
            for sha256, body in _batch(store, settings, batch):
                if clock() >= ends:
                    break
                told = _asked(store, ask, "read", sha256, body)
                left -= 1
                if told is None:
                    counts["unreadable"] += 1
                    continue
                store.pictures.read(sha256, told["lines"], told["reader"], now())
                counts["read"] += 1
                counts["lines"] += len(told["lines"])
    counts["settled"] = settle(store, now)
    counts["left"] = store.pictures.counts()["queued"]
    return counts


def choose(store: Store, settings: Settings, rater: str) -> int:
    """Put into the queue the pictures whose words may matter to how a rater judges their documents; returns how many."""
    short, suspect = int(settings["picture_short_text"]), float(settings["picture_suspect"])
    wanted: dict[str, int] = {}
    for row in store.pictures.readable(rater):
        if row["label"] is None:  # nobody has judged it: the next call will know
            continue
        words = row["text"] if row["parent"] else f"{row['title']}\n{row['text']}"
        if not row["flagged"] and speaks(words.strip(), json.loads(row["labels"]), row["label"]):
            continue
        if row["characters"] < short or row["score"] >= suspect or row["flagged"] or row["codes"]:
            place = 1 + int(1_000 * row["score"]) + WITH_CODE * row["codes"] + FLAGGED * row["flagged"]
            wanted[row["sha256"]] = max(place, wanted.get(row["sha256"], 0))
    store.pictures.want(wanted)
    return len(wanted)


def settle(store: Store, now: Callable[[], datetime]) -> int:
    """Give documents what their pictures say; returns how many of them are a new version for it, and so to be judged again."""
    renewed = 0
    while batch := store.readings.unsettled(BATCH):
        with store.atomic():
            for document in batch:
                renewed += store.readings.settle(document, reading_of(store.pictures.of(document)), now())
    return renewed


def reading_of(pictures: list[dict[str, Any]]) -> Reading:
    """What the pictures of a document say together, from their rows."""
    words, places = field((row["sha256"], lines_of(row["lines"])) for row in pictures if row["lines"])
    codes, code_places = field((row["sha256"], lines_of(row["codes"])) for row in pictures if row["codes"])
    return Reading(words, codes, tuple(packed(places)), tuple(packed(code_places)))


def _batch(store: Store, settings: Settings, rows: list[dict[str, Any]]) -> Iterator[tuple[str, bytes | Exception]]:
    """(SHA-256, file) of some pictures, or why a file cannot be had."""
    captures = {row["sha256"]: store.captures.get(row["capture"] or "") for row in rows}
    most = int(settings["max_picture_bytes"]) + 1
    found = bodies(settings.path("archive"), [one for one in captures.values() if one is not None], most)
    for sha256, capture in captures.items():
        yield sha256, found[capture.id] if capture is not None else EvidenceError("its capture is gone")


def _asked(store: Store, ask: Ask, task: str, sha256: str, body: bytes | Exception) -> dict[str, Any] | None:
    """What the reader says of a picture; None, with the reason stored, where it cannot say anything."""
    try:
        if isinstance(body, Exception):
            raise body
        return ask(task, body)[0]
    except (NotAPicture, EvidenceError) as error:
        store.pictures.unreadable(sha256, str(error))
        return None


@contextmanager
def _reader() -> Iterator[Ask]:
    with Aside() as aside:
        yield aside.ask
