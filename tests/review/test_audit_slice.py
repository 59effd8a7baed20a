"""The audit slice: drawn documents among the leads, blind, each with a recorded chance; labels that the study can use."""

from __future__ import annotations

from pathlib import Path

import pytest
from busy_desk import many, quiet
from leads_desk import Clock
from starlette.applications import Starlette
from visitor import Visitor

from core.settings import load
from core.store import Store
from xuncha.desk import keep_drawn


@pytest.fixture
def sample(store: Store, clock: Clock) -> str:
    quiet(store, 40)
    return keep_drawn(store, load(Path("/nowhere"), {}), clock())


def at_document(visitor: Visitor) -> str:
    """The drawn document of the page seen last, as its address; empty on other pages."""
    return next((part.split('"')[0] for part in visitor.page.split('action="')[1:] if part.startswith("/audit/")), "")


def test_the_sample_is_random_with_known_chances(store: Store, sample: str) -> None:
    frame = list(store.db.query("SELECT DISTINCT probability FROM study_frame WHERE sample = ?", [sample]))
    assert len(frame) == 1
    assert 0 < frame[0]["probability"] <= 1
    row = store.study.sample(sample)
    assert row
    assert (row["design"], row["size"]) == ("random", len(store.study.queue(sample)))


def test_a_sample_that_wants_labels_is_not_drawn_over(store: Store, clock: Clock, sample: str) -> None:
    assert keep_drawn(store, load(Path("/nowhere"), {}), clock()) == ""


def test_a_share_of_nothing_draws_nothing(store: Store, clock: Clock) -> None:
    assert keep_drawn(store, load(Path("/nowhere"), {}).replace(audit_share=0.0), clock()) == ""


def test_one_in_ten_is_a_drawn_document(mei: Visitor, store: Store, sample: str) -> None:
    many(store, 40)
    mei.get("/")
    mei.post("/next", {})
    order = []
    for _ in range(20):
        order.append("drawn" if at_document(mei) else "lead")
        if at_document(mei):
            mei.post(at_document(mei), {"label": "unrelated", "queue": mei.hidden("queue")})
        else:
            mei.decide("unsure")
    assert [place for place, kind in enumerate(order) if kind == "drawn"] == [9, 19]


def test_a_drawn_document_is_shown_blind(mei: Visitor, store: Store, sample: str) -> None:
    row = next(store.db.query("SELECT d.id FROM documents d WHERE d.native_id = 'L0000000000-0'"))
    assert store.audit.document(sample, row["id"])
    mei.get(f"/audit/{sample}/{row['id']}")
    assert "满七周就行" in mei.text
    for told in ("0.93", "小云妈妈", "hxxp", "zq0yangben88", "speaks of", "L0000000000", 'class="why"'):
        assert told not in mei.page


def test_a_label_is_one_for_the_study(mei: Visitor, store: Store, sample: str) -> None:
    mei.get("/")
    mei.post("/audit", {})
    mei.post(at_document(mei), {"label": "seeker", "note": "问价", "alone": "1"})
    [label] = store.study.labels(sample)
    assert (label["rater"], label["label"], label["note"], label["adjudicated"]) == ("mei", "seeker", "问价", 0)
    last = [entry for entry in store.ledger.entries() if entry["actor"] == "mei"][-1]
    assert (last["action"], last["object"]) == ("drawn document labelled", sample)


def test_a_later_label_of_the_same_person_counts_instead(mei: Visitor, store: Store, sample: str) -> None:
    mei.get("/")
    mei.post("/audit", {})
    address = at_document(mei)
    mei.post(address, {"label": "seeker"})
    assert "The drawn document is labelled" in mei.text
    mei.get(address)
    mei.post(address, {"label": "fetal_sex_test_ad"})
    assert [label["label"] for label in store.study.labels(sample)] == ["fetal_sex_test_ad"]


def test_two_people_get_different_documents(mei: Visitor, bo: Visitor, sample: str) -> None:
    for visitor in (mei, bo):
        visitor.get("/")
        visitor.post("/audit", {})
    assert at_document(mei) != at_document(bo)
    bo.get(at_document(mei))
    assert "Somebody else is labelling" in bo.text
    assert not at_document(bo)


def test_each_fifth_document_is_labelled_by_two(store: Store, clock: Clock, sample: str) -> None:
    until = clock().replace(year=2027)
    for by in ("mei", "bo"):
        while (document := store.audit.claim_next(sample, by, clock(), until)) is not None:
            row = {"document": document, "rater": by, "label": "unrelated", "adjudicated": 0, "note": ""}
            store.study.label(sample, [row], clock())
            store.audit.release(sample, document, by)
    raters: dict[int, set[str]] = {}
    for label in store.study.labels(sample):
        raters.setdefault(label["document"], set()).add(label["rater"])
    places = {
        row["document"]: row["place"]
        for row in store.db.query("SELECT document, place FROM study_frame WHERE place > 0")
    }
    assert {places[document] for document, who in raters.items() if len(who) == 2} == {
        place for place in places.values() if place % 5 == 0
    }
    assert not store.audit.sample()


def test_a_skipped_document_does_not_come_back_at_once(mei: Visitor, store: Store, sample: str) -> None:
    mei.get("/")
    mei.post("/audit", {})
    first = at_document(mei)
    mei.post(first, {"label": "skip", "alone": "1"})
    assert at_document(mei) not in ("", first)
    assert not store.study.labels(sample)


def test_a_label_that_does_not_exist_is_refused(mei: Visitor, store: Store, sample: str) -> None:
    mei.get("/")
    mei.post("/audit", {})
    assert mei.post(at_document(mei), {"label": "nonsense"}).status_code == 400
    assert not store.study.labels(sample)


@pytest.mark.parametrize("path", ["/audit/none/1", "/audit/{sample}/999999", "/audit/{sample}/x", "/audit/..%2f/1"])
def test_what_was_not_drawn_is_not_shown(mei: Visitor, sample: str, path: str) -> None:
    assert mei.get(path.format(sample=sample)).status_code == 404


def test_a_researcher_labels_too(app: Starlette, store: Store, sample: str) -> None:
    rui = Visitor(app).sign_in("rui")
    rui.get("/")
    rui.post("/audit", {})
    rui.post(at_document(rui), {"label": "unrelated", "alone": "1"})
    assert [label["rater"] for label in store.study.labels(sample)] == ["rui"]


def test_without_a_sample_the_queue_is_leads_alone(mei: Visitor, store: Store) -> None:
    many(store, 15)
    mei.get("/")
    mei.post("/next", {})
    for _ in range(12):
        assert mei.lead
        mei.decide("unsure")
