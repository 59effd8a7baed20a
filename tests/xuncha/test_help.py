"""The command line answers at once: help needs no heavy library, and no fault is a trace."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from typer.main import get_command

from core.plugins import ROOT
from xuncha.cli import app

Xuncha = Callable[..., "CompletedProcess[bytes]"]
HEAVY = {
    "scrapy",
    "twisted",
    "sklearn",
    "torch",
    "numpy",
    "jieba",
    "rjieba",
    "opencc",
    "sqlite_utils",
    "starlette",
    "sentence_transformers",
}
PROBE = """
import sys
from xuncha.cli import main
sys.argv = ["xuncha", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("\\nloaded", *sorted({name.split(".")[0] for name in sys.modules}))
"""


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        found += [(name,), *((name, inner) for inner in getattr(command, "commands", {}))]
    return found


def test_the_commands_are_those_of_the_documentation() -> None:
    assert {command[0] for command in commands() if command} >= {
        "init", "doctor", "demo", "crawl", "import", "classify", "link", "report", "nightly", "sources", "refused", "leads", "config", "review",
    }  # fmt: skip


@pytest.mark.parametrize("command", commands(), ids=lambda command: " ".join(command) or "xuncha")
def test_help_says_what_a_command_does_and_loads_nothing_heavy(command: tuple[str, ...]) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *command, "--help"], capture_output=True, text=True, env=environ, timeout=60
    )
    after = os.times()
    assert done.returncode == 0, done.stderr
    shown, _, loaded = done.stdout.rpartition("\nloaded")
    assert re.search(r"^Usage: .*" + " ".join(command), shown)
    assert len(shown.splitlines()) > 4
    assert not set(loaded.split()) & HEAVY
    seconds = after.children_user - before.children_user + after.children_system - before.children_system
    assert seconds < 0.5


@pytest.mark.parametrize(
    "arguments",
    [
        ("nightl",),
        ("crawl", "--sorce", "x"),
        ("sources", "tst"),
        ("import",),
        ("leads", "--limit", "0"),
        ("leads", "--limit", "x"),
    ],
)
def test_a_slip_of_the_pen_is_status_2_with_the_usage(xuncha: Xuncha, arguments: tuple[str, ...]) -> None:
    done = xuncha(*arguments)
    assert done.returncode == 2
    assert b"Usage: " in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [("crawl",), ("nightly",), ("link",), ("leads",), ("refused",), ("report",), ("classify",), ("sources", "list"), ("sources", "test", "x"), ("backup", "b.db"),
                  ("import", "a.jsonl", "--platform", "p")], ids=" ".join,
)  # fmt: skip
def test_outside_of_a_workspace_a_command_says_how_to_make_one_and_makes_nothing(
    xuncha: Xuncha, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = xuncha(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert (
        done.stderr.decode()
        == f"xuncha: {tmp_path}: expected a workspace with xuncha.toml, found none; run `xuncha init {tmp_path}`\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_the_machine_is_one_line_too(xuncha: Xuncha, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = xuncha("init", tmp_path / "file" / "workspace")
    assert done.returncode == 1
    assert re.fullmatch(r"xuncha: .*Not a directory.*\n", done.stderr.decode())


def test_a_reader_that_goes_away_ends_the_command_without_a_trace(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m xuncha.cli config show --json -w {tmp_path} | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environ, cwd=ROOT, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_version_is_that_of_the_installation(xuncha: Xuncha) -> None:
    done = xuncha("--version")
    assert (done.returncode, done.stdout.decode().strip()) == (0, f"xuncha {version('xuncha')}")
