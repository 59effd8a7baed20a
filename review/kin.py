"""What a lead resembles and hangs together with: confirmed adverts like it, its template with slots, its network. Parts of its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.types import Lead
from review import document
from review.door import Cover, Visit
from review.lead import cover_of
from review.picture import Node, network
from review.roles import May
from text.shingles import bigrams
from text.shown import plain, without_contacts
from text.template import template

MOST_LIKE = 5
MOST_CONTACTS = 20  # of a lead, that others are looked for by
MOST_DOCUMENTS = 200  # of a lead, that stand in its network
SMALL = 8  # rows of the picture on the lead's own page
MOST_TERMS, TERMS = 60, 16  # of a lead: those looked up, and the rarest, by which confirmed adverts are found
MOST_CAMPAIGNS, MOST_TEXTS, MOST_VALUES = 3, 24, 4
MOST_READ = 4_000  # characters of one text
LEAST_LIKE = 0.05


def similar(visit: Visit) -> Response:
    """Confirmed adverts of other leads that speak most like this one, with what they share."""
    lead, cover = _lead(visit)
    first = lead.documents[:MOST_LIKE]
    texts = [row["text"][:MOST_READ] for row in visit.store.kin.rows(first)]
    cues = [span.quote for one in first for _, said in visit.store.judgements.latest(one) for span in said.spans]
    telling = list(dict.fromkeys(chain.from_iterable(_pairs(text[:400]) for text in [*cues, lead.title, *texts[:1]])))
    rarest = visit.store.index.rarest(telling[:MOST_TERMS], TERMS, len(lead.documents))
    own = set(chain.from_iterable(_pairs(text) for text in texts))
    found = []
    for row in visit.store.index.confirmed_alike(rarest, lead.id, 2 * MOST_LIKE):
        theirs = set(_pairs(row["text"][:MOST_READ]))
        found.append({
            "lead": row["lead"], "label": row["label"], "likeness": len(own & theirs) / len(own | theirs) if own | theirs else 0.0,
            "title": document.short(row["title"] or row["text"], [], visit.cover, 60), "shared": [term for term in rarest if term in theirs][:6],
        })  # fmt: skip
    ranked = sorted((one for one in found if one["likeness"] >= LEAST_LIKE), key=lambda one: -one["likeness"])[
        :MOST_LIKE
    ]
    return visit.page("kin_similar.html", lead=lead, title=_title(lead, cover), found=ranked)


def _pairs(text: str) -> list[str]:
    """The pairs of Chinese characters of a text: what tells its wording, without numbers and names of accounts."""
    return [term for term in bigrams(text) if not term.isascii()]


def slots(visit: Visit) -> Response:
    """The template of each campaign that a lead's documents are in: constants and slots, contacts covered."""
    lead, cover = _lead(visit)
    known = [value for _, value in lead.contacts]
    shown = []
    for campaign in visit.store.campaigns.of_lead(lead.id)[:MOST_CAMPAIGNS]:
        texts = [text[:MOST_READ] for _, text in visit.store.campaigns.texts_of(campaign["id"], MOST_TEXTS)]
        parts = [
            {"text": _covered(part.text, known, cover), "kind": part.kind, "distinct": part.distinct, "values": [
                (cover(value) if cover and part.kind == "contact" and value else _covered(value, known, cover), n) for value, n in part.values[:MOST_VALUES]
            ]}
            for part in template(texts)
        ]  # fmt: skip
        shown.append({**campaign, "parts": parts})
    return visit.page("kin_template.html", lead=lead, title=_title(lead, cover), campaigns=shown)


def _covered(text: str, known: Sequence[str], cover: Cover | None) -> str:
    return without_contacts(text, known, cover) if cover else text


def page(visit: Visit) -> Response:
    """The network of a lead as a page of its own, or as a small picture for the lead's."""
    lead, cover = _lead(visit)
    columns, edges, others = _network(visit, lead, cover)
    drawn = network(columns, edges, SMALL, 116, 18) if visit.fragment else network(columns, edges)
    return visit.page(
        "kin_network.html", lead=lead, title=_title(lead, cover), network=drawn, others=others, edges=edges,
        names={node.key: node for column in columns for node in column}, mergeable=visit.may(May.DECIDE),
    )  # fmt: skip


def _network(
    visit: Visit, lead: Lead, cover: Cover | None
) -> tuple[list[list[Node]], dict[tuple[str, str], tuple[str, int]], list[dict[str, Any]]]:
    """Documents (grouped by platform, contacts and campaign), what ties them, and the other leads that this leads to."""
    ids = lead.documents[:MOST_DOCUMENTS]
    rows = {row["id"]: row for row in visit.store.kin.rows(ids)}
    campaigns = visit.store.kin.campaigns(ids)
    contacts: dict[int, list[tuple[str, str]]] = {}
    for row in visit.store.kin.points(ids):
        contacts.setdefault(row["document"], []).append((row["kind"], row["canonical"]))
    groups = Counter(
        (rows[one]["platform"], tuple(contacts.get(one, ())), campaigns.get(one, "")) for one in ids if one in rows
    )
    used = Counter(contact for (_, held, _), n in groups.items() for contact in held * n)
    texts = Counter({campaign: n for campaign, n in Counter(campaigns.values()).items() if n > 1})
    by_text = visit.store.kin.by_text(lead.id)
    texts |= Counter({row["campaign"]: 1 for row in by_text})
    edges: dict[tuple[str, str], tuple[str, int]] = {}
    documents: list[Node] = []
    ties: list[Node] = []
    others: dict[str, dict[str, Any]] = {}
    for number, ((platform, held, campaign), n) in enumerate(groups.most_common()):
        documents.append(Node(f"d{number}", "documents", platform, n))
        edges |= {(f"d{number}", _key(contact)): ("contact", n) for contact in held}
        if campaign in texts:
            edges[f"d{number}", f"t{campaign}"] = ("text", n)
    for contact, n in used.most_common(MOST_CONTACTS):
        kind, value = contact
        label = f"{visit.words.known('kind', kind)} {plain(cover(value) if cover else value, 40)}"
        ties.append(Node(_key(contact), "contact", label, n))
        for row in visit.store.kin.by_contact(lead.id, kind, value):
            _meet(others, edges, row, _key(contact), "contact", label, visit.cover)
    names = {row["id"]: " ".join(row["terms"][:3]) for row in visit.store.campaigns.of_lead(lead.id)}
    for campaign, n in texts.most_common(MOST_CONTACTS):
        label = visit.words("network_text", name=names.get(campaign) or campaign)
        ties.append(Node(f"t{campaign}", "campaign", label, n))
        for row in by_text:
            if row["campaign"] == campaign:
                _meet(others, edges, row, f"t{campaign}", "text", label, visit.cover)
    leads = [Node(f"l{id}", "lead", one["title"] or id, one["n"], f"/lead/{id}") for id, one in others.items()]
    return [documents, ties, leads], edges, list(others.values())


def _meet(
    others: dict[str, dict[str, Any]],
    edges: dict[tuple[str, str], tuple[str, int]],
    row: Mapping[str, Any],
    tie: str,
    kind: str,
    label: str,
    cover: Cover,
) -> None:
    """Enter another lead that a tie leads to."""
    one = others.setdefault(
        row["lead"], {"lead": row["lead"], "title": document.short(row["title"], [], cover, 60), "label": row["label"], "answer": row["answer"], "n": 0, "why": []}
    )  # fmt: skip
    one["n"] = max(one["n"], row["n"])
    one["why"].append((kind, label))
    edges[tie, f"l{row['lead']}"] = (kind, row["n"])


def _key(contact: Sequence[str]) -> str:
    return f"c{contact[0]}:{contact[1]}"


def _lead(visit: Visit) -> tuple[Lead, Cover | None]:
    id = visit.request.path_params["id"]
    lead = visit.store.leads.get(id)
    if lead is None:
        raise HTTPException(404)
    return lead, cover_of(visit, id)


def _title(lead: Lead, cover: Cover | None) -> str:
    return document.short(lead.title, [value for _, value in lead.contacts], cover)
