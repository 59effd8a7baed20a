"""The benchmark of hostile servers, on those of its servers that no other test has and that need no time-out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHOSEN = [
    "endless_headers", "lying_short", "two_lengths", "no_http", "br_bomb", "robots_50_mb", "robots_bomb", "robots_inward", "redirect_inside",
    "dns_inside", "dns_nat64", "dns_turns", "nested", "long_attribute", "base_list", "bad_links", "same_list", "infinite_calendar", "refresh_out",
    "captcha", "banned_json", "deep_json", "entities",
]  # fmt: skip


@pytest.mark.xdist_group("hostile")
def test_each_hostile_server_gets_what_it_must() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/hostile_servers.py"), "--only", *CHOSEN],
        capture_output=True, text=True, timeout=280, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-3_000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["servers"], told["mishandled"]) == (len(CHOSEN), 0)
