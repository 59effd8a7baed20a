from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.prevalence.agreement import alpha, compare, kappa

LABEL = st.sampled_from(["seeker", "fetal_sex_test_ad", "unrelated"])


def test_kappa_gives_the_figure_of_a_known_table() -> None:
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert kappa(pairs)["value"] == pytest.approx(0.4)


def test_alpha_gives_krippendorffs_own_example() -> None:
    # Krippendorff (2011), Computing Krippendorff's alpha-reliability, example C: four observers, gaps, alpha 0.743
    rows = ["123321412***", "1233224125*3", "*3332342251*", "12332441251*"]
    units = [[row[place] for row in rows if row[place] != "*"] for place in range(12)]
    assert alpha(units)["value"] == pytest.approx(0.743, abs=5e-4)


@settings(max_examples=40)
@given(st.lists(st.tuples(LABEL, LABEL), min_size=2, max_size=40))
def test_measures_lie_within_their_limits_and_do_not_care_who_is_named_first(pairs: list[tuple[str, str]]) -> None:
    one, other = kappa(pairs, draws=100), kappa([(b, a) for a, b in pairs], draws=100)
    assert one["value"] == pytest.approx(other["value"]) if one["value"] is not None else other["value"] is None
    for found in (one, alpha(pairs, draws=100)):
        if found["value"] is not None:
            assert -1 - 1e-9 <= found["low"] <= found["value"] <= found["high"] <= 1 + 1e-9


@settings(max_examples=40)
@given(st.lists(LABEL, min_size=2, max_size=40))
def test_raters_who_always_agree_have_1_unless_they_never_told_anything_apart(labels: list[str]) -> None:
    expected = None if len(set(labels)) == 1 else pytest.approx(1.0)
    assert kappa([(label, label) for label in labels], draws=50)["value"] == expected
    assert alpha([(label, label, label) for label in labels], draws=50)["value"] == expected


def test_a_document_with_one_label_says_nothing_of_agreement() -> None:
    units = [["a", "a"], ["b", "b"], ["a", "b"]]
    assert alpha([*units, ["a"], []])["value"] == alpha(units)["value"]


def test_nothing_labelled_twice_has_no_agreement() -> None:
    assert alpha([["a"], ["b"]])["value"] is None
    assert kappa([])["value"] is None


def test_labels_that_differ_within_the_flagged_ones_agree_on_flagged() -> None:
    labels = {
        1: {"mei": "fetal_sex_test_ad", "lan": "sample_shipping_ad"}, 2: {"mei": "seeker", "lan": "seeker"}, 3: {"mei": "seeker"},
    }  # fmt: skip
    found = compare(labels, {"fetal_sex_test_ad": "yes", "sample_shipping_ad": "yes", "seeker": "no"})
    assert found["groups"]["alpha"]["value"] == pytest.approx(1.0)
    assert found["labels"]["alpha"]["value"] < 1
    assert found["disagreements"] == [
        {"document": 1, "labels": {"mei": "fetal_sex_test_ad", "lan": "sample_shipping_ad"}}
    ]
    assert found["groups"]["pairs"][0]["documents"] == 2
