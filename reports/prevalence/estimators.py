"""Prevalence from an audit sample, with intervals. Pure functions; each names the paper it follows.

The scores and flags of a model help to draw and to narrow; what is positive is what people said. All shares are from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from reports.prevalence.design import Floats, Whole

LEVEL = 0.95
FEW = 10  # positives (or negatives) below which the normal approximation is not trusted


@dataclass(frozen=True, slots=True)
class Audit:
    """A labelled sample and what is known of its frame.

    ``sizes``, ``means`` and ``flags`` describe the frame by stratum: documents, their mean score, how many the model flags. ``stratum``, ``score``, ``flagged`` and ``truth`` describe the labelled documents, one entry each.
    """

    sizes: Whole
    means: Floats
    flags: Whole
    stratum: Whole
    score: Floats
    flagged: Whole
    truth: Whole

    @property
    def counts(self) -> tuple[Whole, Whole]:
        """Labelled documents and positives among them, by stratum."""
        strata = len(self.sizes)
        labelled = np.bincount(self.stratum, minlength=strata)
        return labelled, np.bincount(self.stratum, self.truth, minlength=strata).astype(np.int64)

    @property
    def apparent(self) -> float:
        """The share of the frame that the model flags: no prevalence."""
        return float(self.flags.sum() / self.sizes.sum())

    @property
    def shares(self) -> Floats:
        """The share of each stratum in the frame."""
        shares: Floats = self.sizes / self.sizes.sum()
        return shares


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its interval. ``conservative``: the interval is known to cover more often than its level says."""

    method: str
    value: float
    low: float
    high: float
    conservative: bool = False

    @property
    def width(self) -> float:
        """How wide the interval is."""
        return self.high - self.low


def quantile(level: float) -> float:
    """The standard normal quantile of a two-sided level (1.96 for 0.95)."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson_limits(positives: int, labelled: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval: Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.

    Nothing labelled says nothing: (0, 1).
    """
    if labelled == 0:
        return 0.0, 1.0
    z2 = quantile(level) ** 2
    middle = (positives + z2 / 2) / (labelled + z2)
    half = sqrt(z2 * (positives * (labelled - positives) / labelled + z2 / 4)) / (labelled + z2)
    # at the ends the limits are exact; rounding must not put the share itself outside
    return (0.0 if positives == 0 else middle - half), (1.0 if positives == labelled else middle + half)


def wilson(audit: Audit, level: float = LEVEL) -> Estimate:
    """The share in a simple random sample with Wilson's (1927) interval.

    Raises:
        ValueError: the sample has several strata, so that it is no simple random sample.
    """
    if len(audit.sizes) != 1:
        raise ValueError(f"expected a simple random sample (one stratum), found {len(audit.sizes)} strata")
    positives, labelled = int(audit.truth.sum()), len(audit.truth)
    return Estimate("wilson", positives / labelled, *wilson_limits(positives, labelled, level))


def exact_limits(positives: int, labelled: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact interval, never below its level: Clopper and Pearson (1934), The use of confidence or fiducial limits, Biometrika 26.

    Nothing labelled says nothing: (0, 1).
    """
    from scipy.special import betaincinv

    tail, negatives = (1 - level) / 2, labelled - positives
    low = float(betaincinv(positives, negatives + 1, tail)) if positives else 0.0
    high = float(betaincinv(positives + 1, negatives, 1 - tail)) if negatives else 1.0
    return low, high


def stratified(audit: Audit, level: float = LEVEL) -> Estimate:
    """The stratified estimator: Neyman (1934), JRSS 97; Cochran (1977), Sampling Techniques, chapter 5.

    The interval puts exact (Clopper-Pearson) intervals of the strata together by squares: Zou and Donner (2008), Construction of
    confidence limits about effect measures, Statistics in Medicine 27 (with Wilson's in place of the exact ones it is that of Yan
    and Su 2010), each with the finite population correction. A stratum without positives keeps its upper limit: that is
    conservative on purpose. A stratum of which nothing is labelled takes the share of the rest and the limits 0 and 1.
    """
    return _of_cells("stratified", audit.sizes, *audit.counts, level)


def _of_cells(method: str, sizes: Whole, labelled: Whole, positives: Whole, level: float) -> Estimate:
    """The share over cells of the frame, each with what was labelled and positive in it."""
    rest = _rest(sizes, labelled, positives)
    value = down = up = 0.0
    for size, n, k in zip(sizes.tolist(), labelled.tolist(), positives.tolist(), strict=True):
        share = size / sizes.sum()
        below, above = _distances(size, n, k, rest, level)
        value += share * (k / n if n else rest)
        down, up = down + (share * below) ** 2, up + (share * above) ** 2
    return _within(method, float(value), float(down), float(up), conservative=True)


def _distances(size: int, labelled: int, positives: int, rest: float, level: float) -> tuple[float, float]:
    """How far the exact limits of a cell are from its share (``rest`` where nothing of it is labelled)."""
    rate = positives / labelled if labelled else rest
    low, high = exact_limits(positives, labelled, level)
    left = sqrt(max(0.0, 1 - labelled / size)) if size else 0.0
    return left * (rate - low), left * (high - rate)


def _rest(sizes: Whole, labelled: Whole, positives: Whole) -> float:
    """The share over the cells of which something is labelled."""
    seen = labelled > 0
    return float(np.average(positives[seen] / labelled[seen], weights=np.maximum(sizes[seen], 1)))


def _within(method: str, value: float, down: float, up: float, conservative: bool) -> Estimate:
    low, high = max(0.0, value - sqrt(down)), min(1.0, value + sqrt(up))
    value = min(1.0, max(0.0, value))
    return Estimate(method, value, min(low, value), max(high, value), conservative)


def ppi(audit: Audit, level: float = LEVEL) -> Estimate:
    """Prediction-powered inference with a tuned weight: Angelopoulos, Duchi and Zrnic (2023), PPI++, arXiv 2311.01453.

    By stratum, as in Fisch et al. (2024), Stratified prediction-powered inference, arXiv 2406.04291; one weight for all
    strata, that which makes the variance smallest. The scores need not be right. A stratum with fewer than ``FEW`` positives
    or negatives brings the distances of its exact interval in place of the normal approximation, which fails there.
    """
    labelled, positives = audit.counts
    z, power = quantile(level), _power(audit)
    residuals = audit.truth - power * audit.score
    rest = _rest(audit.sizes, labelled, positives)
    value = down = up = 0.0
    few = False
    for h, share in enumerate(audit.shares):
        n, k, size = int(labelled[h]), int(positives[h]), int(audit.sizes[h])
        mine = residuals[audit.stratum == h]
        value += share * (power * audit.means[h] + mine.mean() if n else rest)
        if min(k, n - k) < FEW:
            few = True
            below, above = _distances(size, n, k, rest, level)
        else:
            below = above = z * sqrt(max(0.0, 1 - n / size) * mine.var(ddof=1) / n)
        down, up = down + (share * below) ** 2, up + (share * above) ** 2
    return _within("ppi++", float(value), float(down), float(up), conservative=few)


def _power(audit: Audit) -> float:
    """The weight of the scores (lambda of PPI++) that makes the variance smallest, held within 0 and 1."""
    covariance = variance = 0.0
    labelled, _ = audit.counts
    for h, share in enumerate(audit.shares):
        n, size = int(labelled[h]), int(audit.sizes[h])
        if n < 2:
            continue
        mine = audit.stratum == h
        score, truth = audit.score[mine], audit.truth[mine]
        weight = share**2 * (1 - n / size) / n
        covariance += weight * float(((score - score.mean()) * (truth - truth.mean())).sum()) / (n - 1)
        variance += weight * float(score.var(ddof=1))
    return min(1.0, max(0.0, covariance / variance)) if variance > 0 else 0.0


def corrected(apparent: float, sensitivity: float, specificity: float) -> float | None:
    """The flagged share corrected: Rogan and Gladen (1978), Estimating prevalence from the results of a screening test, AJE 107.

    None where the model tells nothing apart (sensitivity + specificity not above 1).
    """
    youden = sensitivity + specificity - 1
    return (apparent + specificity - 1) / youden if youden > 0 else None


def accuracy(audit: Audit) -> tuple[float | None, float | None]:
    """Sensitivity and specificity of the flags over the frame; None where no positive (no negative) was labelled."""
    sizes, labelled, positives = _flag_cells(audit)
    rest = _rest(sizes, labelled, positives)
    true = sizes * np.where(labelled > 0, positives / np.maximum(1, labelled), rest)
    false = sizes - true
    flagged = np.arange(len(sizes)) % 2 == 1
    return (
        float(true[flagged].sum() / true.sum()) if true.sum() > 0 else None,
        float(false[~flagged].sum() / false.sum()) if false.sum() > 0 else None,
    )


def rogan_gladen(audit: Audit, level: float = LEVEL) -> Estimate:
    """The flagged share corrected by sensitivity and specificity (Rogan and Gladen 1978), both of them from the audit itself.

    Read off the same frame, ``corrected(apparent, *accuracy(audit))`` equals the share over the cells (stratum, flagged or not),
    which is defined even where no positive was found. So it is computed, and its interval is that of the cells (see
    ``stratified``). A bootstrap of the two rates covered far below 95 % in the simulation; the interval of Lang and Reiczigel
    (2014), Preventive Veterinary Medicine 113, wants them from samples of their own, which an audit does not have.
    """
    return _of_cells("rogan-gladen", *_flag_cells(audit), level)


def _flag_cells(audit: Audit) -> tuple[Whole, Whole, Whole]:
    """Documents, labelled and positive by cell: stratum 0 not flagged, stratum 0 flagged, stratum 1 not flagged and so on."""
    cells = 2 * len(audit.sizes)
    cell = audit.stratum * 2 + audit.flagged
    sizes = np.stack([audit.sizes - audit.flags, audit.flags], axis=1).ravel()
    return sizes, np.bincount(cell, minlength=cells), np.bincount(cell, audit.truth, minlength=cells).astype(np.int64)


def design_effect(audit: Audit) -> float | None:
    """The variance of the stratified estimate over that of a simple random sample of the same size: Kish (1965), Survey Sampling, 8.2.

    Below 1 the strata have helped. None where no variance can be told (nothing or everything positive).
    """
    labelled, positives = audit.counts
    value, variance = 0.0, 0.0
    for share, size, n, k in zip(audit.shares, audit.sizes, labelled, positives, strict=True):
        if n:
            value += share * k / n
        if n > 1:
            variance += share**2 * (1 - n / size) * (k / n) * (1 - k / n) / (n - 1)
    total = len(audit.truth)
    simple = (1 - total / audit.sizes.sum()) * value * (1 - value) / (total - 1) if total > 1 else 0.0
    return float(variance / simple) if simple > 0 else None
