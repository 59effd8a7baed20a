"""The page of a lead: on the left what was written, on the right what is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from core.labels import hooks, labels
from core.store import StoreHeld, held
from core.store.desk import LEAD
from review import document, facts, picture
from review.arrange import contact_key, deciders
from review.audit import labelled
from review.decide import claim, said
from review.door import Cover, Visit
from review.filters import Filters
from review.queue import asked
from review.roles import May
from text.shown import plain

EACH = 10  # documents whose text stands on one page
MOST_LISTED = 100
MOST_CONTACTS = 30
MOST_READ = 40  # documents that the facts are taken from
PROBLEMS = ("closed", "held", "moved", "ticks", "into", "unconfirmed", "case")
ANSWERS = ("confirm", "reject", "unsure", "note")
VIEWED = "lead viewed"
ONE_LOOK = timedelta(minutes=30)


def page(visit: Visit) -> Response:
    """A lead; who may decide claims it by looking, and each look is entered in the ledger."""
    id, query = visit.request.path_params["id"], visit.request.query_params
    row = visit.store.review.lead(id)
    lead = visit.store.leads.get(id)
    if row is None or lead is None:
        raise HTTPException(404)
    filters = asked(visit)
    elsewhere = row["assignee"] not in ("", visit.by) and not row["answer"]  # somebody else is to answer it
    holder, busy = _arrive(visit, id, row["state"] == "open" and not elsewhere)
    cover = cover_of(visit, id)
    known = [value for _, value in lead.contacts]
    place = visit.number("documents", -(-len(lead.documents) // EACH) or 1)
    normalised = query.get("view") == "normalised"
    ties = visit.store.leads.ties(id)
    decisions = visit.store.review.decisions(id)
    blind = filters.blind and not any(
        one["by"] == visit.by and one["act"] in ANSWERS and one["stands"] for one in decisions
    )
    listed = visit.store.kin.rows(lead.documents[:MOST_LISTED])
    on_page = lead.documents[(place - 1) * EACH : place * EACH]
    whole = {one: entry for one in on_page if (entry := visit.store.documents.row(one))}
    rows = {entry["id"]: entry for entry in listed} | whole
    seen_facts = facts.of((rows[one]["title"], rows[one]["text"]) for one in lead.documents[:MOST_READ] if one in rows)
    standing = visit.store.sightings.standing(lead.documents[:MOST_LISTED])
    label = labels().get(lead.label)
    events = visit.store.leads.events(lead=id)
    mine = visit.may(May.DECIDE) and row["state"] == "open" and holder == visit.by and not busy
    return visit.page(
        "lead.html",
        lead=lead,
        row=row,
        title=document.short(lead.title, known, cover),
        filters=filters,
        query=filters.query(page=1),
        holder=holder,
        busy=busy,
        elsewhere=elsewhere,
        decidable=mine,
        blind=blind,
        open_contacts=cover is None,
        normalised=normalised,
        place=place,
        pages=max(1, -(-len(lead.documents) // EACH)),
        documents=[
            document.shown(visit, whole[one], known, filters.q, cover, normalised, ties[one][0] if one in ties else "")
            for one in on_page
            if one in whole
        ],
        table=[{**document.line(entry, known, cover), "up": standing.get(entry["id"])} for entry in listed],
        contacts=[_contact(visit, kind, value, cover) for kind, value in lead.contacts[:MOST_CONTACTS]],
        facts=seen_facts,
        map=picture.tiles(dict(seen_facts.provinces)),
        timeline=picture.timeline(
            [datetime.fromisoformat(entry["first_seen"]) for entry in listed],
            [(datetime.fromisoformat(one["at"]), one["act"]) for one in decisions if one["stands"] and not blind],
        ),
        law=hooks(label) if label else [],
        parts=[visit.words.reason(reason) for reason in lead.reasons],
        captures=visit.store.kin.captures(lead.documents[:MOST_LISTED]) if visit.may(May.SEE_ORIGIN) else [],
        pictures=visit.desk.tools.screenshot is not None and cover is None,
        history=_history(events, decisions, known, cover, blind),
        answer=None if blind else _answer(row, decisions),
        flagged=[label for label in labels().values() if label.flagged],
        seen=decisions[-1]["id"] if decisions else 0,
        takeable=elsewhere and visit.may(May.DECIDE) and holder in ("", visit.by) and not busy,
        labelled=labelled(visit),
        done=said(visit, query.get("done", "")),
        problem=query.get("problem") if query.get("problem") in PROBLEMS else "",
        people=deciders(visit) if mine else [],
        watching=visit.may(May.DECIDE)
        and any(one["kind"] == LEAD and one["value"] == id for one in visit.store.desk.watched(visit.by)),
        cases=visit.store.cases.of_lead(id) if visit.may(May.SEE_CASES) else [],
        open_cases=visit.store.cases.listed("open") if visit.may(May.WORK_CASES) else [],
    )


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


def cover_of(visit: Visit, lead: str) -> Cover | None:
    """How contacts of a lead are shown: openly (None) once this session has revealed them."""
    revealed = visit.may(May.REVEAL) and visit.store.accounts.revealed(visit.session_id, lead)
    return None if revealed else visit.cover


def _arrive(visit: Visit, id: str, free: bool) -> tuple[str, bool]:
    """Claim a lead for who may decide, and log the look (again within half an hour is the same one); returns who holds it, and whether the night kept us from writing."""
    try:
        with visit.store.writing():
            if not visit.store.ledger.has(id, VIEWED, visit.by, visit.now - ONE_LOOK):
                visit.store.ledger.append(visit.now, visit.by, VIEWED, id)
            if visit.may(May.DECIDE) and free:
                return claim(visit, id), False
    except StoreHeld as error:
        if not held(error):
            raise
        return visit.store.review.holder(id, visit.now), True
    return visit.store.review.holder(id, visit.now), False


def _contact(visit: Visit, kind: str, value: str, cover: Cover | None) -> dict[str, Any]:
    """A contact with where else it was seen."""
    watched = {(one["kind"], one["value"]) for one in visit.store.desk.watched(visit.by)}
    return {
        "kind": kind,
        "shown": plain(cover(value) if cover else value, 80),
        "key": contact_key(visit, kind, value),
        "watching": (kind, value) in watched,
        **visit.store.contact_points.seen(kind, value),
    }


def _answer(row: Mapping[str, Any], decisions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((one for one in reversed(decisions) if one["stands"] and one["act"] == row["answer"]), None)


def _history(
    events: Sequence[Mapping[str, Any]],
    decisions: Sequence[Mapping[str, Any]],
    known: Sequence[str],
    cover: Cover | None,
    blind: bool,
) -> list[dict[str, Any]]:
    """What happened to a lead and what people did, oldest first; to the blind, nobody's answers and notes."""
    happened = [
        {
            "at": event["at"].isoformat(timespec="microseconds"), "kind": event["kind"], "by": event["detail"].get("by", ""), "label": "",
            "note": "", "stands": True, "documents": len(event["detail"].get("documents") or event["detail"].get("left", ())), "to": "",
            "leads": [*event["detail"].get("from", ()), *filter(None, [event["detail"].get("into", "")])],
        }
        for event in events
    ]  # fmt: skip
    acts = []
    for decision in decisions:
        detail = json.loads(decision["detail"])
        if blind and decision["act"] in (*ANSWERS, "undo"):
            continue
        if decision["act"] in ("split", "merge"):
            continue  # the event beside it says it
        acts.append(
            {
                **decision, "kind": decision["act"], "documents": 0, "leads": [], "to": detail.get("to", ""),
                "note": "\n".join(document.short(part, known, cover, 1_000) for part in decision["note"].splitlines()),
            }
        )  # fmt: skip
    return sorted([*happened, *acts], key=lambda entry: entry["at"])
