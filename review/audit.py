"""The audit slice: a randomly drawn document, shown blind, to be given one of all labels. Its probability was recorded when it was drawn."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from core.labels import labels
from review.decide import CLAIM, SKIP, advance, note
from review.door import Visit
from review.filters import Filters
from text.shown import plain, visible, without_contacts

MOST_SHOWN = 20_000  # characters


def page(visit: Visit) -> Response:
    """A drawn document, as it read when it was judged: no score, no author, no address, contacts covered."""
    sample, document = _asked(visit)
    row = visit.store.audit.document(sample, document)
    if row is None:
        raise HTTPException(404)
    held = visit.store.audit.claimable(sample, document, visit.by, visit.now, visit.now + CLAIM)
    labelled, drawn = visit.store.audit.progress(sample)
    return visit.page(
        "audit.html",
        sample=sample,
        document=document,
        title=plain(without_contacts(row["title"], cover=visit.cover)),
        text=visible(without_contacts(row["text"][:MOST_SHOWN], cover=visit.cover)),
        cut=len(row["text"]) > MOST_SHOWN,
        kind=row["kind"],
        mine=held,
        given=visit.store.audit.label_of(sample, document, visit.by),
        labels=list(labels().values()),
        labelled=labelled,
        drawn=drawn,
        query=Filters.read(visit.request.query_params).query(page=1),
    )


def begin(visit: Visit) -> Response:
    """The next drawn document that wants a label, or back where no sample wants any."""
    sample = visit.store.audit.sample()
    document = visit.store.audit.claim_next(sample, visit.by, visit.now, visit.now + CLAIM) if sample else None
    return RedirectResponse(f"/audit/{sample}/{document}" if document else "/?audit=none", 303)


def label(visit: Visit) -> Response:
    """Give a drawn document a label, and go on with the queue; a later label by the same person counts instead."""
    sample, document = _asked(visit)
    given, filters = visit.form.get("label", ""), Filters.parse(visit.form.get("queue", ""))
    if given not in labels() and given != "skip":
        raise HTTPException(400)
    with visit.store.writing():
        if visit.store.audit.document(sample, document) is None:
            raise HTTPException(404)
        if not visit.store.audit.claimable(sample, document, visit.by, visit.now, visit.now + CLAIM):
            return RedirectResponse(f"/audit/{sample}/{document}", 303)
        if given == "skip":  # held for as long as a skipped lead is, so that it does not come back at once
            visit.store.audit.claimable(sample, document, visit.by, visit.now, visit.now + SKIP)
            return begin(visit) if visit.form.get("alone") else advance(visit, filters)
        row = {"document": document, "rater": visit.by, "label": given, "adjudicated": 0, "note": note(visit)}
        visit.store.study.label(sample, [row], visit.now)
        visit.store.audit.release(sample, document, visit.by)
        visit.store.ledger.append(
            visit.now, visit.by, "drawn document labelled", sample, {"document": document, "label": given}
        )
        if visit.form.get("alone"):
            return begin(visit)
        return advance(visit, filters, labelled=f"labelled={sample}/{document}")


def labelled(visit: Visit) -> str:
    """The drawn document that the page before has just labelled, as ``sample/document``, to be told about; empty when there is none."""
    sample, _, document = visit.request.query_params.get("labelled", "").rpartition("/")
    usable = sample and document.isascii() and document.isdigit() and len(document) < 16
    return f"{sample}/{document}" if usable and visit.store.audit.label_of(sample, int(document), visit.by) else ""


def _asked(visit: Visit) -> tuple[str, int]:
    number = visit.request.path_params["document"]
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise HTTPException(404)
    return visit.request.path_params["sample"], int(number)
