"""What a sweep leaves in its folder: ``plan.json``, ``parts/*.parquet``, ``hits/*.warc.gz``, ``sweep.json``."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from fastwarc.warc import WarcRecord, WarcRecordType
from isal import isal_zlib

from core.errors import InputError
from xuncha.sweep.paths import part_name

PLAN, PARTS, HITS, SUMMARY = "plan.json", "parts", "hits", "sweep.json"
LEVEL, GZIP = 2, 31  # as evidence.archive writes its members


def part_of(out: Path, path: str) -> Path:
    """The file whose presence says that an archive has been judged."""
    return out / PARTS / f"{part_name(path)}.parquet"


def hits_in(folder: Path) -> list[Path]:
    """The WARC files of the hits of a sweep; empty where the folder is none."""
    return sorted((folder / HITS).glob("*.warc.gz")) if (folder / PLAN).exists() else []


@contextmanager
def hits(out: Path, path: str) -> Iterator[BinaryIO]:
    """The WARC of an archive's hits to ``copy`` records into, in place once it is whole."""
    file = out / HITS / f"{part_name(path)}.warc.gz"
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    with part.open("wb") as stream:
        info = WarcRecord()
        info.init_headers(record_type=WarcRecordType.warcinfo)
        info.headers["Content-Type"] = "application/warc-fields"
        info.set_bytes_content(
            f"software: xuncha sweep\r\ndescription: records of hits, copied from {path}\r\n".encode()
        )
        plain = io.BytesIO()
        info.write(plain)
        copy(stream, plain.getvalue())
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)


def copy(target: BinaryIO, record: bytes) -> None:
    """Add a record, a gzip member of its own."""
    target.write(isal_zlib.compress(record, LEVEL, GZIP))


def write(
    part: Path,
    path: str,
    rater: str,
    counts: Mapping[str, int],
    faults: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Write the hits and, as the file's own metadata, counts and faults: in place at once, so a part that is there is whole."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("url", "platform", "native_id", "kind", "title")),
            *((name, pa.timestamp("us", tz="UTC")) for name in ("fetched_at", "published_at")),
            ("label", pa.string()), ("flagged", pa.bool_()), ("unsure", pa.bool_()), ("score", pa.float64()), ("rater", pa.string()),
            ("quotes", pa.list_(pa.string())), ("record", pa.string()), ("member", pa.string()), ("offset", pa.int64()),
        ],
        metadata={"xuncha": json.dumps({"path": path, "rater": rater, "counts": dict(counts), "faults": list(faults[:100])}, ensure_ascii=False)},
    )  # fmt: skip
    part.parent.mkdir(parents=True, exist_ok=True)
    temporary = part.with_name(f"{part.name}.{os.getpid()}.part")
    parquet.write_table(pa.Table.from_pylist([_plain(row) for row in rows], schema=schema), temporary)
    temporary.replace(part)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Strings that UTF-8 can hold."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str)
        else [quote.encode("utf-8", "replace").decode() for quote in value] if isinstance(value, list) else value
        for name, value in row.items()
    }  # fmt: skip


def told(part: Path) -> dict[str, Any]:
    """Path, rater, counts and faults of a part.

    Raises:
        InputError: the file is no part of a sweep.
    """
    from pyarrow import parquet

    try:
        found: dict[str, Any] = json.loads(parquet.read_schema(part).metadata[b"xuncha"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{part}: expected a part that `xuncha sweep` wrote: {error}; remove it, and its archive is judged again"
        ) from error
    return found
