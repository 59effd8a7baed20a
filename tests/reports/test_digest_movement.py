from __future__ import annotations

import json
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from hostile import ATTACKS, hostile
from hostile import NOW as ATTACKED_AT
from hypothesis import given
from hypothesis import strategies as st
from nights import NOW, RATER, advert

from core.errors import InputError
from core.settings import Settings
from core.store import Store
from core.types import Capture, ContactKind, ContactPoint, Judgement, Lead, Provenance
from reports.cells import LINE, Workbook
from reports.digest import movement, pictures
from reports.digest.pictures import TILES
from reports.digest.report import build, render, write
from text.places import provinces

DAY = timedelta(days=1)
RECRUITING = "L0000000003"  # on baobao-forum since two days ago
SINCE = NOW - DAY


def join(store: Store, id: str, document: int) -> None:
    lead = store.leads.get(id)
    assert lead is not None
    store.leads.put(
        Lead(**{**{name: getattr(lead, name) for name in Lead.__slots__}, "documents": (*lead.documents, document)}),
        {},
        NOW,
    )


def answered(store: Store, document: int, status: int, at: timedelta) -> None:
    row = store.documents.row(document)
    assert row is not None
    store.captures.add(
        Capture(f"urn:uuid:{document}-{status}-{at}", row["source"], row["url"], NOW - at, status, "text/html", "0" * 64, 9, "a", 0, "allowed", Provenance.LIVE)
    )  # fmt: skip


def first_document(store: Store, id: str) -> int:
    lead = store.leads.get(id)
    assert lead is not None
    return lead.documents[0]


# -- platforms and returns --------------------------------------------------------------------------------------------


def test_a_lead_that_comes_to_another_platform_is_told_with_both(store: Store) -> None:
    join(store, RECRUITING, advert(store, "shenghuo-board", "hop", "招代理", "各地招人", NOW - timedelta(hours=3)))
    [hop] = [row for row in movement.hops(store, SINCE, NOW) if row["lead"] == RECRUITING]
    assert (hop["from"], hop["to"], hop["documents"]) == (["baobao-forum"], ["shenghuo-board"], 1)


def test_a_lead_that_grows_where_it_was_or_is_new_altogether_has_not_changed_platform(store: Store) -> None:
    join(store, RECRUITING, advert(store, "baobao-forum", "more", "招代理", "各地招人", NOW - timedelta(hours=3)))
    assert RECRUITING not in [row["lead"] for row in movement.hops(store, SINCE, NOW)]
    assert "L0000000000" not in [row["lead"] for row in movement.hops(store, SINCE, NOW)]


def test_a_page_that_answers_again_after_it_was_gone_is_back(store: Store) -> None:
    document = first_document(store, RECRUITING)
    answered(store, document, 404, 4 * DAY)
    assert movement.returns(store, SINCE, NOW) == []
    answered(store, document, 200, timedelta(hours=5))
    [row] = movement.returns(store, SINCE, NOW)
    assert (row["kind"], row["lead"], row["platform"]) == ("page", RECRUITING, "baobao-forum")
    assert movement.returns(store, NOW, NOW + DAY) == []  # in the next window it is no news


def test_a_network_that_posts_again_after_a_removal_is_back(store: Store) -> None:
    answered(store, first_document(store, RECRUITING), 410, DAY * 1.5)
    join(store, RECRUITING, advert(store, "baobao-forum", "again", "招代理", "各地招人", NOW - timedelta(hours=3)))
    [row] = movement.returns(store, SINCE, NOW)
    assert (row["kind"], row["documents"]) == ("again", 1)


def test_a_page_that_is_gone_and_stays_so_is_not_back(store: Store) -> None:
    document = first_document(store, RECRUITING)
    answered(store, document, 200, 3 * DAY)
    answered(store, document, 404, timedelta(hours=2))
    assert movement.returns(store, SINCE, NOW) == []


# -- contacts and places ----------------------------------------------------------------------------------------------


def test_top_contacts_are_masked_and_those_in_most_documents_come_first(store: Store) -> None:
    for number in range(3):
        id = advert(store, "baobao-forum", f"c{number}", "可约", "广东可上门", NOW - timedelta(hours=2))
        points = [ContactPoint(ContactKind.WECHAT, "zq0gang66", "zq0gang66", 0, 1)]
        points += [ContactPoint(ContactKind.QQ, "100000456", "100000456", 0, 1)] if number else []
        store.contact_points.add(id, 1, points, flagged=True)
    rows = movement.contacts(store, RATER, SINCE, NOW)
    assert [(row["kind"], row["documents"], row["new"]) for row in rows] == [("wechat", 3, 3), ("qq", 2, 2)]
    assert "zq0gang66" not in json.dumps(rows)


def test_a_document_counts_once_in_each_province_that_it_names(empty: Store) -> None:
    advert(empty, "a", "1", "广东、深圳、福建都可上门", "广东", NOW)
    advert(empty, "b", "2", "随便一条", "都可以", NOW)
    found = movement.places(empty, RATER, SINCE, NOW + DAY)
    assert (found["documents"], found["none"]) == (2, 1)
    assert found["provinces"] == {"广东": 1, "福建": 1}


def test_the_tile_map_has_each_of_the_34_once_and_no_two_on_one_place() -> None:
    assert len(pictures.TILES) == 34
    assert set(pictures.TILES) == set(provinces().values())
    assert len(set(pictures.TILES.values())) == 34


@given(st.dictionaries(st.sampled_from(sorted(pictures.TILES)), st.integers(0, 10_000)))
def test_shades_follow_the_counts(counts: dict[str, int]) -> None:
    cells = sorted(pictures.tiles(counts)["cells"], key=lambda cell: cell["count"])
    assert [cell["shade"] for cell in cells] == sorted(cell["shade"] for cell in cells)
    assert all((cell["shade"] == 0) == (cell["count"] == 0) for cell in cells)
    assert all(cell["shade"] <= pictures.SHADES for cell in cells)


@given(st.lists(st.integers(0, 500), min_size=1, max_size=6))
def test_the_parts_of_a_bar_lie_side_by_side_and_fill_it(counts: list[int]) -> None:
    parts = pictures.stack([{"documents": count} for count in counts])
    assert len(parts) == sum(count > 0 for count in counts)
    for part, following in pairwise(parts):
        assert part["x"] + part["width"] <= following["x"] + 1.2
    assert not parts or parts[-1]["x"] < 900


# -- drift ------------------------------------------------------------------------------------------------------------


def judged(store: Store, source: str, scores: list[float], at: timedelta) -> None:
    for number, score in enumerate(scores):
        id = advert(store, source, f"{at}-{number}", "x", "y", NOW - at)
        store.judgements.add([(id, 1, Judgement("unrelated", score >= 0.5, score, "model:linear@drift"))], NOW - at)


def test_scores_that_spread_as_before_have_not_drifted_and_others_have(empty: Store) -> None:
    usual = [number % 10 / 10 for number in range(200)]
    judged(empty, "same", usual, 9 * DAY)
    judged(empty, "same", usual, timedelta(hours=2))
    judged(empty, "moved", usual, 9 * DAY)
    judged(empty, "moved", [0.95] * 200, timedelta(hours=2))
    judged(empty, "small", [0.95] * 9, timedelta(hours=2))
    found = movement.drift(empty, "model:linear@drift", SINCE, NOW)
    assert {row["source"]: row["state"] for row in found["sources"]} == {
        "same": "same",
        "moved": "shifted",
        "small": "few",
    }
    assert [row["flagged"] for row in found["sources"] if row["source"] == "moved"] == [200]


@given(st.lists(st.integers(1, 500), min_size=10, max_size=10), st.lists(st.integers(1, 500), min_size=10, max_size=10))
def test_the_stability_index_is_never_negative_and_nothing_for_the_same(one: list[int], other: list[int]) -> None:
    assert movement.stability(one, other) >= -1e-12
    assert movement.stability(one, one) == pytest.approx(0)
    assert movement.stability(one, other) == pytest.approx(movement.stability(other, one))


# -- weekly, workbook -------------------------------------------------------------------------------------------------


def test_a_weekly_digest_covers_seven_days_and_is_a_file_of_its_own(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    data = build(store, settings, NOW, period="weekly")
    days = f"{data['window']['hours'] / 24:.1f}".removesuffix(".0")
    assert f"过去 {days} 天新增" in render(data)
    assert f"in the last {days} days" in " ".join(render(data).split())
    assert data["window"]["since"].startswith("2026-11-14T00:00:00+08:00")
    assert len(data["trend"]) == 8
    daily = build(store, settings, NOW)
    assert data["headline"]["new_leads"]["count"] > daily["headline"]["new_leads"]["count"]
    names = [path.name for path in (*write(data, tmp_path), *write(daily, tmp_path))]
    assert names == [
        f"digest-{period}2026-11-21.{suffix}" for period in ("weekly-", "") for suffix in ("html", "xlsx", "json")
    ]
    assert "每周摘要" in render(data)


def test_another_period_is_refused(store: Store, settings: Settings) -> None:
    with pytest.raises(InputError, match="daily or weekly"):
        build(store, settings, NOW, period="monthly")


def test_the_workbook_holds_what_the_data_hold_and_nothing_that_lives(settings: Settings, tmp_path: Path) -> None:
    with hostile(*ATTACKS) as store:
        data = build(store, settings, ATTACKED_AT)
        paths = write(data, tmp_path / "a")
    assert sorted(tmp_path.rglob("*.*")) == sorted(paths)
    book = openpyxl.load_workbook(paths[1])
    assert [cell.value for cell in book["优先线索 leads"]["A"]][1:] == [lead["id"] for lead in data["leads"]]
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]
    html = paths[0].read_text("utf-8")
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


HEADED_IN_ONE = {"中文", "English", "PSI", *TILES}  # the languages and provinces themselves


def test_the_workbook_speaks_both_languages_shows_beijing_time_and_no_empty_sheet(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    data = build(store, settings, NOW)
    book = openpyxl.load_workbook(write(data, tmp_path)[1])
    for sheet in book:
        heads = [str(cell.value) for cell in sheet[1]]
        assert all(re.search("[一-鿿].*[A-Za-z]", head) for head in heads if head not in HEADED_IN_ONE), heads
        assert sheet["A2"].value is not None, sheet.title
        assert not [
            cell.value
            for line in sheet.iter_rows()
            for cell in line
            if "T" in str(cell.value) and "+00:00" in str(cell.value)
        ]
    [first] = [row for row in book["来源 sources"].iter_rows(min_row=2, values_only=True) if row[0] == "wenda-site"]
    assert first[-1] == "静默 silent"
    silent = [row for row in data["trend"] if not row["pages"]]
    dashes = [row for row in book["走势 trend"].iter_rows(min_row=2, values_only=True) if row[1] == "—"]
    assert len(dashes) == len([row for row in silent if not row["flagged"]])


def test_an_empty_store_gives_a_workbook_that_says_none(empty: Store, settings: Settings, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write(build(empty, settings, NOW), tmp_path)[1])
    assert book["优先线索 leads"]["A2"].value == "（无） none"
    trend = [row[1:4] for row in book["走势 trend"].iter_rows(min_row=2, values_only=True)]
    assert set(trend) == {("—", "—", 0)}  # no crawl is not a count of nothing


def test_a_heading_of_two_lines_has_room_for_both(tmp_path: Path) -> None:
    with Workbook(tmp_path / "a.xlsx", NOW) as book:
        book.sheet("一", ("文档 documents", "线索"), [(1, "甲")], (9, 12))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert sheet.row_dimensions[1].height == pytest.approx(2 * LINE, abs=1)
    assert sheet.row_dimensions[2].height == pytest.approx(LINE, abs=1)
