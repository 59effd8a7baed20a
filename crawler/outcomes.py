"""What came of one leased page, and what the faults of servers and connections mean for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from core.types import Capture, Document
from crawler.download import HeadTooLarge, InwardAddress, cause
from crawler.frontier import Leased
from crawler.guards import GlobalOnlyResolver
from crawler.middlewares import Refused
from crawler.pages import Follow, Unread
from crawler.patrol import MAX_ATTEMPTS
from crawler.shown import Shown

# what keeps a page from being had: the reason in the refusal ledger, and whether asking again is worth while
FAILURES: tuple[tuple[type[BaseException], str, bool], ...] = (
    (HeadTooLarge, "too large", False),
    (InwardAddress, "guard", False),
    (DownloadCancelledError, "too large", False),
    (IgnoreRequest, "too large", False),  # after decompression
    (CannotResolveHostError, "no address", True),
    (DownloadTimeoutError, "too slow", True),
    (ResponseDataLossError, "broken off", True),
    (BaseException, "not fetched", True),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one leased page; the pipeline stores it in one transaction.

    ``refusal`` is (reason, detail) when the page is not kept, ``withheld`` the (URL, reason, detail) of single documents
    that it holds and we do not keep; ``retry`` puts it back, not ``counted`` as an attempt where it was not asked for; ``keep``
    leaves it to the next night; ``stop`` shuts its host for this run; ``pause`` leaves the host alone for so many seconds;
    ``failed`` marks a host that gave nothing; ``text`` is the visible text of a page visited again in which no document was found;
    ``shown`` is the picture that came.
    """

    leased: Leased
    source: str
    status: int = 0
    capture: Capture | None = None
    found: tuple[Document | Follow | Unread, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    refusal: tuple[str, str] | None = None
    withheld: tuple[tuple[str, str, str], ...] = ()
    retry: bool = False
    counted: bool = True
    keep: bool = False
    stop: str = ""
    pause: float = 0.0
    failed: bool = False
    validators: tuple[str, str] = ("", "")
    text: str = ""
    shown: Shown | None = None


def again(leased: Leased) -> bool:
    """Whether a page that failed is asked again in this run; one that failed on earlier nights has one try a night."""
    return leased.attempts < (1 if leased.nights else MAX_ATTEMPTS)


def of_error(error: BaseException, leased: Leased, capture: Capture | None) -> Outcome:
    """The outcome of a page that was refused at the gate, or whose request failed."""
    common: dict[str, Any] = {"leased": leased, "source": leased.source, "capture": capture}
    if isinstance(error, Refused):
        if error.wait:
            return Outcome(
                **common, refusal=(error.reason, error.detail), retry=True, counted=False, pause=error.wait
            )  # the pipeline leaves a wait that is too long to the next night
        return Outcome(**common, refusal=(error.reason, error.detail), keep=error.keep, stop=error.stop)
    error = cause(error)
    reason, worth = next((reason, worth) for kind, reason, worth in FAILURES if isinstance(error, kind))
    told = f"{type(error).__name__}: {error}"[:300].removesuffix(": ")
    if reason == "no address" and (inward := GlobalOnlyResolver.inward.get(urlsplit(leased.url).hostname or "")):
        return Outcome(**common, refusal=("guard", f"the name leads inward: {inward}"))
    if reason == "no address":  # a look-up is not repeated at once: its answer is remembered
        return Outcome(**common, refusal=(reason, told), keep=True, failed=True)
    if worth and again(leased):
        return Outcome(**common, retry=True)
    return Outcome(**common, refusal=(reason, told), keep=worth, failed=worth)


def wait_of(retry_after: str, now: datetime) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3: a number or a date); rubbish counts as an hour, its absence as None."""
    text = retry_after.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 3600.0
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds())
