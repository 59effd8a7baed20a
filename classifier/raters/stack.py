"""The stack: the linear model on every text, a small fine-tuned encoder on those it is not sure of, and a calibrated combination.

Most of the web is far from the border, and the linear model alone settles it at its own speed; the encoder reads the rest.
"""

from __future__ import annotations

import io
import random
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import material, roformer
from classifier.contract import Text
from classifier.material import Example
from classifier.models import load as load_model
from classifier.models import read_meta, write_meta
from classifier.raters.linear import Linear, sigmoid
from core.errors import ModelError
from core.labels import labels
from core.types import Judgement

WEIGHTS, VOCABULARY = "weights.npz", "vocabulary.txt"


class Stack:
    """Judges as the linear model does outside its band of doubt, and by both models inside it."""

    def __init__(self, name: str, base: Linear, encoder: roformer.RoFormer, meta: Mapping[str, Any]) -> None:
        self.name, self.encoder = name, encoder
        self.base = base
        self.band = (float(meta["band"][0]), float(meta["band"][1]))
        self.mix = np.array(meta["mix"], dtype=np.float64)
        self.share = float(meta["share"])
        self.threshold, self.unsure = float(meta["threshold"]), (float(meta["unsure"][0]), float(meta["unsure"][1]))

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """One judgement for each text, with spans for those that are flagged or nearly so."""
        margins = self.base.margins(texts)
        score, shares = self.base.probabilities(margins)
        doubt = np.flatnonzero((score >= self.band[0]) & (score <= self.band[1]))
        if len(doubt):
            logits = self.encoder.logits([texts[index] for index in doubt])
            score[doubt], shares[doubt] = combine(margins[doubt], shares[doubt], logits, self.mix, self.share, self.base.flagged)
        return [self._one(text, float(score[i]), shares[i]) for i, text in enumerate(texts)]

    def _one(self, text: Text, score: float, shares: npt.NDArray[np.float64]) -> Judgement:
        judgement = self.base.judgement(text, score, shares, self.threshold, self.unsure)
        return replace(judgement, rater=self.name)


def combine(
    margins: npt.NDArray[Any], shares: npt.NDArray[np.float64], logits: npt.NDArray[Any],
    mix: npt.NDArray[np.float64], share: float, flagged: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:  # fmt: skip
    """The flagging probability from both models' outputs, and label shares (a weighted geometric mean) that agree with it."""
    score = sigmoid(np.concatenate([margins, logits], axis=1) @ mix[:-1] + mix[-1])
    own = np.exp(logits[:, :-1] - logits[:, :-1].max(axis=1, keepdims=True))
    own /= own.sum(axis=1, keepdims=True)
    both = np.exp((1.0 - share) * np.log(shares + 1e-9) + share * np.log(own + 1e-9))
    for side, total in ((flagged, score), (~flagged, 1.0 - score)):
        both[:, side] *= (total / both[:, side].sum(axis=1))[:, None]
    return score, both


def load(folder: Path, options: Mapping[str, Any]) -> Stack:
    """The trained stack of a folder, on the base model that it was calibrated with.

    Raises:
        ModelError: weights are missing or altered, or the base model is another one than at training.
    """
    meta = read_meta(folder)
    base = load_model(str(options.get("base", "linear")), folder.parent)
    if not isinstance(base, Linear) or base.name != meta["base"]:
        raise ModelError(f"{folder}: calibrated on {meta['base']}, found {base.name}; run `xuncha train {folder.name}` or restore the base")
    return Stack(f"model:{folder.name}@{meta['sha256'][:12]}", base, roformer.load(folder / WEIGHTS, folder / VOCABULARY), meta)


def train(folder: Path, options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]) -> dict[str, Any]:
    """Fine-tune the encoder on all writers but the held ones, calibrate the combination on those, and save.

    Options: ``hold`` (writers), ``epochs``, ``shared`` (most shared negatives for the encoder), ``base``, ``seed``.
    """
    from classifier.finetune import finetune

    kept, _, some, _ = _divided(options, examples, shared)
    weights = [1.0] * len(kept) + [0.4] * len(some)
    trained, vocabulary = finetune(
        [*kept, *some], weights, int(options.get("epochs", 6)), int(options.get("seed", 7)), lambda line: print(line, file=sys.stderr, flush=True)
    )
    save_encoder(folder, trained, vocabulary)
    return settle(folder, options, examples, shared)


def settle(folder: Path, options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]) -> dict[str, Any]:
    """Calibrate the stored encoder with the base model as it is now, and write ``meta.json``."""
    kept, held, some, spare = _divided(options, examples, shared)
    encoder = roformer.load(folder / WEIGHTS, folder / VOCABULARY)
    base = load_model(str(options.get("base", "linear")), folder.parent)
    if not isinstance(base, Linear):
        raise ModelError(f"{folder}: expected a linear base model, found {base.name}")
    seed = int(options.get("seed", 7))
    chosen = calibrate(base, encoder, kept, held, spare, random.Random(seed))  # noqa: S311 - not for secrets
    told = {"gold": len(kept), "held": len(held), "shared": len(some), "seed": seed, "files": material.digests()}
    write_meta(folder, WEIGHTS, {**chosen, "base": base.name, "labels": list(labels()), "trained_on": told})
    return {**chosen, **{key: told[key] for key in ("gold", "held", "shared")}}


def _divided(
    options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]
) -> tuple[list[Example], list[Example], list[Example], list[Example]]:
    """(kept writers, held writers, shared negatives for the encoder, those that only the calibration sees)."""
    hold = set(options["hold"])
    some = list(shared)
    random.Random(int(options.get("seed", 7))).shuffle(some)  # noqa: S311 - not for secrets
    most = int(options.get("shared", 900))
    kept = [example for example in examples if example.group not in hold]
    return kept, [example for example in examples if example.group in hold], some[:most], some[most:]


def calibrate(
    base: Linear, encoder: roformer.RoFormer, kept: Sequence[Example], held: Sequence[Example], spare: Sequence[Example], rng: random.Random
) -> dict[str, Any]:
    """The combination's numbers from documents that neither model saw: a linear twin is fitted without the held writers."""
    from sklearn.linear_model import LogisticRegression

    from classifier import calibration, fitting
    from classifier.copies import contacted, hidden, moved, snippets
    from classifier.raters.linear import combine as base_combine

    def labelled(parts: Mapping[str, Sequence[Example]]) -> tuple[list[Example], fitting.Labelled]:
        every = [example for part in parts.values() for example in part]
        kinds = np.array([kind for kind, part in parts.items() for _ in part])
        return every, fitting.Labelled(
            fitting.count([example.text for example in every]), np.array([example.label for example in every]), kinds,
            np.array([example.group for example in every]),
        )  # fmt: skip

    pieces = snippets(kept)
    copies = [*hidden(kept, 0.35, rng), *moved(kept, 0.5, rng), *contacted(kept, pieces, 0.5, rng)]
    half = len(spare) // 2
    shown = contacted(spare[:half], pieces, 0.25, rng)
    _, seen = labelled({"gold": kept, "copy": copies, "shared": spare[:half], "contacted": shown})
    idf, coefficients, intercepts = fitting.fit(seen, fitting.Weights())
    other = list(spare[half : half + 800])
    tests = {"gold": held, "copy": hidden(held, 0.4, rng), "shared": other, "contacted": contacted(other, pieces, 0.3, rng)}
    every, unseen = labelled(tests)
    margins = fitting.scaled(unseen.counted, idf) @ coefficients + intercepts
    logits = encoder.logits([example.text for example in every])
    flagged = np.array([example.flagged for example in every])
    weight = np.array([calibration.WEIGHTS[kind] for kind in unseen.kind])
    inputs = np.concatenate([margins, logits], axis=1)
    mixer = LogisticRegression(C=0.05, max_iter=3000).fit(inputs, flagged, sample_weight=weight)
    mix = np.array([*mixer.coef_[0], float(mixer.intercept_[0])])
    base_score, shares = base_combine(margins, base.mix, base.label_scale, base.flagged)
    gold = unseen.kind == "gold"
    share, right = 0.0, 0.0
    for candidate in np.linspace(0.0, 1.0, 11):
        score, both = combine(margins, shares, logits, mix, float(candidate), base.flagged)
        accuracy = float(np.mean(np.array(base.labels)[both[gold].argmax(axis=1)] == unseen.label[gold]))
        if accuracy > right:
            share, right = float(candidate), accuracy
    score, _ = combine(margins, shares, logits, mix, share, base.flagged)
    low, high = 0.02, 0.995
    inside = (base_score >= low) & (base_score <= high)
    score = np.where(inside, score, base_score)
    threshold = calibration.choose(score[gold], flagged[gold], unseen.label[gold])
    alone = calibration.f1(flagged[gold], base_score[gold] >= base.threshold)
    return {
        "mix": [float(value) for value in mix], "share": share, "band": [low, high], "threshold": round(threshold, 4),
        "unsure": calibration.unsure(score[gold], flagged[gold], threshold),
        "held_f1": {"linear": round(alone, 4), "stack": round(calibration.f1(flagged[gold], score[gold] >= threshold), 4)},
        "held_label_accuracy": round(right, 4), "read_by_encoder": {"gold": float(inside[gold].mean()), "shared": float(inside[unseen.kind == "shared"].mean())},
    }  # fmt: skip


def save_encoder(folder: Path, weights: Mapping[str, npt.NDArray[Any]], vocabulary: Sequence[str]) -> None:
    """Write the encoder's weights, 8 bits a number, and its vocabulary; the same weights give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / WEIGHTS, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(roformer.quantised(weights).items()):
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED)
    (folder / VOCABULARY).write_text("\n".join(vocabulary), "utf-8")
