from __future__ import annotations

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from nights import ADVERTS, NOW, SOURCES, add_lead, document

from core.settings import Settings
from core.store import Store
from core.types import Act, Decision, Refusal
from reports.digest.report import build, render, write

HOUR = timedelta(hours=1)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e{{ 7*7 }}</style>'


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text outside of the stylesheet."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.isolated = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if "bdi" in self.open:
            self.isolated += data + "\n"


@pytest.fixture
def data(store: Store, settings: Settings) -> dict[str, Any]:
    return build(
        store,
        settings,
        NOW,
        expected={"gangjian-blog": {"min": 500, "max": 900}, "baobao-forum": {"min": 40, "max": 400}},
    )


@pytest.fixture
def page(data: dict[str, Any]) -> Page:
    return Page(render(data))


# -- the window -----------------------------------------------------------------------------------------------------


def test_the_window_begins_where_the_digest_before_began(data: dict[str, Any]) -> None:
    assert data["window"]["hours"] == 27.0


def test_without_a_digest_before_the_window_is_a_day(empty: Store, settings: Settings) -> None:
    assert build(empty, settings, NOW)["window"]["hours"] == 24.0


def test_a_second_digest_of_a_day_loses_nothing(store: Store, settings: Settings, data: dict[str, Any]) -> None:
    store.runs.finish(store.runs.start("digest", NOW), NOW, {})
    assert (
        build(store, settings, NOW + HOUR)["headline"]["new_leads"]["count"] == data["headline"]["new_leads"]["count"]
    )


def test_the_day_is_that_of_beijing(data: dict[str, Any]) -> None:
    assert data["date"] == "2026-11-21"


def test_building_writes_nothing(store: Store, settings: Settings) -> None:
    before = "\n".join(store.db.conn.iterdump())
    build(store, settings, NOW)
    assert "\n".join(store.db.conn.iterdump()) == before


# -- leads ----------------------------------------------------------------------------------------------------------


def test_new_leads_stand_against_the_mean_of_the_seven_days_before(data: dict[str, Any]) -> None:
    assert data["headline"]["new_leads"] == {
        "count": 2,
        "a_day": 1.8,
        "mean_a_day": 0.9,
        "mean_days": 7,
        "mean_over": 7,
    }


def test_a_store_of_one_night_has_no_mean(empty: Store, settings: Settings) -> None:
    empty.runs.start("crawl", NOW - HOUR)
    data = build(empty, settings, NOW)
    assert data["headline"]["new_leads"]["mean_a_day"] is None
    assert "尚无均值" in render(data)


def test_events_of_the_window_are_counted_by_kind(data: dict[str, Any]) -> None:
    assert {kind: data["headline"][kind] for kind in ("grown", "merged", "split", "emptied")} == {
        "grown": 1, "merged": 1, "split": 1, "emptied": 0,
    }  # fmt: skip


def test_a_merged_lead_says_into_which(data: dict[str, Any]) -> None:
    merged = next(event for event in data["events"] if event["kind"] == "merged")
    assert (merged["lead"], merged["into"]) == ("L00000000aa", "L0000000001")


def test_top_leads_are_by_priority_and_undecided(data: dict[str, Any]) -> None:
    ids = [lead["id"] for lead in data["leads"]]
    assert ids[:5] == [f"L{number:010x}" for number in range(5)]
    assert "L0000000005" not in ids  # it was rejected


def test_a_lead_tells_provinces_by_documents(data: dict[str, Any]) -> None:
    assert data["leads"][0]["provinces"] == [["浙江", 2], ["福建", 2], ["广东", 2]]


def test_a_lead_tells_what_it_falls_under(data: dict[str, Any], page: Page) -> None:
    assert "中华人民共和国国境卫生检疫法 第二十二条、第四十六条" in data["leads"][0]["law"]
    assert "涉及 falls under 中华人民共和国国境卫生检疫法" in " ".join(page.text.split())


def test_reasons_are_taken_apart(data: dict[str, Any]) -> None:
    assert data["leads"][0]["reasons"][0] == {
        "part": "probability",
        "name": "概率",
        "value": "0.93",
        "why": "highest score of 2 documents",
    }


def test_an_undone_answer_leaves_a_lead_undecided(data: dict[str, Any]) -> None:
    assert data["backlog"]["unsure"] == 0
    assert "L0000000004" in [lead["id"] for lead in data["leads"]]


def test_the_backlog_names_its_oldest(empty: Store, settings: Settings) -> None:
    for id, days in (("La", 3), ("Lb", 9), ("Lc", 12)):
        add_lead(empty, id, "fetal_sex_test_ad", "x", "y", "p", (), 0.5, NOW - timedelta(days=days))
    empty.decisions.add(Decision("Lc", Act.CONFIRM, "zq0", NOW))
    backlog = build(empty, settings, NOW)["backlog"]
    assert (backlog["open"], backlog["undecided"], backlog["oldest"], backlog["oldest_days"]) == (3, 2, "Lb", 9)


def test_no_contact_is_whole_anywhere(data: dict[str, Any]) -> None:
    everything = render(data) + json.dumps(data, ensure_ascii=False)
    assert not [value for advert in ADVERTS for _, value in advert[4] if value in everything]


# -- the scan -------------------------------------------------------------------------------------------------------


def alarms_on(data: dict[str, Any], subject: str) -> list[str]:
    return [entry["level"] for entry in data["alarms"] if entry["subject"] == subject]


def test_sources_add_up_to_the_headline(data: dict[str, Any]) -> None:
    assert [row["source"] for row in data["sources"]] == SOURCES
    assert sum(row["fetched"] for row in data["sources"]) == data["headline"]["fetched"] == 22


def test_a_source_that_fell_silent_is_an_alarm(data: dict[str, Any]) -> None:
    assert alarms_on(data, "wenda-site") == ["alarm"]


def test_silence_is_borne_for_as_many_crawls_as_set(store: Store, settings: Settings) -> None:
    assert alarms_on(build(store, settings.replace(silent_after=3), NOW), "wenda-site") == []


def test_a_page_that_is_unchanged_is_a_sign_of_life(store: Store, settings: Settings) -> None:
    capture = next(iter(store.captures.all("wenda-site")))
    values = {name: getattr(capture, name) for name in type(capture).__slots__}
    store.captures.add(type(capture)(**{**values, "id": "urn:uuid:304", "status": 304, "fetched_at": NOW - 4 * HOUR}))
    assert alarms_on(build(store, settings, NOW), "wenda-site") == []


def test_known_documents_seen_again_are_a_sign_of_life(store: Store, settings: Settings) -> None:
    document(store, "wenda-site", "5-1", "婴儿车转让", "九成新，自提。", NOW - 4 * HOUR)
    assert alarms_on(build(store, settings, NOW), "wenda-site") == []


def test_a_source_that_is_not_asked_any_more_is_no_alarm(store: Store, settings: Settings) -> None:
    at = NOW + timedelta(days=2)
    store.runs.finish(store.runs.start("crawl", at, {"sources": SOURCES[:2]}), at, {})
    assert alarms_on(build(store, settings, at + HOUR, since=at), "wenda-site") == []


def test_fewer_documents_than_declared_is_a_notice(data: dict[str, Any]) -> None:
    assert alarms_on(data, "gangjian-blog") == ["notice"]


def test_more_documents_in_a_run_than_declared_is_a_notice(store: Store, settings: Settings) -> None:
    assert alarms_on(build(store, settings, NOW, expected={"baobao-forum": {"max": 2}}), "baobao-forum") == ["notice"]


def test_a_source_that_never_answered_is_a_notice(empty: Store, settings: Settings) -> None:
    run = empty.runs.start("crawl", NOW - HOUR, {"sources": ["new-site"]})
    empty.refusals.add(Refusal("http://new-site.example/", "new-site", "robots.txt", "", NOW - HOUR, run))
    empty.runs.finish(run, NOW, {})
    assert alarms_on(build(empty, settings, NOW), "new-site") == ["notice"]


def test_a_night_without_a_crawl_is_an_alarm(empty: Store, settings: Settings) -> None:
    assert alarms_on(build(empty, settings, NOW), "crawl") == ["alarm"]


@pytest.mark.parametrize("state", ["failed", "interrupted"])
def test_a_run_that_did_not_finish_is_an_alarm(empty: Store, settings: Settings, state: str) -> None:
    empty.runs.finish(empty.runs.start("crawl", NOW - HOUR), NOW, {}, state=state)
    assert alarms_on(build(empty, settings, NOW), "crawl #1") == ["alarm"]


def test_a_run_that_never_ended_is_an_alarm_the_next_day(empty: Store, settings: Settings) -> None:
    empty.runs.start("crawl", NOW - HOUR)
    assert alarms_on(build(empty, settings, NOW), "crawl #1") == ["notice"]
    assert alarms_on(build(empty, settings, NOW + timedelta(days=2)), "crawl #1") == ["alarm"]


def test_the_run_that_makes_the_digest_is_not_told_of(data: dict[str, Any]) -> None:
    assert {run["stage"] for run in data["runs"] if run["state"] == "running"} == set()


def test_issues_of_a_run_are_notices(data: dict[str, Any]) -> None:
    assert "1 page had no text" in [entry["zh"] for entry in data["alarms"]]


def test_refusals_are_grouped_with_an_inert_example(data: dict[str, Any]) -> None:
    row = next(row for row in data["refusals"] if row["source"] == "baobao-forum" and row["reason"] == "wall")
    assert (row["count"], row["example"]) == (3, "hxxp://baobao-forum[.]example/admin/0?from=hxxp://x.example/")


# -- what the model said --------------------------------------------------------------------------------------------


def test_seekers_are_a_count_and_nothing_else(store: Store, settings: Settings) -> None:
    before = build(store, settings, NOW)["judged"]["seekers"]
    document(store, "baobao-forum", "asks", "请问满六周可以去了吗", "婆婆催得紧", NOW - HOUR)
    data = build(store, settings, NOW)
    assert data["judged"]["seekers"] == before + 1
    assert "婆婆催得紧" not in render(data)
    assert "满六周" not in render(data)


def test_the_trend_has_fourteen_days_and_marks_the_last(data: dict[str, Any]) -> None:
    assert [row["day"] for row in data["trend"]][::13] == ["2026-11-08", "2026-11-21"]
    assert [row["partial"] for row in data["trend"]] == [False] * 13 + [True]
    assert data["trend"][-1] == {"day": "2026-11-21", "pages": 22, "flagged": 5, "leads": 2, "partial": True}


def test_only_the_model_in_use_is_counted(store: Store, settings: Settings) -> None:
    data = build(store, settings.replace(model="other"), NOW)
    assert (data["rater"], data["judged"]["documents"]) == ("", 0)


def test_counts_of_the_model_are_called_so(page: Page) -> None:
    words = " ".join(page.text.split())
    assert "flagged by the model" in words
    assert "pages this crawl reached" in words
    assert "say nothing of prevalence" in words
    assert "A lead (线索), not a finding" in words


# -- the page -------------------------------------------------------------------------------------------------------


def test_the_page_loads_and_runs_nothing(page: Page) -> None:
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "a", "iframe", "object", "form", "base"}
    assert not [
        name
        for _, attributes in page.tags
        for name in attributes
        if name.startswith("on") or name in ("style", "src", "href")
    ]


def test_the_policy_of_the_page_forbids_the_rest(page: Page) -> None:
    policies = [
        attributes["content"]
        for tag, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_the_style_asks_for_nothing(data: dict[str, Any]) -> None:
    assert not re.search(r"@import|url\(|expression", render(data))


def test_pictures_have_their_table(page: Page, data: dict[str, Any]) -> None:
    drawn = [attributes for tag, attributes in page.tags if tag == "svg" and attributes.get("role") == "img"]
    assert [attributes["class"] for attributes in drawn] == ["tilemap", "trend flagged", "trend leads", "stack"]
    assert all(row["day"][5:] in page.text for row in data["trend"])


def test_an_empty_store_makes_a_page(empty: Store, settings: Settings) -> None:
    assert "没有待判断的线索" in render(build(empty, settings, NOW))


def test_what_pages_say_stays_text(store: Store, settings: Settings) -> None:
    at = NOW - HOUR
    add_lead(
        store,
        "Lhostile",
        "fetal_sex_test_ad",
        HOSTILE,
        HOSTILE,
        HOSTILE,
        (("wechat", HOSTILE), (HOSTILE, "x" * 9000)),
        0.99,
        at,
    )
    run = store.runs.start("crawl", at, {"sources": [HOSTILE]})
    store.refusals.add(Refusal(f"http://x.example/{HOSTILE}", HOSTILE, HOSTILE, HOSTILE, at, run))
    store.runs.finish(run, at, {}, [HOSTILE], "failed")
    html = render(build(store, settings, NOW))
    page = Page(html)
    assert {tag for tag, _ in page.tags} & {"script", "img"} == set()
    assert html.count("</style>") == 1
    assert "\u202e" not in html
    assert "<script>alert(1)</script>" in page.isolated
    assert "{{ 7*7 }}" in page.isolated
    assert max(len(line) for line in page.isolated.splitlines()) < 400


def test_files_bear_the_date_and_hold_the_same(data: dict[str, Any], tmp_path: Path) -> None:
    paths = write(data, tmp_path / "out")
    assert [path.name for path in paths] == [f"digest-2026-11-21.{suffix}" for suffix in ("html", "xlsx", "json")]
    assert json.loads(paths[2].read_text("utf-8")) == data
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in paths)
