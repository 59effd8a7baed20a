"""What became of flagged documents' pages: still up, changed, gone, returned, unreached; with the leads they belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.store import Store
from text.shown import plain

SHOWN = 30


def presence(store: Store, since: datetime, now: datetime) -> dict[str, Any]:
    """Where all flagged documents' pages stand (``counts`` by state), and which turned in the window, newest first."""
    turns = store.sightings.turns(since, now)
    return {
        "counts": store.sightings.counts(),
        "turned": {state: sum(turn["state"] == state for turn in turns) for state in ("changed", "gone", "returned")},
        "turns": [
            {
                "document": turn["document"], "lead": turn["lead"], "source": plain(turn["source"], 60), "state": turn["state"],
                "reason": plain(turn["reason"], 150), "at": turn["at"].isoformat(),
            }
            for turn in turns[:SHOWN]
        ],
    }  # fmt: skip
