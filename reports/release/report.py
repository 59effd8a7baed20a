"""The release: a folder with the redacted data set as JSON lines, Parquet and SQLite, and the papers that belong to it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.settings import Settings
from core.store import Store
from core.store.release import write_database
from reports.exports.formats import Order, as_jsonl, as_parquet
from reports.release import papers
from reports.release.records import CONTACTS, DOCUMENTS, SPLITS, records

TITLE = "研究数据集 Research release"
DONE = "released"
K = 5  # groups from which on a word outside the dictionaries, and a platform, is no longer rare
_KINDS = {str: "text", bool: "truth", float: "number", int: "whole"}


def build(
    store: Store, settings: Settings, now: datetime, *, key: bytes = b"", k: int = K, version: str = ""
) -> dict[str, Any]:
    """The data of a release, JSON-able; ``key`` (32 random bytes) names things and must be thrown away afterwards. Only reads.

    Raises:
        InputError: no key is given (`xuncha release --redact` makes one), or there is nothing that may be released.
    """
    if len(key) < 32:
        raise InputError(
            "expected a key of 32 random bytes, found none; `xuncha release --redact` makes one and throws it away"
        )
    rater = store.overview.rater(f"model:{settings['model']}@")
    documents, contacts, told = records(store, rater, key, k)
    if not documents:
        raise InputError(
            "expected judged documents that may be released, found none; `xuncha classify` judges what is new"
        )
    order = [name for name, _ in SPLITS]
    counts = Counter(row["split"] for row in documents)
    return {
        "report": "release", "format": 1, "title": TITLE, "made_at": now.isoformat(), "version": version, "rater": rater, "k": k, "operator": str(settings["contact"]),
        "documents": len(documents), "contacts": len(contacts), "splits": {name: counts[name] for name in order}, "labels": dict(Counter(row["label"] for row in documents).most_common()),
        "redaction": {
            "withheld": dict(told.withheld), "tokens": dict(told.tokens.most_common()), "texts_dropped": told.texts_dropped, "titles_dropped": told.titles_dropped,
            "characters_before": told.characters_before, "characters_after": told.characters_after,
            "characters_kept": round(min(1.0, told.characters_after / max(1, told.characters_before)), 4),
        },
        "rows": {"documents": documents, "contacts": contacts},
    }  # fmt: skip


def write(data: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the folder ``release-<time>``, whole or not at all; returns its files.

    Raises:
        InputError: it is there already.
        SettingsError: pyarrow (extra ``parquet``) is not installed.
    """
    at = datetime.fromisoformat(data["made_at"])
    target = folder / f"release-{at:%Y%m%dT%H%M%SZ}"
    if target.exists():
        raise InputError(f"{target}: is there already, and a release is never written over; wait a second")
    part = folder / f".{target.name}.{os.getpid()}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _data_files(data, at, part)
        about = {
            path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "size": path.stat().st_size}
            for path in sorted(part.iterdir())
        }
        texts = {
            "README.md": papers.datasheet(data), "redaction.json": papers.redaction_report(data), "metadata.json": papers.datasette_metadata(),
            "croissant.json": papers.croissant(data, about),
        }  # fmt: skip
        for name, text in texts.items():
            (part / name).write_text(text, "utf-8")
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return sorted(target.iterdir())


def release(
    store: Store, settings: Settings, now: datetime, *, key: bytes, by: str, version: str, k: int = K
) -> tuple[list[Path], dict[str, Any]]:
    """Write a release below the reports folder and enter it in the ledger with the SHA-256 of its files.

    Raises:
        InputError, SettingsError: see ``build`` and ``write``.
    """
    data = build(store, settings, now, key=key, k=k, version=version)
    paths = write(data, settings.path("reports"))
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    store.ledger.append(now, by, DONE, paths[0].parent.name, {"documents": data["documents"], "k": k, "files": files})
    return paths, data


def _data_files(data: Mapping[str, Any], at: datetime, folder: Path) -> None:
    rows = data["rows"]
    parts = {
        f"documents-{name}": (DOCUMENTS, [row for row in rows["documents"] if row["split"] == name])
        for name, _ in SPLITS
    }
    for name, (columns, found) in {**parts, "contacts": (CONTACTS, rows["contacts"])}.items():
        order = Order(name, {column: _KINDS[kind] for column, kind in columns.items()}, at)
        as_jsonl(found, folder / f"{name}.jsonl", order)
        as_parquet(found, folder / f"{name}.parquet", order)
    tables = {"documents": (DOCUMENTS, "id", rows["documents"]), "contacts": (CONTACTS, None, rows["contacts"])}
    told = [
        {"what": key, "value": json.dumps(value, ensure_ascii=False)} for key, value in data.items() if key != "rows"
    ]
    write_database(folder / "release.db", {**tables, "about": ({"what": str, "value": str}, "what", told)})
