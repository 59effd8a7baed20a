"""How much of an obfuscated text the normaliser gives back, what it costs clean text, and how fast it is.

    python -m benchmarks.normalise [--quick] [--data FILE]

For each attack of the CNTP pairs (original, perturbed):

* ``restored``: 1 - distance(restore(perturbed), folded original) / distance(perturbed, original), edit distances in characters,
  both sides without white space; summed over the pairs. Below 0 the normaliser makes matters worse.
* ``heard``: the share of syllable bigrams of the original that the perturbed text has in its pinyin or merged pinyin view.
* ``seen``: the same for character bigrams of the raw texts: what an exact matcher would have.

``clean_damage`` is distance(restore(original), original folded by OpenCC and NFKC alone) over the length of the originals: what the
normaliser changes where nothing was hidden. Of one sign's typographic forms (curly and straight quotation marks, an ellipsis in one sign
or three, dashes, an emoji's variation selector) all count as the same, on both sides. Some originals hide words themselves (a syllable in letters): to
read them counts as damage here. The last line is JSON. Where the data is missing the benchmark says so and measures speed
on its own sentences.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import re
import sys
import time
import unicodedata
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from text.normalise import normalise, restore

DATA = Path("/work/shared/data/perturbed_pairs.jsonl.gz")
OWN = (
    "姐妹们可以寄-血到香 港验🩸，孕(yùn)6周+就行，准确率９９.８％，当天出结果，加薇❤ zq0lily①② 预约；氵夜本、月台儿、xiang港都懂的。"
    * 2
)
_SPACE = re.compile(r"\s+")


def distance(a: str, b: str) -> int:
    """The edit distance (insertions, deletions, substitutions) of two strings."""
    if len(a) < len(b):
        a, b = b, a
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (left != right))
    return row[-1]


_TYPOGRAPHY = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "\ufe0f": ""})


@functools.cache
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def plain(text: str) -> str:
    """Traditional to simplified, compatibility forms, case and typography: the folding that no one disputes."""
    simplified = _simplifier().convert(text.translate(_TYPOGRAPHY))
    folded = unicodedata.normalize("NFKC", simplified).lower()
    return _SPACE.sub("", folded)


def bigrams(elements: Any) -> set[Any]:
    """The distinct pairs of neighbours."""
    return set(pairwise(elements))


def measure(rows: list[dict[str, str]]) -> dict[str, Any]:
    """The figures of all pairs, by attack and over all."""
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        raw, original = _SPACE.sub("", row["raw"]), _SPACE.sub("", row["original"])
        want, got = plain(row["original"]), plain(restore(row["raw"]))
        clean = normalise(row["original"])
        hidden = normalise(row["raw"])
        for name in (row["attack"], "all"):
            total = sums[name]
            total["hidden"] += distance(raw, original)
            total["left"] += distance(got, want)
            syllables, signs = bigrams(clean.pinyin), bigrams(original)
            total["syllables"] += len(syllables)
            total["heard"] += len(syllables & (bigrams(hidden.pinyin) | bigrams(hidden.merged_pinyin)))
            total["signs"] += len(signs)
            total["seen"] += len(signs & bigrams(raw))
            total["clean"] += len(want)
            total["damage"] += distance(plain(restore(row["original"])), want)
    figures: dict[str, Any] = {}
    for name, total in sums.items():
        figures[name] = {
            "restored": round(1 - total["left"] / max(1, total["hidden"]), 3),
            "heard": round(total["heard"] / max(1, total["syllables"]), 3),
            "seen": round(total["seen"] / max(1, total["signs"]), 3),
            "clean_damage": round(total["damage"] / max(1, total["clean"]), 4),
        }
    return figures


def speed(texts: list[str]) -> dict[str, float]:
    """Documents a second of one core, by view; texts are cut or filled to 150 characters, each other than all before: some are remembered."""
    documents = [(text * 150)[:150] for text in texts if text.strip()]
    rates = {}
    for round_, view in enumerate(("folded", "dense", "merged", "pinyin", "merged_pinyin")):
        for text in documents[:200]:  # tables are built on first use
            getattr(normalise(text), view)
        fresh = [f"{text[:-8]}{round_}{number:07d}" for number, text in enumerate(documents)]
        start = time.process_time()
        for text in fresh:
            getattr(normalise(text), view)
        rates[view] = round(len(documents) / max(1e-9, time.process_time() - start))
    return rates


def main(arguments: list[str] | None = None) -> int:
    """Print the table and, as the last line, the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every tenth pair only")
    parser.add_argument("--data", type=Path, default=DATA, help="pairs: gzipped JSON lines with raw, original, attack")
    options = parser.parse_args(arguments)
    result: dict[str, Any] = {"benchmark": "normalise", "restored_share": None, "clean_damage": None, "attacks": {}}
    if options.data.exists():
        with gzip.open(options.data, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        rows = rows[:: 10 if options.quick else 1]
        figures = measure(rows)
        print(f"{'attack':<14}{'restored':>10}{'heard':>8}{'seen':>8}{'damage':>9}")
        for name, figure in sorted(figures.items(), key=lambda item: (item[0] == "all", item[0])):
            print(
                f"{name:<14}{figure['restored']:>10.3f}{figure['heard']:>8.3f}{figure['seen']:>8.3f}{figure['clean_damage']:>9.4f}"
            )
        over_all = figures.pop("all")
        result |= {"pairs": len(rows), "restored_share": over_all["restored"], "heard": over_all["heard"], "seen": over_all["seen"],
                   "clean_damage": over_all["clean_damage"], "attacks": figures}  # fmt: skip
        texts = [row["raw"] for row in rows]
    else:
        result["skipped"] = f"{options.data} is missing: no pairs to restore"
        print(result["skipped"])
        texts = [OWN] * 500
    result["documents_per_second"] = speed(texts)
    print(
        "documents/s (150 characters):",
        ", ".join(f"{view} {rate:,}" for view, rate in result["documents_per_second"].items()),
    )
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
