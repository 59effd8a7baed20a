"""Contacts on eight blind sets, 2,679 texts by writers who had not seen the rules (``contacts_blind*.jsonl``).

At first sight recall and precision were 0.829 and 0.859 on the first, 0.838 and 0.905 on the second, 0.885 and 0.957 on the third,
0.906 and 0.951 on the fourth, 0.820 and 0.929 on the fifth (54 ways, many odd), 0.965 and 0.928 on the sixth, 0.961 and 0.961 on the
seventh (ways as often as they are met in these two and the next).
After that each was read and its errors were mended by general rules, so these are regression tests and no measure of new text. The eighth, at 0.973 and
0.961, was not mended by: it tells what today's rules do on new text. One expected
value of the first, the path of cb-077, was mended: the policy lower-cases hosts and keeps paths. Six lost their www. when the policy dropped
it. Two of the sixth (a hospital's lines in its own notice, cb6-076) are against the policy and stay errors. Floors stand just under what was
reached; they only rise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from text.contacts import find_contacts

HERE = Path(__file__).parent
FLOORS = {
    "contacts_blind": (0.99, 0.99),
    "contacts_blind2": (0.99, 0.99),
    "contacts_blind3": (0.99, 0.99),
    "contacts_blind4": (0.99, 0.99),
    "contacts_blind5": (0.99, 0.99),
    "contacts_blind6": (0.99, 0.99),
    "contacts_blind7": (0.99, 0.99),
    "contacts_blind8": (0.97, 0.96),
}


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", FLOORS)
def test_recall_and_precision_on_a_blind_set_stay(name: str) -> None:
    right = missed = wrong = 0
    errors = []
    for row in _rows(name):
        want = {(contact["kind"], contact["canonical"]) for contact in row["contacts"]}
        points = find_contacts(row["text"], row["title"])
        got = {(str(point.kind), point.canonical) for point in points if point.confidence >= 0.5}
        right, missed, wrong = right + len(want & got), missed + len(want - got), wrong + len(got - want)
        if want != got:
            errors.append(f"{row['id']} ({row['way']}): missed {sorted(want - got)}, wrong {sorted(got - want)}")
    recall, precision = right / (right + missed), right / (right + wrong)
    figures = f"{name}: recall {recall:.3f}, precision {precision:.3f} ({right} right, {missed} missed, {wrong} wrong)"
    report = "\n".join([figures, *errors])
    assert recall >= FLOORS[name][0], report
    assert precision >= FLOORS[name][1], report


@pytest.mark.parametrize("name", FLOORS)
def test_a_set_is_large_and_varied(name: str) -> None:
    rows = _rows(name)
    with_contacts = [row for row in rows if row["contacts"]]
    assert len(with_contacts) >= 200
    assert len(rows) - len(with_contacts) >= 100
    assert len({row["way"] for row in with_contacts}) >= 25
    assert len({row["text"] for row in rows}) == len(rows)
