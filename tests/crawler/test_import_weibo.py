"""Files as weibo-crawler and weibo-search write them; the words are ours."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from import_desk import Desk

from crawler.imports import format_of, formats

ELEVENTH = datetime(2026, 11, 11, 4, 0, 5, tzinfo=UTC)
HEADER = [
    "id",
    "bid",
    "正文",
    "头条文章url",
    "原始图片url",
    "视频url",
    "Live Photo视频url",
    "位置",
    "日期",
    "工具",
    "点赞数",
    "评论数",
    "转发数",
    "话题",
    "@用户",
    "完整日期",
    "是否编辑过",
    "编辑次数",
]
FULL = [*HEADER, "是否原创", "源用户id", "源用户昵称", *(f"源微博{name}" for name in HEADER)]
POST = ["5000000000000001\t", "Nx0", "河边看见白鹭", "", "https://img.test/1.jpg,https://img.test/2.jpg", "", "", "广州", "2026-11-11T12:00:05", "手机", "12", "3", "1", "观鸟", "", "2026-11-11 12:00:05", "False", "0"]  # fmt: skip
AGAIN = ["5000000000000002\t", "Nx1", "转发微博", "", "", "", "", "", "2026-11-12T12:00:05", "手机", "0", "0", "0", "", "", "2026-11-12 12:00:05", "False", "0"]  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def table(path: Path, *rows: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path


def test_a_crawler_table_is_read_by_position_with_the_reposted_post_beside_it(desk: Desk) -> None:
    repost = [*AGAIN, "False", "60000000", "丙", *POST[:-2]]  # two columns short, as the tool writes them
    path = table(desk.folder / "白鹭/50000000.csv", FULL, [*POST[:-2], "False", "0", "True"], repost)
    assert format_of(path) is formats()["weibo_crawler"]
    counts, faults = desk.bring(path)
    assert (counts["rows"], counts["new"], counts["known"], faults) == (2, 2, 1, [])
    first, second = desk.documents()
    assert (first.native_id, first.text, first.author, first.published_at) == (
        "5000000000000001",
        "河边看见白鹭",
        "白鹭",
        ELEVENTH,
    )
    assert (first.fields["likes"], first.fields["comments"], len(first.pictures)) == (12, 3, 2)
    assert first.url == "https://m.weibo.cn/detail/5000000000000001"
    assert "50000000" not in first.fields["creator"]
    assert second.fields["repost_of"] == "5000000000000001"


def test_a_table_of_originals_only_is_read(desk: Desk) -> None:
    counts, faults = desk.bring(table(desk.folder / "50000000/50000000.csv", HEADER, POST))
    assert (counts["new"], faults) == (1, [])


def test_shifted_columns_are_told_and_not_believed(desk: Desk) -> None:
    shifted = [POST[0], POST[1], POST[2], "分析", *POST[3:-1]]
    _, faults = desk.bring(table(desk.folder / "50000000.csv", FULL, shifted))
    assert "the columns are shifted" in faults[0].what


@pytest.mark.parametrize("indent", [None, 4])
def test_crawler_json_is_one_object_with_user_and_posts(desk: Desk, indent: int | None) -> None:
    original = {"id": 5000000000000001, "bid": "Nx0", "user_id": 60000000, "screen_name": "丙", "text": "河边看见白鹭", "pics": "https://img.test/1.jpg", "created_at": "2026-11-11T12:00:05", "full_created_at": "2026-11-11 12:00:05", "attitudes_count": 12}  # fmt: skip
    post = {"id": 5000000000000002, "bid": "Nx1", "user_id": 50000000, "screen_name": "白鹭", "text": "转发微博", "article_url": "", "created_at": "2026-11-12T12:00:05", "retweet": original}  # fmt: skip
    path = desk.folder / "50000000.json"
    path.write_text(
        json.dumps(
            {"user": {"id": "50000000", "screen_name": "白鹭"}, "weibo": [post, 7]}, ensure_ascii=False, indent=indent
        ),
        "utf-8",
    )
    counts, faults = desk.bring(path)
    assert (counts["new"], [fault.line for fault in faults]) == (2, [2])
    second, first = desk.documents()
    assert (first.native_id, first.author, first.published_at) == ("5000000000000001", "丙", ELEVENTH)
    assert second.fields["repost_of"] == first.native_id


def test_the_crawler_database_gives_posts_comments_and_reposts_and_no_profiles(desk: Desk) -> None:
    path = desk.folder / "weibodata.db"
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE user (id, screen_name, gender)")
        base.execute("INSERT INTO user VALUES ('50000000', '白鹭', 'f')")
        base.execute(
            "CREATE TABLE weibo (id, bid, user_id, screen_name, text, article_url, pics, created_at, attitudes_count, retweet_id)"
        )
        base.execute(
            "INSERT INTO weibo VALUES ('5000000000000001', 'Nx0', '50000000', '白鹭', '河边看见白鹭', '', '', '2026-11-11 12:00:05', 12, '')"
        )
        base.execute(
            "CREATE TABLE comments (id, bid, weibo_id, root_id, user_id, created_at, user_screen_name, user_avatar_url, text, pic_url, like_count)"
        )
        comment = (
            "5000000000000009",
            "Nx2",
            "5000000000000001",
            "5000000000000008",
            "60000000",
            "Wed Nov 11 12:00:05 +0800 2026",
            "丙",
            "https://img.test/f.jpg",
            "<a href='/n/x'>@x</a> 在哪条河？",
            "",
            1,
        )
        base.execute(f"INSERT INTO comments VALUES ({', '.join('?' * len(comment))})", comment)
        base.execute(
            "CREATE TABLE reposts (id, bid, weibo_id, user_id, created_at, user_screen_name, text, like_count)"
        )
        base.execute(
            "INSERT INTO reposts VALUES ('5000000000000010', 'Nx3', '5000000000000001', '7', 'Wed Nov 11 12:00:05 +0800 2026', '丁', '好看', 0)"
        )
    assert format_of(path) is formats()["weibo_crawler"]
    counts, faults = desk.bring(path)
    assert (counts["new"], counts["passed over"], faults) == (3, 1, [])
    found = {document.kind: document for document in desk.documents()}
    assert (found["comment"].native_id, found["comment"].parent, found["comment"].text) == (
        "comment-5000000000000009",
        "5000000000000001",
        "@x 在哪条河？",
    )
    assert found["comment"].fields["reply_to"] == "comment-5000000000000008"
    assert found["comment"].published_at == found["post"].published_at == found["repost"].published_at == ELEVENTH


def test_a_table_of_comments_is_read(desk: Desk) -> None:
    header = ["id", "weibo_id", "created_at", "user_screen_name", "text", "pic_url", "like_count"]
    row = ["5000000000000009", "5000000000000001", "Wed Nov 11 12:00:05 +0800 2026", "丙", "在哪条河？", "", "1"]
    desk.bring(table(desk.folder / "白鹭_comments.csv", header, row))
    (found,) = desk.documents()
    assert (found.kind, found.parent, found.published_at) == ("comment", "5000000000000001", ELEVENTH)


def test_the_table_of_accounts_is_passed_over(desk: Desk) -> None:
    counts, faults = desk.bring(
        table(
            desk.folder / "users.csv", ["用户id", "昵称", "性别", "上次记录微博信息"], ["50000000", "白鹭", "女", "x"]
        )
    )
    assert (counts["new"], counts["passed over"], faults) == (0, 1, [])


SEARCH = [
    "id",
    "bid",
    "user_id",
    "用户昵称",
    "微博正文",
    "头条文章url",
    "发布位置",
    "艾特用户",
    "话题",
    "转发数",
    "评论数",
    "点赞数",
    "发布时间",
    "发布工具",
    "微博图片url",
    "微博视频url",
    "retweet_id",
]
FOUND = [
    "5000000000000001",
    "Nx0",
    "50000000",
    "白鹭",
    "河边看见白鹭",
    "",
    "广州",
    "",
    "观鸟",
    "1",
    "3",
    "1.2万",
    "2026-11-11 12:00",
    "手机",
    "https://img.test/1.jpg",
    "",
    "",
]


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        ([], []),
        (["ip", "user_authentication"], ["广东", "普通用户"]),
        (["ip", "user_authentication", "会员类型", "会员等级"], ["广东", "普通用户", "", "0"]),
    ],
)
def test_search_tables_of_every_age_are_read_by_name(desk: Desk, columns: list[str], cells: list[str]) -> None:
    path = table(desk.folder / "结果文件/白鹭/白鹭.csv", [*SEARCH, *columns], [*FOUND, *cells])
    assert format_of(path) is formats()["weibo_search"]
    counts, faults = desk.bring(path)
    assert (counts["new"], faults) == (1, [])
    (found,) = desk.documents()
    assert (found.native_id, found.text, found.author, found.fields["likes"]) == (
        "5000000000000001",
        "河边看见白鹭",
        "白鹭",
        12_000,
    )
    assert (found.published_at, found.fields["keyword"]) == (datetime(2026, 11, 11, 4, 0, tzinfo=UTC), "白鹭")
    assert found.fields.get("account_place", "") == (cells[0] if cells else "")


def test_the_search_database_is_read(desk: Desk) -> None:
    path = desk.folder / "weibo.db"
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE weibo (id, bid, user_id, screen_name, text, created_at, pics, retweet_id)")
        base.execute(
            "INSERT INTO weibo VALUES ('5000000000000001', 'Nx0', '50000000', '白鹭', '河边看见白鹭', '2026-11-11 12:00', '', '5000000000000000')"
        )
    assert format_of(path) is formats()["weibo_search"]
    desk.bring(path)
    assert desk.documents()[0].fields["repost_of"] == "5000000000000000"


ITEM = {
    "id": "5000000000000001", "bid": "Nx0", "user_id": "50000000", "screen_name": "白鹭", "text": "河边看见白鹭", "article_url": "", "location": "广州",
    "at_users": "", "topics": "", "reposts_count": "1", "comments_count": "3", "attitudes_count": "1.2万", "created_at": "2026-11-11 12:00",
    "source": "手机", "pics": ["https://img.test/1.jpg", "https://img.test/2.jpg"], "video_url": "", "retweet_id": "", "ip": "广东",
}  # fmt: skip


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_items_of_the_search_written_by_scrapy_itself_are_read(desk: Desk, wrapped: bool, suffix: str) -> None:
    item = {"weibo": ITEM, "keyword": "白鹭"} if wrapped else ITEM
    path = desk.folder / f"out{suffix}"
    path.write_text(json.dumps([item] if suffix == ".json" else item, ensure_ascii=False), "utf-8")
    assert format_of(path) is formats()["weibo_search"]
    counts, faults = desk.bring(path)
    assert (counts["new"], faults) == (1, [])
    (found,) = desk.documents()
    assert (found.native_id, found.published_at, found.fields["likes"]) == (
        "5000000000000001",
        datetime(2026, 11, 11, 4, 0, tzinfo=UTC),
        12_000,
    )
    assert [picture.url for picture in found.pictures] == ["https://img.test/1.jpg", "https://img.test/2.jpg"]
    assert found.fields.get("keyword", "") == ("白鹭" if wrapped else "")


def test_the_same_post_by_three_tools_is_one_document(desk: Desk) -> None:
    desk.bring(table(desk.folder / "白鹭/50000000.csv", HEADER, POST))
    counts, _ = desk.bring(table(desk.folder / "search.csv", SEARCH, FOUND))
    assert (counts["new"], counts["known"]) == (0, 1)
    row = {
        "note_id": "5000000000000001",
        "content": "河边看见白鹭",
        "create_date_time": "2026-11-11 12:00:05+08:00",
        "note_url": "",
        "nickname": "白鹭",
        "user_id": "50000000",
        "last_modify_ts": 1795060800000,
    }
    path = desk.folder / "detail_contents_2026-11-19.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    counts, _ = desk.bring(path)
    assert (counts["new"], counts["known"]) == (0, 1)
