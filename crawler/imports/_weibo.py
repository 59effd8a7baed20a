"""Posts and comments of Weibo as dataabc's tools name their parts in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.types import Document
from crawler.extract import html_text, tidy
from crawler.imports import Fault, Origin
from crawler.imports._values import counts, creator, pictures, word
from crawler.times import resolve

COUNTS = {"likes": ("attitudes_count", "like_count"), "comments": ("comments_count",), "shares": ("reposts_count",)}


def post(row: Mapping[str, Any], line: int, origin: Origin, repost_of: str = "") -> Document | Fault:
    """The post of a row; ``repost_of`` is the id of the post that it passes on. Times without a zone are China's."""
    native, text = word(row, "id"), _text(row)
    if not native or not text:
        return Fault(line, f"weibo post: expected id and text, found {'no text' if native else 'no id'}")
    article = word(row, "article_url")
    raw = word(row, "full_created_at", "created_at")
    return Document(
        platform="weibo", native_id=native, url=f"https://m.weibo.cn/detail/{native}", kind="post", text=text,
        author=tidy(word(row, "screen_name")), published_at=resolve(raw, origin.at), published_raw=raw,
        links=(article,) if article.startswith("http") else (), pictures=pictures(word(row, "pics")),
        source=origin.platform or "weibo", capture=origin.capture,
        fields=_fields(
            row, line, place_named=tidy(word(row, "location")), tags=word(row, "topics"), account_place=tidy(word(row, "ip")),
            account_kind=word(row, "user_authentication"), keyword=word(row, "source_keyword"), repost_of=repost_of,
        ),
    )  # fmt: skip


def comment(row: Mapping[str, Any], line: int, origin: Origin) -> Document | Fault:
    """The comment, or with ``bid`` and without ``root_id`` the bare repost, that a row holds."""
    native, text = word(row, "id"), _text(row)
    shown = pictures(word(row, "pic_url"))
    if not native or not (text or shown):
        return Fault(line, f"weibo comment: expected id and text, found {'no text' if native else 'no id'}")
    root, above, raw = word(row, "root_id"), word(row, "weibo_id"), word(row, "created_at")
    repost = "bid" in row and "root_id" not in row
    return Document(
        platform="weibo", native_id=native if repost else f"comment-{native}",
        url=f"https://m.weibo.cn/detail/{native if repost else above}", kind="repost" if repost else "comment", text=text,
        author=tidy(word(row, "user_screen_name")), published_at=resolve(raw, origin.at), published_raw=raw, pictures=shown,
        source=origin.platform or "weibo", capture=origin.capture, parent=above,
        fields=_fields(row, line, reply_to=f"comment-{root}" if root not in ("", "0", native) else ""),
    )  # fmt: skip


def _text(row: Mapping[str, Any]) -> str:
    text = word(row, "text")
    return html_text(text) if "</" in text or "<br" in text or "<img" in text else tidy(text)


def _fields(row: Mapping[str, Any], line: int, **more: str) -> dict[str, Any]:
    fields = {"line": line, "creator": creator(row, "user_id"), **more, **counts(row, COUNTS)}
    return {name: value for name, value in fields.items() if value != ""}
