"""How many contact points there are at least, seen and unseen: capture and recapture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import exp, log, sqrt
from typing import Any

from reports.prevalence.estimators import quantile


def chao(times_seen: Iterable[int], occasions: int) -> dict[str, Any]:
    """A lower bound for the number of units: Chao (1987), Estimating the population size for capture-recapture data, Biometrics 43.

    Takes on how many occasions each unit was seen, and how many occasions there were. Bias-corrected where no unit was seen
    twice; the interval is that of the logarithm of the unseen. Lists that depend on one another make the bound lower, not
    false. With fewer than two occasions there is no bound beyond what was seen (``low`` and ``high`` are None).
    """
    seen = Counter(times_seen)
    observed, once, twice = sum(seen.values()), seen[1], seen[2]
    found: dict[str, Any] = {"occasions": occasions, "observed": observed, "seen_once": once, "seen_twice": twice}
    if occasions < 2 or not observed:
        return {**found, "at_least": float(observed), "low": None, "high": None}
    share = (occasions - 1) / occasions
    if twice:
        ratio = once / twice
        unseen = share * once * ratio / 2
        variance = twice * (share * ratio**2 / 2 + share**2 * ratio**3 + share**2 * ratio**4 / 4)
    else:
        unseen = share * once * (once - 1) / 2
        at_least = observed + unseen
        variance = (
            share * once * (once - 1) / 2
            + share**2 * once * (2 * once - 1) ** 2 / 4
            - share**2 * once**4 / (4 * at_least)
        )
    if unseen <= 0:
        return {**found, "at_least": float(observed), "low": float(observed), "high": float(observed)}
    spread = exp(quantile(0.95) * sqrt(log(1 + max(0.0, variance) / unseen**2)))
    return {
        **found,
        "at_least": observed + unseen,
        "low": observed + unseen / spread,
        "high": observed + unseen * spread,
    }
