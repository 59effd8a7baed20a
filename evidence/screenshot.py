"""Screenshots of captured pages, rendered FROM the archive: headless Chromium sees what was received, and no network.

Every request is answered from the archive or not at all; JavaScript is off unless asked for, so that the picture shows the response and
nothing that a script would fetch or hide. A proxy that leads nowhere stands behind that, should a request ever get past. Needs the extra
``[screenshots]`` (playwright) and a Chromium; what is missing is said, and nothing else depends on it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import EvidenceError, Unavailable
from core.types import Capture, Provenance
from evidence.archive import decoded_at

WIDTH, HEIGHT = 1280, 900  # CSS pixels of the viewport
MOST_HEIGHT = 12_000  # CSS pixels of a picture; what is below is cut, and said
SECONDS = 20.0  # for one page
PAGES = ("text/html", "application/xhtml+xml")
_FLAGS = (
    "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>", "--disable-quic", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--hide-scrollbars",
)  # fmt: skip
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_SYSTEM = ("chromium", "chromium-browser", "google-chrome")
Lookup = Callable[[str, datetime], Capture | None]  # the newest capture of a URL that is not newer than a time


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture (PNG) of a capture: its size and that of the viewport in pixels, whether it was cut below, by which Chromium.

    ``charset`` is the encoding that the page was shown in where the one it declares does not fit its bytes; empty: as declared.
    ``served`` counts what the page asked for and got from the archive (itself included), ``missing`` what the archive does not hold.
    """

    capture: str
    png: bytes
    width: int
    height: int
    cut: bool
    served: int
    missing: int
    chromium: str
    viewport: tuple[int, int] = (WIDTH, HEIGHT)
    charset: str = ""
    javascript: bool = False


def obstacle() -> str:
    """Why no screenshots can be taken here; empty when they can."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed; pip install 'xuncha[screenshots]'"
    if not _system() and not any(_own().glob("chromium*")):
        return "no Chromium was found; apt install chromium, or playwright install chromium"
    return ""


def takeable(capture: Capture) -> bool:
    """Whether there is something to show: a page that was fetched, with its record in our own archive."""
    kind = capture.media_type.partition(";")[0].strip().lower()
    return (
        capture.provenance is Provenance.LIVE
        and kind in PAGES
        and capture.status < 400
        and capture.status not in (301, 302, 303, 304, 307, 308)
    )


class Photographer:
    """Takes pictures of captures; made by ``photographer``."""

    def __init__(self, browser: Any, archive: Path, lookup: Lookup, javascript: bool) -> None:
        self.browser, self.archive, self.lookup, self.javascript = browser, archive, lookup, javascript

    def take(self, capture: Capture) -> Shot:
        """The picture of a capture.

        Raises:
            EvidenceError: the archive does not hold what the store recorded, or Chromium cannot show it.
        """
        from playwright.sync_api import Error

        context = self.browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1, java_script_enabled=self.javascript,
            service_workers="block", accept_downloads=False, locale="zh-CN", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        answers = _Answers(self, capture)
        try:
            context.route("**/*", answers)
            context.route_web_socket("**/*", lambda socket: socket.close())
            page = context.new_page()
            page.set_default_timeout(SECONDS * 1000)
            page.goto(capture.url, wait_until="load")
            content = context.new_cdp_session(page).send("Page.getLayoutMetrics")["cssContentSize"]
            whole = max(HEIGHT, int(content["height"]))
            height = min(whole, MOST_HEIGHT)
            clip = {"x": 0, "y": 0, "width": WIDTH, "height": height}
            png = page.screenshot(clip=clip, full_page=True, animations="disabled", caret="hide")
        except Error as error:
            if answers.fault:
                raise answers.fault from error
            raise EvidenceError(
                f"{capture.url}, {capture.id}: cannot be shown: {error.message.splitlines()[0]}"
            ) from error
        finally:
            context.close()
        if answers.fault:
            raise answers.fault
        return Shot(
            capture.id, png, WIDTH, height, whole > height, answers.served, answers.missing, self.browser.version,
            charset=answers.charset, javascript=self.javascript,
        )  # fmt: skip


class _Answers:
    """Answers the requests of one page from the archive."""

    def __init__(self, of: Photographer, capture: Capture) -> None:
        self.of, self.capture = of, capture
        self.served = self.missing = 0
        self.shown, self.charset = False, ""
        self.fault: EvidenceError | None = None

    def __call__(self, route: Any) -> None:
        request = route.request
        if request.is_navigation_request() and request.frame.parent_frame is None:
            if self.shown:  # a refresh that leads away: the page stays
                route.abort("aborted")
                return
            self.shown, found = True, self.capture
        elif request.method != "GET" or (held := self.of.lookup(request.url, self.capture.fetched_at)) is None:
            self.missing += 1
            route.abort("blockedbyclient")
            return
        else:
            found = held
        try:
            response = decoded_at(self.of.archive / found.warc, found.offset, found.sha256)
        except EvidenceError as error:
            self.fault = self.fault or error
            route.abort("failed")
            return
        self.served += 1
        kept = {name.lower(): value for name, value in response.headers}
        headers = {name: kept[name] for name in ("content-type", "content-security-policy") if name in kept}
        if found is self.capture:
            self.charset = _charset(response.body, kept.get("content-type", ""))
            if self.charset:
                headers["content-type"] = f"text/html; charset={self.charset}"
        route.fulfill(status=200, headers=headers, body=response.body)


@contextmanager
def photographer(archive: Path, lookup: Lookup, javascript: bool = False) -> Iterator[Photographer]:
    """A Chromium that takes pictures of captures in ``archive``; ``lookup`` gives the capture of what a page asks for, or None.

    Raises:
        Unavailable: playwright or Chromium is missing.
    """
    why = obstacle()
    if why:
        raise Unavailable(f"no screenshots: {why}")
    from playwright.sync_api import Error, sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as tool:
        try:
            browser = tool.chromium.launch(
                executable_path=_system(), args=list(_FLAGS), chromium_sandbox=not root, timeout=SECONDS * 1000
            )
        except Error as error:
            raise Unavailable(f"no screenshots: Chromium does not start: {error.message.splitlines()[0]}") from error
        try:
            yield Photographer(browser, archive, lookup, javascript)
        finally:
            browser.close()


def take_all(captures: Sequence[Capture], archive: Path, lookup: Lookup) -> tuple[list[Shot], list[str]]:
    """The pictures of captures that can be shown, and what could not be, in words; nothing is raised."""
    wanted = [capture for capture in captures if takeable(capture)]
    if not wanted:
        return [], []
    shots, faults = [], []
    try:
        with photographer(archive, lookup) as camera:
            for capture in wanted:
                try:
                    shots.append(camera.take(capture))
                except EvidenceError as error:
                    faults.append(str(error))
    except Unavailable as error:
        faults.append(str(error))
    return shots, faults


def _charset(body: bytes, content_type: str) -> str:
    """The encoding of a page whose declared one cannot be right, as resiliparse finds it (Chinese forums say UTF-8 and mean GBK); else empty."""
    from resiliparse.parse.encoding import detect_encoding

    told = _DECLARED.search(content_type.encode("latin-1", "replace")) or _DECLARED.search(body[:2_048])
    try:
        body.decode(told[1].decode("ascii") if told else "utf-8")
    except LookupError:
        return ""  # a name that Python does not know; Chromium may
    except UnicodeDecodeError:
        return str(detect_encoding(body))
    return ""


def _system() -> str | None:
    return next((path for name in _SYSTEM if (path := shutil.which(name))), None)


def _own() -> Path:
    """Where playwright keeps the browsers that it installed."""
    return Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
