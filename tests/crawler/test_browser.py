"""Pages that Chromium draws: the real browser on loopback sites, and what it may and may not ask for."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from site_server import Reply, Site, configure, declare, night

from core.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
pytest.importorskip("scrapy_playwright")

SOURCE = """
title: {name}
kind: html
browser: true
wait_for: {wait}
start_urls: ['{url}/']
hosts: [{hosts}]
list: {{link: a.t}}
document: {{title: h1, text: .body}}
"""
LIST = """<!DOCTYPE html><html><head><meta charset="utf-8"><script src="/app.js"></script><script src="/private/tracker.js"></script>
<script src="{elsewhere}/cdn.js"></script><script src="/moved.js"></script><link rel="stylesheet" href="/style.css"></head><body><div id="list"></div>
<img src="/picture.png"></body></html>"""
APP = """
addEventListener('load', async () => {
  const rows = await (await fetch('/data/list.json')).json();
  for (const row of rows) { const a = document.createElement('a'); a.className = 't'; a.href = row.url; a.textContent = row.title; document.getElementById('list').append(a); }
  fetch('/private/more.json').catch(() => {});
  fetch('/collect', {method: 'POST', body: 'x'}).catch(() => {});
  fetch('http://169.254.169.254/latest').catch(() => {});
  fetch('/data/redirected').catch(() => {});
  try { new WebSocket('ws://' + location.host + '/socket'); } catch (e) {}
  window.open('/popup');
  history.pushState({}, '', '/elsewhere/in/name/only');
});
"""
POST = """<!DOCTYPE html><html><head><meta charset="gbk"></head><body><h1>看见白鹭</h1><div class="body"></div><script>
document.querySelector('.body').innerHTML = '<p>今天看见白鹭。</p><a href="weixin://dl/chat?zq0heron">咨询</a>';</script></body></html>"""
JSON = {"Content-Type": "application/json"}
SCRIPT = {"Content-Type": "text/javascript; charset=utf-8"}


def refused(store: Store, source: str = "drawn") -> dict[str, str]:
    return {refusal.url.rsplit("/", 1)[1]: refusal.reason for refusal in store.refusals.all(source=source)}


@pytest.fixture(scope="module")
def patrolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    workspace = tmp_path_factory.mktemp("browser")
    elsewhere, site = Site({"/cdn.js": Reply("", headers=SCRIPT)}), Site({})
    site.pages.update({
        "/robots.txt": Reply("User-agent: *\nDisallow: /private/\n"),
        "/": Reply(LIST.format(elsewhere=elsewhere.url), headers={"ETag": '"frame"'}),
        "/app.js": Reply(APP, headers=SCRIPT),
        "/data/list.json": Reply(json.dumps([{"url": "/post/1", "title": "一"}, {"url": "/post/2", "title": "二"}, {"url": "/private/3", "title": "三"}]), headers=JSON),
        "/data/redirected": Reply(status=302, headers={"Location": "/private/behind.json"}),
        "/moved.js": Reply(status=301, headers={"Location": "/arrived.js"}),
        "/arrived.js": Reply("", headers=SCRIPT),
        "/post/1": Reply(POST.encode("gb18030"), headers={"Content-Type": "text/html"}),
        "/post/2": Reply(status=404),
        **{f"/private/{name}": Reply("secret", headers=SCRIPT) for name in ("tracker.js", "more.json", "behind.json", "3")},
        **dict.fromkeys(("/collect", "/popup", "/socket", "/picture.png", "/style.css"), Reply("x")),
    })  # fmt: skip
    with site, elsewhere:
        configure(workspace, page_deadline_seconds=40.0)
        declare(workspace, "drawn", SOURCE.format(name="drawn", url=site.url, wait="a.t", hosts=""))
        run = night(workspace, 150)
        asked = site.paths()
        again = night(workspace, 150)
        with Store.open(workspace / "xuncha.db") as store:
            yield {
                "run": run,
                "again": again,
                "asked": asked,
                "site": site,
                "elsewhere": elsewhere,
                "store": store,
                "workspace": workspace,
            }


def test_a_list_that_a_script_draws_leads_to_its_pages(patrolled: dict[str, Any]) -> None:
    (found,) = [d for batch in patrolled["store"].documents.unjudged("nobody") for _, _, d in batch]
    assert (found.title, found.text) == ("看见白鹭", "今天看见白鹭。\n咨询 微信 zq0heron")
    assert found.url == f"{patrolled['site'].url}/post/1"
    assert patrolled["run"]["counts"]["new"] == 1


def test_nothing_that_robots_txt_forbids_is_asked_for_by_page_script_or_redirect(patrolled: dict[str, Any]) -> None:
    assert not [path for path in patrolled["asked"] if path.startswith("/private/")]
    told = refused(patrolled["store"])
    assert {told[name] for name in ("tracker.js", "more.json", "behind.json", "3")} == {"robots.txt"}


def test_other_hosts_inward_addresses_and_other_methods_are_refused_and_told(patrolled: dict[str, Any]) -> None:
    told = refused(patrolled["store"])
    assert (told["cdn.js"], told["latest"], told["collect"]) == ("off the source", "guard", "method")
    assert patrolled["elsewhere"].asked == []


def test_pictures_styles_popups_and_sockets_are_not_asked_for(patrolled: dict[str, Any]) -> None:
    assert not {"/picture.png", "/style.css", "/popup", "/socket", "/collect"} & set(patrolled["asked"])


def test_a_moved_script_is_followed_and_each_script_is_fetched_once(patrolled: dict[str, Any]) -> None:
    assert "/arrived.js" in patrolled["asked"]
    assert patrolled["asked"].count("/app.js") == 1


def test_frame_parts_and_drawn_page_are_all_in_the_archive(patrolled: dict[str, Any]) -> None:
    store, url = patrolled["store"], patrolled["site"].url
    (drawn,) = [c for c in store.captures.all("drawn") if c.url == f"{url}/post/1"]
    (frame,) = [c for c in store.captures.all("browser") if c.url == f"{url}/post/1"]
    content = b"".join(
        gzip.decompress(path.read_bytes()) for path in (patrolled["workspace"] / "archive").glob("*.warc.gz")
    )
    assert f"X-Xuncha-Drawn: Chromium, from {frame.id}".lower().encode() in content.lower()
    assert "今天看见白鹭。</p>".encode() in content
    assert "今天看见白鹭".encode("gb18030") in content
    assert drawn.sha256 != frame.sha256
    assert f"{url}/data/list.json" in {c.url for c in store.captures.all("browser")}


def test_what_is_drawn_anew_is_asked_anew(patrolled: dict[str, Any]) -> None:
    """The frame of a drawn list is the same every night: a 304 for it says nothing of its rows."""
    assert patrolled["again"]["state"] == "finished"
    assert not [one for one in patrolled["site"].asked if "if-none-match" in one.headers]


def test_parts_count_as_no_pages_of_the_source(patrolled: dict[str, Any]) -> None:
    assert patrolled["run"]["counts"]["drawn/fetched"] == 3  # the list, the post, the one that is gone
    assert "browser/fetched" not in patrolled["run"]["counts"]


def test_a_page_that_never_rests_a_wall_and_a_flight_cost_only_themselves(tmp_path: Path) -> None:
    spin = "<html><body><h1>x</h1><script>setTimeout(() => { while (true) {} }, 50)</script></body></html>"
    flight = "<html><body><h1>飞</h1><div class=body>还在</div><script>location.href = '/login'</script></body></html>"
    wall = "<html><body><script>fetch('/data')</script></body></html>"
    with (
        Site({"/": Reply(spin)}) as one,
        Site({"/": Reply(flight), "/login": Reply("x")}) as two,
        Site({"/": Reply(wall), "/data": Reply(status=429)}) as three,
    ):
        configure(tmp_path, page_deadline_seconds=8.0)
        for name, site in (("spin", one), ("flight", two), ("wall", three)):
            text = SOURCE.format(name=name, url=site.url, wait="h1", hosts="").replace("list: {link: a.t}\n", "")
            declare(tmp_path, name, text.replace("wait_for: h1\n", "") if name == "wall" else text)
        run = night(tmp_path, 200)
        asked = two.paths()
    with Store.open(tmp_path / "xuncha.db") as store:
        assert refused(store, "spin") == {"": "too slow"}
        assert refused(store, "flight")["login"] == "navigation"
        assert set(refused(store, "wall").values()) == {"wall"}
        texts = [d.text for batch in store.documents.unjudged("nobody") for _, _, d in batch]
    assert texts == ["还在"]
    assert "/login" not in asked
    assert run["state"] == "finished"
