"""Working the leads: claims, decisions, undo, and what is left behind of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from leads_desk import Clock
from starlette.applications import Starlette
from visitor import Visitor

from core.store import Store
from core.store.wanted import Wanted
from core.types import Act, Decision
from review.decide import CLAIM

FIRST, SECOND, THIRD = "L0000000000", "L0000000001", "L0000000002"


def answer(store: Store, lead: str) -> str:
    row = store.review.lead(lead)
    assert row
    return str(row["answer"])


def test_work_begins_with_the_highest_priority(mei: Visitor) -> None:
    mei.post("/next", {})
    assert mei.lead == FIRST


def test_a_decision_is_appended_and_leads_on(mei: Visitor, store: Store) -> None:
    mei.post("/next", {})
    mei.decide("confirm:sample_shipping_ad", note="看了三篇")
    [decision] = store.decisions.of([FIRST])[FIRST]
    assert (decision.act, decision.label, decision.by, decision.note) == (
        Act.CONFIRM,
        "sample_shipping_ad",
        "mei",
        "看了三篇",
    )
    assert answer(store, FIRST) == "confirm"
    assert mei.lead == SECOND
    assert "Confirmed as" in mei.text


def test_a_decided_lead_leaves_the_queue_and_stands_under_its_state(mei: Visitor) -> None:
    mei.post("/next", {})
    mei.decide("reject")
    mei.get("/queue")
    assert f"/lead/{FIRST}" not in mei.page.split("told")[-1].split("</form>")[-1]
    mei.get("/queue?state=rejected")
    assert f"/lead/{FIRST}" in mei.page


def test_undo_takes_back_the_latest_decision_and_returns_to_its_lead(mei: Visitor, store: Store) -> None:
    mei.post("/next", {})
    mei.decide("reject")
    mei.decide("unsure")
    mei.post("/undo", {})
    assert (mei.lead, answer(store, SECOND), answer(store, FIRST)) == (SECOND, "", "reject")
    mei.post("/undo", {})
    assert (mei.lead, answer(store, FIRST)) == (FIRST, "")
    acts = [str(decision.act) for decision in store.decisions.of([FIRST])[FIRST]]
    assert acts == ["reject", "undo"]  # nothing is erased


def test_undo_does_not_touch_what_another_person_said_since(mei: Visitor, store: Store, clock: Clock) -> None:
    mei.post("/next", {})
    mei.decide("reject")
    store.decisions.add(Decision(FIRST, Act.CONFIRM, "bo", clock(), "fetal_sex_test_ad"))
    mei.post("/undo", {})
    assert answer(store, FIRST) == "confirm"


def test_undo_with_nothing_to_undo_goes_home(mei: Visitor) -> None:
    mei.get("/")
    assert mei.post("/undo", {}).url.path == "/"


def test_a_note_alone_is_no_answer_and_stays_on_the_lead(mei: Visitor, store: Store) -> None:
    mei.post("/next", {})
    mei.decide("note", note="<b>像是上周那家</b>")
    assert (mei.lead, answer(store, FIRST)) == (FIRST, "")
    assert "像是上周那家" in mei.text
    assert "<b>像是" not in mei.page


def test_a_note_that_an_undo_names_leaves_the_answer_before_it_standing(store: Store, clock: Clock) -> None:
    store.decisions.add(Decision(FIRST, Act.REJECT, "mei", clock()))
    note = store.decisions.add(Decision(FIRST, Act.NOTE, "bo", clock(), note="x"))
    store.decisions.add(Decision(FIRST, Act.UNDO, "bo", clock(), detail={"undoes": note}))
    assert answer(store, FIRST) == "reject"


def test_a_skipped_lead_does_not_come_back_to_the_same_person_today(mei: Visitor, bo: Visitor, clock: Clock) -> None:
    mei.post("/next", {})
    mei.decide("skip")
    assert mei.lead == SECOND
    bo.post("/next", {})
    assert bo.lead == FIRST
    clock.forward(hours=13)
    mei.sign_in("mei").post("/next", {})
    assert mei.lead == FIRST


def test_two_people_never_get_the_same_lead(mei: Visitor, bo: Visitor) -> None:
    taken = []
    for _ in range(3):
        for visitor in (mei, bo):
            visitor.get("/")
            visitor.post("/next", {})
            taken.append(visitor.lead)
            visitor.decide("unsure")
    assert len(set(taken)) == 6


def test_claims_made_at_the_same_moment_are_all_different(store: Store, database: Path, clock: Clock) -> None:
    def take(number: int) -> list[str | None]:
        with Store.open(database) as own:
            return [own.review.claim_next(Wanted(), f"p{number}-{turn}", clock(), clock() + CLAIM) for turn in range(2)]

    with ThreadPoolExecutor(4) as pool:
        taken = [lead for leads in pool.map(take, range(4)) for lead in leads]
    assert len(set(taken)) == 8


def test_a_lead_that_another_holds_can_be_read_and_not_decided(mei: Visitor, bo: Visitor, store: Store) -> None:
    mei.post("/next", {})
    bo.get(f"/lead/{FIRST}")
    assert "mei is working on this lead" in bo.text
    assert 'class="decide"' not in bo.page
    bo.post(f"/lead/{FIRST}/decide", {"act": "reject", "seen": "0"})
    assert "Not stored" in bo.text
    assert answer(store, FIRST) == ""


def test_a_claim_ends_after_half_an_hour(mei: Visitor, bo: Visitor, clock: Clock) -> None:
    mei.post("/next", {})
    clock.forward(minutes=31)
    bo.get("/")
    bo.post("/next", {})
    assert bo.lead == FIRST


def test_a_decision_on_what_has_changed_meanwhile_is_not_stored(mei: Visitor, store: Store, clock: Clock) -> None:
    mei.post("/next", {})
    store.decisions.add(Decision(FIRST, Act.REJECT, "bo", clock()))
    mei.decide("confirm:sample_shipping_ad")
    assert "decided while you were reading" in mei.text
    assert answer(store, FIRST) == "reject"


def test_a_decision_on_a_lead_that_was_merged_is_not_stored(mei: Visitor, store: Store, clock: Clock) -> None:
    mei.post("/next", {})
    store.leads.close(FIRST, "merged", clock())
    mei.decide("reject")
    assert "closed meanwhile" in mei.text
    assert not store.decisions.of([FIRST])[FIRST]


def test_work_stays_inside_the_filters(mei: Visitor) -> None:
    mei.get("/queue?label=fetal_sex_test_ad")
    mei.post("/next", {"queue": "label=fetal_sex_test_ad"})
    assert mei.lead == SECOND
    mei.decide("unsure")
    assert mei.lead == THIRD


def test_at_the_end_of_a_queue_it_says_so(mei: Visitor) -> None:
    mei.get("/")
    mei.post("/next", {"queue": "label=sex_selection_ad"})
    mei.decide("reject")
    assert "Nothing is left to take here" in mei.text


def test_acts_that_do_not_exist_are_refused(mei: Visitor, store: Store) -> None:
    mei.post("/next", {})
    for act in ("", "undo", "merge", "confirm", "confirm:seeker", "confirm:nonsense", "reject:fetal_sex_test_ad"):
        mei.get(f"/lead/{FIRST}")
        assert mei.decide(act).status_code == 400
    assert not store.decisions.of([FIRST])[FIRST]


def test_decisions_and_undos_stand_in_the_ledger_and_the_chain_holds(mei: Visitor, store: Store) -> None:
    mei.post("/next", {})
    mei.decide("reject")
    mei.post("/undo", {})
    entries = [(entry["action"], entry["object"]) for entry in store.ledger.entries() if entry["actor"] == "mei"]
    assert [entry for entry in entries if entry[1] == FIRST] == [
        ("lead viewed", FIRST),
        ("decided", FIRST),
        ("undone", FIRST),
    ]
    assert not list(store.ledger.breaks())


def test_today_tells_what_is_unfinished(mei: Visitor) -> None:
    mei.post("/next", {})
    mei.decide("skip")
    mei.decide("unsure")
    mei.get("/")
    for words in ("in hand", "skipped", "unsure", "decided by me today 1"):
        assert words in mei.text


def test_a_viewer_sees_no_decision_bar_and_claims_nothing(app: Starlette, store: Store, clock: Clock) -> None:
    vera = Visitor(app).sign_in("vera")
    vera.get(f"/lead/{FIRST}")
    assert 'class="decide"' not in vera.page
    assert store.review.holder(FIRST, clock()) == ""


def test_the_count_of_a_state_follows_decisions(store: Store, clock: Clock) -> None:
    before = store.review.count(Wanted())
    store.decisions.add(Decision(FIRST, Act.REJECT, "mei", clock()))
    assert store.review.count(Wanted()) == before - 1
    assert store.review.count(Wanted(state="rejected")) == 1
