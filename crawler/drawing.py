"""Pages that a browser draws (``browser: true``): fetched like any other, then drawn from what was fetched.

The page itself comes by the plain downloader, so that walls, redirects, sizes and refusals are what they are for every page. Only an HTML
page is then drawn. What it asks for (scripts, their data, frames) must lie on the source's own hosts, be allowed by robots.txt and pass the
guards, redirects included; it is archived, and what was refused stands in the ledger. Pictures, styles, fonts and media are left out, and
nothing is ever sent but GET. The drawn page is archived as a response of its own, with the header ``X-Xuncha-Drawn``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from core.types import Capture
from crawler.extract import decode
from crawler.guards import url_fault
from crawler.pages import absolute
from crawler.sources import Source
from crawler.walls import WALL_STATUS

PARTS = "browser"  # the source under which the parts of drawn pages are captured, as robots.txt is under its own
DRAWN = "X-Xuncha-Drawn"
KINDS = ("document", "script", "xhr", "fetch")
MOST = 80  # parts of one page
HOPS = 5
KEPT_BYTES = 20_000_000  # of scripts that other pages will ask for again: one fetch a night is enough
Answer = tuple[int, Mapping[str, str], bytes]


@dataclass
class Drawn:
    """One page that is being drawn: the response it is drawn from, its browser page, and what its parts met."""

    source: Source
    first: Response
    capture: Capture
    page: Any = None
    parts: int = 0
    wall: int = 0
    begun: bool = False


@dataclass
class Scripts:
    """Scripts that were fetched in this crawl."""

    held: dict[str, Answer] = field(default_factory=dict)
    size: int = 0

    def keep(self, url: str, answer: Answer) -> None:
        """Keep a script, while there is room."""
        if url not in self.held and self.size + len(answer[2]) <= KEPT_BYTES:
            self.held[url] = answer
            self.size += len(answer[2])


class Drawing:
    """Downloader middleware: fetches pages of browser sources plainly, and has the browser draw those that are HTML."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler
        self.scripts = Scripts()

    @classmethod
    def from_crawler(cls, crawler: Any) -> Drawing:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Fetch the page; anything but HTML is the answer, HTML goes on to the browser."""
        meta, patrol = request.meta, self.crawler.spider.patrol
        source = patrol.sources.get(meta.get("source", ""))
        if source is None or not source.browser or meta.get("part") or meta.get("robots_txt"):
            return None
        plain = request.replace(callback=NO_CALLBACK, errback=None, dont_filter=True, meta={**meta, "part": True})
        for name in (
            "If-None-Match",
            "If-Modified-Since",
        ):  # the frame is the same every night; what is drawn into it is not
            plain.headers.pop(name, None)
        first = await self.crawler.engine.download_async(plain)
        capture = meta["capture"] = plain.meta["capture"]
        if first.status != 200 or b"html" not in (first.headers.get("Content-Type") or b"html").lower():
            first.request = request  # else its answer would go to nobody
            response: Response = first
            return response
        del meta["capture"]  # the drawn page has one of its own
        patrol.store.captures.add(replace(capture, source=PARTS))
        drawn = Drawn(source, first, capture)
        meta.update(playing(self, drawn, self.crawler.settings["USER_AGENT"]))
        meta["download_slot"] = f"{meta.get('download_slot', '')} drawn"  # the pace was kept by the fetch
        return None

    def process_response(self, request: Request, response: Response) -> Response:
        """A page whose parts met a wall is that wall."""
        drawn: Drawn | None = request.meta.get("drawing")
        return response.replace(status=drawn.wall) if drawn is not None and drawn.wall else response

    async def part(self, drawn: Drawn, url: str, method: str, kind: str) -> Answer | None:
        """The answer to a request of a page, or None where it is refused; the ledger says why."""
        if kind not in KINDS:
            return None
        drawn.parts += 1
        if drawn.parts > MOST:
            return self._refuse(drawn, drawn.first.url, "too many parts", f"a drawn page may ask for {MOST}")
        for _ in range(HOPS + 1):
            answer = self.scripts.held.get(url) or await self._checked(drawn, url, method)
            if answer is None:
                return None
            if 300 <= answer[0] < 400:
                url = absolute(url, answer[1].get("location", ""))
                continue
            if kind == "script" and answer[0] == 200:
                self.scripts.keep(url, answer)
            return answer
        return self._refuse(drawn, url, "redirects", f"more than {HOPS} in a row")

    async def _checked(self, drawn: Drawn, url: str, method: str) -> Answer | None:
        patrol, host = self.crawler.spider.patrol, urlsplit(url).netloc.lower()
        fault = url_fault(url, patrol.allow) if url else "malformed URL"
        if fault:
            return self._refuse(drawn, url, "guard", fault)
        if method != "GET":
            return self._refuse(drawn, url, "method", f"{method}; a patrol only reads")
        if host not in drawn.source.own_hosts:
            return self._refuse(
                drawn, url, "off the source", f"hosts of the source: {', '.join(drawn.source.own_hosts)}"
            )
        verdict = await patrol.robots.verdict(url)
        if not verdict.allowed:
            return self._refuse(drawn, url, "robots.txt", verdict.reason)
        return await self._fetched(drawn, url, verdict.reason)

    async def _fetched(self, drawn: Drawn, url: str, robots: str) -> Answer | None:
        request = Request(
            url, callback=NO_CALLBACK, dont_filter=True, headers={"Accept": "*/*"},
            meta={"part": True, "checked": True, "source": PARTS, "robots": robots, "handle_httpstatus_all": True, "download_slot": f"{urlsplit(url).netloc.lower()} parts"},
        )  # fmt: skip
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # a part that cannot be had is told, and the page is drawn without it
            return self._refuse(drawn, url, "not fetched", f"{type(error).__name__}: {error}"[:300])
        self.crawler.spider.patrol.store.captures.add(request.meta["capture"])
        if response.status in WALL_STATUS:
            drawn.wall = response.status
            return self._refuse(drawn, url, "wall", f"status {response.status}")
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in response.headers.items()
            if values
        }
        for name in (
            "set-cookie",
            "content-encoding",
            "content-length",
            "transfer-encoding",
            "content-security-policy",
        ):
            headers.pop(name, None)
        return response.status, headers, response.body

    def _refuse(self, drawn: Drawn, url: str, reason: str, detail: str) -> Answer | None:
        patrol = self.crawler.spider.patrol
        patrol.refuse(drawn.source.name, url[:2000], reason, f"{detail}; asked for by {drawn.first.url}")
        return None


def playing(drawing: Drawing, drawn: Drawn, agent: str) -> dict[str, Any]:
    """What a request carries so that scrapy-playwright draws a page, its requests answered by ``drawing``."""
    from playwright.async_api import Error as PlaywrightError

    declared = (drawn.first.headers.get("Content-Type") or b"").decode("latin-1")
    text, _ = decode(drawn.first.body, declared, drawn.source.charset)

    async def answer(route: Any, request: Any) -> None:
        try:
            if not drawn.begun and request.is_navigation_request():
                drawn.begun = True
                head = {"Content-Type": "text/html; charset=utf-8", DRAWN: f"Chromium, from {drawn.capture.id}"}
                await route.fulfill(status=200, headers=head, body=text)
                return
            if request.is_navigation_request() and request.frame == drawn.page.main_frame:
                drawing._refuse(drawn, request.url, "navigation", "a script led away from the page")
                await route.fulfill(
                    status=204
                )  # no content: the page stays; an aborted request would put an error in its place
                return
            found = await drawing.part(drawn, request.url, request.method, request.resource_type)
            if found is None:
                await route.abort()
            else:
                await route.fulfill(status=found[0], headers=dict(found[1]), body=found[2])
        except PlaywrightError:  # the page is gone meanwhile
            return

    async def begin(page: Any, _: Request) -> None:
        drawn.page = page
        page.on("popup", lambda other: other.close())
        await page.route("**", answer)  # asked before the route that scrapy-playwright has set

    return {
        "drawing": drawn, "playwright": True, "playwright_context": "drawn", "playwright_page_init_callback": begin,
        "playwright_include_page": True,  # taken when it has settled, then closed, by crawler.browser
        "playwright_page_goto_kwargs": {"wait_until": "commit"},  # from then on a script may try to lead away
        "playwright_context_kwargs": {"service_workers": "block", "accept_downloads": False, "user_agent": agent, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"},
    }  # fmt: skip
