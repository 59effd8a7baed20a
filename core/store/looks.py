"""What follows from the decisions that stand on a lead: who it is assigned to, and whether a second person agrees."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.types import Act

ONE, AGREED, DISAGREED, SETTLED = "", "agreed", "disagreed", "settled"
SETTLES = "settles"  # in an answer's detail: it ends a disagreement between two others


def assignee(rows: Iterable[Mapping[str, Any]]) -> str:
    """Whom the last assignment among some standing decision rows (oldest first) names; empty when nobody is assigned."""
    given = [row for row in rows if row["act"] == Act.ASSIGN]
    return str(json.loads(given[-1]["detail"]).get("to", "")) if given else ""


def second(rows: Iterable[Mapping[str, Any]]) -> str:
    """Whether the people who answered a lead agree, from its standing decision rows (oldest first).

    Each person's last answer counts (confirm with its label, or reject; unsure is none). Fewer than two people: ``ONE``. All the
    same: ``AGREED``. Else ``DISAGREED``, unless the last answer was given to settle that: ``SETTLED``.
    """
    last: dict[str, tuple[str, str]] = {}
    settled = False
    for row in rows:
        if row["act"] in (Act.CONFIRM, Act.REJECT):
            last[row["by"]] = (row["act"], row["label"])
            settled = bool(json.loads(row["detail"]).get(SETTLES))
        elif row["act"] == Act.UNSURE:
            last.pop(row["by"], None)
    if len(last) < 2:
        return ONE
    if len(set(last.values())) == 1:
        return AGREED
    return SETTLED if settled else DISAGREED
