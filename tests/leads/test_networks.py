from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.networks import Contact, contacts_of, hubs_of, networks

A, B, C = ("wechat", "zq0a"), ("qq", "10000"), ("phone", "13800000000")


def sets(contacts: dict[int, tuple[Contact, ...]], **campaigns: list[int]) -> set[tuple[int, ...]]:
    return {network.documents for network in networks(contacts, campaigns)}


def test_a_shared_contact_ties_and_a_lone_document_stands_alone() -> None:
    assert sets({1: (A,), 2: (B,), 3: (A,), 4: ()}) == {(1, 3), (2,), (4,)}


def test_ties_reach_over_documents_with_several_contacts() -> None:
    assert sets({1: (A,), 2: (A, B), 3: (B, C), 4: (C,)}) == {(1, 2, 3, 4)}


def test_the_same_value_of_another_kind_is_another_contact() -> None:
    assert sets({1: (("wechat", "zq0a"),), 2: (("telegram", "zq0a"),)}) == {(1,), (2,)}


def test_a_template_that_two_rivals_use_stays_two_leads() -> None:
    assert sets({1: (A,), 2: (B,)}, c1=[1, 2]) == {(1,), (2,)}


def test_copies_without_a_contact_join_the_only_one_that_can_be_reached() -> None:
    assert sets({1: (), 2: (A,), 3: (), 4: (A,)}, c1=[1, 2, 3, 4]) == {(1, 2, 3, 4)}


def test_copies_without_a_contact_join_neither_of_two_rivals_but_each_other() -> None:
    assert sets({1: (), 2: (A,), 3: (B,), 4: ()}, c1=[1, 2, 3, 4]) == {(1, 4), (2,), (3,)}


def test_rivals_that_a_third_document_ties_are_one_and_the_copies_join_them() -> None:
    assert sets({1: (), 2: (A,), 3: (B,), 4: (A, B)}, c1=[1, 2, 3]) == {(1, 2, 3, 4)}


def test_copies_of_which_none_has_a_contact_are_together() -> None:
    assert sets({1: (), 2: (), 3: ()}, c1=[1, 2]) == {(1, 2), (3,)}


def test_a_campaign_member_that_is_not_flagged_ties_nothing() -> None:
    assert sets({1: (), 2: ()}, c1=[1, 99], c2=[98, 2]) == {(1,), (2,)}


def test_every_document_says_what_ties_it() -> None:
    found = networks({1: (A, B), 2: (A,), 3: (), 4: (C,)}, {"c1": [2, 3]})
    why = {id: text for network in found for id, text in network.why.items()}
    assert why == {
        1: "wechat zq0a in 2 documents",
        2: "wechat zq0a in 2 documents; same text as others of campaign c1",
        3: "same text as others of campaign c1",
        4: "on its own",
    }


def test_contacts_of_a_network_come_most_shared_first_each_once() -> None:
    [found] = networks({1: (A, B), 2: (B,), 3: (B, C), 4: (C,)}, {})
    assert found.contacts == (B, C, A)


def test_a_hub_ties_nothing_and_a_contact_that_stands_twice_counts_once() -> None:
    seen = [(1, *A), (1, *B), (1, *B), (2, *A)]
    assert contacts_of(seen, {A}) == {1: (B,)}


@pytest.mark.parametrize(
    ("ads", "others", "hub"),
    [(2, 20, True), (20, 20, False), (21, 20, False), (500, 30, False), (1, 0, False)],
)
def test_a_hub_is_seen_more_on_other_pages_than_in_adverts(ads: int, others: int, hub: bool) -> None:
    assert (hubs_of({A: ads}, lambda _: others, ()) == {A}) is hub


def test_an_official_contact_is_a_hub_by_the_operators_word() -> None:
    assert hubs_of({A: 9, B: 9}, lambda _: 0, ["wechat:zq0a", "qq:12345"]) == {A}


contacts = st.dictionaries(
    st.integers(1, 10), st.lists(st.sampled_from([A, B, C]), max_size=2, unique=True).map(tuple), max_size=10
)


@given(contacts, st.lists(st.integers(1, 10), unique=True), st.randoms(use_true_random=False))
def test_every_document_is_in_one_network_whatever_the_order(
    given: dict[int, tuple[Contact, ...]], copies: list[int], rng
) -> None:
    campaigns = {"c1": copies[:5], "c2": copies[5:]}
    found = sets(given, **campaigns)
    assert sorted(id for documents in found for id in documents) == sorted(given)
    shuffled = list(given.items())
    rng.shuffle(shuffled)
    assert sets(dict(shuffled), **{name: campaigns[name] for name in ("c2", "c1")}) == found


@given(contacts, st.lists(st.integers(1, 10), unique=True))
def test_shared_text_never_joins_two_who_can_be_reached(
    given: dict[int, tuple[Contact, ...]], copies: list[int]
) -> None:
    def reachable(found: set[tuple[int, ...]]) -> set[frozenset[int]]:
        return {
            frozenset(id for id in documents if given[id]) for documents in found if any(given[id] for id in documents)
        }

    assert reachable(sets(given, c1=copies)) == reachable(sets(given))
