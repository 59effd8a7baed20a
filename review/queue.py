"""The queue: leads in order of priority, each with the reasons for it, narrowed by filters and search."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from core.labels import labels
from core.store.review import MOST_COUNTED
from core.store.wanted import FACETS, STATES
from review import search
from review.audit import labelled
from review.decide import said
from review.door import Cover, Visit
from review.filters import Filters
from review.marks import Piece, pieces
from review.roles import May
from text.shown import contact_spans, plain, without_contacts

EACH = 50
AROUND = 28  # characters of context on each side of a hit
NEAR = 120  # characters around that are read for contacts: far more than the longest one


def page(visit: Visit) -> Response:
    """A page of the queue."""
    filters = asked(visit)
    too_short = search.unfindable(filters.q)
    wanted = filters.wanted(visit.by)
    hits = {} if too_short else visit.store.review.hits(wanted.terms)
    if wanted.terms:
        wanted = replace(wanted, among=tuple(hits))
    found = [] if too_short else visit.store.review.leads(wanted, visit.now, EACH + 1, (filters.page - 1) * EACH)
    count = 0 if too_short else visit.store.review.count(wanted)
    mark = visit.store.index.mark()
    return visit.page(
        "queue.html",
        filters=filters,
        leads=rows(visit, found[:EACH], filters, hits),
        more=len(found) > EACH,
        count=count,
        most=MOST_COUNTED,
        too_short=too_short,
        left_out=filters.q != Filters.read(visit.request.query_params).q,
        behind=visit.desk.behind(visit.store),
        states=list(STATES),
        labels=[label.name for label in labels().values() if label.flagged],
        choices={facet: _choices(visit, facet, mark) for facet in FACETS},
        views=visit.store.desk.views(visit.by),
        finished="finished" in visit.request.query_params,
        labelled=labelled(visit),
        done=said(visit, visit.request.query_params.get("done", "")),
    )


def asked(visit: Visit) -> Filters:
    """The filters of a query; who may not reveal contacts cannot search for parts of one, who sees no origins not for a whole one."""
    filters = Filters.read(visit.request.query_params)
    if visit.may(May.REVEAL):
        return filters
    return filters.masked() if visit.may(May.SEE_ORIGIN) else filters.redacted()


def _choices(visit: Visit, facet: str, mark: object) -> list[str]:
    """The values of a facet; who sees no origins is told none of where adverts stand."""
    if facet == "source" and not visit.may(May.SEE_ORIGIN):
        return []
    found: list[str] = visit.desk.remember(f"choices {facet}", mark, lambda: visit.store.index.choices(facet))
    return found


def rows(
    visit: Visit, leads: Iterable[Mapping[str, Any]], filters: Filters, hits: Mapping[str, int] | None = None
) -> list[dict[str, Any]]:
    """Leads as the pages list them: titles without contacts, reasons in words, what is known of where; ``hits`` are a search's, by lead."""
    leads = list(leads)
    ids = [lead["id"] for lead in leads]
    facets = visit.store.review.facets(ids)
    shown_hits = [hits[id] for id in ids if id in hits] if hits else []
    texts = {row["id"]: row for row in visit.store.kin.rows(shown_hits)} if shown_hits else {}
    cover = visit.cover
    shown = []
    for lead in leads:
        contacts = json.loads(lead["contacts"])
        known = [value for _, value in contacts]
        where = facets.get(lead["id"], {})
        shown.append(
            {
                **lead,
                "answer": "" if filters.blind else lead["answer"],
                "title": plain(without_contacts(lead["title"], known, cover)),
                "kinds": sorted({kind for kind, _ in contacts}),
                "parts": [visit.words.reason(reason) for reason in json.loads(lead["reasons"])],
                "sources": where.get("source", []) if visit.may(May.SEE_ORIGIN) else [],
                "provinces": where.get("province", []),
                "snippet": _snippet(texts[hits[lead["id"]]], filters.q, known, cover)
                if hits and lead["id"] in hits
                else [],
            }
        )
    return shown


def _snippet(row: Mapping[str, Any], query: str, known: list[str], cover: Cover) -> list[Piece]:
    """The surroundings of the first hit in a document, contacts covered, hits lit."""
    text = row["text"][: search.MOST_READ]
    text = f"{row['title']} · {text}" if row["title"] else text
    text = text.replace("\n", " ")
    hits = search.find(text, query)
    if not hits:
        return []
    cut = max(0, hits[0][0] - NEAR)
    text = text[cut : hits[0][1] + NEAR]
    hits = [(s - cut, e - cut) for s, e in hits if e - cut <= len(text)]
    start, end = max(0, hits[0][0] - AROUND), hits[0][1] + 2 * AROUND
    contacts = contact_spans(text, known)
    # never cut through a contact: half of one would not be known for what it is
    start = min([start, *(s for s, e in contacts if s < start < e)])
    end = max([min(end, len(text)), *(e for s, e in contacts if s < end < e)])
    inside = [[(s - start, e - start) for s, e in group if start <= s and e <= end] for group in (contacts, hits)]
    return pieces(text[start:end], [], inside[0], inside[1], cover)
