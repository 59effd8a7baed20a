"""Common Crawl's index and archive, on loopback and on files that we make in its format."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from archive_server import CDX, FILE, CommonCrawl, entries, warc
from site_server import configure, declare, night

from core.errors import InputError
from core.store import Store
from core.types import Document, Provenance
from crawler.adapters import adapter
from crawler.adapters.commoncrawl import entry_of
from crawler.pages import Follow, Page
from crawler.sources import Source

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SOURCE = Source(
    "cc", "河边", "commoncrawl", "river", ("http://index.test/CC-MAIN-2026-43-index?url=*.river.example&output=text",), Path(),
    hosts=("index.test", "data.test"), data_url="http://data.test/", document={"title": "h1", "text": ".t", "published": "em"}, id_pattern=r"/t-(\d+)",
)  # fmt: skip


def post(number: int) -> tuple[str, str, bytes]:
    body = f'<html><body><h1>帖{number}</h1><em>3小时前</em><p class="t">看见白鹭{number}</p><a class="n" href="/t-{number + 1}.html">下一页</a></body></html>'
    return f"http://river.example/t-{number}.html", "text/html", body.encode()


POSTS = [post(number) for number in range(1, 6)]
CONTENT = warc(POSTS)


def read(role: str, body: bytes | str, source: Source = SOURCE, **more: Any) -> list[Any]:
    content = body.encode() if isinstance(body, str) else body
    url = more.pop("url", "http://index.test/CC-MAIN-2026-43-index?url=*.river.example&output=json")
    return list(adapter("commoncrawl").read(source, Page(url, content, AT, role, **more)))


def test_a_query_begins_with_how_many_pages_its_answer_has() -> None:
    (first,) = adapter("commoncrawl").start(SOURCE)
    assert first.url == "http://index.test/CC-MAIN-2026-43-index?url=%2A.river.example&output=json&showNumPages=true"
    (page,) = read("count", '{"pages": 3, "pageSize": 5, "blocks": 11}', extra=first.extra)
    assert (page.role, page.url.endswith("output=json&page=0"), page.extra["of"]) == ("index", True, 3)
    assert read("count", '{"pages": 0, "pageSize": 5, "blocks": 0}', extra=first.extra) == []
    with pytest.raises(InputError, match="of a CDX index"):
        read("count", "<html>")


def test_the_index_leads_to_captures_of_html_pages_by_their_bytes_and_then_on() -> None:
    lines = [json.dumps(entry) for entry in entries(CONTENT)[:2]]
    lines += [json.dumps({**entries(CONTENT)[2], **changes}) for changes in (
        {"status": "404"}, {"mime-detected": "application/pdf"}, {"length": "999999999"}, {"length": "x"}, {"offset": "-5"},
    )]  # fmt: skip
    found = read("index", "\n".join(lines), extra={"query": SOURCE.start_urls[0], "number": 0, "of": 2})
    assert [item.role for item in found] == ["record", "record", "index"]
    offset, length = int(entries(CONTENT)[0]["offset"]), int(entries(CONTENT)[0]["length"])
    assert found[0].url == f"http://data.test/{FILE}#{offset}-{length}"
    assert found[0].extra["bytes"] == [offset, offset + length - 1]
    assert found[0].document
    assert "page=1" in found[2].url
    with pytest.raises(InputError, match="expected lines of a CDX index"):
        read("index", "<html>\n<body>")


def test_lines_of_a_raw_cdx_file_are_read_too() -> None:
    line = 'example,river)/t-1.html 20261106134043 {"url": "http://river.example/t-1.html", "charset": "GBK", "offset": "7"}'
    assert entry_of(line) == {
        "timestamp": "20261106134043",
        "url": "http://river.example/t-1.html",
        "charset": "GBK",
        "offset": "7",
    }
    assert entry_of('{"url": "x"}') == {"url": "x"}
    assert entry_of("nothing") is None


def piece(number: int) -> tuple[list[int], bytes]:
    entry = entries(CONTENT)[number]
    first = int(entry["offset"])
    return [first, first + int(entry["length"]) - 1], CONTENT[first : first + int(entry["length"])]


def test_a_capture_is_read_as_of_its_own_time_and_says_where_it_lies() -> None:
    places, body = piece(1)
    (found,) = read(
        "record",
        body,
        url=f"http://data.test/{FILE}#{places[0]}-9",
        extra={"bytes": places},
        headers={"content-range": f"bytes {places[0]}-{places[1]}/9"},
    )
    assert isinstance(found, Document)
    assert (found.native_id, found.title, found.text, found.url) == (
        "2",
        "帖2",
        "看见白鹭2",
        "http://river.example/t-2.html",
    )
    assert found.published_at == datetime(2026, 11, 6, 10, 40, 43, tzinfo=UTC)  # 3小时前 of when it was captured
    assert (found.fields["archive"], found.fields["archived_at"]) == (
        f"http://data.test/{FILE}#{places[0]}-9",
        "2026-11-06T13:40:43+00:00",
    )
    assert found.site.host == "river.example"


def test_a_server_that_knows_no_ranges_gives_the_whole_file_and_the_part_is_cut_out() -> None:
    places, _ = piece(3)
    (found,) = read("record", CONTENT, extra={"bytes": places})
    assert found.native_id == "4"


@pytest.mark.parametrize("body", [b"", b"<html>", b"\x1f\x8b\x08", warc([])])
def test_bytes_that_hold_no_capture_are_told(body: bytes) -> None:
    with pytest.raises(InputError, match="expected a"):
        read("record", body, extra={"bytes": [0, 10_000]})


def test_nothing_that_an_archived_page_links_is_fetched() -> None:
    places, body = piece(0)
    source = Source(
        **{**{name: getattr(SOURCE, name) for name in Source.__slots__}, "document": {**SOURCE.document, "next": "a.n"}}
    )
    assert not [
        item
        for item in read(
            "record", body, source, extra={"bytes": places}, headers={"content-range": f"bytes {places[0]}-"}
        )
        if isinstance(item, Follow)
    ]


DECLARED = """
title: cc
kind: commoncrawl
platform: river
start_urls: ['{url}{cdx}?url=*.river.example']
data_url: '{url}/'
id_pattern: '/t-(\\d+)'
document: {document}
"""


@pytest.mark.parametrize("document", ["{title: h1, text: .t}", "{title: h1}"], ids=["selectors", "read later"])
def test_a_night_over_the_archive_asks_for_each_range_once(tmp_path: Path, document: str) -> None:
    lines = [json.dumps(entry) for entry in entries(CONTENT)]
    with CommonCrawl(CONTENT, lines) as crawl:
        configure(tmp_path)
        declare(tmp_path, "cc", DECLARED.format(url=crawl.url, cdx=CDX, document=document))
        first, second = night(tmp_path), night(tmp_path)
        asked = [span for path, span in crawl.asked if path == f"/{FILE}"]
    assert (first["counts"]["new"], second["counts"]["new"]) == (5, 0)
    assert (len(asked), len(set(asked))) == (5, 5)
    with Store.open(tmp_path / "xuncha.db") as store:
        documents = [d for batch in store.documents.unjudged("nobody") for _, _, d in batch]
        captures = {c.id: c for c in store.captures.all("cc")}
        assert store.refusals.all() == []
    assert sorted(d.native_id for d in documents) == ["1", "2", "3", "4", "5"]
    assert all("看见白鹭" in d.text for d in documents)
    used = [captures[d.capture] for d in documents]
    assert {(c.status, c.provenance) for c in used} == {(206, Provenance.ARCHIVE)}
    assert len({c.url for c in used}) == 5
    assert {c.provenance for c in captures.values() if c not in used} == {Provenance.LIVE}
