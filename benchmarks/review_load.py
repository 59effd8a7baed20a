"""How quick the review application is over a large store: python benchmarks/review_load.py [--quick] [--documents N] [--keep FOLDER].

A store of 1,000,000 documents (--quick: 50,000), a tenth as many leads, a third of the documents in leads, all indexed; the application is
served by `xuncha review` in a process of its own and asked over loopback, so the times hold everything but the browser. Datasette serves
the same file beside it (its table of leads in the same order), where it is installed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.store import Store  # noqa: E402
from core.store.rows import pack, text_hash, when  # noqa: E402
from review import accounts  # noqa: E402
from text.shingles import bigrams  # noqa: E402
from xuncha.workspace import create  # noqa: E402

NOW = datetime.now(UTC).replace(microsecond=0)
RATER = "model:linear@benchmark0000"
PASSWORD = "zq0-benchmark-horse"
LABELS = (["fetal_sex_test_ad"] * 60 + ["sample_shipping_ad"] * 25 + ["agent_recruitment_ad"] * 10 + ["sex_selection_ad"] * 4 + ["genetic_acquisition_ad"])  # fmt: skip
SOURCES = [f"source-{number:02d}" for number in range(40)]
PROVINCES = [
    "广东",
    "浙江",
    "福建",
    "江苏",
    "湖南",
    "湖北",
    "江西",
    "河南",
    "四川",
    "重庆",
    "山东",
    "云南",
    "贵州",
    "广西",
    "安徽",
    "西藏",
]
OPENINGS = [
    "姐妹们看过来",
    "不用跑一趟",
    "满七周就行",
    "家里抽好就可以",
    "罗湖有人接",
    "一盒到家",
    "报告当天看",
    "全程有人带",
    "先问清再约",
    "名额不多了",
]
DEEDS = [
    "安排寄血",
    "预约过港检测",
    "上门取样",
    "顺丰到深圳",
    "香港化验所直检",
    "带通行证和B超单",
    "看报告再付尾款",
    "招各地代理",
    "包接包送",
    "出结果快",
]
CLOSINGS = [
    "四千八全包",
    "五千二一口价",
    "准确率很高",
    "不成退款",
    "老客户介绍",
    "详情加薇",
    "私信回复",
    "备注时间",
    "日结返佣",
    "量大从优",
]
SERVER_SECONDS = 120


def text_of(chance: random.Random, province: str, contact: str) -> str:
    parts = [chance.choice(OPENINGS), f"{province}的都可以", *chance.sample(DEEDS, 3), *chance.sample(CLOSINGS, 2)]
    words = "，".join(parts)
    return (
        f"{words}。{chance.choice(OPENINGS)}，{chance.choice(DEEDS)}。加薇 {contact}，编号{chance.randrange(10**6)}。"
    )


def fill(store: Store, documents: int, leads: int, days: float = 300) -> None:
    """Fill a store in bulk: what so many days of patrols would leave, most of its adverts in the last fifth of them."""
    chance = random.Random(7)
    db = store.db.conn
    sizes = [1 + min(400, int(chance.paretovariate(1.1))) for _ in range(leads)]
    scale = documents / 3 / sum(sizes)
    sizes = [max(1, round(size * min(1.0, scale))) for size in sizes]
    site = pack({"title": "", "navigation": [], "footer": "", "host": "", "path": ""})
    rows: dict[str, list[tuple[object, ...]]] = {}
    columns = {
        "captures": 14, "documents": 26, "document_versions": 7, "judgements": 12, "contact_points": 10, "lead_documents": 4, "lead_events": 6,
        "searched": 3, "document_facets": 3, "campaign_documents": 0,
    }  # fmt: skip

    def put(table: str, *values: object) -> None:
        rows.setdefault(table, []).append(values)

    def flush() -> None:
        for table, values in rows.items():
            marks = ", ".join("?" * columns[table])
            db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)
        rows.clear()
        db.commit()

    number = 0

    def document(text: str, title: str, source: str, label: str, score: float, seen: datetime) -> int:
        nonlocal number
        number += 1
        at, capture = when(seen), f"urn:uuid:{number:032x}"
        url = f"http://{source}.example/t/{number}"
        put(
            "captures",
            capture,
            None,
            source,
            url,
            at,
            200,
            "text/html",
            f"{number:064x}",
            9_000,
            "night.warc.gz",
            number,
            "allowed",
            "live",
            "203.0.113.9",
        )
        put("documents", number, source, str(number), url, "post", title, text, f"zq0user{number % 9_000}", at, "", site, "[]", "[]", source, capture, "",
            "{}", text_hash(title, text), 1, at, at, at, None, None, "", "")  # fmt: skip
        put("document_versions", number, 1, capture, at, text_hash(title, text), title, text)
        put("judgements", number, number, 1, RATER, at, label, int(label in LABELS), score, 0, "{}", "[]", None)
        return number

    lead_rows, terms = [], []
    for index, size in enumerate(sizes):
        label, source, province = (
            chance.choice(LABELS),
            chance.choice(SOURCES),
            PROVINCES[min(15, int(chance.expovariate(0.25)))],
        )
        contact = f"zq0w{index}"
        seen = NOW - timedelta(days=chance.expovariate(5 / days), hours=1)
        title = f"{chance.choice(OPENINGS)}，{chance.choice(DEEDS)}"
        id = f"L{index:010x}"
        for _ in range(size):
            text = text_of(chance, province, contact)
            one = document(text, title, source, label, 0.6 + 0.39 * chance.random(), seen)
            put(
                "contact_points",
                one,
                1,
                "wechat",
                contact,
                contact,
                text.index(contact),
                text.index(contact) + len(contact),
                "text",
                "[]",
                1.0,
            )
            put(
                "lead_documents",
                one,
                id,
                f"wechat {contact} in {size} documents" if size > 1 else "on its own",
                when(seen),
            )
            put("searched", one, one, 1)
            terms.append((one, " ".join(bigrams(f"{title}\n{text}"))))
            for kind, value in (("source", source), ("platform", source), ("province", province)):
                put("document_facets", one, kind, value)
        put("lead_events", None, id, when(seen), "new", "{}", None)
        answer = chance.choice(["", "", "", "", "", "", "", "confirm", "reject", "unsure"])
        priority = round(chance.random() ** 2, 4)
        reasons = pack([f"probability 0.93: highest score of {size} documents", "harm 0.8: 胎儿性别检测广告", "novelty 0.90: last seen 3 days ago",
                        "reachability 1.0: 1 contacts (wechat)", f"spread 1.20: {size} documents on 1 platforms"])  # fmt: skip
        lead_rows.append(
            (
                id,
                label,
                title,
                priority,
                reasons,
                pack([["wechat", contact]]),
                when(seen),
                when(seen),
                when(seen),
                when(seen),
                "open",
                answer,
            )
        )
        if answer:
            db.execute('INSERT INTO decisions (lead, act, "by", at, label, note, detail) VALUES (?, ?, ?, ?, ?, "", "{}")',
                       [id, answer, f"person{index % 7}", when(seen), label if answer == "confirm" else ""])  # fmt: skip
        if len(lead_rows) == 1_000:
            store_leads(store, lead_rows)
            lead_rows = []
            flush()
            db.executemany("INSERT INTO search_terms (rowid, terms) VALUES (?, ?)", terms)
            terms = []
    store_leads(store, lead_rows)
    flush()
    db.executemany("INSERT INTO search_terms (rowid, terms) VALUES (?, ?)", terms)
    calm = [f"宝宝推车转让，{part}成新，自提，{part}元起。" for part in range(200)]
    while number < documents:
        document(
            chance.choice(calm),
            "转让",
            chance.choice(SOURCES),
            "unrelated",
            0.02,
            NOW - timedelta(days=chance.random() * days),
        )
        if number % 5_000 == 0:
            flush()
    flush()
    run = store.runs.start("crawl", NOW - timedelta(hours=5), {"sources": SOURCES})
    store.runs.finish(run, NOW - timedelta(hours=4), {})
    db.execute("INSERT INTO search_terms (search_terms) VALUES ('optimize')")
    db.execute("ANALYZE")
    db.commit()


def store_leads(store: Store, lead_rows: list[tuple[object, ...]]) -> None:
    store.db.conn.executemany(
        """INSERT INTO leads (id, label, title, priority, reasons, contacts, first_seen, last_seen, created_at, updated_at, state, answer)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        lead_rows,
    )


class Client:
    """One connection that stays open, with a session."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = ""
        self.token = ""

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[float, str, str]:
        """(milliseconds, page, where it redirects to)."""
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Accept-Language": "zh"}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({"token": self.token, **form})
        started = time.perf_counter()
        self.connection.request("POST" if form is not None else "GET", path, body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        took = (time.perf_counter() - started) * 1_000
        if answer.status >= 400:
            raise RuntimeError(f"{path}: {answer.status}")
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookie = value.partition(";")[0]
        found = re.findall(r'name="token" value="([^"]+)"', page)
        self.token = found[-1] if found else self.token
        return took, page, answer.getheader("location") or ""


@contextmanager
def served(command: list[str], port: int, environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A server in a process of its own, once it answers."""
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    try:
        deadline = time.monotonic() + SERVER_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    said = process.stderr.read().decode() if process.stderr and process.poll() is not None else ""
                    raise RuntimeError(f"{command[0]} does not answer: {said[-400:]}") from None
                time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def cpu_ms(process: subprocess.Popen[bytes]) -> float:
    """Milliseconds of processor time that a server has used: what wall-clock times tell on a quiet machine."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1_000 / os.sysconf("SC_CLK_TCK")


def resident_mb(process: subprocess.Popen[bytes]) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1_024  # type: ignore[index]


def measure(workspace: Path, leads: int, turns: int) -> tuple[dict[str, list[float]], dict[str, float], float]:
    """Milliseconds of each page, over several asks (different leads each time), the server's processor time for one, its memory in MB."""
    port = free_port()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "XUNCHA_AUDIT_SHARE": "0"}
    command = [sys.executable, "-m", "xuncha.cli", "review", "-w", str(workspace), "--port", str(port)]
    chance = random.Random(11)
    times: dict[str, list[float]] = {}
    work: dict[str, float] = {}
    with served(command, port, environ) as process:
        client = Client(port)
        client.ask("/sign-in")
        client.ask("/sign-in", {"name": "mei", "password": PASSWORD})
        biggest = largest(workspace)
        any_lead = lambda: f"L{chance.randrange(leads):010x}"  # noqa: E731
        pages = {
            "today": lambda: "/",
            "queue": lambda: "/queue",
            "queue, page 20": lambda: "/queue?page=20",
            "queue, rare label": lambda: "/queue?label=genetic_acquisition_ad",
            "queue, source and province": lambda: f"/queue?source={chance.choice(SOURCES)}&province={quote(PROVINCES[2])}",
            "queue, rare province": lambda: f"/queue?province={quote(PROVINCES[-1])}",
            "queue, days": lambda: f"/queue?since={NOW - timedelta(days=200):%Y-%m-%d}&until={NOW - timedelta(days=190):%Y-%m-%d}",
            "queue, contact": lambda: f"/queue?contact=zq0w{chance.randrange(leads)}",
            "queue, second looks": lambda: "/queue?state=second",
            "search, common word": lambda: f"/queue?q={quote('寄血')}",
            "search, two words": lambda: f"/queue?q={quote('上门取样 福建')}",
            "search, rare": lambda: f"/queue?q={chance.randrange(10**5, 10**6)}",
            "lead": lambda: f"/lead/{any_lead()}",
            "lead, normalised": lambda: f"/lead/{any_lead()}?view=normalised",
            "lead, the largest": lambda: f"/lead/{biggest}",
            "similar": lambda: f"/lead/{any_lead()}/similar",
            "network": lambda: f"/lead/{any_lead()}/network",
            "template": lambda: f"/lead/{any_lead()}/template",
            "cases": lambda: "/cases",
            "keys": lambda: "/keys",
        }  # fmt: skip
        client.ask("/")  # what is counted once for each night
        for name, path in pages.items():
            client.ask(path())
            before = cpu_ms(process)
            times[name] = [client.ask(path())[0] for _ in range(turns)]
            work[name] = (cpu_ms(process) - before) / turns
        times["next (post)"], times["decide (post)"] = [], []
        for _ in range(turns):
            client.ask("/queue")
            took, _, where = client.ask("/next", {"queue": ""})
            times["next (post)"].append(took)
            lead = where.partition("?")[0]
            client.ask(where)
            took, _, where = client.ask(f"{lead}/decide", {"act": "reject", "seen": "0", "queue": ""})
            times["decide (post)"].append(took)
            client.ask(where)
        return times, work, resident_mb(process)


def largest(workspace: Path) -> str:
    with Store.open(workspace / "xuncha.db") as store:
        row = next(store.db.query("SELECT lead FROM lead_documents GROUP BY lead ORDER BY count(*) DESC LIMIT 1"))
        return str(row["lead"])


def datasette(workspace: Path, turns: int) -> dict[str, float]:
    """Median milliseconds of Datasette's page of the same table in the same order, and of one lead; empty where it is not installed."""
    if shutil.which("datasette") is None and not (Path(sys.executable).parent / "datasette").exists():
        return {}
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "datasette",
        "serve",
        str(workspace / "xuncha.db"),
        "--port",
        str(port),
        "--setting",
        "sql_time_limit_ms",
        "5000",
    ]
    with served(command, port, dict(os.environ)) as _:
        client = Client(port)
        found = {}
        for name, path in (
            ("queue", "/xuncha/leads?state=open&answer=&_sort_desc=priority&_size=50"),
            ("lead", "/xuncha/leads/L0000000001"),
        ):
            client.ask(path)
            found[name] = statistics.median(client.ask(path)[0] for _ in range(turns))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="50,000 documents")
    parser.add_argument("--documents", type=int, default=0)
    parser.add_argument(
        "--keep", type=Path, help="a folder to make the workspace in; one that is there already is measured as it is"
    )
    given = parser.parse_args()
    documents = given.documents or (50_000 if given.quick else 1_000_000)
    leads, turns = documents // 10, 9 if given.quick else 40
    with tempfile.TemporaryDirectory(prefix="xuncha-load-") as scratch:
        workspace = given.keep or Path(scratch) / "patrol"
        started = time.perf_counter()
        if not (workspace / "xuncha.db").exists():
            create(workspace, "mailto:operator@xuncha.example", environ={})
            with Store.open(workspace / "xuncha.db") as store:
                fill(store, documents, leads)
                accounts.add(store, "mei", "analyst", PASSWORD, NOW)
        built = time.perf_counter() - started
        size = (workspace / "xuncha.db").stat().st_size / 1e6
        times, work, memory = measure(workspace, leads, turns)
        peer = datasette(workspace, turns)
    print(
        f"{documents:,} documents, {leads:,} leads, {size:,.0f} MB, built in {built:.0f} s; {turns} asks of each page; milliseconds"
    )
    print(f"{'page':<30}{'median':>9}{'95 %':>9}")
    medians = {name: statistics.median(found) for name, found in times.items()}
    p95 = {name: sorted(found)[max(0, -(-95 * len(found) // 100) - 1)] for name, found in times.items()}
    for name in times:
        print(f"{name:<30}{medians[name]:>9.1f}{p95[name]:>9.1f}{f'{work[name]:>11.1f}' if name in work else ''}")
    for name, took in peer.items():
        print(f"{'datasette, ' + name:<30}{took:>9.1f}   ours / datasette {medians[name] / took:.2f}")
    print(
        json.dumps({
            "documents": documents, "leads": leads, "median_ms_worst_page": round(max(medians.values()), 1), "p95_ms_worst_page": round(max(p95.values()), 1),
            "worst_page": max(medians, key=lambda name: medians[name]), "queue_ms": round(medians["queue"], 1), "lead_ms": round(medians["lead"], 1),
            "search_ms": round(medians["search, common word"], 1), "cpu_ms_worst_page": round(max(work.values()), 1), "rss_mb": round(memory), "ratio_to_datasette": round(medians["queue"] / peer["queue"], 2) if peer else None,
        })
    )  # fmt: skip


if __name__ == "__main__":
    main()
