"""Exports of weibo-search (dataabc): CSV, SQLite with English names, and what Scrapy's own ``-o`` writes of its items (JSON).

Read by the names of the columns: newer versions have more. An item is the post, or the post with the keyword that found it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.types import Document
from crawler.imports import Fault, Origin
from crawler.imports._files import SQLITE, Row, records
from crawler.imports._values import word
from crawler.imports._weibo import post

SUFFIXES = (".csv", ".db", ".sqlite", ".json", ".jsonl")
ITEM = {"bid", "screen_name", "text", "attitudes_count", "retweet_id"}
NAMES = {
    "微博正文": "text", "用户昵称": "screen_name", "发布位置": "location", "艾特用户": "at_users", "话题": "topics", "转发数": "reposts_count",
    "评论数": "comments_count", "点赞数": "attitudes_count", "发布时间": "created_at", "微博图片url": "pics", "头条文章url": "article_url",
}  # fmt: skip


def recognises(path: Path, tables: Mapping[str, Sequence[str]]) -> bool:
    """By the Chinese header, or by a database whose only table is ``weibo``."""
    if path.suffix.lower() in SQLITE:
        return set(tables) == {"weibo"} and {"bid", "text", "created_at"} <= set(tables["weibo"])
    found = [set(columns) for columns in tables.values()]
    return any({"bid", "微博正文"} <= names or names >= ITEM or names == {"weibo", "keyword"} for names in found)


def rows(path: Path) -> Iterator[Row]:
    """(line, row) pairs."""
    yield from records(path)


def documents(row: Mapping[str, Any], line: int, origin: Origin) -> Iterator[Document | Fault]:
    """The post of a row. The keyword that found it is the name of its file; a reposted post has a row of its own."""
    inner = row.get("weibo")
    item = inner if isinstance(inner, dict) else row
    english = {NAMES.get(name, name): _flat(value) for name, value in item.items()}
    keyword = word(row, "keyword") or (origin.path.stem if "微博正文" in row else "")
    yield post({**english, "source_keyword": keyword}, line, origin, word(row, "retweet_id"))


def _flat(value: Any) -> Any:
    """A list of pictures or users as the tool's tables have it."""
    return ",".join(map(str, value)) if isinstance(value, list) else value
