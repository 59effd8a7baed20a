"""The one spider: it asks for what the frontier leases, lets the source's adapter read it, and yields one outcome a page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.python.failure import Failure
from w3lib.url import canonicalize_url

from core.store.frontier import Leased
from core.types import Capture, Document
from crawler.adapters import adapter
from crawler.extract import html_text
from crawler.guards import url_fault, wall
from crawler.middlewares import Refused
from crawler.pages import Follow, Locked, Page, Unread, absolute
from crawler.patrol import MAX_ATTEMPTS, MAX_PAUSE_SECONDS, Patrol
from crawler.sources import Source

MAX_REDIRECTS = 5
# what keeps a page from being had: the reason in the refusal ledger, and whether asking again is worth while
FAILURES: tuple[tuple[type[Exception], str, bool], ...] = (
    (DownloadCancelledError, "too large", False),
    (IgnoreRequest, "too large", False),  # after decompression
    (CannotResolveHostError, "no address", False),
    (DownloadTimeoutError, "too slow", True),
    (ResponseDataLossError, "broken off", True),
    (Exception, "not fetched", True),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one leased page; the pipeline stores it in one transaction.

    ``refusal`` is (reason, detail) when the page is not kept, ``withheld`` the (URL, reason, detail) of single documents
    that it holds and we do not keep; ``retry`` puts it back, ``stop`` shuts its host for this run, ``pause`` leaves the
    host alone for so many seconds.
    """

    leased: Leased
    source: str
    status: int = 0
    capture: Capture | None = None
    found: tuple[Document | Follow | Unread, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    refusal: tuple[str, str] | None = None
    withheld: tuple[tuple[str, str, str], ...] = ()
    retry: bool = False
    stop: str = ""
    pause: float = 0.0
    validators: tuple[str, str] = ("", "")


class SiteSpider(scrapy.Spider):
    """Patrols all sources of a ``Patrol``, driven by their declarations."""

    name = "site"

    def __init__(self, patrol: Patrol, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.patrol = patrol

    async def start(self) -> AsyncIterator[Any]:
        """Queue each source's first pages; those of a resumed run are there already."""
        with self.patrol.store.atomic():
            for source in self.patrol.sources.values():
                for follow in adapter(source.kind).start(source):
                    self.patrol.push(source, follow)
        return
        yield  # an async generator, as Scrapy asks, that yields nothing

    def parse(self, response: Response) -> Iterator[Outcome]:
        """One outcome for a response of any status."""
        meta = response.meta
        leased: Leased = meta["lease"]
        source = self.patrol.sources[leased.source]
        common: dict[str, Any] = {
            "leased": leased, "source": source.name, "status": response.status,
            "capture": meta.get("capture"), "extra": meta.get("extra", {}),
        }  # fmt: skip
        try:
            outcome = self._outcome(source, response, common)
        except (
            Exception
        ) as error:  # a page must not end the night, nor hold its host, whatever it says; it is captured and recorded
            self.logger.exception("%s: cannot read %s", source.name, response.url)
            outcome = Outcome(
                **common, refusal=("unreadable", f"adapter {source.kind}: {type(error).__name__}: {error}")
            )
        yield outcome

    def _outcome(self, source: Source, response: Response, common: dict[str, Any]) -> Outcome:
        status = response.status
        location = _header_text(response.headers.get("Location") or b"")
        if status == 304 or status in (404, 410):
            return Outcome(**common)
        wait = _seconds(_header_text(response.headers.get("Retry-After") or b""), self.patrol.now())
        if (
            status in (429, 503)
            and wait is not None
            and wait <= MAX_PAUSE_SECONDS
            and common["leased"].attempts < MAX_ATTEMPTS
        ):
            return Outcome(**common, retry=True, pause=wait)
        if status == 503 and wait is not None:  # longer than a run can wait, or again and again; 429 is a wall anyhow
            why = f"status 503, Retry-After {wait:.0f} s"
            return Outcome(**common, refusal=("asked to wait", why), stop=why)
        head = response.body[:20_000].decode("utf-8", "replace")
        barrier = wall(status, location, head, html_text(head) if len(response.body) < 20_000 else head)
        if barrier:
            return Outcome(**common, refusal=("wall", barrier), stop=barrier)
        if 300 <= status < 400:
            return self._redirect(source, response, location, common)
        if status >= 500:
            if common["leased"].attempts < MAX_ATTEMPTS:
                return Outcome(**common, retry=True)
            return Outcome(**common, refusal=("server error", f"status {status}, {MAX_ATTEMPTS} times"))
        if status >= 400:
            return Outcome(**common, refusal=("client error", f"status {status}"))
        return self._read(source, response, common)

    def _redirect(self, source: Source, response: Response, location: str, common: dict[str, Any]) -> Outcome:
        target = absolute(response.url, location)
        trail = [*common["extra"].get("redirects", ()), canonicalize_url(response.url)]
        fault = url_fault(target, self.patrol.allow) if target else "malformed URL"
        if fault:
            return Outcome(**common, refusal=("guard", f"redirect to {location[:200]}: {fault}"))
        if not source.covers(target):
            return Outcome(**common, refusal=("redirect off the source", f"to {urlsplit(target).netloc[:200]}"))
        if canonicalize_url(target) in trail:
            return Outcome(**common, refusal=("redirects", f"in a circle, back to {target[:200]}"))
        if len(trail) > MAX_REDIRECTS:
            return Outcome(**common, refusal=("redirects", f"more than {MAX_REDIRECTS} in a row"))
        follow = Follow(
            target, response.meta["role"], response.meta["document"], 20, {**common["extra"], "redirects": trail}
        )
        return Outcome(**common, found=(follow,))

    def _read(self, source: Source, response: Response, common: dict[str, Any]) -> Outcome:
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        capture: Capture = common["capture"]
        page = Page(
            response.url, response.body, capture.fetched_at, response.meta["role"], headers, capture.id, common["extra"],
            later=True,
        )  # fmt: skip
        found: list[Document | Follow | Unread] = []
        withheld: list[tuple[str, str, str]] = []
        for item in adapter(source.kind).read(source, page):
            if isinstance(item, Locked):
                withheld.append((item.url, "locked", item.why))
            elif isinstance(item, Document) and self.patrol.robots is not None and self.patrol.robots.forbids(item.url):
                withheld.append(
                    (item.url, "robots.txt", f"its own page is forbidden by robots.txt; shown in {page.url}")
                )
            else:
                found.append(item)
        validators = (headers.get("etag", ""), headers.get("last-modified", ""))
        return Outcome(**common, found=tuple(found), withheld=tuple(withheld), validators=validators)

    def failed(self, failure: Failure) -> Iterator[Outcome]:
        """One outcome for a page that could not be had."""
        request = failure.request  # type: ignore[attr-defined]
        leased: Leased = request.meta["lease"]
        error = failure.value
        common: dict[str, Any] = {"leased": leased, "source": leased.source, "capture": request.meta.get("capture")}
        if isinstance(error, Refused):
            yield Outcome(**common, refusal=(error.reason, error.detail))
            return
        reason, again = next((reason, again) for kind, reason, again in FAILURES if isinstance(error, kind))
        if again and leased.attempts < MAX_ATTEMPTS:
            yield Outcome(**common, retry=True)
        else:
            yield Outcome(**common, refusal=(reason, f"{type(error).__name__}: {error}"[:300].removesuffix(": ")))


def _header_text(value: bytes) -> str:
    """A header as it was meant: sites send UTF-8 although the protocol has ASCII; anything else is read byte for byte."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _seconds(retry_after: str, now: datetime) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3: a number or a date); rubbish counts as an hour, its absence as None."""
    text = retry_after.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 3600.0
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds())
