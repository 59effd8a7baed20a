"""The template of an advert that was re-written: what stays (constants) and what changes (slots), by aligning its texts word by word.

The text that is most like all others is the pivot; every other one is aligned with it (longest matching blocks of words of the dense view,
``difflib``). A word of the pivot that nearly all texts have is constant; what lies between two constants is a slot, with the values that the
texts have there. The idea of showing clusters of adverts as templates and slots is InfoShield's (Lee et al., ICDE 2021); this is not its code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from text.contacts import find_contacts
from text.normalise import Normalised, normalise
from text.offers import find_prices
from text.places import find_places
from text.segment import word_spans

CONSTANT = 0.8  # share of the texts that must have a word
SELDOM = 0.1  # a slot that fewer texts fill is left out
SHORTEST = 2  # characters of a constant; a lone particle between two slots belongs to them
MOST_TEXTS = 30
MOST_CHARACTERS = 2_000
MOST_VALUES = 20
_LOOSE = " ，。、；：,.;:|/"  # what only separates a slot from its neighbours


@dataclass(frozen=True, slots=True)
class Part:
    """A constant (``text``, as the pivot writes it) or a slot (``values`` with counts, most frequent first; empty: nothing there).

    ``kind`` of a slot is contact, price, place, number or words, whatever most of its values are; of a constant it is empty.
    """

    text: str = ""
    kind: str = ""
    values: tuple[tuple[str, int], ...] = ()
    distinct: int = 0

    @property
    def constant(self) -> bool:
        """Whether this stays the same in nearly all texts."""
        return not self.kind


@dataclass(frozen=True, slots=True)
class _Words:
    """A text as words: their keys, and where each stands in the raw text."""

    raw: str
    keys: list[str]
    spans: list[tuple[int, int]]

    def between(self, after: int, before: int) -> tuple[int, int]:
        """The raw (start, end) of what stands after one word (-1: the beginning) and before another (len: the end)."""
        start = self.spans[after][1] if after >= 0 else 0
        end = self.spans[before][0] if before < len(self.spans) else len(self.raw)
        return start, max(start, end)


def template(texts: Sequence[str]) -> tuple[Part, ...]:
    """The parts of the template of some texts (at most the first 30, 2,000 characters of each), in order; of one text a single constant."""
    words = [found for text in texts[:MOST_TEXTS] if (found := _words(text[:MOST_CHARACTERS])).keys]
    if not words:
        return ()
    pivot = _pivot(words)
    places = [_aligned(pivot, one) for one in words]  # for each text: its word for each word of the pivot, or None
    need = CONSTANT * len(words)
    fixed = [i for i in range(len(pivot.keys)) if sum(place[i] is not None for place in places) >= need]
    marked = [_marks(one.raw) for one in words]
    parts: list[Part] = []
    for before, run in _runs(pivot, fixed, places, need):
        parts += _slot(words, places, marked, before, run[0] if run else len(pivot.keys), len(pivot.keys))
        if run:
            parts.append(Part(pivot.raw[pivot.spans[run[0]][0] : pivot.spans[run[-1]][1]]))
    return _joined(parts)


def _words(raw: str) -> _Words:
    normal: Normalised = normalise(raw)
    spans = word_spans(normal.dense)
    return _Words(raw, [normal.dense[a:b] for a, b in spans], [normal.dense_span(a, b) for a, b in spans])


def _pivot(words: Sequence[_Words]) -> _Words:
    """The text whose words most others have."""
    seen: Counter[str] = Counter(key for one in words for key in set(one.keys))
    return max(words, key=lambda one: sum(seen[key] - 1 for key in set(one.keys)) / (len(set(one.keys)) + 5))


def _aligned(pivot: _Words, other: _Words) -> list[int | None]:
    place: list[int | None] = [None] * len(pivot.keys)
    if other is pivot:
        return list(range(len(pivot.keys)))
    for block in SequenceMatcher(None, pivot.keys, other.keys, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            place[block.a + step] = block.b + step
    return place


def _runs(
    pivot: _Words, fixed: Sequence[int], places: Sequence[Sequence[int | None]], need: float
) -> list[tuple[int, list[int]]]:
    """(word before, words) of each run of constants that stand next to each other in nearly all texts; the last one is empty."""
    runs: list[list[int]] = []
    for i in fixed:
        last = runs[-1][-1] if runs else i
        pairs = [(place[last], place[i]) for place in places]
        together = sum(a is not None and b is not None and b == a + 1 for a, b in pairs)
        if last == i - 1 and together >= need - SELDOM * len(places):
            runs[-1].append(i)
        else:
            runs.append([i])
    long = [run for run in runs if sum(len(pivot.keys[i]) for i in run) >= SHORTEST]
    ends = [-1, *(run[-1] for run in long)]
    return list(zip(ends, [*long, []], strict=True))


def _slot(
    words: Sequence[_Words], places: Sequence[Sequence[int | None]], marked: Sequence[Sequence[tuple[int, int, str]]],
    before: int, after: int, end: int,
) -> list[Part]:  # fmt: skip
    values: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for one, place, marks in zip(words, places, marked, strict=True):
        left = place[before] if before >= 0 else -1
        right = place[after] if after < end else len(one.keys)
        if left is None or right is None or right <= left:
            continue
        if right == left + 1:
            values[""] += 1
            continue
        start, stop = one.between(left, right)
        value = " ".join(one.raw[start:stop].split()).strip(_LOOSE)
        values[value] += 1
        if value:
            kinds[next((kind for a, b, kind in marks if a < stop and start < b), _plain_kind(value))] += 1
    filled = sum(count for value, count in values.items() if value)
    if filled <= SELDOM * len(words):
        return []
    [(kind, _)] = kinds.most_common(1)
    ranked = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Part("", kind, tuple(ranked[:MOST_VALUES]), len(values))]


def _marks(raw: str) -> list[tuple[int, int, str]]:
    """Where contacts, prices and places stand in a text, contacts first."""
    contacts = [(point.start, point.end, "contact") for point in find_contacts(raw)]
    prices = [(price.start, price.end, "price") for price in find_prices(raw)]
    return contacts + prices + [(place.start, place.end, "place") for place in find_places(raw)]


def _plain_kind(value: str) -> str:
    signs = [sign for sign in value if sign.isalnum()]
    return "number" if signs and sum(sign.isdigit() for sign in signs) * 2 > len(signs) else "words"


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Neighbouring constants as one."""
    joined: list[Part] = []
    for part in parts:
        if joined and part.constant and joined[-1].constant:
            joined[-1] = Part(joined[-1].text + part.text)
        else:
            joined.append(part)
    return tuple(joined)
