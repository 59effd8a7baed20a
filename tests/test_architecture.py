"""The import rule of the design, walked over every module: rooms meet in the store, never in each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "core",
    "text",
    "pictures",
    "crawler",
    "classifier",
    "models",
    "evidence",
    "leads",
    "review",
    "reports",
    "xuncha",
)
ALLOWED = {
    "core": set(),
    "text": {"core"},
    "pictures": {"core"},
    "classifier": {"core", "text"},
    "models": {"core", "text", "classifier"},
    "leads": {"core", "text"},
    "evidence": {"core", "text"},
    "crawler": {"core", "text", "pictures", "evidence"},
    "review": {"core", "text", "pictures", "evidence"},
    "reports": {"core", "text", "evidence"},
    "xuncha": set(ROOMS),
}
MOST_LINES = 330
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write the room's name"
            found.add((node.module or "").split(".")[0])
    return found & set(ROOMS)


def test_there_are_modules_in_every_room() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_what_the_design_allows(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    stray = _imports(path) - ALLOWED[room] - {room}
    assert not stray, f"{path.relative_to(ROOT)} imports {sorted(stray)}; {room} may import {sorted(ALLOWED[room])}"


def test_modules_stay_small_and_have_names_that_say_what_they_hold() -> None:
    for path in MODULES:
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= MOST_LINES, f"{path.relative_to(ROOT)} has {lines} lines; cut it where it does two things"
        assert path.stem not in FORBIDDEN_NAMES, f"{path.relative_to(ROOT)}: name it by what it holds"


def test_only_the_store_speaks_sql() -> None:
    for path in MODULES:
        if path.is_relative_to(ROOT / "core" / "store") or path.relative_to(ROOT).as_posix() == "xuncha/doctor.py":
            continue  # the doctor asks an in-memory SQLite whether it can do full-text search
        source = path.read_text("utf-8")
        for word in ("sqlite3", "sqlite_utils", ".execute(", "SELECT ", "INSERT INTO"):
            assert word not in source, f"{path.relative_to(ROOT)} holds {word!r}; SQL lives in core/store"


def test_scrapy_starts_without_calling_home_or_taking_orders() -> None:
    from crawler import settings

    assert settings.REMOTE_CONTROL_ENABLED is False
    assert settings.TELNETCONSOLE_ENABLED is False
    assert settings.COOKIES_ENABLED is False
    assert settings.DOWNLOAD_VERIFY_CERTIFICATES is True
    assert {scheme for scheme, handler in settings.DOWNLOAD_HANDLERS.items() if handler is None} == {
        "data",
        "file",
        "s3",
        "ftp",
    }
