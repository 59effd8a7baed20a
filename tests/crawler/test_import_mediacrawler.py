"""Files as MediaCrawler writes them, in all its containers; the words are ours."""

from __future__ import annotations

import csv
import hashlib
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
from crawler.imports._values import count, pictures, public_url

WRITTEN = 1795060800000  # 2026-11-19 04:00 UTC
ELEVENTH = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
SECONDS, MILLISECONDS = 1794369600, 1794369600000
NEW = {"creator_hash": hashlib.sha256(b"50000000").hexdigest()[:16], "nickname": "白***鸟"}
OLD = {"user_id": "50000000", "nickname": "白鹭与水鸟", "avatar": "https://img.test/face.jpg", "ip_location": "广东"}
NOTE = "65aa0000bb0000cc0000ddaa"


def xhs(author: dict[str, Any], **changes: Any) -> dict[str, Any]:
    row = {
        "note_id": NOTE, "type": "normal", "title": "看鸟", "desc": "河边看见白鹭 #观鸟[话题]#", "video_url": "", "time": MILLISECONDS,
        "last_update_time": MILLISECONDS, **author, "liked_count": "1.2万", "collected_count": "10万+", "comment_count": "3",
        "share_count": "", "image_list": "http://img.test/a!nd,1.webp,http://img.test/b.webp", "tag_list": "观鸟,河", "last_modify_ts": WRITTEN,
        "note_url": f"https://www.xiaohongshu.com/explore/{NOTE}?xsec_token=zq0secret=&xsec_source=pc_search", "source_keyword": "白鹭",
        "xsec_token": "zq0secret=",
    }  # fmt: skip
    return {**row, **changes}


STAMP = {"last_modify_ts": WRITTEN}
CONTENTS: dict[str, dict[str, Any]] = {
    "xhs": xhs(NEW),
    "douyin": {
        "aweme_id": "7500000000000000001", "aweme_type": "0", "title": "河边看见白鹭", "desc": "河边看见白鹭", "create_time": SECONDS, **NEW,
        "liked_count": "5", "collected_count": "1", "comment_count": "2", "share_count": "0", **STAMP,
        "aweme_url": "https://www.douyin.com/video/7500000000000000001", "cover_url": "https://img.test/c.jpg", "video_download_url": "",
        "music_download_url": "", "note_download_url": "", "source_keyword": "白鹭",
    },
    "kuaishou": {
        "video_id": "3x0000", "video_type": "1", "title": "河边看见白鹭", "desc": "河边看见白鹭", "create_time": MILLISECONDS, **NEW,
        "liked_count": "7", "viewd_count": "2.5万", **STAMP, "video_url": "https://www.kuaishou.com/short-video/3x0000",
        "video_cover_url": "https://img.test/k.jpg", "video_play_url": "", "source_keyword": "白鹭",
    },
    "bili": {
        "video_id": "1100000000", "video_type": "video", "title": "水鸟", "desc": "河边看见白鹭", "create_time": SECONDS, **NEW, "liked_count": "9",
        "disliked_count": "0", "video_play_count": "1000", "video_favorite_count": "4", "video_share_count": "2", "video_coin_count": "1",
        "video_danmaku": "0", "video_comment": "6", **STAMP, "video_url": "https://www.bilibili.com/video/av1100000000",
        "video_cover_url": "https://img.test/b.jpg", "source_keyword": "白鹭",
    },
    "weibo": {
        "note_id": "5000000000000000", "content": "河边看见白鹭", "create_time": SECONDS, "create_date_time": "2026-11-11 12:00:00+08:00",
        "liked_count": "3", "comments_count": "1", "shared_count": "0", **STAMP, "note_url": "https://m.weibo.cn/detail/5000000000000000",
        **NEW, "source_keyword": "白鹭",
    },
    "tieba": {
        "note_id": "9000000000", "title": "看鸟", "desc": "河边看见白鹭", "note_url": "https://tieba.baidu.com/p/9000000000",
        "publish_time": "2026-11-11 12:00:00", "creator_hash": NEW["creator_hash"], "user_nickname": "白***鸟", "tieba_name": "观鸟吧",
        "tieba_link": "https://tieba.baidu.com/f?kw=x", "total_replay_num": 12, "total_replay_page": 1, **STAMP, "source_keyword": "白鹭",
    },
    "zhihu": {
        "content_id": "2000000000", "content_type": "answer", "content_text": "河边看见白鹭", "content_url": "https://www.zhihu.com/question/1/answer/2000000000",
        "question_id": "1", "title": "哪里看鸟？", "desc": "", "created_time": SECONDS, "updated_time": SECONDS, "voteup_count": 8, "comment_count": 1,
        **STAMP, "source_keyword": "白鹭", "creator_hash": NEW["creator_hash"], "user_nickname": "白***鸟",
    },
}  # fmt: skip
COMMENTS: dict[str, dict[str, Any]] = {
    "xhs": {"comment_id": "6500000000000000000000bb", "create_time": MILLISECONDS, "note_id": NOTE, "content": "在哪条河？", **NEW, "sub_comment_count": "0", "pictures": "", "parent_comment_id": 0, **STAMP, "like_count": "1"},
    "douyin": {"comment_id": "7500000000000000002", "create_time": SECONDS, "aweme_id": "7500000000000000001", "content": "在哪条河？", **NEW, "sub_comment_count": "0", **STAMP, "parent_comment_id": "0", "like_count": 1, "pictures": ""},
    "kuaishou": {"comment_id": "600000000000", "create_time": MILLISECONDS, "video_id": "3x0000", "content": "在哪条河？", **NEW, "sub_comment_count": "0", **STAMP},
    "bili": {"comment_id": "280000000000", "parent_comment_id": "0", "create_time": SECONDS, "video_id": "1100000000", "content": "在哪条河？", **NEW, "sub_comment_count": "0", "like_count": 1, **STAMP},
    "weibo": {"comment_id": "5000000000000009", "create_time": SECONDS, "create_date_time": "2026-11-11 12:00:00+08:00", "note_id": "5000000000000000", "content": "在哪条河？", "sub_comment_count": "0", "comment_like_count": "1", **STAMP, "parent_comment_id": "5000000000000009", **NEW},
    "tieba": {"comment_id": "150000000000", "parent_comment_id": "", "content": "在哪条河？", "publish_time": "2026-11-11 12:00", "sub_comment_count": 0, "note_id": "9000000000", "note_url": "https://tieba.baidu.com/p/9000000000", "tieba_id": "1", "tieba_name": "观鸟吧", "tieba_link": "", **STAMP, "creator_hash": NEW["creator_hash"], "user_nickname": "白***鸟"},
    "zhihu": {"comment_id": "11000000000", "parent_comment_id": None, "content": "在哪条河？", "publish_time": SECONDS, "sub_comment_count": 0, "like_count": 1, "dislike_count": 0, "content_id": "2000000000", "content_type": "answer", **STAMP, "creator_hash": NEW["creator_hash"], "user_nickname": "白***鸟"},
}  # fmt: skip
PLATFORMS = {"xhs": "xiaohongshu", "bili": "bilibili"}
TABLES = {
    "xhs": "xhs_note", "douyin": "douyin_aweme", "kuaishou": "kuaishou_video", "bili": "bilibili_video", "weibo": "weibo_note", "tieba": "tieba_note", "zhihu": "zhihu_content",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def as_jsonl(folder: Path, rows: list[dict[str, Any]], item: str) -> Path:
    path = folder / f"search_{item}_2026-11-19.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def as_json(folder: Path, rows: list[dict[str, Any]], item: str) -> Path:
    path = folder / f"search_{item}_2026-11-19.json"
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=4), "utf-8")
    return path


def as_csv(folder: Path, rows: list[dict[str, Any]], item: str) -> Path:
    path = folder / f"search_{item}_2026-11-19.csv"
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path


def as_xlsx(folder: Path, rows: list[dict[str, Any]], item: str) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = item.capitalize()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(["" if value is None else value for value in row.values()])
    sheet = book.create_sheet("Creators")
    sheet.append(["user_id", "nickname", "fans", "last_modify_ts"])
    sheet.append(["50000000", "白鹭与水鸟", "1", WRITTEN])
    path = folder / f"x_{item}_20261119_120000.xlsx"
    book.save(path)
    return path


def as_sqlite(folder: Path, rows: list[dict[str, Any]], item: str) -> Path:
    path = folder / f"sqlite_tables_{item}.db"
    columns = ["id", "add_ts", *rows[0]]
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(f"CREATE TABLE {item} ({', '.join(columns)})")
        for number, row in enumerate(rows):
            base.execute(
                f"INSERT INTO {item} VALUES ({', '.join('?' * len(columns))})", [number, WRITTEN, *row.values()]
            )
    return path


WAYS = [as_jsonl, as_json, as_csv, as_xlsx, as_sqlite]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("platform", CONTENTS)
def test_contents_of_every_platform_are_read_from_every_container(desk: Desk, platform: str, way: Any) -> None:
    path = way(desk.folder, [CONTENTS[platform]], TABLES[platform] if way is as_sqlite else "contents")
    assert format_of(path) is formats()["mediacrawler"]
    counts, faults = desk.bring(path)
    assert (counts["new"], faults) == (1, [])
    (found,) = desk.documents()
    assert found.platform == PLATFORMS.get(platform, platform)
    assert (found.kind, found.published_at, found.parent) == ("post", ELEVENTH, "")
    assert found.text.startswith("河边看见白鹭")
    assert found.author == "白***鸟"
    assert found.fields["creator"] == NEW["creator_hash"]
    assert found.fields["keyword"] == "白鹭"
    assert found.url.startswith("https://")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("platform", COMMENTS)
def test_a_comment_is_a_document_with_its_post_as_parent(desk: Desk, platform: str, way: Any) -> None:
    item = "comments" if way is not as_sqlite else f"{TABLES[platform]}_comment"
    counts, faults = desk.bring(way(desk.folder, [COMMENTS[platform]], item))
    assert (counts["new"], faults) == (1, [])
    (found,) = desk.documents()
    content = CONTENTS[platform]
    post = next(str(content[name]) for name in ("note_id", "aweme_id", "video_id", "content_id") if name in content)
    assert found.platform == PLATFORMS.get(platform, platform)
    assert (found.kind, found.text, found.parent) == ("comment", "在哪条河？", post)
    assert found.native_id == f"comment-{COMMENTS[platform]['comment_id']}"
    assert found.published_at == ELEVENTH
    assert "reply_to" not in found.fields  # "", 0, "0", null and weibo's own id all mean: none
    assert post in found.url


FACE, PROFILE = "https://img.test/face.jpg", "https://home.test/zq0bird"
PERSONAL = {  # what exports before July 2026 hold of an account, besides its id and full nickname
    "xhs": {"avatar": FACE, "ip_location": "广东"},
    "douyin": {"sec_uid": "zq0sec", "short_user_id": "zq0short", "user_unique_id": "zq0unique", "user_signature": "zq0signs", "avatar": FACE, "ip_location": "广东"},
    "kuaishou": {"avatar": FACE},
    "bili": {"avatar": FACE, "sex": "zq0sex", "sign": "zq0signs"},
    "weibo": {"avatar": FACE, "gender": "zq0f", "profile_url": PROFILE, "ip_location": "广东"},
    "tieba": {"user_link": PROFILE, "user_avatar": FACE, "ip_location": "广东"},
    "zhihu": {"user_link": PROFILE, "user_avatar": FACE, "user_url_token": "zq0token", "ip_location": "广东"},
}  # fmt: skip


def older(platform: str, row: dict[str, Any]) -> dict[str, Any]:
    """A row as it was written before July 2026."""
    plain = {name: value for name, value in row.items() if name not in ("creator_hash", "nickname", "user_nickname")}
    name = "user_nickname" if "user_nickname" in row else "nickname"
    parent = {"parent_comment_id": 0} if platform == "xhs" and "comment_id" in row else {}
    return {**plain, "user_id": "50000000", name: "白鹭与水鸟", **PERSONAL[platform], **parent}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("rows", [CONTENTS, COMMENTS], ids=["contents", "comments"])
@pytest.mark.parametrize("platform", CONTENTS)
def test_older_exports_of_every_platform_join_newer_ones_and_leave_the_account_behind(
    desk: Desk, platform: str, rows: dict[str, dict[str, Any]], way: Any
) -> None:
    item = (
        ("contents", "comments")[rows is COMMENTS]
        if way is not as_sqlite
        else TABLES[platform] + ("", "_comment")[rows is COMMENTS]
    )
    _, faults = desk.bring(way(desk.folder, [older(platform, rows[platform])], item))
    assert faults == []
    (found,) = desk.documents()
    assert (found.author, found.fields["creator"]) == ("白鹭与水鸟", NEW["creator_hash"])
    assert found.fields.get("account_place", "") == PERSONAL[platform].get("ip_location", "")
    assert (found.published_at, found.fields.get("reply_to", "")) == (ELEVENTH, "")
    kept = repr(found)
    assert not [word for word in ("50000000'", "face.jpg", "zq0", "home.test") if word in kept.replace("zq0secret", "")]
    (desk.folder / "new").mkdir()
    counts, _ = desk.bring(as_jsonl(desk.folder / "new", [rows[platform]], "contents"))
    assert (counts["new"], counts["known"]) == (0, 1)


def test_a_newer_version_appended_to_an_older_table_is_read_on_every_platform(desk: Desk) -> None:
    for platform in CONTENTS:
        new = {**CONTENTS[platform]}
        key = next(name for name in ("note_id", "aweme_id", "video_id", "content_id") if name in new)
        new[key] = str(new[key])[:-1] + "7"
        folder = desk.folder / platform
        folder.mkdir()
        path = as_csv(folder, [older(platform, CONTENTS[platform])], "contents")
        with path.open("a", encoding="utf-8", newline="") as stream:
            names = [name for name in older(platform, CONTENTS[platform]) if name in new]
            order = [name for name in names if name not in ("nickname", "user_nickname")]
            cells = {**new, "hash": new["creator_hash"]}
            shown = "user_nickname" if "user_nickname" in new else "nickname"
            csv.writer(stream).writerow([cells[name] for name in [*order, "hash", shown]])
        counts, faults = desk.bring(path)
        assert (counts["new"], faults) == (2, []), platform


def test_rows_of_followers_are_passed_over(desk: Desk) -> None:
    """The optional sheet Contacts of a workbook, and its table: who follows whom."""
    row = {"up_id": "1", "fan_id": "2", "up_name": "甲", "fan_name": "乙", "up_sign": "x", **STAMP}
    counts, faults = desk.bring(as_jsonl(desk.folder, [row], "contacts"))
    assert (counts["new"], counts["passed over"], faults) == (0, 1, [])


def test_old_and_new_exports_join_and_nothing_of_the_account_is_kept_but_name_and_province(desk: Desk) -> None:
    desk.bring(as_jsonl(desk.folder, [xhs(OLD)], "contents"))
    counts, _ = desk.bring(as_json(desk.folder, [xhs(NEW)], "contents"))
    assert (counts["known"], counts["new"], counts["changed"]) == (1, 0, 0)
    (found,) = desk.documents()
    assert found.fields["creator"] == NEW["creator_hash"]
    assert found.fields["account_place"] == "广东"
    kept = repr(found)
    assert "50000000" not in kept
    assert "face.jpg" not in kept
    assert "zq0secret" not in kept


def test_counts_pictures_tags_and_address_are_as_the_post_has_them(desk: Desk) -> None:
    desk.bring(as_jsonl(desk.folder, [xhs(NEW)], "contents"))
    (found,) = desk.documents()
    assert {name: found.fields.get(name) for name in ("likes", "collected", "comments", "shares")} == {
        "likes": 12_000, "collected": 100_000, "comments": 3, "shares": None,
    }  # fmt: skip
    assert [picture.url for picture in found.pictures] == ["http://img.test/a!nd,1.webp", "http://img.test/b.webp"]
    assert (found.title, found.fields["tags"], found.url) == (
        "看鸟",
        "观鸟,河",
        f"https://www.xiaohongshu.com/explore/{NOTE}",
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"create_date_time": "2023-12-23 17:12:54+08:00", "create_time": 1703351574}, "2023-12-23T09:12:54+00:00"),
        (
            {"create_date_time": "", "create_time": 1703351574, "last_modify_ts": 1703400000000},
            "2023-12-23T09:12:54+00:00",
        ),
        ({"create_date_time": "", "create_time": 1703322774}, "2023-12-23T09:12:54+00:00"),
    ],
)
def test_weibo_times_eight_hours_late_are_put_right(desk: Desk, changes: dict[str, Any], expected: str) -> None:
    desk.bring(as_jsonl(desk.folder, [{**CONTENTS["weibo"], **changes}], "contents"))
    assert desk.documents()[0].published_at == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("2026-3-15", "2026-03-14T16:00:00+00:00"), ("昨天 12:00", "2026-11-18T04:00:00+00:00"), ("", None)],
)
def test_tieba_times_are_read_as_shown_on_the_day_of_the_export(desk: Desk, raw: str, expected: str | None) -> None:
    desk.bring(as_jsonl(desk.folder, [{**CONTENTS["tieba"], "publish_time": raw}], "contents"))
    (found,) = desk.documents()
    assert (found.published_at and found.published_at.isoformat(), found.published_raw) == (expected, raw)


def test_a_run_again_on_the_same_day_repeats_rows_and_changes_nothing(desk: Desk) -> None:
    counts, _ = desk.bring(as_csv(desk.folder, [xhs(NEW), xhs(NEW)], "contents"))
    assert (counts["rows"], counts["new"], counts["known"]) == (2, 1, 1)


def test_rows_that_a_newer_version_put_under_the_old_header_are_read(desk: Desk) -> None:
    path = as_csv(desk.folder, [xhs(OLD)], "contents")
    with path.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(xhs(NEW, note_id=NOTE.replace("aa", "ab")).values())
        writer.writerow(["broken", "row"])
    counts, faults = desk.bring(path)
    assert counts == {"rows": 3, "new": 2, "changed": 0, "known": 0, "faulty": 1}
    assert "probably appended by another version" in faults[0].what
    old, new = desk.documents()
    assert (old.text, old.published_at, old.fields["creator"]) == (new.text, new.published_at, new.fields["creator"])
    assert (new.native_id, new.author, new.fields["likes"]) == (NOTE.replace("aa", "ab"), "白***鸟", 12_000)


def test_an_answer_to_a_comment_names_it(desk: Desk) -> None:
    desk.bring(as_jsonl(desk.folder, [{**COMMENTS["douyin"], "parent_comment_id": "7500000000000000000"}], "comments"))
    assert desk.documents()[0].fields["reply_to"] == "comment-7500000000000000000"


def test_profiles_are_passed_over(desk: Desk) -> None:
    creator = {
        "user_id": "50000000",
        "nickname": "白鹭与水鸟",
        "gender": "f",
        "desc": "x",
        "fans": "3",
        "last_modify_ts": WRITTEN,
    }
    counts, faults = desk.bring(as_jsonl(desk.folder, [creator], "creators"))
    assert (counts["new"], counts["passed over"], faults) == (0, 1, [])


def test_a_row_without_id_or_words_is_a_fault(desk: Desk) -> None:
    rows = [xhs(NEW, note_id=""), xhs(NEW, title="", desc="", image_list="")]
    _, faults = desk.bring(as_jsonl(desk.folder, rows, "contents"))
    assert [fault.what.partition(":")[2][:20] for fault in faults] == [
        " note_id is empty",
        " expected note_id and"[:20],
    ]


def test_bilibili_dynamics_are_read(desk: Desk) -> None:
    row = {"dynamic_id": "1000000000000000000", **{"creator_hash": NEW["creator_hash"], "user_name": "白***鸟"}, "text": "河边看见白鹭", "type": "DYNAMIC_TYPE_WORD", "pub_ts": SECONDS, "total_comments": 1, "total_forwards": 0, "total_liked": 2, **STAMP}  # fmt: skip
    desk.bring(as_jsonl(desk.folder, [row], "dynamics"))
    (found,) = desk.documents()
    assert (found.platform, found.kind, found.published_at, found.fields["likes"]) == (
        "bilibili",
        "dynamic",
        ELEVENTH,
        2,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("356", 356),
        ("1.2万", 12_000),
        ("5.6w", 56_000),
        ("1,024", 1_024),
        ("3亿", 300_000_000),
        ("赞", None),
        ("", None),
        ("-1", None),
    ],
)
def test_counts_are_read_as_people_write_them(text: str, expected: int | None) -> None:
    assert count(text) == expected


def test_addresses_lose_tokens_and_keep_the_rest() -> None:
    assert public_url("https://a.test/x?xsec_token=1&a=2#z") == "https://a.test/x?a=2"
    assert public_url("http://[oops") == ""
    assert pictures("https://a.test/1.jpg,nonsense,javascript:x") != ()
