from __future__ import annotations

from pathlib import Path

import pytest

import reports
from core.errors import PluginError
from reports import report


def folder(parent: Path, name: str, body: str) -> None:
    (parent / name).mkdir()
    (parent / name / "report.py").write_text(body, "utf-8")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reports, "FOLDER", tmp_path)
    monkeypatch.setattr(reports, "__path__", [str(tmp_path)])
    return tmp_path


def test_every_shipped_report_keeps_the_contract() -> None:
    assert "digest" in reports.reports()


def test_a_dropped_in_folder_is_found(elsewhere: Path) -> None:
    folder(elsewhere, "throwaway_one", "TITLE = 'x'\ndef build(*a): ...\ndef write(*a): ...\n")
    assert reports.reports()["throwaway_one"].TITLE == "x"


def test_an_unknown_name_gets_the_nearest_known_one() -> None:
    with pytest.raises(PluginError, match="did you mean 'digest'"):
        report("digset")


def test_a_report_without_write_is_refused_by_path(elsewhere: Path) -> None:
    folder(elsewhere, "throwaway_two", "TITLE = 'x'\ndef build(*a): ...\n")
    with pytest.raises(PluginError, match=r"throwaway_two/report.py: .*'write'"):
        report("throwaway_two")


def test_a_report_that_cannot_be_imported_is_refused_by_path(elsewhere: Path) -> None:
    folder(elsewhere, "throwaway_three", "import no_such_module\n")
    with pytest.raises(PluginError, match="no_such_module"):
        report("throwaway_three")
