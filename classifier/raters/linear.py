"""The linear model: hashed n-grams of body, sound, title and site; one head a label, calibrated; fast, and it shows its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import material, views
from classifier.arrays import write as write_arrays
from classifier.contract import Text
from classifier.heads import Heads, Table
from classifier.material import Example
from classifier.models import read_meta, write_meta
from classifier.passages import columns, passages, strongest
from classifier.reasons import spans
from core.labels import labels
from core.types import Judgement

WEIGHTS = "weights.npz"
BATCH = 256


class Linear:
    """Judges by calibrated heads; a text is flagged when its probability reaches the threshold that training chose."""

    def __init__(self, name: str, heads: Heads, meta: Mapping[str, Any]) -> None:
        self.name, self.heads = name, heads
        self.threshold = float(meta["threshold"])
        self.unsure = (float(meta["unsure"][0]), float(meta["unsure"][1]))
        self.mix = np.array(meta["mix"], dtype=np.float64)  # of every margin, then the intercept: log odds of flagged
        self.label_scale = np.array(
            meta["label_scale"], dtype=np.float64
        )  # (labels, 2): slope and intercept of each head
        self.labels = tuple(meta["labels"])
        self.flagged = np.array([labels()[name].flagged for name in self.labels])

    def margins(self, texts: Sequence[Text]) -> npt.NDArray[np.float32]:
        """(texts, heads and strongest passages) margins."""
        inside = [(place, passage) for place, text in enumerate(texts) for passage in passages(text)]
        owner = np.array([place for place, _ in inside], dtype=np.int64)
        found = (self._margins(texts), owner, self._margins([passage for _, passage in inside]))
        return strongest(*found, columns(self.heads.names))

    def _margins(self, texts: Sequence[Text]) -> npt.NDArray[np.float32]:
        parts = [self.heads.margins(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.heads.names)), dtype=np.float32)

    def probabilities(self, margins: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """(flagging probability, (texts, labels) probabilities that agree with it)."""
        return combine(margins, self.mix, self.label_scale, self.flagged)

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """One judgement for each text, with spans for those that are flagged or nearly so."""
        score, shares = self.probabilities(self.margins(texts))
        return [
            self.judgement(text, float(score[i]), shares[i], self.threshold, self.unsure)
            for i, text in enumerate(texts)
        ]

    def judgement(
        self, text: Text, score: float, shares: npt.NDArray[np.float64], threshold: float, band: tuple[float, float]
    ) -> Judgement:
        """The judgement that a score and label shares amount to; ``band`` is where a judgement is unsure."""
        flagged = score >= threshold
        allowed = np.where(self.flagged == flagged, shares, -1.0)
        label = self.labels[int(allowed.argmax())]
        shown = self.evidence(text, label) if score >= band[0] else ()
        probabilities = {name: round(float(value), 4) for name, value in zip(self.labels, shares, strict=True)}
        unsure = band[0] <= score <= band[1]
        return Judgement(label, flagged, round(score, 4), self.name, probabilities, shown, unsure)

    def evidence(self, text: Text, label: str) -> tuple[Any, ...]:
        """The spans of a text that speak for a label and for flagging."""
        normal = views.normals_of([text])[0]
        if normal.raw != text.text:  # only head and tail were read: offsets of the tail would not be the text's own
            normal = views.normals_of([replace(text, text=text.text[: views.HEAD])])[0]
        body, kept = views.masked_offsets(normal.folded)
        head = np.zeros(len(self.heads.names), dtype=np.float32)
        head[self.heads.names.index("flagged")] = 1.0
        head[self.heads.names.index(label)] += 1.0
        return spans(normal, body, self.heads.evidence(body, head), kept)


def combine(
    margins: npt.NDArray[Any],
    mix: npt.NDArray[np.float64],
    label_scale: npt.NDArray[np.float64],
    flagged: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Margins to probabilities (Platt 1999): the flagging probability, and label shares that sum to one and agree with it."""
    count = len(flagged)
    score = sigmoid(margins @ mix[:-1] + mix[-1])
    shares = sigmoid(margins[:, :count] * label_scale[:, 0] + label_scale[:, 1]) + 1e-6
    for side, total in ((flagged, score), (~flagged, 1.0 - score)):
        shares[:, side] *= (total / shares[:, side].sum(axis=1))[:, None]
    return score, shares


def sigmoid(value: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The logistic function, safe at both ends."""
    result: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(value, -40.0, 40.0)))
    return result


def load(folder: Path, options: Mapping[str, Any]) -> Linear:  # noqa: ARG001 - the contract of raters
    """The trained model of a folder, its weights checked against their digest.

    Raises:
        ModelError: weights are missing, altered, or made for another label set.
    """
    meta = read_meta(folder)
    tables = []
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        for channel in views.CHANNELS:
            bucket = stored[f"{channel.name}_bucket"].astype(np.int64)
            place = np.zeros(1 << channel.bits, dtype=np.int32)
            place[bucket] = np.arange(1, len(bucket) + 1)
            tables.append(
                # stored in half precision; turned once, not at each text: a seventh of the model's time (measured 2026-11-28)
                Table(
                    channel,
                    place,
                    *(stored[f"{channel.name}_{part}"].astype(np.float32) for part in ("idf", "weights")),
                )
            )
        heads = Heads(tuple(meta["heads"]), tuple(tables), stored["intercepts"].astype(np.float32))
    return Linear(f"model:{folder.name}@{meta['sha256'][:12]}", heads, meta)


def save(folder: Path, heads: Heads, meta: Mapping[str, Any]) -> None:
    """Write weights and ``meta.json``; the same heads give the same bytes."""
    arrays: dict[str, npt.NDArray[Any]] = {"intercepts": heads.intercepts}
    for table in heads.tables:
        name = table.channel.name
        used = np.flatnonzero(table.place)
        order = used[np.argsort(table.place[used])]
        arrays |= {
            f"{name}_bucket": order.astype(np.uint32),
            f"{name}_idf": table.idf.astype(np.float16),
            f"{name}_weights": table.weights,
        }
    write_arrays(folder / WEIGHTS, arrays)
    write_meta(folder, WEIGHTS, {**meta, "heads": list(heads.names), "labels": list(labels())})


def train(
    folder: Path, options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]
) -> dict[str, Any]:
    """Fit, calibrate on unseen folds and save; returns what the card tells.

    Options: ``cost``, and those of ``classifier.assembly``.
    """
    from classifier import calibration, fitting
    from classifier.assembly import assemble

    parts, data = assemble(options, examples, shared)
    weights = fitting.Weights(cost=float(options.get("cost", 2.0)))
    unseen = fitting.unseen_margins(data, weights)
    chosen = calibration.calibrate(unseen, data)
    heads = fitting.heads_of(fitting.fit(data, weights))
    told = {
        **{kind: len(part) for kind, part in parts.items()},
        "seed": int(options.get("seed", 7)),
        "files": material.digests(),
    }
    save(folder, heads, {**chosen, "trained_on": told})
    return {**chosen, **told}
