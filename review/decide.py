"""Decisions: one act, one key. Each is appended, entered in the ledger, and leads on to the next lead."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from core.labels import labels
from core.store.looks import DISAGREED, SETTLES
from core.types import Act, Decision
from review.door import Visit
from review.filters import Filters
from review.roles import May
from review.words import midnight

CLAIM = timedelta(minutes=30)
SKIP = timedelta(hours=12)
MOST_NOTE = 4_000  # characters
ACTS = ("confirm", "reject", "unsure", "note", "skip", "split")


def decide(visit: Visit) -> Response:
    """Confirm (with a label), reject, mark unsure, note, skip or split a lead that nobody else holds and that is as it was shown.

    Documents ticked beside an answer are excepted from it: they become a lead of their own, undecided. With ``split`` nothing else is
    decided.
    """
    id = visit.request.path_params["id"]
    choice, _, label = visit.form.get("act", "").partition(":")
    if choice not in ACTS or (choice == "confirm") != bool(label):
        raise HTTPException(400)
    if label and not (label in labels() and labels()[label].flagged):
        raise HTTPException(400)
    filters = Filters.parse(visit.form.get("queue", ""))
    with visit.store.writing():
        problem = held_up(visit, id)
        if problem:
            return back(id, filters, problem=problem)
        if choice == "skip":
            visit.store.review.skip(id, visit.by, visit.now + SKIP)
            return advance(visit, filters)
        if choice == "note" and not note(visit):
            return back(id, filters)
        detail: dict[str, Any] = {}
        if choice != "note" and (visit.ticked or choice == "split"):
            problem, split = _split(visit, id)
            if problem:
                return back(id, filters, problem=problem)
            if choice == "split":
                return back(id, filters, done=split)
            detail["with"] = split  # an undo of the answer takes the exceptions back too
        if choice in ("confirm", "reject") and _settles(visit, id):
            detail[SETTLES] = True
        decision = Decision(id, Act(choice), visit.by, visit.now, label, note(visit), detail)
        number = visit.store.decisions.add(decision)
        told = {"decision": number, "act": str(decision.act), "label": label}
        visit.store.ledger.append(visit.now, visit.by, "decided", id, told)
        if choice == "note":
            return back(id, filters)
        visit.store.review.release(id, visit.by)
        return advance(visit, filters, done=number)


def undo(visit: Visit) -> Response:
    """Take one's latest decision back, by a decision that names it; leads back to its lead."""
    with visit.store.writing():
        last = visit.store.review.last_decision(visit.by)
        if last is None:
            return RedirectResponse("/", 303)
        number = _take_back(visit, last)
        together = json.loads(last["detail"]).get("with")
        split = visit.store.review.decision(together) if together else None
        if split:
            _take_back(visit, split)
        return back(last["lead"], Filters.parse(visit.form.get("queue", "")), done=number)


def next_lead(visit: Visit) -> Response:
    """Go on with the lead in hand, else claim the first lead of the queue, and show it."""
    filters = Filters.parse(visit.form.get("queue", ""))
    in_hand = visit.store.review.in_hand(filters.work.wanted(visit.by), visit.by, visit.now)
    return back(in_hand, filters) if in_hand else advance(visit, filters)


def claim(visit: Visit, id: str) -> str:
    """Claim a lead for who asks, unless somebody else holds it; returns who holds it."""
    return visit.store.review.claim(id, visit.by, visit.now, visit.now + CLAIM)


def said(visit: Visit, number: str) -> dict[str, Any] | None:
    """One's own decision that the page before has just stored, to be told about; None when there is none."""
    row = (
        visit.store.review.decision(int(number)) if number.isascii() and number.isdigit() and len(number) < 16 else None
    )
    recent = row and visit.now - datetime.fromisoformat(row["at"]) < timedelta(minutes=10)
    return {**row, "detail": json.loads(row["detail"])} if row and recent and row["by"] == visit.by else None


def note(visit: Visit) -> str:
    """The note of a form."""
    return visit.form.get("note", "").strip()[:MOST_NOTE]


def held_up(visit: Visit, id: str) -> str:
    """Why a lead cannot be decided now; empty when it can, and it is then claimed."""
    row = visit.store.review.lead(id)
    if row is None:
        raise HTTPException(404)
    if row["state"] != "open":
        return "closed"
    if claim(visit, id) != visit.by:
        return "held"
    decisions = visit.store.review.decisions(id)
    if visit.form.get("seen", "") != str(decisions[-1]["id"] if decisions else 0):
        return "moved"
    return ""


def advance(visit: Visit, filters: Filters, done: int = 0, labelled: str = "") -> Response:
    """On to what comes next in a queue: a drawn document when it is the audit slice's turn, else the first lead that is free."""
    query = "&".join(part for part in (filters.query(page=1), f"done={done}" if done else "", labelled) if part)
    drawn = _drawn(visit) if filters.work.state == "undecided" else ""
    if drawn:
        return RedirectResponse(f"{drawn}{'?' if query else ''}{query}", 303)
    following = visit.store.review.claim_next(filters.work.wanted(visit.by), visit.by, visit.now, visit.now + CLAIM)
    if following:
        visit.store.desk.stop(visit.by, filters.query(page=1), following, visit.now)
        return RedirectResponse(f"/lead/{following}{'?' if query else ''}{query}", 303)
    return RedirectResponse(f"/queue?{'&'.join(part for part in (query, 'finished=1') if part)}", 303)


def back(id: str, filters: Filters, done: int = 0, problem: str = "") -> Response:
    """Back to the page of a lead."""
    more = {"done": str(done) if done else "", "problem": problem}
    query = "&".join([filters.query(page=1), *(f"{name}={value}" for name, value in more.items() if value)]).strip("&")
    return RedirectResponse(f"/lead/{id}{'?' if query else ''}{query}", 303)


def _drawn(visit: Visit) -> str:
    """The address of the drawn document that comes next, when the audit slice has had less than its share of today's work."""
    share = float(visit.desk.settings["audit_share"])
    if not share or not visit.may(May.LABEL):
        return ""
    leads, labels_given = visit.store.audit.turns(visit.by, midnight(visit.now))
    if labels_given + 1 > share * (leads + labels_given + 1):
        return ""
    sample = visit.store.audit.sample()
    document = visit.store.audit.claim_next(sample, visit.by, visit.now, visit.now + CLAIM) if sample else None
    return f"/audit/{sample}/{document}" if document else ""


def _split(visit: Visit, id: str) -> tuple[str, int]:
    """Split the ticked documents off; returns (problem, 0) where they are none or all, else ("", the decision's number)."""
    documents = [int(one) for one in visit.ticked if one.isascii() and one.isdigit() and len(one) < 16]
    try:
        into, number = visit.store.hands.split(id, documents, visit.by, visit.now, note(visit))
    except ValueError:
        return "ticks", 0
    visit.store.ledger.append(
        visit.now, visit.by, "split", id, {"decision": number, "documents": documents, "into": into}
    )
    visit.desk.tools.reckon(visit.store, [id, into], visit.now)
    return "", number


def _take_back(visit: Visit, row: dict[str, Any]) -> int:
    decision = Decision(row["lead"], Act.UNDO, visit.by, visit.now, detail={"undoes": row["id"]})
    number = visit.store.decisions.add(decision)
    if row["act"] in (Act.SPLIT, Act.MERGE):
        visit.desk.tools.reckon(visit.store, visit.store.hands.take_back(row["id"], visit.by, visit.now), visit.now)
    visit.store.ledger.append(visit.now, visit.by, "undone", row["lead"], {"decision": number, "undoes": row["id"]})
    return number


def _settles(visit: Visit, id: str) -> bool:
    """Whether an answer ends a disagreement: given by who may, and is neither of the two."""
    row = visit.store.review.lead(id)
    if not row or row["second"] != DISAGREED or not visit.may(May.SETTLE):
        return False
    answers = [
        one for one in visit.store.review.decisions(id) if one["stands"] and one["act"] in (Act.CONFIRM, Act.REJECT)
    ]
    return visit.by not in {one["by"] for one in answers}
