"""Two crawlers that share a queue: every page once, whatever dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from frontiers import redis_server
from site_server import SOURCE, Reply, Site

from core.settings import load
from core.store import Store
from crawler.redis_frontier import connect
from xuncha.handing import ingest
from xuncha.workspace import create, now

HERE = Path(__file__).parent
PAGES = 12


def site(address: str) -> Site:
    links = "".join(f"<a class='t' href='/{number}'>帖</a>" for number in range(PAGES))
    posts = {f"/{number}": Reply(f"<h1>帖 {number}</h1><p>{address} 的第 {number} 帖</p>") for number in range(PAGES)}
    return Site({"/": Reply(links), **posts}, address)


def worker(folder: Path, name: str, url: str, sites: list[Site]) -> Path:
    for number, one in enumerate(sites):
        (folder / name / "sources" / f"site{number}").mkdir(parents=True)
        (folder / name / "sources" / f"site{number}" / "source.yml").write_text(
            SOURCE.format(name=f"site{number}", url=one.url), "utf-8"
        )
    lines = [
        'contact = "test@xuncha.example"', "delay_seconds = 0.1", "lease_seconds = 2.0", f'worker = "{name}"', f'frontier = "{url}"',
        'allow_addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]', f'hand_over = "{folder / "shared"}"',
    ]  # fmt: skip
    (folder / name / "xuncha.toml").write_text("\n".join(lines), "utf-8")
    return folder / name


# another worker brings a page just when this one has seen that nothing is left
LATE = """
from crawler.patrol import Patrol
close = Patrol.close
def late(patrol):
    close(patrol)
    patrol.frontier.push(patrol.run, "site0", "late", "http://127.0.0.1:9/late", "127.0.0.1:9", "{}", 0)
    patrol.frontier.commit()
Patrol.close = late
"""


# another worker queues and leases the first pages, and dies, between this one's look at the empty queue and its own first pages
EARLY = """
from crawler.patrol import Patrol
resume = Patrol.resume
def early(patrol):
    resume(patrol)
    with patrol.transaction():
        for source in patrol.sources.values():
            for follow in patrol.revisits.begin(source):
                assert patrol.push(source, follow, known=False)
    for host in patrol.frontier.hosts(patrol.run):
        assert patrol.frontier.lease(patrol.run, host, "other", patrol.now().timestamp(), 1.0)
    patrol.hosts.count({})
Patrol.resume = early
"""


def start(space: Path, before: str = "") -> subprocess.Popen[str]:
    code = f"""{before}
import sys; from pathlib import Path; import night; night.main(Path(sys.argv[1]))
from core import settings; from core.store import Store; from xuncha.handing import hand_over
chosen = settings.load(Path(sys.argv[1]))
with Store.open(chosen.path("database")) as store: hand_over(store, chosen)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])}
    return subprocess.Popen(
        [sys.executable, "-c", code, str(space)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def test_two_workers_share_the_hosts_and_one_store_gets_each_page_once(tmp_path: Path) -> None:
    with (
        redis_server(tmp_path) as url,
        site("127.0.0.1") as a,
        site("127.0.0.2") as b,
        site("127.0.0.3") as c,
    ):
        sites = [a, b, c]
        spaces = [worker(tmp_path, f"w{number}", url, sites) for number in range(2)]
        running = [start(space) for space in spaces]
        while sum(len(one.asked) for one in sites) < 10:
            assert running[0].poll() is None, running[0].communicate()
        running[0].kill()
        running[0].communicate()
        running[0] = start(spaces[0])
        told = [json.loads(_ended(process)) for process in running]
        assert [run["state"] for run in told] == ["finished", "finished"]
        gaps = [after.at - before.at for one in sites for before, after in zip(one.asked, one.asked[1:], strict=False)]
        assert min(gaps) > 0.09
    create(tmp_path / "one")
    settings = load(tmp_path / "one")
    with Store.open(settings.path("database")) as store:
        counts, faults = ingest(store, settings, str(tmp_path / "shared"), now)
        assert faults == []
        assert store.documents.count() == 3 * PAGES
        # lists are read anew by a worker that comes back when the night is over already
        urls = [capture.url for capture in store.captures.all() if capture.url[-1].isdigit()]
        assert len(urls) == len(set(urls)) == 3 * PAGES
        assert sum(found["new"] for found in counts.values()) == 3 * PAGES
        again, _ = ingest(store, settings, f"file://{tmp_path / 'shared'}", now)
        assert all(set(found.values()) == {0} for found in again.values())
        assert store.runs.unfinished("crawl") is None


def test_what_another_worker_brings_at_the_end_leaves_a_run_finished_and_the_page_queued(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url, site("127.0.0.1") as one:
        told = json.loads(_ended(start(worker(tmp_path, "w0", url, [one]), LATE)))
        assert (told["state"], told["issues"]) == ("finished", [])
        queue = connect(url)
        queue.join(1, ["site0"])
        assert queue.counts(1)["pending"] == 1


def test_a_worker_that_comes_while_another_has_the_first_pages_stays(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url, site("127.0.0.1") as one:
        told = json.loads(_ended(start(worker(tmp_path, "w0", url, [one]), EARLY)))
        assert (told["state"], told["counts"]["new"]) == ("finished", PAGES)


def _ended(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out
