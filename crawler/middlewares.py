"""Downloader middlewares: the gate (guards, robots, politeness) outermost, the capture innermost, before decompression."""

from __future__ import annotations

import http
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from core.types import Capture, Provenance
from crawler.guards import url_fault
from crawler.patrol import Patrol
from crawler.robots import Answer, Robots

CONDITIONS = (("etag", "If-None-Match"), ("last_modified", "If-Modified-Since"))


class Refused(IgnoreRequest):
    """A page that is not asked for; ``reason`` goes into the refusal ledger."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class Gate:
    """Lets a request through when guards and robots.txt do, at the pace that they ask for."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler
        self._robots: Robots | None = None

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
        patrol = self.patrol
        fault = url_fault(request.url, patrol.allow)
        if fault:
            raise Refused("guard", fault)
        if request.meta.get("robots_txt") or request.meta.get("part"):  # crawler.drawing has asked for its parts itself
            return
        host = urlsplit(request.url).netloc.lower()
        if host in patrol.stopped:
            raise Refused(patrol.stopped[host])
        verdict = await self.robots.verdict(request.url)
        other_name = request.meta.get("extra", {}).get("alias_of")
        if verdict.allowed and other_name:  # one resource under two addresses: robots.txt must allow both
            verdict = await self.robots.verdict(other_name)
        source = patrol.sources.get(request.meta.get("source", ""))
        self._pace(host, patrol.delay(source, verdict.delay))
        if not verdict.allowed:
            raise Refused("robots.txt", verdict.reason)
        request.meta["robots"] = verdict.reason
        if not request.meta.get("document"):
            known = patrol.store.pages.get(request.url)
            if known and known["status"] == 200 and known["source"] == request.meta.get("source"):
                for column, header in CONDITIONS:
                    if known[column]:
                        request.headers[header] = known[column]

    def _pace(self, host: str, delay: float) -> None:
        slots = self.crawler.engine.downloader.slots
        if host in slots:
            slots[host].delay = delay
        else:
            self.crawler.engine.downloader.per_slot_settings[host] = {"concurrency": 1, "delay": delay, "jitter": 0}

    async def _fetch_robots(self, url: str) -> Answer:
        host = urlsplit(url).netloc.lower()
        request = Request(
            url, callback=NO_CALLBACK, priority=1000, dont_filter=True,
            meta={"robots_txt": True, "handle_httpstatus_all": True, "download_slot": f"{host} robots.txt", "robots": "robots.txt itself"},
        )  # fmt: skip
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # whatever kept us from reading it: RFC 9309, 2.3.1.4, unreachable
            return Answer(0, note=f"{type(error).__name__}: {error}"[:200])
        location = (response.headers.get("Location") or b"").decode("latin-1")
        return Answer(response.status, response.body, location, response.flags[0] if response.flags else "")


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
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        address = str(response.ip_address or "")
        filed = patrol.archive.add(
            request.url, at, f"HTTP/1.1 {response.status} {_phrase(response.status)}", headers, response.body,
            request=f"{request.method} {_target(request.url)} HTTP/1.1",
            request_headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, values in request.headers.items() for value in values],
            address=address,
        )  # fmt: skip
        robots = bool(request.meta.get("robots_txt"))
        capture = Capture(
            id=filed.id, source="robots.txt" if robots else request.meta.get("source", ""), url=request.url, fetched_at=at,
            status=response.status, media_type=(response.headers.get("Content-Type") or b"").decode("latin-1")[:200],
            sha256=filed.sha256, size=filed.size, warc=filed.warc, offset=filed.offset, robots=request.meta.get("robots", ""),
            provenance=Provenance(request.meta.get("extra", {}).get("provenance", Provenance.LIVE)), run=patrol.run, address=address,
        )  # fmt: skip
        if robots:
            patrol.store.captures.add(capture)
            response.flags = [capture.id]
        request.meta["capture"] = capture
        return response


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
