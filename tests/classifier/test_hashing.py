from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.hashing import code_points, positions, rows, unit_numbers

any_text = st.text(st.characters(exclude_categories=()), max_size=40)


def one_by_one(texts: list[str], orders: tuple[int, int], bits: int) -> list[Counter[int]]:
    found = []
    for text in texts:
        units = code_points(text)
        found.append(
            Counter(int(b) for order in range(orders[0], orders[1] + 1) for b in positions(units, order, bits))
        )
    return found


@given(st.lists(any_text, max_size=5), st.sampled_from([(1, 1), (1, 3), (2, 3), (3, 5)]))
def test_texts_counted_together_are_counted_as_alone(texts: list[str], orders: tuple[int, int]) -> None:
    together = rows([code_points(text) for text in texts], orders, 12)
    found: list[Counter[int]] = [Counter() for _ in texts]
    for row, bucket, count in zip(together.row, together.bucket, together.count, strict=True):
        found[row][int(bucket)] = int(count)
    assert found == one_by_one(texts, orders, 12)
    assert together.documents == len(texts)


@given(st.lists(any_text, max_size=5))
def test_rows_come_sorted_by_text_then_bucket_each_once(texts: list[str]) -> None:
    found = rows([code_points(text) for text in texts], (1, 2), 10)
    keys = list(zip(found.row, found.bucket, strict=True))
    assert keys == sorted(set(keys))


def test_texts_shorter_than_the_shortest_piece_give_empty_rows() -> None:
    for texts in ([], [""], ["a"], ["", ""], ["a", "b"], ["a", "", "b", "c"]):
        found = rows([code_points(text) for text in texts], (2, 3), 10)
        assert (len(found.row), found.documents) == (0, len(texts))


def test_buckets_stay_within_the_table_and_do_not_change_from_run_to_run() -> None:
    found = positions(code_points("香港验血查男女"), 2, 18)
    assert (len(found), found.dtype) == (6, np.int64)
    assert 0 <= found.min() <= found.max() < 1 << 18
    assert found.tolist() == [84404, 163126, 43435, 235131, 94552, 117457]  # the weights of models/ rest on these


def test_the_order_of_units_counts() -> None:
    assert positions(code_points("验血"), 2, 18).tolist() != positions(code_points("血验"), 2, 18).tolist()
    assert positions(code_points("aa"), 2, 18).tolist() != positions(code_points("aa"), 1, 18).tolist()[:1]


def test_units_have_stable_numbers_also_where_they_are_no_text() -> None:
    assert unit_numbers(["yan", "xue", "yan", "\ud800"]).tolist() == [1921883252, 3392403614, 1921883252, 499426600]
    assert code_points("a\ud800🩸").tolist() == [0x61, 0xD800, 0x1FA78]
    assert unit_numbers([]).tolist() == []
