"""Guards: which URLs and addresses may be fetched at all.

Only http and https; only addresses that are globally reachable (IANA special-purpose registries), also behind v4-mapped,
NAT64 and 6to4 forms. The resolver checks at resolution, so a name that turns inward between two look-ups is refused too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer, provider

MAX_URL = 2_000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


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
    """Scrapy's caching resolver, through which only global addresses come (setting ``XUNCHA_ALLOW_ADDRESSES`` excepted).

    ``inward`` tells of each name that had another address which, so that the refusal ledger can say why a look-up failed.
    """

    allow: Collection[str] = ()
    inward: ClassVar[dict[str, str]] = {}

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
        receiver: Any = _Filter(resolutionReceiver, self.allow, hostName)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


@provider(IResolutionReceiver)
class _Filter:
    def __init__(self, receiver: Any, allow: Collection[str], name: str) -> None:
        self.receiver, self.allow, self.name = receiver, allow, name

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        fault = address_fault(address.host, self.allow)
        if fault is None:
            self.receiver.addressResolved(address)
        else:
            GlobalOnlyResolver.inward[self.name] = fault

    def resolutionComplete(self) -> None:
        self.receiver.resolutionComplete()
