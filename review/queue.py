"""The queue: leads in order of priority, each with the reasons for it, narrowed by filters and search."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from core.labels import labels
from core.store.review import MOST_COUNTED, STATES
from core.types import Document
from review import search
from review.decide import said
from review.door import Visit
from review.filters import Filters
from review.marks import Piece, pieces
from text.shown import contact_spans, plain, without_contacts

EACH = 50
AROUND = 28  # characters of context on each side of a hit


def page(visit: Visit) -> Response:
    """A page of the queue."""
    filters = Filters.read(visit.request.query_params)
    wanted, too_short = filters.wanted(), search.unfindable(filters.q)
    found = [] if too_short else visit.store.review.leads(wanted, visit.now, EACH + 1, (filters.page - 1) * EACH)
    count = 0 if too_short else visit.store.review.count(wanted)
    return visit.page(
        "queue.html",
        filters=filters,
        leads=rows(visit, found[:EACH], filters),
        more=len(found) > EACH,
        count=count,
        most=MOST_COUNTED,
        too_short=too_short,
        behind=visit.desk.behind(visit.store),
        states=list(STATES),
        labels=[label.name for label in labels().values() if label.flagged],
        sources=visit.store.review.choices("source"),
        provinces=visit.store.review.choices("province"),
        finished="finished" in visit.request.query_params,
        done=said(visit, visit.request.query_params.get("done", "")),
    )


def rows(visit: Visit, leads: Iterable[Mapping[str, Any]], filters: Filters) -> list[dict[str, Any]]:
    """Leads as the pages list them: titles without contacts, reasons in words, what is known of where."""
    leads = list(leads)
    ids = [lead["id"] for lead in leads]
    facets = visit.store.review.facets(ids)
    hits = visit.store.review.hits(search.expression(filters.q), ids) if filters.q else {}
    shown = []
    for lead in leads:
        contacts = json.loads(lead["contacts"])
        known = [value for _, value in contacts]
        where = facets.get(lead["id"], {})
        shown.append(
            {
                **lead,
                "title": plain(without_contacts(lead["title"], known)),
                "kinds": sorted({kind for kind, _ in contacts}),
                "parts": [visit.words.reason(reason) for reason in json.loads(lead["reasons"])],
                "sources": where.get("source", []),
                "provinces": where.get("province", []),
                "snippet": _snippet(hits[lead["id"]], filters.q, known) if lead["id"] in hits else [],
            }
        )
    return shown


def _snippet(document: Document, query: str, known: list[str]) -> list[Piece]:
    """The surroundings of the first hit in a document, contacts masked, hits lit."""
    text = (
        f"{document.title} · {document.text[: search.MOST_READ]}"
        if document.title
        else document.text[: search.MOST_READ]
    )
    text = text.replace("\n", " ")
    hits = search.find(text, query)
    if not hits:
        return []
    start, end = max(0, hits[0][0] - AROUND), hits[0][1] + 2 * AROUND
    contacts = contact_spans(text, known)
    # never cut through a contact: half of one would not be known for what it is
    start = min([start, *(s for s, e in contacts if s < start < e)])
    end = max([min(end, len(text)), *(e for s, e in contacts if s < end < e)])
    inside = [[(s - start, e - start) for s, e in group if start <= s and e <= end] for group in (contacts, hits)]
    return pieces(text[start:end], [], inside[0], inside[1], hide=True)
