"""Exports of MediaCrawler, of any of its seven platforms and five ways to save, before and after July 2026.

Platform and kind are told by the columns. Kept are text, time, counts, pictures, nickname and province; user ids become the
same 16 hex digits that new exports hold, so that versions join; avatars, signatures, profile addresses and session tokens
are not taken over. Rows of profiles hold no document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.types import Document
from crawler.extract import tidy
from crawler.imports import Fault, Origin
from crawler.imports._files import Row, records
from crawler.imports._values import counts, creator, epoch, pictures, public_url, word
from crawler.times import resolve

SUFFIXES = (".jsonl", ".json", ".csv", ".xlsx", ".db", ".sqlite")
STAMP = "last_modify_ts"  # milliseconds when the row was written; no other tool has such a column
PERSONAL = {  # columns that older exports have and newer ones do not
    "user_id", "avatar", "ip_location", "sec_uid", "short_user_id", "user_unique_id", "user_signature", "gender", "profile_url",
    "sex", "sign", "user_link", "user_avatar", "user_url_token",
}  # fmt: skip
WEIBO_MENDED = datetime(2026, 7, 29, 16, tzinfo=UTC)  # commit 04631ba: create_time was eight hours late before
_HASH = re.compile(r"[0-9a-f]{16}")
_MILLISECONDS = re.compile(r"\d{13}")
LIKES, COMMENTS = ("liked_count", "like_count", "comment_like_count", "voteup_count", "total_liked"), (
    "comment_count", "comments_count", "video_comment", "total_replay_num", "sub_comment_count", "total_comments",
)  # fmt: skip
COUNTS = {
    "likes": LIKES, "comments": COMMENTS, "collected": ("collected_count", "video_favorite_count"),
    "shares": ("share_count", "shared_count", "video_share_count", "total_forwards"), "views": ("viewd_count", "video_play_count"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """One table of the tool: the columns that tell it, and which of them hold what. ``url`` is used where no column has one."""

    platform: str
    marks: tuple[str, ...]
    id: str
    time: tuple[str, ...]
    text: tuple[str, ...]
    url: str = ""
    post: str = ""
    kind: str = "post"
    address: str = ""
    pictures: tuple[str, ...] = ()
    title: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


XHS, DOUYIN, KUAISHOU = (
    "https://www.xiaohongshu.com/explore/{}",
    "https://www.douyin.com/video/{}",
    "https://www.kuaishou.com/short-video/{}",
)
BILI, WEIBO, TIEBA = (
    "https://www.bilibili.com/video/av{}",
    "https://m.weibo.cn/detail/{}",
    "https://tieba.baidu.com/p/{}",
)
CREATED, TYPED = ("create_time",), {"type": "type"}
# Comments come first: their rows name the post as the posts' own rows do.
SHAPES = (
    Shape("douyin", ("comment_id", "aweme_id"), "comment_id", CREATED, ("content",), DOUYIN, "aweme_id", "comment", pictures=("pictures",)),
    Shape("zhihu", ("comment_id", "content_id"), "comment_id", ("publish_time",), ("content",), "", "content_id", "comment"),
    Shape("tieba", ("comment_id", "tieba_name"), "comment_id", ("publish_time",), ("content",), TIEBA, "note_id", "comment", "note_url", extra={"board": "tieba_name"}),
    Shape("weibo", ("comment_id", "note_id", "create_date_time"), "comment_id", ("create_date_time", "create_time"), ("content",), WEIBO, "note_id", "comment"),
    Shape("xiaohongshu", ("comment_id", "note_id"), "comment_id", CREATED, ("content",), XHS, "note_id", "comment", pictures=("pictures",)),
    Shape("bilibili", ("comment_id", "video_id", "parent_comment_id"), "comment_id", CREATED, ("content",), BILI, "video_id", "comment"),
    Shape("kuaishou", ("comment_id", "video_id"), "comment_id", CREATED, ("content",), KUAISHOU, "video_id", "comment"),
    Shape("douyin", ("aweme_id", "aweme_url"), "aweme_id", CREATED, ("desc",), DOUYIN, address="aweme_url", title="title", pictures=("note_download_url", "cover_url"), extra={"type": "aweme_type"}),
    Shape("kuaishou", ("video_id", "viewd_count"), "video_id", CREATED, ("desc",), KUAISHOU, address="video_url", title="title", pictures=("video_cover_url",), extra={"type": "video_type"}),
    Shape("bilibili", ("video_id", "video_play_count"), "video_id", CREATED, ("desc",), BILI, address="video_url", title="title", pictures=("video_cover_url",), extra={"type": "video_type"}),
    Shape("bilibili", ("dynamic_id", "pub_ts"), "dynamic_id", ("pub_ts",), ("text",), "https://t.bilibili.com/{}", kind="dynamic", extra=TYPED),
    Shape("xiaohongshu", ("note_id", "image_list"), "note_id", ("time",), ("desc",), XHS, address="note_url", title="title", pictures=("image_list",), extra={"type": "type", "tags": "tag_list"}),
    Shape("weibo", ("note_id", "create_date_time"), "note_id", ("create_date_time", "create_time"), ("content",), WEIBO, address="note_url"),
    Shape("tieba", ("note_id", "tieba_name"), "note_id", ("publish_time",), ("desc",), TIEBA, address="note_url", title="title", extra={"board": "tieba_name"}),
    Shape("zhihu", ("content_id", "content_text"), "content_id", ("created_time",), ("content_text", "desc"), "", address="content_url", title="title", extra={"type": "content_type", "question": "question_id"}),
)  # fmt: skip
ZHIHU = {
    "article": "https://zhuanlan.zhihu.com/p/{}",
    "zvideo": "https://www.zhihu.com/zvideo/{}",
    "answer": "https://www.zhihu.com/answer/{}",
}


def recognises(path: Path, tables: Mapping[str, Sequence[str]]) -> bool:
    """Whether columns are the tool's: rows say when they were written; ``path`` is not asked, files get renamed."""
    del path
    return any(STAMP in columns for columns in tables.values())


def rows(path: Path) -> Iterator[Row]:
    """(line, row) pairs; rows that a newer version wrote under an older header are put right."""
    yield from records(path, fit)


def fit(header: Sequence[str], cells: Sequence[str]) -> Mapping[str, str] | str:
    """A CSV row under the names that its cells belong to, or why that cannot be told.

    A version change appends its rows to the day's file without a header of their own. The newer version's row is the older one
    without its personal columns and with one hash; which cell that is, its form tells.
    """
    row = dict(zip(header, cells, strict=False))
    if len(cells) == len(header) and _plausible(row):
        return row
    names = [name for name in header if name not in PERSONAL]
    if "creator_hash" not in header and len(cells) == len(names) + 1:
        places = [place for place, cell in enumerate(cells) if _HASH.fullmatch(cell)]
        for at in sorted(
            places, key=lambda place: (cells[place].isdigit(), -place)
        ):  # Weibo's ids have sixteen digits too
            row = {"creator_hash": cells[at], **dict(zip(names, [*cells[:at], *cells[at + 1 :]], strict=True))}
            if _plausible(row):
                return row
    return (
        f"expected {len(header)} cells as the header says, found {len(cells)} that do not fit it: "
        "probably appended by another version; export that day again"
    )


def _plausible(row: Mapping[str, str]) -> bool:
    ids = [row[name] for name in ("note_id", "aweme_id", "video_id", "content_id", "comment_id") if name in row]
    return bool(_MILLISECONDS.fullmatch(row.get(STAMP, ""))) and all(
        re.fullmatch(r"[\w-]{1,64}", id, re.ASCII) for id in ids
    )


def documents(row: Mapping[str, Any], line: int, origin: Origin) -> Iterator[Document | Fault]:
    """The document of a row; none for a profile, a Fault for a row without id or words."""
    shape = next((shape for shape in SHAPES if all(mark in row for mark in shape.marks)), None)
    if shape is None:
        if not ({"nickname", "user_nickname", "user_name", "fans", "fan_id"} & set(row)):
            yield Fault(
                line, f"expected the columns of a MediaCrawler table, found {', '.join(map(str, list(row)[:8]))}"
            )
        return
    native, text, title = word(row, shape.id), tidy(word(row, *shape.text)), tidy(word(row, shape.title))
    if text.startswith(title):
        title = ""  # of short videos the title is the description once more, cut at 500 characters
    shown = pictures(*(word(row, name) for name in shape.pictures))
    if not native or not (text or title or shown):
        yield Fault(
            line,
            f"{shape.platform} {shape.kind}: expected {shape.id} and one of {', '.join((*shape.text, shape.title)).strip(', ')}, found neither text nor pictures"
            if native
            else f"{shape.platform} {shape.kind}: {shape.id} is empty",
        )
        return
    post = word(row, shape.post) if shape.post else ""
    raw, published = _published(row, shape, origin.at)
    yield Document(
        platform=shape.platform,
        native_id=f"comment-{native}" if shape.kind == "comment" else native,
        url=public_url(word(row, shape.address))
        if shape.address and word(row, shape.address)
        else _url(row, shape, post or native),
        kind=shape.kind,
        text=text,
        title=title,
        author=tidy(word(row, "nickname", "user_nickname", "user_name")),
        published_at=published,
        published_raw=raw,
        pictures=shown,
        source=origin.platform or shape.platform,
        capture=origin.capture,
        parent=post,
        fields=_fields(row, shape, native, line),
    )


def _url(row: Mapping[str, Any], shape: Shape, post: str) -> str:
    template = ZHIHU.get(word(row, "content_type"), "") if shape.platform == "zhihu" else shape.url
    return template.format(post) if template else ""


def _published(row: Mapping[str, Any], shape: Shape, at: datetime) -> tuple[str, datetime | None]:
    """The time as the row has it, and what it means; words such as 昨天 count from when the row was written."""
    written = epoch(word(row, STAMP)) or at
    name = next((name for name in shape.time if word(row, name)), "")
    raw = word(row, name) if name else ""
    found = (epoch(raw) or resolve(raw, written)) if raw else None
    if found and shape.platform == "weibo" and name == "create_time" and written < WEIBO_MENDED:
        found -= timedelta(hours=8)
    return raw, found


def _fields(row: Mapping[str, Any], shape: Shape, native: str, line: int) -> dict[str, Any]:
    above = word(row, "parent_comment_id")
    fields = {
        "line": line,
        "creator": creator(row, "user_id"),
        "account_place": tidy(word(row, "ip_location")),
        "keyword": word(row, "source_keyword"),
        "reply_to": f"comment-{above}" if above not in ("", "0", native) else "",
        **{ours: word(row, theirs) for ours, theirs in shape.extra.items()},
        **counts(row, COUNTS),
    }
    return {name: value for name, value in fields.items() if value != ""}
