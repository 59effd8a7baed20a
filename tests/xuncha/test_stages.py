"""Judging on the way to leads: contacts are read wherever a document shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.store import Store
from core.types import Document, Judgement, Picture
from xuncha import stages

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


class Flags:
    """A rater that flags everything."""

    name = "model:x@1"

    def judge(self, texts: Sequence[Any]) -> list[Judgement]:
        return [Judgement("fetal_sex_test_ad", True, 0.9, self.name) for _ in texts]


def test_a_contact_in_the_alternative_text_of_a_picture_is_one_of_the_document() -> None:
    pictures = (
        Picture("http://a.test/1.png", "联系方式见图"),
        Picture("http://a.test/2.png", "加微信 zq0alt0000 预约"),
    )
    with Store.in_memory() as store:
        store.documents.add(
            Document(
                "forum", "1", "http://a.test/1", "post", "微信 zq0text000 咨询", "加V：zq0title00", pictures=pictures
            ),
            NOW,
        )
        stages.classify(store, Flags(), lambda: NOW)  # type: ignore[arg-type]
        found = {point.canonical: (point.field, point.raw) for point in store.contact_points.of(1)}
    assert {name: field for name, (field, _) in found.items()} == {
        "zq0text000": "text", "zq0title00": "title", "zq0alt0000": "alt",
    }  # fmt: skip
    shown = "联系方式见图\n加微信 zq0alt0000 预约"
    assert found["zq0alt0000"][1] in shown
