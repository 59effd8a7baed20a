"""A real headless Chromium, and a watch over what a page must not do. All of it on loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from leads_desk import PASSWORD
from starlette.applications import Starlette

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PATIENCE_MS = 20_000


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """The application on a free port; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False, ws="none")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


class Seen:
    """What a page did that it should not: console errors, CSP violations, dialogs, requests elsewhere, calls of ``pwned``."""

    def __init__(self, page: Any, address: str) -> None:
        self.bad: list[str] = []
        page.expose_function("pwned", lambda *values: self.bad.append(f"executed {values}"))
        page.on(
            "console", lambda message: self.bad.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.bad.append(str(error)))
        page.on("dialog", lambda dialog: self.bad.append("dialog"))
        page.on("request", lambda request: None if request.url.startswith(address) else self.bad.append(request.url))


def arrive(page: Any, selector: str) -> None:
    """Wait for something on a page, and for the page's script to listen: keys pressed before that are lost."""
    page.wait_for_selector(selector)
    page.wait_for_load_state("load")


def sign_in(page: Any, name: str = "mei") -> None:
    """Sign in on the page that asks for it; Chinese, so that the first page says 今日."""
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    arrive(page, "h1:has-text('今日')")


def on_lead(page: Any, lead: str) -> None:
    """Wait for a lead that can be decided."""
    arrive(page, f"form#decide[action='/lead/{lead}/decide']")
