"""What a lead hangs together with: network, template, similar confirmed adverts, map, timeline, whether its pages stand, captures."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from busy_desk import busy, rivals, visited
from leads_desk import NOW, Clock
from starlette.applications import Starlette
from visitor import Visitor

from core.labels import labels
from core.store import Store
from core.types import Act, Capture, Decision, Document, Provenance
from evidence.archive import Archive
from review.capture import _text
from review.picture import Node, fitting, network, tiles, timeline

FIRST = "L0000000000"


@pytest.fixture
def told(store: Store) -> Store:
    rivals(store)
    return store


def test_a_template_shows_what_stays_and_what_varies(mei: Visitor, told: Store) -> None:
    mei.get("/lead/Lroute0001/template")
    assert re.search(r'class="constant">[^<]*罗湖口岸有人接', mei.page)
    slots = re.findall(r'class="slot (\w+)"', mei.page)
    assert {"place", "contact"} <= set(slots)
    assert "9 documents of one text, 6 of them here" in mei.text
    assert "zq0route7" not in mei.page


def test_a_template_tells_contacts_after_a_reveal_only(mei: Visitor, told: Store) -> None:
    mei.get("/lead/Lroute0001")
    mei.post("/lead/Lroute0001/reveal", {})
    mei.get("/lead/Lroute0001/template")
    assert "zq0route7" in mei.page


def test_a_network_leads_to_the_rival_by_text_and_not_by_contact(mei: Visitor, told: Store) -> None:
    mei.get("/lead/Lroute0001/network")
    assert 'href="/lead/Lrival0001"' in mei.page
    assert "leads on to" in mei.text or "Other leads that this leads to" in mei.text
    assert "zq0route7" not in mei.page
    mei.get("/lead/L0000000004/network")  # its QQ number stands in another lead too
    assert 'href="/lead/L0000000003"' in mei.page


def test_every_tie_of_the_picture_stands_in_the_table(mei: Visitor, told: Store) -> None:
    mei.get("/lead/Lroute0001/network")
    paths = len(re.findall(r'<path class="(?:contact|text) w', mei.page))
    rows = mei.page.split("<tbody>")[1].split("</tbody>")[0].count("<tr>")
    assert paths == rows >= 3


def test_similar_confirmed_adverts_are_found_by_what_they_share(mei: Visitor, told: Store, clock: Clock) -> None:
    mei.get("/lead/Lroute0001/similar")
    assert "No confirmed advert" in mei.text
    told.decisions.add(Decision("Lrival0001", Act.CONFIRM, "bo", clock(), "fetal_sex_test_ad"))
    mei.get("/lead/Lroute0001/similar")
    assert 'href="/lead/Lrival0001"' in mei.page
    share = re.search(r"(\d+) %", mei.text)
    assert share
    assert int(share[1]) > 50


def test_a_part_is_put_into_a_page_or_is_a_page(mei: Visitor, told: Store) -> None:
    mei.get("/lead/Lroute0001/similar")
    assert mei.page.startswith("<!doctype html>")
    mei.get("/lead/Lroute0001/similar", **{"hx-request": "true"})
    assert mei.page.startswith('<div class="part">')
    assert "<html" not in mei.page


def test_the_map_counts_provinces_and_every_one_of_them_has_a_cell(mei: Visitor, told: Store) -> None:
    mei.get("/lead/Lroute0001")
    assert re.search(r"<title>Fujian: 2</title>", mei.page)
    assert mei.page.count('<g class="s') == 34
    assert "Tibet: 0" in mei.page


def test_the_timeline_has_a_bar_for_each_day_with_documents(mei: Visitor, told: Store) -> None:
    mei.get("/lead/Lroute0001")
    assert mei.page.count('class="bar-n"') == 6
    assert "documents first seen by day" in mei.text


def test_the_page_tells_whether_each_document_is_still_online(mei: Visitor, store: Store) -> None:
    mei.get(f"/lead/{FIRST}")
    assert mei.text.count("not looked at again") == 3
    visited(store)
    mei.get(f"/lead/{FIRST}")
    assert re.findall(r'class="up (\w+)"', mei.page) == ["up", "gone", "changed"]
    assert "gone 2026-11-21" in mei.text


def test_a_capture_is_shown_as_text_to_who_revealed(
    app: Starlette, mei: Visitor, store: Store, database: Path, clock: Clock
) -> None:
    archive = Archive(database.parent / "archive", "t", "xuncha/test")
    body = '<script>pwned(1)</script><p onclick="pwned(2)">寄血 加薇 zq0yangben88</p>'.encode()
    filed = archive.add(
        "http://x.example/a",
        clock(),
        "HTTP/1.1 200 OK",
        [("Content-Type", "text/html; charset=utf-8"), ("X-Evil", "<img src=x>")],
        body,
    )
    archive.close()
    store.captures.add(
        Capture(filed.id, "shenghuo-board", "http://x.example/a", clock(), 200, "text/html", filed.sha256, filed.size, filed.warc, filed.offset,
                "allowed", Provenance.LIVE)
    )  # fmt: skip
    row = store.documents.row(store.leads.get(FIRST).documents[0])  # type: ignore[union-attr]
    assert row
    store.documents.add(
        Document(
            row["platform"],
            row["native_id"],
            row["url"],
            "post",
            row["text"] + "改",
            row["title"],
            source=row["source"],
            capture=filed.id,
        ),
        clock(),
    )
    mei.get(f"/capture/{filed.id}")
    assert "Reveal those of the lead first" in mei.text
    assert "zq0yangben88" not in mei.page
    mei.get(f"/lead/{FIRST}")
    mei.post(f"/lead/{FIRST}/reveal", {})
    answer = mei.get(f"/capture/{filed.id}")
    assert "pwned(1)" in mei.text
    assert "<script>pwned" not in mei.page
    assert "<img src=x" not in mei.page
    assert answer.headers["content-type"].startswith("text/html")
    last = [entry for entry in store.ledger.entries() if entry["action"] == "capture opened"][-1]
    assert last["object"] == FIRST


@pytest.mark.parametrize("said", ["utf-8", "gb2312", "iso-8859-1"])
def test_a_capture_is_read_in_the_charset_that_its_bytes_are_in(said: str) -> None:
    body = "<p>附近的护士过去抽，冷藏箱当晚到深圳，第四天拿结果</p>".encode("gbk")
    assert "冷藏箱当晚到深圳" in _text([("Content-Type", f"text/html; charset={said}")], body)


def test_a_capture_whose_archive_is_gone_says_so(mei: Visitor) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.post(f"/lead/{FIRST}/reveal", {})
    mei.get(f"/capture/urn:uuid:{FIRST}-0")
    assert "does not match the record" in mei.text


@pytest.mark.parametrize("id", ["nothing", "urn:uuid:0-baobao-forum-0", "..%2f..%2fetc", "%00"])
def test_a_capture_of_no_lead_is_not_shown(mei: Visitor, id: str) -> None:
    assert mei.get(f"/capture/{id}").status_code == 404
    assert mei.get(f"/capture/{id}/screenshot.png").status_code == 404


def test_a_screenshot_needs_a_reveal(mei: Visitor) -> None:
    assert mei.get(f"/capture/urn:uuid:{FIRST}-0/screenshot.png").status_code == 403


@pytest.mark.parametrize("page", ["", "/network", "/template", "/similar"])
def test_every_part_works_for_the_hostile_lead(mei: Visitor, store: Store, page: str) -> None:
    busy(store)
    assert mei.get(f"/lead/Lhostile{page}").status_code == 200
    for sign in ("<script>pwned", "<img src=x", "<svg/onload", "<iframe"):
        assert sign not in mei.page


def test_every_reason_of_the_model_is_said_in_chinese() -> None:
    from classifier.reasons import cues, reason
    from review.words import Words

    words = Words("zh")
    for one in {*cues().reasons, reason("没有线索的字句")}:
        assert not re.search("[a-z]{3}", words.why(one)), one
    assert words.why("offers a service; states a price") == "提供服务；报价"


def test_every_reason_of_the_priority_is_said_in_chinese() -> None:
    from leads.priority import priority
    from review.words import Words

    words = Words("zh")
    for contacts, days in (((), 3), ((("wechat", "zq0"),), 0)):
        _, reasons = priority(
            [0.9, 0.8], 0.8, labels()["seeker"].title, NOW - timedelta(days=days), NOW, contacts, ["a", "b"]
        )
        for text in reasons:
            _, value, why = words.reason(text)
            assert value is not None
            assert not re.search("[a-z]{3}", why.replace("wechat", "")), why


def test_a_timeline_takes_longer_steps_the_longer_it_is() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    steps = [timeline([start, start + timedelta(days=days)], []).step for days in (0, 45, 200, 900)]  # type: ignore[union-attr]
    assert steps == ["day", "day", "week", "month"]
    assert timeline([], []) is None


def test_a_single_day_is_a_bar_in_the_middle_and_no_wall() -> None:
    [bar] = timeline([NOW], []).bars  # type: ignore[union-attr]
    assert bar.width == 28
    assert bar.x == 306


def test_the_bars_of_a_timeline_stay_inside_and_count_all() -> None:
    start = datetime(2026, 1, 31, 20, tzinfo=UTC)  # the first of February in Beijing
    drawn = timeline([start + timedelta(days=7 * week % 600) for week in range(200)], [(start, "confirm")])
    assert drawn
    assert sum(bar.n for bar in drawn.bars) == 200
    assert all(bar.x >= 0 and bar.x + bar.width <= 640.1 and bar.y >= 0 for bar in drawn.bars)
    assert [kind for _, kind, _ in drawn.marks] == ["confirm"]


def test_the_strongest_province_is_shown_strongest() -> None:
    _, _, cells = tiles({"浙江": 9, "福建": 1})
    assert {cell.name: cell.strength for cell in cells if cell.n} == {"浙江": 4, "福建": 1}
    assert len({(cell.x, cell.y) for cell in cells}) == 34


def test_a_large_network_is_cut_and_says_so() -> None:
    columns = [[Node(f"d{i}", "documents", "x", 1) for i in range(100)], [Node("c", "contact", "y", 100)]]
    drawn = network(columns, {(f"d{i}", "c"): ("contact", 1) for i in range(100)})
    assert (len(drawn.nodes), drawn.hidden, len(drawn.edges)) == (61, 40, 60)


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("abc", 100, "abc"), ("微信微信微信", 52, "微信微…"), ("", 10, "")]
)
def test_a_label_fits_its_box(text: str, width: float, shown: str) -> None:
    assert fitting(text, width) == shown
