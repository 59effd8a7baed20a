"""JSON lines: one object a line, UTF-8; an array in one file is read as well."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.imports import Fault

SUFFIXES = (".jsonl", ".ndjson", ".json")
MAX_LINE = 20_000_000


def rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | Fault]]:
    """(line, object) pairs, in order; a broken line is a Fault and the rest goes on."""
    with path.open("rb") as stream:
        if path.suffix.lower() == ".json" and stream.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"["):
            yield from _array(path)
            return
        stream.seek(0)
        for number, line in enumerate(iter(lambda: stream.readline(MAX_LINE), b""), 1):
            if line.strip(b"\xef\xbb\xbf \r\n\t"):
                yield number, _object(line, number)


def _object(line: bytes, number: int) -> Mapping[str, Any] | Fault:
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Fault(number, f"expected a JSON object: {error}")
    return found if isinstance(found, dict) else Fault(number, f"expected a JSON object, found {type(found).__name__}")


def _array(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | Fault]]:
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        yield 1, Fault(1, f"expected a JSON array: {error}")
        return
    for number, item in enumerate(found, 1):
        yield (
            number,
            item if isinstance(item, dict) else Fault(number, f"expected a JSON object, found {type(item).__name__}"),
        )
