"""The tables of pictures: one file once, readings by version, and what a purge leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.store import Store
from core.store.readings import Reading
from core.types import Capture, Change, Document, Judgement, Provenance

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
SHA = "a" * 64
WORDS = Reading("香港验血\n加微信 zq0gang66", "", ([0, 4, SHA, [0.0] * 8, 0.9],))


def document(number: int, text: str = "看图") -> Document:
    return Document("p", str(number), f"http://p.example/{number}", "post", text, source="p")


def captured(store: Store, url: str, sha256: str = SHA) -> Capture:
    capture = Capture(
        f"urn:uuid:{url}", "p", url, NOW, 200, "image/png", sha256, 9, "a.warc.gz", 0, "allowed", Provenance.LIVE
    )
    store.captures.add(capture)
    store.pictures.came(url, capture, sha256, 9, ("png", 300, 200))
    return capture


@pytest.fixture
def store() -> Store:
    return Store.in_memory()


def test_one_file_under_two_addresses_is_one_picture_that_is_looked_at_once(store: Store) -> None:
    one, _ = store.documents.add(document(1), NOW)
    two, _ = store.documents.add(document(2), NOW)
    assert store.pictures.show(one, ["http://p.example/a.png"], 9) == ["http://p.example/a.png"]
    assert store.pictures.show(two, ["http://p.example/b.png"], 9) == ["http://p.example/b.png"]
    captured(store, "http://p.example/a.png")
    captured(store, "http://p.example/b.png")
    [row] = store.pictures.unseen(10)
    store.pictures.looked(row["sha256"], {"width": 300, "height": 200, "codes": [], "likeness": ""})
    assert store.pictures.counts()["pictures"] == 1
    assert store.pictures.unseen(10) == []
    assert store.readings.unsettled(10) == [one, two]


def test_a_known_address_is_not_fetched_again_and_its_documents_are_settled(store: Store) -> None:
    one, _ = store.documents.add(document(1), NOW)
    store.pictures.show(one, ["http://p.example/a.png"], 9)
    captured(store, "http://p.example/a.png")
    two, _ = store.documents.add(document(2), NOW)
    assert store.pictures.show(two, ["http://p.example/a.png"], 9) == []
    assert two in store.readings.unsettled(10)


def test_a_document_has_only_so_many_pictures_however_often_its_addresses_change(store: Store) -> None:
    id, _ = store.documents.add(document(1), NOW)
    for night in range(5):
        store.pictures.show(id, [f"http://p.example/{n}.png?token={night}" for n in range(3)], 4)
    assert len(store.pictures.of(id)) == 4


def test_what_was_left_waits_and_what_failed_does_not(store: Store) -> None:
    id, _ = store.documents.add(document(1), NOW)
    store.pictures.show(id, ["http://p.example/a.png", "http://p.example/b.png"], 9)
    store.pictures.failed("http://p.example/a.png", "", "no picture: SVG", NOW)
    assert store.pictures.waiting("p", 10) == ["http://p.example/b.png"]
    assert [row["gone"] for row in store.pictures.of(id)] == ["no picture: SVG", ""]


def test_a_reading_belongs_to_the_version_until_that_is_judged_and_then_makes_a_new_one(store: Store) -> None:
    id, _ = store.documents.add(document(1), NOW)
    assert store.readings.settle(id, Reading("香港"), NOW) is False
    assert store.documents.row(id)["version"] == 1  # type: ignore[index]
    store.judgements.add([(id, 1, Judgement("unrelated", False, 0.1, "model:linear@1"))], NOW)
    later = NOW + timedelta(hours=1)
    assert store.readings.settle(id, WORDS, later) is True
    found = store.documents.get(id)
    assert found is not None
    assert (found.text, found.picture_text) == ("看图", WORDS.picture_text)
    assert [version["text"] for version in store.documents.versions(id)] == ["看图", "看图"]
    assert [one for batch in store.documents.unjudged("model:linear@1") for one, _, _ in batch] == [id]
    assert store.readings.of(id, 1).picture_text == "香港"
    assert store.readings.settle(id, WORDS, later) is False, "twice is as good as once"
    assert store.documents.add(document(1), later)[1] is Change.KNOWN


def test_a_changed_text_keeps_what_its_pictures_said_and_is_settled_again(store: Store) -> None:
    id, _ = store.documents.add(document(1), NOW)
    store.pictures.show(id, ["http://p.example/a.png"], 9)
    store.readings.settle(id, WORDS, NOW)
    assert store.documents.add(document(1, "换了文字"), NOW)[1] is Change.CHANGED
    assert store.readings.of(id, 2) == WORDS
    assert store.readings.unsettled(10) == [id]


def test_pictures_that_were_read_are_no_change_of_the_page(store: Store) -> None:
    run = store.runs.start("crawl", NOW)
    capture = Capture(
        "urn:uuid:page",
        "p",
        "http://p.example/1",
        NOW,
        200,
        "text/html",
        "b" * 64,
        9,
        "a.warc.gz",
        0,
        "allowed",
        Provenance.LIVE,
        run,
    )
    store.captures.add(capture)
    id, _ = store.documents.add(
        Document("p", "1", "http://p.example/1", "post", "看图", source="p", capture=capture.id), NOW, run
    )
    store.judgements.add([(id, 1, Judgement("unrelated", False, 0.1, "model:linear@1"))], NOW)
    assert store.readings.settle(id, WORDS, NOW) is True
    assert store.captures.by_source(run)["p"]["changed"] == 0


def test_a_purge_leaves_neither_words_nor_pictures_of_who_is_gone_and_keeps_those_that_others_show(
    store: Store,
) -> None:
    gone, _ = store.documents.add(document(1), NOW)
    kept, _ = store.documents.add(document(2), NOW)
    store.pictures.show(gone, ["http://p.example/own.png", "http://p.example/both.png"], 9)
    store.pictures.show(kept, ["http://p.example/both.png"], 9)
    own = captured(store, "http://p.example/own.png")
    captured(store, "http://p.example/both.png", "c" * 64)
    store.readings.settle(gone, WORDS, NOW)
    due = store.retention.captures_due([gone], NOW + timedelta(days=1))
    assert [row["id"] for row in due] == [own.id]
    store.retention.purge(gone, NOW, {})
    for row in due:
        store.retention.erase_capture(row, 100, NOW)
    assert store.readings.of(gone, 1) == Reading()
    row = store.documents.row(gone)
    assert row is not None
    assert (row["picture_text"], row["code_text"], row["pictures"]) == ("", "", "[]")
    assert [one["sha256"] for one in store.pictures.of(kept)] == ["c" * 64]
    assert store.pictures.counts()["pictures"] == 1
