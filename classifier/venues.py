"""Leave one venue out: how well the linear heads judge a kind of place that they have never seen.

For each venue the heads are fitted on the training documents of all other venues and score the venue's own documents: those of the
training writers, and those of the final quarter, whose writers are unknown to them as well. Only the latter make the figure; the former
calibrate the other venues, so that each figure's threshold too was chosen on venues that the heads had not seen, and on no document of
its own venue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier import calibration, evaluation, fitting, material
from classifier.assembly import assemble
from classifier.material import Example
from classifier.passages import columns
from classifier.raters.linear import combine
from core.labels import labels
from core.types import Judgement

LEAST = 30  # documents of the final quarter; a figure on fewer would be noise
MOST_SHARED = 2_000  # fewer shared negatives than at training: one fit a venue takes time


def leave_venues_out(
    options: Mapping[str, Any],
    examples: Sequence[Example] | None = None,
    final: Sequence[Example] | None = None,
    shared: Sequence[Example] | None = None,
    least: int = LEAST,
) -> dict[str, dict[str, float]]:
    """Scores (``evaluation.scores``) on the final documents of each venue that has at least ``least``, by heads that saw none of it.

    ``options`` are those of the linear model; the documents are the gold set's and the shared negatives' unless given.
    """
    examples = material.training() if examples is None else examples
    final = material.final() if final is None else final
    shared = material.shared("train") if shared is None else shared
    few = {**options, "shared": min(MOST_SHARED, int(options.get("shared", MOST_SHARED)))}
    parts, data = assemble(few, examples, shared)
    venue = np.array([example.venue for part in parts.values() for example in part])
    asked = fitting.count([example.text for example in final])
    asked_venue = np.array([example.venue for example in final])
    venues = sorted(name for name, count in Counter(asked_venue.tolist()).items() if name and count >= least)
    weights = fitting.Weights(cost=float(options.get("cost", 2.0)))

    wide = len(fitting.names()) + len(columns(fitting.names()))
    unseen, margins = np.full((len(venue), wide), np.nan), np.full((len(final), wide), np.nan)
    for name in venues:
        fitted = fitting.fit(data.pick(venue != name), weights)
        # texts without a venue (the shared negatives) are in every fit: any of its margins serves them
        for whose, counted, into in ((venue, data.counted, unseen), (asked_venue, asked, margins)):
            own = np.flatnonzero((whose == name) | ((whose == "") & (name == venues[0])))
            into[own] = fitted.margins(counted[own])
    found = {}
    for name in venues:
        known = ~np.isnan(unseen[:, 0]) & (venue != name)
        chosen = calibration.calibrate(unseen[known], data.pick(known))
        own = np.flatnonzero(asked_venue == name)
        judged = evaluation.Judged(tuple(final[int(index)] for index in own), tuple(_judgements(margins[own], chosen)))
        found[name] = evaluation.scores(judged)
    return found


def _judgements(margins: npt.NDArray[np.float64], chosen: Mapping[str, Any]) -> list[Judgement]:
    """What margins amount to under a calibration."""
    flagged = np.array([label.flagged for label in labels().values()])
    score, shares = combine(margins, np.array(chosen["mix"]), np.array(chosen["label_scale"]), flagged)
    low, high = chosen["unsure"]
    names = list(labels())
    found = []
    for value, share in zip(score, shares, strict=True):
        said = bool(value >= chosen["threshold"])
        label = names[int(np.where(flagged == said, share, -1.0).argmax())]
        found.append(Judgement(label, said, float(value), "model:linear@venue-left-out", unsure=low <= value <= high))
    return found
