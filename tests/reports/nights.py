"""A store as three weeks of nightly patrols leave it, filled through its own interface. All text and contacts are authored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.store import Store
from core.types import Act, Capture, Decision, Document, Judgement, Lead, Provenance, Refusal

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 21 November, 06:30 in Beijing
RATER = "model:stack@4f2c81d09ab3"
SOURCES = ["baobao-forum", "gangjian-blog", "shenghuo-board", "wenda-site"]
ADVERTS = [  # label, title, text, platform, contacts, priority, day it was first seen (nights ago)
    ("sample_shipping_ad", "不用过关也能知道结果，全国上门取样", "浙江、福建都有人上门，样本当天顺丰到深圳。", "shenghuo-board",
     (("wechat", "zq0yangben88"), ("phone", "13800000017")), 0.871, 0),
    ("fetal_sex_test_ad", "七周过港一趟，下午就能看报告，加薇 zq0gang66", "罗湖口岸有人接，带通行证和B超单，广东、湖南的姐妹提前两天约。", "baobao-forum",
     (("wechat", "zq0gang66"),), 0.744, 0),
    ("fetal_sex_test_ad", "我是怎么提前准备小裙子的（附路线和预约的地方）", "从杭州出发，香港当天来回，四千八全包。", "gangjian-blog",
     (("url", "t.me/zq0route"), ("telegram", "zq0route")), 0.612, 6),
    ("agent_recruitment_ad", "招各地代理，手里有宝妈资源的来", "成一单返八百，广西、江西优先，日结。", "baobao-forum", (("qq", "100000456"),), 0.548, 2),
    ("genetic_acquisition_ad", "家族三代同村的，寄一管唾液给六百", "云南、贵州的家庭优先，样本寄境外合作方。", "wenda-site", (("email", "zq0saliva@lab.example"),), 0.533, 9),
    ("sex_selection_ad", "三代试管包男孩，签约不成功退款", "曼谷医院直签，四川、重庆都有服务点。", "wenda-site", (), 0.301, 12),
]  # fmt: skip


def filled() -> Store:
    """Twenty nights: six leads, a source gone silent, refusals of four kinds, a failed run, decisions and a digest each day."""
    store = Store.in_memory()
    for nights in range(20, -1, -1):
        night(store, NOW - timedelta(days=nights, hours=4), nights)
    tonight = NOW - timedelta(hours=4)
    for number, (_, title, text, platform, contacts, priority, nights) in enumerate(ADVERTS):
        add_lead(
            store,
            f"L{number:010x}",
            ADVERTS[number][0],
            title,
            text,
            platform,
            contacts,
            priority,
            NOW - timedelta(days=nights, hours=3),
        )
    extra = advert(store, "gangjian-blog", "grown", "香港验血路线更新", "广州南站集合，深圳湾过关。", tonight)
    lead = store.leads.get("L0000000002")
    assert lead is not None
    store.leads.put(
        Lead(**{**{name: getattr(lead, name) for name in Lead.__slots__}, "documents": (*lead.documents, extra)}),
        {},
        tonight,
    )
    store.leads.add_event("L0000000002", "grown", {"documents": [extra]}, tonight)
    add_lead(
        store,
        "L00000000aa",
        "fetal_sex_test_ad",
        "同一拨人的旧帖",
        "广东东莞可约。",
        "baobao-forum",
        (),
        0.2,
        NOW - timedelta(days=10),
    )
    store.leads.close("L00000000aa", "merged", tonight)
    store.leads.add_event("L00000000aa", "merged", {"into": "L0000000001"}, tonight)
    store.leads.add_event("L0000000003", "split", {"from": ["L0000000001"], "documents": [1, 2]}, tonight)
    store.decisions.add(Decision("L0000000005", Act.REJECT, "zq0", tonight))
    store.decisions.add(Decision("L0000000004", Act.UNSURE, "zq0", tonight))
    store.decisions.add(Decision("L0000000004", Act.UNDO, "zq0", tonight))
    return store


def night(store: Store, at: datetime, nights: int) -> None:
    """One nightly patrol; the forum falls silent for the last two, the board is walled tonight."""
    run = store.runs.start("crawl", at, {"sources": SOURCES})
    for place, source in enumerate(SOURCES):
        silent = source == "wenda-site" and nights < 2
        for page in range(4 + (nights * 7 + place * 3) % 6):
            capture = f"urn:uuid:{nights}-{source}-{page}"
            store.captures.add(
                Capture(capture, source, f"http://{source}.example/t/{nights}-{page}", at, 200, "text/html", "0" * 64, 9, "a.warc", 0,
                        "allowed", Provenance.LIVE, run)
            )  # fmt: skip
            if page and not silent:
                document(store, source, f"{nights}-{page}", "婴儿车转让", "九成新，自提。", at, run, capture, page)
    counts = {"robots.txt": 3, "wall": 6 if not nights else 0, "client error": 2, "page budget of the source": 1}
    for reason, number in counts.items():
        for page in range(number):
            url = f"http://{SOURCES[page % 4]}.example/admin/{page}?from=http://x.example/"
            store.refusals.add(Refusal(url, SOURCES[page % 2], reason, "", at, run))
    for day in range(nights % 3):
        advert(store, "baobao-forum", f"background-{nights}-{day}", "随便一条", "江苏南京可上门。", at, run)
    store.runs.finish(run, at + timedelta(minutes=40), {}, ["1 page had no text"] if not nights else [])
    digest = store.runs.start("digest", at + timedelta(hours=1))
    if nights:
        store.runs.finish(digest, at + timedelta(hours=1), {})
    if nights % 2:
        add_lead(
            store, f"Lb{nights:09x}", "fetal_sex_test_ad", "江苏南京可上门", "提前一天约。", "baobao-forum", (), 0.1, at
        )


def document(
    store: Store,
    source: str,
    native_id: str,
    title: str,
    text: str,
    at: datetime,
    run: int | None = None,
    capture: str = "",
    label: int = 1,
) -> int:
    """A document and what the model said of it: mostly nothing of interest, now and then a woman who asks."""
    id, _ = store.documents.add(
        Document(
            source,
            native_id,
            f"http://{source}.example/t/{native_id}",
            "post",
            text,
            title,
            source=source,
            capture=capture,
        ),
        at,
        run,
    )
    name = ("unrelated", "seeker", "other_ad", "news_legal")[label % 4]
    store.judgements.add([(id, 1, Judgement(name, False, 0.04, RATER))], at)
    return id


def advert(
    store: Store,
    source: str,
    native_id: str,
    title: str,
    text: str,
    at: datetime,
    run: int | None = None,
    label: str = "fetal_sex_test_ad",
) -> int:
    """A document that the model flags."""
    id, _ = store.documents.add(
        Document(source, native_id, f"http://{source}.example/t/{native_id}", "post", text, title, source=source),
        at,
        run,
    )
    store.judgements.add([(id, 1, Judgement(label, True, 0.93, RATER, unsure=False))], at)
    return id


def add_lead(
    store: Store,
    id: str,
    label: str,
    title: str,
    text: str,
    platform: str,
    contacts: tuple[tuple[str, str], ...],
    priority: float,
    at: datetime,
) -> None:
    """A lead of two documents, with its event."""
    documents = tuple(advert(store, platform, f"{id}-{number}", title, text, at, label=label) for number in range(2))
    reasons = (
        "probability 0.93: highest score of 2 documents", "harm 0.8: 标签", "novelty 1.00: last seen 0 days ago",
        f"reachability {1.0 if contacts else 0.6}: {len(contacts)} contacts", "spread 1.20: 2 documents on 1 platforms",
    )  # fmt: skip
    store.leads.put(Lead(id, label, title, documents, contacts, priority, reasons, at, at), {}, at)
    store.leads.add_event(id, "new", {"documents": list(documents)}, at)
