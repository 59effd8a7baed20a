"""The stages of a night, each a run in the store: judge what is new, tie it into leads, write the digest. All idempotent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from classifier.contract import Rater, Text
from core.labels import labels
from core.settings import Settings
from core.store import Store
from core.types import Judgement, Run
from leads.build import link
from reports import report
from text.contacts import find_contacts

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
        for batch in store.documents.unjudged(rater.name):
            judgements = rater.judge([Text.of(document) for _, _, document in batch])
            with store.atomic():
                rows = [(id, version, judgement) for (id, version, _), judgement in zip(batch, judgements, strict=True)]
                store.judgements.add(rows, now(), run)
                for (id, version, document), judgement in zip(batch, judgements, strict=True):
                    store.contact_points.add(
                        id, version, find_contacts(document.text, document.title), judgement.flagged
                    )
                    _count(counts, judgement)
            progress(len(batch))
    return counts


def _count(counts: dict[str, int], judgement: Judgement) -> None:
    counts["documents"] += 1
    counts["flagged"] += judgement.flagged
    counts["unsure"] += judgement.unsure


def tie(store: Store, settings: Settings, rater: Rater, now: Now) -> dict[str, int]:
    """Build the leads from what the rater flags."""
    counts: dict[str, int] = {}
    with recorded(store, "link", now, counts, [], rater=rater.name) as run:
        counts.update(link(store, settings, labels(), rater.name, now(), run))
    return counts


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
    for name, number in run.counts.items():
        source, _, what = name.rpartition("/")
        if source:
            table.setdefault(source, {})[what] = number
    return table
