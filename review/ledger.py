"""The ledger, for those who watch over the others: who did what, newest first, and whether the chain holds."""

from __future__ import annotations

from starlette.responses import Response

from review.door import Visit

EACH = 100


def page(visit: Visit) -> Response:
    """A page of entries; with ``check`` the whole chain is verified."""
    number = visit.request.query_params.get("page", "1")
    place = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 8 and int(number) else 1
    entries = visit.store.review.ledger(EACH + 1, (place - 1) * EACH)
    breaks = list(visit.store.ledger.breaks()) if "check" in visit.request.query_params else None
    return visit.page("ledger.html", entries=entries[:EACH], place=place, more=len(entries) > EACH, breaks=breaks)
