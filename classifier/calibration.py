"""Calibration and thresholds from margins of unseen folds (Platt 1999): probabilities that mean what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from classifier.fitting import Labelled
from core.labels import labels

SEEKERS = 0.015  # share of unseen seekers that may be flagged at most (the aim is 2 % of those that come): a woman who asks is never a lead
WEIGHTS = {
    "gold": 1.0,
    "copy": 0.3,
    "contacted": 0.3,
    "shared": 0.1,
}  # shared negatives: easy, many, and with weak labels


def calibrate(margins: npt.NDArray[np.float64], data: Labelled) -> dict[str, Any]:
    """The numbers that turn margins into judgements: ``mix``, ``label_scale``, ``threshold`` and ``unsure``."""
    known = labels()
    flagged = np.array([known[label].flagged for label in data.label])
    weight = np.array([WEIGHTS[kind] for kind in data.kind])
    mixer = LogisticRegression(C=1.0, max_iter=2000).fit(margins, flagged, sample_weight=weight)
    mix = [*map(float, mixer.coef_[0]), float(mixer.intercept_[0])]
    gold = data.kind == "gold"
    scale = []
    for position, label in enumerate(known):
        truth = data.label[gold] == label
        one = LogisticRegression(C=10.0).fit(margins[gold][:, [position]], truth)
        scale.append([float(one.coef_[0, 0]), float(one.intercept_[0])])
    score = mixer.predict_proba(margins)[:, 1]
    threshold = choose(score[gold], flagged[gold], data.label[gold])
    return {
        "mix": mix,
        "label_scale": scale,
        "threshold": round(threshold, 4),
        "unsure": unsure(score[gold], flagged[gold], threshold),
    }


def choose(score: npt.NDArray[np.float64], flagged: npt.NDArray[np.bool_], label: npt.NDArray[Any]) -> float:
    """The threshold with the best F1, raised until few seekers pass but not beyond what costs three points of F1."""
    grid = np.linspace(0.2, 0.9, 141)
    scores = np.array([f1(flagged, score >= threshold) for threshold in grid])
    best = float(grid[scores.argmax()])
    seekers = score[label == "seeker"]
    for threshold, value in zip(grid, scores, strict=True):
        if threshold >= best and (np.mean(seekers >= threshold) <= SEEKERS or value < scores.max() - 0.01):
            return float(threshold)
    return best


def unsure(score: npt.NDArray[np.float64], flagged: npt.NDArray[np.bool_], threshold: float) -> list[float]:
    """A band around the threshold outside which at most one judgement in twenty is wrong, on either side."""
    low = next(
        (t for t in np.linspace(threshold, 0.01, 100) if (score < t).any() and flagged[score < t].mean() <= 0.05), 0.01
    )
    high = next(
        (t for t in np.linspace(threshold, 0.99, 100) if (score >= t).any() and flagged[score >= t].mean() >= 0.95),
        0.99,
    )
    return [round(float(low), 4), round(float(high), 4)]


def f1(truth: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> float:
    """The harmonic mean of precision and recall."""
    both = float((truth & said).sum())
    total = float(truth.sum() + said.sum())
    return 2 * both / total if total else 0.0
