"""Facts about nights that follow one another: what one leaves, the next takes; and about hosts that several sources share."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from site_server import SOURCE, Reply, Site, configure, declare, listing, night, page

from core.store import Store
from core.types import Refusal

pytestmark = pytest.mark.xdist_group("kept")
NUMBERS = [f"/{number}" for number in range(1, 6)]
POSTS = {path: page(f"帖{path}") for path in NUMBERS}


def hours(begin: int, end: int, form: str) -> str:
    """A time of day from so many hours to so many hours from now, UTC."""
    now = datetime.now(UTC)
    return "-".join((now + timedelta(hours=each)).strftime(form) for each in (begin, end))


def unchanged(reply: Reply) -> Any:
    return lambda before: reply if before == 0 else Reply(status=304)


class Together:
    """Notes how many requests are under way at one time."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.lock = threading.Lock()

    def page(self, before: int) -> Reply:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.03)
        with self.lock:
            self.now -= 1
        return page("共")


TOGETHER = Together()
SITES: dict[str, dict[str, Any]] = {
    # a list that is unchanged the second night, and led to pages that the first night did not have
    "unchanged": {
        "/": unchanged(listing(*NUMBERS)), **POSTS,
        "/2": lambda before: Reply(status=500) if before < 3 else page("终于"), "/3": lambda before: Reply(drop=True) if before < 3 else page("也来了"),
    },
    "unchanged_wall": {"/": unchanged(listing(*NUMBERS)), **POSTS, "/2": lambda before: Reply(status=403) if before == 0 else page("二")},
    "unchanged_budget": {"/": unchanged(listing(*NUMBERS)), **POSTS},
    "bytes": {"/": listing(*NUMBERS), **POSTS, "/1": page("长" * 3_000)},
    "minutes": {"/": listing(*NUMBERS), **{path: page("慢", after=0.4) for path in NUMBERS}},
    "closed_hours": {"/": listing(*NUMBERS), **POSTS},
    "robots_hours": {"/robots.txt": Reply(f"User-agent: *\nVisit-time: {hours(2, 4, '%H%M')}\n"), "/": listing(*NUMBERS), **POSTS},
    "refreshed": {"/": listing("/1"), "/1": Reply("<meta http-equiv=refresh content='0;url=/2'>"), "/2": page("新址")},
    "shared": {"/": listing(*NUMBERS), "/other": listing(*(f"/o{number}" for number in range(5))), **dict.fromkeys(NUMBERS + [f"/o{number}" for number in range(5)], TOGETHER.page)},
    "slow_for_one": {"/": listing(*NUMBERS[:3]), "/other": listing("/o1", "/o2"), **POSTS, "/o1": page("甲"), "/o2": page("乙")},
}  # fmt: skip
MORE = {
    "unchanged_budget": "max_pages: 3\n", "bytes": "max_bytes: 4000\n", "minutes": "max_minutes: 0.01\n",
    "closed_hours": f"hours: '{hours(2, 4, '%H:%M')}'\nzone: '+00:00'\n",
}  # fmt: skip


class Nights:
    def __init__(self, sites: dict[str, Site], workspace: Path) -> None:
        self.sites = sites
        self.first = night(workspace, 90)
        self.asked_first = {name: len(site.asked) for name, site in sites.items()}
        self.second = night(workspace, 90)
        self.store = Store.open(workspace / "xuncha.db")

    def texts(self, *names: str) -> list[str]:
        found = [document for batch in self.store.documents.unjudged("nobody") for _, _, document in batch]
        return sorted(document.text for document in found if document.source in names)

    def refused(self, name: str, run: int = 1) -> dict[str, Refusal]:
        return {
            refusal.url.removeprefix(self.sites[name].url): refusal
            for refusal in self.store.refusals.all(run=run, source=name)
        }

    def asked(self, name: str, run: int = 1) -> list[str]:
        first = self.asked_first[name]
        paths = [one.path for one in self.sites[name].asked]
        return paths[:first] if run == 1 else paths[first:]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    workspace = tmp_path_factory.mktemp("nights")
    configure(workspace, max_wait_seconds=5.0)
    with ExitStack() as stack:
        sites = {name: stack.enter_context(Site(pages)) for name, pages in SITES.items()}
        for name, site in sites.items():
            declare(workspace, name, SOURCE.format(name=name, url=site.url) + MORE.get(name, ""))
        for name in ("shared", "slow_for_one"):
            text = SOURCE.format(name=name, url=sites[name].url).replace("/'", "/other'", 1)
            declare(workspace, f"{name}_too", text + ("delay_seconds: 0.5\n" if name == "slow_for_one" else ""))
        found = Nights(sites, workspace)
        stack.callback(found.store.close)
        yield found


def test_both_nights_come_to_their_end_with_nothing_left_over(nights: Nights) -> None:
    assert [nights.first["state"], nights.second["state"]] == ["finished", "finished"]
    assert [nights.first["issues"], nights.second["issues"]] == [[], []]
    assert nights.first["counts"]["kept"] > 0


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("unchanged", ["也来了", "帖/1", "帖/4", "帖/5", "终于"]),
        ("unchanged_wall", ["二", "帖/1", "帖/3", "帖/4", "帖/5"]),
        ("unchanged_budget", ["帖/1", "帖/2", "帖/3", "帖/4"]),
    ],
)
def test_what_one_night_could_not_have_the_next_one_takes_though_the_list_is_unchanged(
    nights: Nights, name: str, texts: list[str]
) -> None:
    assert nights.texts(name) == texts
    assert nights.asked(name, 2)[0] == "/"


def test_a_page_that_failed_has_one_try_on_the_next_night(nights: Nights) -> None:
    assert nights.asked("unchanged").count("/2") == 3
    assert nights.asked("unchanged", 2).count("/2") == 1
    assert nights.refused("unchanged")["/2"].reason == "server error"
    assert nights.refused("unchanged", 2) == {}


def test_a_budget_of_pages_is_one_of_requests(nights: Nights) -> None:
    assert [path for path in nights.asked("unchanged_budget") if path != "/robots.txt"] == ["/", "/1", "/2"]
    assert len(nights.asked("unchanged_budget", 2)) == 3
    assert {refusal.reason for refusal in nights.refused("unchanged_budget").values()} == {"page budget of the source"}


@pytest.mark.parametrize(
    ("name", "reason"), [("bytes", "byte budget of the source"), ("minutes", "time budget of the source")]
)
def test_a_budget_of_bytes_or_minutes_leaves_the_rest_to_the_next_night(nights: Nights, name: str, reason: str) -> None:
    first = [path for path in nights.asked(name) if path != "/robots.txt"]
    assert 1 < len(first) < 5
    refused = nights.refused(name)
    assert set(refused) == {"/", *NUMBERS} - set(first)
    assert {refusal.reason for refusal in refused.values()} == {reason}
    assert nights.asked(name, 2)[0] == "/"
    assert not set(nights.asked(name, 2)) & set(first) - {"/"}


def test_outside_of_its_hours_a_source_is_not_asked_and_its_pages_are_kept(nights: Nights) -> None:
    assert nights.asked("closed_hours") == []
    refusal = nights.refused("closed_hours")["/"]
    assert refusal.reason == "outside visiting hours"
    assert "kept for the next night" in refusal.detail


def test_outside_of_the_hours_in_robots_txt_nothing_else_is_asked(nights: Nights) -> None:
    assert nights.asked("robots_hours") == ["/robots.txt"]
    refusal = nights.refused("robots_hours")["/"]
    assert refusal.reason == "robots.txt"
    assert "outside visiting hours" in refusal.detail


def test_a_meta_refresh_leads_to_the_page_behind_it(nights: Nights) -> None:
    assert nights.texts("refreshed") == ["新址"]


def test_a_host_of_two_sources_is_asked_for_one_page_at_a_time(nights: Nights) -> None:
    assert len(nights.texts("shared", "shared_too")) == 10
    assert TOGETHER.most == 1


def test_a_host_of_two_sources_is_asked_at_the_pace_of_the_slower_one(nights: Nights) -> None:
    times = [one.at for one in nights.sites["slow_for_one"].asked[: nights.asked_first["slow_for_one"]]]
    assert len(times) == 8
    assert min(later - sooner for sooner, later in pairwise(times)) >= 0.48


def test_robots_txt_is_a_request_like_any_other(nights: Nights) -> None:
    site = nights.sites["slow_for_one"]
    assert site.asked[0].path == "/robots.txt"
    assert site.asked[1].at - site.asked[0].at >= 0.48
