"""Pictures in a bundle: the captures they came in are exhibits, and the record says what a machine read in them and where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.store import Store
from core.types import Capture
from evidence import record

READ_BY = "机器识别，可能有错，以原图为准 read by machine, may be wrong; the picture decides"


def captures(store: Store, documents: Sequence[int]) -> list[Capture]:
    """The captures of the pictures that documents show, each once."""
    ids = dict.fromkeys(
        row["capture"] for id in documents for row in store.pictures.of(id) if row["capture"] and row["sha256"]
    )
    return [capture for id in ids if (capture := store.captures.get(id)) is not None and capture.url]


def described(store: Store, documents: Sequence[int], exhibits: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a record says of the pictures: each file once, with the documents that show it, its codes and its words with their places.

    Boxes are four corners, x then y, as shares of width and height.
    """
    found: dict[str, dict[str, Any]] = {}
    for id in documents:
        for row in store.pictures.of(id):
            if not row["sha256"] or row["capture"] not in exhibits:
                continue
            one = found.setdefault(row["sha256"], {
                "exhibit": exhibits[row["capture"]], "sha256": row["sha256"], "size": row["size"], "format": row["kind"], "width": row["width"],
                "height": row["height"], "state": row["state"], "why": row["why"], "read_by": row["reader"], "note": READ_BY,
                "codes": _lines(row["codes"]), "words": _lines(row["lines"] or []), "documents": [],
            })  # fmt: skip
            one["documents"].append(id)
    return list(found.values())


def texts(
    store: Store, versions: Sequence[Mapping[str, Any]], exhibits: Mapping[str, str]
) -> Iterator[tuple[dict[str, Any], bytes]]:
    """What a record says of the words and codes of document versions' pictures, and the file that holds them."""
    for version in versions:
        reading = store.readings.of(version["document"], version["version"])
        if not reading.picture_text and not reading.code_text:
            continue
        row = store.documents.row(version["document"])
        assert row is not None  # a version's document cannot go: foreign keys are on
        codes = f"\n\n二维码 codes:\n{reading.code_text}" if reading.code_text else ""
        body = f"{READ_BY}\n\n{reading.picture_text}{codes}\n".encode()
        yield {
            "file": f"text/{version['document']}-v{version['version']}-pictures.txt", "title": f"图片文字 words in pictures: {version['title']}",
            "url": row["url"], "platform": row["platform"], "native_id": row["native_id"], "author": row["author"],
            "published": row["published_raw"], "version": version["version"], **record.times(datetime.fromisoformat(version["seen_at"])),
            "exhibit": exhibits.get(version["capture"], ""), "sha256": hashlib.sha256(body).hexdigest(), "size": len(body),
        }, body  # fmt: skip


def _lines(rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [{"text": row[0], "box": row[1], "confidence": row[2], "kind": row[3]} for row in rows]
