"""Priority: probability x harm x novelty x reachability x spread, each part in words, so that an analyst can disagree."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import datetime

HALF_LIFE_DAYS = 14.0  # an advert that has not been seen for two weeks is half as urgent
LEAST_NOVELTY = 0.2
UNREACHABLE = 0.6  # no contact is the rule on real pages (84 of 90), so it lowers a lead without burying it
MOST_SPREAD = 2.0


def priority(
    scores: Sequence[float],
    harm: float,
    label_title: str,
    last_seen: datetime,
    now: datetime,
    contacts: Collection[tuple[str, str]],
    platforms: Collection[str],
) -> tuple[float, tuple[str, ...]]:
    """The priority of a lead (0..1) and the reasons for it, one for each part.

    ``scores`` are the flagging probabilities of its documents, ``harm`` (0..1) that of its label, ``contacts`` the (kind, value)
    pairs that reach somebody, ``platforms`` where its documents stand.
    """
    probability = max(scores)
    days = max(0.0, (now - last_seen).total_seconds() / 86_400)
    novelty = max(LEAST_NOVELTY, 0.5 ** (days / HALF_LIFE_DAYS))
    reach = 1.0 if contacts else UNREACHABLE
    spread = min(MOST_SPREAD, 1.0 + math.log2(len(scores) + len(set(platforms)) - 1) / 5)
    kinds = ", ".join(sorted({kind for kind, _ in contacts}))
    reasons = (
        f"probability {probability:.2f}: highest score of {len(scores)} document{'s'[: len(scores) > 1]}",
        f"harm {harm:.1f}: {label_title}",
        f"novelty {novelty:.2f}: last seen {days:.0f} days ago",
        f"reachability {reach:.1f}: {f'{len(contacts)} contacts ({kinds})' if contacts else 'no contact found'}",
        f"spread {spread:.2f}: {len(scores)} documents on {len(set(platforms))} platforms",
    )
    return probability * harm * novelty * reach * spread / MOST_SPREAD, reasons
