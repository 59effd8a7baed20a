"""Facts about telling a quiet source from a broken one, and about flagged pages in the digest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.settings import load
from core.store import Store
from core.types import Capture, Document, Judgement, Provenance
from reports.digest.report import build, render
from reports.digest.yields import drop, layout, quiet

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
ZERO = dict.fromkeys(
    ("waiting", "lists", "unchanged", "links", "pages", "empty", "documents", "titled", "authored", "dated", "new"), 0
)


def rows(*given: dict[str, int]) -> list[dict[str, int]]:
    return [{**ZERO, **row} for row in given]


GOOD = {"lists": 2, "links": 40, "pages": 10, "documents": 10, "titled": 10, "authored": 10, "dated": 10, "new": 10}


@pytest.mark.parametrize(
    ("tonight", "words"),
    [
        ({"lists": 2}, "2 lists with 0.0 entries each, 20.0 before"),
        ({"lists": 2, "links": 6}, "2 lists with 3.0 entries each"),
        (
            {**GOOD, "documents": 4, "empty": 6, "authored": 4, "dated": 4, "titled": 4},
            "6 of 10 pages gave no document",
        ),
        ({**GOOD, "authored": 1}, "10% of the documents have a author, 100% before"),
        ({**GOOD, "dated": 0}, "0% of the documents have a time of publication"),
    ],
)
def test_a_layout_that_changed_is_seen_the_first_night(tonight: dict[str, int], words: str) -> None:
    state, zh, en = layout(rows(tonight, GOOD, GOOD, GOOD)) or ("", "", "")
    assert state == "layout"
    assert words.replace("a author", "a author") in en
    assert zh


@pytest.mark.parametrize(
    "tonight",
    [GOOD, {"unchanged": 2}, {"waiting": 1}, {"lists": 2, "links": 36}, {"lists": 1, "links": 20, "pages": 2, "empty": 2}, {}],
)  # fmt: skip
def test_a_quiet_night_is_no_change_of_layout(tonight: dict[str, int]) -> None:
    assert layout(rows(tonight, GOOD, GOOD, GOOD)) is None


def test_nothing_is_said_without_a_past() -> None:
    assert layout([]) is None
    assert layout(rows({"lists": 2})) is None
    assert drop(rows({}, {}, {}, GOOD, GOOD)) is None


def test_a_drop_is_measured_against_the_median_so_that_the_first_crawl_does_not_count() -> None:
    quiet_site = {"lists": 1, "links": 20}
    usual = [{**GOOD, "new": 1}] * 5
    assert drop(rows(*[quiet_site] * 3, *usual, {**GOOD, "new": 2000})) is None
    assert drop(rows(*[quiet_site] * 3, *[GOOD] * 5)) is not None
    assert drop(rows(*[{**GOOD, "new": 4}] * 3, *[GOOD] * 5)) is None


def test_quiet_means_that_the_site_answered_as_ever() -> None:
    assert quiet(rows({"lists": 1, "links": 3}), 2)
    assert quiet(rows({}, {"unchanged": 1}), 2)
    assert not quiet(rows({}, {"lists": 3}, {"links": 9}), 2)


def crawled(store: Store, day: int, counts: dict[str, int], new: int = 0, refused: int = 0) -> int:
    """One night at the forum, so many days ago."""
    at = NOW - timedelta(days=day, hours=2)
    run = store.runs.start("crawl", at, {"sources": ["forum"]})
    with store.atomic():
        store.yields.add(run, "forum", counts)
    capture = Capture(f"urn:uuid:{day}", "forum", "http://forum.test/", at, 200, "text/html", "0" * 64, 9, "a.warc", 0, "allowed",
                      Provenance.LIVE, run)  # fmt: skip
    store.captures.add(capture)
    for number in range(new):
        document = Document(
            "forum",
            f"{day}-{number}",
            f"http://forum.test/{day}-{number}",
            "post",
            "婴儿车",
            source="forum",
            capture=capture.id,
        )
        store.documents.add(document, at, run)
    store.runs.finish(run, at + timedelta(minutes=9), {})
    return run


def told(store: Store, tmp_path: Path) -> dict[str, Any]:
    return build(store, load(tmp_path, {}), NOW)


def test_a_quiet_html_site_is_no_alarm_and_a_broken_one_is(tmp_path: Path) -> None:
    for counts, state in (({"lists": 1, "links": 20}, ""), ({"lists": 1}, "layout"), ({}, "silent")):
        with Store.in_memory() as store:
            for day in range(6, 2, -1):
                crawled(store, day, GOOD, new=2)
            for day in (2, 1, 0):
                crawled(store, day, counts)
            data = told(store, tmp_path)
        [row] = data["sources"]
        assert row["state"] == state
        assert [alarm["level"] for alarm in data["alarms"] if alarm["subject"] == "forum"] == (
            ["alarm"] if state else []
        )


def test_flagged_pages_that_went_and_came_back_stand_in_the_digest(tmp_path: Path) -> None:
    with Store.in_memory() as store:
        crawled(store, 3, GOOD, new=3)
        for id in (1, 2, 3):
            store.judgements.add([(id, 1, Judgement("fetal_sex_test_ad", True, 0.9, "model:linear@0"))], NOW)
        for id, state, hours in (
            (1, "up", 40),
            (2, "gone", 40),
            (3, "gone", 4),
            (2, "up", 3),
            (1, "up", 3),
            (3, "gone", 2),
        ):
            store.sightings.add(id, NOW - timedelta(hours=hours), state, "status 404" if state == "gone" else "")
        data = told(store, tmp_path)
    assert data["presence"]["counts"] == {"up": 1, "changed": 0, "gone": 1, "returned": 1, "unreached": 0}
    assert data["presence"]["turned"] == {"changed": 0, "gone": 1, "returned": 1}
    assert [(turn["document"], turn["state"]) for turn in data["presence"]["turns"]] == [(2, "returned"), (3, "gone")]
    html = render(data)
    assert "删后重现 returned after removal" in html
    assert "status 404" in html
