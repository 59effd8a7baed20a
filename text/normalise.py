"""Views of a raw text in which two spellings of one word meet, each with a map back to the raw offsets.

All offsets count code points. ``raw`` is kept as it is; ``folded`` joins signs that look the same; ``dense`` drops what
stands between letters; ``merged`` also joins characters that were written as their parts; ``pinyin`` is what is heard.
No view replaces another: match in each and take the union, because each breaks something that the raw text had.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from text.fold import ODD, TABLE, expansion, is_mark
from text.pinyin import readings, reads_as, split_latin
from text.splits import find_splits

_ODD_RUN = re.compile(f"{ODD}+")
_STROKES = "丶丨乀乁ヽヾ"  # strokes that serve as separators (１３６乀７０２７)
_EMOJI_CODE = re.compile(r"\[em\]e\d{1,9}\[/em\]")
_SEPARATORS = re.compile(rf"(?<![0-9])[\W_{_STROKES}]+|[\W_{_STROKES}]++(?![0-9])")
_GLOSS = re.compile(r"[(\[{【〔「『<]\s{0,2}([a-z]{1,24}|[a-z]{1,6}(?: [a-z]{1,6}){1,3})[1-5]?\s{0,2}[)\]}】〕」』>]")
_TOKEN = re.compile(r"[a-z]+|[0-9]+|[^a-z0-9]")
SHORT = 4_000  # characters: what is kept of a batch of such texts is small


@dataclass(frozen=True)
class Normalised:
    """A raw text and its views. Each view has ``<view>_map`` (raw offset of each element, then ``len(raw)``) and a function
    from a slice of the view to the raw span that it covers."""

    raw: str
    folded: str
    map: Sequence[int]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw (start, end) of ``folded[start:end]``, combining marks after its last character included."""
        return self._span(self.map, start, end)

    @cached_property
    def _dense(self) -> tuple[str, Sequence[int]]:
        kept, offsets = _cut(self.folded, _gaps(self.folded))
        return kept, [self.map[i] for i in offsets]

    @cached_property
    def dense(self) -> str:
        """``folded`` without separators, punctuation and emoji, except between two digits (2.98, 5-20)."""
        if "[em]" in self.folded:
            return self._dense[0]
        return _SEPARATORS.sub("", self.folded)

    @property
    def dense_map(self) -> Sequence[int]:
        """The raw offset of each character of ``dense``, then ``len(raw)``."""
        return self._dense[1]

    def dense_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw (start, end) of ``dense[start:end]``."""
        return self._span(self.dense_map, start, end)

    @cached_property
    def _splits(self) -> list[tuple[int, str]]:
        return list(find_splits(self.dense))

    @cached_property
    def merged(self) -> str:
        """``dense`` with characters joined that were written as their parts (月台 -> 胎); it breaks clean words too (女子)."""
        text, parts, at = self.dense, [], 0
        for start, whole in self._splits:
            parts += [text[at:start], whole]
            at = start + 2
        return "".join([*parts, text[at:]])

    @cached_property
    def _units(self) -> list[tuple[int, int]]:
        """The span in ``dense`` of each character of ``merged``; made when it is asked for, because most texts are only counted."""
        spans, at = [], 0
        for start, _ in self._splits:
            spans += [(i, i + 1) for i in range(at, start)]
            spans.append((start, start + 2))
            at = start + 2
        return spans + [(i, i + 1) for i in range(at, len(self.dense))]

    def merged_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw (start, end) of ``merged[start:end]``."""
        return self._span_of(self._units, start, end)

    @cached_property
    def _syllables(self) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
        return _heard(self.dense)

    @property
    def pinyin(self) -> tuple[str, ...]:
        """Toneless syllables of ``dense``; valid Latin runs are cut into syllables, other runs and digits stay whole."""
        return self._syllables[0]

    def pinyin_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw (start, end) of ``pinyin[start:end]``."""
        return self._span_of(self._syllables[1], start, end)

    @cached_property
    def _merged_syllables(self) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
        heard, spans = _heard(self.merged)
        units = self._units
        return heard, [(units[start][0], units[end - 1][1]) for start, end in spans]

    @property
    def merged_pinyin(self) -> tuple[str, ...]:
        """Toneless syllables of ``merged``."""
        return self._merged_syllables[0]

    def merged_pinyin_span(self, start: int, end: int) -> tuple[int, int]:
        """The raw (start, end) of ``merged_pinyin[start:end]``."""
        return self._span_of(self._merged_syllables[1], start, end)

    def _span_of(self, units: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
        if not 0 <= start < end <= len(units):
            at = self.dense_map[units[start][0]] if 0 <= start < len(units) else len(self.raw)
            return at, at
        return self.dense_span(units[start][0], units[end - 1][1])

    def _span(self, offsets: Sequence[int], start: int, end: int) -> tuple[int, int]:
        last = len(offsets) - 1
        start, end = min(max(start, 0), last), min(max(end, 0), last)
        if start >= end:
            return offsets[start], offsets[start]
        stop = offsets[end - 1] + 1
        while stop < len(self.raw) and is_mark(self.raw[stop]):
            stop += 1
        return offsets[start], stop


def normalise(raw: str) -> Normalised:
    """The views of ``raw``; linear in its length, and any string is taken (lone surrogates, NUL, right-to-left marks)."""
    return (_of_short if len(raw) <= SHORT else _of_long)(raw)


def _normalise(raw: str) -> Normalised:
    folded = raw.translate(TABLE)
    offsets: Sequence[int] = range(len(raw) + 1)
    if ODD in folded:
        folded, offsets = _expand(raw, folded)
    if _GLOSS.search(folded):
        glosses = [m.span() for m in _GLOSS.finditer(folded) if _is_gloss(folded, m)]
        if glosses:
            folded, kept = _cut(folded, glosses)
            offsets = [offsets[i] for i in kept]
    return Normalised(raw, folded, offsets)


# prices, places, week and contacts of one text are asked for one after the other, after a batch has been judged
_of_short = functools.lru_cache(maxsize=256)(_normalise)
_of_long = functools.lru_cache(maxsize=8)(_normalise)


def restore(raw: str) -> str:
    """A readable best guess at what was meant: folded, gaps inside words closed, split characters and pinyin put back."""
    from text.restoring import restored

    return restored(raw)


def _expand(raw: str, folded: str) -> tuple[str, list[int]]:
    """``folded`` with each ODD replaced by what its raw character folds to, and the raw offset of each character."""
    parts: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _ODD_RUN.finditer(folded):
        start, end = match.span()
        parts.append(folded[at:start])
        offsets.extend(range(at, start))
        for i in range(start, end):
            long = expansion(raw[i])
            if long:
                parts.append(long)
                offsets.extend([i] * len(long))
        at = end
    parts.append(folded[at:])
    offsets.extend(range(at, len(folded) + 1))
    return "".join(parts), offsets


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> tuple[str, list[int]]:
    """``text`` without ``spans`` (sorted, not overlapping), and the old offset of each character left, then ``len(text)``."""
    parts: list[str] = []
    offsets: list[int] = []
    at = 0
    for start, end in spans:
        parts.append(text[at:start])
        offsets.extend(range(at, start))
        at = end
    parts.append(text[at:])
    offsets.extend(range(at, len(text) + 1))
    return "".join(parts), offsets


def _gaps(folded: str) -> Iterable[tuple[int, int]]:
    if "[em]" in folded:  # a platform's written emoji: as good as a space
        folded = _EMOJI_CODE.sub(lambda m: " " * len(m.group()), folded)
    return [match.span() for match in _SEPARATORS.finditer(folded)]


def _is_gloss(folded: str, match: re.Match[str]) -> bool:
    """Whether brackets hold the pinyin of the one to four Chinese characters in front of them."""
    heard = split_latin(match.group(1).replace(" ", "")) if len(match.group(1)) > 1 else (match.group(1),)
    start = match.start() - len(heard)
    return start >= 0 and all(reads_as(c, s) for c, s in zip(folded[start : match.start()], heard, strict=True))


RUN = re.compile(r"[a-z]{2,}|[0-9]{2,}")  # tokens of more than one sign; every other sign is a syllable of its own


def sound_of(sign: str) -> str:
    """The syllable of a single sign of a dense text, or the sign itself."""
    return readings().get(ord(sign), sign)


def sounds_of(run: str) -> tuple[str, ...]:
    """The syllables of a ``RUN``."""
    return split_latin(run) if run[0] > "9" else (run,)


def _heard(text: str) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """Syllables of a dense text and the span of each in it."""
    table = readings()
    heard: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        token, (start, end) = match.group(), match.span()
        if end - start == 1:
            heard.append(table.get(ord(token), token))
            spans.append((start, end))
            continue
        parts = sounds_of(token)
        if len(parts) == 1:
            heard.append(parts[0])
            spans.append((start, end))
            continue
        for part in parts:
            heard.append(part)
            spans.append((start, start + len(part)))
            start += len(part)
    return tuple(heard), spans
