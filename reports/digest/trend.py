"""Two weeks by day or eight weeks, and their picture as plain geometry: the template draws it, the stylesheet colours it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta, timezone
from typing import Any

from core.store import Store

ZONE = timezone(timedelta(hours=8))  # Beijing time, the readers' day; China has no summer time
SHIFT = "+8 hours"
DAYS, WEEKS = 14, 8
STEP, BAR, HEIGHT = 50, 24, 62  # of the picture, in its own units


def weeks(store: Store, rater: str, now: datetime) -> list[dict[str, Any]]:
    """The last ``WEEKS`` weeks to this day, oldest first, as ``days`` tells days; ``day`` is a week's first day."""
    found = days(store, rater, now, 7 * WEEKS)
    return [
        {
            "day": week[0]["day"],
            **{name: sum(row[name] for row in week) for name in ("pages", "flagged", "leads")},
            "partial": week[-1]["partial"],
        }
        for week in (found[at : at + 7] for at in range(0, len(found), 7))
    ]


def days(store: Store, rater: str, now: datetime, count: int = DAYS) -> list[dict[str, Any]]:
    """The last 14 (or ``count``) days, oldest first: pages reached, documents flagged by the model (by first sight) and new leads.

    The last day is ``partial``: it has not ended. A day without pages was not scanned, which is not the same as no adverts.
    """
    today = now.astimezone(ZONE).date()
    first = today - timedelta(days=count - 1)
    start = datetime.combine(first, time(), ZONE)
    pages = store.overview.pages_by_day(start, now, SHIFT)
    flagged = store.overview.flagged_by_day(rater, start, now, SHIFT)
    leads = store.overview.leads_by_day(start, now, SHIFT)
    names = [(first + timedelta(days=number)).isoformat() for number in range(count)]
    return [
        {
            "day": name, "pages": pages.get(name, 0), "flagged": flagged.get(name, 0), "leads": leads.get(name, 0),
            "partial": name == names[-1],
        }
        for name in names
    ]  # fmt: skip


def picture(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Bars of the two series, each on its own scale: x, y, width, height, value and whether the day was scanned."""
    step = STEP * max(len(rows), DAYS) / max(1, len(rows))
    bar = min(step, 2 * STEP) * BAR / STEP
    panels = []
    for name in ("flagged", "leads"):
        most = max([1, *(row[name] for row in rows)])
        panels.append(
            {
                "name": name,
                "bars": [
                    {
                        "x": place * step + (step - bar) / 2, "middle": place * step + step / 2, "width": bar,
                        "height": (height := round(row[name] / most * HEIGHT, 1)), "y": round(HEIGHT - height, 1),
                        "value": row[name], "scanned": bool(row["pages"] or row[name]), "partial": row["partial"],
                    }
                    for place, row in enumerate(rows)
                ],
            }
        )  # fmt: skip
    return {"width": STEP * max(len(rows), DAYS), "height": HEIGHT, "panels": panels}
