"""The records of a release: one for each document, ids as keyed digests, texts redacted, splits that nothing crosses."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.store import Store
from reports.exports.withheld import title_withheld, withheld
from reports.release.redact import TOKEN, Redactor, common_words
from text.places import find_places, province_of

SPLITS = (("train", 0.70), ("validation", 0.15), ("test", 0.15))
DOCUMENTS: Mapping[str, type] = {
    "id": str, "split": str, "group": str, "venue": str, "platform": str, "kind": str, "month": str, "title": str, "text": str, "label": str, "flagged": bool,
    "score": float, "unsure": bool, "provinces": str, "contact_kinds": str, "characters": int,
}  # fmt: skip
CONTACTS: Mapping[str, type] = {"document": str, "token": str, "kind": str, "contact": str}
OTHER = "other"


@dataclass
class Told:
    """What was left out and taken out, for the redaction report."""

    withheld: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    texts_dropped: int = 0
    titles_dropped: int = 0
    characters_before: int = 0
    characters_after: int = 0


class Names:
    """Digests of ids: HMAC-SHA-256 (RFC 2104) under a key that nobody keeps, so that no list of phone numbers can be tried out."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, value: object) -> str:
        """The name of a thing: 16 hexadecimal digits."""
        return hmac.new(self._key, f"{kind}\0{value}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]


def records(store: Store, rater: str, key: bytes, k: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Told]:
    """The documents and contacts of a release, and what was told of them. Documents are sorted by their digests, not by their ids.

    Documents whose text may not leave (see ``reports.exports.withheld``) and rejected leads' are counted, not released. Platforms and
    kinds with fewer than ``k`` documents are ``other``. A contact is tied across documents by its digest, of flagged documents alone.
    """
    names, told = Names(key), Told()
    rows = [_titled(row, told) for row in store.exports.documents(rater) if not _left_out(row, told)]
    points: dict[int, list[str]] = defaultdict(list)
    for point in store.exports.points(rater):
        points[point["document"]] += [point["canonical"], point["raw"]]
    group = {row["id"]: row["campaign"] or row["text_sha256"] for row in rows}
    common = common_words(((group[row["id"]], f"{row['title']}\n{row['text']}") for row in rows), k)
    redactor = Redactor(store.exports.authors(), common)
    split = splits([(group[row["id"]], row["first_seen"]) for row in rows])
    frequent = {
        name: {value for value, count in Counter(row[name] for row in rows).items() if count >= k}
        for name in ("platform", "kind")
    }
    documents, contacts = [], []
    for row in rows:
        found = redactor.redact(f"{row['title']}\n{row['text']}", points.get(row["id"], ()))
        told.tokens.update(found.counts)
        told.texts_dropped += found.dropped
        told.characters_before += len(row["title"]) + len(row["text"])
        told.characters_after += len(TOKEN.sub("", found.text).strip("\n"))
        title, _, text = found.text.partition("\n")
        id = names.of("document", row["id"])
        documents.append(
            {
                "id": id, "split": split[group[row["id"]]], "group": names.of("group", group[row["id"]]), "venue": names.of("venue", row["source"]),
                **{name: row[name] if row[name] in frequent[name] else OTHER for name in ("platform", "kind")}, "month": (row["published_at"] or row["first_seen"])[:7],
                "title": title, "text": text, "label": row["j_label"], "flagged": bool(row["j_flagged"]), "score": round(float(row["j_score"]), 3),
                "unsure": bool(row["j_unsure"]), "provinces": ",".join(_provinces(row)),
                "contact_kinds": ",".join(sorted({point.kind.value for _, point in found.contacts})), "characters": len(found.text),
            }
        )  # fmt: skip
        if row["j_flagged"]:
            contacts += [
                {
                    "document": id,
                    "token": token,
                    "kind": point.kind.value,
                    "contact": names.of(point.kind.value, point.canonical),
                }
                for token, point in found.contacts
            ]
    return (
        sorted(documents, key=lambda one: one["id"]),
        sorted(contacts, key=lambda one: (one["document"], one["token"])),
        told,
    )


def splits(dated: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The split of each group, from the group and time of each document: whole groups, ordered by the time they were first seen.

    So no campaign stands in two splits, and what is tested on began later than what is trained on.
    """
    first: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    for group, at in dated:
        first[group] = min(first.get(group, at), at)
        sizes[group] += 1
    total, so_far, found = sizes.total(), 0, {}
    ends, share = [], 0.0
    for name, part in SPLITS:
        share += part
        ends.append((name, share * total))
    for group in sorted(first, key=lambda group: (first[group], group)):
        middle = so_far + sizes[group] / 2
        found[group] = next((name for name, end in ends if middle <= end), SPLITS[-1][0])
        so_far += sizes[group]
    return found


def _left_out(row: Mapping[str, Any], told: Told) -> bool:
    why = (
        withheld(row)
        or ("rejected by a reviewer" if row["answer"] == "reject" else "")
        or ("" if row["text"] else "no text")
    )
    if why:
        told.withheld[why] += 1
    return bool(why)


def _titled(row: dict[str, Any], told: Told) -> dict[str, Any]:
    """A row without a title that another wrote who may not be released."""
    if row["title"] and title_withheld(row):
        told.titles_dropped += 1
        return row | {"title": ""}
    return row


def _provinces(row: Mapping[str, Any]) -> Sequence[str]:
    places = find_places(f"{row['title']}\n{row['text']}"[:20_000])
    return list(dict.fromkeys(province for place in places if (province := province_of(place.name))))
