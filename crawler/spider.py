"""The one spider: it asks for what the frontier leases, lets the source's adapter read it, and yields one outcome a page."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure
from w3lib.url import canonicalize_url

from core.types import Capture, Document
from crawler import shown
from crawler.adapters import adapter
from crawler.aside import Aside, Item, TooCostly, costly
from crawler.extract import decode, shown_text
from crawler.frontier import Leased
from crawler.guards import url_fault
from crawler.outcomes import Outcome, again, of_error, wait_of
from crawler.pages import Follow, Locked, Page, Unread, absolute
from crawler.patrol import Patrol
from crawler.revisits import CHECK, PICTURE
from crawler.sources import Source
from crawler.walls import wall
from pictures.sniff import NotAPicture

MAX_REDIRECTS = 5
READ_SECONDS = 10.0  # of one page's documents, read in place


class SiteSpider(scrapy.Spider):
    """Patrols all sources of a ``Patrol``, driven by their declarations."""

    name = "site"

    def __init__(self, patrol: Patrol, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.patrol = patrol
        self.aside = Aside()

    async def start(self) -> AsyncIterator[Any]:
        """Queue each source's first pages; those of a resumed run are there already."""
        with self.patrol.transaction():
            for source in self.patrol.sources.values():
                for follow in self.patrol.revisits.begin(source):
                    self.patrol.push(source, follow, known=False)
                for url in shown.due(self.patrol, source):
                    shown.ask(self.patrol, source, url)
        # another worker may have queued these pages since the queue was opened, and have them under way
        self.patrol.look()
        return
        yield  # an async generator, as Scrapy asks, that yields nothing

    async def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """End the process that reads costly pages."""
        await self.aside.close()

    async def parse(self, response: Response) -> AsyncIterator[Outcome]:
        """One outcome for a response of any status."""
        meta = response.meta
        leased: Leased = meta["lease"]
        source = self.patrol.sources[leased.source]
        common: dict[str, Any] = {
            "leased": leased, "source": source.name, "status": response.status,
            "capture": meta.get("capture"), "extra": meta.get("extra", {}),
        }  # fmt: skip
        try:
            outcome = await self._outcome(source, response, common)
        except TooCostly as error:
            outcome = Outcome(**common, refusal=("unreadable", f"hostile markup: {error}"))
        except (
            Exception
        ) as error:  # a page must not end the night, nor hold its host, whatever it says; it is captured and recorded
            self.logger.debug("%s: cannot read %s", source.name, response.url, exc_info=True)
            outcome = Outcome(
                **common, refusal=("unreadable", f"adapter {source.kind}: {type(error).__name__}: {error}")
            )
        yield outcome

    async def _outcome(self, source: Source, response: Response, common: dict[str, Any]) -> Outcome:
        status, leased = response.status, common["leased"]
        if status == 304 or status in (404, 410):
            return Outcome(**common)
        headers = headers_of(response)
        if status in (429, 503):
            wait = wait_of(headers.get("retry-after", ""), self.patrol.now())
            if wait is not None and wait <= self.patrol.max_wait and again(leased):
                return Outcome(**common, retry=True, pause=wait)
            if (
                status == 503 and wait is not None
            ):  # longer than a run can wait, or again and again; 429 is a wall anyhow
                why = f"status 503, Retry-After {wait:.0f} s"
                return Outcome(**common, refusal=("asked to wait", why), stop=why, keep=True)
        picture, fault = response.meta["role"] == PICTURE, ""
        if picture and status == 200:
            try:
                return Outcome(
                    **common, shown=shown.taken(response.body, int(self.patrol.settings["max_picture_bytes"]))
                )
            except NotAPicture as error:
                fault = str(error)
        if picture and status in (
            401,
            403,
        ):  # it may be this picture alone that is not given away; many in a row stop the host
            return Outcome(**common, refusal=("wall", f"picture: status {status}"), failed=True)
        barrier = wall(status, headers, response.body, source.charset)
        if barrier and barrier.target:
            return self._redirect(source, response, barrier.target, common)
        if barrier:
            # a page behind the wall comes last on a later night, lest it be what shuts the door again
            return Outcome(
                **common, refusal=("wall", barrier.what), stop=barrier.what if barrier.shut else "", keep=barrier.shut
            )
        if 300 <= status < 400:
            return self._redirect(source, response, headers.get("location", ""), common)
        if status >= 500:
            if again(leased):
                return Outcome(**common, retry=True)
            return Outcome(
                **common, refusal=("server error", f"status {status}, {leased.attempts} times"), keep=True, failed=True
            )
        if status >= 400:
            return Outcome(**common, refusal=("client error", f"status {status}"))
        if picture:
            return Outcome(**common, refusal=("no picture", fault or f"status {status}"))
        return await self._read(source, response, headers, common)

    def _redirect(self, source: Source, response: Response, location: str, common: dict[str, Any]) -> Outcome:
        target = absolute(response.url, location)
        trail = [*common["extra"].get("redirects", ()), canonicalize_url(response.url)]
        fault = url_fault(target, self.patrol.allow) if target else "malformed URL"
        if fault:
            return Outcome(**common, refusal=("guard", f"redirect to {location[:200]}: {fault}"))
        if not (source.shows(target) if response.meta["role"] == PICTURE else source.covers(target)):
            return Outcome(**common, refusal=("redirect off the source", f"to {urlsplit(target).netloc[:200]}"))
        if canonicalize_url(target) in trail:
            return Outcome(**common, refusal=("redirects", f"in a circle, back to {target[:200]}"))
        if len(trail) > MAX_REDIRECTS:
            return Outcome(**common, refusal=("redirects", f"more than {MAX_REDIRECTS} in a row"))
        follow = Follow(
            target, response.meta["role"], response.meta["document"], 20, {**common["extra"], "redirects": trail}
        )
        return Outcome(**common, found=(follow,))

    async def _read(
        self, source: Source, response: Response, headers: Mapping[str, str], common: dict[str, Any]
    ) -> Outcome:
        capture: Capture = common["capture"]
        page = Page(
            response.url, response.body, capture.fetched_at, response.meta["role"], headers, capture.id, common["extra"],
            later=True,
        )  # fmt: skip
        checked = page.role == CHECK
        items: Iterable[Item] = ()
        if not checked:
            items = await self.aside.read(source, page) if costly(page.body) else _in_place(source, page)
        found: list[Document | Follow | Unread] = []
        withheld: list[tuple[str, str, str]] = []
        robots = self.patrol.robots
        for item in items:
            if isinstance(item, Locked):
                withheld.append((item.url, "locked", item.why))
            elif (
                isinstance(item, Document) and item.url != page.url and robots is not None and robots.forbids(item.url)
            ):
                withheld.append(
                    (item.url, "robots.txt", f"its own page is forbidden by robots.txt; shown in {page.url}")
                )
            else:
                found.append(item)
        # validators of a page that gave nothing are forgotten: should its rules be mended, it must be sent again
        validators = (
            (headers.get("etag", ""), headers.get("last-modified", "")) if found or withheld or checked else ("", "")
        )
        text = ""
        if (
            page.extra.get("revisit")
            and not any(isinstance(item, Document) for item in found)
            and not costly(page.body)
        ):
            text = shown_text(decode(page.body, headers.get("content-type", ""), source.charset)[0])
        return Outcome(**common, found=tuple(found), withheld=tuple(withheld), validators=validators, text=text)

    def failed(self, failure: Failure) -> Iterator[Outcome]:
        """One outcome for a page that could not be had."""
        request = failure.request  # type: ignore[attr-defined]
        yield of_error(
            failure.value or RuntimeError("no reason given"), request.meta["lease"], request.meta.get("capture")
        )


def _in_place(source: Source, page: Page) -> Iterator[Item]:
    """What the adapter reads in a page, so long as it goes on swiftly."""
    begun = time.monotonic()
    for item in adapter(source.kind).read(source, page):
        yield item
        if time.monotonic() - begun > READ_SECONDS:
            raise TooCostly(f"longer than {READ_SECONDS:.0f} s")


def headers_of(response: Response) -> dict[str, str]:
    """A response's headers by lower-case name, as they were meant: sites send UTF-8 although the protocol has ASCII."""
    found = {}
    for name, values in response.headers.items():
        value = b", ".join(values)
        try:
            found[name.decode("latin-1").lower()] = value.decode("utf-8")
        except UnicodeDecodeError:
            found[name.decode("latin-1").lower()] = value.decode("latin-1")
    return found
