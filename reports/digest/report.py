"""The daily digest: what is new, what changed, and whether the scan itself is well; one HTML file and the same data as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.labels import labels
from core.settings import Settings
from core.store import Store
from reports.digest import health, standing, trend
from reports.digest.presence import presence
from reports.digest.trend import ZONE

TITLE = "巡查日报 Daily digest"
STAGE = "digest"  # the run that the nightly records for this report; the next window begins where it began
FOLDER = Path(__file__).parent
MEAN_DAYS = 7


def build(
    store: Store, settings: Settings, now: datetime, *,
    since: datetime | None = None, expected: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The data of the digest, JSON-able: contacts are masked, URLs defanged, control signs made visible. Only reads.

    The window runs from ``since`` (default: the last finished run of stage ``digest`` of an earlier day, Beijing time; else 24
    hours ago) to ``now``, so that a digest made twice in one day says the same. ``expected`` gives for a source the
    least and most documents of one full crawl (``min``, ``max``), as its declaration does.
    """
    since = since or _before(store, now)
    rater = store.overview.rater(f"model:{settings['model']}@")
    sources = health.sources(store, expected or {}, int(settings["silent_after"]), since, now)
    runs = health.runs(store, since, now)
    alarms = health.alarms(sources, runs, since)
    events = standing.events(store, since, now)
    waiting = store.overview.waiting()
    judged = _judged(store, rater, since, now)
    new = _new_leads(store, since, now)
    kinds = ("grown", "shrunk", "merged", "split", "emptied")
    headline = {
        "new_leads": new,
        **{kind: sum(event["kind"] == kind for event in events) for kind in kinds},
        **{what: sum(source[what] for source in sources) for what in ("fetched", "new", "changed", "refused")},
        "alarms": sum(alarm["level"] == "alarm" for alarm in alarms),
        "notices": sum(alarm["level"] == "notice" for alarm in alarms),
    }
    return {
        "report": "digest",
        "format": 1,
        "title": TITLE,
        "date": f"{now.astimezone(ZONE):%Y-%m-%d}",
        "made_at": now.isoformat(),
        "window": {
            "since": since.isoformat(),
            "until": now.isoformat(),
            "hours": round((now - since).total_seconds() / 3600, 1),
        },
        "rater": rater,
        "headline": headline,
        "alarms": alarms,
        "leads": standing.top(store, waiting, events),
        "events": events,
        "backlog": standing.backlog(waiting, now),
        "judged": judged,
        "presence": presence(store, since, now),
        "sources": sources,
        "runs": runs,
        "refusals": health.refusals(store, since),
        "trend": trend.days(store, rater, now),
    }


def write(data: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write ``digest-<date>.html`` and ``.json``; each is put in place whole. Returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"digest-{data['date']}"
    contents = {f"{stem}.html": render(data), f"{stem}.json": json.dumps(data, ensure_ascii=False, indent=2) + "\n"}
    paths = []
    for name, content in contents.items():
        part = folder / f".{name}.{os.getpid()}.part"
        part.write_text(content, "utf-8")
        paths.append(part.replace(folder / name))
    return paths


def render(data: Mapping[str, Any]) -> str:
    """The digest as one HTML page without script, links or anything that is loaded."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"clock": _clock, "number": "{:,}".format}
    style = Markup((FOLDER / "style.css").read_text("utf-8"))  # noqa: S704 (ours, not a page's)
    return environment.get_template("template.html").render(data, style=style, picture=trend.picture(data["trend"]))


def _before(store: Store, now: datetime) -> datetime:
    today = now.astimezone(ZONE).date()
    for run in store.runs.last(STAGE, 100):
        if run.state == "finished" and run.started_at.astimezone(ZONE).date() < today:
            return run.started_at
    return now - timedelta(days=1)


def _new_leads(store: Store, since: datetime, now: datetime) -> dict[str, Any]:
    """New leads of the window, and the mean of a day over the seven days before it (None in the first day of a store)."""
    count = store.overview.new_leads(since, now + timedelta(microseconds=1))
    first = store.overview.first_run()
    days = min(MEAN_DAYS, (since - first).total_seconds() / 86_400) if first else 0.0
    mean = round(store.overview.new_leads(since - timedelta(days=days), since) / days, 1) if days >= 1 else None
    window_days = max(1.0, (now - since).total_seconds() / 86_400)
    return {"count": count, "a_day": round(count / window_days, 1), "mean_a_day": mean, "mean_days": round(days, 1)}


def _judged(store: Store, rater: str, since: datetime, now: datetime) -> dict[str, Any]:
    """What the model said of the pages that the crawl reached; seekers are a number here and nothing else."""
    known, mix = labels(), store.overview.mix(rater, since, now)
    order = {name: place for place, name in enumerate(known)}
    rows = [
        {
            "label": row["label"], "title": known[row["label"]].title if row["label"] in known else row["label"],
            "title_en": known[row["label"]].title_en if row["label"] in known else "", "documents": row["n"],
            "flagged": row["label"] in known and known[row["label"]].flagged,
        }
        for row in sorted(mix, key=lambda row: order.get(row["label"], len(order)))
    ]  # fmt: skip
    return {
        "documents": sum(row["n"] for row in mix),
        "flagged": sum(row["flagged"] for row in mix),
        "unsure": sum(row["unsure"] for row in mix),
        "seekers": sum(row["n"] for row in mix if row["label"] == "seeker"),
        "labels": rows,
    }


def _clock(iso: str | None, form: str = "%m-%d %H:%M") -> str:
    return datetime.fromisoformat(iso).astimezone(ZONE).strftime(form) if iso else "—"
