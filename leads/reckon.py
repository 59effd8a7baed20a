"""Reckoning single leads anew, between nights: after somebody has split or merged them by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from core.labels import Label
from core.store import Store
from leads.build import Flagged, lead_of
from leads.networks import Network, contacts_of


def reckon(store: Store, labels: Mapping[str, Label], leads: Iterable[str], now: datetime) -> None:
    """Reckon label, title, contacts and priority of some leads anew from the documents that they hold now.

    Each document counts as the latest model's judgement of it says; a lead of which no document is flagged is left as it is.
    """
    rater = store.overview.rater("model:")
    leads = list(leads)
    # what a night found to be a hub is in no lead's list of contacts; to look for hubs again would take a whole night's reading
    known = {contact for id in leads if (lead := store.leads.get(id)) for contact in lead.contacts}
    for id in leads:
        ties = store.leads.ties(id)
        flagged: dict[int, Flagged] = {}
        for document in ties:
            row, found = store.documents.row(document), store.documents.get(document)
            judgement = next((one for _, one in store.judgements.latest(document) if one.rater == rater), None)
            if row and found and judgement and judgement.label in labels and labels[judgement.label].flagged:
                flagged[document] = Flagged(row, found, judgement)
        if len(flagged) < len(ties) or not ties:
            continue
        found_in = (contacts_of(store.contact_points.of(document), ()) for document in flagged)
        shared = Counter(contact for contacts in found_in for contact in contacts if contact in known)
        ranked = tuple(sorted(shared, key=lambda contact: (-shared[contact], contact)))
        network = Network(tuple(sorted(ties)), ranked, {document: why for document, (why, _) in ties.items()})
        with store.atomic():
            store.leads.put(lead_of(id, network, flagged, labels, now), network.why, now)
