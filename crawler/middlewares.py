"""Downloader middlewares: the gate (guards, robots, politeness) outermost, the capture innermost, before decompression."""

from __future__ import annotations

import asyncio
import http
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from core.types import Capture, Provenance
from crawler.guards import GlobalOnlyResolver, url_fault
from crawler.hosts import host_of
from crawler.patrol import Patrol
from crawler.robots import MAX_BYTES, Answer, Robots

CONDITIONS = (("etag", "If-None-Match"), ("last_modified", "If-Modified-Since"))
ROBOTS_SECONDS = 30.0  # for each of at most six requests; a page waits for them


class Refused(IgnoreRequest):
    """A page that is not asked for; ``reason`` goes into the refusal ledger.

    ``keep`` leaves it to the next night, ``stop`` says why its host's other pages are left too, ``wait`` are the seconds after
    which it may be asked for.
    """

    def __init__(self, reason: str, detail: str = "", *, keep: bool = False, stop: str = "", wait: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.detail, self.keep, self.stop, self.wait = reason, detail, keep, stop, wait


class Gate:
    """Lets a request through when guards and robots.txt do, at the pace that they ask for."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler
        self._robots: Robots | None = None
        self._listening = 0

    @classmethod
    def from_crawler(cls, crawler: Any) -> Gate:
        """Built by Scrapy."""
        return cls(crawler)

    @property
    def patrol(self) -> Patrol:
        """The crawl that this gate belongs to."""
        found: Patrol = self.crawler.spider.patrol
        return found

    @property
    def robots(self) -> Robots:
        """The robots rules of the crawl."""
        if self._robots is None:
            age = timedelta(hours=float(self.patrol.settings["robots_max_age_hours"]))
            self._robots = Robots(self.patrol.store, self._fetch_robots, self.patrol.now, age)
            self.patrol.robots = self._robots
        return self._robots

    async def process_request(self, request: Request) -> None:
        """Raise Refused, or set the pace and the conditions of the request."""
        patrol, meta = self.patrol, request.meta
        fault = url_fault(request.url, patrol.allow)
        if fault:
            raise Refused("guard", fault)
        host = host_of(request.url)
        if meta.get("robots_txt"):
            patrol.asked(None, request.url, 0.0)
            return
        if meta.get("part"):  # crawler.drawing has asked for its parts itself
            return
        if host in patrol.hosts.stopped:
            raise Refused(patrol.hosts.stopped[host], keep=True)
        verdict = await self.robots.verdict(request.url)
        other_name = meta.get("extra", {}).get("alias_of")
        if verdict.allowed and other_name:  # one resource under two addresses: robots.txt must allow both
            verdict = await self.robots.verdict(other_name)
        inward = GlobalOnlyResolver.inward.get(urlsplit(request.url).hostname or "")
        if inward and not verdict.reachable:
            raise Refused("guard", f"the name leads inward: {inward}")
        if not verdict.allowed:
            stop = "" if verdict.reachable else verdict.reason
            raise Refused("robots.txt", verdict.reason, keep=bool(stop), stop=stop, wait=verdict.opens)
        wait = patrol.hosts.ready.get(host, 0.0) - patrol.now().timestamp()
        if wait > 0:  # robots.txt itself was asked for just now
            await asyncio.sleep(wait)
        meta["robots"] = verdict.reason
        meta["delay"] = verdict.delay
        patrol.asked(patrol.sources.get(meta.get("source", "")), request.url, verdict.delay)
        source = patrol.sources.get(meta.get("source", ""))
        known = (
            None if meta.get("document") and not meta["extra"].get("revisit") else patrol.store.pages.get(request.url)
        )
        sound = known is not None and known["status"] == 200 and known["source"] == meta.get("source")
        if known and sound and patrol.revisits.conditional(source, meta, datetime.fromisoformat(known["fetched_at"])):
            for column, header in CONDITIONS:
                if known[column]:
                    request.headers[header] = known[column]

    async def _fetch_robots(self, url: str) -> Answer:
        seconds = min(ROBOTS_SECONDS, float(self.patrol.settings["page_deadline_seconds"]))
        request = Request(
            url, callback=NO_CALLBACK, priority=1000, dont_filter=True,
            headers={"Accept-Encoding": "identity"},  # half a megabyte is read as it comes; nothing is inflated
            meta={
                "robots_txt": True, "handle_httpstatus_all": True, "robots": "robots.txt itself", "download_timeout": seconds,
                "download_slot": f"{host_of(url)} robots.txt", "download_maxsize": 0,  # _enough ends it
            },
        )  # fmt: skip
        self._listening += 1
        if self._listening == 1:  # only now: the signal is sent for every piece of every page
            self.crawler.signals.connect(self._enough, signals.bytes_received)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # whatever kept us from reading it: RFC 9309, 2.3.1.4, unreachable
            return Answer(0, note=f"{type(error).__name__}: {error}"[:200])
        finally:
            self._listening -= 1
            if not self._listening:
                self.crawler.signals.disconnect(self._enough, signals.bytes_received)
        location = (response.headers.get("Location") or b"").decode("latin-1")
        return Answer(response.status, response.body, location, request.meta["capture"].id)

    def _enough(self, data: bytes, request: Request) -> None:
        """End a robots.txt after the half megabyte that is read of one (RFC 9309, 2.5)."""
        if request.meta.get("robots_txt"):
            received = request.meta["received"] = request.meta.get("received", 0) + len(data)
            if received >= MAX_BYTES:
                raise StopDownload(fail=False)


class CaptureMiddleware:
    """Writes each response into the archive as it was received, before anything is decompressed or parsed."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> CaptureMiddleware:
        """Built by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Archive the response; its capture travels in ``request.meta``, a robots.txt's is stored at once."""
        if "capture" in request.meta:  # a page that was fetched to be drawn, and is taken as it came
            return response
        patrol: Patrol = self.crawler.spider.patrol
        at = patrol.now()
        patrol.answered(request.url, request.meta.get("delay", 0.0))
        address = str(response.ip_address or "")
        filed = patrol.archive.add(
            request.url, at, f"HTTP/1.1 {response.status} {_phrase(response.status)}", _pairs(response.headers), response.body,
            request=f"{request.method} {_target(request.url)} HTTP/1.1", request_headers=_pairs(request.headers),
            address=address, truncated="length" if "download_stopped" in response.flags else "",
        )  # fmt: skip
        robots = bool(request.meta.get("robots_txt"))
        if (
            robots
        ):  # it was taken to be sent plain; should it be packed all the same, it is unpacked so far and no further
            request.meta["download_maxsize"] = MAX_BYTES
        capture = Capture(
            id=filed.id, source="robots.txt" if robots else request.meta.get("source", ""), url=request.url, fetched_at=at,
            status=response.status, media_type=(response.headers.get("Content-Type") or b"").decode("latin-1")[:200],
            sha256=filed.sha256, size=filed.size, warc=filed.warc, offset=filed.offset, robots=request.meta.get("robots", ""),
            provenance=Provenance(request.meta.get("extra", {}).get("provenance", Provenance.LIVE)), run=patrol.run, address=address,
        )  # fmt: skip
        if robots:
            patrol.store.captures.add(capture)
        request.meta["capture"] = capture
        return response


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
