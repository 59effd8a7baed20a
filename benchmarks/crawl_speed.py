"""How fast a whole patrol is, as a ratio to bare Scrapy on the same site in the same run.

    python benchmarks/crawl_speed.py [--quick]

The site is served by nginx where there is one (else by a small server), in a process of its own, on several loopback addresses, since
a patrol asks one host for one page at a time. Pages have 4 KB and 140 KB. Bare Scrapy is its own defaults with robots.txt obeyed, links
and title read with its selectors, nothing stored. The patrol is ``crawler.run.crawl`` as ``xuncha crawl`` calls it: guards, robots, WARC
records with SHA-256, documents by declared selectors, the store, leases. Both take turns; each figure is the best of its turns. Pages a
second are taken over the whole of a crawl, CPU milliseconds from the process's own account. The last line is JSON: ``ratio_to_scrapy``
is the worse of the two sizes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SIZES = {"4 KB": 4_000, "140 KB": 140_000}
PER_LIST = 40  # links of one list page
WORDS = [
    "今天", "河边", "风", "很大", "我们", "走了", "很远", "看见", "白鹭", "和", "船", "孩子", "在", "岸上", "放", "风筝", "晚上", "吃", "面条", "然后", "早早", "睡觉",
    "明天", "再", "去", "看", "花", "老", "邻居", "说", "雨", "要", "来", "院子", "里", "的", "柿子", "红", "了", "，", "。",
]  # fmt: skip
SCRIPT = """(function(w,d){{var s=d.createElement('script');s.async=true;s.src='/static/js/widget.{0}.js?v=20261106';var x=d.getElementsByTagName('script')[0];
if(x&&x.parentNode){{x.parentNode.insertBefore(s,x)}}w.pageData=w.pageData||[];w.pageData.push({{id:{0},group:'{1}',refresh:function(e){{return e&&e.target?e.target.id:null}}}});}})(window,document);"""
SOURCE = """
title: {name}
kind: html
start_urls: ['{url}/list-1.html']
list: {{link: a.t, next: a.next}}
document: {{title: h1, text: .text, author: .by, published: .on, id: '::attr(id)'}}
id_pattern: 't-(\\d+)'
"""
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; types {{ text/html html; text/plain txt; }} charset utf-8; keepalive_requests 100000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ {listen} root {folder}/site; }}
}}
"""


def page(number: int, size: int, draw: random.Random) -> str:
    """A forum's page with one post and, up to its size, what surrounds posts: navigation, styles, scripts, related links."""
    text = "".join(draw.choice(WORDS) for _ in range(250 if size < 10_000 else 900))
    head = (
        '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8">'
        f"<title>帖子 {number} - 河边论坛</title></head><body><nav><a href='/list-1.html'>首页</a><a href='/about.html'>关于</a></nav>"
        f'<h1>帖子 {number}</h1><div class="by">河边人{number % 97}</div><div class="on">2026-11-06 12:{number % 60:02d}</div><div class="text">{text}</div>'
    )
    if size > 10_000:
        head += f"<script>var seen=[{','.join(str(draw.randrange(10**7)) for _ in range(1_500))}];</script>"
    parts, length = [head], len(head.encode())
    while length < size - 300:
        kind = draw.choice((0, 0, 1, 2)) if size > 10_000 else 0
        link = draw.randrange(10_000)
        part = (
            f'<li class="rel"><a href="/old/{link}.html" title="相关 {link}">{draw.choice(WORDS)}{draw.choice(WORDS)}</a><span>{link}</span></li>'
            if kind == 0
            else f"<script>{SCRIPT.format(link, draw.choice(WORDS))}</script>"
            if kind == 1
            else f'<div class="c"><span>回复 {link}</span><p>{"".join(draw.choice(WORDS) for _ in range(60))}</p></div>'
        )
        parts.append(part)
        length += len(part.encode())
    return "".join([*parts, '<footer id="ft">河边论坛 · 版权所有</footer></body></html>'])


def make_site(folder: Path, pages: int, size: int) -> None:
    """``pages`` posts and the lists that lead to them, as files."""
    draw = random.Random(size)
    folder.mkdir(parents=True)
    (folder / "robots.txt").write_text("User-agent: *\nDisallow: /private/\n", "utf-8")
    lists = -(-pages // PER_LIST)
    for number in range(1, pages + 1):
        (folder / f"t-{number}.html").write_text(page(number, size, draw), "utf-8")
    for number in range(1, lists + 1):
        links = "".join(
            f'<a class="t" href="/t-{post}.html">帖子 {post}</a>'
            for post in range((number - 1) * PER_LIST + 1, min(pages, number * PER_LIST) + 1)
        )
        after = f'<a class="next" href="/list-{number + 1}.html">下一页</a>' if number < lists else ""
        (folder / f"list-{number}.html").write_text(
            f"<html><head><meta charset='utf-8'></head><body>{links}{after}</body></html>", "utf-8"
        )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path, addresses: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The site under ``folder/site`` on all addresses; gives the server's name and the hosts' URLs."""
    port = free_port()
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx:
        listen = "".join(f"listen {address}:{port}; " for address in addresses)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, listen=listen), "utf-8")
        command = [nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    else:
        command = [sys.executable, __file__, "--serve", str(folder / "site"), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex((addresses[-1], port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise SystemExit(f"the server did not come up: {(folder / 'error.log').read_text()}")
        yield ("nginx" if nginx else "a small server"), [f"http://{address}:{port}" for address in addresses]
    finally:
        process.terminate()
        process.wait()


def serve(folder: str, port: int) -> None:
    """The small server, on all loopback addresses."""

    class Quiet(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

    ThreadingHTTPServer(("0.0.0.0", port), partial(Quiet, directory=folder)).serve_forever()


def bare(urls: list[str]) -> dict[str, float]:
    """Bare Scrapy over the hosts; pages a second and CPU."""
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> Any:
            for url in urls:
                yield scrapy.Request(f"{url}/list-1.html")

        def parse(self, response: Any) -> Iterator[Any]:
            for link in response.css("a.t::attr(href), a.next::attr(href)").getall():
                yield response.follow(link, self.parse)
            yield {"url": response.url, "title": response.css("title::text").get()}

    process = AsyncCrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True, "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
            "COOKIES_ENABLED": False,  # it would load tldextract, which calls home
        }
    )  # fmt: skip
    crawler = process.create_crawler(Bare)
    begun, cpu_before = time.perf_counter(), cpu()
    process.crawl(crawler)
    process.start()
    stats = crawler.stats
    assert stats is not None
    return measured(int(stats.get_value("item_scraped_count")), begun, cpu_before)


def patrol(workspace: Path) -> dict[str, float]:
    """The patrol over the workspace's sources."""
    from scrapy.crawler import AsyncCrawlerProcess

    import crawler.spider
    from core.settings import load
    from core.store import Store
    from crawler.run import crawl
    from crawler.sources import SHIPPED, discover

    _ = AsyncCrawlerProcess, crawler.spider  # imported before the clock runs, as they are for bare Scrapy
    settings = load(workspace, {})
    found = discover(settings.path("sources"))
    own = {name: source for name, source in found.items() if SHIPPED not in source.folder.parents}
    with Store.open(settings.path("database")) as store:
        begun, cpu_before = time.perf_counter(), cpu()
        run = crawl(store, settings, own, "0.1")
        found = measured(run.counts["fetched"], begun, cpu_before)
        assert run.state == "finished", run
        lists = len(own) * -(-store.documents.count() // len(own) // PER_LIST)
        assert run.counts["fetched"] == store.documents.count() + lists, run.counts
        return found


def cpu() -> float:
    """CPU seconds of this process and of those it began and ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def measured(pages: int, begun: float, cpu_before: float) -> dict[str, float]:
    """The figures of one turn."""
    seconds = time.perf_counter() - begun
    return {"pages": pages, "rate": pages / seconds, "cpu_ms": (cpu() - cpu_before) * 1000 / pages}


def workspace_for(folder: Path, urls: list[str], addresses: list[str]) -> Path:
    """A workspace with one source for each host, no delay, loopback allowed."""
    for number, url in enumerate(urls):
        one = folder / "sources" / f"host{number}"
        one.mkdir(parents=True)
        (one / "source.yml").write_text(SOURCE.format(name=f"host {number}", url=url), "utf-8")
    lines = [
        'contact = "benchmark@xuncha.example"',
        "delay_seconds = 0.0",
        f"allow_addresses = {json.dumps(addresses)}",
        "max_pages_per_source = 100000",
    ]
    (folder / "xuncha.toml").write_text("\n".join(lines), "utf-8")
    return folder


def turn(*arguments: str) -> dict[str, float]:
    """One crawl in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr[-4000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(folder: Path, size: int, hosts: int, pages: int, turns: int) -> dict[str, Any]:
    """Turns of both over one site; the best of each."""
    folder.mkdir()
    make_site(folder / "site", pages, size)
    addresses = [f"127.0.0.{number}" for number in range(1, hosts + 1)]
    found: dict[str, list[dict[str, float]]] = {"scrapy": [], "xuncha": []}
    with served(folder, addresses) as (server, urls):
        for number in range(turns):
            workspace = workspace_for(folder / f"w{number}", urls, addresses)
            for who in ("scrapy", "xuncha") if number % 2 == 0 else ("xuncha", "scrapy"):
                found[who].append(turn("--bare", *urls) if who == "scrapy" else turn("--patrol", str(workspace)))
    best = {who: max(rows, key=lambda row: row["rate"]) for who, rows in found.items()}
    return {"server": server, **best, "ratio": best["xuncha"]["rate"] / best["scrapy"]["rate"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smaller site, two turns")
    parser.add_argument("--bare", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--patrol", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        return serve(given.serve[0], int(given.serve[1]))
    if given.bare or given.patrol:
        print(json.dumps(bare(given.bare) if given.bare else patrol(given.patrol)))
        return None
    hosts, pages, turns = (16, 40, 2) if given.quick else (16, 120, 4)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # nginx, started as root, reads as somebody else
        rows = {name: compare(Path(folder) / f"size-{size}", size, hosts, pages, turns) for name, size in SIZES.items()}
    print(f"{hosts} hosts, {pages} posts each, best of {turns} turns, served by {next(iter(rows.values()))['server']}")
    print(f"{'pages':8} {'':8} {'pages/s':>9} {'CPU ms a page':>14}")
    for name, row in rows.items():
        for who in ("scrapy", "xuncha"):
            print(f"{name:8} {who:8} {row[who]['rate']:9.1f} {row[who]['cpu_ms']:14.2f}")
        print(f"{name:8} {'ratio':8} {row['ratio']:9.2f}")
    print(
        json.dumps(
            {
                "ratio_to_scrapy": round(min(row["ratio"] for row in rows.values()), 3),
                "ratios": {name: round(row["ratio"], 3) for name, row in rows.items()},
                "pages_per_second": {name: round(row["xuncha"]["rate"], 1) for name, row in rows.items()},
                "scrapy_pages_per_second": {name: round(row["scrapy"]["rate"], 1) for name, row in rows.items()},
                "aim": 0.8,
            }
        )
    )
    return None


if __name__ == "__main__":
    main()
