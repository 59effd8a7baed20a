"""Building leads each night: who belongs together, which lead each network is, and what happened to it since."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import chain, count
from typing import Any

from core.labels import Label
from core.settings import Settings
from core.store import Store
from core.store.judged import Flagged, bystander
from core.types import Lead
from leads.by_hand import arranged
from leads.networks import MIN_CONFIDENCE, Contact, Network, contacts_of, hubs_of, networks
from leads.priority import priority

TITLE = 60  # characters of a lead's title
CLAUSES = "。！？；，、!?;"  # no blank and no full stop: they stand inside of contacts


def link(
    store: Store, settings: Settings, labels: Mapping[str, Label], rater: str, now: datetime, run: int
) -> dict[str, int]:
    """Tie all documents that a rater flags into leads and record what changed; idempotent. Returns counts by event.

    Campaigns are as ``leads.campaigns.place`` left them.

    A network is the lead that most of its documents were in before; leads that it swallowed are closed as merged into it, and
    a part that broke away is a new lead with a split event. No document comes or goes without an event.
    """
    flagged = {item.id: item for item in store.judgements.flagged(rater)}
    contacts = dict.fromkeys(flagged, ()) | _contacts(store, settings, rater)
    found: dict[str, list[int]] = {}
    for document, campaign in store.campaigns.members().items():
        found.setdefault(campaign, []).append(document)
    before = store.leads.of_documents()
    free, by_hand = arranged(networks(contacts, found), store.hands.placed(), contacts)
    named = by_hand | _name(free, before, flagged, by_hand)
    held: dict[str, set[int]] = {}
    for document, lead in before.items():
        held.setdefault(lead, set()).add(document)
    heirs = {before[doc]: name for name, network in named.items() for doc in network.documents if doc in before}
    counts: Counter[str] = Counter(
        {"leads": len(named), "new": 0, "grown": 0, "shrunk": 0, "merged": 0, "split": 0, "emptied": 0}
    )
    with store.atomic():
        for name, network in named.items():
            for kind, detail in _events(network, held.get(name, set()), before, named):
                counts[kind] += 1
                store.leads.add_event(name, kind, detail, now, run)
            store.leads.put(lead_of(name, network, flagged, labels, now), network.why, now)
        for gone in sorted(set(before.values()) - set(named)):
            heir = heirs.get(gone, "")
            counts["merged" if heir else "emptied"] += 1
            store.leads.close(gone, "merged" if heir else "empty", now)
            store.leads.add_event(gone, "merged" if heir else "emptied", {"into": heir} if heir else {}, now, run)
    return dict(counts)


def _contacts(store: Store, settings: Settings, rater: str) -> dict[int, tuple[Contact, ...]]:
    """The contacts that may tie each flagged document to others."""
    seen = list(store.contact_points.tying(rater, MIN_CONFIDENCE))
    ads = Counter((kind, value) for _, kind, value in set(seen))
    others = store.contact_points.bystanders(int(settings["hub_documents"]))
    hubs = hubs_of(ads, lambda contact: others.get(bystander(*contact), 0), settings["official_contacts"])
    return contacts_of(seen, hubs)


def _name(
    found: list[Network], before: Mapping[int, str], flagged: Mapping[int, Flagged], taken: Collection[str]
) -> dict[str, Network]:
    """Give each network the id of the lead that most of its documents were in, and none that is taken; larger ones choose first."""
    named: dict[str, Network] = {}
    held = set(before.values())  # an id stays with its documents: one that stands is never given to strangers
    for network in sorted(found, key=lambda network: (-len(network.documents), network.documents)):
        old = Counter(before[doc] for doc in network.documents if doc in before)
        names = sorted(old, key=lambda name: (-old[name], name))
        first = flagged[network.documents[0]]
        fresh = (
            "L"
            + hashlib.sha256(f"{first.platform}\n{first.native_id}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
        )
        others = (name for name in chain([fresh], (f"{fresh}-{number}" for number in count(2))) if name not in held)
        named[next(name for name in chain(names, others) if name not in named and name not in taken)] = network
    return named


def _events(
    network: Network, old: set[int], before: Mapping[int, str], named: Mapping[str, Network]
) -> list[tuple[str, dict[str, Any]]]:
    joined = [doc for doc in network.documents if doc not in old]
    left = sorted(old - set(network.documents))
    came_from = sorted({before[doc] for doc in joined if doc in before})
    origin = {"from": came_from} if came_from else {}
    if old:
        grown = [("grown", {**origin, "documents": joined})] if joined else []
        return grown + ([("shrunk", {"left": left})] if left else [])
    return [("split" if set(came_from) & set(named) else "new", {**origin, "documents": joined})]


def lead_of(
    id: str, network: Network, flagged: Mapping[int, Flagged], labels: Mapping[str, Label], now: datetime
) -> Lead:
    """The lead that a network is, with its priority and reasons."""
    items = [flagged[doc] for doc in network.documents]
    top = max(items, key=lambda item: (labels[item.label].harm * item.score, -item.id))
    label = labels[top.label]
    first = min(item.first_seen for item in items)
    last = max(item.last_seen for item in items)
    value, reasons = priority(
        [item.score for item in items],
        label.harm,
        label.title,
        last,
        now,
        network.contacts,
        [item.platform for item in items],
    )
    return Lead(
        id, label.name, headline(top.title) or id, network.documents, network.contacts, value, reasons, first, last
    )


def headline(text: str) -> str:
    """A title of at most ``TITLE`` characters, whole clauses where it is cut: half a contact would be masked by nobody."""
    line = " ".join(text.split())
    if len(line) <= TITLE:
        return line
    ends = [place for place, sign in enumerate(line[: TITLE + 1]) if sign in CLAUSES and place]
    return line[: ends[-1] if ends else TITLE]
