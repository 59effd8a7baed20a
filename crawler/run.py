"""Running a crawl: one Scrapy process over some sources, within one run that a later call can go on with."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.settings import Settings
from core.store import Store
from core.types import Run
from crawler.drawing import PARTS
from crawler.frontier import Frontier
from crawler.needs import Ready, ready
from crawler.patrol import KNOWN_STATUS, Patrol, worker_name
from crawler.reading import read_unread
from crawler.sources import Source

STAGE = "crawl"


def user_agent(contact: str, version: str) -> str:
    """The honest name: ``xuncha/0.1 (+contact)``."""
    return f"xuncha/{version} (+{contact})"


def crawl(
    store: Store,
    settings: Settings,
    sources: Mapping[str, Source],
    version: str,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    say: Callable[[str], None] = lambda _: None,
    page_done: Callable[[], None] = lambda: None,
) -> Run:
    """Crawl sources to the end and return the run. An unfinished earlier run is gone on with. Once in a process: Scrapy's reactor.

    ``say`` gets lines for the operator, ``page_done`` is called after each page.

    Raises:
        SettingsError: no contact is set; site owners must be able to write to whoever patrols them.
    """
    if not settings["contact"]:
        raise SettingsError(
            "setting 'contact' is empty; set it in xuncha.toml to an address or URL that site owners can write to"
        )
    from scrapy.crawler import AsyncCrawlerProcess

    from crawler.spider import SiteSpider

    unfinished = store.runs.unfinished(STAGE)
    run = unfinished.id if unfinished else store.runs.start(STAGE, now(), {"sources": sorted(sources)})
    if unfinished:
        store.runs.resume(run, now())
        say(f"going on with crawl run {run}, begun {unfinished.started_at:%Y-%m-%d %H:%M}Z")
    frontier = _frontier(store, settings, run, sources, say)
    agent = user_agent(str(settings["contact"]), version)
    asked = ready(sources, store.watched.terms(), settings.workspace, Path(str(settings["browser"])))
    patrol = Patrol(store, settings, asked.sources, run, agent, now, page_done, frontier)
    for source, url, reason, detail in asked.refused:
        patrol.refuse(source, url, reason, detail)
    options = options_for(settings, agent)
    if asked.secrets or asked.browser:
        _outgoing(options, asked, settings)
    process = AsyncCrawlerProcess(options)
    process.crawl(SiteSpider, patrol=patrol)
    with seldom_collected():
        process.start()
    patrol.close()
    if patrol.batches.broken:  # the run stays as it is, and is gone on with once the store can be written
        raise patrol.batches.broken
    read_unread(store, settings, sources, now)
    states = frontier.counts(run)
    # in a shared queue, what came after this worker had seen the end of the night is the worker's that brought it
    left = 0 if frontier.shared and not patrol.waiting() else states["pending"] + states["leased"]
    issues = [f"{left} pages left in the queue"] if left else []
    counts = counts_of(store, run, states["kept"])
    store.runs.finish(run, now(), counts, issues, "interrupted" if left else "finished")
    frontier.clear(run)
    found = store.runs.get(run)
    assert found is not None  # it was just written
    return found


def _frontier(
    store: Store, settings: Settings, run: int, sources: Mapping[str, Source], say: Callable[[str], None]
) -> Frontier:
    """The store's own queue, or the one that setting ``frontier`` names, joined for the night that is on."""
    if not settings["frontier"]:
        return store.frontier
    from crawler.redis_frontier import connect

    shared = connect(str(settings["frontier"]))
    night = shared.join(run, sources)
    mine = f"{worker_name(settings)}:{settings.path('database')}"
    for urls in store.handed.had(KNOWN_STATUS) if shared.enters(mine) else ():
        shared.had(urls)
        shared.commit()
    shared.settle(run, lambda url: store.handed.fetched(run, url))
    say(f"night {night} of the shared queue; this is {worker_name(settings)}")
    return shared


def options_for(settings: Settings, agent: str) -> Any:
    """Scrapy's settings for a workspace."""
    from scrapy.settings import Settings as ScrapySettings

    options = ScrapySettings()
    options.setmodule("crawler.settings")
    options.setdict(
        {
            "USER_AGENT": agent,
            "DOWNLOAD_TIMEOUT": float(settings["page_deadline_seconds"]),
            "DOWNLOAD_MAXSIZE": int(settings["max_page_bytes"]),
            "XUNCHA_ALLOW_ADDRESSES": list(settings["allow_addresses"]),
        },
        priority="cmdline",
    )
    return options


def _outgoing(options: Any, asked: Ready, settings: Settings) -> None:
    """Put ``crawler.outgoing`` before the handler of http and https, for keys and for pages that a browser draws."""
    handlers = options.getdict("DOWNLOAD_HANDLERS")
    if asked.browser:
        from crawler.browser import settings_for

        deadline = float(settings["page_deadline_seconds"])
        options.setdict(settings_for(Path(str(settings["browser"])), deadline), priority="cmdline")
    options.setdict(
        {
            "XUNCHA_PLAIN_HANDLER": handlers.get("http"),
            "XUNCHA_SECRETS": {name: (key, asked.sources[name].own_hosts) for name, key in asked.secrets.items()},
            "DOWNLOAD_HANDLERS": {**handlers, **dict.fromkeys(("http", "https"), "crawler.outgoing.Outgoing")},
        },
        priority="cmdline",
    )


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Python's cycle collector runs seldom inside, and leaves alone what is there already: that takes a fifth of a crawl's CPU otherwise."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def counts_of(store: Store, run: int, kept: int) -> dict[str, int]:
    """What a run did, counted from the store, so that it is true after any crash: totals, and ``<source>/<what>``.

    ``kept`` pages wait for the next night; ``resumed`` is how often the run was cut off and gone on with.
    """
    totals: dict[str, int] = {"fetched": 0, "new": 0, "changed": 0, "refused": 0}
    totals["kept"] = kept
    totals["resumed"] = store.runs.resumed(run)
    by_source = store.captures.by_source(run)
    for source, counts in by_source.items():
        for what, number in counts.items():
            if source not in ("robots.txt", PARTS):
                totals[what] += number
                totals[f"{source}/{what}"] = number
    return totals
