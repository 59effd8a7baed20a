"""Judging JSON lines: the contract of ``xuncha classify FILE|- --json`` (docs/classify.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from classifier.contract import Rater, Text
from core.batches import batches
from core.types import Judgement
from text.contacts import find_contacts
from text.offers import find_prices, find_week
from text.places import find_places

FIELDS = ("title", "url", "author", "venue")
BATCH = 128


def judge_lines(
    rater: Rater, lines: Iterable[bytes], out: BinaryIO | None, warn: Callable[[str], None], say: Callable[[str], None]
) -> int:
    """Judge JSON lines in order; returns how many were broken.

    With ``out``, one JSON line for each good one is written there; without, ``say`` gets a readable line. Broken lines are told
    through ``warn`` with their number.
    """
    broken = 0
    for batch in batches(_read(lines), BATCH):
        good = [(number, row) for number, row in batch if isinstance(row, dict)]
        for number, fault in batch:
            if isinstance(fault, str):
                broken += 1
                warn(f"line {number}: {fault}")
        texts = [text_of(row) for _, row in good]
        for (number, row), text, judgement in zip(good, texts, rater.judge(texts), strict=True):
            answer = answer_of(row.get("id", number), text, judgement)
            if out is not None:
                out.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
            else:
                mark = "FLAG" if judgement.flagged else "unsure" if judgement.unsure else "-"
                say(
                    f"{answer['id']}\t{mark}\t{judgement.label}\t{judgement.score:.3f}\t{' '.join(text.text.split())[:60]}"
                )
        if out is not None:
            out.flush()
    return broken


def _read(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig").strip()
            if not text:
                continue
            row = json.loads(text)
            yield number, fault_of(row) or row
        except (ValueError, RecursionError) as error:
            yield number, f"expected a JSON object with `text`: {error}"


def fault_of(row: Any) -> str:
    """What is wrong with a row, or nothing.

    Raises:
        ValueError, RecursionError: its id cannot be given back as JSON.
    """
    if not isinstance(row, dict):
        return f"expected a JSON object with `text`, found {type(row).__name__}"
    if not isinstance(row.get("text"), str):
        return f"expected `text` to be a string, found {type(row.get('text')).__name__}; keys are {', '.join(sorted(map(str, row)))[:120]}"
    for name in FIELDS:
        if not isinstance(row.get(name, ""), str | type(None)):
            return f"expected `{name}` to be a string, found {type(row[name]).__name__}"
    json.dumps(row.get("id"), allow_nan=False)  # what cannot be given back as JSON is a fault as well
    return ""


def text_of(row: dict[str, Any]) -> Text:
    """The text that a row holds; ``site`` may be a string, a list of words, or a mapping of title, navigation and footer."""
    given = {name: row.get(name) or "" for name in FIELDS}
    return Text(
        row["text"], given["title"], " ".join(_words(row.get("site"))), given["author"], given["url"], given["venue"]
    )


def _words(value: Any) -> Iterator[str]:
    waiting = [value]  # no recursion: how deep a row is nested is the sender's choice
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += reversed(value.values())
        elif isinstance(value, list):
            waiting += reversed(value)


def answer_of(id: Any, text: Text, judgement: Judgement) -> dict[str, Any]:
    """One line of the answer."""
    whole = f"{text.title}\n{text.text}" if text.title else text.text
    return {
        "id": id,
        "label": judgement.label,
        "flagged": judgement.flagged,
        "score": judgement.score,
        "unsure": judgement.unsure,
        "labels": dict(judgement.labels),
        "spans": [{"start": s.start, "end": s.end, "quote": s.quote, "reason": s.reason} for s in judgement.spans],
        "contacts": [
            {
                "kind": str(point.kind),
                "raw": point.raw,
                "canonical": point.canonical,
                "confidence": round(point.confidence, 2),
            }
            for point in find_contacts(text.text, text.title)
            if point.confidence >= 0.5
        ],
        "places": _unique({"name": place.name, "kind": place.kind} for place in find_places(whole)),
        "prices": _unique({"amount": price.amount, "currency": price.currency} for price in find_prices(text.text)),
        "week": find_week(whole),
        "rater": judgement.rater,
    }


def _unique(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for row in rows:
        if row not in found:
            found.append(row)
    return found
