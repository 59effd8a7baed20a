"""What else is done to a lead: merged, assigned, watched, put into a case."""

from __future__ import annotations

import hashlib
import hmac
import json

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from core.store.cases import Step
from core.store.desk import LEAD
from core.types import Act, Decision
from review.decide import advance, back, held_up, note
from review.door import Visit
from review.filters import Filters
from review.roles import GRANTS, May, Role
from text.shown import without_contacts

MOST_TITLE = 120


def merge(visit: Visit) -> Response:
    """Merge a lead into another that is open; leads on to that one."""
    id, filters = visit.request.path_params["id"], Filters.parse(visit.form.get("queue", ""))
    into = visit.form.get("into", "").strip()
    with visit.store.writing():
        problem = held_up(visit, id)
        if problem:
            return back(id, filters, problem=problem)
        if visit.store.leads.state(into) != "open":
            return back(id, filters, problem="into")
        try:
            number = visit.store.hands.merge(id, into, visit.by, visit.now, note(visit))
        except ValueError:
            return back(id, filters, problem="into")
        visit.store.ledger.append(visit.now, visit.by, "merged", id, {"decision": number, "into": into})
        visit.store.review.release(id, visit.by)
        visit.desk.tools.reckon(visit.store, [into], visit.now)
    return back(into, filters, done=number)


def assign(visit: Visit) -> Response:
    """Assign a lead to somebody who may decide, and go on; or to nobody, or to oneself, and stay."""
    id, filters = visit.request.path_params["id"], Filters.parse(visit.form.get("queue", ""))
    to = visit.form.get("to", "")
    if to and to not in deciders(visit):
        raise HTTPException(400)
    with visit.store.writing():
        problem = held_up(visit, id)
        if problem:
            return back(id, filters, problem=problem)
        decision = Decision(id, Act.ASSIGN, visit.by, visit.now, note=note(visit), detail={"to": to})
        number = visit.store.decisions.add(decision)
        visit.store.ledger.append(visit.now, visit.by, "assigned", id, {"decision": number, "to": to})
        if to not in ("", visit.by):
            visit.store.review.release(id, visit.by)
            return advance(visit, filters, done=number)
    return back(id, filters, done=number)


def watch(visit: Visit) -> Response:
    """Begin or end one's watch on a lead, or on one of its contacts, which the form names by ``contact_key``."""
    id = visit.request.path_params["id"]
    lead = visit.store.leads.get(id)
    if lead is None:
        raise HTTPException(404)
    kind, value = LEAD, id
    if visit.form.get("contact"):
        asked = visit.form["contact"]
        kind, value = next((pair for pair in lead.contacts if contact_key(visit, *pair) == asked), ("", ""))
        if not kind:
            raise HTTPException(400)
    begin = visit.form.get("watch") == "on"
    with visit.store.writing():
        (
            visit.store.desk.watch(visit.by, kind, value, visit.now)
            if begin
            else visit.store.desk.unwatch(visit.by, kind, value)
        )
        told = {"what": kind, "watch": begin}
        visit.store.ledger.append(visit.now, visit.by, "watched" if begin else "unwatched", id, told)
    return back(id, Filters.parse(visit.form.get("queue", "")))


def seen(visit: Visit) -> Response:
    """Mark the hits of one's watches as seen."""
    visit.store.desk.seen(visit.by, visit.now)
    return RedirectResponse("/", 303)


def into_case(visit: Visit) -> Response:
    """Put a confirmed lead into a case: one that is open, or a new one with the given title."""
    id, filters = visit.request.path_params["id"], Filters.parse(visit.form.get("queue", ""))
    row = visit.store.review.lead(id)
    if row is None:
        raise HTTPException(404)
    if row["state"] != "open" or row["answer"] not in ("confirm", "refer"):
        return back(id, filters, problem="unconfirmed")
    case, title = visit.form.get("case", ""), " ".join(visit.form.get("title", "").split())[:MOST_TITLE]
    known_contacts = [value for _, value in json.loads(row["contacts"])]
    with visit.store.writing():
        if not case:
            case = visit.store.cases.open(
                title or without_contacts(row["title"], known_contacts)[:MOST_TITLE] or id, visit.by, visit.now
            )
            visit.store.ledger.append(visit.now, visit.by, f"case {Step.OPENED}", case)
        known = visit.store.cases.get(case)
        if known is None:
            raise HTTPException(400)
        if known["state"] not in ("open", "submitted", "approved"):
            return back(id, filters, problem="case")
        if visit.store.cases.collect(case, id, visit.by, visit.now):
            visit.store.ledger.append(visit.now, visit.by, f"case {Step.COLLECTED}", case, {"lead": id})
    return RedirectResponse(f"/case/{case}", 303)


def deciders(visit: Visit) -> list[str]:
    """The accounts that may decide."""
    roles = {str(role) for role in Role if May.DECIDE in GRANTS[role]}
    return [row["name"] for row in visit.store.accounts.all() if row["role"] in roles and not row["closed_at"]]


def contact_key(visit: Visit, kind: str, value: str) -> str:
    """What a form calls a contact by, since the page must not tell the value; keyed, since a phone number's plain hash is guessed in no time."""
    message = f"{kind}\n{value}".encode("utf-8", "surrogatepass")
    return hmac.new(visit.session_id.encode(), message, hashlib.sha256).hexdigest()[:24]
