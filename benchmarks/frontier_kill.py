"""Whether a patrol that is killed at any moment loses a page or stores one twice.

    python benchmarks/frontier_kill.py [--quick] [--seed N]

A site of 2,000 pages on four loopback hosts is crawled by ``xuncha crawl``, the program itself, in a process of its own. It is killed with
-9 at ten random moments (one of them while it starts) and started again each time. What counts is read from the store and the archive
afterwards: documents against pages, captures of each page, each capture's record against its SHA-256, the run's own words. The last line is
JSON: ``lost`` pages have no document, ``twice`` have two documents or two captures.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.store import Store  # noqa: E402
from evidence.archive import read_at  # noqa: E402

HOSTS = 4
PER_LIST = 50
SOURCE = """
title: {name}
kind: html
start_urls: ['{url}/list/1']
list: {{link: a.t, next: a.next}}
document: {{title: h1, text: .text}}
"""


class Server(ThreadingHTTPServer):
    """A server whose askers die now and then."""

    def handle_error(self, *_: Any) -> None:
        """A connection that was cut by a kill is what this is about."""


class Site:
    """``pages`` posts in lists on one loopback address; counts what it is asked for."""

    def __init__(self, address: str, pages: int) -> None:
        self.asked: Counter[str] = Counter()
        self.times: list[float] = []  # when each request came, seconds
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                site.times.append(time.monotonic())
                site.asked[self.path] += 1
                body = site.page(self.path, pages).encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = Server((address, 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://{address}:{self.server.server_port}"

    @staticmethod
    def page(path: str, pages: int) -> str:
        """The page at a path; empty where there is none."""
        kind, _, number = path.strip("/").partition("/")
        if kind == "post" and number.isdigit():
            return f"<html><body><h1>帖 {number}</h1><div class='text'>第 {number} 帖。{'河边的风很大，看见白鹭和船。' * 20}</div></body></html>"
        if kind == "list" and number.isdigit():
            first = (int(number) - 1) * PER_LIST + 1
            links = "".join(
                f"<a class='t' href='/post/{post}'>帖</a>"
                for post in range(first, min(pages, first + PER_LIST - 1) + 1)
            )
            after = f"<a class='next' href='/list/{int(number) + 1}'>下一页</a>" if first + PER_LIST <= pages else ""
            return f"<html><body>{links}{after}</body></html>"
        return ""

    def __enter__(self) -> Site:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def workspace_for(folder: Path, sites: list[Site]) -> None:
    """A workspace with one source for each site, no delay, loopback allowed."""
    for number, site in enumerate(sites):
        one = folder / "sources" / f"site{number}"
        one.mkdir(parents=True)
        (one / "source.yml").write_text(SOURCE.format(name=one.name, url=site.url), "utf-8")
    addresses = [f"127.0.0.{number + 1}" for number in range(HOSTS)]
    lines = [
        'contact = "benchmark@xuncha.example"', "delay_seconds = 0.0", f"allow_addresses = {json.dumps(addresses)}",
        "max_pages_per_source = 100000",
    ]  # fmt: skip
    (folder / "xuncha.toml").write_text("\n".join(lines), "utf-8")


def start(folder: Path) -> subprocess.Popen[str]:
    """The program itself, crawling."""
    names = [option for number in range(HOSTS) for option in ("--source", f"site{number}")]
    return subprocess.Popen(
        [sys.executable, "-m", "xuncha.cli", "crawl", "-w", str(folder), "--json", *names],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def kill_at(process: subprocess.Popen[str], sites: list[Site], pages: int | None, seconds: float) -> bool:
    """Kill a patrol when so many pages have been asked for (None: at once), and some time after; whether it was still alive."""
    while pages is not None and process.poll() is None and sum(len(site.asked) for site in sites) < pages:
        time.sleep(0.002)
    time.sleep(seconds)
    alive = process.poll() is None
    process.kill()
    _, errors = process.communicate()
    if process.returncode not in (-signal.SIGKILL, 0):
        raise SystemExit(f"the patrol ended by itself:\n{errors[-3000:]}")
    return alive


def states_told(folder: Path) -> str:
    """What the store says of the run after a kill."""
    if not (folder / "xuncha.db").exists():
        return "none"
    with Store.open(folder / "xuncha.db") as store:
        found = store.runs.last("crawl", 1)
        return found[0].state if found else "none"


def judge(folder: Path, sites: list[Site], pages: int) -> dict[str, Any]:
    """What store and archive hold, against what the sites have."""
    wanted = {f"{site.url}/post/{number}" for site in sites for number in range(1, pages // HOSTS + 1)}
    with Store.open(folder / "xuncha.db") as store:
        documents = Counter(document.url for batch in store.documents.unjudged("nobody") for _, _, document in batch)
        captures = list(store.captures.all())
        run = store.runs.last("crawl", 1)[0]
        resumed = store.runs.resumed(run.id)
        queue = store.frontier.counts(run.id)
    broken = 0
    for capture in captures:
        found = read_at(folder / "archive" / capture.warc, capture.offset, capture.sha256)
        broken += found.url != capture.url
    by_page = Counter(capture.url for capture in captures if capture.source != "robots.txt")
    return {
        "pages": len(wanted), "lost": len(wanted - set(documents)),
        "twice": sum(documents[url] > 1 or by_page[url] > 1 for url in wanted), "strange": len(set(documents) - wanted),
        "broken_captures": broken, "run_state": run.state, "run_new": run.counts.get("new", 0), "run_resumed": resumed,
        "queue_left": queue["pending"] + queue["leased"] + queue["kept"],
        "asked_again": sum(count - 1 for site in sites for path, count in site.asked.items() if path.startswith("/post/")),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="240 pages, four kills")
    parser.add_argument("--seed", type=int, default=None, help="of the random moments; another each time without it")
    given = parser.parse_args()
    pages, kills = (240, 4) if given.quick else (2_000, 10)
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    draw = random.Random(seed)
    moments: list[int | None] = [None, *sorted(draw.sample(range(1, pages), kills - 1))]
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        sites = [stack.enter_context(Site(f"127.0.0.{number + 1}", pages // HOSTS)) for number in range(HOSTS)]
        workspace_for(folder, sites)
        told, killed = [], 0
        print(f"{'kill at page':>12} {'asked for':>10} {'the store says':>15}")
        for moment in moments:
            seconds = draw.uniform(0.05, 0.6) if moment is None else draw.uniform(0.0, 0.05)
            # always a crawl that is under way: one more page at least than had been asked for
            page = moment if moment is None else max(moment, sum(len(site.asked) for site in sites) + 1)
            killed += kill_at(start(folder), sites, page, seconds)
            told.append(states_told(folder))
            at = "starting" if moment is None else moment
            print(f"{at:>12} {sum(len(site.asked) for site in sites):>10} {told[-1]:>15}")
        process = start(folder)
        out, errors = process.communicate(timeout=600)
        if process.returncode:
            raise SystemExit(errors[-3000:])
        said = json.loads(out)
        found = judge(folder, sites, pages)
    honest = (
        set(told) <= {"running", "none"} and said["state"] == found["run_state"] == "finished"
        and said["counts"]["new"] == found["pages"] - found["lost"] and said["counts"]["resumed"] == sum(state == "running" for state in told)
    )  # fmt: skip
    print(
        f"\nfinal run: {said['state']}, new {said['counts']['new']}, gone on with {said['counts']['resumed']} times; seed {seed}; "
        f"{found['asked_again']} pages asked for again; {time.perf_counter() - begun:.0f} s"
    )
    result = {
        "pages": found["pages"], "kills": killed, "lost": found["lost"], "twice": found["twice"], "honest": honest,
        "broken_captures": found["broken_captures"], "strange": found["strange"], "queue_left": found["queue_left"],
        "asked_again": found["asked_again"], "seed": seed,
    }  # fmt: skip
    print(json.dumps(result))
    if found["lost"] or found["twice"] or found["broken_captures"] or not honest:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
