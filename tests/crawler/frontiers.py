"""The forms of the frontier that the contract's tests are run on; a new form is one more entry of ``FORMS``.

Each takes an empty folder and gives a frontier whose runs 1, 2 and 3 exist.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.store import Store
from crawler.frontier import Frontier


@contextmanager
def sqlite(folder: Path) -> Iterator[Frontier]:
    with Store.open(folder / "xuncha.db") as store:
        for _ in range(3):
            store.runs.start("crawl", datetime(2026, 11, 20, tzinfo=UTC))
        yield store.frontier


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis server of its own, without persistence; gives its URL."""
    import redis

    program = shutil.which("redis-server")
    assert program, "expected redis-server; apt install redis-server"
    port = free_port()
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with redis.Redis(port=port) as client:
                for _ in range(500):
                    try:
                        client.ping()
                        break
                    except redis.ConnectionError:
                        time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.kill()


@contextmanager
def redis_form(folder: Path) -> Iterator[Frontier]:
    from crawler.redis_frontier import connect

    with redis_server(folder) as url:
        frontier = connect(url)
        yield frontier
        frontier.server.close()


FORMS: dict[str, Callable[[Path], AbstractContextManager[Frontier]]] = {"redis": redis_form, "sqlite": sqlite}
