"""Networks: flagged documents tied by shared contact points, and by shared text where contacts do not speak against it.

One template serves rival agents, so shared text alone never ties two documents whose contacts lead to different people.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from leads.forest import Forest

MIN_CONFIDENCE = 0.5  # a reading of a contact below this is shown, but ties nothing

Contact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Network:
    """Documents that belong together; ``why`` says for each what ties it to the others."""

    documents: tuple[int, ...]
    contacts: tuple[Contact, ...]
    why: Mapping[int, str]


def contacts_of(seen: Iterable[tuple[int, str, str]], hubs: Collection[Contact]) -> dict[int, tuple[Contact, ...]]:
    """The contacts that may tie each document to others, one each, of (document, kind, value) rows; hubs are left out."""
    found: dict[int, dict[Contact, None]] = {}
    for document, kind, value in seen:
        if (kind, value) not in hubs:
            found.setdefault(document, {})[kind, value] = None
    return {document: tuple(own) for document, own in found.items()}


def hubs_of(ads: Mapping[Contact, int], others: Callable[[Contact], int], official: Collection[str]) -> set[Contact]:
    """The contacts that tie nothing: the operator's ``official`` ones (``kind:value``), and those seen more on other pages than in adverts.

    ``ads`` counts the flagged documents that show a contact, ``others`` tells how many do that are not flagged (0 below the setting).
    An advertiser whose comments the model often misses is no hub: the adverts outnumber the misses.
    """
    return {contact for contact, count in ads.items() if ":".join(contact) in official or others(contact) > count}


def networks(
    contacts: Mapping[int, tuple[Contact, ...]],
    campaigns: Mapping[str, Collection[int]],
    posters: Mapping[str, Collection[int]] | None = None,
) -> list[Network]:
    """The networks among documents, given the contacts of each (none for some), the campaigns they are in and the posters they show.

    A poster ties as a text does: documents without contacts to each other, and to those with contacts where these lead to one network.
    """
    forest: Forest[int] = Forest(contacts)
    first: dict[Contact, int] = {}
    for document, own in contacts.items():
        for contact in own:
            forest.join(first.setdefault(contact, document), document)
    texts = _alike(forest, contacts, campaigns)
    shown = _alike(forest, contacts, posters or {})
    return [_network(members, contacts, texts, shown) for members in forest.sets()]


def _alike(
    forest: Forest[int], contacts: Mapping[int, tuple[Contact, ...]], groups: Mapping[str, Collection[int]]
) -> dict[int, str]:
    """Tie the members of each group, as far as their contacts do not speak against it; returns the group that ties each tied member."""
    tied: dict[int, str] = {}
    for group, members in groups.items():
        present = [member for member in members if member in contacts]
        reachable = {forest.root(member) for member in present if contacts[member]}
        mute = [member for member in present if not contacts[member]]
        if len(reachable) == 1:
            mute.append(next(member for member in present if contacts[member]))
        for member in mute[1:]:
            forest.join(mute[0], member)
        if len(mute) > 1:
            tied |= dict.fromkeys(mute, group)
    return tied


def _network(
    members: list[int], contacts: Mapping[int, tuple[Contact, ...]], texts: Mapping[int, str], shown: Mapping[int, str]
) -> Network:
    shared: dict[Contact, int] = {}
    for member in members:
        for contact in contacts[member]:
            shared[contact] = shared.get(contact, 0) + 1
    why = {}
    for member in members:
        reasons = [
            f"{kind} {value} in {shared[kind, value]} documents"
            for kind, value in contacts[member]
            if shared[kind, value] > 1
        ]
        if member in texts:
            reasons.append(f"same text as others of campaign {texts[member]}")
        if member in shown:
            reasons.append(f"same picture as others, {shown[member][:12]}")
        why[member] = "; ".join(reasons) or "on its own"
    ranked = sorted(shared, key=lambda contact: (-shared[contact], contact))
    return Network(tuple(sorted(members)), tuple(ranked), why)
