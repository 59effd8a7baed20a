"""The night by the command line: over the demo's friendly sites, twice; killed in the middle and started again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.plugins import ROOT
from core.store import Store
from crawler.sources import SHIPPED
from xuncha.demo.server import Served, serve, write_sources
from xuncha.workspace import create, settings_of, sources_of

pytestmark = pytest.mark.xdist_group("nightly")
FRIENDLY = ("forum", "board", "blog", "news", "gbk")  # sites without hostile pages
VARIABLES = {"XUNCHA_ALLOW_ADDRESSES": "127.0.0.1", "XUNCHA_DELAY_SECONDS": "0.01"}


def command(workspace: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    environ = {**os.environ, **VARIABLES, "PYTHONPATH": str(ROOT), "XUNCHA_WORKSPACE": str(workspace)}
    return [sys.executable, "-m", "xuncha.cli", *arguments], environ


def run(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    words, environ = command(workspace, *arguments)
    return subprocess.run(words, env=environ, capture_output=True, text=True, timeout=120, cwd=ROOT)


def told(workspace: Path, *arguments: str) -> Any:
    done = run(workspace, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    return json.loads(line)


def night(workspace: Path) -> dict[str, Any]:
    mine = [name for name, source in sources_of(settings_of(workspace)).items() if SHIPPED not in source.folder.parents]
    return told(workspace, "nightly", *(word for name in mine for word in ("-s", name)))


def kept(workspace: Path) -> dict[str, Any]:
    """What a workspace holds, free of ids and times."""
    with Store.open(workspace / "xuncha.db") as store:
        documents = [store.documents.get(id + 1) for id in range(store.documents.count())]
        captures = Counter((capture.url.split("/", 3)[3], capture.status) for capture in store.captures.all())
        assert all((workspace / "archive" / capture.warc).exists() for capture in store.captures.all())
        leads = {
            frozenset(
                (document.platform, document.native_id)
                for id in lead.documents
                if (document := store.documents.get(id))
            )
            for lead in store.leads.queue(100)
        }
        return {
            "documents": {(d.platform, d.native_id): (d.title, d.text) for d in documents if d},
            "captures": captures,
            "leads": leads,
        }


def made(workspace: Path, served: Served) -> Path:
    create(workspace, "https://xuncha.example/patrol", environ={})
    write_sources(workspace / "sources", {site: served[site] for site in FRIENDLY})
    return workspace


@dataclass
class Nights:
    """A workspace after two nights, and what each night told."""

    workspace: Path
    first: dict[str, Any]
    second: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    with serve() as served:
        workspace = made(tmp_path_factory.mktemp("nights"), served)
        first = night(workspace)
        before = kept(workspace)
        second = night(workspace)
        yield Nights(workspace, first, second, before, kept(workspace))


def test_the_first_night_tells_what_each_stage_did(nights: Nights) -> None:
    first = nights.first
    assert set(first) >= {"crawl", "sources", "classify", "link", "digest", "alarms"}
    assert first["crawl"]["state"] == "finished"
    assert first["crawl"]["new"] == len(nights.before["documents"]) == first["classify"]["documents"] > 60
    assert first["crawl"]["fetched"] == sum(source["fetched"] for source in first["sources"].values())
    assert 0 < first["link"]["leads"] == first["link"]["new"] <= first["classify"]["flagged"]
    assert first["alarms"] == []


def test_the_second_night_brings_nothing_new(nights: Nights) -> None:
    second = nights.second
    assert (second["crawl"]["new"], second["crawl"]["changed"]) == (0, 0)
    assert second["crawl"]["run"] != nights.first["crawl"]["run"]
    assert 0 < second["crawl"]["fetched"] < nights.first["crawl"]["fetched"] / 2
    assert second["classify"] == {"documents": 0, "flagged": 0, "unsure": 0}
    assert {kind: second["link"][kind] for kind in ("new", "grown", "merged", "split", "emptied")} == dict.fromkeys(
        ("new", "grown", "merged", "split", "emptied"), 0
    )
    assert (nights.after["documents"], nights.after["leads"]) == (nights.before["documents"], nights.before["leads"])


def test_every_stage_of_both_nights_is_a_finished_run(nights: Nights) -> None:
    with Store.open(nights.workspace / "xuncha.db") as store:
        for stage in ("nightly", "crawl", "classify", "link"):
            assert [run.state for run in store.runs.last(stage, 5)] == ["finished", "finished"]


def test_a_digest_lies_where_the_night_says(nights: Nights) -> None:
    for path in nights.first["digest"]:
        assert Path(path).stat().st_size > 1000
        assert Path(path).parent == nights.workspace / "reports"


def test_the_digest_can_be_written_again_and_says_the_same(nights: Nights) -> None:
    again = [told(nights.workspace, "report", "digest") for _ in range(2)]
    assert again[0]["files"] == again[1]["files"] == nights.second["digest"]
    assert again[0]["data"]["headline"] == again[1]["data"]["headline"]
    assert again[0]["data"]["headline"]["new_leads"]["count"] == nights.first["link"]["leads"]


def test_judging_and_linking_again_change_nothing(nights: Nights) -> None:
    assert told(nights.workspace, "classify")["documents"] == 0
    counts = told(nights.workspace, "link")
    assert counts.pop("leads") == nights.first["link"]["leads"]
    assert set(counts.values()) == {0}


def test_leads_are_listed_by_priority_without_a_single_contact(nights: Nights) -> None:
    rows = told(nights.workspace, "leads", "--limit", "5")
    assert len(rows) == 5
    assert [row["priority"] for row in rows] == sorted((row["priority"] for row in rows), reverse=True)
    assert all(len(row["reasons"]) == 5 and row["documents"] > 0 for row in rows)
    with Store.open(nights.workspace / "xuncha.db") as store:
        values = {value for lead in store.leads.queue(100) for _, value in lead.contacts}
        fields = json.dumps([[row["reasons"], row["contacts"]] for row in rows])
    assert values
    assert not [value for value in values if value in fields]
    shown = run(nights.workspace, "leads").stdout
    assert shown.splitlines()[1].startswith("    probability ")


def test_refusals_are_listed_with_their_reasons(nights: Nights) -> None:
    rows = told(nights.workspace, "refused")
    assert {row["reason"] for row in rows} >= {"robots.txt"}
    assert all(set(row) == {"at", "source", "url", "reason", "detail", "run"} for row in rows)
    assert {row["source"] for row in told(nights.workspace, "refused", "-s", "forum")} == {"forum"}
    assert told(nights.workspace, "refused", "-s", "nowhere") == []
    lines = run(nights.workspace, "refused").stdout.splitlines()
    assert lines[0] == "when\tsource\turl\treason\tdetail"
    assert len(lines) == len(rows) + 1


def test_sources_are_listed_and_tried_without_touching_the_store(nights: Nights) -> None:
    rows = {row["source"]: row for row in told(nights.workspace, "sources", "list")}
    assert rows["forum"]["state"] == "on"
    assert rows["blog"]["kind"] == "feed"
    before = kept(nights.workspace)
    found = told(nights.workspace, "sources", "test", "board", "--pages", "3")
    assert found["robots"][0]["status"] == 200
    assert 0 < len(found["documents"]) <= 3
    assert all(document["text"] and document["id"] for document in found["documents"])
    assert kept(nights.workspace) == before
    done = run(nights.workspace, "sources", "test", "bord")
    assert (done.returncode, "no source 'bord'; did you mean 'board'?" in done.stderr) == (2, True)


def test_a_night_that_was_killed_is_gone_on_with_and_ends_with_the_same_documents(
    nights: Nights, tmp_path: Path
) -> None:
    with serve(delay=0.05) as served:
        workspace = made(tmp_path, served)
        words, environ = command(
            workspace, "nightly", "--json", *(word for site in nights.first["sources"] for word in ("-s", site))
        )
        with subprocess.Popen(
            words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
        ) as killed:
            wait_for(workspace, captures=25)
            killed.kill()
        with Store.open(workspace / "xuncha.db") as store:
            unfinished = store.runs.unfinished("crawl")
            assert unfinished is not None
            assert 25 <= store.captures.count() < sum(nights.before["captures"].values()), "killed in the middle"
        done = night(workspace)
        asked = Counter((site, path) for site, paths in served.asked.items() for path in paths if path != "/robots.txt")
    assert (done["crawl"]["run"], done["crawl"]["state"]) == (unfinished.id, "finished")
    found = kept(workspace)
    assert found["documents"] == nights.before["documents"]
    assert found["leads"] == nights.before["leads"]
    assert done["crawl"]["new"] == len(found["documents"]), "a run is counted over all its starts"
    assert (
        sum(times - 1 for times in asked.values())
        <= sum(nights.before["captures"].values()) - len(asked) + len(FRIENDLY) * 2
    )
    assert max(asked.values()) <= max(Counter(url for url, _ in nights.before["captures"]).values()) + 2


def wait_for(workspace: Path, captures: int) -> None:
    """Wait until a night that runs beside us has stored so many captures."""
    deadline = time.monotonic() + 60
    with closing(Store.open(workspace / "xuncha.db")) as store:
        while store.captures.count() < captures:
            assert time.monotonic() < deadline, "the night does not get on"
            time.sleep(0.02)


def test_a_workspace_without_sources_has_a_quiet_night(tmp_path: Path) -> None:
    create(tmp_path, "https://xuncha.example/patrol", environ={})
    done = run(tmp_path, "crawl", "--json")
    if list(SHIPPED.glob("*/source.yml")):
        pytest.skip("shipped sources would be asked")
    assert done.returncode == 0
    assert json.loads(done.stdout)["counts"]["fetched"] == 0
