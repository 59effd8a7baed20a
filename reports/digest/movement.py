"""What moved: networks that came to another platform, adverts that came back, contacts seen most, places, and whether scores drift."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import log
from typing import Any

from core.store import Store
from reports.digest.standing import KINDS
from text.places import find_places, province_of
from text.shown import masked, plain, without_contacts

CONTACTS = 12
READ = 2_000  # flagged documents whose places are read; the newest
CHARACTERS_READ = 20_000
BEFORE = timedelta(days=28)  # what the scores of a window are held against
ENOUGH = 100  # documents on either side below which a drift says nothing
SHIFTED, MOVED = 0.25, 0.1


def hops(store: Store, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Open leads that were first seen on a platform in the window after another platform had known them: where from, where to."""
    found = []
    for id, platforms in store.movement.platforms(since).items():
        before = [row for row in platforms if row["first"] < since.isoformat(timespec="microseconds")]
        came = [row for row in platforms if row not in before and datetime.fromisoformat(row["first"]) <= until]
        if before and came and (lead := store.leads.get(id)):
            found.append(
                {
                    "lead": id, "title": _title(lead.title, lead.contacts), "from": [plain(row["platform"], 40) for row in before],
                    "to": [plain(row["platform"], 40) for row in came], "documents": sum(row["new"] for row in came),
                }
            )  # fmt: skip
    return found


def returns(store: Store, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """What is back after removal: the very page (``page``), or a new document of a lead that had lost one (``again``)."""
    found = [{**row, "kind": "page", "documents": 1} for row in store.movement.back(since, until)]
    found += [{**row, "kind": "again", "platform": ""} for row in store.movement.reposted(since, until)]
    told = []
    for row in sorted(found, key=lambda row: (row["back"], row["lead"])):
        lead = store.leads.get(row["lead"])
        assert lead is not None
        told.append(
            {
                "kind": row["kind"], "lead": lead.id, "title": _title(lead.title, lead.contacts), "platform": plain(row["platform"], 40),
                "gone": row["gone"], "back": row["back"], "documents": row["documents"],
            }
        )  # fmt: skip
    return told


def contacts(store: Store, rater: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The contacts seen in most flagged documents of the window, masked."""
    return [
        {
            "kind": row["kind"], "name": KINDS.get(row["kind"], plain(row["kind"], 20)), "shown": plain(masked(row["canonical"]), 40),
            **{name: row[name] for name in ("documents", "new", "platforms", "leads")},
        }
        for row in store.movement.contacts(rater, since, until, CONTACTS)
    ]  # fmt: skip


def places(store: Store, rater: str, since: datetime, until: datetime) -> dict[str, Any]:
    """Flagged documents of the window by the provinces that they claim: in all (``provinces``) and by platform (``platforms``).

    A document that names several counts in each. ``none`` name no place. These are claims of adverts, not where anybody is.
    """
    rows = store.movement.flagged(rater, since, until, READ)
    by: dict[str, Counter[str]] = defaultdict(Counter)
    none = 0
    for row in rows:
        named = find_places(f"{row['title']}\n{row['text'][:CHARACTERS_READ]}")
        provinces = set(filter(None, (province_of(place.name) for place in named)))
        by[plain(row["platform"], 40)].update(provinces)
        none += not provinces
    total = sum(by.values(), Counter())
    return {
        "documents": len(rows), "none": none, "provinces": dict(total.most_common()),
        "platforms": [{"platform": name, "provinces": dict(by[name].most_common())} for name in sorted(by, key=lambda name: (-by[name].total(), name))],
    }  # fmt: skip


def drift(store: Store, rater: str, since: datetime, until: datetime) -> dict[str, Any]:
    """Whether the scores of the window are spread as those of the four weeks before it, over all and by source.

    By the population stability index over tenths of the score (Siddiqi 2006, Credit Risk Scorecards, ch. 9): below 0.1 as before, up to
    0.25 moved, above it shifted. With fewer than ``ENOUGH`` documents on either side nothing is said (``few``).
    """
    now, before = store.movement.scores(rater, since, until), store.movement.scores(rater, since - BEFORE, since)
    sources = sorted({row["source"] for row in (*now, *before)})
    rows = [_drift(plain(name, 60), _of(now, name), _of(before, name)) for name in sources]
    return {"days_before": BEFORE.days, "least": ENOUGH, "all": _drift("", now, before), "sources": rows}


def stability(now: Sequence[int], before: Sequence[int]) -> float:
    """The population stability index of two histograms with the same bins; an empty bin counts as half a document."""
    index = 0.0
    for one, other in zip(now, before, strict=True):
        share, was = max(one, 0.5) / sum(now), max(other, 0.5) / sum(before)
        index += (share - was) * log(share / was)
    return index


def _of(rows: Iterable[Mapping[str, Any]], source: str) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["source"] == source]


def _drift(source: str, now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    bins, was = _bins(now), _bins(before)
    count, earlier = sum(bins), sum(was)
    index = round(stability(bins, was), 3) if min(count, earlier) >= ENOUGH else None
    state = "few" if index is None else "shifted" if index > SHIFTED else "moved" if index > MOVED else "same"
    return {
        "source": source, "documents": count, "before": earlier, "index": index, "state": state, "bins": bins, "bins_before": was,
        "flagged": sum(row["flagged"] for row in now), "flagged_before": sum(row["flagged"] for row in before),
    }  # fmt: skip


def _bins(rows: Iterable[Mapping[str, Any]]) -> list[int]:
    bins = [0] * 10
    for row in rows:
        bins[row["bin"]] += row["n"]
    return bins


def _title(title: str, known: Iterable[tuple[str, str]]) -> str:
    return plain(without_contacts(title, [value for _, value in known]))
