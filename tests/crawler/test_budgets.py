from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import settings
from core.errors import PluginError
from crawler.budgets import Budgets, opens_in
from crawler.sources import Source, load, windows_of

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def source(**more: object) -> Source:
    return Source("s", "S", "html", "s", ("http://a.test/",), Path(), ("a.test",), **more)  # type: ignore[arg-type]


def budgets(tmp_path: Path, spent: dict[str, tuple[int, int]] | None = None, **values: object) -> Budgets:
    return Budgets(settings.load(tmp_path, {}).replace(**values), spent or {}, lambda *_: None)


@pytest.mark.parametrize(
    ("hours", "wait_hours"),
    [
        ("", 0), ("04:00-05:00", 0), ("03:00-04:00", 23), ("22:00-06:00", 0), ("22:00-04:00", 18), ("06:30-07:00", 2.5),
        ("23:00-01:00, 05:00-06:00", 1), ("00:00-24:00", 0), ("01:00–02:00,03:30 - 04:30", 0),
    ],
)  # fmt: skip
def test_how_long_it_is_until_the_visiting_hours(hours: str, wait_hours: float) -> None:
    assert opens_in(windows_of(hours), NOW) == wait_hours * 3600


def test_visiting_hours_are_the_sources_own_time(tmp_path: Path) -> None:
    assert budgets(tmp_path).opens_in(source(hours="12:00-13:00"), NOW) == 0  # 04:00 UTC is noon there
    assert budgets(tmp_path).opens_in(source(hours="04:00-05:00", zone="+00:00"), NOW) == 0
    assert budgets(tmp_path).opens_in(source(hours="04:00-05:00"), NOW) == 16 * 3600


@pytest.mark.parametrize("hours", ["night", "22-06", "25:00-26:00", "01:00", "01:00-02:60"])
def test_hours_that_cannot_be_read_are_an_error_that_names_the_file(tmp_path: Path, hours: str) -> None:
    (tmp_path / "source.yml").write_text(f"title: x\nkind: feed\nstart_urls: [http://a.test/]\nhours: '{hours}'\n")
    with pytest.raises(PluginError, match=r"source\.yml: hours: "):
        load(tmp_path)


@pytest.mark.parametrize("key", ["max_pages", "max_bytes", "max_minutes", "delay_seconds"])
@pytest.mark.parametrize("value", ["-1", "many", "true", ".inf"])
def test_a_budget_that_is_no_number_is_an_error_that_names_its_key(tmp_path: Path, key: str, value: str) -> None:
    (tmp_path / "source.yml").write_text(f"title: x\nkind: feed\nstart_urls: [http://a.test/]\n{key}: {value}\n")
    with pytest.raises(PluginError, match=f"{key}: expected a number"):
        load(tmp_path)


def test_pages_are_counted_against_the_source_or_else_the_setting(tmp_path: Path) -> None:
    spending = budgets(tmp_path, max_pages_per_source=3)
    for _ in range(2):
        spending.asked(source(), NOW)
    assert spending.exhausted(source(), NOW) is None
    assert (spending.exhausted(source(max_pages=2), NOW) or ("",))[0] == "page budget of the source"
    spending.asked(source(), NOW)
    assert (spending.exhausted(source(), NOW) or ("",))[0] == "page budget of the source"


def test_what_a_run_cost_before_it_was_cut_off_counts(tmp_path: Path) -> None:
    spending = budgets(tmp_path, {"s": (3, 900)}, max_pages_per_source=3)
    assert spending.exhausted(source(), NOW) is not None
    assert spending.exhausted(source(max_pages=4), NOW) is None
    assert (spending.exhausted(source(max_pages=4, max_bytes=900), NOW) or ("",))[0] == "byte budget of the source"


def test_bytes_are_counted(tmp_path: Path) -> None:
    spending = budgets(tmp_path, max_bytes_per_source=1_000)
    spending.came(source(), 999)
    assert spending.exhausted(source(), NOW) is None
    spending.came(source(), 1)
    assert (spending.exhausted(source(), NOW) or ("",))[0] == "byte budget of the source"


def test_minutes_run_from_the_first_page(tmp_path: Path) -> None:
    spending = budgets(tmp_path)
    late = NOW + timedelta(minutes=30)
    assert spending.exhausted(source(max_minutes=30), late) is None
    spending.asked(source(), NOW)
    spending.asked(source(), late)
    assert spending.exhausted(source(max_minutes=30.5), late) is None
    assert spending.exhausted(source(max_minutes=30), late) == (
        "time budget of the source",
        "30 minutes a run; kept for the next night",
    )
