"""Full-text search by character bigrams: what goes into the index, how a query is put, and where its hits lie in a text."""

from __future__ import annotations

import re

from core.store import Store
from text.contacts import find_contacts
from text.normalise import normalise
from text.places import find_places, province_of
from text.shingles import bigrams

MOST_READ = 20_000  # characters of a document that are searched and read for places
MOST_QUERY = 100
# Latin words that name things, not persons: who may not reveal contacts may search for them
TERMS = frozenset("DNA NIPT NIPD IVF PGD PGS PCR XX XY HK VIP QQ wechat line telegram whatsapp".lower().split())
BATCH = 200


def refresh(store: Store, most: int | None = None) -> int:
    """Bring the index up to date, ``most`` documents at a time where given; returns how many documents were added.

    The night may call it after leads are built; the application does so by itself.
    """
    done = 0
    while most is None or done < most:
        with store.writing():
            batch = store.index.behind(BATCH if most is None else min(BATCH, most - done))
            for id, version, document in batch:
                text = searched(document.title, document.text)
                provinces = [province for place in find_places(text) if (province := province_of(place.name))]
                facets = {
                    "source": [document.source],
                    "platform": [document.platform],
                    "province": dict.fromkeys(provinces),
                }
                store.index.add(
                    id, version, bigrams(text), {kind: [v for v in values if v] for kind, values in facets.items()}
                )
        done += len(batch)
        if not batch:
            break
    return done


def searched(title: str, text: str) -> str:
    """What of a document goes into the index: whoever takes it out again must say the same."""
    return f"{title}\n{text[:MOST_READ]}"


def expression(query: str) -> str:
    """The FTS5 match expression of a query: each of its words as a phrase of bigrams, all of them wanted; empty for none."""
    phrases = (" ".join(bigrams(word)) for word in query[:MOST_QUERY].split())
    return " AND ".join(f'"{phrase}"' for phrase in dict.fromkeys(phrases) if phrase)


def without_identifiers(query: str) -> str:
    """A query without the words that may name a person: those with a digit, of the shape of a contact, or of Latin letters that are no
    known term. For who may not reveal contacts: hits would spell a masked one out, two signs at a time."""
    kept = (word for word in query[:MOST_QUERY].split() if not _may_name(normalise(word).folded))
    return " ".join(word for word in kept if not find_contacts(word))


def _may_name(word: str) -> bool:
    if re.search(r"[\d@_]|[零〇一二三四五六七八九幺]{3}", word):
        return True
    return any(part not in TERMS for part in re.findall(r"[^\W\d_\u3400-\u9fff]{2,}", word))


def unfindable(query: str) -> bool:
    """Whether a query holds nothing to look for, or a single Chinese character: the index knows pairs."""
    terms = [bigrams(word) for word in query[:MOST_QUERY].split()]
    alone = any(len(term) == 1 and not term.isascii() for word in terms for term in word)
    return bool(query) and (alone or not any(terms))


def find(text: str, query: str) -> list[tuple[int, int]]:
    """The raw (start, end) of each place in ``text`` where a word of the query stands, however it is written."""
    normal = normalise(text)
    found = []
    for word in {normalise(word).folded for word in query[:MOST_QUERY].split()} - {""}:
        at = normal.folded.find(word)
        while at >= 0:
            found.append(normal.raw_span(at, at + len(word)))
            at = normal.folded.find(word, at + len(word))
    return sorted(found)
