"""JSON and JSONP lists, as news rolls and interfaces give them: items that lead to pages, or that are documents themselves.

``json`` in the declaration says where things are, by keys and places joined with dots: ``items`` the list, ``url`` the address of an item,
``id``, ``title``, ``text``, ``author``, ``published`` what it holds. With ``text`` an item is a document; without, its page is followed
and read as ``reads_as`` says. A start URL with ``{page}`` is asked on from ``first`` in steps of ``step``, at most ``pages`` times, until
a page has no items.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from core.errors import InputError
from core.types import Document, SiteContext
from crawler.adapters import adapter
from crawler.extract import decode, fragment, plain_text, tidy
from crawler.pages import Follow, Locked, Page, Unread
from crawler.sources import Source
from crawler.times import resolve

PAGE = "{page}"
_JSONP = re.compile(r"^\s*(?:/\*.*?\*/\s*)?(?:[\w$.]+\s*=\s*)?[\w$.]*\s*\(\s*(.*)\)\s*;?\s*$", re.DOTALL)
_LINKS = ("http://", "https://", "/")


def start(source: Source) -> Iterable[Follow]:
    """The first page of each list."""
    for url in source.start_urls:
        yield _page_of(source, url, 0, 10)


def _page_of(source: Source, template: str, number: int, priority: int) -> Follow:
    first, step = int(source.json.get("first", 1)), int(source.json.get("step", 1))
    url = template.replace(PAGE, str(first + number * step))
    return Follow(url, "list", priority=priority, extra={"template": template, "number": number})


def role_of(url: str) -> str:
    """What a page of an archive was cannot be told from its address: a list, unless it turns out to be none."""
    del url
    return "list"


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked | Unread]:
    """A list gives documents or pages, in its own order, then its next page; any other page is read by the kind ``reads_as``.

    Raises:
        InputError: what should be a list is no JSON, or has no list where ``items`` says.
    """
    if page.role != "list":
        yield from adapter(source.reads_as).read(source, page)
        return
    items = _items(source, page)
    for item in items:
        if source.json.get("text"):
            yield from _document(source, page, item)
        else:
            yield from _follow(source, page, item)
    template, number = str(page.extra.get("template", "")), int(page.extra.get("number", 0)) + 1
    if items and PAGE in template and number < int(source.json.get("pages", 1)):
        yield _page_of(source, template, number, 8)


def _items(source: Source, page: Page) -> list[Any]:
    text, _ = decode(page.body, page.headers.get("content-type", ""), source.charset)
    match = _JSONP.match(text)
    try:
        data = json.loads(match[1].rstrip().rstrip(";") if match else text.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{page.url}: expected JSON, found {text[:40]!r}: {type(error).__name__}") from error
    path = str(source.json.get("items", ""))
    found = dig(data, path)
    if not isinstance(found, list):
        if found is None and isinstance(data, dict) and path:
            return []  # services leave the list out when nothing was found
        keys = ", ".join(list(data)[:8]) if isinstance(data, dict) else type(data).__name__
        raise InputError(f"{page.url}: expected a list at json.items {path!r}, found {keys}")
    return found


def dig(data: Any, path: str) -> Any:
    """What lies at a path such as ``web.results.0.url``; the data itself for an empty path, None where there is nothing."""
    for part in filter(None, path.split(".")):
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def _word(source: Source, item: Any, name: str, otherwise: str = "") -> str:
    path = str(source.json.get(name, otherwise))
    found = dig(item, path) if path else None
    return str(found) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def _follow(source: Source, page: Page, item: Any) -> Iterator[Follow]:
    link = _word(source, item, "url", "url").strip()
    url = page.join(link) if link.startswith(_LINKS) else ""
    wanted = re.compile(source.follow) if source.follow else None
    if url and source.covers(url) and (wanted is None or wanted.search(url)):
        listed = {name: tidy(given) for name in ("published", "title") if (given := _word(source, item, name))}
        yield Follow(url, "document", document=True, extra={"listed": listed} if listed else {})


def _document(source: Source, page: Page, item: Any) -> Iterator[Document]:
    text, links, pictures = fragment(_word(source, item, "text"), page.join)
    title = tidy(plain_text(_word(source, item, "title")))
    link = _word(source, item, "url", "url")
    url = page.join(link) if link.startswith(_LINKS) else page.url
    given = _word(source, item, "id") or (url if link else "")
    match = re.search(source.id_pattern, given) if source.id_pattern else None
    if not (text or title) or not given:
        return
    raw, where = _word(source, item, "published").strip(), urlsplit(url)
    yield Document(
        platform=source.platform, native_id=match[1] if match and match.groups() else given, url=url, kind=source.document.get("kind", "post"),
        text=text, title=title, author=tidy(_word(source, item, "author")), published_at=resolve(raw, page.at, source.zone), published_raw=raw,
        site=SiteContext(title=source.title, host=where.netloc.lower(), path=where.path), links=links, pictures=pictures,
        source=source.name, capture=page.capture,
    )  # fmt: skip
