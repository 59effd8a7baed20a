"""Many nights of a workspace, each in a process forked from this one, which has everything imported: a line of JSON
``[workspace, days]`` on standard input crawls one night with the clock moved on by so many days; its run comes back as a line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Nights:
    """Crawls nights on demand. Use as a context manager."""

    def __enter__(self) -> Nights:
        self.process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()  # type: ignore[union-attr]

    def crawl(self, workspace: Path, days: float = 0.0) -> dict[str, Any]:
        """Crawl one night to the end; the run."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([str(workspace), days]) + "\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


def _night(workspace: Path, days: float) -> None:
    from core import settings
    from core.store import Store
    from crawler.run import crawl
    from crawler.sources import SHIPPED, discover

    chosen = settings.load(workspace)
    own = {name: one for name, one in discover(chosen.path("sources")).items() if SHIPPED not in one.folder.parents}
    with Store.open(chosen.path("database")) as store:
        run = crawl(store, chosen, own, "0.1", lambda: datetime.now(UTC) + timedelta(days=days))
    print(
        json.dumps({"id": run.id, "state": run.state, "counts": dict(run.counts), "issues": list(run.issues)}),
        flush=True,
    )


def _serve() -> None:
    import crawler.pipelines
    import crawler.run
    import crawler.scheduler  # noqa: F401 - imported once, for all nights

    for line in sys.stdin:
        child = os.fork()
        if not child:
            status = 1
            try:
                workspace, days = json.loads(line)
                _night(Path(workspace), days)
                status = 0
            finally:
                os._exit(status)  # the reactor runs once in a process
        if os.waitpid(child, 0)[1]:
            print("{}", flush=True)


if __name__ == "__main__":
    _serve()
