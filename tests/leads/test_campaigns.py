from __future__ import annotations

from flagged import TEXTS
from hypothesis import given
from hypothesis import strategies as st

from leads.campaigns import MIN_CHARACTERS, campaigns
from leads.forest import Forest

ROUTE, COURIER = TEXTS["route"], TEXTS["courier"]
REWRITTEN = ROUTE.replace("姐妹", "宝妈") + "有需要的私信。"


def members(found: dict[str, dict[int, float]]) -> dict[str, list[int]]:
    return {name: sorted(similar) for name, similar in found.items()}


def test_a_rewritten_advert_meets_the_first_and_another_advert_does_not() -> None:
    found = campaigns({1: ROUTE, 2: COURIER, 3: REWRITTEN, 4: COURIER + "全国可约"}, {}, 0.6)
    assert members(found) == {"c1": [1, 3], "c2": [2, 4]}
    assert 0.6 <= found["c1"][3] < 1.0


def test_an_advert_under_another_contact_is_the_same_campaign() -> None:
    found = campaigns({1: ROUTE + "加 zq0aaa111", 2: ROUTE + "加 zq0bbb222"}, {}, 0.9)
    assert members(found) == {"c1": [1, 2]}


def test_an_advert_in_disguise_meets_the_plain_one() -> None:
    hidden = "\u200b".join(ROUTE).replace("广东", "廣東").replace("，", " , ")
    assert members(campaigns({1: ROUTE, 2: hidden}, {}, 0.6)) == {"c1": [1, 2]}


def test_short_texts_are_alike_by_chance() -> None:
    short = ROUTE[: MIN_CHARACTERS - 1]
    assert campaigns({1: short, 2: short}, {}, 0.6) == {}
    assert members(campaigns({1: short + "。", 2: short + "。"}, {}, 0.6)) == {"c1": [1, 2]}


def test_a_document_like_no_other_is_in_no_campaign() -> None:
    assert campaigns({1: ROUTE, 2: COURIER}, {}, 0.6) == {}
    assert campaigns({}, {1: "c1"}, 0.6) == {}


def test_the_threshold_is_the_operators_choice() -> None:
    longer = ROUTE + "另外也有从上海出发的线路，提前一周预约可以再便宜五百。"
    assert campaigns({1: ROUTE, 2: longer}, {}, 0.9) == {}
    assert members(campaigns({1: ROUTE, 2: longer}, {}, 0.4)) == {"c1": [1, 2]}


def test_a_campaign_keeps_its_id_when_an_earlier_document_joins() -> None:
    assert members(campaigns({5: ROUTE, 6: REWRITTEN}, {}, 0.6)) == {"c5": [5, 6]}
    found = campaigns({1: ROUTE, 5: ROUTE, 6: REWRITTEN}, {5: "c5", 6: "c5"}, 0.6)
    assert members(found) == {"c5": [1, 5, 6]}


def test_the_larger_part_of_a_campaign_that_fell_apart_keeps_the_id_and_no_part_is_lost() -> None:
    before = dict.fromkeys((1, 2, 3, 4, 5), "c1")
    found = campaigns({1: COURIER, 2: ROUTE, 3: ROUTE, 4: ROUTE, 5: COURIER}, before, 0.6)
    assert members(found) == {"c1": [2, 3, 4], "c1-2": [1, 5]}


def test_a_new_campaign_never_takes_the_id_of_one_that_stands() -> None:
    before = {1: "c7", 2: "c7", 5: "c1", 6: "c1"}
    found = campaigns(
        {1: COURIER, 2: ROUTE, 3: ROUTE, 4: ROUTE, 5: TEXTS["agents"], 6: TEXTS["agents"], 8: COURIER}, before, 0.6
    )
    assert members(found) == {"c7": [2, 3, 4], "c1": [5, 6], "c1-2": [1, 8]}


def test_two_campaigns_that_meet_take_the_id_that_most_members_had() -> None:
    found = campaigns(dict.fromkeys((1, 2, 3, 4), ROUTE), {1: "c1", 2: "c9", 3: "c9"}, 0.6)
    assert members(found) == {"c9": [1, 2, 3, 4]}


@given(
    st.dictionaries(st.integers(1, 12), st.sampled_from(sorted(TEXTS))),
    st.dictionaries(st.integers(1, 12), st.sampled_from(["c1", "c2", "c3"])),
)
def test_each_document_is_in_one_campaign_with_all_that_are_like_it(
    texts: dict[int, str], before: dict[int, str]
) -> None:
    found = campaigns({id: TEXTS[name] for id, name in texts.items()}, before, 0.6)
    together = sorted(sorted(similar) for similar in found.values())
    by_text = [sorted(id for id, name in texts.items() if name == one) for one in TEXTS]
    assert together == sorted(group for group in by_text if len(group) > 1)
    again = campaigns(
        {id: TEXTS[name] for id, name in texts.items()},
        {id: name for name, group in found.items() for id in group},
        0.6,
    )
    assert again == found


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
