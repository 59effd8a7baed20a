"""Campaigns: documents that are the same advert re-written, by near-duplicate text (MinHash-LSH, then exact Jaccard)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import chain, count

from leads.forest import Forest
from text.shingles import near_pairs

MIN_CHARACTERS = 20  # shorter texts are alike by chance


def campaigns(texts: Mapping[int, str], before: Mapping[int, str], threshold: float) -> dict[str, dict[int, float]]:
    """For each campaign of at least two documents: its members with their highest similarity to another member.

    ``texts`` are the documents' texts by id, ``before`` the campaign of each as of the last time: a campaign keeps the id that
    most of its members had; the largest chooses first, and no two have one id.
    """
    long_enough = {id: text for id, text in texts.items() if len(text) >= MIN_CHARACTERS}
    forest: Forest[int] = Forest()
    similarity: dict[int, float] = {}
    for one, other, value in near_pairs(long_enough, threshold):
        forest.join(one, other)
        for member in (one, other):
            similarity[member] = max(similarity.get(member, 0.0), value)
    found: dict[str, dict[int, float]] = {}
    held = set(before.values())
    for members in sorted(forest.sets(), key=lambda members: (-len(members), min(members))):
        old = Counter(before[member] for member in members if member in before)
        names = sorted(old, key=lambda name: (-old[name], name))
        first = f"c{min(members)}"
        fresh = (name for name in chain([first], (f"{first}-{number}" for number in count(2))) if name not in held)
        name = next(name for name in chain(names, fresh) if name not in found)
        found[name] = {member: similarity[member] for member in sorted(members)}
    return found
