"""Budgets of a source in one run: pages, bytes, minutes, visiting hours. What is left over is kept for the next night."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

from core.settings import Settings
from crawler.sources import Source, windows_of
from crawler.times import zone_of

DAY = timedelta(days=1)


def opens_in(windows: tuple[tuple[time, time], ...], now: datetime) -> float:
    """Seconds until one of the windows is open, 0 when one is or none is declared; ``now`` in the windows' zone."""
    waits = []
    clock = now.time().replace(tzinfo=None)
    for begin, end in windows:
        if begin <= clock < end if begin < end else clock >= begin or clock < end:
            return 0.0
        start = now.replace(hour=begin.hour, minute=begin.minute, second=0, microsecond=0)
        waits.append((start - now if start > now else start + DAY - now).total_seconds())
    return min(waits, default=0.0)


# (source, pages, bytes) -> the pages and bytes that all workers have spent
Spend = Callable[[str, int, int], tuple[int, int] | None]


class Budgets:
    """What each source has cost in a run; ``spent`` holds captures and bytes of the run so far, from the store.

    ``spend`` counts a source's pages and bytes over all workers of a shared queue, and tells what they come to; None where there is
    no other worker. Minutes run from a source's first page in this process: the time that a killed run lay still is not its source's.
    """

    def __init__(self, settings: Settings, spent: Mapping[str, tuple[int, int]], spend: Spend) -> None:
        self.settings, self.spend = settings, spend
        self.pages = {source: pages for source, (pages, _) in spent.items()}
        self.bytes = {source: size for source, (_, size) in spent.items()}
        self.begun: dict[str, datetime] = {}

    def asked(self, source: Source, now: datetime) -> None:
        """A page is asked for."""
        self.begun.setdefault(source.name, now)
        self._count(source.name, 1, 0)

    def came(self, source: Source, size: int) -> None:
        """So many bytes were received."""
        self._count(source.name, 0, size)

    def _count(self, source: str, pages: int, size: int) -> None:
        own = self.pages.get(source, 0) + pages, self.bytes.get(source, 0) + size
        self.pages[source], self.bytes[source] = map(max, own, self.spend(source, pages, size) or own)

    def exhausted(self, source: Source, now: datetime) -> tuple[str, str] | None:
        """Reason and detail when a source has no more to spend in this run, else None."""
        pages = source.max_pages or int(self.settings["max_pages_per_source"])
        if self.pages.get(source.name, 0) >= pages:
            return "page budget of the source", f"{pages} pages a run; kept for the next night"
        size = source.max_bytes or int(self.settings["max_bytes_per_source"])
        if self.bytes.get(source.name, 0) >= size:
            return "byte budget of the source", f"{size} bytes a run; kept for the next night"
        minutes = source.max_minutes or float(self.settings["max_minutes_per_source"])
        begun = self.begun.get(source.name)
        if begun is not None and now - begun >= timedelta(minutes=minutes):
            return "time budget of the source", f"{minutes:g} minutes a run; kept for the next night"
        return None

    def opens_in(self, source: Source, now: datetime) -> float:
        """Seconds until the source's visiting hours, 0 when it may be visited now."""
        return opens_in(windows_of(source.hours), now.astimezone(zone_of(source.zone))) if source.hours else 0.0
