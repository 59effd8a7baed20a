"""Whether crawlers that share a queue in Redis lose a page, store one twice or ask a host too fast, when they are killed at any moment.

    python benchmarks/frontier_redis.py [--quick] [--seed N]

A site of 2,000 pages on 20 loopback hosts is crawled by two workers, ``xuncha crawl`` with setting ``frontier``, each with a store of its
own. Again and again one of them, drawn at random, is killed with -9 and started again. At the end both hand over, and ``xuncha ingest``
takes everything into one store: what counts is read from there and from the hosts' own clocks. The last line is JSON: ``lost`` pages have
no document, ``twice`` have two documents or two captures, ``spacing_broken`` counts pairs of requests that one host got closer together than
its delay. Needs redis-server.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from frontier_kill import SOURCE, Site  # noqa: E402

from core.store import Store  # noqa: E402
from evidence.archive import read_at  # noqa: E402

HOSTS, WORKERS = 20, 2
DELAY = 0.1  # seconds between two requests to a host
CLOCK = 0.005  # what the hosts' own clocks may be off: a request waits for its thread
LEASE = 4.0


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis server of its own; gives its URL."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("expected redis-server; apt install redis-server")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.kill()


def workspace(folder: Path, sites: list[Site], url: str, shared: Path, name: str) -> Path:
    """The workspace of one worker."""
    for number, site in enumerate(sites):
        one = folder / name / "sources" / f"site{number}"
        one.mkdir(parents=True)
        (one / "source.yml").write_text(SOURCE.format(name=one.name, url=site.url), "utf-8")
    lines = [
        'contact = "benchmark@xuncha.example"', f"delay_seconds = {DELAY}", f"lease_seconds = {LEASE}", "max_pages_per_source = 100000",
        f"allow_addresses = {json.dumps([f'127.0.0.{number + 1}' for number in range(HOSTS)])}", f'frontier = "{url}"',
        f'worker = "{name}"', f'hand_over = "{shared}"',
    ]  # fmt: skip
    (folder / name / "xuncha.toml").write_text("\n".join(lines), "utf-8")
    return folder / name


def run(folder: Path, *command: str) -> subprocess.Popen[str]:
    """The program itself."""
    return subprocess.Popen(
        [sys.executable, "-m", "xuncha.cli", *command, "-w", str(folder), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def ended(process: subprocess.Popen[str], seconds: float = 300) -> Any:
    """What a command that ends by itself printed."""
    out, errors = process.communicate(timeout=seconds)
    if process.returncode:
        raise SystemExit(errors[-3000:])
    return json.loads(out)


def broken(site: Site) -> tuple[int, float]:
    """How many pairs of requests came too close together at a host, and the smallest gap (seconds)."""
    gaps = [after - before for before, after in pairwise(sorted(site.times))]
    return sum(gap < DELAY - CLOCK for gap in gaps), min(gaps)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="200 pages, three kills")
    parser.add_argument("--seed", type=int, default=None, help="of the random moments; another each time without it")
    given = parser.parse_args()
    pages, kills = (200, 3) if given.quick else (2_000, 10)
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    draw = random.Random(seed)
    moments = sorted(draw.sample(range(1, pages * 9 // 10), kills))
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        shared = folder / "shared"
        url = stack.enter_context(redis_server(folder))
        sites = [stack.enter_context(Site(f"127.0.0.{number + 1}", pages // HOSTS)) for number in range(HOSTS)]
        spaces = [workspace(folder, sites, url, shared, f"worker{number}") for number in range(WORKERS)]
        names = [option for number in range(HOSTS) for option in ("-s", f"site{number}")]
        workers = [run(space, "crawl", *names) for space in spaces]
        killed: Counter[str] = Counter()
        print(f"{'kill at page':>12} {'worker':>8} {'asked for':>10}")
        for moment in moments:
            while sum(len(site.asked) for site in sites) < moment:
                time.sleep(0.005)
                if all(worker.poll() is not None for worker in workers):
                    raise SystemExit(
                        "both workers ended before their work was done:\n" + workers[0].communicate()[1][-3000:]
                    )
            time.sleep(draw.uniform(0.0, 0.05))
            which = draw.randrange(WORKERS)
            alive = workers[which].poll() is None
            workers[which].kill()
            _, errors = workers[which].communicate()
            if workers[which].returncode not in (-signal.SIGKILL, 0):
                raise SystemExit(f"a worker ended by itself:\n{errors[-3000:]}")
            killed[f"worker{which}"] += alive
            workers[which] = run(spaces[which], "crawl", *names)
            print(f"{moment:>12} {which:>8} {sum(len(site.asked) for site in sites):>10}")
        for worker in workers:
            ended(worker)
        crawled = time.perf_counter() - begun
        one = workspace(folder, sites, "", shared, "one")
        told = ended(run(one, "ingest", str(shared)))
        again = ended(run(one, "ingest", str(shared)))
        wanted = {f"{site.url}/post/{number}" for site in sites for number in range(1, pages // HOSTS + 1)}
        with Store.open(one / "xuncha.db") as store:
            documents = Counter(
                document.url for batch in store.documents.unjudged("nobody") for _, _, document in batch
            )
            captures = list(store.captures.all())
        by_page = Counter(capture.url for capture in captures if capture.source != "robots.txt")
        damaged = sum(read_at(one / "archive" / c.warc, c.offset, c.sha256).url != c.url for c in captures)
        spacing = [broken(site) for site in sites]
    shares = {worker: counts["captures"] for worker, counts in told.items()}
    print(f"\ncaptures by worker: {shares}; crawl {crawled:.0f} s; seed {seed}")
    print(
        f"smallest gap between two requests to a host: {min(gap for _, gap in spacing) * 1000:.1f} ms (delay {DELAY * 1000:.0f} ms)"
    )
    result = {
        "pages": len(wanted), "kills": sum(killed.values()), "lost": len(wanted - set(documents)),
        "twice": sum(documents[url] > 1 or by_page[url] > 1 for url in wanted), "spacing_broken": sum(count for count, _ in spacing),
        "damaged": damaged, "ingested_again": sum(sum(counts[what] for what in ("captures", "new", "changed")) for counts in again.values()),
        "asked_again": sum(count - 1 for site in sites for path, count in site.asked.items() if path.startswith("/post/")), "seed": seed,
    }  # fmt: skip
    print(json.dumps(result))
    if result["lost"] or result["twice"] or result["spacing_broken"] or damaged or result["ingested_again"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
