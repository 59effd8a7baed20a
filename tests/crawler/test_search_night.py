"""A night with a web search: the key reaches the service and nothing else, and what is found is patrolled like any other page."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from site_server import Reply, Site, configure, declare, night

from core.errors import SettingsError
from core.store import Store
from crawler.needs import ready
from crawler.secrets import put_in, secret, taken_out
from crawler.sources import Source

KEY = "zq0-Key&0000"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
DECLARED = """
title: Search
kind: search
start_urls: ['{url}/search?q={{query}}&page={{page}}&key={{secret}}']
headers: {{X-Token: '{{secret}}'}}
secret: river
json: {{items: results, url: url, pages: 2}}
document: {{title: h1, text: p}}
"""


def archived(workspace: Path) -> bytes:
    return b"".join(gzip.decompress(path.read_bytes()) for path in (workspace / "archive").glob("*.warc.gz"))


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    workspace = tmp_path_factory.mktemp("search")
    found = Site({
        "/robots.txt": Reply("User-agent: *\nDisallow: /closed\n"),
        "/1": Reply("<h1>白鹭</h1><p>看见白鹭</p>"), "/closed/2": Reply("<p>closed</p>"), "/a?k=%7Bsecret%7D": Reply("<h1>x</h1><p>想要钥匙</p>"),
    })  # fmt: skip
    answers = {
        "results": [
            {"url": f"{found.url}/1"},
            {"url": f"{found.url}/closed/2"},
            {"url": f"{found.url}/a?k={{secret}}"},
        ],
        "you": KEY,
    }
    term, coded = "%E7%9C%8B+%E9%B8%9F", "zq0-Key%260000"
    api = Site({
        f"/search?key={coded}&page=1&q={term}": Reply(json.dumps(answers), headers={"Content-Type": "application/json"}),
        f"/search?key={coded}&page=2&q={term}": Reply('{"results": []}', headers={"Content-Type": "application/json"}),
    })  # fmt: skip
    with found, api:
        configure(workspace)
        declare(workspace, "search", DECLARED.format(url=api.url))
        (workspace / "secrets").mkdir()
        (workspace / "secrets/river").write_text(KEY + "\n")
        (workspace / "secrets/river").chmod(0o600)
        with Store.open(workspace / "xuncha.db") as store:
            store.watched.add("query", "看 鸟", "", NOW)
        run = night(workspace)
        with Store.open(workspace / "xuncha.db") as store:
            yield {"run": run, "store": store, "api": api, "found": found, "workspace": workspace}


def test_the_service_gets_the_key_and_the_query(searched: dict[str, Any]) -> None:
    asked = [one for one in searched["api"].asked if one.path.startswith("/search")]
    assert ["page=1" in one.path for one in asked] == [True, False]
    assert all("%260000" in one.path and one.headers["x-token"] == KEY for one in asked)


def test_what_is_found_is_patrolled_under_its_own_hosts_rules(searched: dict[str, Any]) -> None:
    texts = [d.text for batch in searched["store"].documents.unjudged("nobody") for _, _, d in batch]
    assert sorted(texts) == sorted(["看见白鹭", "想要钥匙"])
    assert searched["found"].asked[0].path == "/robots.txt"
    assert [(r.url.rsplit("/", 1)[1], r.reason) for r in searched["store"].refusals.all()] == [("2", "robots.txt")]


def test_the_key_goes_to_no_page_that_an_answer_names(searched: dict[str, Any]) -> None:
    assert any("secret" in one.path for one in searched["found"].asked)  # it asked for it
    for one in searched["found"].asked:
        assert KEY not in str(one)
        assert "260000" not in str(one)
        assert "x-token" not in one.headers


def test_the_key_stands_in_no_file_of_the_workspace(searched: dict[str, Any]) -> None:
    content = archived(searched["workspace"]) + b"".join(
        path.read_bytes() for path in searched["workspace"].glob("xuncha.db*")
    )
    assert b"results" in content
    for form in (KEY, "zq0-Key%260000"):
        assert form.encode() not in content
    assert b"%7Bsecret%7D" in content


def test_a_key_comes_from_a_variable_or_a_private_file(tmp_path: Path) -> None:
    assert secret(tmp_path, "river", {}) == ""
    assert secret(tmp_path, "river", {"XUNCHA_SECRET_RIVER": " zq0 "}) == "zq0"
    (tmp_path / "secrets").mkdir()
    path = tmp_path / "secrets/river"
    path.write_text("zq1\n")
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        secret(tmp_path, "river", {})
    path.chmod(0o600)
    assert secret(tmp_path, "river", {}) == "zq1"


def test_the_key_is_put_in_and_taken_out() -> None:
    assert put_in("a={secret}&b=%7Bsecret%7D&c=%7bsecret%7d", r"\1") == r"a=\1&b=\1&c=\1"
    assert taken_out(b"x zq0 y", "zq0") == b"x *** y"
    assert taken_out(b"x", "") == b"x"


@pytest.mark.parametrize(
    ("changes", "terms", "reason"),
    [
        ({"start_urls": ("http://a.test/?q={query}",)}, [], "no query terms"),
        ({"secret": "river"}, [], "no key"),
        ({"browser": True}, [], "needs a browser"),
    ],
)
def test_a_source_that_lacks_what_it_needs_is_left_out_and_the_ledger_says_why(
    tmp_path: Path, changes: dict[str, Any], terms: list[str], reason: str
) -> None:
    source = Source(
        **{
            "name": "s",
            "title": "s",
            "kind": "search",
            "platform": "s",
            "start_urls": ("http://a.test/",),
            "folder": Path(),
            **changes,
        }
    )
    found = ready(
        {"s": source, "t": Source("t", "t", "html", "t", ("http://b.test/",), Path())},
        terms,
        tmp_path,
        tmp_path / "no-browser",
        {},
    )
    assert list(found.sources) == ["t"]
    assert [(name, why) for name, _, why, _ in found.refused] == [("s", reason)]


def test_a_night_without_a_key_goes_on_with_the_others(tmp_path: Path) -> None:
    with Site({"/": Reply("<h1>一</h1><p>二</p>")}) as site:
        configure(tmp_path)
        declare(tmp_path, "search", DECLARED.format(url=site.url))
        declare(tmp_path, "other", f"title: o\nkind: html\nstart_urls: ['{site.url}/']\ndocument: {{text: p}}\n")
        with Store.open(tmp_path / "xuncha.db") as store:
            store.watched.add("query", "x", "", NOW)
        assert "XUNCHA_SECRET_RIVER" not in os.environ
        run = night(tmp_path)
        with Store.open(tmp_path / "xuncha.db") as store:
            (refusal,) = store.refusals.all()
    assert (run["counts"]["new"], refusal.source, refusal.reason) == (1, "search", "no key")
    assert "XUNCHA_SECRET_RIVER" in refusal.detail
