"""Leads and decisions as the store keeps them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stored import LATER, NOW, add

from core.store import Store
from core.types import Act, Decision, Lead


@pytest.fixture
def filled(store: Store) -> Store:
    add(store, *map(str, range(6)))
    return store


def lead(id: str = "L1", *documents: int, priority: float = 0.5) -> Lead:
    return Lead(
        id, "fetal_sex_test_ad", "标题", documents, (("wechat", "zq0gang"),), priority, ("harm 1.0: x",), NOW, LATER
    )


def decide(store: Store, *acts: Act, lead: str = "L1") -> str:
    for act in acts:
        store.decisions.add(Decision(lead, act, "zq0", NOW))
    return str(next(store.db.query("SELECT answer FROM leads WHERE id = ?", [lead]))["answer"])


def test_a_lead_comes_back_as_it_was_stored(filled: Store) -> None:
    filled.leads.put(lead("L1", 1, 2), {1: "wechat zq0gang in 2 documents"}, NOW)
    assert filled.leads.get("L1") == lead("L1", 1, 2)
    assert filled.leads.ties("L1") == {1: ("wechat zq0gang in 2 documents", NOW), 2: ("", NOW)}
    assert filled.leads.get("L2") is None
    assert filled.leads.state("L2") is None


def test_a_document_keeps_the_time_at_which_it_joined(filled: Store) -> None:
    filled.leads.put(lead("L1", 1), {}, NOW)
    filled.leads.put(lead("L1", 1, 2), {}, LATER)
    assert {doc: at for doc, (_, at) in filled.leads.ties("L1").items()} == {1: NOW, 2: LATER}
    row = next(filled.db.query("SELECT created_at, updated_at FROM leads"))
    assert row["created_at"] < row["updated_at"]


def test_a_document_is_in_one_lead(filled: Store) -> None:
    filled.leads.put(lead("L1", 1, 2), {}, NOW)
    filled.leads.put(lead("L2", 2, 3), {}, LATER)
    assert filled.leads.of_documents() == {1: "L1", 2: "L2", 3: "L2"}


def test_open_leads_queue_by_priority_then_id(filled: Store) -> None:
    for number, priority in enumerate((0.1, 0.9, 0.5, 0.5)):
        filled.leads.put(lead(f"L{number}", number + 1, priority=priority), {}, NOW)
    assert [item.id for item in filled.leads.queue()] == ["L1", "L2", "L3", "L0"]
    assert [item.id for item in filled.leads.queue(limit=2, offset=1)] == ["L2", "L3"]
    assert filled.leads.count() == 4


@pytest.mark.parametrize("state", ["merged", "empty"])
def test_a_closed_lead_leaves_the_queue_and_its_documents_and_opens_again_when_it_is_stored(
    filled: Store, state: str
) -> None:
    filled.leads.put(lead("L1", 1), {}, NOW)
    filled.leads.close("L1", state, LATER)
    assert (filled.leads.state("L1"), filled.leads.count(), filled.leads.of_documents()) == (state, 0, {})
    closed = filled.leads.get("L1")
    assert closed is not None  # it can still be read
    filled.leads.put(lead("L1", 1), {}, LATER)
    assert (filled.leads.state("L1"), filled.leads.queue()) == ("open", [lead("L1", 1)])


def test_events_are_found_by_time_and_lead_in_their_order(filled: Store) -> None:
    for id, kind, at in (("L1", "new", NOW), ("L2", "new", NOW), ("L1", "grown", LATER)):
        filled.leads.add_event(id, kind, {"documents": [1]}, at)
    assert [(event["lead"], event["kind"]) for event in filled.leads.events()] == [
        ("L1", "new"),
        ("L2", "new"),
        ("L1", "grown"),
    ]
    assert [event["kind"] for event in filled.leads.events(since=LATER)] == ["grown"]
    assert [event["detail"] for event in filled.leads.events(NOW, "L2")] == [{"documents": [1]}]


@pytest.mark.parametrize(
    ("acts", "answer"),
    [
        ((), ""),
        ((Act.NOTE,), ""),
        ((Act.CONFIRM,), "confirm"),
        ((Act.CONFIRM, Act.NOTE, Act.ASSIGN), "confirm"),
        ((Act.UNSURE, Act.REJECT), "reject"),
        ((Act.CONFIRM, Act.REFER), "refer"),
        ((Act.CONFIRM, Act.UNDO), ""),
        ((Act.CONFIRM, Act.REJECT, Act.UNDO), "confirm"),
        ((Act.CONFIRM, Act.REJECT, Act.UNDO, Act.UNDO), ""),
        ((Act.CONFIRM, Act.NOTE, Act.UNDO), "confirm"),
        ((Act.UNDO, Act.CONFIRM), "confirm"),
    ],
)
def test_the_answer_of_a_lead_is_the_last_that_no_undo_took_back(
    filled: Store, acts: tuple[Act, ...], answer: str
) -> None:
    filled.leads.put(lead("L1", 1), {}, NOW)
    assert decide(filled, *acts) == answer


def test_an_undo_may_name_what_it_takes_back(filled: Store) -> None:
    filled.leads.put(lead("L1", 1), {}, NOW)
    first = filled.decisions.add(Decision("L1", Act.CONFIRM, "zq0", NOW))
    filled.decisions.add(Decision("L1", Act.UNSURE, "zq0", NOW))
    filled.decisions.add(Decision("L1", Act.UNDO, "zq0", NOW, detail={"undoes": first}))
    assert decide(filled) == "unsure"


def test_an_answer_stands_when_the_night_stores_the_lead_again(filled: Store) -> None:
    filled.leads.put(lead("L1", 1), {}, NOW)
    decide(filled, Act.REJECT)
    filled.leads.put(replace(lead("L1", 1, 2), priority=0.9), {}, LATER)
    assert decide(filled) == "reject"


def test_decisions_come_back_oldest_first(filled: Store) -> None:
    given = [Decision("L1", act, "zq0", NOW, "seeker", "备注", {"why": [1]}) for act in (Act.UNSURE, Act.REJECT)]
    for decision in given:
        filled.decisions.add(decision)
    assert filled.decisions.of(["L1", "L2"]) == {"L1": given, "L2": []}


def test_a_campaign_moves_its_documents_and_is_made_once(filled: Store) -> None:
    filled.campaigns.put("c1", [(1, 0.9, 2), (2, 0.9, 1)], NOW)
    filled.campaigns.put("c3", [(2, 0.7, 3), (3, 0.7, 2)], LATER)
    filled.campaigns.put("c1", [(1, 0.8, None)], LATER)
    assert filled.campaigns.members() == {1: "c1", 2: "c3", 3: "c3"}
    assert [row["id"] for row in filled.db.query("SELECT id FROM campaigns ORDER BY id")] == ["c1", "c3"]
