"""robots.txt as RFC 9309 wants it, with Crawl-delay, Request-rate and Visit-time where a site gives them.

Unavailable (4xx) means open, unreachable (5xx, network, too slow) means closed (2.3.1.3, 2.3.1.4); five redirects are
followed, across authorities too (2.3.1.2); a text is used for at most 24 hours (2.4) and 500 KiB of it are read (2.5).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from protego import Protego

from core.store import Store
from crawler.budgets import opens_in

PRODUCT = "xuncha"
MAX_BYTES = 512_000
MAX_REDIRECTS = 5
MAX_DELAY_SECONDS = 600.0  # a night cannot be spent on waiting: with a longer Crawl-delay a site is left alone
OPEN, CLOSED, RULES = "open", "closed", "rules"
_AGENT = re.compile(r"^(\s*user[- ]?agent\s*:)\s*([a-z_*-]*).*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site said to a request for robots.txt; ``status`` 0 stands for no answer at all, ``note`` says why."""

    status: int
    body: bytes = b""
    location: str = ""
    capture: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a URL may be fetched, why, and how far apart requests must be (seconds).

    ``opens`` are the seconds until the site's visiting hours, where it is outside of them; ``reachable`` is False where the
    rules themselves could not be had.
    """

    allowed: bool
    reason: str
    delay: float = 0.0
    opens: float = 0.0
    reachable: bool = True


Fetch = Callable[[str], Awaitable[Answer]]


class Robots:
    """The robots rules of all origins, remembered in the store; ``fetch`` asks one URL without following redirects."""

    def __init__(self, store: Store, fetch: Fetch, now: Callable[[], datetime], max_age: timedelta) -> None:
        self.store, self.fetch, self.now = store, fetch, now
        self.max_age = min(max_age, timedelta(hours=24))
        self._rules: dict[str, tuple[datetime, str, str, Protego]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def verdict(self, url: str) -> Verdict:
        """The verdict on a URL; robots.txt is fetched first when it is not known or too old."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.lower()}"
        async with self._locks.setdefault(origin, asyncio.Lock()):
            known = self._rules.get(origin) or self._remembered(origin)
            if known is None or self.now() - known[0] >= self.max_age:
                known = await self._ask(origin)
            self._rules[origin] = known
        return judge(known, url, self.now())

    def forbids(self, url: str) -> bool:
        """Whether rules that have been read already forbid a URL; nothing is fetched, and what is not known forbids nothing."""
        parts = urlsplit(url)
        known = self._rules.get(f"{parts.scheme}://{parts.netloc.lower()}")
        return known is not None and known[1] == RULES and not known[3].can_fetch(url, PRODUCT)

    def _remembered(self, origin: str) -> tuple[datetime, str, str, Protego] | None:
        row = self.store.robots.get(origin)
        # a closed verdict is asked again by each run: the site may have come back
        if row is None or row["verdict"] == CLOSED:
            return None
        return row["fetched_at"], row["verdict"], f"status {row['status']}", rules_of(row["body"])

    async def _ask(self, origin: str) -> tuple[datetime, str, str, Protego]:
        url = f"{origin}/robots.txt"
        answer = Answer(0)
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self.fetch(url)
            if not (300 <= answer.status < 400 and answer.location):
                break
            url = urljoin(url, answer.location)
        verdict, why = verdict_of(answer)
        body = answer.body[:MAX_BYTES] if verdict == RULES else b""
        now = self.now()
        self.store.robots.put(origin, now, answer.status, verdict, body, answer.capture)
        return now, verdict, why, rules_of(body)


def verdict_of(answer: Answer) -> tuple[str, str]:
    """open, closed or rules, and why (RFC 9309, 2.3.1)."""
    if 200 <= answer.status < 300:
        if answer.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].lower().startswith((b"<!doctype", b"<html")):
            return OPEN, "robots.txt is an HTML page and holds no rules"
        return RULES, f"status {answer.status}"
    if 300 <= answer.status < 400:
        return OPEN, f"more than {MAX_REDIRECTS} redirects: unavailable"
    if 400 <= answer.status < 500:
        return OPEN, f"status {answer.status}: unavailable"
    return CLOSED, f"robots.txt unreachable ({answer.note or f'status {answer.status}'})"


def rules_of(body: bytes) -> Protego:
    """The rules in a robots.txt; what cannot be read as UTF-8 is replaced, as the RFC's parsers do."""
    lines = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").splitlines()
    return Protego.parse(_AGENT.sub(_exact, "\n".join(lines)))


def _exact(line: re.Match[str]) -> str:
    """A user-agent line reduced to its product token (RFC 9309, 2.2.1): Protego would take ``x`` for us, and not ``xuncha/1.0``."""
    token = line[2].lower()
    return f"{line[1]} {token if token in ('*', PRODUCT) else 'another'}"


def judge(known: tuple[datetime, str, str, Protego], url: str, now: datetime) -> Verdict:
    """The verdict on one URL by the rules of its origin."""
    read_at, verdict, why, rules = known
    if verdict == CLOSED:
        return Verdict(False, why, reachable=False)
    delay = float(rules.crawl_delay(PRODUCT) or 0)
    rate = rules.request_rate(PRODUCT)
    if rate and rate.requests:
        delay = max(delay, rate.seconds / rate.requests)
    if verdict == RULES and not rules.can_fetch(url, PRODUCT):
        return Verdict(False, "forbidden by robots.txt", delay)
    if delay > MAX_DELAY_SECONDS:
        return Verdict(
            False, f"robots.txt asks for {delay:.0f} s between requests; a night can wait {MAX_DELAY_SECONDS:.0f} s"
        )
    hours = rules.visit_time(PRODUCT)
    wait = opens_in(((hours.start_time, hours.end_time),), now.astimezone(UTC)) if hours else 0.0
    if hours and wait:
        why = f"outside visiting hours {hours.start_time:%H%M}-{hours.end_time:%H%M} UTC"
        return Verdict(False, why, delay, opens=wait)
    return Verdict(True, f"allowed ({verdict}, {why}, read {read_at:%Y-%m-%dT%H:%MZ})", delay)
