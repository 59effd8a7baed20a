"""Reading what was captured: pages of sources without selectors, in a batch after the crawl; the lock of the workspace is the crawl's.

A page is taken off the list in the transaction that stores its documents, so that a stop at any moment loses none and reads none twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from core.errors import EvidenceError
from core.settings import Settings
from core.store import Store
from core.types import Capture, Document, Refusal
from crawler.adapters import adapter
from crawler.pages import Locked, Page
from crawler.shown import addresses
from crawler.sources import Source
from evidence.archive import read_at


def read_unread(
    store: Store, settings: Settings, sources: Mapping[str, Source], now: Callable[[], datetime]
) -> dict[str, int]:
    """Read the captures that wait, of these sources; returns how many were read and how many could not be."""
    counts = {"read": 0, "unreadable": 0}
    for batch in store.unread.batches(sources):
        for row in batch:
            capture, source = store.captures.get(row["capture"]), sources[row["source"]]
            if capture is None:  # the table's own rule forbids it
                continue
            try:
                found = list(adapter(source.kind).read(source, _page(settings, capture, row)))
            except Exception as error:  # a page must not end the batch, whatever it holds; it stays in the archive
                found = [Locked(capture.url, f"adapter {source.kind}: {type(error).__name__}: {error}")]
                reason = "damaged archive" if isinstance(error, EvidenceError) else "unreadable"
                counts["unreadable"] += 1
            else:
                reason = "locked"
                counts["read"] += 1
            with store.atomic():
                for item in found:
                    if isinstance(item, Document):
                        id, _ = store.documents.add(item, capture.fetched_at, capture.run)
                        if source.pictures:  # they are fetched by the next night
                            store.pictures.show(id, addresses(item), int(settings["pictures_per_document"]))
                    elif isinstance(item, Locked):
                        store.refusals.add(Refusal(item.url, source.name, reason, item.why[:500], now(), capture.run))
                store.unread.remove(capture.id)
    return counts


def _page(settings: Settings, capture: Capture, row: Mapping[str, Any]) -> Page:
    path = settings.path("archive") / capture.warc
    response = read_at(path, capture.offset, capture.sha256, int(settings["max_page_bytes"]))
    headers = {name.lower(): value for name, value in response.headers}
    return Page(capture.url, response.body, capture.fetched_at, row["role"], headers, capture.id, row["extra"])
