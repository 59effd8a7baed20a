"""The combination of a linear model and an encoder: how it is applied, and how it is calibrated on writers that neither has seen."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.material import Example
from classifier.raters.linear import Linear, sigmoid
from classifier.raters.linear import combine as combine_linear
from classifier.roformer import RoFormer

if TYPE_CHECKING:
    from classifier.finetune import Course

# where the band of doubt may begin, narrowest first: each text in it costs fifty milliseconds, and most of the web lies at its lower end
LOWS, HIGH = (0.15, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02), 0.99
LOSS = 0.002  # of F1 that a narrower band may cost
COST = 0.05  # of the mixer: its inputs say much the same thing, so it is held back


@dataclass(frozen=True, slots=True)
class Combination:
    """``mix``: weights of all margins and logits, then the intercept; ``share``: how much the encoder says of the label, 0 to 1."""

    mix: npt.NDArray[np.float64]
    share: float

    def apply(
        self,
        margins: npt.NDArray[Any],
        shares: npt.NDArray[np.float64],
        logits: npt.NDArray[Any],
        flagged: npt.NDArray[np.bool_],
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The flagging probability from both models' outputs, and label shares (a weighted geometric mean) that agree with it."""
        score = sigmoid(np.concatenate([margins, logits], axis=1) @ self.mix[:-1] + self.mix[-1])
        own = np.exp(logits[:, :-1] - logits[:, :-1].max(axis=1, keepdims=True))
        own /= own.sum(axis=1, keepdims=True)
        both = np.exp((1.0 - self.share) * np.log(shares + 1e-9) + self.share * np.log(own + 1e-9))
        for side, total in ((flagged, score), (~flagged, 1.0 - score)):
            both[:, side] *= (total / both[:, side].sum(axis=1))[:, None]
        return score, both


def calibrate(
    options: Mapping[str, Any], base: Linear, encoder: RoFormer, course: Course, held: Sequence[Example]
) -> dict[str, Any]:
    """The combination's numbers from documents that neither model saw: a linear twin is fitted without the held writers.

    ``course`` tells what the encoder learned from and which shared negatives it left; half of those teach the twin, half are judged.
    """
    from sklearn.linear_model import LogisticRegression

    from classifier import calibration, fitting
    from classifier.assembly import assemble
    from classifier.copies import contacted, hidden, snippets

    rng = random.Random(course.seed + 1)  # noqa: S311 - not for secrets
    kept, half = course.examples[: course.gold], len(course.spare) // 2
    _, seen = assemble(options, kept, course.spare[:half])
    fitted = fitting.fit(seen, fitting.Weights())
    quiet = list(course.spare[half : half + 1500])
    parts = {
        "gold": list(held),
        "copy": hidden(held, 0.4, rng),
        "shared": quiet,
        "contacted": contacted(quiet, snippets(kept), 0.3, rng),
    }
    every = [example for part in parts.values() for example in part]
    kind = np.array([name for name, part in parts.items() for _ in part])
    texts = [example.text for example in every]
    margins, logits = fitted.margins(fitting.count(texts)), encoder.logits(texts)
    flagged = np.array([example.flagged for example in every])
    label = np.array([example.label for example in every])
    weight = np.array([calibration.WEIGHTS[name] for name in kind])
    mixer = LogisticRegression(C=COST, max_iter=3000)
    mixer.fit(np.concatenate([margins, logits], axis=1), flagged, sample_weight=weight)
    mix = np.array([*mixer.coef_[0], float(mixer.intercept_[0])])
    alone, shares = combine_linear(margins, base.mix, base.label_scale, base.flagged)
    gold = kind == "gold"

    def accuracy(share: float) -> float:
        _, both = Combination(mix, share).apply(margins[gold], shares[gold], logits[gold], base.flagged)
        return float(np.mean(np.array(base.labels)[both.argmax(axis=1)] == label[gold]))

    share = max(np.linspace(0.0, 1.0, 11).tolist(), key=accuracy)
    both, _ = Combination(mix, share).apply(margins, shares, logits, base.flagged)

    def banded(low: float) -> tuple[float, npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
        inside = (alone >= low) & (alone <= HIGH)
        score = np.where(inside, both, alone)
        return low, inside, score

    def best(score: npt.NDArray[np.float64]) -> float:
        chosen = calibration.choose(score[gold], flagged[gold], label[gold])
        return calibration.f1(flagged[gold], score[gold] >= chosen)

    most = max(best(banded(low)[2]) for low in LOWS)
    low, inside, score = next(found for found in map(banded, LOWS) if best(found[2]) >= most - LOSS)
    threshold = calibration.choose(score[gold], flagged[gold], label[gold])
    return {
        "mix": [float(value) for value in mix],
        "share": share,
        "band": [low, HIGH],
        "threshold": round(threshold, 4),
        "unsure": calibration.unsure(score[gold], flagged[gold], threshold),
        "held_f1": {
            "linear": round(calibration.f1(flagged[gold], alone[gold] >= base.threshold), 4),
            "stack": round(calibration.f1(flagged[gold], score[gold] >= threshold), 4),
        },
        "held_label_accuracy": round(accuracy(share), 4),
        "read_by_encoder": {
            name: round(float(inside[kind == name].mean()), 4) for name in parts if (kind == name).any()
        },
    }
