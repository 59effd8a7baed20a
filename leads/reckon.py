"""Reckoning single leads anew, between nights: after somebody has split or merged them by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from core.labels import Label
from core.store import Store
from core.store.judged import Flagged
from core.store.rows import own_title, time_of
from leads.build import lead_of
from leads.networks import MIN_CONFIDENCE, Network


def reckon(store: Store, labels: Mapping[str, Label], leads: Iterable[str], now: datetime) -> None:
    """Reckon label, title, contacts and priority of some leads anew from the documents that they hold now.

    Each document counts as the latest model's judgement of it says; a lead of which a document is no longer flagged is left to the night.
    """
    rater = store.overview.rater("model:")
    leads = list(leads)
    # what a night found to be a hub is in no lead's list of contacts; to look for hubs again would take a whole night's reading
    known = {contact for id in leads if (lead := store.leads.get(id)) for contact in lead.contacts}
    for id in leads:
        ties = store.leads.ties(id)
        flagged: dict[int, Flagged] = {}
        shared: Counter[tuple[str, str]] = Counter()
        for document in ties:
            row = store.documents.row(document)
            judgement = next((one for _, one in store.judgements.latest(document) if one.rater == rater), None)
            if row and judgement and judgement.flagged and judgement.label in labels:
                flagged[document] = Flagged(
                    document, row["platform"], row["native_id"], own_title(row) or row["text"][:200], judgement.label, judgement.score,
                    time_of(row["first_seen"]), time_of(row["last_seen"]),
                )  # fmt: skip
            points = store.contact_points.of(document)
            shown = {(str(point.kind), point.canonical) for point in points if point.confidence >= MIN_CONFIDENCE}
            shared.update(shown & known)
        if len(flagged) < len(ties) or not ties:
            continue
        ranked = tuple(sorted(shared, key=lambda contact: (-shared[contact], contact)))
        network = Network(tuple(sorted(ties)), ranked, {document: why for document, (why, _) in ties.items()})
        with store.atomic():
            store.leads.put(lead_of(id, network, flagged, labels, now), network.why, now)
