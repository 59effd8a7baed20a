"""The evidence list of a referral: each capture with what proves it is unaltered, and each text taken from it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.store import Store
from evidence.record import is_live, times
from reports.exports.withheld import Veil


def exhibits(store: Store, leads: Sequence[str], veil: Veil) -> list[dict[str, Any]]:
    """Rows in the order of the captures' times: exhibit (E001, ...), lead, url, time, status, media type, SHA-256 and size of the payload
    as received, where it lies in the archive, and the SHA-256 of the text (title, a line break, text) that was taken from it."""
    found = []
    for id in leads:
        lead = store.leads.get(id)
        assert lead is not None
        seekers = store.exports.seekers(lead.documents)
        known = [value for _, value in lead.contacts]
        for document in (document for document in lead.documents if document not in seekers):
            row = store.documents.row(document)
            assert row is not None
            for version in store.documents.versions(document):
                capture = store.captures.get(version["capture"])
                text = f"{version['title']}\n{version['text']}".encode()
                at = capture.fetched_at if capture else datetime.fromisoformat(version["seen_at"])
                found.append(
                    {
                        "lead": id, "document": document, "version": version["version"], "url": veil.address(capture.url if capture else row["url"], known),
                        "at": at, "status": capture.status if capture else None, "media_type": capture.media_type if capture else "",
                        "sha256": capture.sha256 if capture else "", "size": capture.size if capture else None,
                        "archive": f"{capture.warc} @{capture.offset}" if capture else "", "record": capture.id if capture else version["capture"],
                        "provenance": str(capture.provenance) if capture else "", "live": bool(capture and is_live(capture)),
                        "robots": capture.robots if capture else "", "address": capture.address if capture else "",
                        "text_sha256": hashlib.sha256(text).hexdigest(),
                    }
                )  # fmt: skip
    found.sort(key=lambda row: (row["at"], row["document"], row["version"]))
    return [
        {
            "exhibit": f"E{number:03d}",
            **{name: value for name, value in row.items() if name != "at"},
            **times(row["at"]),
        }
        for number, row in enumerate(found, 1)
    ]
