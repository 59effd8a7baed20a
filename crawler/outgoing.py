"""The last step of a request: a source's key is put in, and a page that a browser draws goes to the browser; all else as before.

It stands in front of the handler that the settings name for http and https, and is only there when a crawl has such sources.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import quote, urlsplit

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler, load_object
from scrapy.utils.python import to_unicode

from crawler.secrets import put_in, taken_out

PLAIN = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"


class Outgoing:
    """A download handler for http and https, over the plain one and, where the crawl has pages for it, the browser's."""

    lazy = False

    def __init__(self, crawler: Any) -> None:
        settings = crawler.settings
        self.secrets: dict[str, tuple[str, Collection[str]]] = dict(settings.getdict("XUNCHA_SECRETS"))
        self.plain: Any = build_from_crawler(load_object(settings.get("XUNCHA_PLAIN_HANDLER") or PLAIN), crawler)
        drawing = settings.get("XUNCHA_BROWSER_HANDLER")
        self.browser: Any = build_from_crawler(load_object(drawing), crawler) if drawing else None

    @classmethod
    def from_crawler(cls, crawler: Any) -> Outgoing:
        """Built by Scrapy."""
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        """Ask for a page."""
        if request.meta.get("playwright") and self.browser is not None:
            drawn: Response = await self.browser.download_request(request)
            return drawn
        key, hosts = self.secrets.get(request.meta.get("source", ""), ("", ()))
        if key and urlsplit(request.url).netloc.lower() in hosts:  # never to a page that an answer leads to
            return await self._with_key(request, key)
        response: Response = await self.plain.download_request(request)
        return response

    async def _with_key(self, request: Request, key: str) -> Response:
        """Ask with the key; what comes back is as if there were none, so that neither archive nor ledger ever holds it."""
        headers = {
            name: [put_in(to_unicode(value), key) for value in values] for name, values in request.headers.items()
        }
        headers[b"Accept-Encoding"] = ["identity"]  # a key that an answer repeats must be found in it
        asked = request.replace(url=_in_url(request.url, key), headers=headers)
        response: Response = await self.plain.download_request(asked)
        kept = {name: [taken_out(value, key) for value in values] for name, values in response.headers.items()}
        return response.replace(url=request.url, headers=kept, body=taken_out(response.body, key))

    async def close(self) -> None:
        """Close what lies below."""
        await self.plain.close()
        if self.browser is not None:
            await self.browser.close()


def _in_url(url: str, key: str) -> str:
    return put_in(url, quote(key, safe=""))
