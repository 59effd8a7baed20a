"""Explanations: the stretches of a raw text that a model's own evidence rests on, with reasons in words.

Evidence is given for each character of the body channel; stretches of high evidence become spans, cut at clause marks and
mapped back to the raw text. The words of ``cues.yml`` inside a stretch say what it does.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from ahocorasick_rs import AhoCorasick

from core.types import Span
from text.normalise import Normalised

CUES = Path(__file__).parent / "cues.yml"
MOST_SPANS = 6
MOST_CHARACTERS = 60  # of one span
_CLAUSE = re.compile(r"[^，。！？；、,!?;\n\r…|]+")


@dataclass(frozen=True, slots=True)
class Cues:
    """The cue words, each with what it shows."""

    automaton: AhoCorasick
    reasons: tuple[str, ...]
    acts: tuple[bool, ...]


@functools.cache
def cues() -> Cues:
    """The cues of ``cues.yml``."""
    groups = yaml.safe_load(CUES.read_text("utf-8"))
    entries = [
        (str(word).replace(" ", ""), group["reason"], group["kind"] == "act")
        for group in groups.values()
        for word in group["words"]
    ]
    return Cues(
        AhoCorasick([word for word, _, _ in entries]), tuple(r for _, r, _ in entries), tuple(a for _, _, a in entries)
    )


def spans(normal: Normalised, body: str, added: npt.NDArray[np.float32], kept: Sequence[int]) -> tuple[Span, ...]:
    """The spans that count most, in reading order.

    ``body`` is the body channel's text, ``added`` the evidence of each of its characters, ``kept[i]`` the offset of that
    character in ``normal.folded`` (see ``views.masked_offsets``).
    """
    found = []
    for match in _CLAUSE.finditer(body):
        start, end = match.span()
        if not body[start:end].strip():
            continue
        if end - start > MOST_CHARACTERS:  # the richest window of a clause that has no end
            sums = np.convolve(added[start:end], np.ones(MOST_CHARACTERS), "valid")
            start += int(sums.argmax())
            end = start + MOST_CHARACTERS
        found.append((float(added[start:end].sum()), start, end))
    best = sorted((item for item in found if item[0] > 0), reverse=True)[:MOST_SPANS]
    return tuple(
        _span(normal, kept[start], kept[end - 1] + 1) for _, start, end in sorted(best, key=lambda item: item[1])
    )


def _span(normal: Normalised, start: int, end: int) -> Span:
    raw_start, raw_end = normal.raw_span(start, end)
    quote = normal.raw[raw_start:raw_end]
    raw_start += len(quote) - len(quote.lstrip())
    quote = normal.raw[raw_start:raw_end].rstrip()
    return Span(raw_start, raw_start + len(quote), quote, reason(normal.folded[start:end]))


def reason(folded: str) -> str:
    """What a folded stretch does and speaks of, acts first; in words."""
    known = cues()
    dense = "".join(folded.split())
    hits = {index for index, _, _ in known.automaton.find_matches_as_indexes(dense, overlapping=True)}
    acts = sorted({known.reasons[index] for index in hits if known.acts[index]})
    topics = sorted({known.reasons[index] for index in hits if not known.acts[index]})
    return "; ".join([*acts, *topics][:3]) or "wording typical of such texts"
