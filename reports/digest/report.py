"""The digest of a day or a week: what is new, what moved, and whether the scan itself is well; HTML that prints, the same as XLSX and JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.errors import InputError
from core.labels import labels
from core.settings import Settings
from core.store import Store
from reports.digest import health, movement, pictures, standing, trend, words, workbook
from reports.digest.presence import presence
from reports.digest.trend import ZONE

TITLE = "巡查日报 Daily digest"
WEEKLY = "巡查周报 Weekly digest"
PERIODS = ("daily", "weekly")
STAGE = "digest"  # the run that the nightly records for this report; the next window begins where it began
FOLDER = Path(__file__).parent
MEAN_DAYS = 7


def build(
    store: Store, settings: Settings, now: datetime, *,
    since: datetime | None = None, expected: Mapping[str, Mapping[str, int]] | None = None, period: str = "daily",
) -> dict[str, Any]:  # fmt: skip
    """The data of the digest, JSON-able: contacts are masked, URLs defanged, control signs made visible. Only reads.

    The window runs from ``since`` (default: the last finished run of stage ``digest`` of an earlier day, Beijing time; else 24
    hours ago) to ``now``, so that a digest made twice in one day says the same; a ``weekly`` one begins at the midnight (Beijing) seven
    days ago. ``expected`` gives for a source the
    least and most documents of one full crawl (``min``, ``max``), as its declaration does.

    Raises:
        InputError: ``period`` is neither daily nor weekly.
    """
    if period not in PERIODS:
        raise InputError(f"period: expected {' or '.join(PERIODS)}, found {period!r}")
    weekly = period == "weekly"
    since = since or (_week(now) if weekly else _before(store, now))
    rater = store.overview.rater(f"model:{settings['model']}@")
    sources = health.sources(store, expected or {}, int(settings["silent_after"]), since, now)
    runs = health.runs(store, since, now)
    alarms = health.alarms(sources, runs, since)
    events = standing.events(store, since, now)
    waiting = store.overview.waiting()
    judged = _judged(store, rater, since, now)
    new = _new_leads(store, since, now, 4 * MEAN_DAYS if weekly else MEAN_DAYS)
    hops, returns = movement.hops(store, since, now), movement.returns(store, since, now)
    kinds = ("grown", "shrunk", "merged", "split", "emptied")
    headline = {
        "new_leads": new,
        **{kind: sum(event["kind"] == kind for event in events) for kind in kinds},
        "hopped": len(hops),
        "returned": len(returns),
        **{what: sum(source[what] for source in sources) for what in ("fetched", "new", "changed", "refused")},
        "alarms": sum(alarm["level"] == "alarm" for alarm in alarms),
        "notices": sum(alarm["level"] == "notice" for alarm in alarms),
    }
    return {
        "report": "digest",
        "format": 2,
        "period": period,
        "title": WEEKLY if weekly else TITLE,
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
        "hops": hops,
        "returns": returns,
        "top_contacts": movement.contacts(store, rater, since, now),
        "places": movement.places(store, rater, since, now),
        "drift": movement.drift(store, rater, since, now),
        "backlog": standing.backlog(waiting, now),
        "judged": judged,
        "presence": presence(store, since, now),
        "sources": sources,
        "runs": runs,
        "refusals": health.refusals(store, since),
        "trend": trend.weeks(store, rater, now) if weekly else trend.days(store, rater, now),
        "ledger": dict(zip(("seq", "head"), store.ledger.head(), strict=True)),
    }


def write(data: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write ``digest-<date>`` (a weekly one: ``digest-weekly-<date>``) as .html, .xlsx and .json; each is put in place whole."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"digest-{'weekly-' if data['period'] == 'weekly' else ''}{data['date']}"
    html, packed = render(data), json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    makers: Mapping[str, Callable[[Path], object]] = {
        f"{stem}.html": lambda path: path.write_text(html, "utf-8"),
        f"{stem}.xlsx": lambda path: workbook.write(data, path),
        f"{stem}.json": lambda path: path.write_text(packed, "utf-8"),
    }
    paths = []
    for name, make in makers.items():
        part = folder / f".{os.getpid()}.part.{name}"
        make(part)
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
    environment.globals |= {
        "event_names": words.EVENTS, "state_names": words.RUNS, "source_names": words.SOURCES, "presence_names": words.PRESENCE,
        "drift_names": words.DRIFT,
    }  # fmt: skip
    style = Markup((FOLDER / "style.css").read_text("utf-8"))  # noqa: S704 (ours, not a page's)
    flagged = [row for row in data["judged"]["labels"] if row["flagged"]]
    return environment.get_template("template.html").render(
        data,
        style=style,
        picture=trend.picture(data["trend"]),
        map=pictures.tiles(data["places"]["provinces"]),
        stack=pictures.stack(flagged),
    )


def _before(store: Store, now: datetime) -> datetime:
    today = now.astimezone(ZONE).date()
    for run in store.runs.last(STAGE, 100):
        if run.state == "finished" and run.started_at.astimezone(ZONE).date() < today:
            return run.started_at
    return now - timedelta(days=1)


def _week(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(ZONE).date() - timedelta(days=7), time(), ZONE)


def _new_leads(store: Store, since: datetime, now: datetime, most: int) -> dict[str, Any]:
    """New leads of the window, and the mean of a day over the ``most`` days before it (None in the first day of a store)."""
    count = store.overview.new_leads(since, now + timedelta(microseconds=1))
    first = store.overview.first_run()
    days = min(most, (since - first).total_seconds() / 86_400) if first else 0.0
    mean = round(store.overview.new_leads(since - timedelta(days=days), since) / days, 1) if days >= 1 else None
    window_days = max(1.0, (now - since).total_seconds() / 86_400)
    return {
        "count": count,
        "a_day": round(count / window_days, 1),
        "mean_a_day": mean,
        "mean_days": round(days, 1),
        "mean_over": most,
    }


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
