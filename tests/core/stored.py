"""What the facts about the store put into it. All text and contacts are authored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.store import Store
from core.types import Capture, ContactKind, ContactPoint, Document, Judgement, Provenance

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
RATER = "model:stack@0123456789ab"


def document(native_id: str = "1", text: str = "香港验血，七周出结果", **more: object) -> Document:
    given = {"platform": "forum", "url": f"http://forum.example/{native_id}", "kind": "post", "title": "标题"}
    return Document(native_id=native_id, text=text, **{**given, **more})  # type: ignore[arg-type]


def add(store: Store, *native_ids: str) -> list[int]:
    return [store.documents.add(document(native_id), NOW)[0] for native_id in native_ids]


def capture(id: str = "urn:uuid:1", **more: object) -> Capture:
    given = {
        "source": "forum", "url": "http://forum.example/1", "fetched_at": NOW, "status": 200, "media_type": "text/html",
        "sha256": "0" * 64, "size": 9, "warc": "a.warc.gz", "offset": 0, "robots": "allowed", "provenance": Provenance.LIVE,
    }  # fmt: skip
    return Capture(id=id, **{**given, **more})  # type: ignore[arg-type]


def wechat(value: str, start: int = 0) -> ContactPoint:
    return ContactPoint(ContactKind.WECHAT, f"薇{value}", value, start, start + len(value) + 1, ("labelled",))


def judgement(flagged: bool = True, rater: str = RATER, label: str = "fetal_sex_test_ad") -> Judgement:
    return Judgement(label if flagged else "unrelated", flagged, 0.9 if flagged else 0.1, rater, {label: 0.9})
