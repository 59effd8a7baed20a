"""What a model is trained and tuned on: gold documents of the training writers, obfuscated copies, shared negatives where present."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from classifier import gold
from classifier.contract import Text
from core.errors import InputError
from core.plugins import ROOT

LEAD = "lead:"  # begins the group of documents of a decided lead
SHARED = ("negatives_pregnancy.jsonl.gz", "negatives_general.jsonl.gz")


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its truth. ``group`` is its writer or source: folds never cut through one."""

    id: str
    text: Text
    label: str
    flagged: bool
    group: str
    venue: str = ""
    genre: str = ""


def example_of(doc: gold.GoldDocument) -> Example:
    """A gold document as an example."""
    site = doc.site or {}
    words = " ".join(
        [str(site.get("title", "")), *map(str, site.get("navigation", ())), str(site.get("footer", ""))]
    ).strip()
    text = Text(doc.text, doc.title, words, doc.author, doc.url, doc.venue)
    return Example(doc.id, text, doc.label, gold.is_flagged(doc.label), doc.writer, doc.venue, doc.genre)


def final_writers() -> frozenset[str]:
    """The writers whose documents serve the final figure alone."""
    return frozenset(yaml.safe_load((gold.FOLDER / "split.yml").read_text("utf-8"))["final"])


def training(paths: Sequence[Path] | None = None) -> list[Example]:
    """The gold documents that may be trained and tuned on."""
    final = final_writers()
    return [example_of(doc) for doc in gold.read(paths) if doc.writer not in final]


def final() -> list[Example]:
    """The final quarter: for the final figure alone."""
    writers = final_writers()
    return [example_of(doc) for doc in gold.read() if doc.writer in writers]


def shared_folder() -> Path | None:
    """The folder of public data beside the project (``XUNCHA_SHARED_DATA``, or ``../shared/data``); None where it is missing."""
    given = os.environ.get("XUNCHA_SHARED_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    return folder if all((folder / name).exists() for name in SHARED) else None


def shared(part: str) -> list[Example]:
    """The shared negatives (weak labels): ``part`` is 'train' or 'test', halves by the hash of the text."""
    folder = shared_folder()
    if folder is None:
        return []
    return [
        Example(f"{name}:{number}", Text(row["text"]), row["label"], False, row["source"])
        for name in SHARED
        for number, row in rows(folder / name)
        if ("train", "test")[hashlib.sha256(row["text"].encode()).digest()[-1] & 1] == part
    ]


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, object) of a gzipped JSON lines file.

    Raises:
        InputError: a line is no JSON object.
    """
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}:{number}: expected a JSON object: {error}") from error


def digests() -> dict[str, str]:
    """SHA-256 (hex) of every file that training reads, by name."""
    files = sorted(gold.FOLDER.glob("*.jsonl"))
    folder = shared_folder()
    files += [folder / name for name in SHARED] if folder else []
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
