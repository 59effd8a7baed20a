"""What a source needs before it can be asked: query terms, a key, a browser. One that lacks it is left out, and the ledger says why."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import SettingsError
from crawler.secrets import secret
from crawler.sources import QUERY, Source, with_queries

BROWSER = "pip install 'xuncha[browser]' and Debian's chromium"


@dataclass(frozen=True, slots=True)
class Ready:
    """The sources that can be asked, with the watch list's terms in their start URLs; keys by source; and what is left out, why."""

    sources: Mapping[str, Source]
    secrets: Mapping[str, str] = field(default_factory=dict)
    refused: Sequence[tuple[str, str, str, str]] = ()

    @property
    def browser(self) -> bool:
        """Whether any of the sources is drawn by a browser."""
        return any(source.browser for source in self.sources.values())


def ready(
    sources: Mapping[str, Source], terms: Sequence[str], workspace: Path, browser: Path, environ: Mapping[str, str] | None = None
) -> Ready:  # fmt: skip
    """Those of some sources that can be asked; refusals are (source, URL, reason, detail). ``browser`` is the program."""
    usable: dict[str, Source] = {}
    keys: dict[str, str] = {}
    refused: list[tuple[str, str, str, str]] = []
    for name, source in sources.items():
        lacks, key = _lacks(source, terms, workspace, browser, environ)
        if lacks:
            refused += [(name, url, *lacks) for url in source.start_urls]
            continue
        usable[name] = with_queries(source, terms)
        if key:
            keys[name] = key
    return Ready(usable, keys, refused)


def _lacks(
    source: Source, terms: Sequence[str], workspace: Path, browser: Path, environ: Mapping[str, str] | None
) -> tuple[tuple[str, str] | None, str]:
    key = ""
    if source.browser and (why := no_browser(browser)):
        return ("needs a browser", why), ""
    if not terms and all(QUERY in url for url in source.start_urls):
        return ("no query terms", "the watch list holds none; `xuncha watch add TERM` adds one"), ""
    if source.secret:
        try:
            key = secret(workspace, source.secret, environ)
        except SettingsError as error:
            return ("no key", str(error)), ""
        if not key:
            variable = f"XUNCHA_SECRET_{source.secret.upper()}"
            return ("no key", f"expected it in {variable} or in the file secrets/{source.secret} of the workspace"), ""
    return None, key


def no_browser(program: Path) -> str:
    """Why no page can be drawn by a browser here; empty when one can."""
    if importlib.util.find_spec("scrapy_playwright") is None:
        return f"scrapy-playwright is not installed; {BROWSER}"
    if not program.exists():
        return f"{program}: expected Chromium, found nothing; {BROWSER}, or set 'browser' to where it lies"
    return ""
