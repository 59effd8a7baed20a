"""A new source: its declaration written into the workspace, one page of it fetched, and what would be taken of that page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import yaml

from core.errors import InputError, SettingsError
from core.plugins import suggest
from core.settings import Settings
from core.store import Store
from core.store.checked import Check
from core.types import Document
from crawler import sources
from crawler.adapters import adapter
from crawler.guess import begin_at, kind_by_address, kind_by_page
from crawler.pages import Follow, Page
from crawler.sources import Source
from xuncha.commands.sources import shown
from xuncha.trial import Trial, try_out

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_LINKS = 10


def declare(
    settings: Settings, name: str, url: str, title: str, kind: str, of_list: Sequence[str], of_page: Sequence[str], options: Sequence[str]
) -> dict[str, Any]:  # fmt: skip
    """Write ``source.yml``, fetch one page and read it; returns the file, the kind, the state and what the page would give.

    A source whose page could not be had is written all the same, switched off by ``enabled: false``.

    Raises:
        SettingsError: the name or kind cannot be used, or there is such a source already.
        InputError: a selector or option has no ``=``.
        PluginError: the declaration holds something that cannot be used.
    """
    folder = settings.path("sources") / name
    if not NAME.fullmatch(name):
        raise SettingsError(f"name of a source: expected small letters, digits and _, at most 40, found {name!r}")
    if name in sources.discover(settings.path("sources")):
        raise SettingsError(f"{name}: there is such a source already ({folder}); choose another name")
    if kind not in ("auto", *sources.kinds()):
        raise SettingsError(f"unknown kind {kind!r}; {suggest(kind, ['auto', *sources.kinds()])}")
    guessed = kind if kind != "auto" else kind_by_address(url) or "html"
    declared: dict[str, Any] = {"title": title, "kind": guessed, "start_urls": [begin_at(guessed, url)]}
    declared |= {key: pairs for key, given in (("list", of_list), ("document", of_page)) if (pairs := _pairs(given))}
    for key, value in _pairs(options).items():
        declared[key] = yaml.safe_load(value)
    source = _write(folder, declared)
    try:
        trial = try_out(settings, source, 1)
        page = _page(trial)
        if (
            kind == "auto"
            and page is not None
            and (seen := kind_by_page(page.body, page.headers)) != guessed
            and guessed == "html"
        ):
            declared |= {"kind": seen, "start_urls": [begin_at(seen, url)]}
            source = _write(folder, declared)
    except BaseException:  # a declaration that cannot be read, or Ctrl-C: nothing half-made stays
        (folder / "source.yml").unlink(missing_ok=True)
        folder.rmdir()
        raise
    declared["robots_read"] = (
        f"{max(capture.fetched_at for capture in trial.robots):%Y-%m-%d}" if trial.robots else "unknown"
    )
    if page is None:
        declared["enabled"] = False
    source = _write(folder, declared)
    if trial.robots:
        _keep_check(settings, name, trial, page is not None)
    return _told(folder, source, trial, page)


def _pairs(given: Sequence[str]) -> dict[str, str]:
    for part in given:
        if "=" not in part:
            raise InputError(f"expected part=selector or key=value, found {part!r}")
    return dict(part.split("=", 1) for part in given)


def _write(folder: Path, declared: dict[str, Any]) -> Source:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "source.yml"
    path.write_text(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False, width=200), "utf-8")
    try:
        return sources.load(folder)
    except Exception:
        path.unlink()
        folder.rmdir()
        raise


def _page(trial: Trial) -> Page | None:
    for capture, response in trial.pages:
        if capture.status == 200:
            headers = {name.lower(): value for name, value in response.headers}
            return Page(capture.url, response.body, capture.fetched_at, "", headers)
    return None


def _keep_check(settings: Settings, name: str, trial: Trial, had: bool) -> None:
    forbidden = [refusal for refusal in trial.refused if refusal.reason == "robots.txt"]
    verdict = "allowed" if had else "forbidden" if forbidden else "unreachable"
    detail = forbidden[0].detail if forbidden else f"status {trial.robots[-1].status}"
    with Store.open(settings.path("database")) as store:
        store.checked.put(Check(name, trial.robots[-1].fetched_at.astimezone(UTC), verdict, detail))


def _told(folder: Path, source: Source, trial: Trial, page: Page | None) -> dict[str, Any]:
    found: list[Any] = []
    fault = ""
    if page is not None:
        role, extra = next(((f.role, f.extra) for f in adapter(source.kind).start(source)), ("list", {}))
        try:
            found = list(
                adapter(source.kind).read(source, Page(page.url, page.body, page.at, role, page.headers, extra=extra))
            )
        except Exception as error:  # the page is what it is; the declaration is there to be mended
            fault = f"{type(error).__name__}: {error}"
    follow = [item.url for item in found if isinstance(item, Follow)]
    documents = [shown(item) for item in found if isinstance(item, Document)]
    refused = [
        {"url": r.url, "reason": r.reason, "detail": r.detail}
        for r in trial.refused
        if r.reason != "page budget of the source"
    ]
    state = "on" if source.enabled else "off, as its page could not be had"
    hint = fault or (
        "its list or its text is not found yet: mend the selectors in source.yml"
        if page is not None and not follow and not documents
        else ""
    )
    return {
        "file": str(folder / "source.yml"), "kind": source.kind, "state": state, "robots": [{"url": c.url, "status": c.status} for c in trial.robots],
        "follow": follow[:MOST_LINKS], "follow_count": len(follow), "documents": documents[:5], "refused": refused,
        "next": f"{hint + '; ' if hint else ''}`xuncha sources test {source.name}` fetches a few pages more",
    }  # fmt: skip
