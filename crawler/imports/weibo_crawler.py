"""Exports of weibo-crawler (dataabc): posts as CSV, JSON or SQLite, comments as CSV or SQLite; profiles hold no document.

A repost's original is a document of its own. Ids are Weibo's numeric ones, as in MediaCrawler's and weibo-search's exports.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.types import Document
from crawler.imports import Fault, Origin
from crawler.imports._files import SQLITE, Row, records
from crawler.imports._weibo import comment, post

SUFFIXES = (".csv", ".json", ".db", ".sqlite")
ORIGINAL = "源微博"  # what stands before the columns of the reposted post
_DIGITS = re.compile(r"\d{1,20}")
_NAMES = {
    "正文": "text", "头条文章url": "article_url", "原始图片url": "pics", "视频url": "video_url", "位置": "location", "日期": "created_at",
    "工具": "source", "点赞数": "attitudes_count", "评论数": "comments_count", "转发数": "reposts_count", "话题": "topics",
    "@用户": "at_users", "完整日期": "full_created_at",
}  # fmt: skip


def recognises(path: Path, tables: Mapping[str, Sequence[str]]) -> bool:
    """By the Chinese header, the two parts of the JSON file, the tables of the database, or the header of comments."""
    columns = {name for names in tables.values() for name in names}
    if path.suffix.lower() in SQLITE:
        return "weibo" in tables and ("user" in tables or "comments" in tables)
    return (
        {"bid", "正文", "原始图片url"} <= columns or {"user", "weibo"} == columns or {"用户id", "昵称", "上次记录微博信息"} <= columns
        or {"weibo_id", "created_at", "user_screen_name", "text"} <= columns
    )  # fmt: skip


def rows(path: Path) -> Iterator[Row]:
    """(line, row) pairs; of the JSON file (number, post) pairs, with the name of its user."""
    if path.suffix.lower() != ".json":
        yield from records(path, fit)
        return
    try:
        found = json.loads(path.read_text("utf-8-sig"))
        user, posts = found["user"], found["weibo"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        yield 1, Fault(1, f"expected one JSON object with 'user' and 'weibo': {type(error).__name__}: {error}")
        return
    name = user.get("screen_name", "") if isinstance(user, dict) else ""
    for number, row in enumerate(posts if isinstance(posts, list) else [], 1):
        yield (
            number,
            {"screen_name": name, **row}
            if isinstance(row, dict)
            else Fault(number, f"expected a post, found {type(row).__name__}"),
        )


def fit(header: Sequence[str], cells: Sequence[str]) -> Mapping[str, str] | str:
    """A CSV row by position, as the tool writes it: originals end before the columns of the reposted post, reposts two columns early."""
    row = {name: cell.rstrip("\t") for name, cell in zip(header, cells, strict=False)}
    if len(cells) > len(header):
        return f"expected at most {len(header)} cells, found {len(cells)}"
    if "正文" in header and not (
        _DIGITS.fullmatch(row.get("id", ""))
        and _DIGITS.fullmatch(row.get("点赞数", ""))
        and row.get("日期", "")[:1].isdigit()
    ):
        return "id, 日期 or 点赞数 is not what its column takes: the columns are shifted; export again without the LLM option"
    return row


def documents(row: Mapping[str, Any], line: int, origin: Origin) -> Iterator[Document | Fault]:
    """The post or comment of a row, and the post that it reposts; nothing for a profile."""
    if "weibo_id" in row:
        yield comment(row, line, origin)
    elif "正文" in row:
        yield from _chinese(row, line, origin)
    elif "bid" in row:
        retweet = row.get("retweet")
        original = retweet if isinstance(retweet, dict) and retweet.get("id") else {}
        yield post(row, line, origin, str(original.get("id") or ""))
        if original:
            yield post(original, line, origin)
    elif not {"screen_name", "昵称", "weibo_count", "bins"} & set(row):
        yield Fault(line, f"expected the columns of weibo-crawler, found {', '.join(map(str, list(row)[:8]))}")


def _chinese(row: Mapping[str, Any], line: int, origin: Origin) -> Iterator[Document | Fault]:
    """A CSV file holds the posts of one account: its folder is named by the nickname, the file by the account's id."""
    stem = origin.path.stem
    owner = {"screen_name": origin.path.parent.name, "user_id": stem} if _DIGITS.fullmatch(stem) else {}
    original = {
        name.removeprefix(ORIGINAL): value for name, value in row.items() if name.startswith(ORIGINAL) and value
    }
    id = str(original.get("id", ""))
    yield post({**_english(row), **owner}, line, origin, id)
    if id:
        about = {"user_id": row.get("源用户id", ""), "screen_name": row.get("源用户昵称", "")}
        yield post({**_english(original), **about}, line, origin)


def _english(row: Mapping[str, Any]) -> dict[str, Any]:
    return {_NAMES.get(name, name): value for name, value in row.items()}
