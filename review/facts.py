"""What the documents of a lead promise and where: prices, weeks, accuracy, places. Suggestions of the program, not findings."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from text.offers import find_accuracy, find_prices, find_turnaround, find_week
from text.places import find_places, province_of

MOST_READ = 20_000  # characters of one document


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one text, or of all of a lead: prices as (currency, lowest, highest), counts of provinces and cities."""

    prices: tuple[tuple[str, float, float], ...]
    week: int | None
    accuracy: float | None
    turnaround: tuple[str, ...]
    provinces: tuple[tuple[str, int], ...]
    cities: tuple[tuple[str, int], ...]


def of(documents: Iterable[tuple[str, str]]) -> Facts:
    """The facts of several documents, each (title, text), together; a place counts once for each document."""
    each = [_of_text(f"{title}\n{text[:MOST_READ]}") for title, text in documents]
    amounts: dict[str, list[float]] = {}
    provinces: Counter[str] = Counter()
    cities: Counter[str] = Counter()
    for one in each:
        for currency, low, high in one.prices:
            amounts.setdefault(currency, []).extend((low, high))
        provinces.update(dict(one.provinces))
        cities.update(dict(one.cities))
    return Facts(
        tuple((currency, min(found), max(found)) for currency, found in amounts.items()),
        min((one.week for one in each if one.week), default=None),
        max((one.accuracy for one in each if one.accuracy), default=None),
        tuple(dict.fromkeys(said for one in each for said in one.turnaround)),
        tuple(provinces.most_common()),
        tuple(cities.most_common(12)),
    )


@functools.lru_cache(maxsize=2_000)
def _of_text(text: str) -> Facts:
    turnaround = find_turnaround(text)
    names = {place.name for place in find_places(text)}
    provinces = {province for name in names if (province := province_of(name))}
    return Facts(
        tuple((price.currency, price.amount, price.amount) for price in find_prices(text)),
        find_week(text),
        find_accuracy(text),
        (turnaround,) if turnaround else (),
        tuple((name, 1) for name in sorted(provinces)),
        tuple((name, 1) for name in sorted(names - provinces)),
    )
