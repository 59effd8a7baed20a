"""What a week of work adds to the desk: campaigns and rivals, confirmed leads, a drawn sample, a case, watches. All authored."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from leads_desk import NOW, RATER, add_lead

from core.settings import load
from core.store import Store
from core.types import Act, Decision, Document, Judgement
from leads import campaigns
from review import search
from xuncha.desk import keep_drawn

PLACES = ("杭州", "宁波", "福州", "厦门", "南昌", "长沙", "合肥", "武汉", "成都", "青岛")
PRICES = ("四千八", "五千二", "四千八", "六千", "四千八", "五千二", "四千八", "四千八", "六千六", "四千八")
PROMISE = "{place}的姐妹看过来，满七周就能知道要不要备小裙子，罗湖口岸有人接，当天来回，{price}全包，出了结果再付尾款，加薇 {contact} 备注时间。"


def many(store: Store, count: int) -> list[str]:
    """So many plain leads of low priority, in order of it."""
    names = [f"L00000001{number:02x}" for number in range(count)]
    for number, name in enumerate(names):
        text = f"第{number}号顾问在线，可约下周过港检测，先问清再定，名额以排期为准。"
        add_lead(
            store,
            name,
            "fetal_sex_test_ad",
            f"过港检测排期 {number}",
            [text],
            "gangjian-blog",
            0.29 - number / 1_000,
            NOW - timedelta(hours=5),
        )
    return names


def rivals(store: Store) -> None:
    """One template under two contacts: two leads that share a campaign, and differ in place and price."""
    for name, contact, places in (("Lroute0001", "zq0route7", PLACES[:6]), ("Lrival0001", "zq0rival8", PLACES[6:9])):
        texts = [PROMISE.format(place=place, price=PRICES[PLACES.index(place)], contact=contact) for place in places]
        add_lead(
            store,
            name,
            "fetal_sex_test_ad",
            f"{places[0]}到香港，七周就约",
            texts,
            "baobao-forum",
            0.25,
            NOW - timedelta(days=40),
        )
        for day, document in enumerate(store.leads.get(name).documents):  # type: ignore[union-attr]
            store.db.execute(
                "UPDATE documents SET first_seen = ? WHERE id = ?", [iso(NOW - timedelta(days=40 - 6 * day)), document]
            )
    campaigns.place(store, RATER, 0.6, lambda: NOW)
    campaigns.name(store)
    search.refresh(store)


def iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def visited(store: Store) -> None:
    """What became of the pages of the first lead: one still stands, one is gone, one was changed."""
    lead = store.leads.get("L0000000000")
    assert lead
    for document, state in zip(lead.documents, ("up", "gone", "changed"), strict=True):
        store.sightings.add(document, NOW - timedelta(hours=1), state)


def quiet(store: Store, count: int) -> None:
    """Documents that nobody flags, for the random sample."""
    for number in range(count):
        document = Document(
            "shenghuo-board",
            f"calm-{number}",
            f"http://shenghuo-board.example/c/{number}",
            "post",
            f"宝宝推车转让，{number}成新，自提。",
            source="shenghuo-board",
        )
        id, _ = store.documents.add(document, NOW - timedelta(days=1))
        store.judgements.add([(id, 1, Judgement("unrelated", False, 0.02, RATER))], NOW - timedelta(days=1))


def busy(store: Store) -> None:
    """All of it."""
    rivals(store)
    visited(store)
    quiet(store, 12)
    for lead, by, act, label in (
        ("L0000000003", "bo", Act.CONFIRM, "sample_shipping_ad"), ("L0000000001", "bo", Act.CONFIRM, "fetal_sex_test_ad"),
        ("L0000000006", "bo", Act.REJECT, ""), ("L0000000007", "mei", Act.UNSURE, ""),
    ):  # fmt: skip
        store.decisions.add(Decision(lead, act, by, NOW - timedelta(hours=1), label, "像是上周那一家" if label else ""))
    case = store.cases.open("罗湖口岸寄血团伙", "bo", NOW - timedelta(hours=1))
    store.cases.collect(case, "L0000000003", "bo", NOW - timedelta(hours=1))
    store.desk.watch("mei", "lead", "L0000000002", NOW - timedelta(days=1))
    store.desk.watch("mei", "wechat", "zq0yangben88", NOW - timedelta(days=1))
    store.desk.save_view("mei", "深圳寄血", "label=sample_shipping_ad", NOW)
    keep_drawn(store, load(Path("/nowhere"), {}), NOW)
