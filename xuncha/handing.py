"""From several crawlers to the one store: a crawl leaves captures and a copy of its store in a shared place, ``ingest`` takes them in.

The place is a folder or, by fsspec, a URL (``s3://bucket/prefix``). In it lie ``archive/<file>.warc.gz`` and ``workers/<name>.db``. Both
steps may be cut off at any moment and done again: a file counts when it is whole, and the one store remembers how far it has come.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import EvidenceError, InputError, Unavailable
from core.settings import Settings
from core.store import Store
from core.store.handed import Seen
from core.store.rows import time_of
from core.types import Capture, Change
from crawler.patrol import worker_name
from evidence.archive import read_at

ARCHIVE, WORKERS, SUFFIX = "archive", "workers", ".db"


def place(url: str) -> tuple[Any, str]:
    """(file system, path in it) of a folder or URL.

    Raises:
        Unavailable: fsspec, or what it needs for this kind of URL, is not installed.
    """
    try:
        from fsspec.core import url_to_fs

        system, path = url_to_fs(url, **({"auto_mkdir": True} if "://" not in url or url.startswith("file://") else {}))
    except ImportError as error:
        raise Unavailable(f"{url}: {error}; pip install 'xuncha[cluster]' (for s3:// also s3fs)") from error
    except ValueError as error:
        raise InputError(f"{url}: expected a folder or a URL that fsspec knows: {error}") from error
    return system, path.rstrip("/")


def hand_over(store: Store, settings: Settings) -> int:
    """Leave what this crawler has in the place of setting ``hand_over``; returns how many WARC files went there.

    Raises:
        EvidenceError: another file lies there under the name of one of ours; it is not written over.
    """
    system, path = place(str(settings["hand_over"]))
    system.makedirs(f"{path}/{WORKERS}", exist_ok=True)
    sent = 0
    for file in sorted(settings.path("archive").glob("*.warc.gz")):
        there = f"{path}/{ARCHIVE}/{file.name}"
        if not system.exists(there):
            _put(system, file, there)
            sent += 1
        elif int(system.size(there)) != file.stat().st_size:
            raise EvidenceError(
                f"{there}: expected the {file.stat().st_size} bytes of {file}, found another file of that name; give each crawler a place or a name of its own"
            )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "store.db"
        store.backup(copy)
        _put(system, copy, f"{path}/{WORKERS}/{worker_name(settings)}{SUFFIX}")
    return sent


def _put(system: Any, file: Path, there: str) -> None:
    part = f"{there}.part"
    system.makedirs(there.rpartition("/")[0], exist_ok=True)
    system.put_file(str(file), part)
    system.mv(part, there)


def ingest(
    store: Store, settings: Settings, url: str, now: Callable[[], datetime]
) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Take in what crawlers left in a place: counts by crawler, and what was wrong with any of them.

    Raises:
        InputError: there is no such place, or no crawler has left anything.
    """
    system, path = place(url)
    try:
        left = sorted(str(name) for name in system.ls(f"{path}/{WORKERS}", detail=False) if str(name).endswith(SUFFIX))
    except FileNotFoundError:
        left = []
    if not left:
        raise InputError(
            f"{url}: expected {WORKERS}/<name>{SUFFIX} that a crawl with setting 'hand_over' left, found none"
        )
    counts: dict[str, dict[str, int]] = {}
    faults = []
    for name in left:
        worker = name.rpartition("/")[2].removesuffix(SUFFIX)
        with _fetched(system, name) as copy, Store.open(copy) as theirs:
            desk = _Desk(store, theirs, worker, now)
            try:
                desk.captures(lambda wanted: _bring(system, f"{path}/{ARCHIVE}", settings.path("archive"), wanted))
            except EvidenceError as error:  # nothing of this crawler beyond that point is taken in; the others are
                faults.append(f"{worker}: {error}")
            else:
                desk.rest()
            finally:
                desk.close(faults)
            counts[worker] = desk.counts
    return counts, faults


@contextmanager
def _fetched(system: Any, path: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "theirs.db"
        system.get_file(path, str(copy))
        yield copy


def _bring(system: Any, there: str, archive: Path, captures: Iterable[Capture]) -> None:
    """Have the WARC files of captures in the archive, each payload checked against the digest that the crawler recorded.

    Raises:
        EvidenceError: a file is missing or holds something else.
    """
    archive.mkdir(parents=True, exist_ok=True)
    fetched: set[Path] = set()
    for capture in captures:
        own, file = archive / capture.warc, f"{there}/{capture.warc}"
        if capture.warc != Path(capture.warc).name:
            raise EvidenceError(
                f"{capture.warc}: expected the name of a file, found a path; this store was not left by a crawl"
            )
        if not own.exists():
            if not system.exists(file):
                raise EvidenceError(
                    f"{file}: expected the WARC of {capture.url}, found none; restore it and ingest again"
                )
            part = own.with_name(f"{own.name}.part")
            system.get_file(file, str(part))
            part.replace(own)
            fetched.add(own)
        try:
            read_at(own, capture.offset, capture.sha256)
        except EvidenceError:
            if own in fetched:  # kept to be looked at; a restored file is fetched anew
                own.replace(own.with_name(f"{own.name}.damaged"))
            raise


class _Desk:
    """What one crawler's store brings, in parts: each is one transaction, with the mark of how far it went."""

    def __init__(self, store: Store, theirs: Store, worker: str, now: Callable[[], datetime]) -> None:
        self.store, self.theirs, self.worker, self.now = store, theirs, worker, now
        self.begins = theirs.handed.begins()
        self.marks: dict[str, Any] = store.handed.marks(worker, self.begins)
        self.counts = dict.fromkeys(("captures", "new", "changed", "known", "older", "refused"), 0)
        self.at = now()
        with store.atomic():  # finished from the start: a crawl run that stands open would be gone on with
            self.run = store.runs.start("crawl", self.at, {"ingested": worker})
            store.runs.finish(self.run, self.at, {})

    def captures(self, bring: Callable[[list[Capture]], None]) -> None:
        """Captures, once their records are in the archive."""
        for number, part in self.theirs.handed.captures(int(self.marks.get("captures", 0))):
            bring(part)
            with self.store.atomic():
                for capture in part:
                    if self.store.captures.get(capture.id) is None:
                        self.store.captures.add(replace(capture, run=self.run))
                        self.counts["captures"] += 1
                self._mark(captures=number)

    def rest(self) -> None:
        """Documents, refusals, and what is known of pages and sources."""
        handed = self.theirs.handed
        since = str(self.marks.get("since", ""))
        for number, versions in handed.documents(int(self.marks.get("documents", 0))):
            with self.store.atomic():
                for seen in versions:
                    self._document(seen)
                self._mark(documents=number)
        for number, refusals in handed.refusals(int(self.marks.get("refusals", 0))):
            with self.store.atomic():
                self.store.refusals.add(*(replace(refusal, run=self.run) for refusal in refusals))
                self.counts["refused"] += len(refusals)
                self._mark(refusals=number)
        with self.store.atomic():
            latest = since
            for seen in handed.seen(since):
                if not self.store.handed.newer(seen):
                    self._add(seen)
            for page in handed.pages(since):
                self.store.handed.put_page(page)
                latest = max(latest, page["fetched_at"])
            for visit in handed.visits(since):
                self.store.handed.put_visit(visit)
            pictures = str(self.marks.get("pictures", ""))
            for row in handed.addresses(pictures):
                self._picture(row)
                pictures = max(pictures, str(row["at"]))
            run = int(self.marks.get("yields", 0))
            for row in handed.yields(run):
                self.store.yields.add(self.run, row["source"], row)
                run = max(run, int(row["run"]))
            self._mark(since=latest, pictures=pictures, yields=run)

    def close(self, issues: list[str]) -> None:
        """The run says what came of it."""
        new = self.store.captures.by_source(self.run)
        counts = {
            "fetched": self.counts["captures"],
            "new": self.counts["new"],
            "changed": self.counts["changed"],
            "refused": self.counts["refused"],
            "kept": 0,
            "resumed": 0,
        }
        for source, found in new.items():
            counts |= {f"{source}/{what}": number for what, number in found.items()}
        self.store.runs.finish(self.run, self.now(), counts, issues)

    def _document(self, seen: Seen) -> None:
        if self.store.handed.newer(seen):
            self.counts["older"] += 1
            return
        self.counts[self._add(seen).value] += 1

    def _add(self, seen: Seen) -> Change:
        id, change = self.store.documents.add(seen.document, seen.at, self.run)
        shown = self.theirs.handed.shown(seen.document)
        self.store.pictures.show(id, shown, len(shown))
        return change

    def _picture(self, row: Mapping[str, Any]) -> None:
        capture = self.store.captures.get(str(row["capture"]))
        if row["sha256"] and capture is not None:
            told = (str(row["kind"]), int(row["width"]), int(row["height"]))
            self.store.pictures.came(str(row["url"]), capture, str(row["sha256"]), int(row["size"]), told)
        elif not row["sha256"]:
            self.store.pictures.failed(str(row["url"]), str(row["capture"]), str(row["why"]), time_of(row["at"]))

    def _mark(self, **marks: Any) -> None:
        self.marks |= marks
        self.store.handed.mark(self.worker, self.begins, self.marks, self.at)
