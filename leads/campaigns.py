"""Campaigns: documents that are the same advert re-written. Each night only what is new is looked at.

A document is met by the texts that share a MinHash band key with it, and joins those whose similarity reaches the threshold; so campaigns
are connected components, as far as the keys meet (``text.minhash`` gives the odds). Joins, merges, splits and leavings are events: nothing
moves silently. The keys lie in the store; memory holds one batch, whatever the number of documents.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain, count
from typing import Any

import numpy as np

from core.batches import batches
from core.store import Store
from core.store.campaign_index import Pending, Text
from leads.likeness import components
from text import minhash
from text.segment import key_terms
from text.shingles import bare
from text.shown import without_contacts

MIN_CHARACTERS = 20  # of the bare text; shorter ones are alike by chance
BATCH = 1_000
MOST_IN_A_BAND = 24  # texts under one key; the next ones of a crowded template are met under its other keys
MOST_TRIED = 64  # candidates that are compared, those with most keys in common first
NAMED_BY = 8  # texts of a campaign that its key terms are taken from
READ = 500  # characters of each


def place(
    store: Store, rater: str, threshold: float, now: Callable[[], datetime], run: int | None = None
) -> dict[str, int]:
    """Bring campaigns up to date with what a rater flags; returns counts of documents looked at and of events by kind.

    Each batch is stored whole with its events, so a night that was stopped goes on where it was. Another threshold dissolves all
    campaigns, with events, and forms them anew. A campaign is named after the document that came first of it.
    """
    rules = f"{minhash.VERSION} {threshold:g} {MIN_CHARACTERS}"
    counts: Counter[str] = Counter(documents=0, new=0, joined=0, merged=0, left=0, split=0, ended=0, dissolved=0)
    with store.atomic():
        standing = store.campaigns.begin(rater)
        if standing != rules:
            for gone in store.campaigns.clear(rater, rules):
                store.campaigns.add_event(gone, "dissolved", {"rules": rules, "before": standing}, now(), run)
                counts["dissolved"] += 1
    while True:
        with store.atomic():
            batch = store.campaigns.pending(BATCH)
            if not batch:
                break
            night = _Night(store, threshold, now(), run)
            night.take(batch)
            store.campaigns.mark(batch[-1].judgement)
            counts["documents"] += len(batch)
            counts.update(night.tell())
    return dict(counts)


def name(store: Store, run: int | None = None) -> int:
    """Name the campaigns that have no name, and those that a run has doubled; returns how many.

    A name is the words that tell a campaign from ordinary Chinese, best first; contacts are masked before they are looked for.
    """
    named = list(dict.fromkeys([*store.campaigns.unnamed(), *store.campaigns.outgrown(run)]))
    for some in batches(named, BATCH):
        with store.atomic():
            for campaign in some:
                texts = [text[:READ] for _, text in store.campaigns.texts_of(campaign, NAMED_BY)]
                store.campaigns.set_name(campaign, key_terms(map(without_contacts, texts)))
    return len(named)


def leave(store: Store, documents: Iterable[int], threshold: float, now: datetime, run: int | None = None) -> None:
    """Take documents out of the index, with events: their text is about to be erased."""
    with store.atomic():
        night = _Night(store, threshold, now, run)
        night.depart(list(documents))
        night.tell()


class _Night:
    """One batch: who leaves, who arrives, and the events that tell of it, in the order in which they happened."""

    def __init__(self, store: Store, threshold: float, now: datetime, run: int | None) -> None:
        self.store, self.threshold, self.now, self.run = store, threshold, now, run
        self.index = store.campaigns
        self.told: list[tuple[str, str, dict[str, Any]]] = []
        self.growing: dict[str, list[int]] = {}  # the documents of a campaign's latest event, while it may still grow

    def take(self, batch: Sequence[Pending]) -> None:
        changed = [
            item for item in batch if item.placed is not None and (not item.flagged or item.placed != item.version)
        ]
        self.depart([item.document for item in changed])
        self.arrive([item for item in batch if item.flagged and item.placed != item.version])

    def tell(self) -> Counter[str]:
        for campaign, kind, detail in self.told:
            self.index.add_event(campaign, kind, detail, self.now, self.run)
        return Counter(kind for _, kind, _ in self.told)

    # -- arriving

    def arrive(self, batch: Sequence[Pending]) -> None:
        texts = {item.document: bare(item.text) for item in batch}
        digests = {
            doc: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for doc, text in texts.items()
        }
        fresh = {digests[doc]: text for doc, text in texts.items() if len(text) >= MIN_CHARACTERS}
        fresh = {digest: text for digest, text in fresh.items() if self.index.text(digest) is None}
        hashed = [minhash.hashes(text) for text in fresh.values()]
        keys = minhash.keys(minhash.signatures(hashed)).tolist()
        made = {digest: (minhash.sketch(own), row) for digest, own, row in zip(fresh, hashed, keys, strict=True)}
        for item in batch:
            if len(texts[item.document]) < MIN_CHARACTERS:
                self.index.set_place(item.document, item.version, None)
                continue
            new = made.pop(digests[item.document], None)
            if new:
                self.meet(item, digests[item.document], *new)
            elif known := self.index.text(digests[item.document]):
                self.index.set_place(item.document, item.version, known.id)
                self.same(known, item.document)

    def same(self, text: Text, document: int) -> None:
        """A document whose text is known word for word."""
        if text.campaign:
            self.join(text.campaign, [(document, 1.0, text.document)])
        else:
            id = self.fresh(min(text.document, document))
            self.found(id, [(text.document, 1.0, document), (document, 1.0, text.document)])
            self.index.assign(text.id, id)

    def meet(self, item: Pending, digest: str, own: minhash.Sketch, keys: list[int]) -> None:
        """A document with a new text: joined to every campaign, and every lone text, that it is like."""
        links, open_keys = self.like(own, keys)
        text = self.index.add_text(digest, own.tobytes(), item.document, open_keys)
        self.index.set_place(item.document, item.version, text)
        if not links:
            return
        campaigns = {other.campaign for other, _ in links if other.campaign}
        lone = [(other, value) for other, value in links if not other.campaign]
        best, value = max(links, key=lambda link: (link[1], -link[0].id))
        newcomers = [
            (document, near, item.document) for other, near in lone for document in self.index.documents_of(other.id)
        ]
        newcomers.append((item.document, value, best.document))
        if campaigns:
            into = self.merged(campaigns, item.document)
            self.join(into, newcomers)
        else:
            into = self.fresh(min(document for document, _, _ in newcomers))
            self.found(into, newcomers)
        for other, _ in lone:
            self.index.assign(other.id, into)
        self.index.assign(text, into)

    def like(self, own: minhash.Sketch, keys: list[int]) -> tuple[list[tuple[Text, float]], list[int]]:
        """The texts that one is like, one of each campaign and all lone ones, and the keys that are not crowded."""
        met = self.index.met(keys)
        if not met:
            return [], keys
        common = Counter(text for _, text in met)
        there = self.index.texts(sorted(common))
        stale = [(key, text) for key, text in met if text not in there]
        if stale:
            self.index.drop_keys(stale)
        links: list[tuple[Text, float]] = []
        joined: set[str] = set()
        for id, _ in sorted(((id, n) for id, n in common.items() if id in there), key=lambda pair: (-pair[1], pair[0]))[
            :MOST_TRIED
        ]:
            other = there[id]
            if other.campaign in joined:
                continue
            value = minhash.similarity(own, _sketch(other))
            if value >= self.threshold:
                links.append((other, value))
                joined |= {other.campaign} - {""}
        crowd = Counter(key for key, text in met if text in there)
        return links, [key for key in keys if crowd[key] < MOST_IN_A_BAND]

    def merged(self, campaigns: set[str], by: int) -> str:
        """The one campaign that several become: the largest stays, the oldest of equals."""
        into, *others = (
            sorted(campaigns, key=lambda id: (-self.index.size(id), id)) if len(campaigns) > 1 else campaigns
        )
        for gone in others:
            moved = self.index.merge(gone, into)
            self.tells(gone, "merged", {"into": into, "by": by, "documents": moved})
            self.growing.pop(gone, None)
            self.growing.pop(into, None)
        return into

    def join(self, campaign: str, members: Sequence[tuple[int, float, int | None]]) -> None:
        self.index.put(campaign, members, self.now, self.run)
        if campaign not in self.growing:
            self.tells(campaign, "joined", {"documents": self.growing.setdefault(campaign, [])})
        self.growing[campaign] += [document for document, _, _ in members]

    def found(self, campaign: str, members: Sequence[tuple[int, float, int | None]]) -> None:
        self.tells(campaign, "new", {"documents": self.growing.setdefault(campaign, [])})
        self.join(campaign, members)

    def fresh(self, first: int) -> str:
        """An id that no campaign with documents has, nor one that went into another."""
        ids = chain([f"c{first}"], (f"c{first}-{number}" for number in count(2)))
        return next(id for id in ids if not self.index.known(id))

    # -- leaving

    def depart(self, documents: Sequence[int]) -> None:
        """Documents leave the index; what held together only through them falls apart, and says so."""
        left: dict[str, list[int]] = {}
        for document in documents:
            campaign = self.index.remove(document)
            if campaign:
                left.setdefault(campaign, []).append(document)
        for campaign, gone in left.items():
            self.growing.pop(campaign, None)
            self.tells(campaign, "left", {"documents": gone})
            self.regroup(campaign)

    def regroup(self, campaign: str) -> None:
        """Tie anew what is left of a campaign; the largest part keeps the id."""
        texts = {text.id: text for text in self.index.texts_in(campaign)}
        documents = {id: self.index.documents_of(id) for id in texts}
        parts = components({id: _sketch(text) for id, text in texts.items()}, self.threshold)
        parts.sort(key=lambda part: (-sum(len(documents[tie.text]) for tie in part), min(tie.text for tie in part)))
        kept = False
        for part in parts:
            inside = sorted(document for tie in part for document in documents[tie.text])
            if len(inside) < 2:
                self.alone(campaign, part[0].text, inside[0])
                continue
            id = self.fresh(inside[0]) if kept else campaign
            members = [
                member
                for tie in part
                for member in _ties(documents[tie.text], tie.similarity, texts.get(tie.nearest or 0))
            ]
            self.index.put(id, members, self.now, self.run)
            for tie in part:
                self.index.assign(tie.text, id)
            if kept:
                self.tells(id, "split", {"from": campaign, "documents": inside})
            kept = True
        if not kept:
            self.tells(campaign, "ended", {})

    def alone(self, campaign: str, text: int, document: int) -> None:
        self.index.release(document)
        self.index.assign(text, "")
        self.tells(campaign, "left", {"documents": [document], "why": "like no other any more"})

    def tells(self, campaign: str, kind: str, detail: dict[str, Any]) -> None:
        self.told.append((campaign, kind, detail))


def _ties(documents: list[int], similarity: float, nearest: Text | None) -> list[tuple[int, float, int | None]]:
    """The members that the documents of one text are: the first tied to the nearest text, copies to the first."""
    first, *copies = documents
    head: tuple[int, float, int | None] = (first, similarity, nearest.document) if nearest else (first, 1.0, copies[0])
    return [head, *((copy, 1.0, first) for copy in copies)]


def _sketch(text: Text) -> minhash.Sketch:
    return np.frombuffer(text.sketch, np.uint32)
