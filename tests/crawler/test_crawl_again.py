"""Facts about crawls that were cut off, and about addresses that are never asked; each night in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from site_server import SOURCE, Site, begin, configure, declare, listing, night, page

from core.store import Store
from crawler import batches


def kill_after(requests: int, site: Site, process: subprocess.Popen[str]) -> None:
    """SIGKILL a night once a site was asked so many times: nothing can be tidied up."""
    while len(site.asked) < requests and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors


def test_a_killed_crawl_goes_on_where_it_stopped_and_loses_nothing(tmp_path: Path) -> None:
    paths = [f"/{number}" for number in range(60)]
    pages: dict[str, Any] = {path: page(f"帖{path}", after=0.01) for path in paths}
    with Site({**pages, "/": listing(*paths[:30], more="/more"), "/more": listing(*paths[30:])}) as site:
        configure(tmp_path)
        declare(tmp_path, "site", SOURCE.format(name="site", url=site.url))
        kill_after(25, site, begin(tmp_path))
        killed_after = len(site.asked)
        run = night(tmp_path)
        asked = Counter(site.paths())
    assert 25 <= killed_after < 60
    assert (run["id"], run["state"], run["issues"]) == (1, "finished", [])
    assert run["counts"]["new"] == 60
    assert set(asked) == {*paths, "/", "/more"}
    assert max(asked.values()) <= 2
    assert (
        sum(asked.values()) <= 62 + batches.PAGES + 1
    )  # an open batch is lost as one (decision 0010), and the page under way
    with Store.open(tmp_path / "xuncha.db") as store:
        texts = [document.text for batch in store.documents.unjudged("nobody") for _, _, document in batch]
    assert sorted(texts) == sorted(f"帖{path}" for path in paths)


def test_a_source_that_is_gone_when_a_crawl_goes_on_does_not_hold_it(tmp_path: Path) -> None:
    paths = [f"/{number}" for number in range(40)]
    pages: dict[str, Any] = {"/": listing(*paths), **{path: page(f"帖{path}", after=0.05) for path in paths}}
    with Site(pages) as site, Site({"/": listing("/1"), "/1": page("别处")}) as other:
        configure(tmp_path)
        declare(tmp_path, "site", SOURCE.format(name="site", url=site.url))
        kill_after(20, site, begin(tmp_path))  # a second of pages: batches of them are committed
        (tmp_path / "sources/site/source.yml").unlink()
        declare(tmp_path, "other", SOURCE.format(name="other", url=other.url))
        run = night(tmp_path, 30)
    assert run["state"] == "finished"
    assert run["counts"]["other/new"] == 1
    with Store.open(tmp_path / "xuncha.db") as store:
        assert {refusal.reason for refusal in store.refusals.all(source="site")} == {"source not in this crawl"}


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost"])
def test_an_inward_address_is_not_asked_whatever_it_is_called(tmp_path: Path, host: str) -> None:
    with Site({"/": page("内部")}) as site:
        configure(tmp_path, allow_addresses=[])
        declare(tmp_path, "inward", f"title: x\nkind: html\nstart_urls: ['http://{host}:{site.server.server_port}/']\n")
        run = night(tmp_path)
        assert site.asked == []
    assert (run["state"], run["counts"].get("new", 0)) == ("finished", 0)
    with Store.open(tmp_path / "xuncha.db") as store:
        assert len(store.refusals.all()) == 1
