"""The scan in numbers, in Prometheus' text format: for the textfile collector of node_exporter, or any that reads such a file.

Names of sources, stages and states are the only words in it: no URL, no text, no contact.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest, write_to_textfile

from core.settings import Settings
from core.store import Store

STAGES = ("nightly", "crawl", "classify", "link", "digest", "import")
STATES = ("finished", "failed", "interrupted", "running")


def registry(store: Store, settings: Settings, digest: Mapping[str, Any], now: datetime) -> CollectorRegistry:
    """All gauges, from the store and the data of a digest (``reports.digest.report.build``)."""
    found = CollectorRegistry()

    def gauge(name: str, what: str, values: Mapping[tuple[str, ...], float], *labels: str) -> None:
        made = Gauge(f"xuncha_{name}", what, labels, registry=found)
        for key, value in values.items():
            (made.labels(*key) if labels else made).set(value)

    last = {stage: runs[0] for stage in STAGES if (runs := store.runs.last(stage, 1))}
    gauge("run_started_timestamp_seconds", "When the last run of a stage began.", {(stage,): run.started_at.timestamp() for stage, run in last.items()}, "stage")  # fmt: skip
    gauge("run_finished_timestamp_seconds", "When the last run of a stage ended.", {(stage,): run.finished_at.timestamp() for stage, run in last.items() if run.finished_at}, "stage")  # fmt: skip
    gauge("run_state", "1 for the state of the last run of a stage.", {(stage, state): float(run.state == state) for stage, run in last.items() for state in STATES}, "stage", "state")  # fmt: skip
    sources = digest["sources"]
    for what, help in (
        ("fetched", "Pages fetched"),
        ("new", "New documents"),
        ("changed", "Changed documents"),
        ("refused", "URLs refused"),
    ):
        gauge(
            f"source_{what}",
            f"{help} in the digest's window.",
            {(row["source"],): row[what] for row in sources},
            "source",
        )
    gauge("source_documents", "Documents held.", {(row["source"],): row["held"] for row in sources}, "source")
    gauge("source_last_seen_timestamp_seconds", "When a document of the source was last seen.", {(row["source"],): datetime.fromisoformat(row["last_seen"]).timestamp() for row in sources if row["last_seen"]}, "source")  # fmt: skip
    gauge("source_alarm", "1 where the state of a source calls for a look.", {(row["source"], row["state"]): 1.0 for row in sources if row["state"]}, "source", "state")  # fmt: skip
    levels = [alarm["level"] for alarm in digest["alarms"]]
    gauge(
        "alarms",
        "Entries of the digest's scan health.",
        {(level,): levels.count(level) for level in ("alarm", "notice")},
        "level",
    )
    gauge("flagged_pages", "Flagged documents by where their pages stand.", {(state,): count for state, count in digest["presence"]["counts"].items()}, "state")  # fmt: skip
    backlog, new = digest["backlog"], digest["headline"]["new_leads"]
    gauge("leads", "Leads by state.", {("open",): backlog["open"], ("undecided",): backlog["undecided"], ("unsure",): backlog["unsure"]}, "state")  # fmt: skip
    gauge("leads_new", "New leads in the digest's window.", {(): new["count"]})
    gauge(
        "lead_oldest_undecided_days",
        "Days for which the oldest undecided lead has waited.",
        {(): backlog["oldest_days"]},
    )
    gauge("documents", "Documents in the store.", {(): store.documents.count()})
    gauge("captures", "Captures in the store.", {(): store.captures.count()})
    gauge("disk_free_bytes", "Free space where the workspace lies.", {(): shutil.disk_usage(settings.workspace).free})
    size = settings.path("database").stat().st_size if settings.path("database").exists() else 0
    gauge("database_bytes", "Size of the store's file.", {(): size})
    gauge("written_timestamp_seconds", "When these numbers were written.", {(): now.timestamp()})
    return found


def text(found: CollectorRegistry) -> str:
    """The gauges in Prometheus' text format."""
    return generate_latest(found).decode("utf-8")


def write(found: CollectorRegistry, settings: Settings) -> Path | None:
    """Write the gauges to the file that the setting ``metrics`` names, put in place whole; None where it names none."""
    if not settings["metrics"]:
        return None
    path = settings.path("metrics")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), found)
    return path
