"""compose.yml holds what the program knows: commands with their options, settings, volumes that are declared. Docker itself is not asked."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_docs import COMMANDS

from core.settings import NOT_SETTINGS, PREFIX, SETTINGS

ROOT = Path(__file__).resolve().parent.parent
WHOLE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yml").read_text("utf-8"))
SERVICES: dict[str, Any] = WHOLE["services"]
OURS = [name for name in SERVICES if name != "redis"]


def test_it_runs_a_queue_two_crawlers_a_judge_and_the_review_application() -> None:
    assert list(SERVICES) == ["redis", "crawler-1", "crawler-2", "judge", "review"]
    assert SERVICES["review"]["ports"] == ["127.0.0.1:8790:8790"]  # not to the world


@pytest.mark.parametrize("name", OURS)
def test_each_command_exists_with_its_options(name: str) -> None:
    script = SERVICES[name]["command"][-1]
    found = re.findall(r"xuncha ([^;&]+)", script)
    assert found
    for line in found:
        words = shlex.split(line)
        command = COMMANDS[" ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_a_setting_and_each_volume_is_declared(name: str) -> None:
    known = {f"{PREFIX}{setting.name.upper()}" for setting in SETTINGS} | {f"{PREFIX}{n.upper()}" for n in NOT_SETTINGS}
    assert set(SERVICES[name].get("environment", {})) <= known
    assert {volume.partition(":")[0] for volume in SERVICES[name]["volumes"]} <= set(WHOLE["volumes"])


def test_the_crawlers_share_a_queue_and_a_place_and_have_names_of_their_own() -> None:
    one, two = (SERVICES[name]["environment"] for name in ("crawler-1", "crawler-2"))
    assert one["XUNCHA_FRONTIER"] == two["XUNCHA_FRONTIER"] == "redis://redis:6379/0"
    assert one["XUNCHA_HAND_OVER"] == two["XUNCHA_HAND_OVER"] == "/shared"
    assert one["XUNCHA_WORKER"] != two["XUNCHA_WORKER"]
    assert "xuncha ingest /shared" in SERVICES["judge"]["command"][-1]
