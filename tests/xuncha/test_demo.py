"""The newcomer's minute, by the command itself; once in a session."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from core.labels import labels
from core.store import Store
from xuncha.demo.pages import SITES
from xuncha.screen import _STEERING

pytestmark = pytest.mark.xdist_group("demo command")
Xuncha = Callable[..., "CompletedProcess[bytes]"]
TRUTH = yaml.safe_load((SITES.parent / "truth.yml").read_text("utf-8"))


@dataclass
class Demo:
    """One run: its folder and what it wrote."""

    folder: Path
    done: CompletedProcess[bytes]

    @property
    def result(self) -> Any:
        return json.loads(self.done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def demo(xuncha: Xuncha, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("minute") / "xuncha-demo"
    real = (
        folder.parent / "real.db"
    )  # an operator's own settings must not reach into the demo, nor the demo into his store
    done = xuncha(
        "demo", "--json", cwd=folder.parent, XUNCHA_DATABASE=str(real), XUNCHA_MODEL="dummy", XUNCHA_DELAY_SECONDS="60"
    )
    assert not real.exists()
    return Demo(folder, done)


def test_it_ends_well(demo: Demo) -> None:
    assert demo.done.returncode == 0, demo.done.stderr.decode()
    assert b"Traceback" not in demo.done.stderr


def test_the_last_line_has_the_promised_keys_and_true_values(demo: Demo) -> None:
    assert list(demo.result) == ["captures", "documents", "flagged", "leads", "refused", "digest"]
    adverts = sum(labels()[label].flagged for those in TRUTH["documents"].values() for label in those.values())
    assert demo.result["documents"] == sum(map(len, TRUTH["documents"].values()))
    assert demo.result["captures"] > demo.result["documents"]
    assert demo.result["refused"] == sum(map(len, TRUTH["refused"].values()))
    assert adverts * 0.6 < demo.result["flagged"] < adverts * 1.8
    assert 0 < demo.result["leads"] <= demo.result["flagged"]


def test_the_numbers_are_those_of_the_store(demo: Demo) -> None:
    with Store.open(demo.folder / "xuncha.db") as store:
        assert demo.result["documents"] == store.documents.count()
        assert demo.result["captures"] == store.captures.count()
        assert demo.result["leads"] == store.leads.count()
        assert demo.result["refused"] == len(store.refusals.all())
        assert store.runs.last("nightly", 1)[0].state == "finished"
        assert store.damage() == []


def test_the_digest_is_a_page_that_can_be_opened(demo: Demo) -> None:
    page = Path(demo.result["digest"])
    assert page.parent == demo.folder / "reports"
    assert page.read_text("utf-8").lower().startswith("<!doctype html>")


def test_an_earlier_demo_is_replaced_and_told_in_plain_words(demo: Demo, xuncha: Xuncha) -> None:
    done = xuncha("demo", cwd=demo.folder.parent)
    assert done.returncode == 0
    shown = done.stdout.decode()
    assert f"in {demo.result['documents']} documents" in shown
    assert "Refused, and why:" in shown
    assert f"xuncha leads -w {demo.folder}" in shown
    assert not _STEERING.search(shown), "a hostile title must not steer the terminal"


def test_a_folder_with_other_files_is_never_emptied(xuncha: Xuncha, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", "utf-8")
    done = xuncha("demo", "-w", tmp_path)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(
        f"xuncha: {tmp_path}: expected an empty folder or an earlier demo, found other files"
    )
    assert (tmp_path / "thesis.txt").read_text("utf-8") == "mine"


def test_a_file_in_its_place_is_left_alone(xuncha: Xuncha, tmp_path: Path) -> None:
    (tmp_path / "xuncha-demo").write_text("mine", "utf-8")
    done = xuncha("demo", cwd=tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert (tmp_path / "xuncha-demo").read_text("utf-8") == "mine"
