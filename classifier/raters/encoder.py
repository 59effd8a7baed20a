"""The encoder model: sentence vectors of a text's passages, and calibrated linear heads over their mean.

The mean keeps the heads additive, so that each passage's share of the margin is known: the passage that weighs most is the evidence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import arrays, material
from classifier.contract import Text
from classifier.encoders import Encoder, Floats, encoder
from classifier.material import Example
from classifier.models import read_meta, write_meta
from classifier.raters.linear import combine
from classifier.reasons import reason
from core.errors import ModelError
from core.labels import labels
from core.types import Judgement, Span
from text.normalise import normalise

WEIGHTS = "weights.npz"
PASSAGE, MOST_PASSAGES = (
    300,
    8,
)  # characters; of a longer text the head and the last passage are read: adverts sell at the end
MOST_TITLE = 200
PROBE = "香港验血查男女要多少钱，抽血之后多久出结果"  # its vector tells whether the encoder is the one that the heads were fitted on
SAME = 0.98  # least cosine
_SURROGATE = re.compile("[\ud800-\udfff]")  # halves of pairs: no text for an encoder
BATCH = 128


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a text: where it starts and ends in the raw text; a title has no place there."""

    words: str
    start: int = -1
    end: int = -1


def passages(text: Text) -> list[Passage]:
    """The passages of a text, its title first; never none."""
    starts = list(range(0, len(text.text), PASSAGE))
    if len(starts) > MOST_PASSAGES:
        starts = [*starts[: MOST_PASSAGES - 1], len(text.text) - PASSAGE]
    body = [Passage(text.text[at : at + PASSAGE], at, min(len(text.text), at + PASSAGE)) for at in starts]
    title = [Passage(text.title[:MOST_TITLE])] if text.title.strip() else []
    return [*title, *body] or [Passage(" ")]


def vectors(by: Encoder, texts: Sequence[Text]) -> tuple[Floats, list[list[Passage]], Floats]:
    """(mean vector of each text, its passages, the vectors of all passages one after another)."""
    cut = [passages(text) for text in texts]
    each = by.encode([_SURROGATE.sub("\ufffd", passage.words) for some in cut for passage in some])
    if not texts:
        return np.zeros((0, by.dimensions), dtype=np.float32), cut, each
    counts = np.array([len(some) for some in cut])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return (np.add.reduceat(each, starts, axis=0) / counts[:, None]).astype(np.float32), cut, each


class EncoderRater:
    """Judges by heads over mean vectors; the span is the passage with the largest share."""

    def __init__(self, name: str, by: Encoder, weights: Floats, intercepts: Floats, meta: Mapping[str, Any]) -> None:
        self.name, self.encoder, self.weights, self.intercepts = name, by, weights, intercepts
        self.threshold, self.unsure = float(meta["threshold"]), (float(meta["unsure"][0]), float(meta["unsure"][1]))
        self.mix = np.array(meta["mix"], dtype=np.float64)
        self.label_scale = np.array(meta["label_scale"], dtype=np.float64)
        self.labels = tuple(meta["labels"])
        self.heads = tuple(meta["heads"])
        self.flagged = np.array([labels()[label].flagged for label in self.labels])

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """One judgement for each text."""
        return [found for start in range(0, len(texts), BATCH) for found in self._judge(texts[start : start + BATCH])]

    def _judge(self, texts: Sequence[Text]) -> list[Judgement]:
        mean, cut, each = vectors(self.encoder, texts)
        score, shares = combine(mean @ self.weights + self.intercepts, self.mix, self.label_scale, self.flagged)
        weight = each @ self.weights[:, self.heads.index("flagged")]
        found, at = [], 0
        for index, some in enumerate(cut):
            found.append(self._one(float(score[index]), shares[index], some, weight[at : at + len(some)]))
            at += len(some)
        return found

    def _one(self, score: float, shares: npt.NDArray[np.float64], some: Sequence[Passage], weight: Floats) -> Judgement:
        flagged = score >= self.threshold
        label = self.labels[int(np.where(self.flagged == flagged, shares, -1.0).argmax())]
        inside = [
            (float(value), passage)
            for value, passage in zip(weight, some, strict=True)
            if passage.words.strip() and passage.start >= 0
        ]
        best = max(inside, key=lambda item: item[0])[1] if inside and score >= self.unsure[0] else None
        probabilities = {name: round(float(share), 4) for name, share in zip(self.labels, shares, strict=True)}
        unsure = self.unsure[0] <= score <= self.unsure[1]
        return Judgement(label, flagged, round(score, 4), self.name, probabilities, _spans(best), unsure)


def _spans(passage: Passage | None) -> tuple[Span, ...]:
    if passage is None:
        return ()
    quote = passage.words.strip()
    start = passage.start + passage.words.index(quote)
    return (Span(start, start + len(quote), quote, reason(normalise(quote).folded)),)


def load(folder: Path, options: Mapping[str, Any]) -> EncoderRater:
    """The trained heads of a folder on the encoder of its options.

    Raises:
        ModelError: weights are missing, altered or made for another label set; the encoder's package or model is missing, or it is
            not the one that the heads were fitted on.
    """
    meta = read_meta(folder)
    by = encoder(options, folder)
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        weights, intercepts, probe = (stored[name].astype(np.float32) for name in ("weights", "intercepts", "probe"))
    found = by.encode([PROBE])[0]
    cosine = (
        float(found @ probe) / float(np.linalg.norm(found) * np.linalg.norm(probe))
        if found.shape == probe.shape
        else 0.0
    )
    if cosine < SAME:
        raise ModelError(
            f"{folder}: its heads were fitted on another encoder ({len(probe)} dimensions, likeness {cosine:.2f}, expected {SAME}); "
            f"restore the encoder or run `xuncha train {folder.name}`"
        )
    return EncoderRater(f"model:{folder.name}@{meta['sha256'][:12]}", by, weights, intercepts, meta)


def train(
    folder: Path, options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]
) -> dict[str, Any]:
    """Fit the heads on frozen vectors, calibrate on writers left out, and save; returns what the card tells.

    Options: those of the encoder; ``seed``, ``copies`` (share of obfuscated copies), ``shared`` (most documents), ``cost``; and
    ``finetune`` (epochs; sentence-transformers alone) to adapt the encoder itself first, which is then kept in ``folder/tuned``.
    """
    from classifier.calibration import calibrate
    from classifier.copies import hidden
    from classifier.fitting import Counted, Labelled

    rng = random.Random(int(options.get("seed", 7)))  # noqa: S311 - not for secrets
    some = list(shared)
    rng.shuffle(some)
    parts = {
        "gold": list(examples),
        "copy": hidden(examples, float(options.get("copies", 0.35)), rng),
        "shared": some[: int(options.get("shared", 2000))],
    }
    every = [example for part in parts.values() for example in part]
    by = _tuned(folder, options, parts["gold"]) if options.get("finetune") else encoder(options, folder)
    mean = np.concatenate(
        [vectors(by, [example.text for example in every[at : at + 512]])[0] for at in range(0, len(every), 512)]
    )
    data = Labelled(
        Counted((), (), np.empty(0, dtype=np.int64)),  # the heads read vectors, not counts
        np.array([example.label for example in every]),
        np.array([kind for kind, part in parts.items() for _ in part]),
        np.array([example.group for example in every]),
    )
    cost = float(options.get("cost", 10.0))
    chosen = calibrate(_unseen(mean, data, cost), data)
    weights, intercepts = fit(mean, data.label, data.kind, cost)
    stored = {
        "weights": weights.astype(np.float32),
        "intercepts": intercepts.astype(np.float32),
        "probe": by.encode([PROBE])[0],
    }
    arrays.write(folder / WEIGHTS, stored)
    told = {
        **{kind: len(part) for kind, part in parts.items()},
        "seed": int(options.get("seed", 7)),
        "files": material.digests(),
    }
    write_meta(folder, WEIGHTS, {**chosen, "heads": heads(), "labels": list(labels()), "trained_on": told})
    return {**chosen, **told}


def heads() -> list[str]:
    """The heads, in order: the labels, then whether a text is flagged."""
    return [*labels(), "flagged"]


def fit(mean: Floats, label: npt.NDArray[Any], kind: npt.NDArray[Any], cost: float) -> tuple[Floats, Floats]:
    """(dimensions, heads) coefficients and intercepts of logistic regressions, one head against the rest."""
    from sklearn.linear_model import LogisticRegression

    known = labels()
    weight = np.select([kind == "gold", kind == "copy"], [1.0, 0.5], 0.1)
    columns, intercepts = [], []
    for head in heads():
        truth = np.array([known[name].flagged for name in label]) if head == "flagged" else label == head
        machine = LogisticRegression(C=cost, max_iter=1000).fit(mean, truth, sample_weight=weight)
        columns.append(machine.coef_[0])
        intercepts.append(machine.intercept_[0])
    return np.array(columns).T, np.array(intercepts)


def _unseen(mean: Floats, data: Any, cost: float, folds: int = 5) -> npt.NDArray[np.float64]:
    """Margins of each text from heads that saw no other of its writer."""
    from sklearn.model_selection import GroupKFold

    margins = np.zeros((len(mean), len(heads())))
    for seen, left in GroupKFold(folds).split(mean, groups=data.group):
        weights, intercepts = fit(mean[seen], data.label[seen], data.kind[seen], cost)
        margins[left] = mean[left] @ weights + intercepts
    return margins


def _tuned(folder: Path, options: Mapping[str, Any], examples: Sequence[Example]) -> Encoder:
    if options.get("backend") != "sentence-transformers":
        raise ModelError(
            f"{folder}/model.yml: option 'finetune' needs backend sentence-transformers, found {options.get('backend')!r}"
        )
    from classifier.contrastive import finetune

    return finetune(folder, options, examples)
