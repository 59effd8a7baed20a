"""The gold set is held to its own rules (classifier/gold/GUIDE.md)."""

from __future__ import annotations

from collections import Counter

import pytest

from classifier import gold, material

FLAGGED_LEAST, NEGATIVE_LEAST, EACH_FLAGGED_LEAST = 1500, 1500, 200
LEAST = {"seeker": 450, "news_legal": 300, "medical_info": 300, "folk_lore": 120, "other_ad": 200, "unrelated": 130}


@pytest.fixture(scope="module")
def documents() -> list[gold.GoldDocument]:
    return gold.read()


def test_no_document_breaks_the_rules_of_writing() -> None:
    assert list(gold.breaches(sorted(gold.FOLDER.glob("*.jsonl")))) == []


def test_there_are_enough_documents_of_each_label(documents: list[gold.GoldDocument]) -> None:
    counts = Counter(document.label for document in documents)
    flagged = {label: count for label, count in counts.items() if gold.is_flagged(label)}
    assert sum(flagged.values()) >= FLAGGED_LEAST
    assert min(flagged.values()) >= EACH_FLAGGED_LEAST
    assert sum(counts.values()) - sum(flagged.values()) >= NEGATIVE_LEAST
    assert {label: counts[label] for label in LEAST if counts[label] < LEAST[label]} == {}


def test_every_venue_is_there(documents: list[gold.GoldDocument]) -> None:
    venues = set((gold.FOLDER / "venues.txt").read_text("utf-8").split())
    assert {document.venue for document in documents} == venues


def test_the_final_quarter_is_a_quarter_and_shares_no_writer_with_training() -> None:
    training, final = material.training(), material.final()
    assert not {example.group for example in training} & {example.group for example in final}
    assert 0.2 <= len(final) / (len(training) + len(final)) <= 0.3


def test_half_of_the_adverts_show_no_contact(documents: list[gold.GoldDocument]) -> None:
    adverts = [document for document in documents if gold.is_flagged(document.label)]
    assert sum(not document.contacts for document in adverts) >= 0.45 * len(adverts)


def test_negatives_carry_contacts_too(documents: list[gold.GoldDocument]) -> None:
    others = [document for document in documents if not gold.is_flagged(document.label)]
    assert sum(bool(document.contacts) for document in others) >= 0.1 * len(others)
