"""Sources: each a folder with a ``source.yml``; those that ship lie in ``crawler/sources``, the operator's in the workspace."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from core.errors import PluginError
from core.plugins import folders, load_yaml, suggest
from crawler.secrets import NAME, PLACE

SHIPPED = Path(__file__).parent / "sources"
ADAPTERS = Path(__file__).parent / "adapters"
_WINDOW = re.compile(r"(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)")
LIST_KEYS = ("each", "link", "next", "published", "price", "place")
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
    "price",
    "place",
    "category",
    "rows",
    "contact",
    "gone",
)
JSON_KEYS = ("items", "url", "id", "title", "text", "author", "published", "first", "step", "pages")
OWN_HEADERS = {
    "cookie",
    "user-agent",
    "host",
    "referer",
    "from",
    "range",
}  # what we are and how we ask is not a source's to say
ANYWHERE = "*"
QUERY = "{query}"


@dataclass(frozen=True, slots=True)
class Source:
    """A place that is patrolled, as its ``source.yml`` declares it.

    Selectors are CSS, with ``::attr(name)`` for an attribute instead of the text. ``id_pattern`` finds the native id (first
    group) in what ``document.id`` gives, or in the URL. ``expect`` holds ``documents: {min, max}`` of one full crawl. ``hours``
    are the visiting hours in ``zone`` (``22:00-06:00``); ``max_pages``, ``max_bytes`` and ``max_minutes`` the budget of one run,
    0 for the workspace's setting, as with ``known_in_a_row``. ``revisit`` holds the longest days between two visits of a quiet page
    (``list``: 7, ``document``: 60; 0 for lists each night, for documents never). ``pictures`` tells whether those of its documents are
    fetched, from its hosts and from ``picture_hosts``. Start URLs may hold ``{query}`` (each term of the
    watch list), ``{page}`` and ``{secret}``; ``json`` says where a JSON list has what; ``reads_as`` is the kind by which pages are
    read that a sitemap, search or archive leads to.
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
    json: Mapping[str, Any] = field(default_factory=dict)
    reads_as: str = "html"
    browser: bool = False
    wait_for: str = ""
    data_url: str = ""
    secret: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
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
    pictures: bool = True
    picture_hosts: tuple[str, ...] = ()
    enabled: bool = True
    robots_read: str = "unknown"
    expect: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    note: str = ""

    @property
    def own_hosts(self) -> tuple[str, ...]:
        """The hosts that the declaration itself names; what a search leads to lies elsewhere."""
        return tuple(host for host in self.hosts if host != ANYWHERE)

    def covers(self, url: str) -> bool:
        """Whether a URL lies on one of the source's hosts; a malformed one does not."""
        try:
            netloc = urlsplit(url).netloc.lower()
            return netloc in self.hosts or (ANYWHERE in self.hosts and bool(netloc))
        except ValueError:
            return False

    def shows(self, url: str) -> bool:
        """Whether a picture's URL lies on one of the hosts that the source's pictures are fetched from."""
        try:
            return self.covers(url) or urlsplit(url).netloc.lower() in self.picture_hosts
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
    for key, known in (("list", LIST_KEYS), ("document", DOCUMENT_KEYS), ("json", JSON_KEYS)):
        for inner in data.get(key) or {}:
            if inner not in known:
                raise PluginError(f"{path}: unknown key {key}.{inner}; {suggest(inner, known)}")
    for key in ("id_pattern", "follow"):
        try:
            re.compile(data.get(key) or "")
        except re.error as error:
            raise PluginError(f"{path}: {key} is no regular expression: {error}") from error
    _check_asking(path, data)
    _numbers(path, data)
    try:
        windows_of(str(data.get("hours") or ""))
    except ValueError as error:
        raise PluginError(f"{path}: hours: {error}") from error
    urls = tuple(str(url) for url in data["start_urls"])
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or "{" in parts.netloc:
            raise PluginError(f"{path}: start_urls: expected an http or https URL, found {url!r}")
    hosts = {urlsplit(url).netloc.lower() for url in urls} | {str(host).lower() for host in data.get("hosts") or ()}
    if data["kind"] == "search":
        hosts.add(ANYWHERE)
    if data.get("data_url"):
        hosts.add(urlsplit(str(data["data_url"])).netloc.lower())
    given: dict[str, Any] = {key: value for key, value in data.items() if value is not None}
    given |= {"start_urls": urls, "hosts": tuple(sorted(hosts)), "name": folder.name, "folder": folder}
    given["platform"] = str(data.get("platform") or folder.name)
    given["picture_hosts"] = tuple(str(host).lower() for host in data.get("picture_hosts") or ())
    if not isinstance(given.get("pictures", True), bool):
        raise PluginError(f"{path}: pictures: expected true or false, found {data['pictures']!r}")
    given["robots_read"] = str(data.get("robots_read") or "unknown")
    return Source(**given)


def _check_asking(path: Path, data: Mapping[str, Any]) -> None:
    """Who reads the pages found, and what goes with a request."""
    reader = data.get("reads_as") or "html"
    if reader not in kinds():
        raise PluginError(f"{path}: reads_as: unknown kind {reader!r}; {suggest(str(reader), kinds())}")
    if data.get("secret") and not NAME.fullmatch(str(data["secret"])):
        raise PluginError(f"{path}: secret: expected a name of small letters, digits and _, found {data['secret']!r}")
    if (data["kind"] == "commoncrawl") != bool(data.get("data_url")):
        raise PluginError(f"{path}: data_url and kind commoncrawl belong together; add or remove one of them")
    headers = data.get("headers") or {}
    if headers and data["kind"] not in ("json", "search"):
        raise PluginError(f"{path}: headers: only kinds json and search send headers of their own; remove them")
    for name in headers:
        if str(name).lower() in OWN_HEADERS:
            raise PluginError(f"{path}: headers: {name} is not for a source to set; remove it")
    asked = " ".join([*map(str, data["start_urls"]), *map(str, headers.values())])
    if (PLACE in asked) != bool(data.get("secret")):
        raise PluginError(f"{path}: a secret and the word {PLACE} belong together; add or remove one of them")


def with_queries(source: Source, terms: Sequence[str]) -> Source:
    """The source with one start URL for each term of the watch list where it has ``{query}``; others stay as they are."""
    urls = [
        url.replace(QUERY, quote(term, safe=""))
        for url in source.start_urls
        for term in (terms if QUERY in url else [""])
    ]
    return replace(source, start_urls=tuple(dict.fromkeys(urls)))


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
