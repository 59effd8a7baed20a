"""Documents and what hangs on them: versions, judgements, contact points, captures, refusals, robots texts, runs."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
from stored import LATER, NOW, RATER, add, capture, document, judgement, wechat

from core.store import Store
from core.store.judged import bystander
from core.types import Act, Change, Decision, Document, Picture, Refusal, SiteContext

BEIJING = timezone(timedelta(hours=8))


def test_a_document_comes_back_as_it_was_stored(store: Store) -> None:
    whole = Document(
        "forum", "p-1", "http://forum.example/1", "comment", "正文\n第二行", "标题", "港顺姐", NOW.astimezone(BEIJING), "昨天 10:00",
        SiteContext("暖窝论坛", ("首页", "备孕"), "页脚", "forum.example", "/nannv/1"), ("http://b.example/",),
        (Picture("http://forum.example/a.png", "图"),), "forum", "urn:uuid:1", "p-0", {"likes": 3, "tags": ["a"]},
    )  # fmt: skip
    id, change = store.documents.add(whole, NOW)
    assert change is Change.NEW
    assert store.documents.get(id) == whole
    assert store.documents.find("forum", "p-1") == id


def test_the_same_text_again_is_known_and_only_its_last_sight_moves(store: Store) -> None:
    add(store, "1")
    assert store.documents.add(document("1", author="renamed"), LATER, run=9) == (1, Change.KNOWN)
    row = store.documents.row(1)
    assert row is not None
    assert (row["version"], row["author"], row["run"]) == (1, "", None)
    assert (row["first_seen"], row["last_seen"]) == (
        "2026-11-20T22:30:00.000000+00:00",
        "2026-11-21T22:30:00.000000+00:00",
    )


@pytest.mark.parametrize("changed", [document("1", text="改过的正文"), document("1", title="改过的标题")])
def test_another_text_or_title_is_a_new_version_and_the_old_one_is_kept(store: Store, changed: Document) -> None:
    add(store, "1")
    assert store.documents.add(changed, LATER) == (1, Change.CHANGED)
    assert store.documents.get(1) == changed
    versions = list(store.db.query("SELECT version, title, text, seen_at FROM document_versions ORDER BY version"))
    assert [(row["version"], row["title"], row["text"]) for row in versions] == [
        (1, "标题", "香港验血，七周出结果"),
        (2, changed.title, changed.text),
    ]
    assert versions[0]["seen_at"] < versions[1]["seen_at"]


def test_a_text_that_returns_to_what_it_was_is_a_third_version(store: Store) -> None:
    for text in ("a", "b", "a"):
        store.documents.add(document("1", text=text), NOW)
    row = store.documents.row(1)
    assert row is not None
    assert row["version"] == 3


def test_one_native_id_on_two_platforms_is_two_documents(store: Store) -> None:
    add(store, "1")
    assert store.documents.add(document("1", platform="board"), NOW) == (2, Change.NEW)
    assert store.documents.find("blog", "1") is None


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="expected a time with a zone"):
        store.documents.add(document("1"), datetime(2026, 11, 20))
    assert store.documents.count() == 0


@pytest.mark.parametrize("table", ["captures", "decisions", "ledger", "document_versions"])
def test_what_is_evidence_can_only_be_added_to(on_disk: Store, table: str) -> None:
    store = on_disk
    store.captures.add(capture())
    add(store, "1")
    store.decisions.add(Decision("L1", Act.CONFIRM, "zq0", NOW))
    store.ledger.append(NOW, "zq0", "confirm", "L1")
    before = list(store.db.query(f"SELECT * FROM {table}"))
    column = next(iter(before[0]))
    for statement in (
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"REPLACE INTO {table} SELECT * FROM {table}",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            store.db.execute(statement)
    assert list(store.db.query(f"SELECT * FROM {table}")) == before


def test_a_capture_comes_back_as_it_was_stored_and_its_id_is_its_own(store: Store) -> None:
    store.captures.add(capture())
    store.captures.add(capture("urn:uuid:2", source="board"))
    assert store.captures.get("urn:uuid:1") == capture()
    assert store.captures.get("urn:uuid:3") is None
    assert [found.id for found in store.captures.all()] == ["urn:uuid:1", "urn:uuid:2"]
    assert [found.id for found in store.captures.all("board")] == ["urn:uuid:2"]
    with pytest.raises(sqlite3.IntegrityError):
        store.captures.add(capture())


# -- judgements


def test_documents_that_a_rater_has_not_judged_come_in_batches_each_once(store: Store) -> None:
    add(store, *map(str, range(7)))
    store.judgements.add([(3, 1, judgement())], NOW)
    batches = [[id for id, _, _ in batch] for batch in store.documents.unjudged(RATER, batch=4)]
    assert batches == [[1, 2, 4, 5], [6, 7]]
    assert [[id for id, _, _ in batch] for batch in store.documents.unjudged("model:other@1")] == [
        [1, 2, 3, 4, 5, 6, 7]
    ]


def test_batches_may_be_judged_while_they_are_read(store: Store) -> None:
    add(store, *map(str, range(7)))
    for batch in store.documents.unjudged(RATER, batch=2):
        store.judgements.add([(id, version, judgement()) for id, version, _ in batch], NOW)
    assert list(store.documents.unjudged(RATER)) == []


def test_a_changed_document_is_judged_again(store: Store) -> None:
    add(store, "1")
    store.judgements.add([(1, 1, judgement())], NOW)
    assert list(store.documents.unjudged(RATER)) == []
    store.documents.add(document("1", text="改过"), LATER)
    assert [[(id, version) for id, version, _ in batch] for batch in store.documents.unjudged(RATER)] == [[(1, 2)]]
    assert (
        list(store.judgements.flagged(RATER)) == []
    )  # what was said of the old version does not stand for the new one


def test_what_a_rater_has_judged_in_full_is_not_looked_at_again_and_what_came_since_is(store: Store) -> None:
    add(store, "1", "2", "3")
    store.judgements.add([(1, 1, judgement()), (3, 1, judgement())], NOW)
    store.judgements.complete("model:other@1", store.documents.newest_version())  # of another rater: no matter here
    store.judgements.complete(RATER, 1)
    assert [[id for id, _, _ in batch] for batch in store.documents.unjudged(RATER)] == [[2]]
    store.judgements.add([(2, 1, judgement())], NOW)
    store.judgements.complete(RATER, store.documents.newest_version())
    assert list(store.documents.unjudged(RATER)) == []
    store.documents.add(document("1", text="改过"), LATER)
    add(store, "4")
    found = [[(id, version) for id, version, _ in batch] for batch in store.documents.unjudged(RATER)]
    assert found == [[(1, 2), (4, 1)]]


def test_what_a_rater_said_of_a_version_stays(store: Store) -> None:
    add(store, "1")
    store.judgements.add([(1, 1, judgement(flagged=True))], NOW)
    store.judgements.add([(1, 1, judgement(flagged=False))], LATER)
    store.judgements.add([], LATER)
    assert [found for _, found in store.judgements.latest(1)] == [judgement(flagged=True)]


def test_raters_are_kept_apart_and_the_newest_comes_first(store: Store) -> None:
    add(store, "1", "2")
    store.judgements.add([(1, 1, judgement(flagged=False)), (2, 1, judgement())], NOW)
    store.judgements.add([(1, 1, judgement(rater="person:zq0"))], LATER)
    assert [(at, found.rater) for at, found in store.judgements.latest(1)] == [(LATER, "person:zq0"), (NOW, RATER)]
    assert [id for id, *_ in store.judgements.flagged(RATER)] == [2]
    assert [id for id, *_ in store.judgements.flagged("person:zq0")] == [1]
    assert store.judgements.counts(RATER) == {"unrelated": 1, "fetal_sex_test_ad": 1}
    assert store.judgements.counts(RATER, since=LATER) == {}


# -- contact points


def test_contacts_of_a_flagged_document_are_kept_in_the_order_of_the_text(store: Store) -> None:
    add(store, "1")
    points = [wechat("zq0b", 9), wechat("zq0a", 0)]
    store.contact_points.add(1, 1, points, flagged=True)
    store.contact_points.add(1, 1, points, flagged=True)
    assert store.contact_points.of(1) == [points[1], points[0]]


def test_of_a_bystanders_contact_only_a_digest_is_kept(store: Store) -> None:
    add(store, "1")
    store.contact_points.add(1, 1, [wechat("zq0neighbour")], flagged=False)
    dump = "\n".join(store.db.conn.iterdump())
    assert "zq0neighbour" not in dump
    assert bystander("wechat", "zq0neighbour") in dump


def test_a_contact_that_many_bystanders_show_is_a_hub(store: Store) -> None:
    for id in add(store, "1", "2", "3", "4"):
        store.contact_points.add(id, 1, [wechat("zq0shop"), wechat(f"zq0own{id}", 20)], flagged=False)
    add(store, "5")
    store.contact_points.add(5, 1, [wechat("zq0advert")], flagged=True)
    assert store.contact_points.bystanders(4) == {bystander("wechat", "zq0shop"): 4}
    assert store.contact_points.bystanders(5) == {}


def test_a_hub_counts_documents_not_mentions_and_newest_versions_alone(store: Store) -> None:
    add(store, "1", "2")
    store.contact_points.add(1, 1, [wechat("zq0shop"), wechat("zq0shop", 20)], flagged=False)
    store.contact_points.add(2, 1, [wechat("zq0shop")], flagged=False)
    assert store.contact_points.bystanders(3) == {}
    store.documents.add(document("2", text="没有联系方式了"), LATER)
    assert store.contact_points.bystanders(2) == {}


def test_where_a_contact_was_seen_counts_adverts_and_bystanders_apart(store: Store) -> None:
    add(store, "1", "2", "3")
    store.contact_points.add(1, 1, [wechat("zq0shop")], flagged=True)
    store.contact_points.add(2, 1, [wechat("zq0shop")], flagged=False)
    store.contact_points.add(3, 1, [wechat("zq0other")], flagged=True)
    seen = store.contact_points.seen("wechat", "zq0shop")
    assert (seen["ads"], seen["others"], seen["leads"]) == (1, 1, 0)


def test_a_document_that_one_rater_flags_keeps_its_contacts_when_another_does_not(store: Store) -> None:
    add(store, "1")
    store.judgements.add([(1, 1, judgement())], NOW)
    store.contact_points.add(1, 1, [wechat("zq0gang")], flagged=True)
    store.judgements.add([(1, 1, judgement(flagged=False, rater="model:keywords@1"))], LATER)
    store.contact_points.add(1, 1, [wechat("zq0gang")], flagged=False)
    assert store.contact_points.of(1) == [wechat("zq0gang")]


def test_a_document_that_is_flagged_later_shows_its_contacts_and_no_digests(store: Store) -> None:
    add(store, "1")
    store.contact_points.add(1, 1, [wechat("zq0gang")], flagged=False)
    store.contact_points.add(1, 1, [wechat("zq0gang")], flagged=True)
    assert store.contact_points.of(1) == [wechat("zq0gang")]
    assert store.contact_points.bystanders(1) == {}


# -- refusals, robots texts, pages, runs


def test_a_refusal_is_recorded_once_in_a_run(store: Store) -> None:
    refusal = Refusal("http://a.test/x", "forum", "robots.txt", "Disallow: /x", NOW, 1)
    for item in (refusal, refusal, Refusal("http://a.test/x", "forum", "robots.txt", "again", LATER, 2)):
        store.refusals.add(item)
    store.refusals.add(Refusal("http://a.test/x", "forum", "too large", "", NOW, None))
    store.refusals.add(Refusal("http://a.test/x", "forum", "too large", "", NOW, None))
    assert [(item.run, item.reason) for item in store.refusals.all()] == [
        (1, "robots.txt"),
        (2, "robots.txt"),
        (None, "too large"),
    ]
    assert store.refusals.all(run=1) == [refusal]
    assert store.refusals.all(source="board") == []
    assert [(row["reason"], row["n"]) for row in store.refusals.since(LATER)] == [("robots.txt", 1)]


def test_the_latest_robots_txt_of_an_origin_is_remembered(store: Store) -> None:
    assert store.robots.get("http://a.test") is None
    store.robots.put("http://a.test", NOW, 200, "rules", b"User-agent: *\n\x00\xff")
    store.robots.put("http://a.test", LATER, 503, "closed", b"")
    found = store.robots.get("http://a.test")
    assert found is not None
    assert (found["fetched_at"], found["status"], found["verdict"], found["body"]) == (LATER, 503, "closed", b"")


def test_a_run_that_did_not_finish_is_the_one_to_go_on_with(store: Store) -> None:
    assert store.runs.unfinished("crawl") is None
    first = store.runs.start("crawl", NOW, {"sources": ["forum"]})
    store.runs.start("classify", NOW)
    found = store.runs.unfinished("crawl")
    assert found is not None
    assert (found.id, found.state, found.finished_at) == (first, "running", None)
    store.runs.finish(first, LATER, {"fetched": 1}, ["left"], "interrupted")
    assert store.runs.unfinished("crawl") == store.runs.get(first)
    store.runs.finish(first, LATER, {"fetched": 2})
    assert store.runs.unfinished("crawl") is None
    done = store.runs.get(first)
    assert done is not None
    assert (done.state, done.counts, done.issues, done.finished_at) == ("finished", {"fetched": 2}, (), LATER)


def test_runs_are_found_by_stage_and_time(store: Store) -> None:
    ids = [store.runs.start(stage, at) for stage, at in (("crawl", NOW), ("link", NOW), ("crawl", LATER))]
    assert [run.id for run in store.runs.last("crawl", 5)] == [ids[2], ids[0]]
    assert [run.id for run in store.runs.since(LATER.astimezone(BEIJING))] == [ids[2]]
    assert store.runs.get(99) is None
    assert store.runs.last("crawl", 1)[0].started_at == LATER.astimezone(UTC)
