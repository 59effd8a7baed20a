"""Guards: which URLs and addresses may be fetched at all, and how a wall looks.

Only http and https; only addresses that are globally reachable (IANA special-purpose registries), also behind v4-mapped,
NAT64 and 6to4 forms. The resolver checks at resolution, so a name that turns inward between two look-ups is refused too.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer, provider

MAX_URL = 2_000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOGIN = re.compile(
    r"(?:^|[/?&.=])(?:login|signin|sign_in|passport|sso|authorize|accounts?/log)(?:[/?&.=]|$)", re.IGNORECASE
)
_CAPTCHA = re.compile(
    r"请输入验证码|安全验证|滑动验证|拖动滑块|人机验证|访问过于频繁|访问频次过高|异常流量|请完成验证|captcha|are you a robot|verify you are human|unusual traffic",
    re.IGNORECASE,
)
_RELOAD = re.compile(r"(?:document|window)\.location\.(?:reload|replace)|http-equiv=[\"']?refresh", re.IGNORECASE)
_LOGIN_WORDS = re.compile(r"请先登录|需要登录|登录后(?:才能|可)?(?:查看|浏览|继续)|您需要登录")
WALL_STATUS = (401, 403, 418, 429, 432)
WALL_TEXT = 600  # a page with more visible text than this is no wall, whatever words it holds


def url_fault(url: str, allow: Collection[str] = ()) -> str | None:
    """Why a URL may not be fetched, or None: scheme, length, credentials, or an address literal that is not global."""
    if len(url) > MAX_URL:
        return f"URL of {len(url)} characters; at most {MAX_URL} are asked for"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        return f"malformed URL: {error}"
    if parts.scheme not in ("http", "https"):
        return f"scheme {parts.scheme!r}; only http and https are fetched"
    if not host:
        return "no host"
    if "@" in parts.netloc:
        return "credentials in the URL"
    return address_fault(host, allow) if _is_address(host) else None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def address_fault(address: str, allow: Collection[str] = ()) -> str | None:
    """Why an IP address may not be connected to, or None."""
    if address in allow:
        return None
    try:
        found: Any = ipaddress.ip_address(address.strip("[]").split("%")[0])
    except ValueError:
        return f"{address} is no address"
    inner = found
    if found.version == 6:
        if found.ipv4_mapped:
            inner = found.ipv4_mapped
        elif found in _NAT64:
            inner = ipaddress.ip_address(int(found) & 0xFFFFFFFF)
        elif found.sixtofour:
            inner = found.sixtofour
        elif found.teredo:
            return f"{address} is a Teredo tunnel"
    if str(inner) in allow:
        return None
    if (
        not inner.is_global
        or inner.is_multicast
        or inner.is_reserved
        or inner.is_unspecified
        or getattr(inner, "is_site_local", False)
    ):
        return f"{address} is not a global address"
    return None


@implementer(IHostnameResolver)
class GlobalOnlyResolver(CachingHostnameResolver):
    """Scrapy's caching resolver, through which only global addresses come (setting ``XUNCHA_ALLOW_ADDRESSES`` excepted)."""

    allow: Collection[str] = ()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GlobalOnlyResolver:
        """Built by Scrapy with the process."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.allow = tuple(crawler.settings.getlist("XUNCHA_ALLOW_ADDRESSES"))
        return resolver

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Resolve a name; addresses that are not global never reach the receiver, so that the look-up fails."""
        receiver: Any = _Filter(resolutionReceiver, self.allow)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


@provider(IResolutionReceiver)
class _Filter:
    def __init__(self, receiver: Any, allow: Collection[str]) -> None:
        self.receiver, self.allow = receiver, allow

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if address_fault(address.host, self.allow) is None:
            self.receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        self.receiver.resolutionComplete()


def wall(status: int, location: str, html: str, text: str) -> str | None:
    """What stands before a page, in words, or None: a refusing status, a login redirect, a CAPTCHA, a reload page.

    ``html`` is the page's head (a few thousand characters do), ``text`` its visible text. A wall is recorded and respected.
    """
    if status in WALL_STATUS:
        return f"status {status}"
    if 300 <= status < 400:
        return "login redirect" if _LOGIN.search(location) else None
    if len(text) > WALL_TEXT:
        return None
    match = _CAPTCHA.search(text)
    if match:
        return f"challenge page ({match[0]})"
    if _LOGIN_WORDS.search(text) and len(text) < WALL_TEXT // 3:
        return "login page"
    if len(text) < 40 and len(html) < 4_000 and _RELOAD.search(html):
        return "reload page"
    return None
