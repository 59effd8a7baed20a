"""Which archives a sweep reads: files, folders, patterns, URLs, and Common Crawl's lists of them (``warc.paths.gz``)."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from core.errors import InputError, Unavailable
from crawler import wacz
from crawler.replay import SUFFIXES

LISTS = (".paths", ".paths.gz")
BASE = "https://data.commoncrawl.org/"  # what the paths in Common Crawl's lists are relative to
BUFFER = 1 << 22


def found(given: Iterable[str], base: str = BASE) -> list[str]:
    """The archives that paths name, each once, in order.

    A folder stands for the archives below it, a pattern (``*``) for what it matches, a list (``.paths``, ``.paths.gz``) for its lines,
    which are relative to ``base``.

    Raises:
        InputError: a path names no archive.
    """
    archives: dict[str, None] = {}
    for path in given:
        some = list(_of(path, base))
        if not some:
            raise InputError(
                f"{path}: expected {', '.join(SUFFIXES)}, a folder of them or a list ({LISTS[1]}), found none"
            )
        archives.update(dict.fromkeys(some))
    return list(archives)


def _of(path: str, base: str) -> Iterator[str]:
    if path.endswith(LISTS):
        with opened(path) as stream:
            content = stream.read()
        lines = (gzip.decompress(content) if path.endswith(".gz") else content).decode("utf-8", "replace").split()
        yield from (line if "://" in line else base.rstrip("/") + "/" + line.lstrip("/") for line in lines)
    elif "*" in path:
        system, inner = _system(path)
        for name in sorted(system.glob(inner)):
            if str(name).lower().endswith(SUFFIXES):
                yield system.unstrip_protocol(name) if "://" in path else str(name)
    elif "://" not in path and Path(path).is_dir():
        yield from (
            str(file)
            for file in sorted(Path(path).rglob("*"))
            if file.name.lower().endswith(SUFFIXES) and file.is_file()
        )
    elif path.lower().endswith(SUFFIXES) and ("://" in path or Path(path).is_file()):
        yield path


def _system(path: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs

        system, inner = url_to_fs(path)
    except ImportError as error:
        raise Unavailable(f"{path}: {error}; pip install 'xuncha[cluster]'") from error
    except ValueError as error:
        raise InputError(f"{path}: expected a file or a URL that fsspec knows: {error}") from error
    return system, str(inner)


@contextmanager
def opened(path: str) -> Iterator[BufferedReader]:
    """The bytes of a file or URL; it can be looked into and sought in.

    Raises:
        InputError: it cannot be read.
    """
    try:
        if "://" not in path:
            with Path(path).open("rb") as stream:
                yield stream
            return
        system, inner = _system(path)
        with system.open(inner, "rb", block_size=BUFFER) as remote, BufferedReader(remote, BUFFER) as buffered:
            yield cast(BufferedReader, buffered)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {type(error).__name__}: {error}") from error


@contextmanager
def as_file(path: str) -> Iterator[Path]:
    """A file of this machine with the bytes of a path: packages are read from their end.

    Raises:
        InputError: it cannot be read.
    """
    if "://" not in path:
        yield Path(path)
        return
    system, inner = _system(path)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / f"copy{wacz.SUFFIX}"
        try:
            system.get_file(inner, str(copy))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {type(error).__name__}: {error}") from error
        yield copy


def part_name(path: str) -> str:
    """The name of what a sweep writes about an archive: its own name and a digest of where it lies."""
    where = path if "://" in path else str(Path(path).resolve())
    stem = re.sub(r"[^A-Za-z0-9.-]+", "-", path.rstrip("/").rpartition("/")[2])[:80]
    return f"{stem}-{hashlib.sha256(where.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
