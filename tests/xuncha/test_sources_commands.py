"""``xuncha sources``: robots.txt read live and kept with its date, sources off until then, a new one declared and tried."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "crawler"))
from site_server import Reply, Site, configure, declare, listing, page

from core.store import Store
from crawler import sources

Xuncha = Callable[..., "CompletedProcess[bytes]"]
DECLARED = "title: {name}\nkind: {kind}\nstart_urls: [{urls}]\nenabled: false\n"
FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><title>白鹭</title><guid>7</guid><description>微信 zq0heron</description></item></channel></rss>'


@pytest.fixture
def site() -> Iterator[Site]:
    pages: dict[str, Any] = {
        "/robots.txt": Reply("User-agent: *\nDisallow: /closed\nDisallow: /wp-json\n"),
        "/": listing("/1", "/2"), "/1": page("一"), "/2": page("二"), "/feed": Reply(FEED, headers={"Content-Type": "application/rss+xml"}),
        "/closed/": listing("/1"), "/wall": Reply("<html>x</html>", status=403), "/broken": Reply(FEED[:60], headers={"Content-Type": "text/xml"}),
        "/discuz": Reply('<html><head><meta name="generator" content="Discuz! X3.5"></head><body><table id="threadlisttableid"><tbody id="normalthread_7"><tr><th><a class="s xst" href="/thread-7-1-1.html">白鹭</a></th></tr></tbody></table></body></html>'),
    }  # fmt: skip
    with Site(pages) as site:
        yield site


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    configure(tmp_path / "w")
    return tmp_path / "w"


def listed(xuncha: Xuncha, workspace: Path) -> dict[str, dict[str, str]]:
    return {row["source"]: row for row in json.loads(xuncha("sources", "list", "--json", cwd=workspace).stdout)}


def test_robots_txt_is_read_live_and_kept_with_its_date_and_no_page_is_asked_for(
    xuncha: Xuncha, workspace: Path, site: Site
) -> None:
    with Site({"/robots.txt": Reply(status=503)}) as down:
        for name, kind, urls in (
            ("open", "html", f"'{site.url}/'"), ("shut", "html", f"'{site.url}/closed/'"), ("half", "feed", f"'{site.url}/feed', '{site.url}/closed/'"),
            ("blog", "wordpress", f"'{site.url}/'"), ("down", "html", f"'{down.url}/'"), ("asked", "search", f"'{site.url}/?q={{query}}'"),
        ):  # fmt: skip
            declare(workspace, name, DECLARED.format(name=name, kind=kind, urls=urls))
        done = xuncha("sources", "check", "open", "shut", "half", "blog", "down", "asked", "--json", cwd=workspace)
        asked_down = down.paths()
    assert done.returncode == 0, done.stderr
    verdicts = {row["source"]: row["verdict"] for row in json.loads(done.stdout)}
    assert verdicts == {
        "open": "allowed",
        "shut": "forbidden",
        "half": "partly",
        "blog": "partly",
        "down": "unreachable",
        "asked": "allowed",
    }
    assert (site.paths(), asked_down, len(site.asked)) == ([], [], 1)
    rows = listed(xuncha, workspace)
    assert rows["open"]["robots read"] == f"allowed, {datetime.now(UTC):%Y-%m-%d}"
    assert rows["hupu"]["robots read"] == "unknown"
    with Store.open(workspace / "xuncha.db") as store:
        (text,) = [c for c in store.captures.all("robots.txt") if c.url.startswith(site.url)]
        assert (workspace / "archive" / text.warc).exists()


def test_a_source_goes_on_only_after_its_robots_txt_allows_it(xuncha: Xuncha, workspace: Path, site: Site) -> None:
    declare(workspace, "open", DECLARED.format(name="open", kind="html", urls=f"'{site.url}/'"))
    declare(workspace, "shut", DECLARED.format(name="shut", kind="html", urls=f"'{site.url}/closed/'"))
    before = xuncha("sources", "on", "open", cwd=workspace)
    assert (before.returncode, "run `xuncha sources check open`" in before.stderr.decode()) == (2, True)
    assert xuncha("crawl", "--json", cwd=workspace).returncode == 0
    assert site.asked == []
    xuncha("sources", "check", "open", "shut", cwd=workspace)
    assert "it stays off" in xuncha("sources", "on", "shut", cwd=workspace).stderr.decode()
    assert xuncha("sources", "on", "open", cwd=workspace).returncode == 0
    assert listed(xuncha, workspace)["open"]["state"] == "on"
    run = json.loads(xuncha("crawl", "--json", cwd=workspace).stdout)
    assert run["counts"]["open/fetched"] == 1
    assert "shut/fetched" not in run["counts"]
    assert xuncha("sources", "off", "open", cwd=workspace).returncode == 0
    assert listed(xuncha, workspace)["open"]["state"] == "off"


def test_a_new_source_is_declared_tried_on_one_page_and_shown(xuncha: Xuncha, workspace: Path, site: Site) -> None:
    done = xuncha("sources", "new", "river", "--url", f"{site.url}/", "--list", "link=a.t", "--document", "title=h1", "--document", "text=p", "--option", "delay_seconds=9", "--json", cwd=workspace)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["kind"], told["state"], told["follow"]) == ("html", "on", [f"{site.url}/1", f"{site.url}/2"])
    assert site.paths() == ["/"]
    written = yaml.safe_load((workspace / "sources/river/source.yml").read_text("utf-8"))
    assert written == {
        "title": "river", "kind": "html", "start_urls": [f"{site.url}/"], "list": {"link": "a.t"}, "document": {"title": "h1", "text": "p"},
        "delay_seconds": 9, "robots_read": f"{datetime.now(UTC):%Y-%m-%d}",
    }  # fmt: skip
    run = json.loads(xuncha("crawl", "--json", cwd=workspace).stdout)
    assert run["counts"]["river/new"] == 2


@pytest.mark.parametrize(
    ("path", "kind", "found"), [("/feed", "feed", "白鹭"), ("/discuz", "discuz", ""), ("/1", "html", "")]
)
def test_the_kind_is_told_from_the_address_or_the_page(
    xuncha: Xuncha, workspace: Path, site: Site, path: str, kind: str, found: str
) -> None:
    site.pages["/ticker"] = site.pages[path]  # an address that tells nothing
    told = json.loads(xuncha("sources", "new", "ticker", "--url", f"{site.url}/ticker", "--json", cwd=workspace).stdout)
    assert (told["kind"], sources.load(workspace / "sources/ticker").kind) == (kind, kind)
    assert [row["title"] for row in told["documents"]] == ([found] if found else ["帖"] if kind == "html" else [])
    if kind == "discuz":
        assert told["follow"] == [f"{site.url}/thread-7-1-1.html"]


def test_what_is_not_given_is_asked_for(xuncha: Xuncha, workspace: Path, site: Site) -> None:
    done = xuncha(
        "sources", "new", "--list", "link=a.t", cwd=workspace, input=f"hebian\n{site.url}/\n河边论坛\n".encode()
    )
    assert done.returncode == 0, done.stderr
    assert "the page that it begins at" in done.stdout.decode()
    assert f"leads to  {site.url}/1" in done.stdout.decode()
    assert sources.load(workspace / "sources/hebian").title == "河边论坛"


@pytest.mark.parametrize(("path", "reason"), [("/closed/", "robots.txt"), ("/wall", "wall"), ("/gone", "")])
def test_a_source_whose_page_cannot_be_had_is_written_and_stays_off(
    xuncha: Xuncha, workspace: Path, site: Site, path: str, reason: str
) -> None:
    told = json.loads(xuncha("sources", "new", "shut", "--url", f"{site.url}{path}", "--json", cwd=workspace).stdout)
    assert told["state"] == "off, as its page could not be had"
    assert [row["reason"] for row in told["refused"]] == ([reason] if reason else [])
    assert not sources.load(workspace / "sources/shut").enabled
    assert path not in site.paths() or reason != "robots.txt"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Bad-Name", "--url", "http://a.test/"), "expected small letters"),
        (("hupu", "--url", "http://a.test/"), "there is such a source already"),
        (("x", "--url", "http://a.test/", "--kind", "htm"), "unknown kind 'htm'; did you mean 'html'?"),
        (("x", "--url", "ftp://a.test/"), "expected an http or https URL"),
        (("x", "--url", "http://a.test/", "--list", "a.t"), "expected part=selector"),
        (("x", "--url", "http://a.test/", "--list", "lnk=a"), "unknown key list.lnk; did you mean 'link'?"),
        (("x", "--url", "http://a.test/", "--option", "delay=3"), "unknown key 'delay'"),
    ],
)  # fmt: skip
def test_a_mistake_leaves_nothing_behind(
    xuncha: Xuncha, workspace: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = xuncha("sources", "new", *arguments, cwd=workspace)
    assert done.returncode in (2, 3)
    assert message in done.stderr.decode()
    assert not list((workspace / "sources").glob("*")) if (workspace / "sources").exists() else True


def test_a_trial_shows_and_stores_nothing(xuncha: Xuncha, workspace: Path, site: Site) -> None:
    declare(workspace, "asked", DECLARED.format(name="asked", kind="feed", urls=f"'{site.url}/feed?q={{query}}'"))
    site.pages["/feed?q=x"] = site.pages["/feed"]
    found = json.loads(xuncha("sources", "test", "asked", "--query", "x", "--json", cwd=workspace).stdout)
    assert [row["id"] for row in found["documents"]] == ["7"]
    with Store.open(workspace / "xuncha.db") as store:
        assert (store.documents.count(), store.captures.count()) == (0, 0)
