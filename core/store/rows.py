"""From nouns to rows and back: times as ISO 8601 UTC text, structures as canonical JSON."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from core.types import Document, Picture, SiteContext

_SURROGATE = re.compile("[\ud800-\udfff]")


def when(at: datetime) -> str:
    """An aware time as sortable UTC text with microseconds; a naive one raises ValueError."""
    if at.tzinfo is None:
        raise ValueError(f"expected a time with a zone, found {at!r}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """The time that ``when`` wrote."""
    return datetime.fromisoformat(text)


def pack(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, text as it is; lone surrogates are kept as escapes."""
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text


def clean(text: str) -> str:
    """``text`` as SQLite can hold it: lone surrogates become U+FFFD, one for one, so that offsets stay right."""
    try:
        text.encode()  # a quarter of the time that looking for them takes
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def cleaned(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose strings are ``clean``, whatever page they came from."""
    return {name: clean(value) if isinstance(value, str) else value for name, value in row.items()}


def text_hash(title: str, text: str) -> str:
    """SHA-256 (hex) of the extracted title and text; a document has changed when this has."""
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def document_row(document: Document) -> dict[str, Any]:
    """The columns of a document that come from the document itself."""
    row = {
        "platform": document.platform,
        "native_id": document.native_id,
        "url": document.url,
        "kind": document.kind,
        "title": document.title,
        "text": document.text,
        "author": document.author,
        "published_at": when(document.published_at) if document.published_at else None,
        "published_raw": document.published_raw,
        "site": pack(asdict(document.site)),
        "links": pack(document.links),
        "pictures": pack([asdict(picture) for picture in document.pictures]),
        "source": document.source,
        "capture": document.capture,
        "parent": document.parent,
        "fields": pack(dict(document.fields)),
        "text_sha256": text_hash(document.title, document.text),
    }
    return cleaned(row)


def own_title(row: Mapping[str, Any]) -> str:
    """The title that a document's author gave it; empty for a reply, which bears that of the post that opened its thread."""
    return "" if row["parent"] else str(row["title"])


def document_of(row: dict[str, Any]) -> Document:
    """The document that a row holds."""
    site = json.loads(row["site"])
    return Document(
        platform=row["platform"],
        native_id=row["native_id"],
        url=row["url"],
        kind=row["kind"],
        title=row["title"],
        text=row["text"],
        author=row["author"],
        published_at=time_of(row["published_at"]) if row["published_at"] else None,
        published_raw=row["published_raw"],
        site=SiteContext(**{**site, "navigation": tuple(site.get("navigation", ()))}),
        links=tuple(json.loads(row["links"])),
        pictures=tuple(Picture(**picture) for picture in json.loads(row["pictures"])),
        source=row["source"],
        capture=row["capture"],
        parent=row["parent"],
        fields=json.loads(row["fields"]),
    )
