"""What stays of a re-written advert is constant, what changes is a slot with its values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from text.template import MOST_TEXTS, Part, template

FILLED = [("4800", "zq0aa0000", "深圳"), ("5200", "zq0bb0000", "厦门"), ("4800", "zq0cc0000", "福州")]
TEXTS = [
    f"广东福建的姐妹看过来，{place}出发当天来回，七周就能知道，费用{price}元，罗湖口岸有人接，加薇 {contact}"
    for price, contact, place in FILLED
]


def shape(parts: tuple[Part, ...]) -> list[str]:
    return [part.kind or part.text for part in parts]


def test_what_changes_is_a_slot_with_its_kind_and_values() -> None:
    parts = template(TEXTS)
    assert shape(parts) == [
        "广东福建的姐妹看过来", "place", "出发当天来回，七周就能知道，费用", "price", "元，罗湖口岸有人接，加薇", "contact",
    ]  # fmt: skip
    assert parts[1].values == (("厦门", 1), ("深圳", 1), ("福州", 1))
    assert parts[3].values == (("4800", 2), ("5200", 1))
    assert (parts[5].distinct, dict(parts[5].values)) == (3, dict.fromkeys(("zq0aa0000", "zq0bb0000", "zq0cc0000"), 1))


def test_one_text_is_constant_and_none_has_no_parts() -> None:
    assert template(TEXTS[:1]) == (Part(TEXTS[0]),)
    assert template([TEXTS[0]] * 5) == (Part(TEXTS[0]),)
    assert template([]) == template(["", " ，"]) == ()


def test_disguise_changes_nothing() -> None:
    hidden = "\u200b".join(TEXTS[0]).replace("广东", "廣東")
    assert shape(template([TEXTS[0], hidden])) == [TEXTS[0]]


def test_a_sentence_that_some_leave_out_is_a_slot_that_may_be_empty() -> None:
    more = TEXTS[0].replace("罗湖口岸有人接", "孩子爸爸可以陪同，罗湖口岸有人接")
    parts = template([more, TEXTS[0], TEXTS[0], more])
    [slot] = [part for part in parts if not part.constant]
    assert dict(slot.values) == {"孩子爸爸可以陪同": 2, "": 2}


def test_what_one_of_many_adds_is_left_out() -> None:
    assert all(part.constant for part in template([TEXTS[0]] * 12 + [TEXTS[0] + "，速来速来速来"]))


@given(st.lists(st.text(alphabet="香港验血孕周可以，。12a ", max_size=40), max_size=MOST_TEXTS + 3))
def test_any_texts_have_a_template_whose_constants_stand_in_one_of_them(texts: list[str]) -> None:
    parts = template(texts)
    for part in parts:
        assert part.constant == bool(part.text)
        if part.constant and len(parts) < 3:
            assert any(part.text in text for text in texts)
        assert sum(count for _, count in part.values) <= MOST_TEXTS
