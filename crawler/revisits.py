"""When pages are visited again: lists each night, pages at growing intervals while nothing changes, flagged documents' pages closely.

An interval is a share of the time for which a page has been quiet, so it grows by itself and starts anew with a change; a night that
is missed or doubled does no harm. The pages of a source are visited again within a share of its budget, the most overdue first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from w3lib.url import canonicalize_url

from core.settings import Settings
from core.store import Store
from core.store.visits import CHANGED, GONE, RETURNED, UNREACHED, UP, Visit, Watched
from core.types import Change, Document
from crawler.adapters import adapter
from crawler.pages import Follow
from crawler.removal import GONE_STATUS, SHOWN, WHOLE, notice, share_shown
from crawler.sources import Source

if TYPE_CHECKING:
    from crawler.outcomes import Outcome

DAY = timedelta(days=1)
EARLY = timedelta(hours=3)  # nights don't begin to the minute
LIST_PATIENCE = 14 * DAY  # a list that was quiet for less is read each night
LONGEST = {"list": 7, "document": 60}  # days; a source may declare its own
FLAGGED, ORDINARY = 6, -5  # priorities: flagged pages come before new ones (0), others after them
CHECK = "check"  # the role of a page that is only looked at: what it shows is compared with what was taken
PASSING = ("stamp", "revisit", "redirects", "known", "barren", "same")  # of what led to a page: true for one visit only
MANY = 1_000_000_000


def page_interval(quiet: timedelta, failures: int = 0, longest: float = LONGEST["document"]) -> timedelta:
    """How long a page with documents is left alone: half of the time since it last changed, a day at least; doubled by each failure."""
    most = longest * DAY
    doubled: int = 2 ** min(failures, 6)
    return min(most, max(DAY, quiet / 2) * doubled)


def list_interval(quiet: timedelta, longest: float = LONGEST["list"]) -> timedelta:
    """How long a list is left alone: not at all for its first two quiet weeks, then a fourteenth of the time since it gave something new."""
    return min(longest * DAY, quiet / 14) if quiet >= LIST_PATIENCE else timedelta()


def watch_interval(state: str, stood: timedelta) -> timedelta:
    """How long a flagged document's page is left alone: a day to a week while it is up, to a month once it is gone."""
    if state == GONE:
        return min(30 * DAY, max(DAY, stood / 4))
    return min(7 * DAY, max(DAY, stood / 14))


class Revisits:
    """What one crawl knows of earlier visits; ``now`` gives the time (UTC)."""

    def __init__(self, store: Store, settings: Settings, run: int, now: Callable[[], datetime]) -> None:
        self.store, self.settings, self.run, self.now = store, settings, run, now
        self._by_url: dict[tuple[str, str], list[Watched]] = {}
        self._by_id: dict[int, Watched] = {}
        self._by_name: dict[tuple[str, str], Watched] = {}
        self._gaps: dict[str, bool] = {}
        self._declared: dict[str, float] = {}

    # -- what a night begins with -----------------------------------------------------------------------------------

    def begin(self, source: Source) -> Iterator[Follow]:
        """The first pages of a source that are due, its flagged documents' pages that are, and other pages that are."""
        for follow in adapter(source.kind).start(source):
            url = follow.url if follow.extra.get("exact") else canonicalize_url(follow.url)
            visit = self.store.visits.get(source.name, follow.role, url)
            if visit is None or visit.due_at <= self.now() or self.gap(source.name):
                yield replace(follow, extra={**follow.extra, "start": True})
            else:
                self.store.yields.add(self.run, source.name, {"waiting": 1})
        room = int(
            float(self.settings["revisit_share"]) * (source.max_pages or int(self.settings["max_pages_per_source"]))
        )
        chosen = {follow.url: follow for follow in self._flagged(source)}
        due = (
            self.store.visits.due(source.name, "document", self.now(), room)
            if self._longest(source, "document")
            else []
        )
        for visit in due:
            if "start" not in visit.extra:
                chosen.setdefault(visit.url, _again(visit, ORDINARY))
        yield from list(chosen.values())[:room]

    def _flagged(self, source: Source) -> Iterator[Follow]:
        for watched in self.store.sightings.watched(source.name, f"model:{self.settings['model']}@"):
            self._by_url.setdefault((source.name, watched.url), []).append(watched)
            self._by_id[watched.document] = watched
            self._by_name[watched.platform, watched.native_id] = watched
            if not self._look_due(watched) or not source.covers(watched.url):
                continue
            visit = self.store.visits.get(source.name, "document", watched.url)
            if visit:
                yield _again(visit, FLAGGED)
            else:
                yield Follow(watched.url, CHECK, priority=FLAGGED, extra={"exact": True, "revisit": True})

    def _look_due(self, watched: Watched) -> bool:
        known = watched.standing
        last = known.checked_at if known else watched.first_seen
        state, since = (known.state, known.since) if known else (UP, watched.first_seen)
        return self.now() - last >= watch_interval(state, last - since) - EARLY

    # -- what is asked of a page ------------------------------------------------------------------------------------

    def gap(self, source: str) -> bool:
        """Whether the source's last crawl lost pages that its lists showed: lists are then read to their ends, unconditionally."""
        if source not in self._gaps:
            self._gaps[source] = self.store.yields.gap(source, self.run)
        return self._gaps[source]

    def known_in_a_row(self, source: Source) -> int:
        """After how many known documents in a row a list of the source is left."""
        return MANY if self.gap(source.name) else source.known_in_a_row or int(self.settings["known_in_a_row"])

    def conditional(self, source: Source | None, meta: Mapping[str, Any], fetched_at: datetime) -> bool:
        """Whether an answer of 304 is good enough: not for a page never read, nor after the source's declaration was altered."""
        if source is None or (meta.get("document") and not meta.get("extra", {}).get("revisit")):
            return False
        if source.name not in self._declared:
            path = source.folder / "source.yml"
            self._declared[source.name] = path.stat().st_mtime if path.exists() else 0.0
        return fetched_at.timestamp() > self._declared[source.name] and (
            meta.get("role") == "document" or not self.gap(source.name)
        )

    def bumped(self, source: Source, follow: Follow, url: str) -> list[Follow]:
        """The pages of a known thread that are due because its list says something else of it than last time; none else."""
        if not follow.stamp:
            return []
        visit = self.store.visits.get(source.name, follow.role, url)
        if visit is None or visit.stamp == follow.stamp or not visit.stamp:
            if visit and not visit.stamp:
                self.store.visits.put(replace(visit, stamp=follow.stamp))
            return []
        self.store.visits.put(replace(visit, stamp=follow.stamp))
        last = self.store.visits.last_of(source.name, url)
        return [_again(page, 0) for page in (visit, last) if page]

    def rests(self, source: str, follow: Follow, url: str) -> bool:
        """Whether a later page of a thread has a schedule of its own, by which it is not due."""
        visit = self.store.visits.get(source, follow.role, url)
        return visit is not None and visit.due_at > self.now()

    # -- what became of it ------------------------------------------------------------------------------------------

    def removed(self, document: Document) -> int | None:
        """The id of a flagged document in whose place a notice of removal stands; its text is not written over."""
        watched = self._by_name.get((document.platform, document.native_id))
        return watched.document if watched and notice(document.text) and not notice(watched.text) else None

    def visited(self, source: Source, item: Outcome, asked: Mapping[str, Any], news: bool) -> None:
        """Put a page on the schedule; ``asked`` is what its lease packed, ``news`` tells whether it gave anything new."""
        role, extra, now, url = asked["role"], asked["extra"], self.now(), item.leased.url
        if (
            item.retry
            or 300 <= item.status < 304
            or 304 < item.status < 400
            or not (role == "document" or extra.get("start"))
        ):
            return
        if extra.get("revisit") and extra.get("redirects"):
            return  # where a known page leads now was not asked for
        old = self.store.visits.get(source.name, role, url)
        failed = bool(item.refusal) or item.status in GONE_STATUS
        if failed and old is None:
            return  # what was never had is the frontier's affair
        # a page of long ago is left alone for long from the first; a list gave something new just now
        begun = min(now, _newest(item.found) or now) if role == "document" else now
        changed_at = old.changed_at if old else begun
        if old and news:
            changed_at = now
        failures = (old.failures + 1 if old else 1) if failed else 0
        if role == "document":
            wait = page_interval(now - changed_at, failures, self._longest(source, "document"))
        else:
            wait = list_interval(now - changed_at, self._longest(source, "list"))
        kept = {name: given for name, given in extra.items() if name not in PASSING}
        stamp = str(extra.get("stamp") or (old.stamp if old else ""))
        self.store.visits.put(
            Visit(
                source.name, role, url, kept, stamp, now, changed_at, now + wait - (EARLY if wait else wait), failures
            )
        )

    def looked(self, item: Outcome, asked: Mapping[str, Any], changes: Mapping[int, Change | None]) -> None:
        """Record what became of the flagged documents that stand on a page, or should; ``changes`` are those found there."""
        if item.retry or not self._by_id or (300 <= item.status < 400 and item.status != 304 and not item.refusal):
            return  # of a redirect its target decides
        urls = [item.leased.url, *asked["extra"].get("redirects", ())]
        here = {watched.document: watched for url in urls for watched in self._by_url.get((item.source, url), ())}
        here |= {id: self._by_id[id] for id in changes if id in self._by_id}
        for id, watched in here.items():
            state, reason = state_of(watched, item, str(asked["role"]), changes, len(urls) > 1)
            capture = item.capture.id if item.capture else ""
            self.store.sightings.add(id, self.now(), state, reason, capture, self.run)

    @staticmethod
    def _longest(source: Source, what: str) -> float:
        return float(source.revisit.get(what, LONGEST[what]))


def state_of(
    watched: Watched, item: Outcome, role: str, changes: Mapping[int, Change | None], redirected: bool
) -> tuple[str, str]:
    """What a look at its page says of a flagged document, and why. What could not be seen is never called gone."""
    if watched.document in changes:
        change = changes[watched.document]
        if change is None:
            return GONE, "a notice of removal stands in its place"
        return (CHANGED, "its text is another") if change is Change.CHANGED else (UP, "")
    if item.status in GONE_STATUS:
        return GONE, f"status {item.status}"
    if item.refusal:
        return UNREACHED, ": ".join(item.refusal)
    if item.status == 304:
        return UP, "not modified (304)"
    if words := notice(item.text):
        return GONE, f"the page says: {words}"
    if any(isinstance(found, Document) for found in item.found):
        return GONE, "redirects to a page that does not hold it" if redirected else "its page no longer holds it"
    share = share_shown(watched.text or watched.title, item.text)
    if share >= SHOWN:
        return (UP, "") if share >= WHOLE else (CHANGED, f"{share:.0%} of its text stands there")
    if redirected:
        return GONE, "redirects to a page that does not show it"
    seen_before = watched.standing is not None and watched.standing.state in (UP, CHANGED, RETURNED)
    if role == CHECK and seen_before:
        return GONE, f"its page shows {share:.0%} of its text"
    return (
        UNREACHED,
        "its page shows nothing that could be read" if role != CHECK else "its own page does not show its text",
    )


def _again(visit: Visit, priority: int) -> Follow:
    return Follow(visit.url, visit.role, True, priority, {**visit.extra, "exact": True, "revisit": True})


def _newest(found: Iterable[object]) -> datetime | None:
    times = [item.published_at for item in found if isinstance(item, Document) and item.published_at]
    return max(times, default=None)
