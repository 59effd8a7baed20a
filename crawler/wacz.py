"""WACZ packages (1.1.1) as ArchiveWeb.page, Browsertrix and py-wacz write them: their WARCs and their lists of pages.

A package is a ZIP from a stranger: how many members it has, how large they become and how much they were squeezed is looked at before any of
them is read. The digests in ``datapackage.json`` are compared; a member that does not match is read all the same, and told.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.errors import InputError

SUFFIX = ".wacz"
MAX_MEMBERS = 20_000
MAX_BYTES = 50_000_000_000  # unpacked, of all members together
MAX_RATIO = 200  # unpacked to packed, of one member beyond a megabyte: WARCs in it are compressed already
MAX_LIST = 500_000_000
PAGES = ("pages/pages.jsonl", "pages/extraPages.jsonl")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page in a package's list; ``text`` is what a browser showed of it, where the crawl wrote that down."""

    url: str
    title: str = ""
    text: str = ""


class Package:
    """An opened package."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self.archive = path, archive

    def warcs(self) -> list[str]:
        """The names of its WARC files."""
        names = self.archive.namelist()
        return sorted(name for name in names if name.startswith("archive/") and name.endswith((".warc", ".warc.gz")))

    @contextmanager
    def stream(self, name: str) -> Iterator[zipfile.ZipExtFile]:
        """The bytes of a member.

        Raises:
            InputError: it is damaged.
        """
        try:
            with self.archive.open(name) as member:
                yield cast(zipfile.ZipExtFile, member)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise InputError(f"{self.path}: {name}: cannot be read: {error}") from error

    def pages(self) -> dict[str, Listed]:
        """The pages by URL; empty where the package has no list. Broken lines are passed over."""
        found: dict[str, Listed] = {}
        for name in PAGES:
            if name not in self.archive.namelist() or self.archive.getinfo(name).file_size > MAX_LIST:
                continue
            with self.stream(name) as stream:
                for line in stream:
                    entry = _mapping(line)
                    if entry.get("url"):
                        url = str(entry["url"])
                        found[url] = Listed(url, str(entry.get("title") or ""), str(entry.get("text") or ""))
        return found

    def faults(self) -> list[str]:
        """What does not match the digests that the package states of its members."""
        if "datapackage.json" not in self.archive.namelist():
            return [f"{self.path.name}: expected datapackage.json in the package, found none"]
        with self.stream("datapackage.json") as stream:
            resources = _mapping(stream.read(MAX_LIST)).get("resources")
        told = []
        for resource in resources if isinstance(resources, list) else []:
            name, stated = str(resource.get("path", "")), str(resource.get("hash", ""))
            kind, _, digest = stated.partition(":")
            if kind != "sha256" or name not in self.archive.namelist():
                continue
            with self.stream(name) as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != digest.lower():
                told.append(
                    f"{self.path.name}: {name}: expected sha256 {digest[:12]} as the package says, found {found[:12]}"
                )
        return told


def _mapping(line: bytes) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """A package, once its ZIP is known to be no bomb.

    Raises:
        InputError: it is no ZIP, holds too much, or has no WARC in ``archive/``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _bounds(path, members)
            package = Package(path, archive)
            if not package.warcs():
                raise InputError(f"{path}: expected WARC files in archive/, found {', '.join(archive.namelist()[:5])}")
            yield package
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: expected a WACZ package (a ZIP file): {error}") from error


def _bounds(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise InputError(f"{path}: expected at most {MAX_MEMBERS} members, found {len(members)}")
    size = sum(member.file_size for member in members)
    if size > MAX_BYTES:
        raise InputError(f"{path}: expected at most {MAX_BYTES} bytes unpacked, found {size}")
    for member in members:
        if member.file_size > 1_000_000 and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise InputError(
                f"{path}: {member.filename}: expected no more than {MAX_RATIO} times its packed size, found {member.file_size} bytes of {member.compress_size}"
            )
