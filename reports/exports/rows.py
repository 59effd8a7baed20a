"""The rows of an export: what each format writes, column by column. Nothing in them depends on the format."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.labels import hooks, labels
from core.store import Store
from core.store.rows import clean
from reports.exports.withheld import SEEKER, Veil, title_withheld, withheld

# name -> type of its values: text, whole, number, truth, or time (ISO 8601 UTC text). Any value may be None but an id.
Columns = Mapping[str, str]
Row = dict[str, Any]
COLUMNS: Mapping[str, Columns] = {
    "leads": {
        "id": "text", "state": "text", "answer": "text", "label": "text", "label_title": "text", "title": "text", "priority": "number",
        "reasons": "text", "falls_under": "text", "documents": "whole", "platforms": "text", "contacts": "whole", "contact_points": "text",
        "first_seen": "time", "last_seen": "time", "created_at": "time", "updated_at": "time", "withheld": "text",
    },
    "documents": {
        "id": "whole", "lead": "text", "campaign": "text", "platform": "text", "native_id": "text", "url": "text", "kind": "text", "title": "text",
        "text": "text", "author": "text", "published_at": "time", "published_raw": "text", "first_seen": "time", "last_seen": "time",
        "changed_at": "time", "version": "whole", "source": "text", "capture": "text", "capture_sha256": "text", "text_sha256": "text",
        "label": "text", "flagged": "truth", "score": "number", "unsure": "truth", "rater": "text", "withheld": "text",
    },
    "contacts": {
        "number": "whole", "kind": "text", "value": "text", "confidence": "number", "documents": "whole", "leads": "text", "platforms": "text",
        "first_seen": "time", "last_seen": "time",
    },
    "judgements": {
        "id": "whole", "document": "whole", "version": "whole", "rater": "text", "at": "time", "label": "text", "flagged": "truth",
        "score": "number", "unsure": "truth", "labels": "text", "spans": "text", "withheld": "text",
    },
}  # fmt: skip
KINDS = tuple(COLUMNS)
# of a document whose text is withheld, these remain: hash, label and date, and what they need to be understood
LEFT = frozenset({
    "id", "platform", "kind", "first_seen", "last_seen", "changed_at", "version", "text_sha256", "label", "flagged", "score", "unsure", "rater",
    "withheld",
})  # fmt: skip


def rows(store: Store, kind: str, rater: str, reveal: bool = False) -> Iterator[Row]:
    """The rows of one kind (leads, documents, contacts or judgements), oldest first, with the columns of ``COLUMNS[kind]``.

    Contacts are masked unless ``reveal``; text, title, author, addresses and quotes of seekers are never in them.
    """
    makers: Mapping[str, Callable[[Store, str, Veil], Iterator[Row]]] = {
        "leads": lambda store, _, veil: _leads(store, veil), "documents": _documents, "contacts": _contacts, "judgements": lambda store, _, veil: _judgements(store, veil),
    }  # fmt: skip
    for row in makers[kind](store, rater, Veil(reveal)):
        yield {name: _typed(row.get(name), COLUMNS[kind][name]) for name in COLUMNS[kind]}


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    match kind:
        case "whole":
            return int(value)
        case "number":
            return float(value)
        case "truth":
            return bool(value)
        case _:
            return clean(str(value))  # packed values may hold lone surrogates, which no file can


def _leads(store: Store, veil: Veil) -> Iterator[Row]:
    known = labels()
    for row in store.exports.leads():
        contacts = json.loads(row["contacts"])
        label = known.get(row["label"])
        kept = "" if not row["seeker"] else SEEKER  # a document among them is a seeker's: the title may be hers
        yield {
            **row,
            "label_title": label.title if label else "",
            "title": "" if kept else veil.text(row["title"], [value for _, value in contacts]),
            "reasons": _lines(json.loads(row["reasons"])),
            "falls_under": _lines(hooks(label) if label else ()),
            "contacts": len(contacts),
            "contact_points": "" if kept else _lines(f"{kind}: {veil.contact(value)}" for kind, value in contacts),
            "withheld": kept,
        }


def _documents(store: Store, rater: str, veil: Veil) -> Iterator[Row]:
    points: dict[int, list[str]] = defaultdict(list)
    if not veil.reveal:
        for point in store.exports.points(rater):
            points[point["document"]] += [point["canonical"], point["raw"]]
    for row in store.exports.documents(rater):
        why = withheld(row)
        judged = {name: row[f"j_{name}"] for name in ("label", "flagged", "score", "unsure")}
        whole: Row = {**row, **judged, "rater": rater if judged["label"] is not None else None, "withheld": why}
        if why:
            yield {name: value for name, value in whole.items() if name in LEFT}
            continue
        known = points.get(row["id"], [])
        whole["withheld"] = title_withheld(row)
        row["title"] = "" if whole["withheld"] else row["title"]
        shown = {name: veil.text(row[name], known) for name in ("title", "text", "author")}
        yield whole | shown | {name: veil.address(row[name], known) for name in ("url", "native_id")}


def _contacts(store: Store, rater: str, veil: Veil) -> Iterator[Row]:
    for number, row in enumerate(store.exports.contacts(rater), 1):
        yield {**row, "number": number, "value": veil.contact(row["canonical"])}


def _judgements(store: Store, veil: Veil) -> Iterator[Row]:
    for row in store.exports.judgements():
        spans = json.loads(row["spans"])
        # an older text is not this judgement's to show: who wrote it may have been asking then
        why = (
            SEEKER
            if row["seeker"] or row["label"] == SEEKER
            else ""
            if row["newest"] and row["flagged"]
            else "not flagged"
        )
        quoted = [{**span, "quote": "" if why else veil.text(span["quote"])} for span in spans]
        yield {**row, "labels": row["labels"], "spans": json.dumps(quoted, ensure_ascii=False), "withheld": why}


def _lines(parts: Any) -> str:
    return "\n".join(map(str, parts))
