"""What columns mean: names that exports use, and documents made from rows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.types import Document, SiteContext
from crawler.extract import tidy
from crawler.imports import Fault
from crawler.times import resolve

NAMES = {
    "text": ("text", "content", "body", "content_text", "正文", "微博正文", "内容", "desc", "message", "评论内容"),
    "id": ("id", "native_id", "note_id", "comment_id", "aweme_id", "video_id", "content_id", "mid", "编号"),
    "title": ("title", "标题", "subject"),
    "url": ("url", "link", "note_url", "aweme_url", "video_url", "content_url", "链接", "网址"),
    "author": ("author", "nickname", "user_nickname", "用户昵称", "作者", "screen_name", "user"),
    "published": (
        "published_at", "published", "time", "create_date_time", "create_time", "created_at", "publish_time", "created_time",
        "发布时间", "日期", "date",
    ),
    "parent": ("parent", "parent_id", "reply_to"),
    "kind": ("kind", "type", "venue"),
    "platform": ("platform", "平台"),
}  # fmt: skip


# what tools and people call the platforms: one name each, so that all that tells of a post joins
PLATFORMS = {
    "xhs": "xiaohongshu", "小红书": "xiaohongshu", "rednote": "xiaohongshu", "dy": "douyin", "抖音": "douyin", "ks": "kuaishou", "快手": "kuaishou",
    "bili": "bilibili", "b站": "bilibili", "哔哩哔哩": "bilibili", "wb": "weibo", "微博": "weibo", "sina_weibo": "weibo", "贴吧": "tieba",
    "百度贴吧": "tieba", "知乎": "zhihu", "豆瓣": "douban", "微信": "wechat", "公众号": "wechat", "tg": "telegram", "电报": "telegram",
}  # fmt: skip


def platform_of(name: str) -> str:
    """The one name of a platform that goes by several."""
    return PLATFORMS.get(name.strip().lower(), name.strip())


def document_of(
    row: Mapping[str, Any], line: int, platform: str, capture: str, at: datetime, mapping: Mapping[str, str]
) -> Document | Fault:
    """The document that a row holds, or what is wrong with it. Without an id, the text's hash is the identity."""

    def get(field: str) -> str:
        names = (mapping[field],) if field in mapping else NAMES[field]
        found = next((row[name] for name in names if row.get(name) not in (None, "")), "")
        return found if isinstance(found, str) else str(found)

    text, title = tidy(get("text")), tidy(get("title"))
    if not text and not title:
        return Fault(
            line,
            f"no text: expected one of the columns {', '.join(NAMES['text'][:6])} ..., found {', '.join(map(str, list(row)[:8]))}",
        )
    native = get("id").strip() or hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
    raw = get("published").strip()
    platform = platform_of(get("platform")) or platform
    if not platform:
        return Fault(line, "no platform: name it with --platform, or in a column 'platform'")
    return Document(
        platform=platform,
        native_id=native,
        url=get("url").strip(),
        kind=get("kind").strip()[:40] or "post",
        text=text,
        title=title if title != text else "",
        author=tidy(get("author")),
        published_at=resolve(raw, at) if raw else None,
        published_raw=raw,
        site=SiteContext(),
        source=platform,
        capture=capture,
        parent=get("parent").strip(),
        fields={"line": line},
    )
