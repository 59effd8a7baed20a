"""Cases: leads collected for an authority, worked by somebody, and approved by somebody else before anything leaves the house."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from core.store.cases import STATES, Step
from review.arrange import MOST_TITLE, deciders
from review.decide import note
from review.door import Visit
from review.filters import Filters
from review.queue import rows
from review.roles import GRANTS, May, Role
from text.shown import without_contacts


def page(visit: Visit) -> Response:
    """All cases of a state, by default those that are not closed."""
    state = visit.request.query_params.get("state", "")
    state = state if state in STATES else ""
    return visit.page("cases.html", cases=visit.store.cases.listed(state), state=state, states=STATES)


def open_case(visit: Visit) -> Response:
    """Open an empty case under a title."""
    title = " ".join(visit.form.get("title", "").split())[:MOST_TITLE]
    if not title:
        return RedirectResponse("/cases", 303)
    with visit.store.writing():
        id = visit.store.cases.open(title, visit.by, visit.now)
        visit.store.ledger.append(visit.now, visit.by, f"case {Step.OPENED}", id)
    return RedirectResponse(f"/case/{id}", 303)


def case(visit: Visit) -> Response:
    """A case: its leads, its history, and what may be done next, by whom."""
    row = found(visit)
    events = visit.store.cases.events(row["id"])
    leads = visit.store.cases.leads(row["id"])
    return visit.page(
        "case.html",
        case=row,
        leads=rows(visit, leads, Filters()),
        unready=[lead["id"] for lead in leads if unready(lead)],
        events=[{**event, "note": without_contacts(event["note"])} for event in events],
        exports=visit.desk.tools.exports,
        parties=parties(events),
        may_approve=row["state"] == "submitted" and barred(visit, row, May.APPROVE) == "",
        may_export=row["state"] in ("approved", "exported") and barred(visit, row, May.EXPORT) == "",
        barred=barred(visit, row, May.APPROVE) if row["state"] == "submitted" else barred(visit, row, May.EXPORT),
        people=deciders(visit),
        approvers=approvers(visit),
        problem=visit.request.query_params.get("problem", "")
        if visit.request.query_params.get("problem") in PROBLEMS
        else "",
    )


PROBLEMS = ("empty", "unready", "self", "state", "moved", "recipient", "made")


def act(visit: Visit) -> Response:
    """One step of a case: assign, note, drop a lead, submit, return, approve, or close it."""
    row, step = found(visit), visit.form.get("step", "")
    if step not in _STEPS:
        raise HTTPException(400)
    with visit.store.writing():
        row = found(visit)  # as it is now that nobody else can change it
        problem = _STEPS[step](visit, row)
    return RedirectResponse(f"/case/{row['id']}{f'?problem={problem}' if problem else ''}", 303)


def found(visit: Visit) -> dict[str, Any]:
    """The case that the address names, or 404."""
    row = visit.store.cases.get(visit.request.path_params["id"])
    if row is None:
        raise HTTPException(404)
    return row


def unready(lead: Mapping[str, Any]) -> bool:
    """Whether a lead cannot leave the house: not confirmed, closed, or two people disagree about it."""
    return lead["state"] != "open" or lead["answer"] not in ("confirm", "refer") or lead["second"] == "disagreed"


def parties(events: list[dict[str, Any]]) -> dict[str, str]:
    """Who submitted the case last, and who approved that; empty where nobody has, or where it has changed since."""
    told = {"submitted": "", "approved": ""}
    for event in events:
        if event["act"] == Step.SUBMITTED:
            told = {"submitted": event["by"], "approved": ""}
        elif event["act"] == Step.APPROVED:
            told["approved"] = event["by"]
        elif event["act"] in (Step.COLLECTED, Step.DROPPED, Step.RETURNED):
            told = {"submitted": "", "approved": ""}
    return told


def barred(visit: Visit, row: Mapping[str, Any], what: May) -> str:
    """Why who asks may not approve or export this case: ``role``, ``self`` (nobody approves their own export), or empty."""
    told = parties(visit.store.cases.events(row["id"]))
    if not visit.may(what):
        return "role"
    other = told["submitted"] if what is May.APPROVE else told["approved"]
    return "self" if other == visit.by else ""


def enter(visit: Visit, id: str, step: Step, detail: Mapping[str, Any] | None = None) -> int:
    """Append a step to a case and to the ledger."""
    number = visit.store.cases.step(id, step, visit.by, visit.now, note(visit), detail)
    visit.store.ledger.append(visit.now, visit.by, f"case {step}", id, {"event": number, **(detail or {})})
    return number


def _assign(visit: Visit, row: Mapping[str, Any]) -> str:
    to = visit.form.get("to", "")
    if to not in deciders(visit):
        raise HTTPException(400)
    enter(visit, row["id"], Step.ASSIGNED, {"to": to})
    return ""


def _note(visit: Visit, row: Mapping[str, Any]) -> str:
    if note(visit):
        enter(visit, row["id"], Step.NOTED)
    return ""


def _drop(visit: Visit, row: Mapping[str, Any]) -> str:
    if row["state"] == "closed":
        return "state"
    lead = visit.form.get("lead", "")
    visit.store.cases.drop(row["id"], lead, visit.by, visit.now)
    visit.store.ledger.append(visit.now, visit.by, f"case {Step.DROPPED}", row["id"], {"lead": lead})
    return ""


def _submit(visit: Visit, row: Mapping[str, Any]) -> str:
    leads = visit.store.cases.leads(row["id"])
    if row["state"] != "open":
        return "state"
    if not leads:
        return "empty"
    if any(unready(lead) for lead in leads):
        return "unready"
    enter(visit, row["id"], Step.SUBMITTED, {"content": visit.store.cases.content(row["id"])})
    return ""


def _return(visit: Visit, row: Mapping[str, Any]) -> str:
    if not visit.may(May.APPROVE):
        raise HTTPException(403, "role")
    if row["state"] not in ("submitted", "approved"):
        return "state"
    enter(visit, row["id"], Step.RETURNED)
    return ""


def _approve(visit: Visit, row: Mapping[str, Any]) -> str:
    """Approve what was submitted, as long as it is still that; never by who submitted it."""
    why = barred(visit, row, May.APPROVE)
    if why == "role":
        raise HTTPException(403, "role")
    if row["state"] != "submitted":
        return "state"
    if why:
        return why
    submitted = visit.store.cases.last(row["id"], Step.SUBMITTED)
    content = visit.store.cases.content(row["id"])
    if submitted is None or submitted["detail"].get("content") != content:
        enter(visit, row["id"], Step.RETURNED)
        return "moved"
    enter(visit, row["id"], Step.APPROVED, {"content": content})
    return ""


def _close(visit: Visit, row: Mapping[str, Any]) -> str:
    if row["state"] == "closed":
        return "state"
    enter(visit, row["id"], Step.CLOSED)
    return ""


_STEPS: dict[str, Callable[[Visit, Mapping[str, Any]], str]] = {
    "assign": _assign, "note": _note, "drop": _drop, "submit": _submit, "return": _return, "approve": _approve, "close": _close,
}  # fmt: skip


def approvers(visit: Visit) -> list[str]:
    """The accounts that may approve, for the page to say who is waited for."""
    roles = {str(role) for role in Role if May.APPROVE in GRANTS[role]}
    return [row["name"] for row in visit.store.accounts.all() if row["role"] in roles and not row["closed_at"]]
