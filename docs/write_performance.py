"""Run the benchmarks and write docs/performance.md from what they print: python docs/write_performance.py [--quick] [--only NAME,NAME] (`make bench`).

A benchmark that fails is written down as failed, with what it printed; the page says on which machine, when, and at which commit.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
NAMES = (
    "crawl_speed", "classify_speed", "campaigns", "frontier_kill", "frontier_redis", "sweep", "night_growth", "review_load", "start_up",
)  # fmt: skip
TWICE = ("classify_speed", "frontier_redis", "sweep", "night_growth")  # so that the page shows how far two runs differ
HEAD = """# Performance

Written by `make bench` from what the benchmarks print; each command below prints its table again. Ratios are taken in one run on one machine,
so they say more than the figures beside them. Where a second line of figures stands below a table, the benchmark was run again at once.

"""


def machine() -> str:
    """One line about what the figures were taken on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}"


def commit() -> str:
    """The commit that a figure was taken at, and whether the tree differed from it."""
    asked = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(asked, capture_output=True, text=True, cwd=ROOT).stdout.strip() or "unknown"


def section(name: str, quick: bool) -> str:
    """A benchmark's part of the page."""
    command = [sys.executable, f"benchmarks/{name}.py", *(["--quick"] if quick else [])]
    began, load = time.monotonic(), os.getloadavg()[0]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    seconds = time.monotonic() - began
    shown = done.stdout.strip() or done.stderr.strip()[-2000:]
    if name in TWICE and not done.returncode:
        again = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        shown += "\n" + (again.stdout.strip() or again.stderr.strip()).rpartition("\n")[2]
    failed = f" **It failed** (exit status {done.returncode})." if done.returncode else ""
    purpose = next(
        line for line in (ROOT / "benchmarks" / f"{name}.py").read_text("utf-8").splitlines() if line.startswith('"""')
    )
    said = purpose.strip('"').partition(": python ")[0].rstrip(".")
    return (
        f"## {name}\n\n{said}.{failed} `{' '.join(['python', *command[1:]])}`: {seconds:.0f} s, load of the machine before it {load:.1f}; "
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}.\n\n"
        f"```text\n{shown}\n```\n\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the quick form of each")
    parser.add_argument(
        "--only", default="", help="names, with commas: the other sections of the page stay as they are"
    )
    given = parser.parse_args()
    only = [name for name in given.only.split(",") if name]
    old = {}
    if only and PAGE.exists():
        for part in PAGE.read_text("utf-8").split("\n## ")[1:]:
            old[part.partition("\n")[0].strip()] = f"## {part.rstrip()}\n\n"
    parts = []
    for name in NAMES:
        if only and name not in only:
            parts.append(old.get(name, ""))
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        parts.append(section(name, given.quick))
        print(parts[-1], flush=True)
    PAGE.write_text(HEAD + f"{machine()}.\n\n" + "".join(parts).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
