"""Today: what is new, what is unfinished, and whether the scan is well."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response

from core.store import Store
from core.store.desk import LEAD
from core.store.wanted import Wanted
from review.door import Visit
from review.filters import Filters
from review.queue import rows
from review.roles import May
from review.words import midnight
from text.shown import plain, without_contacts

DAY = timedelta(days=1)
MOST_NEWS = 12


def page(visit: Visit) -> Response:
    """The first page; who may see nothing of it but the ledger is led there."""
    if not visit.may(May.SEE_SCAN) and not visit.may(May.SEE_LEADS):
        return RedirectResponse("/ledger", 303)
    values: dict[str, Any] = {key: [] for key in ("counts", "news", "hits", "waiting", "sources", "refused")}
    values |= {
        "unfinished": {},
        "last": None,
        "stopped": None,
        "audit": None,
        "found_none": visit.request.query_params.get("audit") == "none",
    }
    if visit.may(May.SEE_LEADS):
        states = (
            ("undecided", "unsure", "second", "disagreed", "confirmed")
            if visit.may(May.DECIDE)
            else ("undecided", "unsure", "confirmed")
        )
        values["counts"] = [(state, visit.store.review.count(Wanted(state=state, me=visit.by))) for state in states]
        values["news"] = rows(visit, visit.store.review.news(visit.now - DAY, MOST_NEWS), Filters())
    if visit.may(May.DECIDE):
        values["counts"] = [*values["counts"], ("mine", visit.store.review.decided(visit.by, midnight(visit.now)))]
        found = visit.store.review.unfinished(visit.by, visit.now)
        values["unfinished"] = {kind: rows(visit, leads, Filters()) for kind, leads in found.items() if leads}
        values["hits"] = [
            {
                **hit,
                "title": plain(without_contacts(hit["title"])),
                "value": hit["value"] if hit["kind"] == LEAD else visit.cover(hit["value"]),
            }
            for hit in visit.store.desk.hits(visit.by)
        ]
        values["stopped"] = _stopped(visit)
    if visit.may(May.LABEL):
        sample = visit.store.audit.sample()
        values["audit"] = (sample, *visit.store.audit.progress(sample)) if sample else None
    if visit.may(May.APPROVE):
        values["waiting"] = visit.store.cases.listed("submitted")
    if visit.may(May.SEE_SCAN):
        runs = visit.store.runs.last("crawl", 1)
        values["last"] = runs[0] if runs else None
        since = runs[0].started_at if runs else visit.now - DAY
        # counted once for each night, not for each reader: it reads all documents
        mark = (visit.store.index.mark(), since)
        silent = int(visit.desk.settings["silent_after"])
        values["sources"] = visit.desk.remember("sources", mark, lambda: sources(visit.store, since, silent, visit.now))
        values["refused"] = visit.store.refusals.since(since)
    return visit.page("today.html", **values)


def _stopped(visit: Visit) -> dict[str, Any] | None:
    """Where who asks stopped working: the lead, when it still waits for them, and the queue it came from."""
    stop = visit.store.desk.stopped(visit.by)
    if stop is None:
        return None
    row = visit.store.review.lead(stop["lead"])
    waits = (
        row
        and row["state"] == "open"
        and not row["answer"]
        and visit.store.review.holder(row["id"], visit.now) in ("", visit.by)
    )
    filters = Filters.parse(stop["query"])
    return {
        "lead": rows(visit, [row], Filters())[0] if row and waits else None,
        "query": filters.query(page=1),
        "narrowed": {name: value for name, value in parse_qsl(filters.query(page=1)) if name != "contact"},
        "at": stop["at"],
    }


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
