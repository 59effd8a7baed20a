"""One archive judged: its hits as Parquet, their records as WARC beside it, and exact counts of all records.

Most of an archive is settled by what is cheapest: no page, hardly a Chinese sign, dropped by the gate or by the linear model on the main
text. What passes is read as a replay reads it (50 ms a page with trafilatura) and gets the full judgement. Of a document only what finds it again is written (address, title, score, quotes);
its text stays in the record, which ``xuncha import`` brings into the store. Nothing is written of what is no hit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.contract import Text
from classifier.gate import Gate
from classifier.models import load
from classifier.raters.gate import GateRater
from core.errors import InputError
from core.types import Document, Judgement
from crawler import wacz
from crawler.archived import Readers
from crawler.extract import decode, main_text, tidy
from crawler.pages import Page
from crawler.replay import Reading, of_text
from crawler.sources import Source, discover
from crawler.warc import Record, raw, raw_through, records
from xuncha.sweep.parts import copy, hits, part_of, told, write
from xuncha.sweep.paths import as_file, opened

COUNTS = ("records", "read", "skipped", "failed", "foreign", "gated", "documents", "judged", "hits", "flagged")
LEAST_CHINESE = 20  # signs of a page; fewer hold no advert that the models know
LEAST_SCORE = (
    0.1  # of the linear model on a page's main text: far below its threshold, because the full reading says more
)
BATCH, BATCH_BYTES = 256, 32_000_000
_CHINESE = re.compile("[\u3400-\u9fff]")
_TITLE = re.compile(r"<title[^>]{0,100}>([^<]{0,300})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sweep judges with; picklable. ``every`` judges in full what the gate would drop."""

    model: str
    sources: Path
    max_bytes: int
    every: bool = False


@dataclass(slots=True)
class Candidate:
    """A record that may hold an advert: the text that the gate reads, and its documents where they are known already."""

    record: Record
    member: str
    source: Source
    page: Page
    glance: Text
    documents: list[Document] | None = None


@dataclass(slots=True)
class Found:
    """What one archive gave."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    faults: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    kept: dict[tuple[str, int], None] = field(default_factory=dict)  # (member, offset) of the records with hits


class Judge:
    """A model that stays loaded: one for each process or actor."""

    def __init__(self, plan: Plan) -> None:
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)  # each process has a core of its own
        self.plan = plan
        gate = load("gate")
        self.gate: Gate | None = gate.gate if isinstance(gate, GateRater) and not plan.every else None
        self.sieve = None if plan.every else load("linear")
        self.rater = load(plan.model)
        self.readers = Readers(discover(plan.sources))

    def file(self, path: str, out: Path) -> dict[str, Any]:
        """Judge an archive and write its part below ``out``; one that is written already is left alone. Returns its counts and faults.

        A file of this machine that is damaged is judged up to there, and its part says so. What cannot be fetched is told and left for
        the next call.
        """
        part = part_of(out, path)
        if part.exists():
            return told(part)
        found = Found()
        try:
            self._take(path, found, out)
        except InputError as error:
            if "://" in path or not found.counts["records"]:
                return {"path": path, "counts": dict.fromkeys(COUNTS, 0), "faults": [str(error)], "unread": True}
            found.faults.append(str(error))
        write(part, path, self.rater.name, found.counts, found.faults, found.rows)
        return {"path": path, "counts": found.counts, "faults": found.faults}

    def _take(self, path: str, found: Found, out: Path) -> None:
        if path.lower().endswith(wacz.SUFFIX):
            with as_file(path) as file, wacz.opened(file) as package:
                found.faults += package.faults()
                reading = Reading(self.readers, package.pages())
                for name in package.warcs():
                    try:
                        with package.stream(name) as stream:
                            self._stream(reading, records(stream, f"{path}: {name}", self.plan.max_bytes), name, found)
                    except InputError as error:  # one damaged member must not cost the others
                        found.faults.append(str(error))
                if found.kept:
                    with hits(out, path) as target:
                        for name, offset in found.kept:
                            with package.stream(name) as stream:
                                copy(target, raw(stream, offset))
            return
        fault = None
        with opened(path) as stream:
            try:
                self._stream(Reading(self.readers), records(stream, path, self.plan.max_bytes), "", found)
            except InputError as error:
                fault = error
        if found.kept:
            offsets = [offset for _, offset in found.kept]
            try:
                with opened(path) as stream, hits(out, path) as target:
                    for offset in offsets:
                        copy(target, raw(stream, offset))
            except InputError:
                if "://" not in path:
                    raise
                with opened(path) as stream, hits(out, path) as target:  # a server that gives no ranges
                    for record in raw_through(stream, set(offsets)):
                        copy(target, record)
        if fault:
            raise fault

    def _stream(self, reading: Reading, given: Iterable[Record], member: str, found: Found) -> None:
        waiting: list[Candidate] = []
        size = 0
        try:
            for record in given:
                found.counts["records"] += 1
                try:
                    candidate = self._candidate(reading, record, member, found)
                except Exception as error:  # one record must not end the sweep, whatever it holds
                    _fail(found, record, error)
                    continue
                if candidate is not None:
                    waiting.append(candidate)
                    size += len(record.body) + len(record.text)
                if len(waiting) >= BATCH or size > BATCH_BYTES:
                    self._judge(reading, waiting, found)
                    waiting, size = [], 0
        finally:
            self._judge(reading, waiting, found)  # what stood before a damage counts

    def _candidate(self, reading: Reading, record: Record, member: str, found: Found) -> Candidate | None:
        """What the gate is to see of a record, or None for what is settled already."""
        source, page = reading.page(record)
        if source is None or page is None:
            found.counts["skipped"] += 1
            return None
        if record.text:
            document = of_text(source, page, record.text)
            candidate = Candidate(record, member, source, page, Text(document.text, document.title), [document])
            shown = record.text
        elif reading.readers.declared(record.url):
            documents = reading.documents(record, source, page)
            shown = "\n".join(f"{document.title}\n{document.text}" for document in documents)
            candidate = Candidate(record, member, source, page, Text(shown), documents)
        else:
            html, _ = decode(record.body, record.headers.get("content-type", ""))
            listed = reading.listed.get(record.url)
            extra = listed.text if listed else ""
            # the main text is looked for only where it can be Chinese
            shown = f"{main_text(html)}\n{extra}" if _chinese(html) or _chinese(extra) else ""
            title = _TITLE.search(html)
            candidate = Candidate(
                record, member, source, page, Text(shown, tidy(title[1]) if title else "", url=page.url)
            )
        if not _chinese(shown):
            found.counts["skipped"] += 1
            found.counts["foreign"] += 1
            return None
        return candidate

    def _passed(self, glances: list[Text]) -> list[bool]:
        """Whether each text deserves to be read and judged in full."""
        passed = [True] * len(glances)
        for drops in (self._gate, self._linear):
            left = [index for index, through in enumerate(passed) if through]
            for index, through in zip(left, drops([glances[index] for index in left]), strict=True):
                passed[index] = through
        return passed

    def _gate(self, glances: list[Text]) -> list[bool]:
        return [bool(one) for one in self.gate.passes(glances)] if self.gate and glances else [True] * len(glances)

    def _linear(self, glances: list[Text]) -> list[bool]:
        return [one.score >= LEAST_SCORE for one in self.sieve.judge(glances)] if self.sieve else [True] * len(glances)

    def _judge(self, reading: Reading, waiting: list[Candidate], found: Found) -> None:
        passed = self._passed([one.glance for one in waiting])
        documents: list[tuple[Candidate, Document]] = []
        for candidate, through in zip(waiting, passed, strict=True):
            if not through:
                found.counts["gated"] += 1
                found.counts["read"] += 1
                continue
            try:
                own = candidate.documents
                if own is None:
                    own = reading.documents(candidate.record, candidate.source, candidate.page)
            except Exception as error:  # as above
                _fail(found, candidate.record, error)
                continue
            found.counts["read"] += 1
            documents += [(candidate, document) for document in own]
        found.counts["documents"] += len(documents)
        judgements = self.rater.judge([Text.of(document) for _, document in documents])
        found.counts["judged"] += len(judgements)
        for (candidate, document), judgement in zip(documents, judgements, strict=True):
            if judgement.flagged or judgement.unsure:
                found.counts["hits"] += 1
                found.counts["flagged"] += judgement.flagged
                found.kept[candidate.member, candidate.record.offset] = None
                found.rows.append(_row(candidate, document, judgement))


def _chinese(text: str) -> bool:
    return sum(1 for _ in zip(_CHINESE.finditer(text), range(LEAST_CHINESE), strict=False)) == LEAST_CHINESE


def _fail(found: Found, record: Record, error: Exception) -> None:
    found.counts["failed"] += 1
    found.faults.append(f"{record.id}: {type(error).__name__}: {error}"[:300])


def _row(candidate: Candidate, document: Document, judgement: Judgement) -> dict[str, Any]:
    return {
        "url": document.url, "platform": document.platform, "native_id": document.native_id, "kind": document.kind, "title": document.title[:300],
        "fetched_at": candidate.record.at, "published_at": document.published_at, "label": judgement.label, "flagged": judgement.flagged,
        "unsure": judgement.unsure, "score": judgement.score, "rater": judgement.rater, "quotes": [span.quote for span in judgement.spans],
        "record": candidate.record.id, "member": candidate.member, "offset": candidate.record.offset,
    }  # fmt: skip
