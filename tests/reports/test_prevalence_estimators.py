from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reports.prevalence import design
from reports.prevalence.estimators import (
    Audit,
    accuracy,
    corrected,
    design_effect,
    exact_limits,
    ppi,
    rogan_gladen,
    stratified,
    wilson,
    wilson_limits,
)
from reports.prevalence.hidden import chao

METHODS = (stratified, ppi, rogan_gladen)


@st.composite
def audits(draw: st.DrawFn, strata: int = 3, most: int = 40, rates: tuple[float, ...] = (0.0, 0.05, 0.5, 1.0)) -> Audit:
    """A random frame, drawn from at random in each stratum; every stratum is labelled."""
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    sizes = random.integers(2, most, strata)
    stratum = np.repeat(np.arange(strata), sizes)
    score = random.random(len(stratum))
    flagged = (score > 0.5).astype(np.int64)
    truth = (random.random(len(stratum)) < (0.3 + score) * draw(st.sampled_from(rates))).astype(np.int64)
    taken = np.concatenate([np.flatnonzero(stratum == h)[: random.integers(1, sizes[h] + 1)] for h in range(strata)])
    return Audit(
        sizes, np.bincount(stratum, score) / sizes, np.bincount(stratum, flagged).astype(np.int64),
        stratum[taken], score[taken], flagged[taken], truth[taken],
    )  # fmt: skip


def census(audit: Audit, truth: np.ndarray, score: np.ndarray, stratum: np.ndarray) -> Audit:
    flagged = (score > 0.5).astype(np.int64)
    return Audit(
        np.bincount(stratum),
        np.bincount(stratum, score) / np.bincount(stratum),
        np.bincount(stratum, flagged).astype(np.int64),
        stratum,
        score,
        flagged,
        truth,
    )


# -- intervals ------------------------------------------------------------------------------------------------------


def test_wilson_gives_the_figures_of_the_literature() -> None:
    assert wilson_limits(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)  # Newcombe 1998, table I, method 3
    assert wilson_limits(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_limits(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_the_exact_interval_gives_the_figures_of_the_literature() -> None:
    assert exact_limits(81, 263) == pytest.approx((0.2527, 0.3676), abs=5e-5)  # Newcombe 1998, table I, method 5
    assert exact_limits(0, 20) == pytest.approx((0.0, 0.1684), abs=5e-5)
    assert exact_limits(15, 148) == pytest.approx((0.0578, 0.1617), abs=5e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_limits_hold_the_share_and_mirror_each_other(case: tuple[int, int]) -> None:
    positives, labelled = case
    for limits in (wilson_limits, exact_limits):
        low, high = limits(positives, labelled)
        assert 0 <= low <= positives / labelled <= high <= 1
        assert limits(labelled - positives, labelled) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(st.integers(0, 50))
def test_more_labels_of_the_same_share_narrow_the_interval(positives: int) -> None:
    for limits in (wilson_limits, exact_limits):
        few, many = limits(positives, 50), limits(10 * positives, 500)
        assert many[1] - many[0] < few[1] - few[0]


def test_nothing_labelled_says_nothing() -> None:
    assert wilson_limits(0, 0) == exact_limits(0, 0) == (0.0, 1.0)


# -- estimators -----------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(audits())
def test_every_estimate_lies_in_its_interval_and_that_within_0_and_1(audit: Audit) -> None:
    for method in METHODS:
        found = method(audit)
        assert 0 <= found.low <= found.value <= found.high <= 1, found


@settings(max_examples=60)
@given(audits(most=90, rates=(0.5, 0.6)))
def test_the_correction_of_rogan_and_gladen_is_the_share_over_the_cells(audit: Audit) -> None:
    sensitivity, specificity = accuracy(audit)
    assume(sensitivity is not None and specificity is not None and sensitivity + specificity > 1 + 1e-6)
    assert corrected(audit.apparent, sensitivity, specificity) == pytest.approx(rogan_gladen(audit).value, abs=1e-6)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_a_census_gives_the_truth_without_doubt(seed: int) -> None:
    random = np.random.default_rng(seed)
    stratum, score, truth = np.repeat([0, 1], [30, 12]), random.random(42), random.integers(0, 2, 42)
    audit = census(None, truth, score, stratum)  # type: ignore[arg-type]
    for method in METHODS:
        found = method(audit)
        assert (found.low, found.value, found.high) == pytest.approx((truth.mean(),) * 3, abs=1e-9), found.method


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.99))
def test_scores_that_tell_nothing_do_not_move_ppi(seed: int, constant: float) -> None:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, 60)
    audit = Audit(
        np.array([5_000]),
        np.array([constant]),
        np.array([0]),
        np.zeros(60, np.int64),
        np.full(60, constant),
        np.zeros(60, np.int64),
        truth,
    )
    assert ppi(audit).value == pytest.approx(truth.mean())


def test_good_scores_narrow_ppi_well_below_wilson() -> None:
    random = np.random.default_rng(7)
    truth = (random.random(5_000) < 0.3).astype(np.int64)
    score = np.clip(truth * 0.8 + random.normal(0.1, 0.05, 5_000), 0, 1)
    draw = design.simple_random(score, 300, 7)
    audit = Audit(np.array([5_000]), np.array([score.mean()]), np.array([int((score > 0.5).sum())]), draw.stratum[draw.drawn], score[draw.drawn],
                  (score[draw.drawn] > 0.5).astype(np.int64), truth[draw.drawn])  # fmt: skip
    assert ppi(audit).width < 0.3 * wilson(audit).width
    assert ppi(audit).low <= truth.mean() <= ppi(audit).high


def test_a_stratum_without_labels_takes_the_share_of_the_rest_and_widens_the_interval() -> None:
    labelled = {
        "stratum": np.zeros(50, np.int64),
        "score": np.full(50, 0.1),
        "flagged": np.zeros(50, np.int64),
        "truth": np.arange(50) % 5 == 0,
    }
    known = Audit(np.array([900, 0]), np.array([0.1, 0.9]), np.array([0, 0]), **labelled)  # type: ignore[arg-type]
    half_known = Audit(np.array([900, 100]), np.array([0.1, 0.9]), np.array([0, 100]), **labelled)  # type: ignore[arg-type]
    for method in METHODS:
        assert method(half_known).value == pytest.approx(0.2)
        assert method(half_known).high > method(known).high + 0.01, method.__name__


def test_few_positives_make_ppi_say_that_it_is_conservative() -> None:
    def audit(positives: int) -> Audit:
        truth = (np.arange(200) < positives).astype(np.int64)
        return Audit(
            np.array([5_000]),
            np.array([0.1]),
            np.array([10]),
            np.zeros(200, np.int64),
            truth * 0.5 + 0.01,
            truth,
            truth,
        )

    assert ppi(audit(9)).conservative
    assert not ppi(audit(10)).conservative


def test_wilson_is_refused_for_a_stratified_sample() -> None:
    with pytest.raises(ValueError, match="one stratum"):
        wilson(census(None, np.array([0, 1]), np.array([0.1, 0.9]), np.array([0, 1])))  # type: ignore[arg-type]


def test_the_design_effect_of_a_simple_random_sample_is_one_and_strata_that_help_make_it_less() -> None:
    truth = np.repeat([0, 1], [80, 20])
    one = Audit(np.array([1_000]), np.array([0.2]), np.array([200]), np.zeros(100, np.int64), truth * 0.9, truth, truth)
    two = Audit(
        np.array([500, 500]), np.array([0.0, 0.4]), np.array([0, 200]), np.repeat([0, 1], 50), truth * 0.9, truth, truth
    )
    assert design_effect(one) == pytest.approx(1.0)
    assert design_effect(two) < 0.8  # type: ignore[operator]
    assert (
        design_effect(
            Audit(
                np.array([9]),
                np.array([0.0]),
                np.array([0]),
                np.zeros(5, np.int64),
                np.zeros(5),
                np.zeros(5, np.int64),
                np.zeros(5, np.int64),
            )
        )
        is None
    )


# -- the draw -------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=300), st.integers(1, 120), st.integers(0, 9))
def test_a_draw_has_the_size_asked_for_without_repeats_and_tells_its_probabilities(
    scores: list[float], size: int, seed: int
) -> None:
    for draw in (f(np.array(scores), size, seed) for f in design.DESIGNS.values()):
        assert len(set(draw.drawn.tolist())) == len(draw.drawn) == min(size, len(scores))
        assert draw.probability.sum() == pytest.approx(
            len(draw.drawn)
        )  # the sum of inclusion probabilities is the sample's size
        assert ((draw.probability >= 0) & (draw.probability <= 1)).all()


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=300))
def test_strata_are_in_the_order_of_scores_and_equal_scores_stay_together(scores: list[float]) -> None:
    values = np.array(scores)
    stratum = design.strata(values)
    order = np.argsort(values, kind="stable")
    assert (np.diff(stratum[order]) >= 0).all()
    assert all(len(set(stratum[values == value].tolist())) == 1 for value in scores)
    assert set(stratum.tolist()) == set(range(stratum.max() + 1))


def test_each_stratum_has_its_floor() -> None:
    given_ = design.allocation(np.array([90_000, 900, 30, 5]), np.array([0.001, 0.5, 0.9, 0.99]), 400)
    assert given_.sum() == 400
    assert given_.tolist()[2:] == [20, 5]
    assert given_[0] > given_[1] > 20


def test_the_same_seed_draws_the_same_and_another_draws_another() -> None:
    scores = np.random.default_rng(1).random(2_000)
    one, again, other = (design.stratified(scores, 100, seed).drawn.tolist() for seed in (7, 7, 8))
    assert one == again != other


def test_every_document_is_drawn_as_often_as_its_probability_says() -> None:
    scores = np.linspace(0, 1, 60) ** 3
    times = np.zeros(60)
    for seed in range(1_500):
        draw = design.stratified(scores, 24, seed)
        times[draw.drawn] += 1
    assert np.abs(times / 1_500 - draw.probability).max() < 0.06


def test_coverage_holds_in_a_short_simulation() -> None:
    from benchmarks.prevalence_coverage import COUNTED, measure

    rows = measure(0.1, 150, 7)
    assert rows[COUNTED]["coverage"] < 0.5  # counting what the classifier flags is not measuring
    assert min(row["coverage"] for name, row in rows.items() if name != COUNTED) > 0.9
    assert rows["stratified: stratified"]["width"] < rows["random: wilson"]["width"]


# -- capture and recapture ------------------------------------------------------------------------------------------


def test_chao_gives_his_formula() -> None:
    found = chao([1] * 40 + [2] * 10 + [3] * 5, 20)
    assert found["at_least"] == pytest.approx(55 + 19 / 20 * 40**2 / 20)
    assert found["low"] < found["at_least"] < found["high"]


@given(st.lists(st.integers(1, 6), max_size=60), st.integers(0, 12))
def test_the_bound_is_never_below_what_was_seen(times: list[int], occasions: int) -> None:
    found = chao(times, occasions)
    assert found["at_least"] >= found["observed"] == len(times)
    if found["low"] is not None:
        assert len(times) <= found["low"] <= found["at_least"] <= found["high"]


def test_one_occasion_tells_nothing_of_the_unseen() -> None:
    assert chao([1, 1, 1], 1) == {
        "occasions": 1,
        "observed": 3,
        "seen_once": 3,
        "seen_twice": 0,
        "at_least": 3.0,
        "low": None,
        "high": None,
    }


def test_chaos_bound_stays_below_the_true_number_when_contacts_differ() -> None:
    random = np.random.default_rng(3)
    rates = random.choice([0.01, 0.2], 1_000)
    times = random.binomial(12, rates)
    assert (times > 0).sum() < chao(times[times > 0].tolist(), 12)["at_least"] < 1_000
