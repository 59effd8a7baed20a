"""Classified boards: lists whose rows say what the adverts' own pages may not (time, price, place), and the adverts.

``list.each`` is a row; ``list.link``, ``published``, ``price`` and ``place`` are looked for in it, so that an attribute of the row
(``::attr(sortid)``) counts as well. Of an advert ``document.price``, ``place`` and ``category`` become fields, each of
``document.rows`` a line of the text, ``document.contact`` its last lines; ``document.gone`` is what stands on one that was taken down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from resiliparse.parse.html import ElementNode, HTMLTree

from core.types import Document
from crawler.adapters import html
from crawler.extract import decode, html_text, parse, select, tidy, value
from crawler.pages import Follow, Locked, Page, Unread
from crawler.sources import Source

FACTS = ("price", "place", "category")
_LOCATION = re.compile(r"(?:province|city)=([^;]+)")


def start(source: Source) -> Iterable[Follow]:
    """The lists to begin with."""
    for url in source.start_urls:
        yield Follow(url, "list", priority=10)


def role_of(url: str) -> str:
    """An archived page is taken for an advert; a list's rows hold none of its parts, so it gives nothing then."""
    del url
    return "document"


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked | Unread]:
    """A list gives its adverts with what their rows say, then its next page; any other page its advert."""
    text, _ = decode(page.body, page.headers.get("content-type", ""), source.charset)
    tree = parse(text)
    if page.role == "list":
        yield from _rows(source, page, tree)
        yield from html.next_page(page, tree, source.list.get("next", ""), "list", priority=8, extra={})
        return
    gone = value(tree.body, source.document.get("gone", ""))
    if gone:
        yield Locked(page.url, f"gone: {tidy(gone)[:150]}")
        return
    listed = dict(page.extra.get("listed") or {})
    facts = {name: found for name in FACTS if (found := _fact(source, tree, name) or str(listed.get(name, "")))}
    more = "\n".join([*_lines(source, tree), *_contact(source, tree)])
    kind = source.document.get("kind", "listing")
    for item in html.documents(source, page, tree, text):
        if isinstance(item, Document):
            yield replace(item, kind=kind, text=tidy(f"{item.text}\n{more}"), fields={**item.fields, **facts})
        else:
            yield item


def _rows(source: Source, page: Page, tree: HTMLTree) -> Iterator[Follow]:
    wanted = re.compile(source.follow) if source.follow else None
    link = source.list.get("link", "a")
    each = source.list.get("each", "")
    for row in select(tree.body, each) if each else select(tree.body, link):
        anchors = select(row, link) if each and row.tag != "a" else [row]
        url = page.join(anchors[0].getattr("href") or "") if anchors else ""
        if url and source.covers(url) and (wanted is None or wanted.search(url)):
            listed = {name: found for name in ("published", "price", "place") if (found := _of_row(source, row, name))}
            yield Follow(url, "document", document=True, extra={"listed": listed} if listed else {})


def _of_row(source: Source, row: ElementNode, name: str) -> str:
    return value(row, source.list.get(name, "")) if source.list.get(name) else ""


def _fact(source: Source, tree: HTMLTree, name: str) -> str:
    """A fact by its selector, which may name an element of the head (``meta[name=location]::attr(content)``)."""
    selector = source.document.get(name, "")
    found = value(tree.body, selector) or value(tree.head, selector) if selector else ""
    parts = _LOCATION.findall(found) if name == "place" else []
    return " ".join(part.strip() for part in parts) or found


def _lines(source: Source, tree: HTMLTree) -> Iterator[str]:
    for row in select(tree.body, source.document.get("rows", "")):
        line = " ".join(html_text(row.html).split())
        if line:
            yield line


def _contact(source: Source, tree: HTMLTree) -> Iterator[str]:
    for box in select(tree.body, source.document.get("contact", "")):
        yield html_text(box.html)
