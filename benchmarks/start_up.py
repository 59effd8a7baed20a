"""How long commands take that need no model: python benchmarks/start_up.py [--quick].

Each command runs in a process of its own in a fresh workspace; the figures are the best of several runs, CPU seconds (which others on the
machine hardly disturb) and seconds by the clock. The last line is JSON: ``slowest_cpu_s`` is the slowest of them; the aim is half a second.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AIM = 0.5
COMMANDS = (
    "--help", "crawl --help", "config show", "models", "sources list", "refused", "leads", "campaigns", "watch list", "user list", "holds",
    "audit log",
)  # fmt: skip


def best(command: str, folder: str, times: int) -> tuple[float, float]:
    """(CPU seconds, seconds) of the best run."""
    found = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "xuncha.cli", *command.split()],
            capture_output=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        seconds = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise SystemExit(f"xuncha {command}: {done.stderr.decode()[-1000:]}")
        found.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seconds))
    return min(cpu for cpu, _ in found), min(seconds for _, seconds in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two runs of each instead of seven")
    times = 2 if parser.parse_args().quick else 7
    with tempfile.TemporaryDirectory() as folder:
        best("init", folder, 1)
        table = {command: best(command, folder, times) for command in COMMANDS}
    print(f"{'command':<16} {'CPU s':>6} {'seconds':>8}")
    for command, (cpu, seconds) in table.items():
        print(f"{command:<16} {cpu:>6.2f} {seconds:>8.2f}")
    slowest = max(table, key=lambda command: table[command][0])
    result = {
        "help_cpu_s": round(table["--help"][0], 2),
        "slowest": slowest,
        "slowest_cpu_s": round(table[slowest][0], 2),
        "aim": AIM,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
