"""Passages of a long text: windows that end where sentences end, so that one selling paragraph in a long lawful article is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import views
from classifier.contract import Text
from core.labels import labels

LONG = 320  # characters: a shorter text is one passage
WINDOW = 180  # characters that a passage has at least, the last one aside
MOST = 40  # passages of one text; what is read of a text has no more than some 55 windows
CLOSE = 60  # characters that a close look takes at least, from the beginning of each sentence
MOST_CLOSE = 60  # close looks at one text
_END = re.compile(r"[。！？!?\n；;]+|(?<=[\u4e00-\u9fff]) +|(?<=\.) ")


def passages(text: Text) -> list[Text]:
    """The passages of a text that is longer than ``LONG``, each with the title and the words around it; none of a shorter one."""
    body = views.readable(text.text)
    if len(body) <= LONG:
        return []
    cuts, start = [], 0
    for end in _END.finditer(body):
        if end.end() - start >= WINDOW:
            cuts.append((start, end.end()))
            start = end.end()
    while len(body) - start > 2 * WINDOW:  # no sentence ends: cut where it is
        cuts.append((start, start + WINDOW))
        start += WINDOW
    if body[start:].strip():
        cuts.append((start, len(body)))
    return [replace(text, text=body[begin:end]) for begin, end in _ends_of(cuts, MOST)]


def close_looks(text: Text) -> list[Text]:
    """Few sentences each, one beginning at every sentence of a long text: a short advert fills one, and is a third of a passage."""
    body = views.readable(text.text)
    if len(body) <= LONG:
        return []
    ends = [end.end() for end in _END.finditer(body)]
    if not ends or ends[-1] < len(body):
        ends.append(len(body))
    cuts: list[tuple[int, int]] = []
    last = 0
    for first, begin in enumerate([0, *ends[:-1]]):
        last = max(last, first)
        while ends[last] - begin < CLOSE and last + 1 < len(ends):
            last += 1
        if not cuts or ends[last] > cuts[-1][1]:
            cuts.append((begin, ends[last]))
    return [replace(text, text=body[begin:end]) for begin, end in _ends_of(cuts, MOST_CLOSE)]


def _ends_of(cuts: list[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    return cuts if len(cuts) <= most else cuts[: most // 2] + cuts[-(most // 2) :]


def columns(heads: Sequence[str]) -> list[int]:
    """The heads whose strongest passage is told beside a text's own margins: flagging, and each flagged label."""
    known = labels()
    return [place for place, name in enumerate(heads) if name == "flagged" or (name in known and known[name].flagged)]


def strongest(
    own: npt.NDArray[Any], owner: npt.NDArray[np.int64], inside: npt.NDArray[Any], chosen: Sequence[int]
) -> npt.NDArray[Any]:
    """(texts, heads + chosen): each text's own margins, then those of its strongest passage for the chosen heads.

    ``inside`` are the margins of passages, ``owner[i]`` the text of passage i. A text without passages is its own strongest.
    """
    best = own[:, chosen].copy()
    if len(owner):
        best[np.unique(owner)] = -np.inf
        np.maximum.at(best, owner, inside[:, chosen])
    return np.concatenate([own, best], axis=1)
