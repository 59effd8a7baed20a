"""A workspace for tests of imports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from core import settings
from core.store import Store
from core.types import Document
from crawler.imports import Fault, import_file

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


class Desk:
    """A workspace that exports are imported into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = settings.load(folder, {})
        self.store = Store.in_memory()
        self.run = self.store.runs.start("import", AT)

    def bring(self, path: Path, platform: str = "") -> tuple[dict[str, int], list[Fault]]:
        return import_file(self.store, self.settings, path, platform, AT, self.run)

    def documents(self) -> list[Document]:
        return [document for batch in self.store.documents.unjudged("nobody") for _, _, document in batch]
