"""Rows in batches."""

from __future__ import annotations

import pytest

from core.batches import batches


@pytest.mark.parametrize(
    ("rows", "expected"),
    [([], []), ([1], [[1]]), ([1, 2], [[1, 2]]), ([1, 2, 3], [[1, 2], [3]])],
)
def test_rows_come_in_order_and_no_batch_is_empty(rows: list[int], expected: list[list[int]]) -> None:
    assert list(batches(iter(rows), 2)) == expected


def test_a_batch_is_given_as_soon_as_it_is_full() -> None:
    taken: list[int] = []

    def rows():  # type: ignore[no-untyped-def]
        for row in range(10):
            taken.append(row)
            yield row

    next(batches(rows(), 3))
    assert taken == [0, 1, 2]
