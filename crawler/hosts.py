"""The hosts of one run: whose turn it is, who is busy, who wants to be left alone, who has shut its door. Pure; time is passed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from urllib.parse import urlsplit

MAX_FAILURES = 5  # pages that a host failed to give, one after the other, before it is left alone for the run
MAX_PAUSES = 3  # how often a host may ask for patience in one run
_PORTS = {"http": ":80", "https": ":443"}


def host_of(url: str) -> str:
    """The host that a URL is asked from: its name and, where it is not the scheme's own, its port."""
    parts = urlsplit(url)
    return parts.netloc.lower().removesuffix(_PORTS.get(parts.scheme, "\n"))


class Hosts:
    """State by host; times are seconds since the epoch."""

    def __init__(self) -> None:
        self.pending: dict[str, int] = {}
        self.busy: set[str] = set()
        self.ready: dict[str, float] = {}
        self.stopped: dict[str, str] = {}
        self.failures: dict[str, int] = {}
        self.pauses: dict[str, int] = {}
        self._turns: deque[str] = deque()
        self._listed: set[str] = set()

    def found(self, host: str, pages: int = 1) -> None:
        """Pages of a host are waiting."""
        self.pending[host] = self.pending.get(host, 0) + pages
        if host not in self._listed:
            self._listed.add(host)
            self._turns.append(host)

    def count(self, pending: Mapping[str, int]) -> None:
        """Set how many pages each host has waiting."""
        self.pending = dict.fromkeys(self.pending, 0)
        for host, pages in pending.items():
            self.found(host, pages)

    def waiting(self) -> bool:
        """Whether any page is waiting."""
        return any(count > 0 for count in self.pending.values())

    def next(self, now: float) -> str | None:
        """The next host, in turn, that has pages waiting and may be asked now."""
        for _ in range(len(self._turns)):
            host = self._turns.popleft()
            if self.pending.get(host, 0) <= 0:
                self._listed.discard(host)
                continue
            self._turns.append(host)
            if host not in self.busy and self.ready.get(host, 0.0) <= now:
                return host
        return None

    def soonest(self) -> float | None:
        """When the first of the hosts that are left alone, and have pages waiting, may be asked; None without such a host."""
        times = [
            self.ready.get(host, 0.0)
            for host in self._turns
            if self.pending.get(host, 0) > 0 and host not in self.busy
        ]  # fmt: skip
        return min(times, default=None)

    def take(self, host: str) -> None:
        """A page of a host is under way: no other is until ``release``."""
        self.pending[host] -= 1
        self.busy.add(host)

    def release(self, host: str) -> None:
        """The page is through, whatever came of it."""
        self.busy.discard(host)

    def leave(self, host: str, until: float) -> None:
        """Ask a host nothing before a time; an earlier word for longer holds."""
        self.ready[host] = max(until, self.ready.get(host, 0.0))

    def failed(self, host: str) -> bool:
        """A page was not to be had; True when that makes too many in a row."""
        self.failures[host] = self.failures.get(host, 0) + 1
        return self.failures[host] >= MAX_FAILURES

    def answered(self, host: str) -> None:
        """A host gave what it was asked for."""
        self.failures.pop(host, None)

    def patience(self, host: str) -> bool:
        """A host asks to wait; False when it has asked too often."""
        self.pauses[host] = self.pauses.get(host, 0) + 1
        return self.pauses[host] <= MAX_PAUSES
