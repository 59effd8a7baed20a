"""Saved views: a queue with its filters, kept under a name."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from review.door import Visit
from review.filters import Filters

MOST_NAME = 40
MOST_VIEWS = 40


def save(visit: Visit) -> Response:
    """Keep the filters of the queue under a name; ``drop`` forgets one instead."""
    filters = Filters.parse(visit.form.get("queue", ""))
    name = " ".join(visit.form.get("name", "").split())[:MOST_NAME]
    with visit.store.writing():
        if visit.form.get("drop"):
            visit.store.desk.drop_view(visit.by, visit.form["drop"])
        elif name and len(visit.store.desk.views(visit.by)) < MOST_VIEWS:
            visit.store.desk.save_view(visit.by, name, filters.query(page=1), visit.now)
    query = filters.query(page=1)
    return RedirectResponse(f"/queue{'?' if query else ''}{query}", 303)
