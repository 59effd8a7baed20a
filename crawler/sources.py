"""Sources: each a folder with a ``source.yml``; those that ship lie in ``crawler/sources``, the operator's in the workspace."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import PluginError
from core.plugins import folders, load_yaml, suggest

SHIPPED = Path(__file__).parent / "sources"
ADAPTERS = Path(__file__).parent / "adapters"
_WINDOW = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")
LIST_KEYS = ("link", "next")
DOCUMENT_KEYS = (
    "each",
    "id",
    "title",
    "text",
    "author",
    "published",
    "next",
    "kind",
    "drop",
    "site_title",
    "navigation",
    "footer",
)


@dataclass(frozen=True, slots=True)
class Source:
    """A place that is patrolled, as its ``source.yml`` declares it.

    Selectors are CSS, with ``::attr(name)`` for an attribute instead of the text. ``id_pattern`` finds the native id (first
    group) in what ``document.id`` gives, or in the URL. ``expect`` holds ``documents: {min, max}`` of one full crawl. ``hours``
    are the visiting hours in ``zone`` (``22:00-06:00``); ``max_pages``, ``max_bytes`` and ``max_minutes`` the budget of one run,
    0 for the workspace's setting, as with ``known_in_a_row``. ``revisit`` holds the longest days between two visits of a quiet page
    (``list``: 7, ``document``: 60; 0 for lists each night, for documents never).
    """

    name: str
    title: str
    kind: str
    platform: str
    start_urls: tuple[str, ...]
    folder: Path
    hosts: tuple[str, ...] = ()
    list: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, str] = field(default_factory=dict)
    id_pattern: str = ""
    follow: str = ""
    charset: str = ""
    zone: str = "+08:00"
    delay_seconds: float = 0.0
    hours: str = ""
    max_pages: int = 0
    max_bytes: int = 0
    max_minutes: float = 0.0
    known_in_a_row: int = 0
    revisit: Mapping[str, float] = field(default_factory=dict)
    enabled: bool = True
    robots_read: str = "unknown"
    expect: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    note: str = ""

    def covers(self, url: str) -> bool:
        """Whether a URL lies on one of the source's hosts; a malformed one does not."""
        try:
            return urlsplit(url).netloc.lower() in self.hosts
        except ValueError:
            return False


KEYS = tuple(item.name for item in fields(Source) if item.name not in ("name", "folder"))


def kinds() -> list[str]:
    """The adapter kinds there are: the modules of ``crawler/adapters``."""
    return sorted(path.stem for path in ADAPTERS.glob("*.py") if not path.stem.startswith("_"))


def load(folder: Path) -> Source:
    """The source declared in a folder.

    Raises:
        PluginError: ``source.yml`` has an unknown or missing key, an unknown kind, or a value that cannot be used.
    """
    path = folder / "source.yml"
    data = load_yaml(path, KEYS, required=("title", "kind", "start_urls"))
    if data["kind"] not in kinds():
        raise PluginError(f"{path}: unknown kind {data['kind']!r}; {suggest(data['kind'], kinds())}")
    for key, known in (("list", LIST_KEYS), ("document", DOCUMENT_KEYS)):
        for inner in data.get(key) or {}:
            if inner not in known:
                raise PluginError(f"{path}: unknown key {key}.{inner}; {suggest(inner, known)}")
    for key in ("id_pattern", "follow"):
        try:
            re.compile(data.get(key) or "")
        except re.error as error:
            raise PluginError(f"{path}: {key} is no regular expression: {error}") from error
    _numbers(path, data)
    try:
        windows_of(str(data.get("hours") or ""))
    except ValueError as error:
        raise PluginError(f"{path}: hours: {error}") from error
    urls = tuple(str(url) for url in data["start_urls"])
    for url in urls:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise PluginError(f"{path}: start_urls: expected an http or https URL, found {url!r}")
    hosts = {urlsplit(url).netloc.lower() for url in urls} | {str(host).lower() for host in data.get("hosts") or ()}
    given: dict[str, Any] = {key: value for key, value in data.items() if value is not None}
    given |= {"start_urls": urls, "hosts": tuple(sorted(hosts)), "name": folder.name, "folder": folder}
    given["platform"] = str(data.get("platform") or folder.name)
    given["robots_read"] = str(data.get("robots_read") or "unknown")
    return Source(**given)


def _numbers(path: Path, data: Mapping[str, Any]) -> None:
    days = data.get("revisit") or {}
    if not isinstance(days, dict):
        raise PluginError(f"{path}: revisit: expected list and document with days, found {days!r}")
    for key in days:
        if key not in ("list", "document"):
            raise PluginError(f"{path}: unknown key revisit.{key}; known are list, document")
    numbers = [
        (key, data.get(key) or 0)
        for key in ("delay_seconds", "max_pages", "max_bytes", "max_minutes", "known_in_a_row")
    ]
    for key, number in [*numbers, *((f"revisit.{key}", given) for key, given in days.items())]:
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < math.inf:
            raise PluginError(f"{path}: {key}: expected a number of 0 or more, found {number!r}")


def windows_of(hours: str) -> tuple[tuple[time, time], ...]:
    """The visiting hours in ``01:00-06:30`` or ``22:00-06:00, 12:00-13:00``; an end of ``24:00`` is midnight.

    Raises:
        ValueError: the text is no such list.
    """
    found = []
    for part in filter(None, (part.strip() for part in hours.split(","))):
        match = _WINDOW.fullmatch(part)
        if match is None:
            raise ValueError(f"expected hours such as 01:00-06:30, found {part!r}")
        found.append((time(int(match[1]), int(match[2])), time(int(match[3]) % 24, int(match[4]))))
    return tuple(found)


def discover(*more: Path) -> dict[str, Source]:
    """All sources by name, of the shipped folder and of others (a later folder wins)."""
    found: dict[str, Source] = {}
    for parent in (SHIPPED, *more):
        for name, folder in folders(parent, "source.yml").items():
            found[name] = load(folder)
    return found
