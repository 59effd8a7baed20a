"""Douban groups: lists of topics, topics, and the comments on them, each a document of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from resiliparse.parse.html import ElementNode, HTMLTree

from core.types import Document, Picture, SiteContext
from crawler.extract import decode, html_text, links, parse, pictures, select, site_context, tidy, value
from crawler.pages import Follow, Locked, Page
from crawler.sources import Source
from crawler.times import resolve

BODY = ".topic-richtext, .rich-content"
_TOPIC = re.compile(r"/group/topic/(\d+)")
_VOTES = re.compile(r"\d+")


def start(source: Source) -> Iterable[Follow]:
    """The lists of topics to begin with, such as ``/group/<id>/discussion?start=0``."""
    for url in source.start_urls:
        yield Follow(url, "list", priority=10)


def role_of(url: str) -> str:
    """What a page of an archive was, told from its address."""
    return "document" if _TOPIC.search(url) else "list"


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked]:
    """A list gives its topics; a topic itself and its comments; and each its next page."""
    html, _ = decode(page.body, page.headers.get("content-type", ""), source.charset)
    tree = parse(html)
    if page.role == "list":
        for element in select(tree.body, "table.olt td.title a"):
            url = page.join(element.getattr("href") or "").partition("?")[0]
            if _TOPIC.search(url) and source.covers(url):
                yield Follow(url, "document", document=True)
        yield from _next(page, tree, 8)
        return
    topic = _TOPIC.search(page.url)
    if topic:
        site = site_context(tree, page.url, ("", ".nav a, .group-item .title a", "#footer"))
        yield from _topic(source, page, tree, topic[1], site)
        for node in select(tree.body, "ul#comments > li[data-cid]"):  # those of ul#popular-comments are among them
            yield from _comment(source, page, node, topic[1], site)
        yield from _next(page, tree, 5)


def _next(page: Page, tree: HTMLTree, priority: int) -> Iterator[Follow]:
    for element in select(tree.body, "span.next a")[:1]:
        url = page.join(element.getattr("href") or "")
        if url and url != page.url:
            yield Follow(url, page.role, priority=priority)


def _topic(source: Source, page: Page, tree: HTMLTree, native: str, site: SiteContext) -> Iterator[Document]:
    nodes = select(tree.body, BODY)[:1]
    text, title = "\n".join(html_text(node.html) for node in nodes), value(tree.body, "h1")
    if not nodes or not (text or title):
        return
    raw = value(tree.body, ".create-time")
    yield Document(
        platform=source.platform, native_id=native, url=page.url.partition("?")[0], kind="post", text=text, title=title,
        author=value(tree.body, ".topic-content .user-face img::attr(alt)") or value(tree.body, ".topic-doc .from a"),
        published_at=resolve(raw, page.at, source.zone), published_raw=raw, site=site,
        links=tuple(url for link in links(nodes[0]) if (url := page.join(link))), pictures=_pictures(page, nodes[0]),
        source=source.name, capture=page.capture,
    )  # fmt: skip


def _comment(source: Source, page: Page, node: ElementNode, topic: str, site: SiteContext) -> Iterator[Document]:
    body = select(node, ".reply-content")[:1]
    text = html_text(body[0].html) if body else ""
    shown = _pictures(page, body[0]) if body else ()
    id = node.getattr("data-cid") or ""
    if not id or not (text or shown):
        return
    raw, votes = value(node, ".pubtime"), _VOTES.search(value(node, ".comment-vote"))
    fields = {
        "quote": value(node, ".reply-quote-content"),
        "likes": int(votes[0]) if votes else "",
        "account_place": tidy(raw[19:]),
    }
    yield Document(
        platform=source.platform, native_id=f"comment-{id}", url=page.url, kind="comment", text=text,
        author=value(node, ".user-face img::attr(alt)"), published_at=resolve(raw[:19], page.at, source.zone), published_raw=raw, site=site,
        links=tuple(url for link in links(body[0]) if (url := page.join(link))), pictures=shown, source=source.name, capture=page.capture,
        parent=topic, fields={name: found for name, found in fields.items() if found != ""},
    )  # fmt: skip


def _pictures(page: Page, node: ElementNode) -> tuple[Picture, ...]:
    return tuple(Picture(url, picture.alt) for picture in pictures(node) if (url := page.join(picture.url)))
