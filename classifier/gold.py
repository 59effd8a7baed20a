"""The gold set: authored documents with their true labels, and the rules they are held to.

The record and the rules of writing are set out in ``gold/GUIDE.md``. ``python -m classifier.gold FILE...`` checks
files and prints each breach with its file and line.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.labels import labels

FOLDER = Path(__file__).parent / "gold"
LABELS = tuple(labels())
KINDS = ("wechat", "qq", "phone", "telegram", "whatsapp", "line", "email", "url")
FIELDS = {"id", "writer", "label", "genre", "venue", "title", "text", "site", "author", "url",
          "contacts", "places", "prices", "week"}  # fmt: skip
SHARED = 12  # characters in a row that no two documents may share (GUIDE.md)
RESERVED = re.compile(r"\.(example|test|invalid)\b|\bexample\.(com|net|org)\b")
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """One authored document with its truth; see ``gold/GUIDE.md`` for each field."""

    id: str
    writer: str
    label: str
    genre: str
    venue: str
    text: str
    title: str = ""
    site: Mapping[str, Any] = field(default_factory=dict)
    author: str = ""
    url: str = ""
    contacts: tuple[Mapping[str, str], ...] = ()
    places: tuple[str, ...] = ()
    prices: tuple[Mapping[str, Any], ...] = ()
    week: int | None = None


def is_flagged(label: str) -> bool:
    """Whether documents of a label are flagged."""
    return labels()[label].flagged


def read(paths: Iterable[Path] | None = None) -> list[GoldDocument]:
    """All gold documents of ``paths`` (default: every ``*.jsonl`` of the gold folder), in file order."""
    return [doc for path in (paths or sorted(FOLDER.glob("*.jsonl"))) for _, doc in _rows(path)]


def _rows(path: Path) -> Iterator[tuple[int, GoldDocument]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
                unknown = set(row) - FIELDS
                if unknown:
                    raise ValueError(f"unknown fields {sorted(unknown)}; known are {sorted(FIELDS)}")
                row.setdefault("writer", path.stem)
                row.setdefault("id", f"{row['writer']}-{number:03d}")
                row["contacts"] = tuple(row.get("contacts") or ())
                row["places"] = tuple(row.get("places") or ())
                row["prices"] = tuple(row.get("prices") or ())
                yield number, GoldDocument(**row)
            except (ValueError, TypeError) as error:
                raise ValueError(f"{path}:{number}: {error}") from error


def breaches(paths: Iterable[Path]) -> Iterator[str]:
    """Each breach of the rules of writing, as ``file:line: what was expected, what was found``."""
    venues = set((FOLDER / "venues.txt").read_text("utf-8").split())
    genres = set((FOLDER / "genres.txt").read_text("utf-8").split())
    terms = sorted((FOLDER / "fixed_terms.txt").read_text("utf-8").split(), key=len, reverse=True)
    ids: set[str] = set()
    seen: dict[str, str] = {}
    for path in paths:
        for number, doc in _rows(path):
            where = f"{path.name}:{number}"
            if doc.id in ids:
                yield f"{where}: id {doc.id} is taken; give it its own"
            ids.add(doc.id)
            if doc.label not in LABELS:
                yield f"{where}: label {doc.label!r} is not one of {LABELS}"
            if doc.venue not in venues:
                yield f"{where}: venue {doc.venue!r} is not in venues.txt"
            if doc.genre not in genres:
                yield f"{where}: genre {doc.genre!r} is not in genres.txt"
            if not 6 <= len(doc.text) <= 1500:
                yield f"{where}: text has {len(doc.text)} characters, expected 6 to 1500"
            yield from (f"{where}: {fault}" for fault in _contact_faults(doc))
            shared = _shared(doc, terms, where, seen)
            if shared:
                yield f"{where}: shares {shared[0]!r} with {shared[1]}; write one of them anew"


def _contact_faults(doc: GoldDocument) -> Iterator[str]:
    for contact in doc.contacts:
        kind, raw, canonical = contact.get("kind"), contact.get("raw", ""), contact.get("canonical", "")
        if kind not in KINDS:
            yield f"contact kind {kind!r} is not one of {KINDS}"
        if raw not in doc.text and raw not in doc.title:
            yield f"contact {raw!r} does not stand letter for letter in text or title"
        if kind in ("phone", "whatsapp", "qq") or re.fullmatch(r"\+?\d+", canonical):
            if "0000" not in canonical:
                yield f"number {canonical!r} must contain 0000 (no real contacts)"
        elif kind in ("email", "url"):
            if not RESERVED.search(canonical):
                yield f"{kind} {canonical!r} must use a reserved name (.example, .test, example.com)"
        elif "zq0" not in canonical.lower():
            yield f"handle {canonical!r} must contain zq0 (no real contacts)"
    if doc.url and not RESERVED.search(doc.url):
        yield f"url {doc.url!r} must use a reserved name (.example, .test, example.com)"


def _shared(doc: GoldDocument, terms: list[str], where: str, seen: dict[str, str]) -> tuple[str, str] | None:
    found = None
    mine: set[str] = set()
    for part in (doc.title, doc.text):
        for term in terms:
            part = part.replace(term, "\n")
        for piece in part.split("\n"):
            letters = _NOT_WORD.sub("", piece)
            for at in range(len(letters) - SHARED + 1):
                gram = letters[at : at + SHARED]
                if gram.isascii():  # a single English word can be as long
                    continue
                if gram in seen and found is None:
                    found = (gram, seen[gram])
                mine.add(gram)
    for gram in mine:
        seen.setdefault(gram, where)
    return found


def main(paths: list[str]) -> int:
    """Check the named files (default: all of the gold folder); exit status 1 where a rule is broken."""
    files = [Path(path) for path in paths] or sorted(FOLDER.glob("*.jsonl"))
    faults = list(breaches(files))
    for fault in faults:
        print(fault)
    docs = read(files)
    print(f"{len(docs)} documents, {len(faults)} breaches")
    for name in ("label", "venue"):
        print(name, dict(Counter(getattr(doc, name) for doc in docs).most_common()))
    lengths = sorted(len(doc.text) for doc in docs)
    if lengths:
        print("length quartiles", [lengths[len(lengths) * part // 4] for part in (1, 2, 3)], "longest", lengths[-1])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
