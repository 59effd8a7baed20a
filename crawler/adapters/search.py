"""Web search by an interface of the operator's own: queries of the watch list, answers in JSON, and the pages that they name.

The service is any that answers in JSON (SearXNG, Brave, Google's Custom Search, Bing-like ones): its address, its key by ``secret`` and
``{secret}``, and where the results lie are declared as for kind ``json``. What is found may lie anywhere: each page meets guards, its own
host's robots.txt and the pace like any other, and is read as ``reads_as`` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.types import Document
from crawler.adapters import json
from crawler.pages import Follow, Locked, Page, Unread
from crawler.sources import Source

start = json.start
role_of = json.role_of


def read(source: Source, page: Page) -> Iterable[Document | Follow | Locked | Unread]:
    """The pages that an answer names, in its order, and its next page; or a page that was found."""
    for item in json.read(source, page):
        yield replace(item, extra=_answered(item.extra)) if isinstance(item, Follow) and item.document else item


def _answered(extra: Any) -> dict[str, Any]:
    """A result's title and date are the service's words about the page, and none of the page's own."""
    return {name: value for name, value in extra.items() if name != "listed"}


__all__ = ["read", "role_of", "start"]
