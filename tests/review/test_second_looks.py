"""The second look: blind, by somebody else; agreement, disagreement, and who settles it."""

from __future__ import annotations

import pytest
from leads_desk import Clock
from starlette.applications import Starlette
from visitor import Visitor

from core.store import Store, looks
from core.types import Act, Decision

FIRST = "L0000000000"


@pytest.fixture
def lin(app: Starlette) -> Visitor:
    return Visitor(app).sign_in("lin")


def second(store: Store) -> str:
    row = store.review.lead(FIRST)
    assert row
    return str(row["second"])


def answered(store: Store, by: str, act: Act, label: str, at: Clock, note: str = "") -> int:
    return store.decisions.add(Decision(FIRST, act, by, at(), label, note))


def test_a_lead_waits_for_the_second_look_of_another_person(
    mei: Visitor, bo: Visitor, store: Store, clock: Clock
) -> None:
    answered(store, "bo", Act.CONFIRM, "sample_shipping_ad", clock)
    mei.get("/queue?state=second")
    assert f"/lead/{FIRST}" in mei.page
    bo.get("/queue?state=second")
    assert f"/lead/{FIRST}" not in bo.page


def test_the_second_look_does_not_see_the_first_answer(mei: Visitor, store: Store, clock: Clock) -> None:
    answered(store, "bo", Act.CONFIRM, "sample_shipping_ad", clock, "收款码一样")
    mei.get("/queue?state=second")
    assert "answer confirm" not in mei.page
    mei.post("/next", {"queue": "state=second"})
    assert mei.lead == FIRST
    for told in ("收款码一样", "Stands", "confirmed:"):
        assert told not in mei.text
    mei.decide("confirm:sample_shipping_ad")
    mei.get(f"/lead/{FIRST}?state=second")
    assert "收款码一样" in mei.text


@pytest.mark.parametrize(
    ("act", "label", "state"),
    [
        ("confirm", "sample_shipping_ad", "agreed"),
        ("confirm", "fetal_sex_test_ad", "disagreed"),
        ("reject", "", "disagreed"),
    ],
)
def test_two_people_agree_or_not(mei: Visitor, store: Store, clock: Clock, act: str, label: str, state: str) -> None:
    answered(store, "bo", Act.CONFIRM, "sample_shipping_ad", clock)
    mei.get(f"/lead/{FIRST}?state=second")
    mei.decide(f"{act}:{label}".strip(":"))
    assert second(store) == state


def test_what_two_people_dispute_teaches_nothing_until_it_is_settled(
    mei: Visitor, lin: Visitor, store: Store, clock: Clock
) -> None:
    answered(store, "bo", Act.CONFIRM, "sample_shipping_ad", clock)
    answered(store, "mei", Act.REJECT, "", clock)
    assert not list(store.decisions.answered())
    lin.get("/queue?state=disagreed")
    assert f"/lead/{FIRST}" in lin.page
    lin.post("/next", {"queue": "state=disagreed"})
    lin.decide("confirm:sample_shipping_ad")
    assert second(store) == "settled"
    assert {lead for lead, *_ in store.decisions.answered()} == {FIRST}


def test_who_is_one_of_the_two_settles_nothing(app: Starlette, lin: Visitor, store: Store, clock: Clock) -> None:
    answered(store, "bo", Act.CONFIRM, "sample_shipping_ad", clock)
    answered(store, "lin", Act.REJECT, "", clock)
    lin.get(f"/lead/{FIRST}")
    lin.decide("confirm:fetal_sex_test_ad")
    assert second(store) == "disagreed"


def test_an_undone_second_answer_is_none(mei: Visitor, store: Store, clock: Clock) -> None:
    answered(store, "bo", Act.CONFIRM, "sample_shipping_ad", clock)
    mei.get(f"/lead/{FIRST}?state=second")
    mei.decide("reject")
    mei.post("/undo", {})
    assert second(store) == ""
    mei.get("/queue?state=second")
    assert f"/lead/{FIRST}" in mei.page


@pytest.mark.parametrize(
    ("acts", "found"),
    [
        ([], ""), ([("a", "confirm", "x")], ""), ([("a", "confirm", "x"), ("a", "reject", "")], ""),
        ([("a", "confirm", "x"), ("b", "confirm", "x")], "agreed"), ([("a", "reject", ""), ("b", "reject", ""), ("c", "reject", "")], "agreed"),
        ([("a", "confirm", "x"), ("b", "unsure", "")], ""), ([("a", "confirm", "x"), ("b", "confirm", "y")], "disagreed"),
        ([("a", "confirm", "x"), ("b", "reject", ""), ("b", "confirm", "x")], "agreed"),
    ],
)  # fmt: skip
def test_each_persons_last_answer_counts(acts: list[tuple[str, str, str]], found: str) -> None:
    rows = [{"by": by, "act": act, "label": label, "detail": "{}"} for by, act, label in acts]
    assert looks.second(rows) == found
