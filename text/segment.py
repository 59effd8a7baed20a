"""Words of a Chinese text, by rjieba where it is installed and by jieba otherwise, with one topic dictionary for both."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_FREQUENCY = 20_000  # above every competing cut of these terms in jieba's own dictionary; see test_segment
_MAX_CHARACTERS = 200_000
_DULL = frozenset(("可以", "我们", "你们", "他们", "自己", "没有", "什么", "怎么", "一个", "就是", "这个", "那个", "进行", "需要", "如果",
                   "因为", "所以", "但是", "还是", "不是", "已经", "现在", "时候", "知道", "觉得", "问题", "大家", "以及", "或者"))  # fmt: skip


@functools.cache
def topic_words() -> tuple[str, ...]:
    """The terms of ``topic_words.txt``, in file order."""
    lines = (Path(__file__).parent / "topic_words.txt").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@functools.cache
def jieba_cut() -> Callable[[str], list[str]]:
    """The cut of stock jieba with the topic dictionary (loads for about a second)."""
    tokenizer = _jieba_tokenizer()
    return lambda text: list(tokenizer.cut(text))


@functools.cache
def rjieba_cut() -> Callable[[str], list[str]]:
    """The cut of rjieba with the topic dictionary; ImportError where it is not installed."""
    import rjieba

    tokenizer = rjieba.Jieba()
    for word in topic_words():
        tokenizer.add_word(word, _FREQUENCY, "n")
    return lambda text: list(tokenizer.cut(text))


@functools.cache
def _cut() -> Callable[[str], list[str]]:
    try:
        return rjieba_cut()
    except ImportError:
        return jieba_cut()


def segment(text: str) -> list[str]:
    """The words of ``text`` in order, white space dropped; what lies beyond 200,000 characters is left out."""
    return [word for word in _cut()(_clean(text)) if not word.isspace()]


def word_spans(text: str) -> list[tuple[int, int]]:
    """The (start, end) of each word in ``text``, white space included; offsets count code points."""
    spans, at = [], 0
    for word in _cut()(_clean(text)):
        spans.append((at, at + len(word)))
        at += len(word)
    return spans


def key_terms(texts: Iterable[str], top: int = 5) -> list[str]:
    """The ``top`` words that tell these texts from ordinary Chinese (jieba's TF-IDF), best first; none repeats another."""
    joined = _clean("\n".join(texts))
    if not joined.strip():
        return []
    chosen: list[str] = []
    for word in _extractor().extract_tags(joined, topK=top * 4):
        plain = word.replace("-", "")
        if plain.isascii() or plain in _DULL or any(word in other or other in word for other in chosen):
            continue
        chosen.append(word)
    return chosen[:top]


def _clean(text: str) -> str:
    """Of the same length, for all that is cut: jieba and rjieba both refuse lone surrogates."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


@functools.cache
def _jieba_tokenizer() -> Any:
    import jieba

    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word in topic_words():
        tokenizer.add_word(word, _FREQUENCY, "n")
    return tokenizer


@functools.cache
def _extractor() -> Any:
    from jieba.analyse import TFIDF

    extractor = TFIDF()
    extractor.tokenizer = _jieba_tokenizer()
    median: float = extractor.median_idf
    for word in topic_words():  # words that jieba's corpus never saw would pass as average; these name the campaign
        extractor.idf_freq.setdefault(word, median * 1.2)
    return extractor
