"""Drawing an audit sample: strata of the score, a floor in each, known inclusion probabilities, the same draw for the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STRATA = 3
FLOOR = 20  # documents drawn from each stratum at least, where it has as many
LEAST_RATE = 0.02  # a stratum is drawn from as though this share of it at least were positive, whatever its scores say

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample of a frame: the stratum of each document, its inclusion probability, and the places drawn, in a shuffled order."""

    stratum: Whole
    probability: Floats
    drawn: Whole


def strata(scores: Floats, count: int = STRATA) -> Whole:
    """The stratum (0: lowest scores) of each document; equal scores stay together, so there may be fewer than ``count``.

    Cuts at equal parts of the summed standard deviation sqrt(s(1-s)) that the scores foretell: the equal aggregate sigma rule
    (Särndal, Swensson and Wretman 1992, Model Assisted Survey Sampling, section 12.4), after Dalenius and Hodges (1959).
    """
    order = np.sort(scores)
    summed = np.cumsum(np.sqrt(order * (1 - order)) + 1e-9)
    places = np.searchsorted(summed, summed[-1] * np.arange(1, count) / count)
    cuts = np.unique(order[places])
    found = np.searchsorted(cuts, scores, side="left")
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def allocation(sizes: Whole, rates: Floats, total: int, floor: int = FLOOR) -> Whole:
    """How many to draw from each stratum: a floor in each, the rest in proportion to size times standard deviation.

    Neyman (1934), On the two different aspects of the representative method, JRSS 97; Cochran (1977), Sampling Techniques, 5.5.
    ``rates`` are the mean scores; they are held within ``LEAST_RATE`` of 0 and 1, so that no stratum is trusted blindly.
    """
    total = min(total, int(sizes.sum()))
    given = np.minimum(sizes, min(floor, total // len(sizes)))
    rates = np.clip(rates, LEAST_RATE, 1 - LEAST_RATE)
    wanted = sizes * np.sqrt(rates * (1 - rates))
    while (left := total - int(given.sum())) > 0:
        open_ = given < sizes
        share = np.where(open_, wanted, 0.0)
        more = np.floor(left * share / share.sum()).astype(np.int64)
        if not more.any():
            more[np.argsort(-share, kind="stable")[: min(left, int(open_.sum()))]] = 1
        given = np.minimum(sizes, given + more)
    return given.astype(np.int64)


def stratified(scores: Floats, total: int, seed: int) -> Draw:
    """A sample stratified by score; ``total`` documents, or all where there are fewer."""
    stratum = strata(scores)
    sizes = np.bincount(stratum).astype(np.int64)
    taken = allocation(sizes, np.bincount(stratum, scores) / sizes, total)
    random = np.random.default_rng(seed)
    parts = [random.choice(np.flatnonzero(stratum == h), n, replace=False) for h, n in enumerate(taken)]
    return Draw(stratum, (taken / sizes)[stratum], random.permutation(np.concatenate(parts)))


def simple_random(scores: Floats, total: int, seed: int) -> Draw:
    """A simple random sample: one stratum, each document with the same probability."""
    size = len(scores)
    total = min(total, size)
    drawn = np.random.default_rng(seed).choice(size, total, replace=False)
    return Draw(np.zeros(size, np.int64), np.full(size, total / size), drawn)


DESIGNS = {"stratified": stratified, "random": simple_random}
