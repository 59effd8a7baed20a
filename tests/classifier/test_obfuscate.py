from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.obfuscate import ATTACKS, HELD_OUT, TRAINED, obfuscate
from text.normalise import normalise

AD = "怀孕七周可以过香港验血查男女，全包4800元，加微信预约。"


def hidden(name: str, rate: float = 1.0, text: str = AD, seed: int = 1) -> str:
    return ATTACKS[name](text, rate, random.Random(seed))


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_changes_the_text_the_same_way_each_time_for_one_seed(name: str) -> None:
    assert hidden(name) == hidden(name) != AD


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_leaves_alone_what_it_does_not_know(name: str) -> None:
    for text in ("", "plain words.", "\ud800\x00\n"):
        assert hidden(name, text=text) == text


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"digits", "slang"}))
def test_a_rate_of_zero_changes_nothing(name: str) -> None:
    assert hidden(name, 0.0) == AD


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("similar", "检", "捡"), ("pinyin", "香港", "xianggang"), ("gloss", "孕", "孕(yun)"), ("emoji", "血", "🩸"), ("traditional", "验", "驗"),
        ("slang", "香港", "那边"), ("split", "胎", "月台"),
    ],
)  # fmt: skip
def test_an_attack_does_what_its_description_says(name: str, text: str, shown: str) -> None:
    assert hidden(name, text=text) == shown


def test_a_homophone_sounds_alike_and_is_another_character() -> None:
    texts = {hidden("homophone", text="港", seed=seed) for seed in range(20)}
    assert texts - {"港"}
    assert {normalise(text).pinyin for text in texts} == {normalise("港").pinyin}


def test_neighbours_change_places_and_no_character_is_lost() -> None:
    assert sorted(hidden("reversal")) == sorted(AD)
    assert hidden("initials", text="香港", seed=3).strip("香港") in ("x", "g", "xg", "")


def test_gaps_and_invisible_characters_are_undone_by_folding() -> None:
    assert "".join(normalise(hidden("invisible")).folded.split()) == "".join(normalise(AD).folded.split())
    assert normalise(hidden("traditional")).folded == normalise(AD).folded


def test_digits_stay_the_same_number() -> None:
    assert "4800" not in hidden("digits")
    assert hidden("digits", text="血") == "血"


def test_what_is_measured_as_unseen_is_never_trained_on() -> None:
    assert set(HELD_OUT) | set(TRAINED) == set(ATTACKS)
    assert not set(HELD_OUT) & set(TRAINED)


def test_the_seed_alone_decides() -> None:
    assert obfuscate(AD, 0.3, random.Random(5)) == obfuscate(AD, 0.3, random.Random(5))
    assert len({obfuscate(AD, 0.3, random.Random(seed)) for seed in range(20)}) > 10


def test_a_higher_rate_changes_more() -> None:
    def kept(rate: float) -> int:
        return sum(len(set(AD) & set(hidden("pinyin", rate, seed=seed))) for seed in range(20))

    assert kept(0.1) > kept(0.4) > kept(0.9)


@given(
    st.text(st.characters(exclude_categories=()), max_size=80),
    st.sampled_from(sorted(ATTACKS)),
    st.floats(0, 1),
    st.integers(0, 99),
)
def test_any_text_survives_any_attack(text: str, name: str, rate: float, seed: int) -> None:
    assert isinstance(hidden(name, rate, text, seed), str)
