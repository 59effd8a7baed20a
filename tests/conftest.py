"""What all rooms' tests share: the command line as a user runs it, and a surrounding that does not steer the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.plugins import ROOT

for variable in [name for name in os.environ if name.startswith("XUNCHA_") and name != "XUNCHA_SHARED_DATA"]:
    del os.environ[variable]  # the operator's own settings are no part of the facts

# Shared machines are slow at times, and a test must say the same today and tomorrow; nothing is left behind.
settings.register_profile(
    "xuncha", database=None, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("xuncha")

Xuncha = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="session")
def xuncha() -> Xuncha:
    """``xuncha(*arguments, input=b"", cwd=..., **variables)``: the command line in a process of its own."""

    def run(
        *arguments: object, input: bytes = b"", cwd: Path = ROOT, **variables: str
    ) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "xuncha.cli", *map(str, arguments)]
        environ = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        return subprocess.run(command, input=input, capture_output=True, cwd=cwd, env=environ, timeout=120)

    return run
