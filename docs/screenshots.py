"""Pictures of every page of the review application, to be looked at: `python docs/screenshots.py OUT [zh-light-wide ...]`.

A demo is run on this machine, a day of work by several people is put on top of it, and Debian's Chromium visits the pages as each role, in both
languages, both themes, at 1280 px and on a phone (tags such as ``zh-dark-phone`` choose some; ``--workspace`` takes a demo that is there).
The pictures in docs/pictures are chosen from these by hand.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import BrowserContext, Page, sync_playwright

from core.errors import InputError
from core.settings import Settings, load
from core.store import Store
from core.store.cases import Step
from core.types import Act, Decision, Lead
from review import accounts
from review.app import create
from xuncha.desk import keep_drawn, tools

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PASSWORD = "zq0-picture-horse"  # noqa: S105  of throw-away accounts
PEOPLE = {"mei": "analyst", "bo": "analyst", "lin": "lead_reviewer", "vera": "viewer", "rui": "researcher", "ops": "operator", "aud": "auditor"}  # fmt: skip
SIZES = {"wide": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
# of each role: name of the picture, path; {lead} is worked on, {big} has the most documents, {case} is open, {sent} is approved
PAGES: dict[str, list[tuple[str, str]]] = {
    "mei": [
        ("today", "/"), ("queue", "/queue"), ("search", "/queue?state=any&q=%E5%8F%A3%E5%B2%B8"), ("filters", "/queue?label=fetal_sex_test_ad&province=%E9%A6%99%E6%B8%AF"),
        ("too-short", "/queue?q=%E8%A1%80"), ("no-hits", "/queue?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%B8%AA%E8%AF%8D"), ("second", "/queue?state=second"), ("confirmed", "/queue?state=confirmed"),
        ("lead", "/lead/{lead}"), ("lead-whole", "/lead/{big}"), ("lead-search", "/lead/{big}?q=%E5%8F%A3%E5%B2%B8"), ("normalised", "/lead/{lead}?view=normalised"),
        ("moved", "/lead/{lead}?problem=moved"), ("confirmed-lead", "/lead/{done}"), ("network", "/lead/{big}/network"), ("template", "/lead/{big}/template"), ("similar", "/lead/{lead}/similar"),
        ("cases", "/cases"), ("case", "/case/{case}"), ("case-approved", "/case/{sent}"), ("keys", "/keys"), ("not-found", "/lead/nothing"), ("forbidden", "/ledger"),
    ],
    "lin": [("waiting", "/"), ("case-approve", "/case/{waiting}")],
    "vera": [("viewer-lead", "/lead/{lead}")],
    "rui": [("researcher-queue", "/queue"), ("researcher-lead", "/lead/{lead}")],
    "ops": [("operator", "/")],
    "aud": [("auditor", "/"), ("ledger", "/ledger"), ("ledger-checked", "/ledger?check=1")],
}  # fmt: skip
EMPTY = [("empty-today", "/"), ("empty-queue", "/queue"), ("empty-cases", "/cases")]


def day_of_work(store: Store, settings: Settings, now: datetime) -> dict[str, str]:
    """Put decisions, cases, watches, a view and a drawn sample on a demo; returns what the paths of ``PAGES`` name."""
    for name, role in PEOPLE.items():
        try:
            accounts.add(store, name, role, PASSWORD, now - timedelta(days=1))
        except InputError:  # a workspace that has had its pictures taken before
            accounts.new_password(store, name, PASSWORD, now)
    leads = store.leads.queue()
    big = max(leads, key=lambda lead: len(lead.documents))
    rest = [lead for lead in leads if lead.id not in (big.id, leads[0].id)]
    for lead, by, act in ((rest[0], "bo", Act.CONFIRM), (rest[1], "bo", Act.CONFIRM), (rest[2], "mei", Act.CONFIRM), (rest[4], "bo", Act.REJECT), (rest[5], "mei", Act.UNSURE)):  # fmt: skip
        _decide(store, lead, by, act, now - timedelta(minutes=50))
    cases = [store.cases.open(title, "bo", now - timedelta(minutes=40)) for title in ("罗湖口岸一线", "上门采样与寄送", "代办与陪同")]  # fmt: skip
    for case, lead in zip(cases, rest[:3], strict=True):
        store.cases.collect(case, lead.id, "bo", now - timedelta(minutes=39))
    for case in cases[1:]:
        _step(store, case, "bo", Step.SUBMITTED, now - timedelta(minutes=30))
    _step(store, cases[2], "lin", Step.APPROVED, now - timedelta(minutes=20))
    store.desk.watch("mei", "lead", big.id, now - timedelta(days=1))
    store.desk.save_view("mei", "深圳寄血", "label=sample_shipping_ad", now)
    keep_drawn(store, settings, now)
    return {"lead": leads[0].id, "big": big.id, "done": rest[2].id, "case": cases[0], "waiting": cases[1], "sent": cases[2]}  # fmt: skip


def _decide(store: Store, lead: Lead, by: str, act: Act, at: datetime) -> None:
    label = lead.label if act is Act.CONFIRM else ""
    store.decisions.add(Decision(lead.id, act, by, at, label, "与上周那一家的口径一致" if label else ""))


def _step(store: Store, case: str, by: str, step: Step, at: datetime) -> None:
    store.cases.step(case, step, by, at, detail={"content": store.cases.content(case)})


@contextmanager
def serving(database: Path, settings: Settings) -> Iterator[str]:
    """The application over a store, on a free port of this machine; its address."""
    app = create(database, settings, tools=tools())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False, ws="none"))  # fmt: skip
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def visit(context: BrowserContext, address: str, name: str) -> Page:
    """A page of somebody who has signed in."""
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector(".who .name")
    return page


def take(page: Page, folder: Path, name: str, whole: bool = True) -> None:
    """Keep a picture of what a page shows, or of all of it."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=folder / f"{name}.png", full_page=whole)


def pictures(browser: Any, address: str, empty: str, names: dict[str, str], folder: Path, tag: str) -> None:
    """All pages under one language, theme and size."""
    language, theme, size = tag.split("-")
    options = {"locale": LOCALES[language], "color_scheme": theme, "viewport": SIZES[size]}
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    take(page, folder, f"{tag}-sign-in", False)
    page.fill("input[name=name]", "mei")
    page.fill("input[name=password]", "not the password")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[role=alert]")
    take(page, folder, f"{tag}-sign-in-wrong", False)
    context.close()
    for who, pages in PAGES.items():
        context = browser.new_context(**options)
        page = visit(context, address, who)
        for name, path in pages:
            page.goto(address + path.format(**names))
            take(page, folder, f"{tag}-{name}", name != "lead")
            if name == "lead":
                for number in (1, 2, 3):
                    page.evaluate("n => document.querySelector('.right').scrollTo(0, 620 * n)", number)
                    page.wait_for_timeout(300)
                    take(page, folder, f"{tag}-lead-right-{number}", False)
                page.press("body", "n")
                take(page, folder, f"{tag}-lead-note", False)
                page.press("textarea", "Escape")
                page.press("body", "?")
                take(page, folder, f"{tag}-lead-keys", False)
                page.keyboard.press("Escape")
                page.press("body", "r")
                page.wait_for_load_state()
                take(page, folder, f"{tag}-lead-revealed", False)
                page.locator("a[href^='/capture/']").last.click()
                page.wait_for_load_state()
                take(page, folder, f"{tag}-capture")
                page.goto(address + path.format(**names))
                page.emulate_media(media="print")
                take(page, folder, f"{tag}-print")
                page.emulate_media(media="screen")
        if who == "mei":
            page.goto(address)
            page.click("form[action='/audit'] button")
            page.wait_for_load_state()
            take(page, folder, f"{tag}-audit")
        context.close()
    context = browser.new_context(**options)
    page = visit(context, empty, "mei")
    for name, path in EMPTY:
        page.goto(empty + path)
        take(page, folder, f"{tag}-{name}")
    context.close()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("tags", nargs="*", help="such as zh-light-wide; all of them where none is named")
    parser.add_argument("--workspace", type=Path, help="a workspace that `xuncha demo` has made; it is copied")
    arguments = parser.parse_args()
    tags = arguments.tags or ["-".join(parts) for parts in itertools.product(LOCALES, ("light", "dark"), SIZES)]
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        workspace, bare = Path(folder) / "demo", Path(folder) / "empty"
        bare.mkdir()
        if arguments.workspace:
            shutil.copytree(arguments.workspace, workspace)
        else:
            subprocess.run(["xuncha", "demo", "-w", workspace], check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607  our own command
        settings, none = load(workspace, {}), load(bare, {})
        now = datetime.now(UTC)
        with Store.open(settings.path("database")) as store:
            names = day_of_work(store, settings, now)
        with Store.open(none.path("database")) as store:
            accounts.add(store, "mei", "analyst", PASSWORD, now)
        with serving(settings.path("database"), settings) as full, serving(none.path("database"), none) as empty, sync_playwright() as started:  # fmt: skip
            browser = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for tag in tags:
                pictures(browser, full, empty, names, arguments.out, tag)
                print(f"{tag}: {len(list(arguments.out.glob(f'{tag}-*.png')))} pictures")
            browser.close()


if __name__ == "__main__":
    main()
