from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.priority import HALF_LIFE_DAYS, LEAST_NOVELTY, UNREACHABLE, priority

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
CONTACTS = (("wechat", "zq0a"),)


def value(scores=(0.9,), harm=0.8, days=0.0, contacts=CONTACTS, platforms=("forum",)) -> float:  # type: ignore[no-untyped-def]
    return priority(scores, harm, "标签", NOW - timedelta(days=days), NOW, contacts, platforms)[0]


def reasons(**given: object) -> tuple[str, ...]:
    defaults = {"scores": [0.91, 0.7], "harm": 0.8, "label_title": "胎儿性别鉴定广告", "last_seen": NOW - timedelta(days=14), "now": NOW,
                "contacts": (("wechat", "zq0a"), ("qq", "10000")), "platforms": ["forum", "board"]}  # fmt: skip
    return priority(**{**defaults, **given})[1]  # type: ignore[arg-type]


def test_every_part_is_shown_in_words() -> None:
    assert reasons() == (
        "probability 0.91: highest score of 2 documents",
        "harm 0.8: 胎儿性别鉴定广告",
        "novelty 0.50: last seen 14 days ago",
        "reachability 1.0: 2 contacts (qq, wechat)",
        "spread 1.32: 2 documents on 2 platforms",
    )


def test_a_lead_without_a_contact_says_so() -> None:
    assert reasons(contacts=())[3] == f"reachability {UNREACHABLE}: no contact found"
    assert "zq0a" not in " ".join(reasons()), "a reason is printed where contacts are masked"


def test_the_parts_that_are_shown_multiply_to_the_priority() -> None:
    product = 1.0
    for reason in reasons():
        product *= float(reason.split(" ")[1].rstrip(":"))
    assert product / 2 == pytest.approx(
        value([0.91, 0.7], 0.8, 14, (("wechat", "zq0a"), ("qq", "1")), ("forum", "board")), rel=0.01
    )


@pytest.mark.parametrize(
    "falling",
    [
        [value(scores=[score]) for score in (1.0, 0.9, 0.5, 0.1)],
        [value(harm=harm) for harm in (1.0, 0.8, 0.3)],
        [value(days=days) for days in (0, 1, 7, HALF_LIFE_DAYS, 30)],
        [value(contacts=contacts) for contacts in (CONTACTS, ())],
        [value(scores=[0.9] * number) for number in (20, 5, 2, 1)],
        [value(scores=[0.9] * 4, platforms=list("abcd")[:number] * 4) for number in (4, 3, 2, 1)],
    ],
    ids=["probability", "harm", "novelty", "reachability", "documents", "platforms"],
)
def test_less_of_a_part_is_a_lower_priority(falling: list[float]) -> None:
    assert all(more > less for more, less in pairwise(falling))


def test_novelty_halves_in_two_weeks_and_has_a_floor() -> None:
    assert value(days=HALF_LIFE_DAYS) == pytest.approx(value() / 2)
    assert value(days=3650) == pytest.approx(value() * LEAST_NOVELTY)


def test_a_clock_that_goes_back_is_no_novelty() -> None:
    assert value(days=-3) == value()


def test_reading_a_second_less_certain_document_does_not_lower_a_lead() -> None:
    assert value(scores=[0.9, 0.4]) > value(scores=[0.9])


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=500), st.floats(0, 1), st.floats(-10, 5000), st.booleans(),
    st.lists(st.sampled_from("abcdefgh"), min_size=1),
)  # fmt: skip
def test_a_priority_lies_between_0_and_1(
    scores: list[float], harm: float, days: float, reached: bool, platforms: list[str]
) -> None:
    assert 0 <= value(scores, harm, days, CONTACTS if reached else (), platforms) <= 1
