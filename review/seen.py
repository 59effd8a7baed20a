"""Pictures on the page of a lead: what was read in them, and, once contacts are revealed, the pictures themselves with boxes.

A picture shows what the text hides, so nothing of it is shown before. The browser gets a PNG that is drawn anew from the pixels alone, in a
process of its own; the bytes that a stranger's server sent never reach it. Boxes are drawn over it by the page, from what the night stored.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import EvidenceError, Unavailable
from core.types import ContactPoint, Judgement
from evidence.pixels import body
from pictures.aside import Aside, obstacle
from pictures.found import Box, lines_of, places_of, under
from pictures.sniff import NotAPicture
from review.door import Cover, Visit
from review.lead_cover import cover_of
from review.marks import Piece, pieces
from text.shown import contact_spans, plain, visible

AT_ONCE = threading.BoundedSemaphore(2)  # pictures that are drawn at one time
MOST_SHOWN = 8_000  # characters of the words of a document's pictures
READ, LOOKED, UNREAD, UNREADABLE, GONE, WAITING = "read", "looked", "unread", "unreadable", "gone", "waiting"
FILE = re.compile(r"([0-9a-f]{64})\.png")


def of(
    visit: Visit, row: Mapping[str, Any], model: Judgement | None, points: Sequence[ContactPoint], reasons: dict[str, int],
    known: Sequence[str], cover: Cover | None,
) -> dict[str, Any]:  # fmt: skip
    """The pictures of a document, and their words in pieces; ``reasons`` numbers the reasons of spans, and gets those that are new."""
    rows = visit.store.pictures.of(row["id"])
    if not rows:
        return {"pictures": [], "picture_pieces": []}
    reading = visit.store.readings.of(row["id"], row["version"])
    spans = [
        (span.start, span.end, reasons.setdefault(span.reason, len(reasons) + 1))
        for span in (model.spans if model else ())
        if span.field == "picture"
    ]
    text = reading.picture_text[:MOST_SHOWN]
    words = [(point.start, point.end) for point in points if point.field == "picture"]
    boxes: dict[str, list[dict[str, Any]]] = {}
    places, coded = places_of(reading.picture_places), places_of(reading.code_places)
    for start, end, number in spans:
        _put(boxes, under(places, start, end, reading.picture_text), "cue", str(number))
    for start, end in words:
        _put(boxes, under(places, start, end, reading.picture_text), "contact", "")
    for place in coded:
        _put(boxes, [place], "code", "")
    able = not obstacle()
    shown = [_one(one, boxes.get(one["sha256"] or "", []), cover, able) for one in rows]
    return {"pictures": shown, "picture_pieces": _pieces(text, spans, [*words, *contact_spans(text, known)], cover)}


def _one(row: Mapping[str, Any], boxes: list[dict[str, Any]], cover: Cover | None, able: bool) -> dict[str, Any]:
    state = _state(row)
    codes = [
        (line.kind, plain(cover(line.text) if cover else visible(line.text), 160)) for line in lines_of(row["codes"])
    ]
    drawn = cover is None and able and state in (READ, LOOKED)
    return {
        "sha256": row["sha256"] or "", "state": state, "why": plain(row["why"] or row["gone"], 160), "width": row["width"] or 0,
        "height": row["height"] or 0, "codes": codes, "boxes": boxes if drawn else [], "drawn": drawn,
        "hidden": able and not drawn and state in (READ, LOOKED),
    }  # fmt: skip


def _state(row: Mapping[str, Any]) -> str:
    if not row["sha256"]:
        return GONE if row["gone"] else WAITING
    if row["state"] == "unreadable":
        return UNREADABLE
    if row["state"] == "new":
        return UNREAD
    return READ if row["lines"] is not None else LOOKED


def _put(boxes: dict[str, list[dict[str, Any]]], places: Sequence[Any], kind: str, number: str) -> None:
    for place in places:
        box: Box = place.box
        corners = " ".join(f"{1000 * box[i]:.1f},{1000 * box[i + 1]:.1f}" for i in range(0, 8, 2))
        boxes.setdefault(place.picture, []).append({"kind": kind, "points": corners, "number": number})


def _pieces(text: str, spans: Any, contacts: Sequence[tuple[int, int]], cover: Cover | None) -> list[Piece]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted((start, min(end, len(text))) for start, end in contacts):
        if start >= end:
            continue
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return pieces(text, spans, joined, [], cover) if text else []


def picture(visit: Visit) -> Response:
    """A picture of a lead's document as a new PNG, for who has revealed the lead's contacts."""
    asked = visit.request.path_params
    lead = visit.store.leads.get(asked["id"])
    named = FILE.fullmatch(asked["file"])
    if (
        lead is None
        or named is None
        or not asked["document"].isdecimal()
        or int(asked["document"]) not in lead.documents
    ):
        raise HTTPException(404)
    if cover_of(visit, lead.id) is not None:
        raise HTTPException(403, "reveal")
    row = next((one for one in visit.store.pictures.of(int(asked["document"])) if one["sha256"] == named[1]), None)
    capture = visit.store.captures.get(row["capture"]) if row else None
    if capture is None:
        raise HTTPException(404)
    settings = visit.desk.settings
    try:
        with AT_ONCE, Aside() as aside:
            most = int(settings["max_picture_bytes"]) + 1
            png = aside.ask("shown", body(settings.path("archive"), capture, most))[1]
    except (NotAPicture, EvidenceError, Unavailable) as error:
        raise HTTPException(404) from error
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):  # the one thing that goes out
        raise HTTPException(404)
    return Response(png, media_type="image/png")
