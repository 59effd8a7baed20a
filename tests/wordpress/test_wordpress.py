"""Facts about three nights over a real WordPress, read by feed, by JSON interface and by sitemap at once.

The three sources share one platform, so that a post which two of them show is one document: WordPress gives the same title
and text by all three ways, and the post's number stands in the feed's guid, in the JSON and in the page's body class. A site
whose feed carries excerpts only would need a platform of its own for the feed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from wordpress_nights import FORBIDDEN, PUBLIC, Nights

from core.store import Store
from core.types import Document
from evidence.archive import read_at

pytestmark = [pytest.mark.wordpress, pytest.mark.xdist_group("wordpress")]
COLUMNS = ("fetched", "new", "changed", "refused")


@pytest.fixture
def store(nights: Nights) -> Iterator[Store]:
    with Store.open(nights.workspace / "xuncha.db") as store:
        yield store


def documents(store: Store) -> list[Document]:
    return [document for batch in store.documents.unjudged("nobody") for _, _, document in batch]


def counts(run: dict[str, Any]) -> dict[str, int]:
    return {column: run["counts"][column] for column in COLUMNS}


def test_the_nights_in_a_table(nights: Nights) -> None:
    print(f"\n{'night':<8}{'source':<12}" + "".join(f"{column:>9}" for column in COLUMNS))
    for number, run in enumerate(nights.runs, 1):
        assert run["state"] == "finished"
        assert run["issues"] == []
        for source in ("by_feed", "by_json", "by_sitemap"):
            print(
                f"{number:<8}{source:<12}" + "".join(f"{run['counts'][f'{source}/{column}']:>9}" for column in COLUMNS)
            )
        print(f"{number:<8}{'all':<12}" + "".join(f"{run['counts'][column]:>9}" for column in COLUMNS))


def test_every_public_post_is_there_exactly_once(nights: Nights, store: Store) -> None:
    articles = Counter(document.native_id for document in documents(store) if document.kind == "article")
    assert articles == Counter(str(id) for id in nights.ids["public"] + nights.ids["added"])
    assert len(articles) == PUBLIC + 5


def test_a_post_is_read_whole(nights: Nights, store: Store) -> None:
    id = store.documents.find("xiaozhan", str(nights.ids["public"][7]))
    assert id is not None
    document = store.documents.get(id)
    assert document is not None
    assert document.title == "河边日记 7：走路 & 看鸟"
    assert document.text == (
        "第7天，河边的风很大。“今天”走了7公里 — 看见白鹭😀 & 一条船。\n早上：豆浆\n晚上：面条\n照片在下面 白鹭7 联系微信 zq0riverside7，\n或看 这里。"
    )
    assert document.url == f"{nights.site.url}/shenghuo/riji-7/"
    assert f"{document.published_at:%Y-%m-%d %H:%M}" == "2025-01-01 15:00"


def test_approved_comments_are_there_and_no_others(nights: Nights, store: Store) -> None:
    comments = {document.native_id: document for document in documents(store) if document.kind == "comment"}
    assert set(comments) == {f"comment-{id}" for id in nights.comments["approved"]}
    first = comments[f"comment-{nights.comments['approved'][0]}"]
    assert (first.text, first.parent) == ("第0条评论：好看！", str(nights.ids["public"][0]))


@pytest.mark.parametrize("kind", ["draft", "private", "locked", "forbidden"])
def test_what_is_not_public_is_not_there(nights: Nights, store: Store, kind: str) -> None:
    assert nights.ids[kind]
    assert not {str(id) for id in nights.ids[kind]} & {document.native_id for document in documents(store)}


def test_what_robots_txt_forbids_is_never_asked_for(nights: Nights) -> None:
    asked = [line for night in nights.requests for line in night]
    assert not [line for line in asked if "/neibu/" in line or "/wp-admin/" in line]


def test_a_post_whose_page_robots_txt_forbids_is_not_taken_from_the_feed_or_the_json_either(store: Store) -> None:
    refused = Counter(refusal.source for refusal in store.refusals.all(run=1) if refusal.reason == "robots.txt")
    assert refused == {"by_feed": 1, "by_json": FORBIDDEN, "by_sitemap": FORBIDDEN}


def test_a_post_under_a_password_is_refused_with_its_reason(nights: Nights, store: Store) -> None:
    locked = [refusal for refusal in store.refusals.all(run=1) if refusal.reason == "locked"]
    assert {refusal.source for refusal in locked} == {"by_feed", "by_json", "by_sitemap"}
    assert {refusal.url for refusal in locked} == {f"{nights.site.url}/shenghuo/mima-{PUBLIC}/"}


def test_the_first_night_finds_everything_and_nothing_changes_between_the_interfaces(nights: Nights) -> None:
    assert counts(nights.runs[0]) | {"fetched": 0, "refused": 0} == {
        "fetched": 0,
        "new": PUBLIC + 6,
        "changed": 0,
        "refused": 0,
    }


def test_the_first_night_asks_for_each_page_once(nights: Nights) -> None:
    asked = Counter(nights.requests[0])
    assert asked["GET /robots.txt 200"] == 1
    assert not [(line, count) for line, count in asked.items() if count > 1]
    pages = [line for line in asked if line.startswith("GET /shenghuo/")]
    assert len(pages) == PUBLIC + 1  # the one under a password among them: nothing shows that beforehand


def test_the_second_night_finds_the_five_added_posts_and_the_edited_one(nights: Nights, store: Store) -> None:
    assert counts(nights.runs[1]) | {"fetched": 0, "refused": 0} == {"fetched": 0, "new": 5, "changed": 1, "refused": 0}
    id = store.documents.find("xiaozhan", str(nights.ids["edited"][0]))
    row = store.documents.row(id or 0)
    assert row is not None
    assert row["version"] == 2
    assert row["text"].endswith("补记：船走了。")


def test_the_second_night_fetches_only_lists_and_what_is_new(nights: Nights) -> None:
    asked = nights.requests[1]
    pages = sorted(line.split()[1] for line in asked if line.startswith("GET /shenghuo/"))
    assert pages == [f"/shenghuo/xin-{number}/" for number in range(400, 405)]
    assert not [line for line in asked if "robots.txt" in line]  # remembered, for it is not a day old
    assert not [line for line in asked if "page=2" in line]  # each list is left at what is known
    assert len(asked) == nights.runs[1]["counts"]["fetched"] == 5 + 1 + 3 + 5  # pages; feed; JSON lists; sitemaps


def test_the_third_night_finds_nothing_and_the_feed_answers_not_modified(nights: Nights) -> None:
    assert counts(nights.runs[2]) | {"fetched": 0, "refused": 0} == {"fetched": 0, "new": 0, "changed": 0, "refused": 0}
    assert "GET /feed/ 304 conditional" in nights.requests[2]
    assert len(nights.requests[2]) == 1 + 3 + 5


def test_each_capture_lies_in_the_archive_as_it_was_received(nights: Nights, store: Store) -> None:
    captures = list(store.captures.all())
    assert len(captures) == sum(len(night) for night in nights.requests)
    for capture in captures[:: len(captures) // 20]:
        response = read_at(nights.workspace / "archive" / capture.warc, capture.offset, capture.sha256)
        assert (response.url, response.status) == (capture.url, capture.status)
