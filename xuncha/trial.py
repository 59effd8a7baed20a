"""A trial: a few pages of a source, politely, into a store that is thrown away; nothing of it enters the workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import xuncha
from core.settings import Settings
from core.store import Store
from core.types import Capture, Document, Refusal
from crawler.run import crawl
from crawler.sources import Source
from evidence.archive import Response, read_at
from xuncha import screen
from xuncha.workspace import now


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: readings of robots.txt, pages with their bodies (encodings undone), documents and refusals."""

    robots: Sequence[Capture]
    pages: Sequence[tuple[Capture, Response]]
    documents: Sequence[Document]
    refused: Sequence[Refusal]


def try_out(settings: Settings, source: Source, pages: int, terms: Sequence[str] = ()) -> Trial:
    """Fetch at most so many pages of a source. Once in a process: Scrapy's reactor. ``terms`` are queries for a source that searches."""
    with tempfile.TemporaryDirectory() as folder:
        trial = settings.replace(archive=f"{folder}/archive")
        with Store.open(Path(folder) / "trial.db") as store:
            for term in terms:
                store.watched.add("query", term, "", now())
            crawl(store, trial, {source.name: replace(source, max_pages=pages)}, xuncha.__version__, now, screen.warn)
            archive, most = trial.path("archive"), int(settings["max_page_bytes"])
            found = [
                (capture, read_at(archive / capture.warc, capture.offset, capture.sha256, most))
                for capture in store.captures.all(source.name)
            ]
            count = store.documents.count()
            documents = [taken for id in range(1, count + 1) if (taken := store.documents.get(id)) is not None]
            return Trial(list(store.captures.all("robots.txt")), found, documents, store.refusals.all())
