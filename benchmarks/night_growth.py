"""What a night costs as the store grows: python benchmarks/night_growth.py [--quick] [--sizes N,N,...]

Stores of 10,000, 100,000 and 1,000,000 documents (--quick: 2,000 and 20,000), about one in sixty of them an advert in a lead, are filled
in bulk, as so many nights of the same work would have left them (a million documents are 2,000 nights), their adverts as if campaigns had been
looked for already (how that grows is ``benchmarks/campaigns.py``). Then come two nights with the same work each: 2,000 pages pass through the queue, 500 of them hold new documents (10 adverts)
and 1,500 known ones; the new ones are judged, campaigns and leads are brought up to date, what is due is purged, the digest is written. The
first night meets the store as it was filled and indexes it; the second is measured, in CPU seconds. The last line is JSON:
``cost_ratio_large_to_small`` is the second night's cost over the largest store and over the smallest.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import review_load  # noqa: E402

from classifier import material  # noqa: E402
from classifier.models import load  # noqa: E402
from core.settings import Settings  # noqa: E402
from core.settings import load as settings_of  # noqa: E402
from core.store import Store  # noqa: E402
from core.types import Capture, Document, Provenance  # noqa: E402
from leads.campaigns import MIN_CHARACTERS  # noqa: E402
from text import minhash  # noqa: E402
from xuncha import stages  # noqa: E402
from xuncha.workspace import create  # noqa: E402

PAGES, NEW, ADVERTS = 2_000, 500, 10
MODEL = "linear"  # what the model costs does not depend on the store


def pages(night: int, documents: int) -> Iterator[tuple[str, Document]]:
    """The pages of a night: new documents and, for the rest, some that the store has had from the beginning."""
    draw = random.Random(night)
    gold = [example for example in material.training() if len(example.text.text) < 400]
    adverts = [example.text.text for example in gold if example.flagged]
    quiet = [example.text.text for example in gold if not example.flagged]
    for number in range(NEW):
        text = draw.choice(adverts) if number < ADVERTS else draw.choice(quiet)
        source = f"source-{number % 40:02d}"
        url = f"http://{source}.example/new/{night}-{number}"
        yield (
            url,
            Document(source, f"new/{night}-{number}", url, "post", f"{text}\n第{night}夜第{number}帖", source=source),
        )
    for known in draw.sample(range(1, documents), PAGES - NEW):
        yield f"http://again.example/{known}", Document("known", str(known), "", "post", "")


@contextmanager
def timed(costs: dict[str, float], stage: str) -> Iterator[None]:
    """Add the CPU seconds of what happens inside."""
    begun = time.process_time()
    yield
    costs[stage] = costs.get(stage, 0.0) + time.process_time() - begun


def night(store: Store, settings: Settings, number: int, documents: int, now: datetime) -> dict[str, float]:
    """One night's work; the CPU seconds of each stage."""
    rater = load(MODEL)
    rater.judge([])
    given = list(pages(number, documents))
    known = {
        url: store.documents.get(int(document.native_id)) for url, document in given if document.platform == "known"
    }
    costs: dict[str, float] = {}
    run = store.runs.start("crawl", now)
    with timed(costs, "queue"):
        for at in range(0, len(given), 32):
            with store.atomic():
                for url, _ in given[at : at + 32]:
                    store.frontier.push(run, "s", f"{url}", url, f"h{at % 20}.example", "{}", 0)
    with timed(costs, "queue"):
        leased = []
        for host in range(20):
            while one := store.frontier.lease(run, f"h{host}.example", "w", now.timestamp(), 1e6):
                leased.append(one)
    by_url = {one.url: one for one in leased}
    with timed(costs, "store"):
        for at in range(0, len(given), 32):
            with store.atomic():
                for url, document in given[at : at + 32]:
                    if url not in by_url:
                        continue
                    store.frontier.done(by_url[url])
                    capture = Capture(
                        f"urn:uuid:night-{number}-{url}", document.source or "again", url, now, 200, "text/html", "0" * 64, 9_000, "n.warc.gz", 0,
                        "allowed", Provenance.LIVE, run,
                    )  # fmt: skip
                    store.captures.add(capture)
                    store.pages.status(url)
                    store.pages.put(url, "s", now, 200, "", "")
                    found = known.get(url) or document
                    store.documents.add(replace(found, capture=capture.id), now, run)
    with timed(costs, "queue"):
        store.runs.finish(run, now, store.frontier.counts(run))
        store.frontier.clear(run)

    def clock() -> datetime:
        return now

    with timed(costs, "judge"):
        stages.classify(store, rater, clock)
    with timed(costs, "purge"):
        stages.purge(store, settings, clock, "benchmark")
    with timed(costs, "campaigns and leads"):
        stages.tie(store, settings, rater, clock)
    with timed(costs, "digest"):
        stages.digest(store, settings, clock)
    return costs


def placed(store: Store, settings: Settings) -> None:
    """Let the campaigns' index believe that it has seen all judgements there are."""
    rater = load(MODEL).name
    rules = f"{minhash.VERSION} {float(settings['near_duplicate']):g} {MIN_CHARACTERS}"
    with store.atomic():
        store.campaigns.begin(rater)
        store.campaigns.clear(rater, rules)
        store.campaigns.mark(store.judgements.newest())


def measured(documents: int) -> tuple[dict[str, float], float]:
    """The second night's costs over a store of so many documents, and the store's megabytes."""
    with tempfile.TemporaryDirectory() as name:
        create(Path(name))
        settings = settings_of(Path(name), {}).replace(model=MODEL)
        review_load.RATER = load(MODEL).name
        with Store.open(settings.path("database")) as store:
            review_load.fill(store, documents, max(10, documents // 500), documents / NEW)
            placed(store, settings)
            today = datetime.now(UTC)
            night(store, settings, 1, documents, today)
            costs = night(store, settings, 2, documents, today + timedelta(days=1))
        return costs, (Path(name) / "xuncha.db").stat().st_size / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="stores of 2,000 and 20,000 documents")
    parser.add_argument("--sizes", default="", help="other sizes, with commas")
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",") if size] or (
        [2_000, 20_000] if given.quick else [10_000, 100_000, 1_000_000]
    )
    found = {}
    for size in sizes:
        costs, megabytes = measured(size)
        found[size] = costs
        print(
            f"{size:>9,} documents, {megabytes:,.0f} MB: {sum(costs.values()):.2f} CPU s", file=sys.stderr, flush=True
        )
    stages_of = list(found[sizes[0]])
    print(f"{'CPU s of a night':<22}" + "".join(f"{size:>13,}" for size in sizes) + f"{'ratio':>8}")
    for stage in [*stages_of, "whole"]:
        row = [sum(found[size].values()) if stage == "whole" else found[size][stage] for size in sizes]
        print(f"{stage:<22}" + "".join(f"{cost:>13.3f}" for cost in row) + f"{row[-1] / max(row[0], 1e-3):>8.2f}")
    small, large = sum(found[sizes[0]].values()), sum(found[sizes[-1]].values())
    print(
        json.dumps(
            {
                "cost_ratio_large_to_small": round(large / small, 2),
                "small_s": round(small, 2),
                "large_s": round(large, 2),
                "sizes": sizes,
            }
        )
    )


if __name__ == "__main__":
    main()
