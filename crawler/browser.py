"""Chromium by scrapy-playwright (extra ``browser``), cut off from the network: what its pages need is brought to them by the crawl itself.

Chromium would resolve names, follow redirects and open sockets on its own, past robots.txt and every guard. So it is started with a proxy
that is not there and a resolver that finds nothing; each request of a page is answered by ``crawler.drawing`` through our own downloader
or not at all, and what falls past that is aborted (``PLAYWRIGHT_ABORT_REQUEST``).
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
from pathlib import Path
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from crawler.drawing import Drawn

NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there, and Chromium refuses it by itself
ARGUMENTS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--dns-prefetch-disable",
    "--no-first-run",
    "--no-pings",
)
PAGES = 2  # drawn at a time: each takes about 100 MB
CLOSING_SECONDS = 5.0


def settings_for(program: Path, deadline: float) -> dict[str, Any]:
    """Scrapy's settings for a crawl with such pages; ``deadline`` in seconds for one page."""
    return {
        "XUNCHA_BROWSER_HANDLER": "crawler.browser.BrowserHandler",
        "XUNCHA_DRAWING_SECONDS": deadline,
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": str(program),
            "args": list(ARGUMENTS),
            "chromium_sandbox": os.geteuid() != 0,  # as root it cannot start with one
            "proxy": {"server": NOWHERE},
        },
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": PAGES,
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": deadline * 1000,
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
        "PLAYWRIGHT_ABORT_REQUEST": "crawler.browser.nothing_by_itself",
    }


def nothing_by_itself(request: Any) -> bool:
    """Every request that was not answered by us is aborted."""
    del request
    return True


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc]
    """scrapy-playwright's handler under a deadline: a page whose script never rests would hold its content for ever."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self.deadline = float(crawler.settings["XUNCHA_DRAWING_SECONDS"])
        self.most = int(crawler.settings["DOWNLOAD_MAXSIZE"])

    async def download_request(self, request: Request) -> Response:
        """Draw a page and take it when it has settled.

        Raises:
            DownloadTimeoutError: it was not drawn in time.
            DownloadCancelledError: what was drawn is too large.
        """
        drawn: Drawn = request.meta["drawing"]
        try:
            async with asyncio.timeout(self.deadline):
                response: Response = await super().download_request(request)
                await self._settled(drawn)
                # a browser writes UTF-8 here, whatever charset the page is known for
                body = codecs.BOM_UTF8 + (await drawn.page.content()).encode("utf-8", "replace")
        except TimeoutError as error:
            raise DownloadTimeoutError(f"not drawn in {self.deadline:.0f} s") from error
        finally:
            await self._close(drawn)
        if len(body) > self.most:
            raise DownloadCancelledError(f"drawn to {len(body)} bytes; at most {self.most} are taken")
        return response.replace(url=request.url, body=body)  # scripts may rewrite the address that is shown

    async def _settled(self, drawn: Drawn) -> None:
        """Wait for what the source waits for, or until nothing more is asked for.

        Not for the page's own load event: one whose script tries to lead away never has it.
        """
        wait = self.deadline / 3 * 1000
        try:
            if drawn.source.wait_for:
                await drawn.page.wait_for_selector(drawn.source.wait_for, state="attached", timeout=wait)
            else:
                await drawn.page.wait_for_load_state("networkidle", timeout=wait)
        except PlaywrightTimeout:  # taken as it is then: what the adapter does not find, the yield alarm tells
            return

    async def _close(self, drawn: Drawn) -> None:
        if drawn.page is not None and not drawn.page.is_closed():
            with contextlib.suppress(TimeoutError, PlaywrightError):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await drawn.page.close()
