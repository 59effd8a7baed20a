"""Running a crawl: one Scrapy process over some sources, within one run that a later call can go on with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from core.errors import SettingsError
from core.settings import Settings
from core.store import Store
from core.types import Run
from crawler.patrol import Patrol
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
    from scrapy.settings import Settings as ScrapySettings

    from crawler.spider import SiteSpider

    unfinished = store.runs.unfinished(STAGE)
    run = unfinished.id if unfinished else store.runs.start(STAGE, now(), {"sources": sorted(sources)})
    if unfinished:
        store.runs.resume(run, now())
        say(f"going on with crawl run {run}, begun {unfinished.started_at:%Y-%m-%d %H:%M}Z")
    agent = user_agent(str(settings["contact"]), version)
    patrol = Patrol(store, settings, sources, run, agent, now, page_done)
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
    process = AsyncCrawlerProcess(options)
    process.crawl(SiteSpider, patrol=patrol)
    process.start()
    patrol.close()
    if patrol.batches.broken:  # the run stays as it is, and is gone on with once the store can be written
        raise patrol.batches.broken
    states = store.frontier.counts(run)
    left = states["pending"] + states["leased"]
    issues = [f"{left} pages left in the queue"] if left else []
    counts = counts_of(store, run)
    store.runs.finish(run, now(), counts, issues, "interrupted" if left else "finished")
    if not left:
        store.frontier.clear(run)
    found = store.runs.get(run)
    assert found is not None  # it was just written
    return found


def counts_of(store: Store, run: int) -> dict[str, int]:
    """What a run did, counted from the store, so that it is true after any crash: totals, and ``<source>/<what>``.

    ``kept`` pages wait for the next night; ``resumed`` is how often the run was cut off and gone on with.
    """
    totals: dict[str, int] = {"fetched": 0, "new": 0, "changed": 0, "refused": 0}
    totals["kept"] = store.frontier.counts(run)["kept"]
    totals["resumed"] = store.runs.resumed(run)
    by_source = store.captures.by_source(run)
    for source, counts in by_source.items():
        for what, number in counts.items():
            if source != "robots.txt":
                totals[what] += number
                totals[f"{source}/{what}"] = number
    return totals
