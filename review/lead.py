"""The page of a lead: on the left what was written, on the right what is known of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from core.labels import hooks, labels
from core.types import Judgement
from review import facts, search
from review.decide import claim, said
from review.door import Visit
from review.filters import Filters
from review.marks import folded, pieces
from review.roles import May
from text.shown import contact_spans, defanged, masked, plain, without_contacts

EACH = 10  # documents whose text stands on one page
MOST_LISTED = 200
MOST_CONTACTS = 30
MOST_CAMPAIGNS = 5
MOST_READ = 40  # documents that the facts are taken from
MOST_SHOWN = 20_000  # characters of one document
VIEWED = "lead viewed"
ONE_LOOK = timedelta(minutes=30)
PROBLEMS = ("closed", "held", "moved")


def page(visit: Visit) -> Response:
    """A lead; who may decide claims it by looking."""
    id, asked = visit.request.path_params["id"], visit.request.query_params
    row = visit.store.review.lead(id)
    lead = visit.store.leads.get(id)
    if row is None or lead is None:
        raise HTTPException(404)
    filters = Filters.read(asked)
    holder = visit.store.review.holder(id, visit.now)
    if visit.may(May.DECIDE) and row["state"] == "open":
        holder = claim(visit, id)
    _viewed(visit, id)
    open_contacts = visit.may(May.REVEAL) and visit.store.accounts.revealed(visit.session_id, id)
    known = [value for _, value in lead.contacts]
    number = asked.get("documents", "1")
    place = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 and int(number) else 1
    normalised = asked.get("view") == "normalised"
    shown_ids = lead.documents[(place - 1) * EACH : place * EACH]
    ties = visit.store.leads.ties(id)
    decisions = visit.store.review.decisions(id)
    listed = [(doc, visit.store.documents.row(doc)) for doc in lead.documents[:MOST_LISTED]]
    read = [document for doc in lead.documents[:MOST_READ] if (document := visit.store.documents.get(doc))]
    label = labels().get(lead.label)
    return visit.page(
        "lead.html",
        lead=lead,
        row=row,
        title=_text(lead.title, known, open_contacts),
        filters=filters,
        query=filters.query(page=1),
        holder=holder,
        mine=holder == visit.by,
        decidable=visit.may(May.DECIDE) and row["state"] == "open" and holder == visit.by,
        open_contacts=open_contacts,
        normalised=normalised,
        place=place,
        pages=max(1, -(-len(lead.documents) // EACH)),
        documents=[_document(visit, doc, known, filters.q, open_contacts, normalised, ties) for doc in shown_ids],
        table=[_line(doc, entry, known, open_contacts) for doc, entry in listed if entry],
        contacts=[_contact(visit, kind, value, open_contacts) for kind, value in lead.contacts[:MOST_CONTACTS]],
        facts=facts.of(read),
        law=hooks(label) if label else [],
        campaigns=visit.store.campaigns.of_lead(id)[:MOST_CAMPAIGNS],
        parts=[visit.words.reason(reason) for reason in lead.reasons],
        captures=visit.store.review.captures(lead.documents[:MOST_LISTED]) if visit.may(May.SEE_ORIGIN) else [],
        history=_history(visit, id, decisions),
        answer=next((one for one in reversed(decisions) if one["stands"] and one["act"] == row["answer"]), None),
        flagged=[label for label in labels().values() if label.flagged],
        seen=decisions[-1]["id"] if decisions else 0,
        done=said(visit, asked.get("done", "")),
        problem=asked.get("problem") if asked.get("problem") in PROBLEMS else "",
    )


def _viewed(visit: Visit, id: str) -> None:
    """Enter in the ledger that somebody looked at a lead; looking again within half an hour is the same look."""
    with visit.store.writing():
        if not visit.store.ledger.has(id, VIEWED, visit.by, visit.now - ONE_LOOK):
            visit.store.ledger.append(visit.now, visit.by, VIEWED, id)


def reveal(visit: Visit) -> Response:
    """Unmask the contacts of a lead for this session, and enter that in the ledger."""
    id = visit.request.path_params["id"]
    lead = visit.store.leads.get(id)
    if lead is None:
        raise HTTPException(404)
    with visit.store.writing():
        visit.store.accounts.reveal(visit.session_id, id, visit.now)
        visit.store.ledger.append(visit.now, visit.by, "contacts revealed", id, {"contacts": len(lead.contacts)})
    query = Filters.parse(visit.form.get("queue", "")).query(page=1)
    return RedirectResponse(f"/lead/{id}{'?' if query else ''}{query}", 303)


def _document(
    visit: Visit, id: int, known: Sequence[str], query: str, open_contacts: bool, normalised: bool, ties: dict[int, Any]
) -> dict[str, Any]:
    """A document with its text in pieces; the reasons of its spans are numbered, the same one once."""
    row = visit.store.documents.row(id)
    if row is None:
        raise HTTPException(404)
    text = row["text"][:MOST_SHOWN]
    judgements = visit.store.judgements.latest(id)
    model: Judgement | None = next((one for _, one in judgements if one.rater.startswith("model:")), None)
    reasons: dict[str, int] = {}
    spans = []
    for span in model.spans if model else ():
        spans.append((span.start, span.end, reasons.setdefault(span.reason, len(reasons) + 1)))
    points = visit.store.contact_points.of(id)
    stored = [(point.start, point.end) for point in points if point.field == "text" and point.end <= len(text)]
    contacts = _joined([*stored, *contact_spans(text, known)])
    if normalised:
        text, (spans, contacts) = folded(text, spans, contacts)  # type: ignore[assignment]
        contacts = _joined(contacts)
    return {
        **row,
        "title": _text(row["title"], known, open_contacts),
        "author": _text(row["author"], known, open_contacts),
        "url": _address(row["url"], known, open_contacts),
        "pieces": pieces(text, spans, contacts, search.find(text, query) if query else [], not open_contacts),
        "cut": len(row["text"]) > MOST_SHOWN,
        "reasons": [(number, plain(without_contacts(reason, known))) for reason, number in reasons.items()],
        "judgement": model,
        "people": [one for _, one in judgements if one.rater.startswith("person:")],
        "why": visit.words.tie(_text(ties[id][0], known, open_contacts)) if id in ties else "",
    }


def _line(id: int, row: dict[str, Any], known: Sequence[str], open_contacts: bool) -> dict[str, Any]:
    """A document as the table lists it."""
    title = row["title"] or row["text"][:200]
    return {
        **row,
        "id": id,
        "title": _text(title, known, open_contacts, 60),
        "author": _text(row["author"], known, open_contacts),
        "url": _address(row["url"], known, open_contacts),
    }


def _contact(visit: Visit, kind: str, value: str, open_contacts: bool) -> dict[str, Any]:
    """A contact with where else it was seen."""
    return {
        "kind": kind,
        "shown": plain(value if open_contacts else masked(value), 80),
        **visit.store.contact_points.seen(kind, value),
    }


def _history(visit: Visit, id: str, decisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What happened to a lead and what people did, oldest first."""
    events = [
        {
            "at": event["at"].isoformat(timespec="microseconds"), "kind": event["kind"], "by": "", "label": "", "note": "", "stands": True,
            "documents": len(event["detail"].get("documents") or event["detail"].get("left", ())),
            "leads": [*event["detail"].get("from", ()), *filter(None, [event["detail"].get("into", "")])],
        }
        for event in visit.store.leads.events(lead=id)
    ]  # fmt: skip
    acts = [{**decision, "kind": decision["act"], "documents": 0, "leads": []} for decision in decisions]
    return sorted([*events, *acts], key=lambda entry: entry["at"])


def _text(text: str, known: Sequence[str], open_contacts: bool, limit: int = 160) -> str:
    """A short text from outside on one line, its contacts masked unless they have been revealed."""
    return plain(text if open_contacts else without_contacts(text[: 4 * limit], known), limit)


def _address(url: str, known: Sequence[str], open_contacts: bool) -> str:
    """A URL that cannot be followed; contacts of the lead in it are masked, but it is not taken for a contact itself."""
    if not open_contacts:
        for value in sorted((value for value in known if len(value) > 3), key=len, reverse=True):
            url = re.sub(re.escape(value), masked(value), url, flags=re.IGNORECASE)
    return defanged(url)


def _joined(spans: Sequence[tuple[int, ...]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted((span[0], span[1]) for span in spans if span[0] < span[1]):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
