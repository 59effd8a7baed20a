"""Splitting, exceptions, merging, assigning: what a person arranges by hand, and takes back."""

from __future__ import annotations

import pytest
from busy_desk import rivals
from leads_desk import Clock
from visitor import Visitor

from core.store import Store

FIRST, SECOND, ROUTES = "L0000000000", "L0000000001", "L0000000002"


def documents(store: Store, lead: str) -> tuple[int, ...]:
    found = store.leads.get(lead)
    assert found
    return found.documents


def answer(store: Store, lead: str) -> str:
    row = store.review.lead(lead)
    assert row
    return str(row["answer"])


def test_ticked_documents_are_split_off_into_a_lead_of_their_own(mei: Visitor, store: Store) -> None:
    all_three = documents(store, FIRST)
    mei.get(f"/lead/{FIRST}")
    mei.decide("split", note="两拨人", ticked=all_three[2:])
    assert "Split off" in mei.text
    assert documents(store, FIRST) == all_three[:2]
    assert documents(store, f"{FIRST}-2") == all_three[2:]
    [decision] = store.review.decisions(FIRST)
    assert (decision["act"], decision["note"]) == ("split", "两拨人")
    assert answer(store, FIRST) == ""  # splitting answers nothing


def test_a_split_is_reckoned_at_once(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.decide("split", ticked=documents(store, FIRST)[2:])
    reasons = [store.leads.get(id).reasons[-1] for id in (FIRST, f"{FIRST}-2")]  # type: ignore[union-attr]
    assert reasons == ["spread 1.20: 2 documents on 1 platforms", "spread 1.00: 1 documents on 1 platforms"]


def test_an_undo_joins_again_what_was_split(mei: Visitor, store: Store) -> None:
    all_three = documents(store, FIRST)
    mei.get(f"/lead/{FIRST}")
    mei.decide("split", ticked=all_three[1:])
    mei.post("/undo", {})
    assert documents(store, FIRST) == all_three
    assert store.leads.state(f"{FIRST}-2") == "merged"
    mei.get(f"/lead/{FIRST}")
    assert "taken back" not in mei.text  # the events say what happened; nothing is crossed out
    assert mei.text.count(f"{FIRST}-2") >= 2


def test_an_answer_excepts_the_ticked_documents(mei: Visitor, store: Store) -> None:
    mei.get("/queue")
    mei.post("/next", {})
    all_three = documents(store, FIRST)
    mei.decide("confirm:sample_shipping_ad", ticked=all_three[:1])
    assert "lead of their own" in mei.text
    assert answer(store, FIRST) == "confirm"
    assert documents(store, FIRST) == all_three[1:]
    assert (documents(store, f"{FIRST}-2"), answer(store, f"{FIRST}-2")) == (all_three[:1], "")


def test_one_undo_takes_back_an_answer_with_its_exceptions(mei: Visitor, store: Store) -> None:
    all_three = documents(store, FIRST)
    mei.get(f"/lead/{FIRST}")
    mei.decide("reject", ticked=all_three[:1])
    mei.post("/undo", {})
    assert (documents(store, FIRST), answer(store, FIRST)) == (all_three, "")


def test_exceptions_do_not_teach_the_next_model(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.decide("confirm:sample_shipping_ad", ticked=documents(store, FIRST)[:1])
    assert [document.native_id for _, _, _, document, _ in store.decisions.answered()] == [f"{FIRST}-1", f"{FIRST}-2"]


@pytest.mark.parametrize("which", [slice(0, 0), slice(0, 3)])
def test_a_split_of_none_or_of_all_is_not_stored(mei: Visitor, store: Store, which: slice) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.decide("split", ticked=documents(store, FIRST)[which])
    assert "tick some of the documents" in mei.text
    assert not store.review.decisions(FIRST)


def test_documents_of_another_lead_cannot_be_split_off(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.decide("split", ticked=documents(store, SECOND)[:1])
    assert "tick some of the documents" in mei.text
    assert len(documents(store, SECOND)) == 2


def test_a_merge_leads_to_the_other_lead_and_closes_the_first(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/merge", into=SECOND, note="同一个人")
    assert mei.lead == SECOND
    assert "Merged" in mei.text
    assert len(documents(store, SECOND)) == 5
    assert store.leads.state(FIRST) == "merged"
    mei.get(f"/lead/{FIRST}")
    assert "closed" in mei.text


def test_an_undo_gives_a_merged_lead_its_documents_back(mei: Visitor, store: Store) -> None:
    before = {lead: documents(store, lead) for lead in (FIRST, SECOND)}
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/merge", into=SECOND)
    mei.post("/undo", {})
    assert {lead: documents(store, lead) for lead in (FIRST, SECOND)} == before
    assert store.leads.state(FIRST) == "open"


@pytest.mark.parametrize("into", ["", FIRST, "Lnone", "../x", "Lhostile'--"])
def test_a_merge_into_nothing_is_not_stored(mei: Visitor, store: Store, into: str) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/merge", into=into)
    assert "Not merged" in mei.text
    assert not store.review.decisions(FIRST)


def test_what_another_holds_cannot_be_arranged(mei: Visitor, bo: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    bo.get(f"/lead/{FIRST}")
    bo.act(f"/lead/{FIRST}/merge", into=SECOND)
    bo.act(f"/lead/{FIRST}/assign", to="bo")
    assert "Not stored" in bo.text
    assert not store.review.decisions(FIRST)


def test_an_assigned_lead_waits_for_its_person(mei: Visitor, bo: Visitor, store: Store, clock: Clock) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/assign", to="bo", note="你熟")
    assert mei.lead == SECOND  # and on to the next one
    mei.get(f"/lead/{FIRST}")
    assert "assigned to bo" in mei.text
    assert store.review.holder(FIRST, clock()) == ""  # looking at it keeps nobody from it
    bo.get("/")
    assert "assigned to me" in bo.text
    bo.get("/queue?state=mine")
    assert f"/lead/{FIRST}" in bo.page
    bo.post("/next", {"queue": "state=mine"})
    assert bo.lead == FIRST


def test_an_assigned_lead_can_be_taken_over(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/assign", to="bo")
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/assign", to="mei")
    mei.decide("reject")
    assert answer(store, FIRST) == "reject"


def test_an_assignment_to_nobody_frees_the_lead(mei: Visitor, store: Store) -> None:
    for to in ("bo", ""):
        mei.get(f"/lead/{FIRST}")
        mei.act(f"/lead/{FIRST}/assign", to=to)
    row = store.review.lead(FIRST)
    assert row
    assert row["assignee"] == ""


@pytest.mark.parametrize("to", ["vera", "nobody", "ops"])
def test_a_lead_is_assigned_only_to_who_may_decide(mei: Visitor, to: str) -> None:
    mei.get(f"/lead/{FIRST}")
    assert mei.act(f"/lead/{FIRST}/assign", to=to).status_code == 400


def test_what_a_person_merged_the_search_still_finds(mei: Visitor, store: Store, clock: Clock) -> None:
    rivals(store)
    mei.get("/lead/Lrival0001")
    mei.act("/lead/Lrival0001/merge", into="Lroute0001")
    mei.get("/queue?q=全国上门")
    assert f"/lead/{FIRST}" in mei.page
    assert len(documents(store, "Lroute0001")) == 9
