"""A capture: what was received, as text. Nothing of it is ever handed to the browser as a page; its picture is our own rendering."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import EvidenceError
from core.types import Capture
from evidence.archive import read_at
from review.door import Visit
from review.lead import cover_of
from text.charset import decode
from text.shown import defanged, plain, visible

MOST_SHOWN = 20_000  # characters of a body
MOST_HEADERS = 60
TEXTUAL = ("text/", "application/json", "application/xml", "application/xhtml", "application/rss", "application/atom")


def page(visit: Visit) -> Response:
    """The record of a capture with headers and source text; only for who has revealed the contacts of a lead that it belongs to."""
    capture, lead = _capture(visit)
    opened = cover_of(visit, lead) is None
    values: dict[str, Any] = {"headers": [], "body": "", "cut": False, "problem": "", "size": 0}
    if opened:
        try:
            response = read_at(visit.desk.settings.path("archive") / capture.warc, capture.offset, capture.sha256)
        except EvidenceError as error:
            values["problem"] = str(error)
        else:
            text = _text(response.headers, response.body)
            values |= {
                "headers": [(plain(name, 60), plain(value, 200)) for name, value in response.headers[:MOST_HEADERS]],
                "body": visible(text[:MOST_SHOWN]),
                "cut": len(text) > MOST_SHOWN,
                "size": len(response.body),
            }
        with visit.store.writing():
            visit.store.ledger.append(visit.now, visit.by, "capture opened", lead, {"capture": capture.id})
    return visit.page(
        "capture.html", capture=capture, url=defanged(capture.url, 400) if opened else "", lead=lead, opened=opened,
        picture=opened and visit.desk.tools.screenshot is not None, **values,
    )  # fmt: skip


def screenshot(visit: Visit) -> Response:
    """The picture of a capture, for who has revealed the contacts of its lead: one shows what the other hides."""
    capture, lead = _capture(visit)
    if cover_of(visit, lead) is not None:
        raise HTTPException(403, "reveal")
    taken = (
        visit.desk.tools.screenshot(visit.store, visit.desk.settings, capture) if visit.desk.tools.screenshot else None
    )
    if taken is None or not taken.startswith(b"\x89PNG\r\n\x1a\n"):
        raise HTTPException(404)
    return Response(taken, media_type="image/png")


def _capture(visit: Visit) -> tuple[Capture, str]:
    """The capture that the address names, and the first lead with something of it: who may see the one may ask for the other."""
    capture = visit.store.captures.get(visit.request.path_params["capture"])
    leads = visit.store.kin.leads_of_capture(capture.id) if capture else []
    if capture is None or not leads:
        raise HTTPException(404)
    revealed = [lead for lead in leads if cover_of(visit, lead) is None]
    return capture, (revealed or leads)[0]


def _text(headers: Any, body: bytes) -> str:
    """A body as text: undone content encodings are not needed to see what was asked for, so an encoded one is told by its size alone."""
    known = {name.lower(): value.lower() for name, value in headers}
    if known.get("content-encoding", "identity") != "identity" or not known.get("content-type", "text/").startswith(
        TEXTUAL
    ):
        return ""
    return decode(body, known.get("content-type", ""))[0]  # many pages name a charset that they are not in
