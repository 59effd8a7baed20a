"""Evaluation: how well a rater judges, by label and slice, with intervals; pure functions over truths and judgements."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifier.contract import Rater
from classifier.material import Example
from classifier.obfuscate import ATTACKS, HELD_OUT, obfuscate
from core.labels import labels
from core.types import Judgement

MIN_SLICE = 15  # a slice smaller than this is not shown: its figure would be noise
MIN_GENRE = 8  # there are many genres, and a share of right answers says something on few documents
BINS = 10
MOST_ATTACKED = 250  # fifteen judgements of each document: more would take an hour


@dataclass(frozen=True, slots=True)
class Judged:
    """Examples with what a rater said of each."""

    examples: tuple[Example, ...]
    judgements: tuple[Judgement, ...]

    def where(self, keep: Callable[[Example], bool]) -> Judged:
        """The part whose examples are kept."""
        pairs = [(e, j) for e, j in zip(self.examples, self.judgements, strict=True) if keep(e)]
        return Judged(tuple(e for e, _ in pairs), tuple(j for _, j in pairs))


def judged(rater: Rater, examples: Iterable[Example]) -> Judged:
    """What a rater says of examples."""
    examples = tuple(examples)
    return Judged(examples, tuple(rater.judge([example.text for example in examples])))


def scores(found: Judged) -> dict[str, float]:
    """Precision, recall and F1 of flagging (0..1), label accuracy, expected calibration error, and how many documents."""
    truth = np.array([example.flagged for example in found.examples], dtype=bool)
    said = np.array([judgement.flagged for judgement in found.judgements], dtype=bool)
    both = int((truth & said).sum())
    precision = both / int(said.sum()) if said.any() else 0.0
    recall = both / int(truth.sum()) if truth.any() else 0.0
    right = [
        example.label == judgement.label for example, judgement in zip(found.examples, found.judgements, strict=True)
    ]
    return {
        "n": len(truth),
        "f1": 2 * precision * recall / (precision + recall) if both else 0.0,
        "precision": precision,
        "recall": recall,
        "label_accuracy": float(np.mean(right)) if right else 0.0,
        "ece": calibration_error(found),
        "unsure": float(np.mean([judgement.unsure for judgement in found.judgements])) if right else 0.0,
    }


def calibration_bins(found: Judged) -> list[tuple[float, float, int]]:
    """(mean score, share truly flagged, documents) for each tenth of the score that has documents."""
    score = np.array([judgement.score for judgement in found.judgements])
    truth = np.array([example.flagged for example in found.examples], dtype=float)
    place = np.minimum((score * BINS).astype(int), BINS - 1)
    return [
        (float(score[place == bin].mean()), float(truth[place == bin].mean()), int((place == bin).sum()))
        for bin in range(BINS)
        if (place == bin).any()
    ]


def calibration_error(found: Judged) -> float:
    """Expected calibration error over ten bins of equal width (Guo et al. 2017)."""
    total = len(found.examples)
    return sum(count / total * abs(said - true) for said, true, count in calibration_bins(found)) if total else 0.0


def bootstrap(found: Judged, name: str, seed: int = 7, rounds: int = 400) -> tuple[float, float]:
    """The 95 % percentile interval of a score (Efron 1979), documents drawn with replacement."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(found.examples), len(found.examples))
        some = Judged(tuple(found.examples[i] for i in drawn), tuple(found.judgements[i] for i in drawn))
        values.append(scores(some)[name])
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def flagged_share(found: Judged, by: Callable[[Example], str]) -> dict[str, tuple[int, float]]:
    """For each part: how many documents, and the share that was flagged."""
    counts: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    for example, judgement in zip(found.examples, found.judgements, strict=True):
        counts[by(example)] += 1
        flagged[by(example)] += judgement.flagged
    return {part: (counts[part], flagged[part] / counts[part]) for part in sorted(counts)}


def per_label(found: Judged) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each label as a label, and the share of its documents that was flagged."""
    truth = Counter(example.label for example in found.examples)
    said = Counter(judgement.label for judgement in found.judgements)
    both = Counter(e.label for e, j in zip(found.examples, found.judgements, strict=True) if e.label == j.label)
    shares = flagged_share(found, lambda example: example.label)
    rows = {}
    for label in labels():
        precision = both[label] / said[label] if said[label] else 0.0
        recall = both[label] / truth[label] if truth[label] else 0.0
        f1 = 2 * precision * recall / (precision + recall) if both[label] else 0.0
        rows[label] = {
            "n": truth[label], "precision": precision, "recall": recall, "f1": f1, "flagged": shares.get(label, (0, 0.0))[1],
        }  # fmt: skip
    return rows


def slices(found: Judged) -> dict[str, dict[str, dict[str, float]]]:
    """Scores by venue, length, script and obfuscation, where a slice has enough documents."""
    by: Mapping[str, Callable[[Example], str]] = {
        "venue": lambda example: example.venue,
        "length": lambda example: next(
            name
            for name, least in (("900+", 900), ("400-899", 400), ("120-399", 120), ("30-119", 30), ("6-29", 0))
            if len(example.text.text) >= least
        ),
        "script": script_of,
    }
    result: dict[str, dict[str, dict[str, float]]] = {}
    for name, part in by.items():
        for value in sorted({part(example) for example in found.examples}):
            some = found.where(lambda example, part=part, value=value: part(example) == value)  # type: ignore[misc]
            if len(some.examples) >= MIN_SLICE:
                result.setdefault(name, {})[value] = scores(some)
    return result


def genres(found: Judged) -> dict[str, dict[str, float]]:
    """For each genre: documents, the shares ``truly`` and judged ``flagged``, and the share judged ``right``.

    Most genres are adverts alone or none at all, where precision and recall mean nothing.
    """
    rows = {}
    for genre in sorted({example.genre for example in found.examples}):
        some = found.where(lambda example, genre=genre: example.genre == genre)  # type: ignore[misc]
        if genre and len(some.examples) >= MIN_GENRE:
            truth = np.array([example.flagged for example in some.examples])
            said = np.array([judgement.flagged for judgement in some.judgements])
            rows[genre] = {
                "n": len(truth),
                "truly": float(truth.mean()),
                "flagged": float(said.mean()),
                "right": float((truth == said).mean()),
            }
    return rows


def script_of(example: Example) -> str:
    """latin, traditional or simplified, by what most of the text is."""
    from text.normalise import normalise

    text = example.text.text
    letters = sum(sign.isascii() and sign.isalpha() for sign in text)
    if letters > len(text) * 0.5:
        return "latin"
    folded = normalise(text).folded
    changed = sum(sign not in text for sign in set(folded) if "\u4e00" <= sign <= "\u9fff")
    return "traditional" if changed > 0.12 * max(1, len(set(folded))) else "simplified"


def robustness(rater: Rater, examples: Sequence[Example], rate: float = 0.3, seed: int = 7) -> dict[str, float]:
    """F1 with every document (flagged or not) under one attack at a rate; 'mixed' draws from the families trained on, 'clean' is none.

    Of more than ``MOST_ATTACKED`` documents, every second, third, ... is taken, whatever it is.
    """
    examples = examples[:: 1 + (len(examples) - 1) // MOST_ATTACKED]
    result = {"clean": scores(judged(rater, examples))["f1"]}
    for name in ["mixed", *ATTACKS]:
        rng = random.Random(seed)  # noqa: S311 - not for secrets
        hidden = [
            replace(example, text=replace(example.text, text=_attack(name, example.text.text, rate, rng)))
            for example in examples
        ]
        result[name] = scores(judged(rater, hidden))["f1"]
    return result


def _attack(name: str, text: str, rate: float, rng: random.Random) -> str:
    return obfuscate(text, rate, rng) if name == "mixed" else ATTACKS[name](text, rate, rng)


def seen_in_training(attack: str) -> bool:
    """Whether an attack family is trained on."""
    return attack not in HELD_OUT


def errors(found: Judged, most: int) -> list[dict[str, Any]]:
    """The documents judged most wrongly, worst first, with score and beginning."""
    wrong = [
        (abs(judgement.score - example.flagged), example, judgement)
        for example, judgement in zip(found.examples, found.judgements, strict=True)
        if example.flagged != judgement.flagged
    ]
    wrong.sort(key=lambda item: (-item[0], item[1].id))
    return [
        {
            "id": example.id,
            "label": example.label,
            "judged": judgement.label,
            "score": judgement.score,
            "text": example.text.text[:120],
        }
        for _, example, judgement in wrong[:most]
    ]
