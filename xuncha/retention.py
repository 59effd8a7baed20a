"""Retention: what is due is purged each night, by label; people who ask or tell after 30 days. A hold keeps, and every purge is in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.batches import batches
from core.errors import EvidenceError, SettingsError
from core.labels import labels
from core.plugins import suggest
from core.settings import Settings
from core.store import Store
from core.store.collected import capture_of
from core.store.retention import Due
from core.types import Capture
from evidence.erase import erase, extent
from leads.campaigns import leave
from review.search import searched
from text.shingles import bigrams

SEEKER = "seeker"
PURGED = "purged"
BATCH = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """What a purge does: documents that go, documents that are due and kept all the same, captures that go with them."""

    going: tuple[Due, ...]
    kept: tuple[Due, ...]
    captures: tuple[Capture, ...]
    rows: tuple[Mapping[str, Any], ...]


def periods(settings: Settings) -> dict[str, int]:
    """Days by label after which documents are purged; a label that is not there is kept.

    Raises:
        SettingsError: an entry of ``retention_days`` is no label=days.
    """
    found = {SEEKER: int(settings["seeker_retention_days"])}
    for entry in settings["retention_days"]:
        label, _, days = str(entry).partition("=")
        if label.strip() not in labels():
            raise SettingsError(f"retention_days: {entry!r}: expected label=days; {suggest(label.strip(), labels())}")
        if not days.strip().isdigit():
            raise SettingsError(f"retention_days: {entry!r}: expected a whole number of days, found {days!r}")
        if label.strip() == SEEKER:
            raise SettingsError(
                f"retention_days: {entry!r}: that of seekers has a setting of its own, 'seeker_retention_days'"
            )
        found[label.strip()] = int(days)
    return found


def plan(store: Store, settings: Settings, now: datetime) -> Plan:
    """What a purge would do now; nothing is changed."""
    before = {label: now - timedelta(days=days) for label, days in periods(settings).items()}
    due = store.retention.due(before, f"model:{settings['model']}@")
    going = tuple(one for one in due if not one.kept)
    days = int(settings["page_retention_days"])
    rows = store.retention.captures_due([one.id for one in going], now - timedelta(days=days) if days else None)
    return Plan(going, tuple(one for one in due if one.kept), tuple(capture_of(row) for row in rows), tuple(rows))


def purge(
    store: Store, settings: Settings, now: Callable[[], datetime], by: str, run: int | None = None
) -> tuple[dict[str, int], list[str]]:
    """Purge what is due, and erase its captures in the archive; returns counts and faults in words.

    The store comes first: a record of the archive that could not be erased is noted in it, and tried again each time.
    """
    found = plan(store, settings, now())
    archive = settings.path("archive")
    faults: list[str] = []
    sizes: dict[str, int] = {}
    for capture in found.captures:
        try:
            sizes[capture.id] = extent(archive, capture)
        except EvidenceError as error:
            faults.append(str(error))
    threshold = float(settings["near_duplicate"])
    for some in batches(found.going, BATCH):
        with store.atomic():
            leave(store, [one.id for one in some], threshold, now(), run)
            for one in some:
                indexed = store.retention.indexed(one.id)
                terms = {version: " ".join(bigrams(searched(title, text))) for version, title, text in indexed}
                store.retention.purge(one.id, now(), terms)
            told = [[one.id, one.label, one.text_sha256, one.first_seen.date().isoformat()] for one in some]
            store.ledger.append(now(), by, PURGED, f"{len(some)} documents", {"documents": told})
    for rows in batches([row for row in found.rows if row["id"] in sizes], BATCH):
        with store.atomic():
            for row in rows:
                store.retention.erase_capture(row, sizes[row["id"]], now())
            told = [[row["id"], row["sha256"]] for row in rows]
            store.ledger.append(now(), by, PURGED, f"{len(rows)} captures", {"captures": told})
    done, more = _archive(store, archive)
    titles = store.retention.forget_titles()
    if found.going or done or titles:
        store.retention.settle()
    counts = Counter(one.label for one in found.going)
    return {
        "documents": len(found.going), "kept": len(found.kept), "captures": len(sizes), "records": done, "titles": titles,
        **{f"label {label}": number for label, number in sorted(counts.items())},
    }, [*faults, *more]  # fmt: skip


def _archive(store: Store, archive: Path) -> tuple[int, list[str]]:
    """Erase in the archive what the store says is to be erased."""
    done, faults = 0, []
    for row in store.retention.to_erase():
        path = archive / row["warc"]
        try:
            if row["length"]:
                erase(path, row["offset"], row["length"], row["capture"], datetime.fromisoformat(row["at"]))
            elif store.retention.shared(row["warc"]):
                continue  # an imported file that others stand in: it stays until the last of them goes
            else:
                path.unlink(missing_ok=True)
        except (EvidenceError, OSError) as error:
            faults.append(str(error))
            continue
        store.retention.erased(row["capture"])
        done += 1
    return done, faults
