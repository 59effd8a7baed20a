"""Campaigns among a million documents: what is found of what was planted, at which cost, against plain datasketch, and a second night.

    python benchmarks/campaigns.py [--quick] [--documents N] [--peer N]

Generated documents, all flagged: planted campaigns, each an advert re-written 2 to 50 times (another contact, price, week and city; words
for their like; sentences moved, left out and added; emoji and stretched spacing; every tenth copy word for word), and lone adverts of the
same vocabulary, so that lone ones resemble campaigns as adverts do. They stand in a store on disk, and ``leads.campaigns.place`` is the
nightly stage itself, naming included. ``pair_recall`` and ``pair_precision`` are over pairs of documents: in one campaign as found, of one
campaign as planted. ``ratio_to_datasketch`` is time of plain datasketch over ours on the first documents of the same set (``--peer``
of them, both from raw text to components: the same bare forms and shingles, MinHash of 128, LSH of 32 bands of 4, in memory for
datasketch, on disk for ours). The second night brings new documents, half of them re-writings of planted campaigns:
``second_night_ratio`` is its time for a document over that of the first night. Ratios are of processor time (user and system), which a busy machine does not stretch;
the clock is shown beside it. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.store import Store  # noqa: E402
from core.types import Judgement  # noqa: E402
from leads.campaigns import MIN_CHARACTERS, place  # noqa: E402
from leads.forest import Forest  # noqa: E402
from text.shingles import bare  # noqa: E402

RATER = "model:benchmark@0"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
THRESHOLD = 0.6
CAMPAIGN_SHARE = 0.02  # 20,000 campaigns for a million documents
MOST_COPIES = 50
SECOND_NIGHT = 0.01  # of the first
LIKE = [
    ("姐妹", "宝妈"), ("预约", "约号"), ("咨询", "了解"), ("当天", "当日"), ("香港", "港岛"), ("医院", "机构"), ("准确", "精准"), ("结果", "报告"),
    ("检测", "检查"), ("孕妈", "准妈妈"), ("可以", "能"), ("需要", "要"), ("联系", "找"), ("安排", "对接"), ("微信", "薇信"), ("价格", "费用"),
    ("老师", "客服"), ("专业", "正规"), ("放心", "安心"), ("我们", "咱们"), ("时间", "时候"), ("方便", "省事"), ("全程", "一路"), ("怀孕", "有喜"),
]  # fmt: skip
CITIES = [
    "深圳",
    "广州",
    "东莞",
    "佛山",
    "惠州",
    "厦门",
    "福州",
    "泉州",
    "温州",
    "杭州",
    "宁波",
    "长沙",
    "武汉",
    "南昌",
    "合肥",
    "郑州",
    "成都",
    "重庆",
    "西安",
    "南宁",
]
SIGNS = ["🌸", "❤", "✅", "🔥", "👶", "✨", "🍀", "💉"]
COLUMNS = ("documents", "clock s", "processor s", "ms a document", "documents/s")


def sentences() -> list[str]:
    """The sentences of the authored gold set: what the generated adverts are put together from."""
    found: dict[str, None] = {}
    for path in sorted((ROOT / "classifier" / "gold").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            text = json.loads(line)["text"]
            for piece in (
                text.replace("！", "。").replace("？", "。").replace("\n", "。").replace("，", "。").split("。")
            ):
                if 8 <= len(piece) <= 40:
                    found[piece] = None
    return list(found)


class Adverts:
    """Planted campaigns and lone adverts; document ``number`` is always the same text, whatever was asked before."""

    def __init__(self, documents: int, extra: int, seed: int = 20) -> None:
        draw = random.Random(seed)
        self.seed, self.pool = seed, sentences()
        self.campaigns = int(documents * CAMPAIGN_SHARE)
        self.of: list[int] = [-1] * documents
        places = list(range(documents))
        draw.shuffle(places)
        for campaign in range(self.campaigns):
            for _ in range(min(2 + int((MOST_COPIES - 1) * draw.random() ** 3), MOST_COPIES)):
                if places:
                    self.of[places.pop()] = campaign
        self.of += [draw.randrange(self.campaigns) if draw.random() < 0.5 else -1 for _ in range(extra)]

    def text(self, number: int) -> str:
        """The text of a document."""
        campaign = self.of[number]
        own = random.Random(f"{self.seed} {number}")
        if campaign < 0:
            return self.dressed(self.body(own), own)
        lines = self.body(random.Random(f"{self.seed} campaign {campaign}"))
        if own.random() < 0.1:
            return self.dressed(lines, own)
        return self.dressed(self.rewritten(lines, own), own)

    def body(self, draw: random.Random) -> list[str]:
        return draw.sample(self.pool, draw.randint(6, 14))

    def rewritten(self, lines: list[str], draw: random.Random) -> list[str]:
        lines = list(lines)
        for old, new in LIKE:
            if draw.random() < 0.4:
                lines = [line.replace(old, new) for line in lines]
        if draw.random() < 0.3:
            one, other = draw.sample(range(len(lines)), 2)
            lines[one], lines[other] = lines[other], lines[one]
        if draw.random() < 0.25:
            lines.pop(draw.randrange(len(lines)))
        if draw.random() < 0.25:
            lines.insert(draw.randrange(len(lines)), draw.choice(self.pool))
        if draw.random() < 0.2:
            line = draw.randrange(len(lines))
            place = draw.randrange(len(lines[line]))
            lines[line] = lines[line][:place] + draw.choice("的了呢哦呀啦") + lines[line][place:]
        return lines

    def dressed(self, lines: list[str], draw: random.Random) -> str:
        contact = f"zq0{draw.randrange(16**6):06x}0000"
        head = (
            f"{draw.choice(CITIES)}{draw.randint(5, 9)}周起{draw.randint(28, 75)}00元。" if draw.random() < 0.7 else ""
        )
        mark = draw.choice(["，", "。", " ", draw.choice(SIGNS)])
        return f"{head}{mark.join(lines)}{mark}加薇 {contact}"


def fill(store: Store, adverts: Adverts, first: int, last: int) -> None:
    """Documents ``first`` to ``last`` (its end left out), flagged, as a crawl and a judgement leave them; their ids are number + 1."""
    columns = [row["name"] for row in store.db.query("SELECT name FROM pragma_table_info('documents')")]
    at = NOW.isoformat(timespec="microseconds")
    blank = dict.fromkeys(columns, "") | {"site": "{}", "links": "[]", "pictures": "[]", "fields": "{}", "version": 1,
                                          "first_seen": at, "last_seen": at, "changed_at": at, "published_at": None, "run": None}  # fmt: skip
    blank |= {name: None for name in columns if name == "purged_at"}
    statement = f"INSERT INTO documents ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
    for start in range(first, last, 5_000):
        numbers = range(start, min(last, start + 5_000))
        rows = [
            blank | {"id": n + 1, "platform": "forum", "native_id": str(n), "text": adverts.text(n)} for n in numbers
        ]
        with store.atomic():
            store.db.conn.executemany(statement, rows)
            said = Judgement("fetal_sex_test_ad", True, 0.9, RATER)
            store.judgements.add([(n + 1, 1, said) for n in numbers], NOW)


def since(started: tuple[float, float]) -> tuple[float, float]:
    """(clock, processor) seconds since a start."""
    return time.perf_counter() - started[0], time.process_time() - started[1]


def pairs(size: int) -> int:
    return size * (size - 1) // 2


def compared(found: dict[int, str], planted: list[int]) -> tuple[float, float]:
    """(recall, precision) of pairs: together as found, together as planted."""
    by_campaign: Counter[int] = Counter(campaign for campaign in planted if campaign >= 0)
    both = Counter((name, planted[id - 1]) for id, name in found.items() if planted[id - 1] >= 0)
    right = sum(map(pairs, both.values()))
    return right / sum(map(pairs, by_campaign.values())), right / max(
        1, sum(map(pairs, Counter(found.values()).values()))
    )


def reachable(adverts: Adverts, documents: int, campaigns: int, found: dict[int, str]) -> tuple[float, int]:
    """Of the pairs that an exact comparison of each with each ties at the threshold, the share that was found; over some campaigns."""
    from leads.likeness import components
    from text import minhash

    members: dict[int, list[int]] = defaultdict(list)
    for number, campaign in enumerate(adverts.of[:documents]):
        if 0 <= campaign < campaigns:
            members[campaign].append(number)
    right = total = 0
    for numbers in members.values():
        bares = {number: bare(adverts.text(number)) for number in numbers}
        sketches = {
            number: minhash.sketch(minhash.hashes(text))
            for number, text in bares.items()
            if len(text) >= MIN_CHARACTERS
        }
        for part in components(sketches, THRESHOLD):
            total += pairs(len(part))
            right += sum(map(pairs, Counter(found.get(tie.text + 1, f"lone {tie.text}") for tie in part).values()))
    return right / max(1, total), total


def datasketch(texts: Iterator[str]) -> int:
    """Campaigns as plain datasketch makes them: how many documents are in one."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=128, params=(32, 4))
    kept, forest = [], Forest[int]()
    for number, text in enumerate(texts):
        line = bare(text)
        signed = MinHash(num_perm=128, seed=20)
        signed.update_batch([line[i : i + 3].encode() for i in range(max(1, len(line) - 2))])
        for other in index.query(signed):
            if kept[other].jaccard(signed) >= THRESHOLD:
                forest.join(number, other)
        index.insert(number, signed, check_duplication=False)
        kept.append(signed)
    return sum(len(one) for one in forest.sets() if len(one) > 1)


def main(arguments: list[str] | None = None) -> int:
    """Print the table and, as the last line, the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--quick", action="store_true", help="20,000 documents and a peer of 3,000 instead of a million and 50,000"
    )
    parser.add_argument("--documents", type=int, help="so many documents in the first night")
    parser.add_argument("--peer", type=int, help="so many documents for datasketch")
    given = parser.parse_args(arguments)
    documents = given.documents or (20_000 if given.quick else 1_000_000)
    peer = given.peer or (3_000 if given.quick else 50_000)
    later = max(500, int(documents * SECOND_NIGHT))
    adverts = Adverts(documents, later)
    rows: list[tuple[str, int, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with Store.open(path) as store:
            fill(store, adverts, 0, documents)
            before = path.stat().st_size
            started = time.perf_counter(), time.process_time()
            place(store, RATER, THRESHOLD, lambda: NOW, 1)
            rows.append(("first night", documents, *since(started)))
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            index = path.stat().st_size - before
            found = store.campaigns.members()
            recall, precision = compared(found, adverts.of[:documents])
            within, looked_at = reachable(adverts, documents, min(2_000, adverts.campaigns), found)
            fill(store, adverts, documents, documents + later)
            started = time.perf_counter(), time.process_time()
            place(store, RATER, THRESHOLD, lambda: NOW, 2)
            rows.append(("second night", later, *since(started)))
            second = compared(store.campaigns.members(), adverts.of)
        with Store.open(Path(folder) / "peer.db") as store:
            fill(store, adverts, 0, peer)
            started = time.perf_counter(), time.process_time()
            place(store, RATER, THRESHOLD, lambda: NOW, 1)
            rows.append((f"first {peer:,} alone", peer, *since(started)))
    started = time.perf_counter(), time.process_time()
    texts = [adverts.text(number) for number in range(peer)]
    generated, _ = since(started)
    started = time.perf_counter(), time.process_time()
    inside = datasketch(iter(texts))
    rows.append(("plain datasketch, the same", peer, *since(started)))
    width = max(len(name) for name, *_ in rows)
    print(f"{'':<{width}}" + "".join(f"  {name:>13}" for name in COLUMNS))
    for name, count, clock, busy in rows:
        print(
            f"{name:<{width}}  {count:>13,}  {clock:>13.1f}  {busy:>13.1f}  {busy / count * 1000:>13.3f}  {count / busy:>13,.0f}"
        )
    planted = sum(campaign >= 0 for campaign in adverts.of[:documents])
    print(
        f"{adverts.campaigns:,} campaigns planted with {planted:,} documents; {len(found):,} documents found in {len(set(found.values())):,}"
    )
    print(f"of {looked_at:,} planted pairs that comparing each with each ties at {THRESHOLD}, {within:.4f} were found")
    print(
        f"after the second night: recall {second[0]:.4f}, precision {second[1]:.4f}; datasketch has {inside:,} of {peer:,} in campaigns"
    )
    print(
        f"memory at its highest {memory:,.0f} MB; the index takes {index / 1e6:,.0f} MB of the store; text generation {generated / peer * 1e3:.2f} ms (not counted)"
    )
    per = {name: busy / count for name, count, _, busy in rows}
    ours, theirs = rows[2][3], rows[3][3]
    figures = {
        "pair_recall": round(recall, 4), "pair_precision": round(precision, 4), "ratio_to_datasketch": round(theirs / ours, 2),
        "second_night_ratio": round(per["second night"] / per["first night"], 2), "documents": documents, "campaigns": adverts.campaigns,
        "processor_seconds": round(rows[0][3], 1), "clock_seconds": round(rows[0][2], 1), "memory_mb": round(memory), "index_mb": round(index / 1e6), "exact_pairs_found": round(within, 4),
    }  # fmt: skip
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
