"""One export: rows of a kind into a file that only its owner can read, entered in the ledger."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.plugins import suggest
from core.store import Store
from reports.exports.formats import FORMATS, Order
from reports.exports.rows import COLUMNS, rows

DONE = "exported"


def export(
    store: Store,
    kind: str,
    format: str,
    path: Path,
    at: datetime,
    *,
    by: str,
    model: str,
    raw: bool = False,
    reveal: bool = False,
) -> Mapping[str, Any]:
    """Write the rows of ``kind`` to ``path`` in ``format``; ``model`` names the model whose judgement counts, ``by`` who exports.

    The file is put in place whole, with mode 600; the ledger holds who, when, how many rows, whether contacts stand in it in full,
    and the file's SHA-256 (hex). Returns path, rows, sha256 and notes.

    Raises:
        InputError: kind or format is unknown, or ``path`` is there already.
        SettingsError: the format's extra is not installed.
    """
    if kind not in COLUMNS:
        raise InputError(f"no export {kind!r}; {suggest(kind, COLUMNS)}")
    if format not in FORMATS:
        raise InputError(f"no format {format!r}; {suggest(format, FORMATS)}")
    if path.exists():
        raise InputError(f"{path}: is there already, and an export is never written over; name another file")
    path.parent.mkdir(parents=True, exist_ok=True)
    rater = store.overview.rater(f"model:{model}@")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    try:
        written = FORMATS[format][1](
            rows(store, kind, rater, reveal), part, Order(kind, COLUMNS[kind], at, raw, reveal)
        )
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        told = {
            "format": format,
            "rows": written.rows,
            "contacts": "in full" if reveal else "masked",
            "raw": raw,
            "sha256": digest,
            "file": path.name,
        }
        store.ledger.append(at, by, DONE, kind, told)  # first: what is not in the ledger gets no name
        part.rename(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return {"file": str(path), "rows": written.rows, "sha256": digest, "notes": list(written.notes)}
