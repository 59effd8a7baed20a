"""Which texts of a few are alike, each against each: the exact answer, for a campaign that lost a text, and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from text.minhash import SKETCH, Sketch, similarity


@dataclass(frozen=True, slots=True)
class Tie:
    """A text of a component: the text that it was reached from (None for the first one) and how like they are."""

    text: int
    nearest: int | None
    similarity: float


def components(sketches: Mapping[int, Sketch], threshold: float) -> list[list[Tie]]:
    """The connected components of texts whose similarity is at least ``threshold``, in the order of the texts.

    Each text is compared with all that are not yet reached, so one large component costs a few passes, not a square.
    """
    left = list(sketches)
    found: list[list[Tie]] = []
    while left:
        component = [Tie(left.pop(0), None, 0.0)]
        for tie in component:  # grows as it is walked
            if not left:
                break
            near = _all_near(sketches[tie.text], [sketches[text] for text in left])
            component += [
                Tie(text, tie.text, value) for text, value in zip(left, near, strict=True) if value >= threshold
            ]
            left = [text for text, value in zip(left, near, strict=True) if value < threshold]
        first = component[1] if len(component) > 1 else None
        if first:  # the first one is tied by its own first neighbour
            component[0] = Tie(component[0].text, first.text, first.similarity)
        found.append(component)
    return found


def _all_near(one: Sketch, others: list[Sketch]) -> list[float]:
    """The similarity of one sketch to each of others."""
    sizes = np.array([len(other) for other in others])
    inside = np.isin(np.concatenate(others), one)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    shared = np.add.reduceat(np.append(inside, False), starts) * (sizes > 0)
    values = shared / np.maximum(1, sizes + len(one) - shared)
    for place in np.flatnonzero(
        (sizes >= SKETCH) | (len(one) >= SKETCH)
    ):  # where a sketch is cut, the estimate decides
        values[place] = similarity(one, others[place])
    return [float(value) for value in values]
