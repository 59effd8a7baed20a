"""How fast texts are judged: stage by stage, the gate alone, memory, cold start, and two peers on the same texts.

    python benchmarks/classify_speed.py [--quick]

20,000 texts (quick: 2,000) of about 150 characters, the same on every run: 90 parts of a hundred are shared negatives (questions,
comments, titles) set end to end, 8 are gold documents that are not flagged, 2 are gold adverts; both cut at 400 characters. Without the
shared data the 90 parts are gold documents that are not flagged, and the table says so. Figures are documents per CPU second of one
thread. ``whole`` is what ``xuncha classify FILE --json`` does, reading and writing JSON included. The last line is JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is loaded
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from classifier import hashing, lines, material, views  # noqa: E402
from classifier.contract import Text  # noqa: E402
from classifier.models import load  # noqa: E402
from classifier.raters.gate import GateRater  # noqa: E402
from classifier.raters.linear import Linear  # noqa: E402
from core.labels import labels  # noqa: E402
from core.settings import SETTINGS  # noqa: E402
from text.contacts import find_contacts  # noqa: E402
from text.offers import find_prices, find_week  # noqa: E402
from text.places import find_places  # noqa: E402

AIMS = {"docs_per_s": 1_000, "gate_docs_per_s": 15_000, "rss_mb": 450, "cold_start_s": 1.6}
MOST = 400  # characters of one text
BATCH = lines.BATCH


def everyday(count: int, seed: int = 20) -> tuple[list[Text], str]:
    """Texts of a stream, and what they were made from."""
    rng = random.Random(seed)
    shared = [example.text.text for example in material.shared("test")]
    gold = material.training()
    quiet = [example.text.text for example in gold if not example.flagged]
    adverts = [example.text.text for example in gold if example.flagged]
    pieces = shared or [text for text in quiet if len(text) < 200]

    def stretched() -> str:
        wanted, text = int(min(MOST, 10 + rng.lognormvariate(4.7, 0.8))), rng.choice(pieces)
        while len(text) < wanted:
            text += "，" + rng.choice(pieces)
        return text[:wanted]

    texts = []
    for _ in range(count):
        draw = rng.random()
        texts.append(
            Text(rng.choice(adverts)[:MOST] if draw < 0.02 else rng.choice(quiet)[:MOST] if draw < 0.1 else stretched())
        )
    return texts, f"gold and {'shared negatives' if shared else 'no shared negatives (data missing)'}"


def rate(work: Callable[[Sequence[Text]], Any], texts: Sequence[Text]) -> float:
    """Documents per CPU second, in batches; tables that are built on first use are built before."""
    work(texts[:BATCH])
    started = time.process_time()
    for start in range(0, len(texts), BATCH):
        work(texts[start : start + BATCH])
    return len(texts) / (time.process_time() - started)


def stages(linear: Linear, texts: Sequence[Text]) -> dict[str, float]:
    """The rate of each stage by itself, on what the stages before it give."""
    batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    normals = {id(batch[0]): views.normals_of(batch) for batch in batches}
    rows = {
        key: [
            hashing.rows(views.units(batch, channel, normals[key]), channel.orders, channel.bits)
            for channel in views.CHANNELS
        ]
        for batch in batches
        if (key := id(batch[0]))
    }
    tables = linear.heads.tables

    def features(batch: Sequence[Text]) -> None:
        found = views.normals_of(batch)
        for channel in views.CHANNELS:
            hashing.rows(views.units(batch, channel, found), channel.orders, channel.bits)

    def margins(batch: Sequence[Text]) -> None:
        for table, counted in zip(tables, rows[id(batch[0])], strict=True):
            table.margins(counted)

    def spans(batch: Sequence[Text]) -> None:
        for text in batch:
            linear.evidence(text, "fetal_sex_test_ad")

    def facts(batch: Sequence[Text]) -> None:
        for text in batch:
            find_places(text.text)
            find_prices(text.text)
            find_week(text.text)

    def timed(work: Callable[[Sequence[Text]], Any]) -> float:
        work(batches[0])
        started = time.process_time()
        for batch in batches:
            work(batch)
        return len(texts) / (time.process_time() - started)

    flagged = [text for text, judgement in zip(texts, linear.judge(texts), strict=True) if judgement.spans]
    return {
        "normalise": timed(views.normals_of),
        "normalise and count features": timed(features),
        "margins of counted features": timed(margins),
        f"spans (needed by {len(flagged) / len(texts):.1%} of texts)": rate(spans, flagged) if flagged else 0.0,
        "contacts": timed(lambda batch: [find_contacts(text.text, text.title) for text in batch]),
        "places, prices, week": timed(facts),
    }


def whole(name: str, texts: Sequence[Text]) -> float:
    """Documents per CPU second from JSON lines in to JSON lines out: the better of two runs, because others use the machine too."""
    rater = load(name)
    given = [
        json.dumps({"id": number, "text": text.text}, ensure_ascii=False).encode() for number, text in enumerate(texts)
    ]
    seconds = []
    for _ in range(2):
        started = time.process_time()
        lines.judge_lines(rater, given, io.BytesIO(), print, print)
        seconds.append(time.process_time() - started)
    return len(texts) / min(seconds)


def keyword_filter(texts: Sequence[Text]) -> float:
    """The peer that knows no context: an Aho-Corasick automaton of all cue words over the raw text."""
    from ahocorasick_rs import AhoCorasick

    automaton = AhoCorasick([cue for label in labels().values() for cue in label.cues])
    return rate(lambda batch: [bool(automaton.find_matches_as_indexes(text.text)) for text in batch], texts)


def scikit_learn(texts: Sequence[Text]) -> float:
    """The peer from the textbook: TfidfVectorizer (characters, 1 to 3) and LinearSVC, trained on the gold set, one answer each."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    gold = material.training()
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    machine = LinearSVC().fit(
        vectorizer.fit_transform([example.text.text for example in gold]), [example.flagged for example in gold]
    )
    return rate(lambda batch: machine.predict(vectorizer.transform([text.text for text in batch])), texts)


def cold_start(times: int) -> float:
    """Seconds from ``xuncha classify - --json`` to its first answer: the best of several, so that others on the machine count less."""
    line = json.dumps({"text": "今天的晚霞真好看"}).encode() + b"\n"
    found = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "xuncha.cli", "classify", "-", "--json", "--workspace", folder]
            started = time.perf_counter()
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
                assert process.stdin
                assert process.stdout
                process.stdin.write(line)
                process.stdin.close()
                answer = process.stdout.readline()
                found.append(time.perf_counter() - started)
        assert json.loads(answer)["label"]
    return min(found)


def main(arguments: list[str] | None = None) -> int:
    """Print the table and, as the last line, the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="2,000 texts")
    quick = parser.parse_args(arguments).quick
    name = str(next(setting.default for setting in SETTINGS if setting.name == "model"))
    texts, made_from = everyday(2_000 if quick else 20_000)
    print(
        f"{len(texts)} texts, {np.mean([len(text.text) for text in texts]):.0f} characters on average, from {made_from}; model {name}"
    )

    docs = whole(name, texts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before the peers load their libraries
    gate = load("gate")
    assert isinstance(gate, GateRater)
    gated = rate(gate.gate.passes, texts)
    linear = load("linear")
    assert isinstance(linear, Linear)
    table = stages(linear, texts)
    table[f"judge ({name})"] = rate(load(name).judge, texts)
    table["whole, JSON lines in and out"] = docs
    table[f"gate alone (passes {gate.gate.passes(texts).mean():.1%})"] = gated
    keywords, peer = keyword_filter(texts), scikit_learn(texts)
    table["peer: Aho-Corasick keyword filter"] = keywords
    table["peer: scikit-learn TF-IDF and LinearSVC"] = peer
    start = cold_start(3 if quick else 7)

    width = max(map(len, table))
    print(f"{'stage':<{width}}  documents/s  ms each")
    for stage, found in table.items():
        print(f"{stage:<{width}}  {found:>11,.0f}  {1000 / found if found else 0.0:>7.3f}")
    result = {
        "docs_per_s": round(docs),
        "gate_docs_per_s": round(gated),
        "ratio_to_keyword_filter": round(docs / keywords, 5),
        "gate_ratio_to_keyword_filter": round(gated / keywords, 4),
        "ratio_to_sklearn": round(docs / peer, 3),
        "rss_mb": round(memory),
        "cold_start_s": round(start, 2),
    }
    for key, aim in AIMS.items():
        met = result[key] >= aim if key.endswith("per_s") else result[key] <= aim
        print(
            f"{key}: {result[key]:,} (aim {'at least' if key.endswith('per_s') else 'at most'} {aim:,}: {'met' if met else 'NOT met'})"
        )
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
