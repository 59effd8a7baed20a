"""How far raters agree: kappa of each pair, alpha of all, with bootstrap intervals over documents. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from reports.prevalence.design import Floats
from reports.prevalence.estimators import LEVEL

DRAWS = 2_000
BATCH = 200  # bootstrap draws held in memory at once

Labels = Mapping[int, Mapping[str, str]]  # document -> rater -> label


def kappa(pairs: Sequence[tuple[str, str]], seed: int = 0, draws: int = DRAWS) -> dict[str, Any]:
    """Agreement of two raters beyond chance: Cohen (1960), A coefficient of agreement for nominal scales, EPM 20.

    Takes (label of one, label of the other) for each document that both labelled. ``value`` is None where chance alone agrees
    wholly (both used one and the same label) or nothing was labelled by both; ``low`` and ``high`` are bootstrap limits.
    """
    names = sorted({label for pair in pairs for label in pair})
    place = {name: number for number, name in enumerate(names)}
    units = np.zeros((len(pairs), len(names), len(names)))
    for number, (one, other) in enumerate(pairs):
        units[number, place[one], place[other]] = 1
    return _with_interval(units, _kappa, seed, draws)


def _kappa(tables: Floats) -> Floats:
    """Kappa of each table of a stack."""
    shares = tables / np.maximum(tables.sum((1, 2), keepdims=True), 1)
    observed = np.trace(shares, axis1=1, axis2=2)
    expected = (shares.sum(1) * shares.sum(2)).sum(1)
    return _beyond(1 - observed, 1 - expected)


def alpha(units: Sequence[Sequence[str]], seed: int = 0, draws: int = DRAWS) -> dict[str, Any]:
    """Krippendorff's alpha for nominal labels, any number of raters, gaps allowed.

    Krippendorff (2004), Content Analysis, chapter 11; bootstrap over documents as in Hayes and Krippendorff (2007), CMM 1. Takes
    the labels of each document; documents with fewer than two say nothing. ``value`` is None where all labels are the same.
    """
    paired = [unit for unit in units if len(unit) > 1]
    names = sorted({label for unit in paired for label in unit})
    place = {name: number for number, name in enumerate(names)}
    matrices = np.zeros((len(paired), len(names), len(names)))
    for number, unit in enumerate(paired):
        counts = np.bincount([place[label] for label in unit], minlength=len(names))
        matrices[number] = (np.outer(counts, counts) - np.diag(counts)) / (len(unit) - 1)
    return _with_interval(matrices, _alpha, seed, draws)


def _alpha(tables: Floats) -> Floats:
    """Alpha of each coincidence matrix of a stack."""
    marginal = tables.sum(2)
    total = marginal.sum(1)
    differing = total - np.trace(tables, axis1=1, axis2=2)
    by_chance = (total**2 - (marginal**2).sum(1)) / np.maximum(total - 1, 1)
    return _beyond(differing, by_chance)


def _beyond(observed: Floats, expected: Floats) -> Floats:
    """1 - observed disagreement / expected; NaN where none is expected."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 1e-12, 1 - observed / expected, np.nan)


def _with_interval(units: Floats, measure: Any, seed: int, draws: int) -> dict[str, Any]:
    """A measure of the summed units and its percentile bootstrap interval over units."""
    count = len(units)
    found: dict[str, Any] = {"value": None, "low": None, "high": None, "documents": count}
    if count == 0:
        return found
    value = float(measure(units.sum(0, keepdims=True))[0])
    if np.isnan(value):
        return found
    random = np.random.default_rng(seed)
    spread = [
        measure(np.tensordot(random.multinomial(count, np.full(count, 1 / count), min(BATCH, draws - start)), units, 1))
        for start in range(0, draws, BATCH)
    ]
    low, high = np.nanquantile(np.concatenate(spread), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {**found, "value": value, "low": min(float(low), value), "high": max(float(high), value)}


def compare(labels: Labels, groups: Mapping[str, str]) -> dict[str, Any]:
    """Alpha of all raters and kappa of each pair, on labels and on ``groups`` of them (flagged or not).

    Returns ``labels`` and ``groups``, each with ``alpha`` and ``pairs``, and ``disagreements``: documents whose labels differ.
    """
    raters = sorted({rater for given in labels.values() for rater in given})
    found: dict[str, Any] = {"raters": raters, "documents": len(labels)}
    for name, seen in (("labels", lambda label: label), ("groups", lambda label: groups.get(label, label))):
        found[name] = {
            "alpha": alpha([[seen(label) for label in given.values()] for given in labels.values()]),
            "pairs": [
                {"raters": [one, other], **kappa([(seen(g[one]), seen(g[other])) for g in labels.values() if one in g and other in g])}
                for one, other in combinations(raters, 2)
            ],
        }  # fmt: skip
    found["disagreements"] = [
        {"document": document, "labels": dict(given)}
        for document, given in sorted(labels.items())
        if len(set(given.values())) > 1
    ]
    return found
