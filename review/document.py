"""A document as the page of a lead shows it: its text in pieces, its reasons in words, its origin for who may see it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.types import Judgement
from review import search, seen
from review.door import Cover, Visit
from review.marks import folded, pieces
from text.shown import contact_spans, defanged, plain, without_contacts

MOST_SHOWN = 20_000  # characters of one document


def shown(
    visit: Visit,
    row: Mapping[str, Any],
    known: Sequence[str],
    query: str,
    cover: Cover | None,
    normalised: bool,
    why: str,
) -> dict[str, Any]:
    """A document with its text in pieces; the reasons of its spans are numbered, the same one once.

    ``known`` are the contacts of its lead, ``cover`` covers contacts unless they are revealed (None), ``why`` ties it to the lead.
    """
    text = row["text"][:MOST_SHOWN]
    judgements = visit.store.judgements.latest(row["id"])
    model: Judgement | None = next((one for _, one in judgements if one.rater.startswith("model:")), None)
    reasons: dict[str, int] = {}
    spans = []
    for span in (one for one in (model.spans if model else ()) if one.field == "text"):
        spans.append((span.start, span.end, reasons.setdefault(span.reason, len(reasons) + 1)))
    points = visit.store.contact_points.of(row["id"])
    stored = [(point.start, point.end) for point in points if point.field == "text" and point.end <= len(text)]
    contacts = _joined([*stored, *contact_spans(text, known)])
    seen_in = seen.of(visit, row, model, points, reasons, known, cover)
    if normalised:
        text, (spans, contacts) = folded(text, spans, contacts)  # type: ignore[assignment]
        contacts = _joined(contacts)
    return {
        **line(row, known, cover),
        "pieces": pieces(text, spans, contacts, search.find(text, query) if query else [], cover),
        "cut": len(row["text"]) > MOST_SHOWN,
        **seen_in,
        "reasons": [
            (n, plain(without_contacts(visit.words.why(reason), known, cover or _open)))
            for reason, n in reasons.items()
        ],
        "judgement": model,
        "people": [one for _, one in judgements if one.rater.startswith("person:")],
        "why": visit.words.tie(short(why, known, cover)) if why else "",
    }


def line(row: Mapping[str, Any], known: Sequence[str], cover: Cover | None) -> dict[str, Any]:
    """A document as the table lists it; one without a title by the beginning of its text."""
    return {
        **row,
        "title": short(row["title"], known, cover),
        "named": short(row["title"] or row["text"][:200] or row["picture_text"][:200], known, cover, 60),
        "author": short(row["author"], known, cover),
        "url": address(row["url"], known, cover),
    }


def short(text: str, known: Sequence[str], cover: Cover | None, limit: int = 160) -> str:
    """A short text from outside on one line, its contacts covered unless ``cover`` is None."""
    return plain(without_contacts(text[: 4 * limit], known, cover) if cover else text, limit)


def address(url: str, known: Sequence[str], cover: Cover | None) -> str:
    """A URL that cannot be followed; contacts of the lead in it are covered, but it is not taken for a contact itself."""
    if cover:
        for value in sorted((value for value in known if len(value) > 3), key=len, reverse=True):
            url = re.sub(re.escape(value), lambda match: cover(match.group()), url, flags=re.IGNORECASE)
    return defanged(url)


def _open(value: str) -> str:
    return value


def _joined(spans: Sequence[tuple[int, ...]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted((span[0], span[1]) for span in spans if span[0] < span[1]):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
