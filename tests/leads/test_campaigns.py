"""Campaigns over several nights: which documents are one advert re-written, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest
from flagged import RATER, TEXTS, Nights
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import campaigns
from leads.campaigns import MIN_CHARACTERS, place
from leads.forest import Forest
from leads.likeness import components
from text import minhash
from text.shingles import bare

ROUTE, COURIER, AGENTS = TEXTS["route"], TEXTS["courier"], TEXTS["agents"]
REWRITTEN = ROUTE.replace("姐妹", "宝妈") + "有需要的私信。"
ONE, BRIDGE, OTHER = ROUTE + COURIER, ROUTE + COURIER + AGENTS, COURIER + AGENTS


def night(nights: Nights, *texts: str, first: int = 0) -> dict[str, int]:
    """A night that brings documents with these texts."""
    for number, text in enumerate(texts, first or nights.store.documents.count() + 1):
        nights.see(f"d{number}", text=text)
    counts = nights.gather()
    nights.night += 1
    return {kind: number for kind, number in counts.items() if number and kind != "documents"}


def members(nights: Nights) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for document, campaign in sorted(nights.store.campaigns.members().items()):
        found.setdefault(campaign, []).append(document)
    return found


def told(nights: Nights) -> list[tuple[str, str, Any]]:
    """(campaign, kind, detail) of all events."""
    return [(row["campaign"], row["kind"], row["detail"]) for row in nights.store.campaigns.events()]


def test_a_rewritten_advert_meets_the_first_and_another_advert_does_not() -> None:
    nights = Nights()
    night(nights, ROUTE, COURIER, REWRITTEN, COURIER + "全国可约")
    assert members(nights) == {"c1": [1, 3], "c2": [2, 4]}
    assert told(nights) == [("c1", "new", {"documents": [1, 3]}), ("c2", "new", {"documents": [2, 4]})]


def test_an_advert_under_another_contact_is_the_same_text() -> None:
    nights = Nights(near_duplicate=0.9)
    night(nights, ROUTE + "加 zq0aaa111", ROUTE + "加 zq0bbb222")
    assert members(nights) == {"c1": [1, 2]}
    assert len(nights.store.campaigns.texts_in("c1")) == 1


def test_an_advert_in_disguise_meets_the_plain_one() -> None:
    nights = Nights()
    night(nights, ROUTE, "\u200b".join(ROUTE).replace("广东", "廣東").replace("，", " , "))
    assert members(nights) == {"c1": [1, 2]}


def test_short_texts_are_alike_by_chance() -> None:
    nights = Nights()
    short = "七" * (MIN_CHARACTERS - 1)
    night(nights, short, short, short + "周", short + "周")
    assert members(nights) == {"c3": [3, 4]}


def test_a_document_like_no_other_is_in_no_campaign_until_one_comes() -> None:
    nights = Nights()
    assert night(nights, ROUTE, COURIER) == {}
    assert night(nights, REWRITTEN) == {"new": 1}
    assert members(nights) == {"c1": [1, 3]}


def test_every_tie_says_which_document_it_is_to_and_how_like() -> None:
    nights = Nights()
    night(nights, ROUTE, REWRITTEN, ROUTE)
    rows = nights.store.db.query("SELECT document, nearest, similarity FROM campaign_documents ORDER BY document")
    ties = {row["document"]: (row["nearest"], row["similarity"]) for row in rows}
    assert ties[1][0] == 2
    assert ties[2][0] == 1
    assert 0.6 <= ties[1][1] == ties[2][1] < 1.0
    assert ties[3] == (1, 1.0)


def test_the_threshold_is_the_operators_choice_and_another_one_forms_all_anew() -> None:
    longer = ROUTE + "另外也有从上海出发的线路，提前一周预约可以再便宜五百。"
    nights = Nights(near_duplicate=0.9)
    assert night(nights, ROUTE, longer, ROUTE) == {"new": 1}
    nights.settings = nights.settings.replace(near_duplicate=0.4)
    assert night(nights) == {"dissolved": 1, "new": 1}
    assert sorted(doc for found in members(nights).values() for doc in found) == [1, 2, 3]
    assert len(members(nights)) == 1
    assert [kind for _, kind, _ in told(nights)] == ["new", "dissolved", "new"]


def test_a_night_without_news_tells_nothing() -> None:
    nights = Nights()
    night(nights, ROUTE, REWRITTEN)
    before = (members(nights), told(nights))
    assert night(nights) == {}
    assert (members(nights), told(nights)) == before


def test_a_known_campaign_grows_under_its_id() -> None:
    nights = Nights()
    night(nights, ROUTE, ROUTE)
    assert night(nights, REWRITTEN, ROUTE) == {"joined": 1}
    assert members(nights) == {"c1": [1, 2, 3, 4]}
    assert told(nights)[-1] == ("c1", "joined", {"documents": [3, 4]})


def test_two_campaigns_that_a_document_ties_are_one_and_the_smaller_says_where_it_went() -> None:
    nights = Nights()
    night(nights, OTHER, OTHER + "好", ONE, ONE + "好", ONE + "的")
    assert members(nights) == {"c1": [1, 2], "c3": [3, 4, 5]}
    night(nights, BRIDGE)
    assert members(nights) == {"c3": [1, 2, 3, 4, 5, 6]}
    assert told(nights)[-2:] == [
        ("c1", "merged", {"into": "c3", "by": 6, "documents": [1, 2]}),
        ("c3", "joined", {"documents": [6]}),
    ]
    row = nights.store.campaigns.get("c1")
    assert row is not None
    assert (row["merged_into"], row["size"]) == ("c3", 0)


def test_what_held_together_through_one_document_falls_apart_without_it() -> None:
    nights = Nights()
    night(nights, OTHER, OTHER + "好", ONE, ONE + "好", ONE + "的", BRIDGE)
    [campaign] = members(nights)
    nights.see("d6", text="帖子已删除", flagged=False)
    night(nights)
    assert members(nights)[campaign] == [3, 4, 5]
    [part] = set(members(nights)) - {campaign}
    assert members(nights)[part] == [1, 2]
    assert told(nights)[-2:] == [
        (campaign, "left", {"documents": [6]}),
        (part, "split", {"from": campaign, "documents": [1, 2]}),
    ]


def test_a_campaign_of_one_is_none() -> None:
    nights = Nights()
    night(nights, ROUTE, REWRITTEN)
    nights.see("d1", text="帖子已删除", flagged=False)
    night(nights)
    assert members(nights) == {}
    assert [kind for _, kind, _ in told(nights)] == ["new", "left", "left", "ended"]
    night(nights, ROUTE)
    assert list(members(nights).values()) == [[2, 3]]


def test_a_changed_document_leaves_and_joins_by_its_new_text() -> None:
    nights = Nights()
    night(nights, ROUTE, REWRITTEN, ROUTE, COURIER)
    nights.see("d3", text=COURIER + "全国")
    night(nights)
    assert {frozenset(found) for found in members(nights).values()} == {frozenset({1, 2}), frozenset({3, 4})}


def test_the_first_document_of_a_text_may_leave_and_its_copies_stay() -> None:
    nights = Nights()
    night(nights, ROUTE, ROUTE, ROUTE)
    nights.see("d1", text="帖子已删除", flagged=False)
    night(nights)
    assert members(nights) == {"c1": [2, 3]}
    night(nights, REWRITTEN)
    assert members(nights) == {"c1": [2, 3, 4]}


def test_a_text_that_is_gone_is_met_no_more() -> None:
    nights = Nights()
    night(nights, ROUTE)
    nights.see("d1", text="帖子已删除", flagged=False)
    night(nights)
    night(nights, REWRITTEN)
    assert members(nights) == {}
    stale = nights.store.db.execute("SELECT count(*) FROM campaign_keys WHERE text = 1").fetchone()
    assert stale < (minhash.BANDS,), "stale keys are dropped when they are met"


def test_a_crowded_template_fills_no_band_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "MOST_IN_A_BAND", 3)
    nights = Nights()
    night(nights, *(ROUTE + "，" + sign * 2 for sign in "甲乙丙丁戊己庚辛壬癸子丑寅卯"))
    [(_, found)] = members(nights).items()
    assert found == list(range(1, 15))
    most = nights.store.db.execute(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM campaign_keys GROUP BY key)"
    ).fetchone()
    assert most == (3,)


def test_a_night_that_was_stopped_goes_on_and_ends_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def fill() -> Nights:
        nights = Nights()
        for number in range(12):
            nights.see(f"d{number}", text=(ROUTE, COURIER, AGENTS)[number % 3] + "好" * (number // 3))
        return nights

    monkeypatch.setattr(campaigns, "BATCH", 5)
    whole, stopped = fill(), fill()
    whole.gather()
    ends = iter([None, None, KeyboardInterrupt])
    take = campaigns._Night.take

    def take_and_stop(self: Any, batch: Any) -> None:
        take(self, batch)
        if next(ends, None):
            raise KeyboardInterrupt

    monkeypatch.setattr(campaigns._Night, "take", take_and_stop)
    with pytest.raises(KeyboardInterrupt):
        stopped.gather()
    assert 0 < len(members(stopped)) < 3 or members(stopped) != members(whole)
    monkeypatch.setattr(campaigns._Night, "take", take)
    stopped.gather()
    assert members(stopped) == members(whole)


def test_another_model_moves_only_what_it_sees_otherwise() -> None:
    nights = Nights()
    night(nights, ROUTE, REWRITTEN, ROUTE)
    for document, flagged in ((1, True), (2, False), (3, True)):
        _, said = nights.store.judgements.latest(document)[0]
        other = type(said)("fetal_sex_test_ad", flagged, 0.9, "model:other@1")
        nights.store.judgements.add([(document, 1, other)], nights.now)
    place(nights.store, "model:other@1", 0.6, lambda: nights.now)
    assert members(nights) == {"c1": [1, 3]}
    assert told(nights)[-1] == ("c1", "left", {"documents": [2]})


def test_a_campaign_is_named_by_its_key_terms_without_contacts() -> None:
    nights = Nights()
    night(nights, "香港验血查胎儿性别，七周就可以预约，加微信 zq0kitty00，胎芽满三毫米当天出结果。")
    night(nights, "香港验血查胎儿性别，六周就可以预约，加微信 zq0kitty00，胎芽满三毫米当天出结果。")
    row = nights.store.campaigns.get("c1")
    assert row is not None
    assert "胎芽" in row["terms"]
    assert not any("zq0" in term for term in row["terms"])


def test_a_campaign_is_named_anew_when_it_has_doubled() -> None:
    nights = Nights()
    night(nights, ROUTE, ROUTE)
    nights.store.campaigns.set_name("c1", ["旧名"])
    night(nights, ROUTE)
    assert nights.store.campaigns.get("c1")["terms"] == ["旧名"]  # type: ignore[index]
    night(nights, ROUTE)
    assert nights.store.campaigns.get("c1")["terms"] != ["旧名"]  # type: ignore[index]


# -- whatever comes

document = st.tuples(
    st.integers(0, 9), st.sampled_from(["", *TEXTS]), st.sampled_from(["", "好", "七周可查"]), st.booleans()
)


@settings(max_examples=40)
@given(st.lists(st.lists(document, max_size=6), min_size=1, max_size=4))
def test_the_index_agrees_with_comparing_each_with_each_and_events_tell_all(
    given: list[list[tuple[int, str, str, bool]]],
) -> None:
    nights = Nights()
    believed: dict[int, str] = {}
    seen = 0
    for some in given:
        for name, text, more, flagged in some:
            nights.see(f"d{name}", text=TEXTS.get(text, "短") + more, flagged=flagged)
        nights.gather()
        flagged_now = {item.id: nights.store.documents.get(item.id) for item in nights.store.judgements.flagged(RATER)}
        sketches = {
            id: minhash.sketch(minhash.hashes(bare(found.text)))
            for id, found in flagged_now.items()
            if found and len(bare(found.text)) >= MIN_CHARACTERS
        }
        exact = {frozenset(tie.text for tie in part) for part in components(sketches, 0.6) if len(part) > 1}
        assert {frozenset(found) for found in members(nights).values()} == exact
        events = nights.store.campaigns.events()
        for event in events[seen:]:
            kind, detail, campaign = event["kind"], event["detail"], event["campaign"]
            if kind in ("new", "joined", "split"):
                believed |= dict.fromkeys(detail["documents"], campaign)
            elif kind == "merged":
                assert {doc for doc, held in believed.items() if held == campaign} == set(detail["documents"])
                believed |= dict.fromkeys(detail["documents"], detail["into"])
            elif kind == "left":
                believed = {doc: held for doc, held in believed.items() if doc not in detail["documents"]}
            elif kind == "ended":
                assert campaign not in believed.values()
        seen = len(events)
        assert believed == nights.store.campaigns.members()
        nights.night += 1


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15))))
def test_joined_members_are_in_one_set_and_every_member_in_one(pairs: list[tuple[int, int]]) -> None:
    forest: Forest[int] = Forest(range(16))
    near = {member: {member} for member in range(16)}
    for one, other in pairs:
        forest.join(one, other)
        merged = near[one] | near[other]
        near |= dict.fromkeys(merged, merged)
    assert {frozenset(members) for members in forest.sets()} == {frozenset(members) for members in near.values()}
    assert sorted(member for members in forest.sets() for member in members) == list(range(16))
    assert all(len({forest.root(member) for member in members}) == 1 for members in forest.sets())
