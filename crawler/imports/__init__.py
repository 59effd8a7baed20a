"""Imports: files that the operator lawfully has. One module for each format, found by its name.

A module has ``SUFFIXES`` and ``rows(path) -> Iterator[(line, mapping | Fault)]``. One that knows what a certain tool writes
also has ``recognises(path, tables)``, which tells by the columns that the file is of that tool, and
``documents(row, line, origin)``, which makes of a row its documents (none, one or several); without it,
``crawler.imports._columns`` guesses by the names of the columns. The file itself is kept in the archive, by its SHA-256,
before it is read.
"""

from __future__ import annotations

import hashlib
import importlib
import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from core.batches import batches
from core.errors import InputError
from core.settings import Settings
from core.store import Store
from core.types import Capture, Change, Document, Provenance

BATCH = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that cannot be read, with its line and what is wrong with it."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of all the rows of a file: where it lies, its capture, when it was imported (UTC), and what the operator told.

    ``mapping`` names for our fields the file's own columns.
    """

    path: Path
    capture: str
    at: datetime
    platform: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


def formats() -> dict[str, ModuleType]:
    """The format modules by name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    return {name: importlib.import_module(f"crawler.imports.{name}") for name in names}


def format_of(path: Path, name: str = "") -> ModuleType:
    """The module for a file: by name, by the tool that its columns show, or by the file's ending.

    Raises:
        InputError: no module reads such files.
    """
    from crawler.imports._files import columns

    found = formats()
    if name in found:
        return found[name]
    fitting = [module for module in found.values() if path.suffix.lower() in module.SUFFIXES]
    tables = columns(path) if fitting else {}
    tool = next(
        (module for module in fitting if hasattr(module, "recognises") and module.recognises(path, tables)), None
    )
    module = tool or next((module for module in fitting if not hasattr(module, "recognises")), None)
    if module is None or name:
        endings = sorted({suffix for module in found.values() for suffix in module.SUFFIXES})
        told = (
            repr(name)
            if name
            else f"{path.suffix!r}"
            + "".join(f", table {table or '-'} ({', '.join(names[:6])})" for table, names in tables.items())
        )
        raise InputError(
            f"{path}: expected one of {', '.join(endings)} or --format {'|'.join(found)}; found {told[:300]}"
        )
    return module


def import_file(
    store: Store, settings: Settings, path: Path, platform: str, at: datetime, run: int,
    format: str = "", mapping: Mapping[str, str] | None = None,
) -> tuple[dict[str, int], list[Fault]]:  # fmt: skip
    """Keep a file as evidence and store its documents; returns counts and the faults.

    Counted are rows, the documents that were new, changed or known, faulty rows and, where there are such, rows that were
    passed over because they hold no document (profiles). ``mapping`` names for our fields (text, id, title, ...) the file's
    own columns; without it they are recognised. Where the file shows its platform, that counts and not ``platform``, which may be empty then.

    Raises:
        InputError: the file cannot be read at all, or is of no known format.
    """
    from crawler.imports._columns import platform_of

    module = format_of(path, format)
    platform = platform_of(platform)
    if not platform and not _tells_platform(module, path, mapping or {}):
        raise InputError(
            f"{path}: expected a file of a known tool or a column 'platform', found neither; say where it comes from with --platform"
        )
    capture = _keep(store, settings, path, platform, at, run)
    origin = Origin(path, capture.id, at, platform, mapping or {})
    counts = {"rows": 0, "new": 0, "changed": 0, "known": 0, "faulty": 0}
    faults: list[Fault] = []
    for batch in batches(module.rows(path), BATCH):
        with store.atomic():
            for line, row in batch:
                counts["rows"] += 1
                found = [row] if isinstance(row, Fault) else list(_documents(module, row, line, origin))
                if not found:
                    counts["passed over"] = counts.get("passed over", 0) + 1
                for item in found:
                    if isinstance(item, Document):
                        _, change = store.documents.add(item, at, run)
                        counts[str(Change(change))] += 1
                    else:
                        counts["faulty"] += 1
                        faults.append(item)
    return counts, faults


def _tells_platform(module: ModuleType, path: Path, mapping: Mapping[str, str]) -> bool:
    """Whether a file shows its platform: one that a known tool wrote does, or one with a column for it."""
    from crawler.imports._columns import NAMES
    from crawler.imports._files import columns

    if hasattr(module, "documents") and not mapping:
        return True
    names = {name for named in columns(path).values() for name in named}
    return bool(names & {mapping.get("platform", ""), *NAMES["platform"]})


def _documents(module: ModuleType, row: Mapping[str, Any], line: int, origin: Origin) -> Iterator[Document | Fault]:
    from crawler.imports._columns import document_of

    if hasattr(module, "documents") and not origin.mapping:
        yield from module.documents(row, line, origin)
    else:
        yield document_of(row, line, origin.platform, origin.capture, origin.at, origin.mapping)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the archive: its path there, SHA-256 (hex) and size in bytes."""

    path: str
    sha256: str
    size: int


def keep_file(settings: Settings, path: Path) -> Kept:
    """Copy a file into the archive under its SHA-256; a copy that is there already is left alone.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        target = settings.path("archive") / "imports" / f"{sha256}{''.join(path.suffixes[-2:]).lower()}"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f"{target.name}.partial")
            shutil.copyfile(path, partial)
            partial.rename(target)
        return Kept(f"imports/{target.name}", sha256, target.stat().st_size)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def _keep(store: Store, settings: Settings, path: Path, platform: str, at: datetime, run: int) -> Capture:
    kept = keep_file(settings, path)
    capture = Capture(
        id=f"urn:uuid:{uuid.uuid4()}", source=platform, url=f"import:{path.name}", fetched_at=at, status=0, media_type=path.suffix,
        sha256=kept.sha256, size=kept.size, warc=kept.path, offset=0, robots="imported by the operator",
        provenance=Provenance.IMPORT, run=run,
    )  # fmt: skip
    store.captures.add(capture)
    return capture
