"""A writer who came after the models: what the default model makes of 160 documents that nothing was trained, tuned or chosen on."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier import evaluation, gold, material, models

UNSEEN = Path(__file__).parent / "unseen.jsonl"


@pytest.fixture(scope="module")
def judged() -> evaluation.Judged:
    return evaluation.judged(models.load("stack"), material.training([UNSEEN]))


def test_the_set_keeps_the_rules_of_the_gold_set_and_is_no_part_of_it() -> None:
    documents = gold.read([UNSEEN])
    assert len(documents) == 160
    assert {document.writer for document in documents} == {"w26"}
    assert not {document.writer for document in documents} & {document.writer for document in gold.read()}


def test_most_adverts_are_found(judged: evaluation.Judged) -> None:
    scores = evaluation.scores(judged)
    assert scores["f1"] >= 0.94
    assert scores["label_accuracy"] >= 0.91


def test_adverts_that_pose_as_news_are_found_and_news_are_not_flagged(judged: evaluation.Judged) -> None:
    scores = evaluation.scores(judged.where(lambda example: example.venue == "news"))
    assert (scores["precision"], scores["recall"] >= 0.95) == (1.0, True)


def test_women_who_ask_or_tell_are_left_alone(judged: evaluation.Judged) -> None:
    flagged = [
        example.id
        for example, judgement in zip(judged.examples, judged.judgements, strict=True)
        if example.label == "seeker" and judgement.flagged
    ]
    assert len(flagged) <= 2, flagged
