"""Workspaces: made, found, locked, and their settings shown with where they come from."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from core import settings
from core.errors import Busy, SettingsError
from core.plugins import ROOT
from core.store import Store
from xuncha.workspace import create, find, locked, settings_of, sources_of

Xuncha = Callable[..., "CompletedProcess[bytes]"]
CONTACT = "mailto:patrol@xuncha.example"


def test_init_makes_a_workspace_and_says_what_is_next(xuncha: Xuncha, tmp_path: Path) -> None:
    done = xuncha("init", tmp_path / "night", "--contact", CONTACT)
    assert done.returncode == 0
    assert {path.name for path in (tmp_path / "night").iterdir()} == {
        "sources",
        "reports",
        "archive",
        "xuncha.toml",
        "xuncha.db",
    }
    assert settings_of(tmp_path / "night")["contact"] == CONTACT
    assert (
        done.stdout.decode().splitlines()[-1] == f"next: declare sources, then `xuncha nightly -w {tmp_path / 'night'}`"
    )


def test_init_leaves_alone_what_is_there(xuncha: Xuncha, tmp_path: Path) -> None:
    xuncha("init", cwd=tmp_path)
    (tmp_path / "xuncha.toml").write_text('contact = "mailto:mine@xuncha.example"', "utf-8")
    (tmp_path / "sources" / "mine").mkdir()
    done = xuncha("init", "--contact", CONTACT, cwd=tmp_path)
    assert (done.returncode, b"made " in done.stdout) == (0, False)
    assert (
        done.stderr.decode()
        == f"xuncha.toml was there already and is left alone: write contact = '{CONTACT}' into it yourself\n"
    )
    assert settings_of(tmp_path)["contact"] == "mailto:mine@xuncha.example"
    assert (tmp_path / "sources" / "mine").is_dir()


@pytest.mark.parametrize("contact", ['say "hello"', "back\\slash", "巡查 #1", "two\nlines", "'"])
def test_a_contact_is_written_as_it_was_given(tmp_path: Path, contact: str) -> None:
    create(tmp_path, contact, environ={})
    assert settings.load(tmp_path, {})["contact"] == contact


def test_what_was_made_is_told_once(tmp_path: Path) -> None:
    assert tmp_path / "w" / "xuncha.toml" in create(tmp_path / "w", environ={})
    assert create(tmp_path / "w", environ={}) == []


def test_a_workspace_is_the_one_given_or_the_variables_or_this_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find(None) == tmp_path
    monkeypatch.setenv("XUNCHA_WORKSPACE", "/srv/night")
    assert find(None) == Path("/srv/night")
    assert find(Path("other")) == tmp_path / "other"


def test_config_show_names_where_each_value_comes_from(xuncha: Xuncha, tmp_path: Path) -> None:
    create(tmp_path, CONTACT, environ={})
    done = xuncha("config", "show", "--json", cwd=tmp_path, XUNCHA_DELAY_SECONDS="7")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert list(rows) == [item.name for item in settings.SETTINGS]
    assert (rows["contact"]["value"], rows["contact"]["origin"]) == (CONTACT, str(tmp_path / "xuncha.toml"))
    assert (rows["delay_seconds"]["value"], rows["delay_seconds"]["origin"]) == (7.0, "XUNCHA_DELAY_SECONDS")
    assert (rows["model"]["value"], rows["model"]["origin"]) == ("stack", "default")
    table = xuncha("config", "show", cwd=tmp_path).stdout.decode().splitlines()
    assert table[0] == "setting\tvalue\tfrom\twhat it is"
    assert all(line.count("\t") == 3 for line in table)


@pytest.mark.parametrize("command", [("config", "show"), ("leads",), ("nightly",)])
def test_an_unknown_setting_is_refused_with_the_nearest(
    xuncha: Xuncha, tmp_path: Path, command: tuple[str, ...]
) -> None:
    create(tmp_path, environ={})
    (tmp_path / "xuncha.toml").write_text("delay_second = 1", "utf-8")
    done = xuncha(*command, cwd=tmp_path)
    assert done.returncode == 2
    assert (
        done.stderr.decode()
        == f"xuncha: {tmp_path}/xuncha.toml: unknown setting 'delay_second'; did you mean 'delay_seconds'?\n"
    )


def test_an_unknown_source_lists_what_is_known(tmp_path: Path) -> None:
    create(tmp_path, environ={})
    with pytest.raises(SettingsError, match="no source 'nowhere'; known are "):
        sources_of(settings_of(tmp_path), ["nowhere"])


def test_a_second_run_is_told_who_is_at_work(xuncha: Xuncha, tmp_path: Path) -> None:
    create(tmp_path, CONTACT, environ={})
    with locked(tmp_path):
        for command in (("nightly",), ("classify",)):
            done = xuncha(*command, cwd=tmp_path)
            assert done.returncode == 5
            assert (
                done.stderr.decode()
                == f"xuncha: {tmp_path}: process {os.getpid()} is at work here; wait for it or stop it\n"
            )
        assert xuncha("leads", cwd=tmp_path).returncode == 0  # to look is always allowed


def test_the_lock_falls_with_its_holder_and_an_old_file_is_no_lock(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, time; from pathlib import Path; from xuncha.workspace import locked\n"
         "with locked(Path(sys.argv[1])):\n  print('held', flush=True); time.sleep(60)", str(tmp_path)],
        stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(Busy, match=f"process {holder.pid} is at work here"), locked(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with locked(tmp_path):
        assert (tmp_path / ".xuncha.lock").read_text() == str(os.getpid())
    with locked(tmp_path):
        pass


def test_a_crawl_without_a_contact_is_refused(xuncha: Xuncha, tmp_path: Path) -> None:
    create(tmp_path, environ={})
    for command in ("crawl", "nightly"):
        done = xuncha(command, cwd=tmp_path)
        assert done.returncode == 2
        assert (
            done.stderr.decode()
            .splitlines()[-1]
            .startswith("xuncha: setting 'contact' is empty; set it in xuncha.toml")
        )
    with Store.open(tmp_path / "xuncha.db") as store:
        assert store.runs.last("crawl", 1) == []


def test_a_back_up_can_be_opened_and_is_not_written_over(xuncha: Xuncha, tmp_path: Path) -> None:
    create(tmp_path, environ={})
    assert xuncha("backup", "copy.db", cwd=tmp_path).returncode == 0
    with Store.open(tmp_path / "copy.db") as store:
        assert store.documents.count() == 0
    done = xuncha("backup", "copy.db", cwd=tmp_path)
    assert (done.returncode, b"never written over" in done.stderr) == (1, True)


def test_a_stopped_command_says_that_it_can_be_started_again(tmp_path: Path) -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-m", "xuncha.cli", "classify", "-", "-m", "dummy", "--json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    for _ in range(128):  # a full batch: the answers show that it is at work
        waiting.stdin.write(b'{"text": "a"}\n')
    waiting.stdin.flush()
    waiting.stdout.readline()
    waiting.send_signal(signal.SIGINT)
    _, told = waiting.communicate(timeout=30)
    assert waiting.returncode == 130
    assert told.decode() == "xuncha: stopped; what was stored is safe, the same command goes on from there\n"
