"""The stages of a night, each a run in the store: judge what is new, tie it into leads, write the digest. All idempotent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from classifier import pictured
from classifier.contract import Rater, Text
from core.labels import labels
from core.settings import Settings
from core.store import Store
from core.types import ContactPoint, Document, Judgement, Run
from leads.build import link
from leads.campaigns import name, place
from reports import report
from text.contacts import find_contacts
from text.contacts.coded import find_coded
from xuncha import retention, seeing

Now = Callable[[], datetime]


@contextmanager
def recorded(store: Store, stage: str, now: Now, counts: dict[str, int], issues: list[str], **inputs: Any):  # type: ignore[no-untyped-def]
    """A run in the store around a stage; it ends as failed when the stage raises, and the error goes on."""
    run = store.runs.start(stage, now(), inputs)
    try:
        yield run
    except BaseException as error:
        store.runs.finish(run, now(), counts, [*issues, f"{type(error).__name__}: {error}"], "failed")
        raise
    store.runs.finish(run, now(), counts, issues)


def classify(store: Store, rater: Rater, now: Now, progress: Callable[[int], None] = lambda _: None) -> dict[str, int]:
    """Judge every document whose newest version the rater has not judged; contact points are read on the way."""
    counts = {"documents": 0, "flagged": 0, "unsure": 0}
    with recorded(store, "classify", now, counts, [], rater=rater.name) as run:
        versions = store.documents.newest_version()
        for batch in store.documents.unjudged(rater.name):
            judgements = pictured.judge(rater, [Text.of(document, voice(store, document)) for _, _, document in batch])
            with store.atomic():
                rows = [(id, version, judgement) for (id, version, _), judgement in zip(batch, judgements, strict=True)]
                store.judgements.add(rows, now(), run)
                for (id, version, document), judgement in zip(batch, judgements, strict=True):
                    store.contact_points.add(id, version, _contacts(document), judgement.flagged)
                    _count(counts, judgement)
            progress(len(batch))
        store.judgements.complete(rater.name, versions)
    return counts


def voice(store: Store, document: Document) -> str:
    """What the author of a document with pictures said besides: its title, or at the head of the thread, where that is the same author's.

    The title of a comment is somebody else's.
    """
    if not document.picture_text:
        return ""
    if not document.parent:
        return document.title
    id = store.documents.find(document.platform, document.parent) if document.author else None
    head = store.documents.get(id) if id is not None else None
    return f"{head.title}\n{head.text}" if head is not None and head.author == document.author else ""


def _contacts(document: Document) -> list[ContactPoint]:
    """The contact points of title, text and pictures: their words, their codes, and what they say instead of being seen (alternative text)."""
    shown = "\n".join(picture.alt for picture in document.pictures if picture.alt)
    alternative = [replace(point, field="alt") for point in find_contacts(shown)] if shown else []
    words = [replace(point, field="picture") for point in find_contacts(document.picture_text)]
    return [*find_contacts(document.text, document.title), *alternative, *words, *find_coded(document.code_text)]


def _count(counts: dict[str, int], judgement: Judgement) -> None:
    counts["documents"] += 1
    counts["flagged"] += judgement.flagged
    counts["unsure"] += judgement.unsure


def look(store: Store, settings: Settings, now: Now, clock: seeing.Clock, seconds: float) -> dict[str, int]:
    """Look at new pictures for so many seconds at most; without the extra they are counted and stay unread."""
    counts: dict[str, int] = {}
    with recorded(store, "look", now, counts, []):
        if why := seeing.not_read():
            counts["not_read"] = store.pictures.counts()["not_read"]
            return {**counts, "why": why} if counts["not_read"] else counts  # type: ignore[dict-item]
        counts.update(seeing.look(store, settings, now, clock, clock() + seconds))
    return counts


def read(
    store: Store, settings: Settings, rater: Rater, now: Now, clock: seeing.Clock, seconds: float
) -> dict[str, int]:
    """Read the words of pictures that may matter for so many seconds at most, and judge anew what they belong to."""
    counts: dict[str, int] = {}
    if seeing.not_read():
        return counts
    with recorded(store, "read", now, counts, [], rater=rater.name):
        counts.update(seeing.read(store, settings, rater.name, now, clock, clock() + seconds))
    if counts["settled"]:
        counts.update({f"judged_{name}": number for name, number in classify(store, rater, now).items()})
    return counts


def tie(store: Store, settings: Settings, rater: Rater, now: Now) -> dict[str, int]:
    """Bring campaigns up to date with what the rater flags, then build the leads; returns the counts of the leads."""
    placed: dict[str, int] = {}
    with recorded(store, "campaigns", now, placed, [], rater=rater.name) as run:
        placed.update(place(store, rater.name, float(settings["near_duplicate"]), now, run))
        placed["named"] = name(store, run)
    counts: dict[str, int] = {}
    with recorded(store, "link", now, counts, [], rater=rater.name) as run:
        counts.update(link(store, settings, labels(), rater.name, now(), run))
    return counts


def purge(store: Store, settings: Settings, now: Now, by: str) -> tuple[dict[str, int], list[str]]:
    """Purge what is due; returns its counts and what could not be erased, in words."""
    counts: dict[str, int] = {}
    issues: list[str] = []
    with recorded(store, "purge", now, counts, issues) as run:
        done, faults = retention.purge(store, settings, now, by, run)
        counts.update(done)
        issues += faults
    return counts, issues


def digest(
    store: Store, settings: Settings, now: Now, expected: dict[str, Any] | None = None, **options: Any
) -> tuple[list[Path], dict[str, Any]]:
    """Write the digest of what happened since the last one; returns its files and its data."""
    module = report("digest")
    counts: dict[str, int] = {}
    # a weekly digest is a stage of its own: the next daily one begins where the last daily one began
    with recorded(store, "weekly digest" if options.get("period") == "weekly" else "digest", now, counts, []):
        data = module.build(store, settings, now(), expected=expected or {}, **options)
        files = module.write(data, settings.path("reports"))
        counts["files"] = len(files)
    return files, data


def crawl_counts(run: Run) -> dict[str, dict[str, int]]:
    """The counts of a crawl run by source."""
    table: dict[str, dict[str, int]] = {}
    for key, number in run.counts.items():
        source, _, what = key.rpartition("/")
        if source:
            table.setdefault(source, {})[what] = number
    return table
