"""One file brought in: as an archive of the web, as a saved page, or as an export, by what it is; each in a run of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.settings import Settings
from core.store import Store
from crawler import saved
from crawler.imports import import_file
from crawler.replay import is_warc, replay
from crawler.sources import Source
from xuncha import stages
from xuncha.workspace import now

MOST_ISSUES = 100  # of one file that its run remembers; all of them are shown


def bring(
    store: Store, settings: Settings, path: Path, sources: Mapping[str, Source], platform: str = "", format: str = "",
    mapping: Mapping[str, str] | None = None,
) -> tuple[dict[str, int], list[str]]:  # fmt: skip
    """Import a file; returns counts and what was wrong with single records, with their place.

    Raises:
        InputError: the file cannot be read at all, is of no known kind, or does not tell its platform.
    """
    counts: dict[str, int] = {}
    issues: list[str] = []
    with stages.recorded(store, "import", now, counts, issues, file=path.name, platform=platform) as run:
        if is_warc(path):
            found, told = replay(store, settings, path, sources, now(), run)
        elif path.suffix.lower() in saved.SUFFIXES and not format:
            found, told = saved.import_saved(store, settings, path, sources, platform, now(), run)
        else:
            found, faults = import_file(store, settings, path, platform, now(), run, format, mapping)
            told = [f"{path}:{fault.line}: {fault.what}" for fault in faults]
        counts.update(found)
        issues += told[:MOST_ISSUES]
    return counts, told
