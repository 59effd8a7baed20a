"""Reading the robots.txt of sources, live, without asking for any of their pages: what may be patrolled is known before a source is on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import scrapy

from core.errors import SettingsError
from core.settings import Settings
from core.store import Store
from core.store.checked import Check
from crawler.adapters import adapter
from crawler.middlewares import Gate
from crawler.patrol import Patrol
from crawler.robots import Verdict
from crawler.run import options_for, user_agent
from crawler.sources import Source, with_queries

STAGE = "check"
FRESH_HOURS = 0.01  # one reading serves all start pages of a site, and none of an earlier night does
ALLOWED, PARTLY, FORBIDDEN, UNREACHABLE = "allowed", "partly", "forbidden", "unreachable"


class RobotsSpider(scrapy.Spider):
    """Asks the gate for its verdict on the first pages of sources; yields nothing, and fetches robots.txt alone."""

    name = "robots"

    def __init__(self, patrol: Patrol, sources: Mapping[str, Source], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.patrol, self.wanted = patrol, sources
        self.found: dict[str, list[tuple[str, Verdict]]] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Ask for each first page, and for the other name that it may have."""
        gate = next(one for one in self.crawler.engine.downloader.middleware.middlewares if isinstance(one, Gate))
        for name, source in self.wanted.items():
            for follow in adapter(source.kind).start(source):
                for url in filter(None, (follow.url, str(follow.extra.get("alias_of", "")))):
                    self.found.setdefault(name, []).append((url, await gate.robots.verdict(url)))
        return
        yield


def check(
    store: Store, settings: Settings, sources: Mapping[str, Source], version: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[Check]:  # fmt: skip
    """Read robots.txt for sources, keep what it says of each with the date, and return that. Once in a process: Scrapy's reactor.

    Raises:
        SettingsError: no contact is set; site owners must be able to write to whoever asks them.
    """
    if not settings["contact"]:
        raise SettingsError(
            "setting 'contact' is empty; set it in xuncha.toml to an address or URL that site owners can write to"
        )
    from scrapy.crawler import AsyncCrawlerProcess

    run = store.runs.start(STAGE, now(), {"sources": sorted(sources)})
    agent = user_agent(str(settings["contact"]), version)
    fresh = settings.replace(robots_max_age_hours=min(FRESH_HOURS, float(settings["robots_max_age_hours"])))
    patrol = Patrol(store, fresh, {}, run, agent, now)  # of no source: no page of theirs is queued
    terms = store.watched.terms() or ["x"]
    process = AsyncCrawlerProcess(options_for(fresh, agent))
    crawler = process.create_crawler(RobotsSpider)
    process.crawl(
        crawler, patrol=patrol, sources={name: with_queries(source, terms) for name, source in sources.items()}
    )
    process.start()
    patrol.close()
    found: dict[str, list[tuple[str, Verdict]]] = getattr(crawler.spider, "found", {})
    checks = [_check(store, name, found.get(name, []), now()) for name in sources]
    for one in checks:
        store.checked.put(one)
    store.runs.finish(run, now(), {"sources": len(checks)}, [], "finished")
    return checks


def _check(store: Store, name: str, verdicts: list[tuple[str, Verdict]], at: datetime) -> Check:
    words = [_word(verdict) for _, verdict in verdicts]
    if not words:
        return Check(name, at, UNREACHABLE, "no start page could be asked about")
    whole = words[0] if len(set(words)) == 1 else PARTLY if ALLOWED in words else FORBIDDEN
    read = [row["fetched_at"] for url, _ in verdicts if (row := store.robots.get(_origin(url))) is not None]
    detail = "; ".join(dict.fromkeys(f"{_origin(url)}: {verdict.reason}" for url, verdict in verdicts))
    return Check(name, max(read, default=at), whole, detail[:1000])


def _word(verdict: Verdict) -> str:
    if verdict.allowed or verdict.reason.startswith("outside visiting hours"):
        return ALLOWED
    return UNREACHABLE if "unreachable" in verdict.reason else FORBIDDEN


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
