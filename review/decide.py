"""Decisions: one act, one key. Each is appended, entered in the ledger, and leads on to the next lead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from core.labels import labels
from core.types import Act, Decision
from review.door import Visit
from review.filters import Filters

CLAIM = timedelta(minutes=30)
SKIP = timedelta(hours=12)
MOST_NOTE = 4_000  # characters


def decide(visit: Visit) -> Response:
    """Confirm (with a label), reject, mark unsure, note or skip a lead that nobody else holds and that is as it was shown."""
    id = visit.request.path_params["id"]
    choice, _, label = visit.form.get("act", "").partition(":")
    note = visit.form.get("note", "").strip()[:MOST_NOTE]
    filters = Filters.parse(visit.form.get("queue", ""))
    if choice not in ("confirm", "reject", "unsure", "note", "skip") or (choice == "confirm") != bool(label):
        raise HTTPException(400)
    if label and not (label in labels() and labels()[label].flagged):
        raise HTTPException(400)
    with visit.store.writing():
        problem = _problem(visit, id)
        if problem:
            return _back(id, filters, problem=problem)
        if choice == "skip":
            visit.store.review.skip(id, visit.by, visit.now + SKIP)
            return _advance(visit, filters)
        if choice == "note" and not note:
            return _back(id, filters)
        decision = Decision(id, Act(choice), visit.by, visit.now, label, note)
        number = visit.store.decisions.add(decision)
        detail = {"decision": number, "act": str(decision.act), "label": label}
        visit.store.ledger.append(visit.now, visit.by, "decided", id, detail)
        if choice == "note":
            return _back(id, filters)
        visit.store.review.release(id, visit.by)
        return _advance(visit, filters, done=number)


def undo(visit: Visit) -> Response:
    """Take one's latest decision back, by a decision that names it; leads back to its lead."""
    with visit.store.writing():
        last = visit.store.review.last_decision(visit.by)
        if last is None:
            return RedirectResponse("/", 303)
        decision = Decision(last["lead"], Act.UNDO, visit.by, visit.now, detail={"undoes": last["id"]})
        number = visit.store.decisions.add(decision)
        visit.store.ledger.append(
            visit.now, visit.by, "undone", last["lead"], {"decision": number, "undoes": last["id"]}
        )
        return _back(last["lead"], Filters.parse(visit.form.get("queue", "")), done=number)


def next_lead(visit: Visit) -> Response:
    """Claim the first lead of the queue and show it."""
    return _advance(visit, Filters.parse(visit.form.get("queue", "")))


def claim(visit: Visit, id: str) -> str:
    """Claim a lead for who asks, unless somebody else holds it; returns who holds it."""
    return visit.store.review.claim(id, visit.by, visit.now, visit.now + CLAIM)


def said(visit: Visit, number: str) -> dict[str, Any] | None:
    """One's own decision that the page before has just stored, to be told about; None when there is none."""
    row = (
        visit.store.review.decision(int(number)) if number.isascii() and number.isdigit() and len(number) < 16 else None
    )
    recent = row and visit.now - datetime.fromisoformat(row["at"]) < timedelta(minutes=10)
    return row if row and recent and row["by"] == visit.by else None


def _problem(visit: Visit, id: str) -> str:
    """Why a lead cannot be decided now; empty when it can."""
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


def _advance(visit: Visit, filters: Filters, done: int = 0) -> Response:
    following = visit.store.review.claim_next(filters.wanted(), visit.by, visit.now, visit.now + CLAIM)
    if following:
        return _back(following, filters, done=done)
    query = "&".join(part for part in (filters.query(page=1), "finished=1", f"done={done}" if done else "") if part)
    return RedirectResponse(f"/queue?{query}", 303)


def _back(id: str, filters: Filters, done: int = 0, problem: str = "") -> Response:
    more = {"done": str(done) if done else "", "problem": problem}
    query = "&".join([filters.query(page=1), *(f"{name}={value}" for name, value in more.items() if value)]).strip("&")
    return RedirectResponse(f"/lead/{id}{'?' if query else ''}{query}", 303)
