"""Splits and merges by hand: kept through the nights, taken back without a trace but the record."""

from __future__ import annotations

import pytest
from flagged import TEXTS, Nights

from core.labels import labels
from core.store.hands import WHY
from core.types import Act, Decision
from leads.reckon import reckon


def undo(nights: Nights, number: int) -> None:
    """What the review application does to take a split or merge back."""
    row = nights.store.review.decision(number)
    assert row
    nights.store.decisions.add(Decision(row["lead"], Act.UNDO, row["by"], nights.now, detail={"undoes": number}))
    changed = nights.store.hands.take_back(number, row["by"], nights.now)
    reckon(nights.store, labels(), changed, nights.now)


def split(nights: Nights, lead: str, *documents: int) -> tuple[str, int]:
    into, number = nights.store.hands.split(lead, documents, "mei", nights.now)
    reckon(nights.store, labels(), [lead, into], nights.now)
    return into, number


@pytest.fixture
def nights() -> Nights:
    """Four adverts under one contact, of which the last two bear a second one."""
    nights = Nights()
    for name in "ab":
        nights.see(name, "zq0one")
    for name in "cd":
        nights.see(name, "zq0one", "zq0two")
    nights.link()
    return nights


def test_a_split_makes_a_lead_of_its_own(nights: Nights) -> None:
    lead = nights.only()
    into, _ = split(nights, lead.id, 3, 4)
    assert nights.leads() == {lead.id: (1, 2), into: (3, 4)}
    assert nights.store.leads.get(into).contacts == (("wechat", "zq0one"), ("wechat", "zq0two"))  # type: ignore[union-attr]
    assert nights.store.leads.get(lead.id).contacts == (("wechat", "zq0one"),)  # type: ignore[union-attr]


def test_a_split_is_reckoned_at_once_and_by_the_night_to_the_same(nights: Nights) -> None:
    lead = nights.only()
    into, _ = split(nights, lead.id, 3, 4)
    at_once = {id: nights.store.leads.get(id).reasons[-1] for id in (lead.id, into)}  # type: ignore[union-attr]
    assert at_once == dict.fromkeys((lead.id, into), "spread 1.20: 2 documents on 1 platforms")
    nights.link()
    assert {id: nights.store.leads.get(id).reasons[-1] for id in (lead.id, into)} == at_once  # type: ignore[union-attr]


def test_a_split_holds_through_the_nights_and_what_is_new_follows_its_contacts(nights: Nights) -> None:
    lead = nights.only()
    into, _ = split(nights, lead.id, 3, 4)
    nights.link()
    assert nights.leads() == {lead.id: (1, 2), into: (3, 4)}
    new = nights.see("e", "zq0two")
    nights.link()
    assert nights.leads() == {lead.id: (1, 2), into: (3, 4, new)}


def test_a_split_that_is_taken_back_leaves_one_lead_and_the_record(nights: Nights) -> None:
    lead = nights.only()
    into, number = split(nights, lead.id, 3, 4)
    undo(nights, number)
    assert nights.leads() == {lead.id: (1, 2, 3, 4)}
    assert nights.store.leads.state(into) == "merged"
    nights.link()
    assert nights.leads() == {lead.id: (1, 2, 3, 4)}
    assert [row["act"] for row in nights.store.review.decisions(lead.id)] == ["split", "undo"]
    assert not nights.store.hands.placed()


def test_a_merge_holds_through_the_nights_and_both_parts_grow_together() -> None:
    nights = Nights()
    one, two = nights.see("a", "zq0one", text=TEXTS["route"]), nights.see("b", "zq0two", text=TEXTS["agents"])
    nights.link()
    first, second = nights.store.leads.of_documents()[one], nights.store.leads.of_documents()[two]
    nights.store.hands.merge(second, first, "mei", nights.now)
    reckon(nights.store, labels(), [first], nights.now)
    assert nights.leads() == {first: (one, two)}
    assert nights.store.leads.state(second) == "merged"
    three, four = nights.see("c", "zq0one"), nights.see("d", "zq0two")
    nights.link()
    assert nights.leads() == {first: (one, two, three, four)}


def test_a_merge_that_is_taken_back_gives_each_its_own() -> None:
    nights = Nights()
    one, two = nights.see("a", "zq0one"), nights.see("b", "zq0two")
    nights.link()
    first, second = nights.store.leads.of_documents()[one], nights.store.leads.of_documents()[two]
    joined = nights.store.leads.ties(second)[two][1]
    number = nights.store.hands.merge(second, first, "mei", nights.now)
    nights.link()
    undo(nights, number)
    assert nights.leads() == {first: (one,), second: (two,)}
    assert nights.store.leads.ties(second)[two][1] == joined  # an answer that stood before covers it again
    nights.link()
    assert nights.leads() == {first: (one,), second: (two,)}


def test_taking_back_an_older_split_leaves_a_later_merge_standing(nights: Nights) -> None:
    other = nights.see("x", "zq0three")
    nights.link()
    lead, third = nights.store.leads.of_documents()[1], nights.store.leads.of_documents()[other]
    into, first = split(nights, lead, 3, 4)
    nights.store.hands.merge(into, third, "bo", nights.now)
    undo(nights, first)
    assert nights.leads() == {lead: (1, 2), third: (3, 4, other)}
    nights.link()  # nobody holds them apart any more, and they share a contact
    assert nights.leads() == {third: (1, 2, 3, 4, other)}


@pytest.mark.parametrize("documents", [(), (1, 2, 3, 4), (99,), (1, 99)])
def test_a_split_takes_some_and_not_all(nights: Nights, documents: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="some of its 4 documents and not all"):
        nights.store.hands.split(nights.only().id, documents, "mei", nights.now)
    assert not nights.store.hands.placed()


def test_a_lead_does_not_merge_with_itself_or_with_an_empty_one(nights: Nights) -> None:
    lead = nights.only().id
    for other in (lead, "Lnone"):
        with pytest.raises(ValueError, match="two leads with documents"):
            nights.store.hands.merge(lead, other, "mei", nights.now)


def test_what_was_placed_by_hand_says_so(nights: Nights) -> None:
    lead = nights.only()
    into, _ = split(nights, lead.id, 3)
    nights.link()
    assert {WHY in why for why, _ in nights.store.leads.ties(into).values()} == {True}
