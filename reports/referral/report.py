"""The referral of leads: one DOCX letter for each department they are addressed to, and one XLSX with the lists.

It hands over leads, never findings: law is named as what the advert falls under (涉及), signatures are left blank, and the officer
captures again. Fields follow 法发〔2016〕22号, art. 14, and the procuratorate's 2021 rules on cyber cases, art. 37.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.labels import hooks, labels
from core.settings import Settings
from core.store import Store
from core.store.rows import own_title
from core.types import Act, Lead
from evidence.record import BEIJING, times
from reports.exports.withheld import Veil
from reports.referral import letter, lists
from reports.referral.evidence_list import exhibits
from reports.referral.routing import load
from text.offers import find_prices
from text.places import find_places, province_of

TITLE = "线索移送 Referral"
FOR_CASES = True  # a case is handed over with it
DONE = "referral written"
DOCUMENTS_READ = 100  # for places and prices of one lead; evidence is listed for all


def build(
    store: Store,
    settings: Settings,
    now: datetime,
    *,
    leads: Sequence[str] = (),
    reveal: bool = False,
    region: str = "",
) -> dict[str, Any]:
    """The data of the letters, JSON-able: one for each addressed department, with the leads that are routed to it. Only reads.

    ``region`` goes before the departments' names (广东省); a blank to fill in stands there otherwise. Contacts, and addresses that
    hold them, are masked unless ``reveal``: such a letter is a draft and says so.

    Raises:
        InputError: no lead is named, one is not there, has no documents, or was rejected by the person who looked at it.
        PluginError: the routing table is not what it should be.
    """
    if not leads:
        raise InputError(
            "expected ids of leads, found none; `xuncha referral LEAD...` takes them as `xuncha leads` lists them"
        )
    routing, veil = load(settings.workspace), Veil(reveal)
    letters: dict[str, dict[str, Any]] = {}
    for id in dict.fromkeys(leads):
        told = _lead(store, id, veil, now)
        route = routing.labels[told["label"]]
        one = letters.setdefault(route.to, {"to": route.to, "copies": [], "leads": []})
        one["leads"].append(told)
        one["copies"] = list(dict.fromkeys([*one["copies"], *route.copies]))
    for one in letters.values():
        one["copies"] = [key for key in one["copies"] if key != one["to"]]
        one["exhibits"] = exhibits(store, [lead["id"] for lead in one["leads"]], veil)
    departments = {
        key: {
            "zh": f"{region if region and entry.get('regional', True) else '＿＿＿＿'}{entry['zh']}",
            "en": entry["en"],
            "part": dict(entry.get("part") or {}),
        }
        for key, entry in routing.departments.items()
    }
    return {
        "report": "referral", "format": 1, "title": TITLE, "made_at": now.isoformat(), "stamp": f"{now.astimezone(BEIJING):%Y%m%dT%H%M%S}",
        "date": f"{now.astimezone(BEIJING):%Y-%m-%d}", "revealed": reveal, "operator": str(settings["contact"]), "basis": dict(routing.basis),
        "departments": departments, "letters": list(letters.values()), "ledger_head": next((entry["hash"] for entry in reversed(list(store.ledger.entries()))), ""),
    }  # fmt: skip


def write(data: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write ``referral-<time>-<department>.docx`` for each letter and ``referral-<time>.xlsx``; each whole, for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    stem, paths = f"referral-{data['stamp']}", []
    makers: dict[str, Callable[[Path], None]] = {
        f"{stem}-{one['to']}.docx": partial(letter.write, data, one) for one in data["letters"]
    }
    makers[f"{stem}.xlsx"] = partial(lists.write, data)
    for name, make in makers.items():
        part = folder / f".{os.getpid()}.{name}"
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        try:
            make(part)
            paths.append(part.replace(folder / name))
        finally:
            part.unlink(missing_ok=True)
    return paths


def refer(
    store: Store, settings: Settings, now: datetime, leads: Sequence[str], *, by: str, reveal: bool, region: str = ""
) -> tuple[list[Path], dict[str, Any]]:
    """Write the letters of some leads into the reports folder and enter them in the ledger (with the files' SHA-256), lead by lead.

    Raises:
        InputError, PluginError: see ``build``.
    """
    data = build(store, settings, now, leads=leads, reveal=reveal, region=region)
    paths = write(data, settings.path("reports") / "referrals")
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    with store.atomic():
        for one in data["letters"]:
            for lead in one["leads"]:
                told = {
                    "to": one["to"],
                    "copies": one["copies"],
                    "contacts": "in full" if reveal else "masked",
                    "files": files,
                }
                store.ledger.append(now, by, DONE, lead["id"], told)
    return paths, data


def _lead(store: Store, id: str, veil: Veil, now: datetime) -> dict[str, Any]:
    lead = store.leads.get(id)
    if lead is None or not lead.documents:
        raise InputError(f"lead {id!r}: expected a lead with documents, found none; `xuncha leads` lists them")
    answer = _answer(store, id)
    if answer["act"] == Act.REJECT:
        raise InputError(
            f"lead {id!r}: was rejected by {answer['by']}; a rejected lead is not referred (undo the decision first)"
        )
    label = labels()[answer["label"] or lead.label]
    known = [value for _, value in lead.contacts]
    seekers = store.exports.seekers(lead.documents)
    documents = [
        row for document in lead.documents if document not in seekers and (row := store.documents.row(document))
    ]
    if not documents:
        raise InputError(f"lead {id!r}: all of its documents are of people who ask; there is nothing to refer")
    return {
        "id": id, "label": label.name, "label_title": label.title, "label_title_en": label.title_en, "title": veil.text(_title(lead, documents), known),
        "answer": answer, "priority": round(lead.priority, 3), "reasons": list(lead.reasons), "documents": len(documents), "left_out": len(seekers),
        "platforms": list(dict.fromkeys(row["platform"] for row in documents)), **_read(documents),
        "contacts": [{"kind": kind, "value": veil.contact(value)} for kind, value in lead.contacts],
        "first_seen": times(lead.first_seen)["time_beijing"], "last_seen": times(lead.last_seen)["time_beijing"],
        "still_there": _still_there(store, documents, now), "falls_under": hooks(label),
    }  # fmt: skip


def _title(lead: Lead, documents: Sequence[Mapping[str, Any]]) -> str:
    """The lead's title; where it was that of a document that is left out, another document's."""
    titles = [own_title(row) or row["text"][:40] for row in documents]
    return lead.title if len(documents) == len(lead.documents) or lead.title in titles else titles[0]


def _answer(store: Store, id: str) -> dict[str, str]:
    """The decision that stands, by whom and when (Beijing); empty texts where nobody has decided."""
    standing = store.leads.answered_by(id)
    if standing is None:
        return {"act": "", "by": "", "at": "", "label": ""}
    return {
        "act": str(standing.act),
        "by": standing.by,
        "at": times(standing.at)["time_beijing"],
        "label": standing.label,
    }


def _read(documents: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Provinces and prices that the texts name, each once, in their order."""
    provinces: dict[str, None] = {}
    prices: dict[str, None] = {}
    for row in documents[:DOCUMENTS_READ]:
        text = f"{own_title(row)}\n{row['text']}"
        provinces |= dict.fromkeys(name for place in find_places(text) if (name := province_of(place.name)))
        prices |= dict.fromkeys(f"{price.amount:g} {price.currency}" for price in find_prices(text))
    return {"provinces": list(provinces), "prices": list(prices)}


def _still_there(store: Store, documents: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, int]:
    """How many of the pages answered when they were last asked, and how many were gone (404, 410)."""
    last = [store.captures.last_before(row["url"], now) for row in documents]
    gone = sum(capture is not None and capture.status in (404, 410) for capture in last)
    return {"there": sum(capture is not None for capture in last) - gone, "gone": gone}
