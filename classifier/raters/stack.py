"""The stack: the linear model on every text, a small fine-tuned encoder on those it is not sure of, and a calibrated combination.

Most of the web is far from the border, and the linear model alone settles it at its own speed; the encoder reads the rest. Fine-tuning
takes most of an hour on two cores, calibrating a minute: ``train`` keeps an encoder whose recipe (its documents, options and beginning)
has not changed, and calibrates anew.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import arrays, material, roformer, stacking
from classifier.contract import Text
from classifier.material import Example
from classifier.models import load as load_model
from classifier.models import read_meta, write_meta
from classifier.raters.linear import Linear
from core.errors import ModelError
from core.labels import labels
from core.types import Judgement

WEIGHTS, VOCABULARY = "weights.npz", "vocabulary.txt"
MIX, SHARE = "combination.mix", "combination.share"


class Stack:
    """Judges as the linear model does outside its band of doubt, and by both models inside it."""

    def __init__(self, name: str, base: Linear, encoder: roformer.RoFormer, meta: Mapping[str, Any]) -> None:
        self.name, self.base, self.encoder = name, base, encoder
        self.band = (float(meta["band"][0]), float(meta["band"][1]))
        self.combination = stacking.Combination(np.array(meta["mix"], dtype=np.float64), float(meta["share"]))
        self.threshold = float(meta["threshold"])
        self.unsure = (float(meta["unsure"][0]), float(meta["unsure"][1]))

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """One judgement for each text, with spans for those that are flagged or nearly so."""
        margins = self.base.margins(texts)
        score, shares = self.base.probabilities(margins)
        doubt = np.flatnonzero((score >= self.band[0]) & (score <= self.band[1]))
        if len(doubt):
            logits = self.encoder.logits([texts[int(index)] for index in doubt])
            score[doubt], shares[doubt] = self.combination.apply(
                margins[doubt], shares[doubt], logits, self.base.flagged
            )
        return [
            replace(self.base.judgement(text, float(score[i]), shares[i], self.threshold, self.unsure), rater=self.name)
            for i, text in enumerate(texts)
        ]


def load(folder: Path, options: Mapping[str, Any]) -> Stack:
    """The trained stack of a folder, on the base model that it was calibrated with.

    Raises:
        ModelError: weights are missing or altered, or the base model is another one than at training.
    """
    meta = read_meta(folder)
    base = _base(folder, options)
    if base.name != meta["base"]:
        raise ModelError(
            f"{folder}: calibrated on {meta['base']}, found {base.name}; run `xuncha train {folder.name}` or restore the base"
        )
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        combination = {"mix": stored[MIX], "share": stored[SHARE][0]}
        encoder = _encoder(folder, {name: stored[name] for name in stored.files if name not in (MIX, SHARE)})
    return Stack(f"model:{folder.name}@{meta['sha256'][:12]}", base, encoder, {**meta, **combination})


def _base(folder: Path, options: Mapping[str, Any]) -> Linear:
    base = load_model(str(options.get("base", "linear")), folder.parent)
    if not isinstance(base, Linear):
        raise ModelError(f"{folder}: expected a linear base model, found {base.name}")
    return base


def _encoder(folder: Path, weights: Mapping[str, npt.NDArray[Any]]) -> roformer.RoFormer:
    return roformer.RoFormer(weights, (folder / VOCABULARY).read_text("utf-8").split("\n"))


def train(
    folder: Path, options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]
) -> dict[str, Any]:
    """Fine-tune the encoder on all writers but the held ones, calibrate the combination on those, and save.

    Options: ``hold`` (writers), ``epochs``, ``shared`` (most shared negatives for the encoder), ``base``, ``seed``, and for the
    calibration those of ``classifier.assembly``.
    """
    from classifier import finetune

    course = finetune.course(options, examples, shared)
    weights = _kept(folder, course.recipe)
    if weights is None:
        tuned, vocabulary = finetune.finetune(course, lambda line: print(line, file=sys.stderr, flush=True))
        weights = roformer.quantised(tuned)
        (folder / VOCABULARY).write_text("\n".join(vocabulary), "utf-8")
    base = _base(folder, options)
    learned = set(course.examples)
    held = [example for example in examples if example not in learned]
    chosen = stacking.calibrate(options, base, _encoder(folder, weights), course, held)
    combination = {MIX: np.array(chosen["mix"]), SHARE: np.array([chosen["share"]])}
    arrays.write(folder / WEIGHTS, {**dict(sorted(weights.items())), **combination})
    told = {
        "gold": course.gold,
        "held": len(held),
        "shared": len(course.examples) - course.gold,
        "seed": course.seed,
        "files": material.digests(),
    }
    meta = {**{key: value for key, value in chosen.items() if key not in ("mix", "share")}, "recipe": course.recipe}
    write_meta(folder, WEIGHTS, {**meta, "base": base.name, "labels": list(labels()), "trained_on": told})
    return {**meta, **{key: told[key] for key in ("gold", "held", "shared")}}


def _kept(folder: Path, recipe: str) -> dict[str, npt.NDArray[Any]] | None:
    """The encoder of a folder, if it was made by this recipe and is whole."""
    try:
        meta = read_meta(folder)
    except ModelError:
        return None
    if meta.get("recipe") != recipe or not (folder / VOCABULARY).exists():
        return None
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files if name not in (MIX, SHARE)}
