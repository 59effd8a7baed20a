"""Saved views, filters, keys of one's own, watches, where one stopped, and a store that the night holds."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from leads_desk import Clock, add_lead
from starlette.applications import Starlette
from visitor import Visitor

from core.store import Store
from review import door, search
from review.actions import ACTIONS, clashes
from review.filters import Filters

FIRST = "L0000000000"


def leads_in(visitor: Visitor) -> list[str]:
    return re.findall(r'class="row" href="/lead/([^"?]+)', visitor.page)


def test_a_view_is_saved_under_a_name_and_forgotten(mei: Visitor, bo: Visitor) -> None:
    mei.get("/queue?label=sample_shipping_ad&province=山东")
    mei.post("/views", {"queue": "label=sample_shipping_ad&province=山东", "name": "<b>山东寄血</b>"})
    assert "★ <b>山东寄血</b>" in mei.text
    assert "<b>山东" not in mei.page
    link = re.search(r'class="saved" href="([^"]+)"', mei.page)
    assert link
    mei.get(link[1].replace("&amp;", "&"))
    assert leads_in(mei) == ["L0000000003"]
    bo.get("/queue")
    assert "山东寄血" not in bo.text
    mei.post("/views", {"drop": "<b>山东寄血</b>"})
    assert "山东寄血" not in mei.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("platform=shenghuo-board", [FIRST]), ("since=2026-11-21&platform=gangjian-blog", ["L0000000006"]), ("until=2026-11-09", ["L0000000007"]),
        ("since=2026-11-12&until=2026-11-12", ["L0000000005"]), ("since=nonsense&platform=shenghuo-board", [FIRST]), ("until=0001-01-01&source=shenghuo-board", [FIRST]),
    ],
)  # fmt: skip
def test_filters_by_platform_and_day(mei: Visitor, query: str, found: list[str]) -> None:
    mei.get(f"/queue?{query}")
    assert leads_in(mei) == found


def test_a_common_value_and_a_rare_one_find_the_same(mei: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for common in (1, 2_000):  # found lead by lead, found by its documents
        monkeypatch.setattr("core.store.wanted.COMMON", common)
        mei.get("/queue?source=gangjian-blog&province=浙江")
        found.append(leads_in(mei))
    assert found == [["L0000000002"]] * 2


def test_filters_come_back_from_what_they_write() -> None:
    filters = Filters("寄血 &=", "second", "seeker", "a", "b", "浙江", "13800000017", "2026-11-01", "2026-11-02")
    assert Filters.parse(filters.query(page=1)) == filters


def test_who_sees_no_origins_cannot_ask_after_a_contact(app: Starlette, mei: Visitor) -> None:
    rui = Visitor(app).sign_in("rui")
    for query in ("contact=zq0gang66", "q=zq0gang66", "q=13800000017", "q=１３８００００００１７"):
        rui.get(f"/queue?{query}")
        rui_sees = leads_in(rui)
        rui.get("/queue")
        assert rui_sees == leads_in(rui)
    mei.get("/queue?q=13800000017")
    assert leads_in(mei) == [FIRST]


@pytest.mark.parametrize("query", ["寄血 上门", "港检预约"])
def test_words_are_left_in_a_query_without_identifiers(query: str) -> None:
    assert search.without_identifiers(f"{query} zq0yangben88 13800000017 @zq0") == query


def test_a_researcher_sees_no_part_of_a_contact(app: Starlette) -> None:
    rui = Visitor(app).sign_in("rui")
    for path in (
        "/queue?q=上门",
        f"/lead/{FIRST}",
        "/lead/L0000000001",
        "/lead/L0000000002/network",
        f"/lead/{FIRST}/template",
    ):
        rui.get(path)
        assert "•" not in rui.page
    rui.get(f"/lead/{FIRST}")
    assert door.REDACTED in rui.text


def test_no_two_acts_share_a_key_at_first() -> None:
    assert not clashes(ACTIONS)


def test_keys_are_chosen_by_each_for_themselves(mei: Visitor, bo: Visitor) -> None:
    mei.get("/keys")
    mei.post("/keys", {**ACTIONS, "unsure": "q"})
    assert "Saved" in mei.text
    mei.get(f"/lead/{FIRST}")
    assert 'value="unsure" data-key="q"' in mei.page
    bo.get("/lead/L0000000001")
    assert 'value="unsure" data-key="u"' in bo.page
    mei.get("/keys")
    mei.post("/keys", {"reset": "1"})
    mei.get(f"/lead/{FIRST}")
    assert 'value="unsure" data-key="u"' in mei.page


@pytest.mark.parametrize("key", ["s", "", "ab", " ", "\u202e"])
def test_a_key_that_cannot_be_is_not_saved(mei: Visitor, store: Store, key: str) -> None:
    mei.get("/keys")
    assert mei.post("/keys", {**ACTIONS, "unsure": key}).status_code == 422
    assert "Not saved" in mei.text
    assert not store.desk.keys("mei")


def test_a_watched_lead_tells_when_it_grows(mei: Visitor, store: Store, clock: Clock) -> None:
    mei.get(f"/lead/{FIRST}")
    mei.act(f"/lead/{FIRST}/watch", watch="on")
    assert "unwatch" in mei.text
    mei.get("/")
    assert "Watch hits" not in mei.text
    clock.forward(minutes=5)
    store.leads.add_event(FIRST, "grown", {"documents": [99]}, clock())
    mei.get("/")
    assert "1 change " in mei.text
    clock.forward(minutes=5)
    mei.post("/watches/seen", {})
    assert "Watch hits" not in mei.text


def test_a_watched_contact_tells_of_new_documents_in_other_leads(mei: Visitor, store: Store, clock: Clock) -> None:
    mei.get(f"/lead/{FIRST}")
    keys = re.findall(r'name="contact" value="([0-9a-f]+)"', mei.page)
    mei.act(f"/lead/{FIRST}/watch", contact=keys[0], watch="on")
    [watch] = store.desk.watched("mei")
    assert (watch["kind"], watch["value"]) in [("wechat", "zq0yangben88"), ("phone", "+8613800000017")]
    clock.forward(hours=1)
    add_lead(
        store,
        "Lnew",
        "sample_shipping_ad",
        "又来了",
        ["上门抽血寄港，加薇 zq0yangben88，或打13800000017"],
        "baobao-forum",
        0.2,
        clock(),
    )
    mei.get("/")
    assert "new in 1 document " in mei.text
    assert "又来了" in mei.text
    assert "zq0yangben88" not in mei.page


def test_a_contact_is_not_named_by_anything_that_can_be_guessed(
    mei: Visitor, bo: Visitor, store: Store, clock: Clock
) -> None:
    mei.get(f"/lead/{FIRST}")
    clock.forward(minutes=31)
    bo.get(f"/lead/{FIRST}")
    keys = [set(re.findall(r'name="contact" value="([0-9a-f]+)"', visitor.page)) for visitor in (mei, bo)]
    assert not keys[0] & keys[1]
    mei.get(f"/lead/{FIRST}")
    assert mei.act(f"/lead/{FIRST}/watch", contact="0" * 24, watch="on").status_code == 400


def test_work_goes_on_where_it_stopped(mei: Visitor, clock: Clock) -> None:
    mei.get("/queue?label=fetal_sex_test_ad")
    mei.post("/next", {"queue": "label=fetal_sex_test_ad"})
    mei.decide("unsure")
    assert mei.lead == "L0000000002"
    clock.forward(hours=13)  # the session has ended, and so has the claim
    mei.sign_in("mei")
    mei.get("/")
    assert "Where you stopped" in mei.text
    assert mei.hidden("queue") == "label=fetal_sex_test_ad"
    mei.post("/next", {"queue": mei.hidden("queue")})
    assert mei.lead == "L0000000002"


def test_next_goes_back_to_the_lead_in_hand(mei: Visitor) -> None:
    mei.get("/lead/L0000000005")
    mei.get("/queue")
    mei.post("/next", {})
    assert mei.lead == "L0000000005"


def test_while_the_night_writes_a_lead_is_read_and_nothing_is_stored(
    app: Starlette, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "PATIENCE_SECONDS", 0.05)
    app.state.desk.stores.close()
    mei = Visitor(app).sign_in("mei")
    mei.get(f"/lead/{FIRST}")
    held, done = threading.Event(), threading.Event()

    def night() -> None:
        with Store.open(database) as own, own.writing():
            own.runs.start("link", own_time)
            held.set()
            done.wait(20)

    own_time = app.state.desk.now()
    thread = threading.Thread(target=night)
    thread.start()
    try:
        assert held.wait(20)
        answer = mei.decide("reject")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "30"
        assert "Nothing was stored" in mei.text
        mei.get("/lead/L0000000001")
        assert "The nightly run is writing" in mei.text
        assert "七周过港" in mei.text
    finally:
        done.set()
        thread.join()
    mei.get(f"/lead/{FIRST}")
    mei.decide("reject")
    assert mei.lead != FIRST
