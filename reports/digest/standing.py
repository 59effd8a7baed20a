"""Leads in the digest: what happened to them, the first ones to look at, and what waits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.labels import hooks, labels
from core.store import Store
from core.types import ContactKind, Document, Lead
from text.places import find_places, province_of
from text.shown import masked, plain, without_contacts

TOP = 10
CONTACTS = 6
CAMPAIGNS = 3
DOCUMENTS_READ = 100  # for platforms and places of one lead; its count of documents is always the true one
CHARACTERS_READ = 20_000
KINDS: dict[str, str] = {
    ContactKind.WECHAT: "微信", ContactKind.QQ: "QQ", ContactKind.PHONE: "电话", ContactKind.TELEGRAM: "Telegram",
    ContactKind.WHATSAPP: "WhatsApp", ContactKind.LINE: "Line", ContactKind.EMAIL: "邮箱", ContactKind.URL: "网址",
}  # fmt: skip
PARTS = {"probability": "概率", "harm": "危害", "novelty": "新近", "reachability": "可联系", "spread": "扩散"}
_REASON = re.compile(r"(\w+) ([0-9.]+): (.*)", re.DOTALL)


def events(store: Store, since: datetime, now: datetime) -> list[dict[str, Any]]:
    """What happened to leads, newest first: kind, lead, its title, how many documents came, and the other leads involved."""
    found = []
    for event in reversed(store.leads.events(since)):
        lead = store.leads.get(event["lead"])
        if event["at"] > now or lead is None:
            continue
        detail = event["detail"]
        found.append(
            {
                "kind": event["kind"], "lead": lead.id, "at": event["at"].isoformat(), "title": _title(lead),
                "documents": len(detail.get("documents") or detail.get("left", ())), "into": detail.get("into", ""), "from": list(detail.get("from", ())),
            }
        )  # fmt: skip
    return found


def top(
    store: Store, waiting: Sequence[Mapping[str, Any]], happened: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The open, undecided leads of highest priority."""
    undecided = {lead["id"] for lead in waiting if not lead["answer"]}
    found: list[Lead] = []
    offset = 0
    while len(found) < TOP and (page := store.leads.queue(50, offset)):
        found += [lead for lead in page if lead.id in undecided]
        offset += len(page)
    news = {event["lead"]: event["kind"] for event in reversed(happened) if event["kind"] in ("new", "grown", "split")}
    return [_lead(store, lead, news.get(lead.id, "")) for lead in found[:TOP]]


def backlog(waiting: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """Open leads: how many, how many undecided or answered 'unsure', and the oldest undecided one."""
    undecided = [lead for lead in waiting if not lead["answer"]]
    oldest = undecided[0] if undecided else None
    return {
        "open": len(waiting),
        "undecided": len(undecided),
        "unsure": sum(lead["answer"] == "unsure" for lead in waiting),
        "oldest": oldest["id"] if oldest else "",
        "oldest_since": oldest["created_at"].isoformat() if oldest else None,
        "oldest_days": (now - oldest["created_at"]).days if oldest else 0,
    }


def _lead(store: Store, lead: Lead, news: str) -> dict[str, Any]:
    documents = [document for id in lead.documents[-DOCUMENTS_READ:] if (document := store.documents.get(id))]
    label = labels().get(lead.label)
    return {
        "id": lead.id,
        "news": news,
        "priority": round(lead.priority, 3),
        "reasons": [_reason(reason) for reason in lead.reasons],
        "label": lead.label,
        "label_title": label.title if label else lead.label,
        "label_title_en": label.title_en if label else "",
        "title": _title(lead),
        "contacts": [{"kind": kind, "name": KINDS.get(kind, plain(kind, 20)), "shown": plain(masked(value), 40)} for kind, value in lead.contacts[:CONTACTS]],
        "contacts_in_all": len(lead.contacts),
        "documents": len(lead.documents),
        "platforms": [[plain(name, 40), count] for name, count in Counter(document.platform for document in documents).most_common(8)],
        "provinces": [[name, count] for name, count in _provinces(documents).most_common(8)],
        "campaigns": [{"id": one["id"], "terms": [plain(term, 20) for term in one["terms"]], "documents": one["documents"]} for one in store.campaigns.of_lead(lead.id)[:CAMPAIGNS]],
        "law": hooks(label) if label else [],
        "first_seen": lead.first_seen.isoformat(),
        "last_seen": lead.last_seen.isoformat(),
    }  # fmt: skip


def _provinces(documents: Sequence[Document]) -> Counter[str]:
    """Provinces that the documents claim, each counted once for a document."""
    found: Counter[str] = Counter()
    for document in documents:
        places = find_places(f"{document.title}\n{document.text[:CHARACTERS_READ]}")
        found.update(list(dict.fromkeys(province for place in places if (province := province_of(place.name)))))
    return found


def _reason(reason: str) -> dict[str, str]:
    match = _REASON.fullmatch(reason)
    if not match:
        return {"part": "", "name": "", "value": "", "why": plain(reason)}
    part, value, why = match.groups()
    return {"part": part, "name": PARTS.get(part, part), "value": value, "why": plain(why)}


def _title(lead: Lead) -> str:
    return plain(without_contacts(lead.title, [value for _, value in lead.contacts]))
