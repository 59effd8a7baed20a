"""Building leads each night: who belongs together, which lead each network is, and what happened to it since."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from typing import Any

from core.labels import Label
from core.settings import Settings
from core.store import Store
from core.store.judged import bystander
from core.store.rows import time_of
from core.types import Document, Judgement, Lead
from leads.by_hand import arranged
from leads.campaigns import campaigns
from leads.networks import Network, contacts_of, networks
from leads.priority import priority


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flagged document with its row and the judgement that flags it."""

    row: Mapping[str, Any]
    document: Document
    judgement: Judgement


def link(
    store: Store, settings: Settings, labels: Mapping[str, Label], rater: str, now: datetime, run: int
) -> dict[str, int]:
    """Tie all documents that a rater flags into leads and record what changed; idempotent. Returns counts by event.

    A network is the lead that most of its documents were in before; leads that it swallowed are closed as merged into it, and
    a part that broke away is a new lead with a split event. No document comes or goes without an event.
    """
    flagged = {
        id: Flagged(row, document, judgement) for id, row, document, judgement in store.judgements.flagged(rater)
    }
    hubs = store.contact_points.hubs(int(settings["hub_documents"]))
    contacts = {}
    for id in flagged:
        points = store.contact_points.of(id)
        tied = {
            (str(point.kind), point.canonical) for point in points if bystander(point.kind, point.canonical) in hubs
        }
        contacts[id] = contacts_of(points, tied)
    found = campaigns(
        {id: item.document.text for id, item in flagged.items()},
        store.campaigns.members(),
        float(settings["near_duplicate"]),
    )
    before = store.leads.of_documents()
    free, held = arranged(networks(contacts, found), store.hands.placed(), contacts)
    named = held | _name(free, before, flagged, held)
    counts: Counter[str] = Counter(
        {"leads": len(named), "new": 0, "grown": 0, "shrunk": 0, "merged": 0, "split": 0, "emptied": 0}
    )
    with store.atomic():
        for campaign, members in found.items():
            store.campaigns.put(campaign, members.items(), now, run)
        for name, network in named.items():
            for kind, detail in _events(name, network, before, named):
                counts[kind] += 1
                store.leads.add_event(name, kind, detail, now, run)
            store.leads.put(lead_of(name, network, flagged, labels, now), network.why, now)
        for gone in sorted(set(before.values()) - set(named)):
            heir = next(
                (name for name, network in named.items() if any(before.get(doc) == gone for doc in network.documents)),
                "",
            )
            counts["merged" if heir else "emptied"] += 1
            store.leads.close(gone, "merged" if heir else "empty", now)
            store.leads.add_event(gone, "merged" if heir else "emptied", {"into": heir} if heir else {}, now, run)
    return dict(counts)


def _name(
    found: list[Network], before: Mapping[int, str], flagged: Mapping[int, Flagged], taken: Collection[str]
) -> dict[str, Network]:
    """Give each network the id of the lead that most of its documents were in, and none that is taken; larger ones choose first."""
    named: dict[str, Network] = {}
    held = set(before.values())  # an id stays with its documents: one that stands is never given to strangers
    for network in sorted(found, key=lambda network: (-len(network.documents), network.documents)):
        old = Counter(before[doc] for doc in network.documents if doc in before)
        names = sorted(old, key=lambda name: (-old[name], name))
        first = flagged[network.documents[0]].document
        fresh = (
            "L"
            + hashlib.sha256(f"{first.platform}\n{first.native_id}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
        )
        others = (name for name in chain([fresh], (f"{fresh}-{number}" for number in count(2))) if name not in held)
        named[next(name for name in chain(names, others) if name not in named and name not in taken)] = network
    return named


def _events(
    id: str, network: Network, before: Mapping[int, str], named: Mapping[str, Network]
) -> list[tuple[str, dict[str, Any]]]:
    old = {doc for doc, lead in before.items() if lead == id}
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
    top = max(items, key=lambda item: (labels[item.judgement.label].harm * item.judgement.score, -item.row["id"]))
    label = labels[top.judgement.label]
    first = min(time_of(item.row["first_seen"]) for item in items)
    last = max(time_of(item.row["last_seen"]) for item in items)
    value, reasons = priority(
        [item.judgement.score for item in items], label.harm, label.title, last, now, network.contacts,
        [item.document.platform for item in items],
    )  # fmt: skip
    title = " ".join((top.document.title or top.document.text).split())[:60]
    return Lead(id, label.name, title, network.documents, network.contacts, value, reasons, first, last)
