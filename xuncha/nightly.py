"""The night: crawl, classify, link, digest, under one lock. Each stage goes on where it stopped, so a night may be started again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import xuncha
from classifier.models import load
from core.errors import Busy
from core.settings import Settings
from core.store import Store
from crawler.run import crawl
from crawler.sources import Source
from evidence.stamp import authorities, roots, stamp_ledger
from xuncha import metrics, notify, screen, stages
from xuncha.desk import keep_drawn
from xuncha.retention import periods
from xuncha.workspace import locked


def night(
    settings: Settings, sources: dict[str, Source], now: Callable[[], datetime], say: Callable[[str], None]
) -> dict[str, Any]:
    """Run all stages, write the metrics and tell whom the settings name; returns what each stage did, the digest's files and the alarms.

    Raises:
        Busy: another run holds the workspace.
    """
    # a mistake in these settings is told before the night, not after it
    authorities(settings)
    roots(settings)
    periods(settings)
    urls = notify.addresses(settings)
    try:
        done, data = _work(settings, sources, now, say)
    except Busy:
        raise
    except Exception as error:
        told = notify.of_failure(error, settings)
        if notify.wanted(told, settings):
            notify.send(told, urls, say)
        raise
    told = notify.of_night(done, data, settings)
    done["told"] = notify.send(told, urls, say) if notify.wanted(told, settings) else 0
    notify.alive(settings, say)
    return done


def _work(
    settings: Settings, sources: dict[str, Source], now: Callable[[], datetime], say: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    with locked(settings.workspace), Store.open(settings.path("database"), now=now()) as store:
        issues: list[str] = []
        counts: dict[str, int] = {}
        with stages.recorded(store, "nightly", now, counts, issues, sources=sorted(sources)):
            with screen.progress("pages") as advance:
                run = crawl(store, settings, sources, xuncha.__version__, now, say, lambda: advance(1))
            issues += run.issues
            rater = load(str(settings["model"]))
            with screen.progress("documents judged") as advance:
                judged = stages.classify(store, rater, now, advance)
            purged, faults = stages.purge(store, settings, now, "nightly run")
            issues += faults
            tied = stages.tie(store, settings, rater, now)
            keep_drawn(store, settings, now())
            expected = {name: dict(source.expect.get("documents", {})) for name, source in sources.items()}
            files, data = stages.digest(store, settings, now, expected)
            issues += stamp_ledger(store, settings, now)
            counts.update({"fetched": run.counts["fetched"], "flagged": judged["flagged"], "leads": tied["leads"]})
        written = metrics.write(metrics.registry(store, settings, data, now()), settings)
        alarms = [
            *issues,
            *(f"{alarm['subject']}: {alarm['en']}" for alarm in data["alarms"] if alarm["level"] == "alarm"),
        ]
        done = {
            "crawl": {
                "run": run.id,
                "state": run.state,
                **{key: run.counts[key] for key in ("fetched", "new", "changed", "refused")},
            },
            "sources": stages.crawl_counts(run),
            "classify": judged,
            "purge": purged,
            "link": tied,
            "digest": [str(path) for path in files],
            "metrics": str(written or ""),
            "alarms": alarms,
        }
        return done, data
