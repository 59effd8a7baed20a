"""The gate as a model of its own: flags whatever deserves the full judgement. Tuned for recall, so most of what it flags is no advert."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import arrays, gate, material
from classifier.contract import Text
from classifier.gate import Gate
from classifier.material import Example
from classifier.models import read_meta, write_meta
from core.types import Judgement

WEIGHTS = "weights.npz"
PASSED, DROPPED = "fetal_sex_test_ad", "unrelated"  # the commonest label on either side: the gate tells no finer
ON_TOPIC = ("seeker", "news_legal", "medical_info", "folk_lore")  # share the trade's words: that they pass costs little
FOLDS = 5


class GateRater:
    """Flags a text when it passes; the score is the calibrated probability that it is an advert of the trade."""

    def __init__(self, name: str, weights: Gate, slope: float, shift: float) -> None:
        self.name, self.gate, self.slope, self.shift = name, weights, slope, shift

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """One judgement for each text, without spans."""
        scores = self.gate.scores(texts)
        chances = 1.0 / (1.0 + np.exp(-np.clip(scores * self.slope + self.shift, -40, 40)))
        found = []
        for passed, chance in zip(scores >= np.float32(self.gate.threshold), chances, strict=True):
            label, score = PASSED if passed else DROPPED, round(float(chance), 4)
            found.append(
                Judgement(label, bool(passed), score, self.name, {PASSED: score, DROPPED: round(1.0 - score, 4)})
            )
        return found


def load(folder: Path, options: Mapping[str, Any]) -> GateRater:  # noqa: ARG001 - the contract of raters
    """The trained gate of a folder.

    Raises:
        ModelError: weights are missing, altered, or made for another label set.
    """
    meta = read_meta(folder)
    return GateRater(
        f"model:{folder.name}@{meta['sha256'][:12]}", gate.load(folder), float(meta["slope"]), float(meta["shift"])
    )


def train(
    folder: Path, options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]
) -> dict[str, Any]:
    """Fit, choose the threshold on writers left out, and save; returns what the card tells.

    Options: ``seed``, ``copies`` and ``contacted`` (shares), ``shared`` (most documents), ``cost``, and ``recall``: the share of flagged
    documents that must pass, plain and obfuscated alike.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    from classifier.copies import contacted, hidden, snippets

    rng = random.Random(int(options.get("seed", 7)))  # noqa: S311 - not for secrets
    some = list(shared)
    rng.shuffle(some)
    some = some[: int(options.get("shared", 8000))]
    parts = {
        "gold": list(examples),
        "copy": hidden(examples, float(options.get("copies", 0.5)), rng),
        "shared": some,
        "contacted": contacted(some, snippets(examples), float(options.get("contacted", 0.25)), rng),
    }
    every = [example for part in parts.values() for example in part]
    kind = np.array([name for name, part in parts.items() for _ in part])
    truth = np.array([example.flagged for example in every])
    group = np.array([example.group for example in every])
    weight = np.array([_weight(example, name) for example, name in zip(every, kind, strict=True)])
    counted, latin = _matrix([example.text for example in every])
    cost = float(options.get("cost", 0.03))

    unseen = np.zeros(len(every))
    for seen, left in GroupKFold(FOLDS).split(truth, groups=group):
        weights, intercept = _fit(counted[seen], truth[seen], weight[seen], kind[seen] == "gold", cost)
        unseen[left] = counted[left] @ weights + intercept
    least = 1.0 - float(options.get("recall", 0.985))
    threshold = min(float(np.quantile(unseen[truth & (kind == name) & ~latin], least)) for name in ("gold", "copy"))
    passed = (unseen >= threshold) | latin
    scale = LogisticRegression(C=10.0).fit(unseen[kind == "gold"][:, None], truth[kind == "gold"])
    weights, intercept = _fit(counted, truth, weight, kind == "gold", cost)
    arrays.write(folder / WEIGHTS, {"weights": weights.astype(np.float16)})
    told = {
        **{name: len(part) for name, part in parts.items()},
        "seed": int(options.get("seed", 7)),
        "files": material.digests(),
        "unseen_recall": round(float(passed[truth & (kind == "gold")].mean()), 4),
        "unseen_recall_obfuscated": round(float(passed[truth & (kind == "copy")].mean()), 4),
        "unseen_pass_rate_shared": round(float(passed[kind == "shared"].mean()), 4) if some else None,
    }
    numbers = {
        "intercept": intercept,
        "threshold": threshold,
        "slope": float(scale.coef_[0, 0]),
        "shift": float(scale.intercept_[0]),
    }
    write_meta(folder, WEIGHTS, {**numbers, "trained_on": told})
    return {**numbers, **told}


def _weight(example: Example, kind: str) -> float:
    """How much an example counts: everyday texts in full, because they are the stream; negatives on the topic hardly at all."""
    if example.flagged:
        return 1.0 if kind == "gold" else 0.5
    if kind == "shared":
        return 1.0
    if kind == "contacted":
        return 0.5
    return (0.3 if kind == "gold" else 0.15) * (0.05 if example.label in ON_TOPIC else 1.0)


def _matrix(texts: Sequence[Text]) -> tuple[Any, npt.NDArray[np.bool_]]:
    """The n-grams of texts as sparse rows, scaled as the gate scales them, and which texts are in Latin letters."""
    from scipy.sparse import csr_matrix, vstack

    rows, latin = [], []
    for start in range(0, len(texts), gate.BATCH):
        found = gate.grams(texts[start : start + gate.BATCH])
        values = np.repeat(1.0 / np.sqrt(found.lengths), found.lengths).astype(np.float32)
        ends = np.concatenate([[0], np.cumsum(found.lengths)])
        part = csr_matrix((values, found.buckets.astype(np.int32), ends), shape=(len(found.lengths), 1 << gate.BITS))
        part.sum_duplicates()
        rows.append(part)
        latin.append(found.latin)
    return vstack(rows).tocsr(), np.concatenate(latin)


def _fit(
    counted: Any,
    truth: npt.NDArray[np.bool_],
    weight: npt.NDArray[np.float64],
    gold: npt.NDArray[np.bool_],
    cost: float,
) -> tuple[npt.NDArray[np.float64], float]:
    """(weight of each bucket, intercept); n-grams of a single gold document are left out."""
    from sklearn.svm import LinearSVC

    frequency = np.bincount(counted[np.flatnonzero(gold)].indices, minlength=counted.shape[1])
    idf = np.where(frequency < 2, 0.0, np.log((1 + gold.sum()) / (1 + frequency)) + 1.0)
    machine = LinearSVC(C=cost, max_iter=3000, random_state=7)
    machine.fit(counted.multiply(idf).tocsr(), truth, sample_weight=weight)
    return idf * machine.coef_[0], float(machine.intercept_[0])
