"""Leads over several nights: which documents are together, under which id, and what is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flagged import FIRST, TEXTS, Nights, happened, wechat

from core.labels import labels
from core.types import Act, Decision
from leads.build import TITLE, headline
from leads.reckon import reckon


def test_the_first_night_tells_of_new_leads() -> None:
    nights = Nights()
    nights.see("a", "zq0one")
    nights.see("b", "zq0one")
    nights.see("c", "zq0two")
    nights.see("d", flagged=False)
    assert nights.link() == {"leads": 2, "new": 2, "grown": 0, "shrunk": 0, "merged": 0, "split": 0, "emptied": 0}
    assert nights.sets() == {frozenset({1, 2}), frozenset({3})}
    assert [kind for kind, _ in nights.events()] == ["new", "new"]


def test_a_night_without_news_changes_nothing() -> None:
    nights = Nights()
    nights.see("a", "zq0one")
    nights.see("b", text=TEXTS["route"])
    nights.see("c", text=TEXTS["route"] + "有意私信。")
    nights.link()
    before = nights.leads()
    assert happened(nights.link()) == {}
    assert nights.events() == []
    assert nights.leads() == before


def test_nothing_flagged_is_no_lead_and_no_fault() -> None:
    nights = Nights()
    assert nights.link()["leads"] == 0
    nights.see("a", "zq0one", flagged=False)
    assert nights.link()["leads"] == 0


def test_a_lead_keeps_its_id_as_it_grows_and_tells_what_came() -> None:
    nights = Nights()
    nights.see("a", "zq0one")
    nights.link()
    lead = nights.only().id
    nights.see("b", "zq0one")
    assert happened(nights.link()) == {"grown": 1}
    assert nights.leads() == {lead: (1, 2)}
    assert nights.store.leads.events(lead=lead)[-1]["detail"] == {"documents": [2]}


def test_two_leads_that_meet_are_one_and_the_other_says_where_it_went() -> None:
    nights = Nights()
    for name, contact in (("a", "zq0one"), ("b", "zq0one"), ("c", "zq0two")):
        nights.see(name, contact)
    nights.link()
    larger, smaller = sorted(nights.leads(), key=lambda id: -len(nights.leads()[id]))
    nights.see("d", "zq0one", "zq0two")
    assert happened(nights.link()) == {"grown": 1, "merged": 1}
    assert nights.leads() == {larger: (1, 2, 3, 4)}
    assert nights.store.leads.state(smaller) == "merged"
    assert nights.store.leads.events(lead=smaller)[-1]["detail"] == {"into": larger}
    assert nights.store.leads.events(lead=larger)[-1]["detail"] == {"documents": [3, 4], "from": [smaller]}


def test_a_part_that_breaks_away_is_a_lead_of_its_own_and_says_where_it_came_from() -> None:
    nights = Nights()
    for name, contacts in (("a", ("zq0one",)), ("b", ("zq0one", "zq0two")), ("c", ("zq0two",)), ("d", ("zq0one",))):
        nights.see(name, *contacts)
    nights.link()
    first = nights.only().id
    nights.see("b", "zq0one", text="改过的广告，只留一个号")
    assert happened(nights.link()) == {"split": 1, "shrunk": 1}
    assert nights.sets() == {frozenset({1, 2, 4}), frozenset({3})}
    assert nights.leads()[first] == (1, 2, 4)
    [other] = set(nights.leads()) - {first}
    assert nights.store.leads.events(lead=other)[-1]["detail"] == {"documents": [3], "from": [first]}
    assert nights.store.leads.events(lead=first)[-1]["detail"] == {"left": [3]}


def test_a_document_that_is_no_longer_flagged_leaves_its_lead_with_an_event() -> None:
    nights = Nights()
    nights.see("a", "zq0one")
    nights.see("b", "zq0one")
    nights.link()
    nights.see("b", text="帖子已删除", flagged=False)
    assert happened(nights.link()) == {"shrunk": 1}
    assert nights.only().documents == (1,)


def test_a_lead_whose_documents_are_no_longer_flagged_is_emptied_and_stays_readable() -> None:
    nights = Nights()
    nights.see("a", "zq0one")
    nights.link()
    lead = nights.only().id
    nights.see("a", text="帖子已删除", flagged=False)
    assert happened(nights.link()) == {"emptied": 1}
    assert (nights.leads(), nights.store.leads.state(lead)) == ({}, "empty")
    assert nights.store.leads.get(lead) is not None


def test_an_emptied_lead_opens_again_under_its_id_with_what_people_decided() -> None:
    nights = Nights()
    nights.see("a", "zq0one")
    nights.link()
    lead = nights.only().id
    nights.store.decisions.add(Decision(lead, Act.CONFIRM, "zq0", nights.now))
    nights.see("a", text="帖子已删除", flagged=False)
    nights.link()
    nights.see("a", text="又贴出来了", flagged=True)
    assert happened(nights.link()) == {"new": 1}
    assert nights.only().id == lead
    assert [decision.act for decision in nights.store.decisions.of([lead])[lead]] == [Act.CONFIRM]


def test_a_document_that_moves_between_two_leads_is_told_in_both() -> None:
    nights = Nights()
    for name, contact in (("a", "zq0one"), ("b", "zq0one"), ("c", "zq0one"), ("d", "zq0two"), ("e", "zq0two")):
        nights.see(name, contact)
    nights.link()
    one, two = (next(id for id, documents in nights.leads().items() if doc in documents) for doc in (1, 4))
    nights.see("c", "zq0two", text="换了老板，加 zq0two")
    assert happened(nights.link()) == {"grown": 1, "shrunk": 1}
    assert nights.leads() == {one: (1, 2), two: (3, 4, 5)}
    assert nights.store.leads.events(lead=two)[-1]["detail"] == {"documents": [3], "from": [one]}


def test_a_new_lead_never_takes_the_id_of_one_that_stands() -> None:
    nights = Nights()
    nights.see("a", "zq0one")
    nights.see("b", "zq0one")
    nights.link()
    lead = nights.only().id  # named after document a
    nights.see("a", text="帖子已删除", flagged=False)
    nights.link()
    nights.see("a", "zq0new", text="换了号，加 zq0new")
    nights.see("x", "zq0new")
    nights.see("y", "zq0new")
    assert happened(nights.link()) == {"new": 1}
    assert nights.leads()[lead] == (2,)
    assert nights.sets() == {frozenset({2}), frozenset({1, 3, 4})}


def test_a_bystanders_hub_ties_nothing_and_is_no_contact_of_the_lead() -> None:
    nights = Nights(hub_documents=3)
    for number in range(3):
        nights.see(f"shop-{number}", "zq0shop", flagged=False)
    nights.see("a", "zq0shop", "zq0one")
    nights.see("b", "zq0shop", "zq0two")
    nights.link()
    assert nights.sets() == {frozenset({4}), frozenset({5})}
    assert {contact for lead in nights.store.leads.queue() for contact in lead.contacts} == {
        ("wechat", "zq0one"),
        ("wechat", "zq0two"),
    }


def test_an_uncertain_contact_ties_nothing() -> None:
    nights = Nights()
    nights.see("a", wechat("zq0one", 0.4))
    nights.see("b", wechat("zq0one", 0.4))
    nights.link()
    assert len(nights.leads()) == 2


def test_rivals_with_one_template_are_two_leads_and_a_mute_copy_is_a_third() -> None:
    nights = Nights()
    nights.see("a", "zq0one", text=TEXTS["route"] + "加 zq0one")
    nights.see("b", "zq0two", text=TEXTS["route"] + "加 zq0two")
    nights.see("c", text=TEXTS["route"])
    nights.link()
    assert nights.sets() == {frozenset({1}), frozenset({2}), frozenset({3})}


def test_mute_copies_join_the_only_one_that_can_be_reached_and_say_why() -> None:
    nights = Nights()
    nights.see("a", text=TEXTS["route"])
    nights.see("b", "zq0two", text=TEXTS["route"] + "加 zq0two")
    nights.link()
    lead = nights.only()
    assert lead.contacts == (("wechat", "zq0two"),)
    assert {why for why, _ in nights.store.leads.ties(lead.id).values()} == {"same text as others of campaign c1"}


def test_a_lead_bears_the_label_title_times_and_platforms_of_its_documents() -> None:
    nights = Nights()
    nights.see("a", "zq0one", label="sex_selection_ad", score=0.99)
    nights.night = 3
    nights.see("b", "zq0one", label="fetal_sex_test_ad", score=0.95, platform="board")
    nights.link()
    lead = nights.only()
    assert (lead.label, lead.title) == ("fetal_sex_test_ad", "标题 b")  # the most harm times score speaks for the lead
    assert (lead.first_seen, lead.last_seen) == (FIRST, FIRST + timedelta(days=3))
    assert "0.99: highest score of 2 documents" in lead.reasons[0]
    assert "2 documents on 2 platforms" in lead.reasons[4]


def test_the_same_nights_give_the_same_ids_on_another_machine() -> None:
    def run() -> dict[str, tuple[int, ...]]:
        nights = Nights()
        for name, contact in (("a", "zq0one"), ("b", "zq0two"), ("c", "zq0one")):
            nights.see(name, contact)
        nights.link()
        return nights.leads()

    assert run() == run()


def test_documents_wait_in_the_lead_that_they_joined_first() -> None:
    nights = Nights()
    nights.see("a", "zq0one")
    nights.link()
    nights.see("b", "zq0one")
    nights.link()
    ties = nights.store.leads.ties(nights.only().id)
    assert {doc: at for doc, (_, at) in ties.items()} == {1: FIRST, 2: FIRST + timedelta(days=1)}


def test_a_lead_is_named_by_the_adverts_own_words_and_not_by_the_title_of_the_thread_it_stands_in() -> None:
    nights = Nights()
    nights.see("asks", flagged=False)
    nights.see("below", "zq0one", text="满六周就能约，当天来回。", parent="asks")
    nights.link()
    assert nights.only().title == "满六周就能约，当天来回。"
    reckon(nights.store, labels(), [nights.only().id], nights.now)
    assert nights.only().title == "满六周就能约，当天来回。"


@pytest.mark.parametrize("before", range(40, TITLE + 2))
def test_a_long_title_ends_with_a_clause_so_that_no_half_contact_stands_in_it(before: int) -> None:
    text = f"{'约' * before}，加薇 zq0nuanxin88 发流程"
    assert "zq0n" not in headline(text) or "zq0nuanxin88" in headline(text)
    assert len(headline(text)) <= TITLE
