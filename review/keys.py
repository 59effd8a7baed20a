"""The keys: one for each act, shown where the act is, and chosen by each person as they like."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from review.actions import ACTIONS, clashes
from review.door import Visit


def page(visit: Visit) -> Response:
    """The table of keys, as a form."""
    return visit.page(
        "keys.html", actions=list(ACTIONS), chosen=visit.keys, clashing=[], saved="saved" in visit.request.query_params
    )


def choose(visit: Visit) -> Response:
    """Keep one's own keys, unless two acts would share one; ``reset`` brings the first ones back."""
    if "reset" in visit.form:
        with visit.store.writing():
            visit.store.desk.choose_keys(visit.by, {})
        return RedirectResponse("/keys?saved=1", 303)
    wanted = {action: visit.form.get(action, default).strip().lower() for action, default in ACTIONS.items()}
    clashing = clashes(wanted)
    if clashing:
        return visit.page("keys.html", 422, actions=list(ACTIONS), chosen=wanted, clashing=clashing, saved=False)
    with visit.store.writing():
        visit.store.desk.choose_keys(
            visit.by, {action: key for action, key in wanted.items() if key != ACTIONS[action]}
        )
    return RedirectResponse("/keys?saved=1", 303)
