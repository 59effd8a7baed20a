"""A readable best guess at an obfuscated text; for people and benchmarks, not for matching (that is what the views do).

Split characters are joined and pinyin is put back by the frequencies of jieba's dictionary (loads for about a second). What is no
surely hidden word stays as it was: a wrong guess would put words into somebody's mouth.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from pathlib import Path

from text.normalise import normalise
from text.pinyin import readings, split_latin, syllables
from text.segment import topic_words
from text.splits import BOUND, find_splits

_RUN = re.compile(r"(?<![a-z0-9_./@:+-])[a-z]{2,24}(?: [a-z]{1,24}){0,11}(?![a-z0-9_/@.:+-])")
_CHINESE = re.compile(r"[一-鿿]")
_LONGEST = 4
_CONTEXT = 3  # characters beside a run that may form a word with it
# English words and chat abbreviations that are pinyin by accident
_ENGLISH_WORDS = (
    "me he she we can man men women fan fans dance nice gang bang hen long song sun run fun gun pan ban ten "
    "den pen die lie tie tan rule sale mine line wine bike like hang wan ran chance tang ping pong lan wifi "
    "wife life people juan china an ai ni hao bi cue nan lian dan pua le se cha chi she diss gay panda mama "
    "baba lu lou sa sang sense change mei yuan hi pi ma fa ya la da ta "
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())


@functools.cache
def _frequencies() -> Mapping[str, int]:
    """Word -> frequency, jieba's dictionary with the topic words."""
    import jieba

    table: dict[str, int] = {}
    with (Path(jieba.__file__).parent / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, frequency, *_ = line.split(" ")
            if len(word) <= _LONGEST:
                table[word] = int(frequency)
    table.update((word, max(500, table.get(word, 0))) for word in topic_words() if len(word) <= _LONGEST)
    return table


@functools.cache
def _by_sound() -> Mapping[tuple[str, ...], list[tuple[str, float]]]:
    """Syllables -> words that sound so, with their log probability, best first (at most 20)."""
    table = readings()
    total = math.log(sum(_frequencies().values()))
    found: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for word, frequency in _frequencies().items():
        if frequency >= 3 and (len(word) == 1 or _CHINESE.match(word)):
            sound = tuple(table.get(ord(c), c) for c in word)
            found.setdefault(sound, []).append((word, math.log(frequency) - total))
    return {sound: sorted(words, key=lambda item: -item[1])[:20] for sound, words in found.items()}


def restored(raw: str) -> str:
    """``raw`` folded, with split characters joined and pinyin put back where the guess is a common word."""
    text = _join_splits(normalise(raw).folded)
    if _CHINESE.search(text) and _RUN.search(text):
        text = _put_back_pinyin(text)
    return text


def _join_splits(text: str) -> str:
    parts: list[str] = []
    at = 0
    for start, whole in find_splits(text):
        pair = text[start : start + 2]
        if BOUND.isdisjoint(pair) and not _surely_split(text, start):
            continue
        if start >= at:
            parts += [text[at:start], whole]
            at = start + 2
    return "".join([*parts, text[at:]])


def _surely_split(text: str, start: int) -> bool:
    """Whether the pair at ``start`` forms no word, neither in itself nor with the characters beside it."""
    words = _frequencies()
    around = (text[start : start + 2], text[max(0, start - 1) : start + 1], text[start + 1 : start + 3],
              text[max(0, start - 2) : start + 1], text[start + 1 : start + 4])  # fmt: skip
    rare = min(words.get(c, 0) for c in around[0]) < 3_000
    return rare and not any(len(piece) > 1 and piece in words for piece in around)


def _put_back_pinyin(text: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _RUN.finditer(text):
        tokens = match.group().split(" ")
        heard = [syllable for token in tokens for syllable in split_latin(token)]
        if any(s not in syllables() for s in heard) or (len(tokens) == 1 and tokens[0] in _ENGLISH) or len(heard) > 12:
            continue
        start, end = match.span()
        left = _beside(text[max(at, start - _CONTEXT) : start].rstrip(" "), -1)
        right = _beside(text[end : end + _CONTEXT].lstrip(" "), 1)
        if len(heard) == 1 and not left and not right:
            continue
        guess = _decode([*left, *heard, *right], len(left), len(heard))
        if guess is not None:
            parts += [text[at:start].rstrip(" ") if left else text[at:start], guess]
            at = end + (1 if right and text[end : end + 1] == " " else 0)
    return "".join([*parts, text[at:]])


def _beside(piece: str, direction: int) -> str:
    """The Chinese characters that touch the run, from ``piece`` on its left (-1) or right (1)."""
    found = re.search(r"[一-鿿]*$" if direction < 0 else r"^[一-鿿]*", piece)
    return found.group() if found else ""


def _decode(elements: list[str], lead: int, count: int) -> str | None:
    """The likeliest characters for ``elements[lead:lead + count]`` (syllables); the others are characters that stand."""
    table = readings()
    sounds = [e if len(e) > 1 else table.get(ord(e), e) for e in elements]
    best: list[tuple[float, str]] = [(0.0, "")] + [(-math.inf, "")] * len(elements)
    for end in range(1, len(elements) + 1):
        for start in range(max(0, end - _LONGEST), end):
            score, text = best[start]
            for word, probability in _by_sound().get(tuple(sounds[start:end]), ()):
                fits = all(len(e) > 1 or e == c for e, c in zip(elements[start:end], word, strict=True))
                if fits and score + probability > best[end][0]:
                    best[end] = (score + probability, text + word)
            if end - start == 1 and len(elements[start]) == 1 and score - 14 > best[end][0]:
                best[end] = (score - 14, text + elements[start])
    likelihood, text = best[-1]
    return None if likelihood == -math.inf else text[lead : lead + count]
