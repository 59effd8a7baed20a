"""Scrapy's HTTP handler with two guards that nothing before or after it can keep: the peer's address, and the size of a head."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from crawler.guards import address_fault

MAX_HEAD = 256 * 1024  # bytes of status lines and headers; a body has its own ceiling, but a head may never end


class HeadTooLarge(Exception):
    """A response whose headers do not come to an end."""


class InwardAddress(Exception):
    """A connection to an address that may not be asked, whatever the look-up said."""


class GuardedProtocol(_LenientHTTP11ClientProtocol):
    """A connection that is given up when its peer is no global address, or a head grows too large."""

    allow: Collection[str] = ()
    _head = 0

    def request(self, request: Any) -> Any:
        """Send a request, unless the peer is one that may not be asked."""
        self._head = 0
        transport: Any = self.transport
        fault = address_fault(str(transport.getPeer().host), self.allow)
        if fault:
            transport.abortConnection()
            raise InwardAddress(fault)
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:
        """Count what comes before the body."""
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._giveUp(Failure(HeadTooLarge(f"more than {MAX_HEAD} bytes of headers")))  # type: ignore[no-untyped-call]
                transport: Any = self.transport
                transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class GuardedHandler(HTTP11DownloadHandler):
    """The handler of http and https."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        allowed = tuple(crawler.settings.getlist("XUNCHA_ALLOW_ADDRESSES"))

        class Protocol(GuardedProtocol):
            allow = allowed

        class Factory(_LenientHTTP11ClientFactory):
            def buildProtocol(self, addr: Any) -> GuardedProtocol:  # noqa: ARG002 - Twisted's signature
                return Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]

        self._pool._factory = Factory


def cause(error: BaseException) -> BaseException:
    """The guard's own error within what Twisted and Scrapy made of it, or the error itself."""
    for one in (error, error.__cause__):
        for failure in getattr(one, "reasons", ()):
            if isinstance(failure, Failure) and isinstance(failure.value, HeadTooLarge):
                return failure.value
    return error
