"""Telegram's public preview of a channel (``https://t.me/s/<channel>``): about twenty messages a page, the oldest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from resiliparse.parse.html import ElementNode, HTMLTree

from core.types import Document, Picture, SiteContext
from crawler.extract import decode, html_text, links, parse, select, tidy, value
from crawler.pages import Follow, Locked, Page
from crawler.sources import Source
from crawler.times import resolve

MESSAGE = ".tgme_widget_message[data-post]"
_BACKGROUND = re.compile(r"background-image:\s*url\(['\"]?([^'\")]+)")
_VIEWS = re.compile(r"(\d+(?:\.\d+)?)([KM]?)")
_TIMES = {"": 1, "K": 1_000, "M": 1_000_000}


def start(source: Source) -> Iterable[Follow]:
    """The newest page of each channel."""
    for url in source.start_urls:
        yield Follow(url, "list", priority=10)


def role_of(url: str) -> str:
    """What a page of an archive was: the preview has but one kind."""
    del url
    return "list"


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked]:
    """The messages of a page, newest first, then the page before it. A channel without preview is told as locked."""
    html, _ = decode(page.body, page.headers.get("content-type", ""), "utf-8")
    tree = parse(html)
    if not select(tree.body, ".tgme_channel_history"):
        yield Locked(page.url, "the channel is missing or has no public preview")
        return
    site = SiteContext(
        title=value(tree.body, ".tgme_channel_info_header_title"), navigation=tuple(filter(None, [value(tree.body, ".tgme_channel_info_header_username")])),
        footer=value(tree.body, ".tgme_channel_info_description")[:1000], host="t.me", path=page.url.partition("t.me")[2].partition("?")[0],
    )  # fmt: skip
    messages = [
        node for node in select(tree.body, MESSAGE) if "service_message" not in (node.getattr("class") or "").split()
    ]
    for node in reversed(messages):
        yield from _message(source, page, node, site)
    if messages:
        yield from _older(page, tree)


def _older(page: Page, tree: HTMLTree) -> Iterator[Follow]:
    given = [
        element.getattr("href") or ""
        for element in [*select(tree.head, "link[rel=prev]"), *select(tree.body, "a.tme_messages_more[href]")]
    ]
    url = next((url for href in given if "before=" in href and (url := page.join(href))), "")
    if url and url != page.url:
        yield Follow(url, "list", priority=8)


def _message(source: Source, page: Page, node: ElementNode, site: SiteContext) -> Iterator[Document]:
    reply = value(node, "a.tgme_widget_message_reply::attr(href)")
    for element in reversed(select(node, ".tgme_widget_message_reply, .tgme_widget_message_user")):
        element.decompose()  # another message's words, and the channel's face
    parts = select(node, ".js-message_text") or select(node, ".tgme_widget_message_text")
    text = tidy("\n".join(html_text(part.html) for part in [*parts, *select(node, ".tgme_widget_message_poll")]))
    shown = tuple(Picture(url) for url in dict.fromkeys(_pictures(page, node)))
    if not text and not shown:
        return
    raw = value(node, ".tgme_widget_message_date time::attr(datetime)")
    yield Document(
        platform=source.platform,
        native_id=node.getattr("data-post") or "",
        url=page.join(value(node, "a.tgme_widget_message_date::attr(href)")) or page.url,
        kind="post",
        text=text,
        author=value(node, ".tgme_widget_message_from_author") or value(node, ".tgme_widget_message_owner_name"),
        published_at=resolve(raw, page.at, "+00:00"),
        published_raw=raw,
        site=site,
        links=tuple(dict.fromkeys(_links(page, node, parts))),
        pictures=shown,
        source=source.name,
        capture=page.capture,
        fields=_fields(node, reply),
    )


def _links(page: Page, node: ElementNode, parts: list[ElementNode]) -> Iterator[str]:
    """Links in the text and of the card below it; since April 2024 some have their ampersands escaped twice."""
    cards = [card.getattr("href") or "" for card in select(node, "a.tgme_widget_message_link_preview")]
    for href in [*(link for part in parts for link in links(part)), *cards]:
        url = page.join(href.replace("&amp;", "&"))
        if url:
            yield url


def _pictures(page: Page, node: ElementNode) -> Iterator[str]:
    for element in select(
        node,
        ".tgme_widget_message_photo_wrap, .tgme_widget_message_video_thumb, .link_preview_image, .link_preview_right_image",
    ):
        match = _BACKGROUND.search(element.getattr("style") or "")
        if match and (url := page.join(match[1])):
            yield url


def _fields(node: ElementNode, reply: str) -> dict[str, str | int]:
    views = _VIEWS.fullmatch(value(node, ".tgme_widget_message_views"))
    card = [value(node, f".link_preview_{name}") for name in ("site_name", "title", "description")]
    ids = (element.getattr("href") or "" for element in select(node, ".js-message_grouped_wrap a[href*=single]"))
    fields: dict[str, str | int] = {
        "reply_to": reply.partition("t.me/")[2].partition("?")[0],
        "forwarded_from": value(node, ".tgme_widget_message_forwarded_from_name"),
        "forwarded_url": value(node, "a.tgme_widget_message_forwarded_from_name::attr(href)"),
        "card": " · ".join(filter(None, card)),
        "album": " ".join(dict.fromkeys(url.partition("t.me/")[2].partition("?")[0] for url in ids)),
        "edited": "edited" if "edited" in value(node, ".tgme_widget_message_meta") else "",
    }
    if views:
        fields["views"] = round(float(views[1]) * _TIMES[views[2]])
    return {name: found for name, found in fields.items() if found != ""}
