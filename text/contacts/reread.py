"""Texts that say how to put a contact together: what they say is done, and the result is read like any other text.

Each way (letters with a legend, signs to be left out or put in, halves, numbered pieces, counted zeros) gives edits of the folded text. The
edited text is read with the finders of labels and numbers; what an edit helped to read is mapped back to the folded text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from text.contacts.candidate import DOUBTED, Candidate
from text.contacts.counted import find_counted
from text.contacts.inserts import find_inserts
from text.contacts.joins import find_joins
from text.contacts.labelled import find_labelled
from text.contacts.numbers import find_numbers
from text.contacts.told import find_told
from text.normalise import Normalised

_GUESSED = {"verb", "colon", "last word of a line"}
_SAID = {"told to leave out", "told to put in", "legend"}  # ways that say that this is a contact
_BEFORE, _AFTER = 60, 50  # what is read around the edits, for the labels in front and behind


@dataclass(frozen=True, slots=True)
class _View:
    """A stretch of folded text with its edits made; ``places`` holds the folded offset of each sign, ``seams`` where it was edited."""

    text: str
    places: list[int]
    seams: list[tuple[int, int, str]]


def find_reread(normal: Normalised, hong_kong: bool) -> Iterator[Candidate]:
    """The contacts that a text says how to put together, at offsets of its folded view, in no order.

    With ``hong_kong`` eight digits are a Hong Kong number. A believed candidate has a confidence above that of any literal reading.
    """
    folded = normal.folded
    edits = sorted({*find_joins(normal), *find_counted(folded), *find_inserts(folded), *find_told(normal)})
    for cluster in _clusters(edits):
        view = _edited(folded, cluster)
        for c in (*find_labelled(view.text, hong_kong), *find_numbers(view.text, hong_kong)):
            rule = next((rule for start, end, rule in view.seams if c.start < end and start < c.end), None)
            if rule is None or (c.rules[0] in _GUESSED and rule not in _SAID):
                continue
            confidence = c.confidence if c.confidence <= DOUBTED else round(0.95 + 0.04 * c.confidence, 3)
            start, end = view.places[c.start], view.places[c.end - 1] + 1
            yield replace(c, start=start, end=end, confidence=confidence, rules=(*c.rules, rule))


def in_doubt_as_written(candidates: Sequence[Candidate], put_together: Sequence[Candidate]) -> list[Candidate]:
    """``candidates`` with those in doubt that stand where one of ``put_together`` was read."""
    sure = [c for c in put_together if c.confidence > DOUBTED]
    if not sure:
        return list(candidates)
    return [
        replace(c, confidence=min(c.confidence, 0.3), rules=(*c.rules, "as written"))
        if any(c.start < other.end and other.start < c.end and c.canonical != other.canonical for other in sure)
        else c
        for c in candidates
    ]


def _clusters(edits: Sequence[tuple[int, int, str, str]]) -> Iterator[list[tuple[int, int, str, str]]]:
    cluster: list[tuple[int, int, str, str]] = []
    for edit in edits:
        if cluster and edit[0] < cluster[-1][1]:
            continue  # the first of two that overlap
        if cluster and edit[0] > cluster[-1][1] + _BEFORE + _AFTER:
            yield cluster
            cluster = []
        cluster.append(edit)
    if cluster:
        yield cluster


def _edited(folded: str, edits: list[tuple[int, int, str, str]]) -> _View:
    at = max(0, edits[0][0] - _BEFORE)
    last = min(len(folded), edits[-1][1] + _AFTER)
    while at and re.match("[a-z0-9_]", folded[at - 1]):
        at -= 1
    while last < len(folded) and re.match("[a-z0-9_]", folded[last]):
        last += 1
    parts: list[str] = []
    places: list[int] = []
    seams: list[tuple[int, int, str]] = []
    for start, end, new, rule in edits:
        parts += [folded[at:start], new]
        places += range(at, start)
        seam = len(places)
        places += [min(start + i, end - 1) for i in range(len(new))]
        # a cut is felt only by what stands on both sides of it
        seams.append((seam, len(places), rule) if new else (seam, seam, rule))
        at = end
    parts.append(folded[at:last])
    places += range(at, last)
    return _View("".join(parts), places, [(start, end, rule) for start, end, rule in seams])
