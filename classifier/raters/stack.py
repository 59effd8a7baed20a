"""The stack: the linear model on every text, a small fine-tuned encoder on those it is not sure of, and a calibrated combination.

Most of the web is far from the border, and the linear model alone settles it at its own speed; the encoder reads the rest. A second encoder,
which has learned from close looks, reads those at long texts that are not flagged as a whole (docs/decisions/0019). Fine-tuning
takes most of an hour on two cores for each, calibrating a minute: ``train`` keeps an encoder whose recipe (its documents, options and
beginning) has not changed, and calibrates anew.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier import arrays, material, roformer, stacking
from classifier.contract import Text
from classifier.material import Example
from classifier.models import check, read_meta, sha256, write_meta
from classifier.models import load as load_model
from classifier.passages import close_looks, columns
from classifier.raters.linear import Linear
from core.errors import ModelError
from core.labels import labels
from core.types import Judgement, Span

if TYPE_CHECKING:
    from classifier import finetune

WEIGHTS, CLOSE, VOCABULARY = "weights.npz", "close.npz", "vocabulary.txt"
# of close looks at a long text (docs/decisions/0018): the margin of its strongest passage from which it gets them; how many of them the
# encoder may read, and the linear model's probability from which it does; the score from which one stands for the whole
NEAR, BEST, LIKELY, SURE = -0.55, 2, 0.6, 0.9
Shares = npt.NDArray[np.float64]
Reader = tuple[roformer.RoFormer, stacking.Combination]
# the digest of the other file stands among the weights, so that their own digest, the model's name, covers both
MIX, SHARE, LIMITS, DIGEST = COMBINATION = "combination.mix", "combination.share", "combination.limits", "close.sha256"


class Stack:
    """Judges as the linear model does outside its band of doubt, and by both models inside it."""

    def __init__(
        self,
        name: str,
        base: Linear,
        whole: Reader,
        close: Callable[[], Reader],
        limits: Sequence[float],
    ) -> None:
        """``whole`` reads texts; ``close``, asked for when first needed, close looks; each an encoder and its combination with the base.

        ``limits``: the band of doubt's two ends, those of the band of unsure judgements, the threshold.
        """
        self.name, self.base, self.whole, self.close = name, base, whole, close
        self.band, self.unsure, self.threshold = (limits[0], limits[1]), (limits[2], limits[3]), limits[4]
        chosen = columns(base.heads.names)
        self._strongest = len(base.heads.names) + chosen.index(base.heads.names.index("flagged"))

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """One judgement for each text, with spans for those that are flagged or nearly so.

        A long text that is not flagged as a whole gets close looks; where one of them is all but surely an advert, its score stands.
        What reads as a woman's own post (``seeker``) gets none: she may tell what she was offered.
        """
        margins = self.base.margins(texts)
        score, shares = self._both(texts, margins, self.whole)
        shown = list(texts)
        asking = shares.argmax(axis=1) == self.base.labels.index("seeker")
        looked = (score < self.threshold) & (margins[:, self._strongest] >= NEAR) & ~asking
        for index in np.flatnonzero(looked).tolist():
            found = self._look_closely(texts[index])
            if found is not None:
                score[index], shares[index], shown[index] = found
        judged = (
            self.base.judgement(text, float(score[i]), shares[i], self.threshold, self.unsure)
            for i, text in enumerate(shown)
        )
        return [
            replace(judgement, rater=self.name, spans=_within(judgement.spans, text, part))
            for judgement, text, part in zip(judged, texts, shown, strict=True)
        ]

    def _both(self, texts: Sequence[Text], margins: npt.NDArray[Any], reader: Reader) -> tuple[Shares, Shares]:
        """The base's probabilities; inside its band of doubt those of both models."""
        encoder, combination = reader
        score, shares = self.base.probabilities(margins)
        doubt = np.flatnonzero((score >= self.band[0]) & (score <= self.band[1]))
        if len(doubt):
            logits = encoder.logits([texts[int(index)] for index in doubt])
            score[doubt], shares[doubt] = combination.apply(margins[doubt], shares[doubt], logits, self.base.flagged)
        return score, shares

    def _look_closely(self, text: Text) -> tuple[float, Shares, Text] | None:
        """The score and label shares of the few sentences that are all but surely an advert, and those sentences; None where none are."""
        looks = close_looks(text)
        if not looks:
            return None
        margins = self.base.margins(looks)
        likely = self.base.probabilities(margins)[0]
        best = [place for place in np.argsort(-likely)[:BEST].tolist() if likely[place] >= LIKELY]
        if not best:
            return None
        score, shares = self._both([looks[place] for place in best], margins[best], self.close())
        top = int(score.argmax())
        return (float(score[top]), shares[top], looks[best[top]]) if score[top] >= SURE else None


def _within(spans: tuple[Span, ...], text: Text, part: Text) -> tuple[Span, ...]:
    """The spans of a part of a text as spans of the text."""
    at = 0 if part is text else text.text.find(part.text)
    return tuple(replace(span, start=span.start + at, end=span.end + at) for span in spans) if at >= 0 else ()


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
    stored = _stored(folder / WEIGHTS)
    limits = [float(value) for value in stored[LIMITS]]

    check(folder / CLOSE, stored[DIGEST].tobytes().hex())

    @functools.cache
    def close() -> Reader:
        return _reader(folder, _stored(folder / CLOSE))

    return Stack(f"model:{folder.name}@{meta['sha256'][:12]}", base, _reader(folder, stored), close, limits)


def _base(folder: Path, options: Mapping[str, Any]) -> Linear:
    base = load_model(str(options.get("base", "linear")), folder.parent)
    if not isinstance(base, Linear):
        raise ModelError(f"{folder}: expected a linear base model, found {base.name}")
    return base


def _stored(path: Path) -> dict[str, npt.NDArray[Any]]:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _reader(folder: Path, stored: Mapping[str, npt.NDArray[Any]]) -> Reader:
    encoder = _encoder(folder, {name: array for name, array in stored.items() if name not in COMBINATION})
    return encoder, stacking.Combination(stored[MIX].astype(np.float64), float(stored[SHARE][0]))


def _encoder(folder: Path, weights: Mapping[str, npt.NDArray[Any]]) -> roformer.RoFormer:
    return roformer.RoFormer(weights, (folder / VOCABULARY).read_text("utf-8").split("\n"))


def train(
    folder: Path, options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example]
) -> dict[str, Any]:
    """Fine-tune the encoders on all writers but the held ones, calibrate their combinations on those, and save.

    Options: ``hold`` (writers), ``epochs``, ``shared`` (most shared negatives for the encoder), ``base``, ``seed``, and for the
    calibration those of ``classifier.assembly``.
    """
    base = _base(folder, options)
    closely, _, close = _taught(folder, CLOSE, options, examples, shared, base, closely=True)
    course, chosen, whole = _taught(folder, WEIGHTS, options, examples, shared, base, closely=False)
    arrays.write(folder / CLOSE, close)
    digest = np.frombuffer(bytes.fromhex(sha256(folder / CLOSE)), dtype=np.uint8)
    arrays.write(folder / WEIGHTS, {**whole, DIGEST: digest})
    told = {
        "gold": course.gold,
        "held": len(examples) - course.gold,
        "shared": len(course.examples) - course.gold,
        "seed": course.seed,
        "files": material.digests(),
    }
    meta = {**chosen, "recipe": course.recipe, "recipe_close": closely.recipe}
    write_meta(folder, WEIGHTS, {**meta, "base": base.name, "labels": list(labels()), "trained_on": told})
    return {**meta, **{key: told[key] for key in ("gold", "held", "shared")}}


def _taught(
    folder: Path, file: str, options: Mapping[str, Any], examples: Sequence[Example], shared: Sequence[Example], base: Linear, *, closely: bool
) -> tuple[finetune.Course, dict[str, Any], dict[str, npt.NDArray[Any]]]:  # fmt: skip
    """An encoder that stands or is fine-tuned now: its course, what its calibration tells, and the arrays to store."""
    from classifier import finetune

    course = finetune.course(options, examples, shared, closely)
    weights = _kept(folder, file, course.recipe, "recipe_close" if closely else "recipe")
    if weights is None:
        tuned, vocabulary = finetune.finetune(course, lambda line: print(line, file=sys.stderr, flush=True))
        weights = roformer.quantised(tuned)
        (folder / VOCABULARY).write_text("\n".join(vocabulary), "utf-8")
    learned = set(course.examples)
    held = [example for example in examples if example not in learned]
    chosen = stacking.calibrate(options, base, _encoder(folder, weights), course, held)
    limits = [*chosen["band"], *chosen["unsure"], chosen["threshold"]]
    combination = {MIX: np.array(chosen["mix"]), SHARE: np.array([chosen["share"]]), LIMITS: np.array(limits)}
    told = {key: value for key, value in chosen.items() if key not in ("mix", "share")}
    return course, told, {**dict(sorted(weights.items())), **combination}


def _kept(folder: Path, file: str, recipe: str, key: str) -> dict[str, npt.NDArray[Any]] | None:
    """The encoder in a file of a folder, if it was made by this recipe and is whole."""
    try:
        meta = read_meta(folder)
    except ModelError:
        return None
    if meta.get(key) != recipe or not (folder / VOCABULARY).exists() or not (folder / file).exists():
        return None
    return {name: array for name, array in _stored(folder / file).items() if name not in COMBINATION}
