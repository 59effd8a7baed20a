"""Today: what is new, what is unfinished, and whether the scan is well."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from core.store import Store
from core.store.review import Wanted
from review.door import Visit
from review.filters import Filters
from review.queue import rows
from review.roles import May
from review.words import BEIJING

DAY = timedelta(days=1)
MOST_NEWS = 12


def page(visit: Visit) -> Response:
    """The first page; who may see nothing of it but the ledger is led there."""
    if not visit.may(May.SEE_SCAN) and not visit.may(May.SEE_LEADS):
        return RedirectResponse("/ledger", 303)
    values: dict[str, Any] = {"counts": [], "news": [], "unfinished": {}, "sources": [], "refused": [], "last": None}
    if visit.may(May.SEE_LEADS):
        states = ("undecided", "unsure", "confirmed")
        values["counts"] = [(state, visit.store.review.count(Wanted(state=state))) for state in states]
        values["news"] = _news(visit)
    if visit.may(May.DECIDE):
        midnight = visit.now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        values["counts"].append(("mine", visit.store.review.decided(visit.by, midnight)))
        found = visit.store.review.unfinished(visit.by, visit.now)
        values["unfinished"] = {kind: rows(visit, leads, Filters()) for kind, leads in found.items() if leads}
    if visit.may(May.SEE_SCAN):
        runs = visit.store.runs.last("crawl", 1)
        values["last"] = runs[0] if runs else None
        since = runs[0].started_at if runs else visit.now - DAY
        values["sources"] = sources(visit.store, since, int(visit.desk.settings["silent_after"]), visit.now)
        values["refused"] = visit.store.refusals.since(since)
    return visit.page("today.html", **values)


def keys(visit: Visit) -> Response:
    """The keys, as a page for browsers without script."""
    return visit.page("keys.html")


def _news(visit: Visit) -> list[dict[str, Any]]:
    """Leads that came or grew in the last day, highest priority first; one that did both is new."""
    kinds: dict[str, str] = {}
    for event in visit.store.leads.events(visit.now - DAY):
        if event["kind"] in ("new", "grown", "split") and kinds.get(event["lead"]) != "new":
            kinds[event["lead"]] = event["kind"]
    found = [row for id in kinds if (row := visit.store.review.lead(id)) and row["state"] == "open"]
    first = sorted(found, key=lambda row: (-row["priority"], row["id"]))[:MOST_NEWS]
    return [{**row, "kind": kinds[row["id"]]} for row in rows(visit, first, Filters())]


def sources(store: Store, since: datetime, silent_after: int, now: datetime) -> list[dict[str, Any]]:
    """Each source: documents held, when one was last seen, what was fetched and refused since a time, and whether it is silent.

    Silent is one that used to yield documents and of which none was seen in its last ``silent_after`` patrols.
    """
    found = []
    for source, (held, last) in store.overview.held().items():
        patrols = store.overview.patrols(source, silent_after, now)
        silent = len(patrols) == silent_after and last < patrols[-1].started_at
        found.append(
            {"source": source, "held": held, "last": last, "silent": silent, **store.overview.answers(source, since)}
        )
    return sorted(found, key=lambda row: not row["silent"])
