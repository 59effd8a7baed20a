"""What people have split and merged stays so: networks are re-arranged around the documents that somebody placed by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from core.store.hands import WHY
from leads.networks import Contact, Network


def arranged(
    found: Sequence[Network], placed: Mapping[int, str], contacts: Mapping[int, tuple[Contact, ...]]
) -> tuple[list[Network], dict[str, Network]]:
    """The networks that nobody touched, and by lead those that somebody did.

    ``placed`` is the lead that a person put a document in. Networks whose placed documents all belong to one lead go to that lead as a
    whole: a merge holds, and what is new follows. Where they belong to several, the network is cut: each document that nobody placed
    goes with those it shares most contacts with, else with the most documents.
    """
    free: list[Network] = []
    pieces: dict[str, list[int]] = {}
    for network in found:
        sides: dict[str, list[int]] = {}
        for document in network.documents:
            if document in placed:
                sides.setdefault(placed[document], []).append(document)
        if not sides:
            free.append(network)
            continue
        shared = {side: Counter(c for doc in documents for c in contacts[doc]) for side, documents in sides.items()}
        for document in network.documents:
            side = placed.get(document) or max(
                sides, key=lambda one: (sum(shared[one][c] for c in contacts[document]), len(sides[one]), one)
            )
            pieces.setdefault(side, []).append(document)
    whole = {documents: network for network in found for documents in [frozenset(network.documents)]}
    return free, {
        lead: whole.get(frozenset(documents)) or _piece(sorted(documents), placed, contacts)
        for lead, documents in pieces.items()
    }


def _piece(documents: list[int], placed: Mapping[int, str], contacts: Mapping[int, tuple[Contact, ...]]) -> Network:
    shared = Counter(contact for document in documents for contact in contacts[document])
    why = {}
    for document in documents:
        reasons = [
            f"{kind} {value} in {shared[kind, value]} documents"
            for kind, value in contacts[document]
            if shared[kind, value] > 1
        ]
        why[document] = "; ".join([*reasons, *([WHY] if document in placed else [])]) or "on its own"
    ranked = sorted(shared, key=lambda contact: (-shared[contact], contact))
    return Network(tuple(documents), tuple(ranked), why)
