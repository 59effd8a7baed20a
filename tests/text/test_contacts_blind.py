"""Contacts on a blind set: 439 texts by a writer who had not seen the rules (``contacts_blind.jsonl``).

As first run, before any change, recall was 0.829 and precision 0.859. First the odd ids were developed on; the even half stayed unseen
and stood at 0.867 and 0.942. After that the even half was read as well and its errors mended by general rules. One expected value, the
path of cb-077, was mended: the policy lower-cases hosts and keeps paths. Both halves are now developed on: this is a
regression test and no measure of new text. Floors stand just under what was reached; they only rise.
"""

import json
from pathlib import Path

import pytest

from text.contacts import find_contacts

ROWS = [json.loads(line) for line in (Path(__file__).parent / "contacts_blind.jsonl").read_text("utf-8").splitlines()]
FLOORS = {"odd": (0.99, 0.99), "even": (0.99, 0.99)}


def _half(name: str) -> list[dict]:
    return [row for row in ROWS if int(row["id"].removeprefix("cb-")) % 2 == (name == "odd")]


@pytest.mark.parametrize("half", ["odd", "even"])
def test_recall_and_precision_on_the_blind_set_stay(half: str) -> None:
    right = missed = wrong = 0
    errors = []
    for row in _half(half):
        want = {(contact["kind"], contact["canonical"]) for contact in row["contacts"]}
        points = find_contacts(row["text"], row["title"])
        got = {(str(point.kind), point.canonical) for point in points if point.confidence >= 0.5}
        right, missed, wrong = right + len(want & got), missed + len(want - got), wrong + len(got - want)
        if want != got:
            errors.append(f"{row['id']} ({row['way']}): missed {sorted(want - got)}, wrong {sorted(got - want)}")
    recall, precision = right / (right + missed), right / (right + wrong)
    figures = (
        f"{half} half: recall {recall:.3f}, precision {precision:.3f} ({right} right, {missed} missed, {wrong} wrong)"
    )
    report = "\n".join([figures, *errors])
    assert recall >= FLOORS[half][0], report
    assert precision >= FLOORS[half][1], report


def test_the_set_is_large_and_varied() -> None:
    with_contacts = [row for row in ROWS if row["contacts"]]
    assert len(with_contacts) >= 200
    assert len(ROWS) - len(with_contacts) >= 100
    assert len({row["way"] for row in with_contacts}) >= 25
