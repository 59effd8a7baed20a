"""How often the 95 % intervals of the prevalence study hold the truth, how wide they are and how far off their estimates.

    python -m benchmarks.prevalence_coverage [--quick] [--repeats N]

Populations of 20,000 documents are made up for true prevalences of 0.2, 0.5, 2, 10 and 30 %. A positive scores higher than a
negative, but one positive in ten scores like any negative (an ad that the model cannot see), and the scores are pulled towards
0.5 and downwards, so that they are no probabilities. 400 documents are drawn and labelled without error, again and again.

``classify-and-count`` is what must not be done: the flagged share with a binomial interval. ``min_coverage`` is the lowest over
prevalences and offered methods; ``width_ratio_to_random`` the mean width of the stratified interval over that of Wilson's for a
simple random sample of the same size, averaged over prevalences. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

from reports.prevalence import design
from reports.prevalence.estimators import Audit, Estimate, ppi, rogan_gladen, stratified, wilson, wilson_limits

PREVALENCES = (0.002, 0.005, 0.02, 0.1, 0.3)
DOCUMENTS = 20_000
SAMPLE = 400
BLIND = 0.1  # the share of positives that score like negatives
DISTANCE = 2.6  # between the others and the negatives, in standard deviations
SAMPLES_A_POPULATION = 10
COUNTED = "classify-and-count"


def population(prevalence: float, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Truth and score of each document."""
    truth = np.zeros(DOCUMENTS, np.int64)
    truth[: round(prevalence * DOCUMENTS)] = 1
    seen = truth * (random.random(DOCUMENTS) >= BLIND)
    latent = random.normal(DISTANCE * seen, 1.0)
    true_logit = DISTANCE * latent - DISTANCE**2 / 2 + np.log(prevalence / (1 - prevalence))
    return truth, 1 / (1 + np.exp(-(0.7 * true_logit - 0.5)))


def audit_of(truth: np.ndarray, score: np.ndarray, draw: design.Draw) -> Audit:
    """The audit that a draw and faultless raters give."""
    sizes = np.bincount(draw.stratum)
    return Audit(
        sizes, np.bincount(draw.stratum, score) / sizes, np.bincount(draw.stratum, score >= 0.5).astype(np.int64), draw.stratum[draw.drawn],
        score[draw.drawn], (score[draw.drawn] >= 0.5).astype(np.int64), truth[draw.drawn],
    )  # fmt: skip


def one(truth: np.ndarray, score: np.ndarray, seed: int) -> dict[str, Estimate]:
    """Every method once, by name."""
    methods: dict[str, dict[str, Callable[[Audit], Estimate]]] = {
        "random": {"wilson": wilson, "ppi++": ppi, "rogan-gladen": rogan_gladen},
        "stratified": {"stratified": stratified, "ppi++": ppi, "rogan-gladen": rogan_gladen},
    }
    found = {}
    for name, draw in design.DESIGNS.items():
        audit = audit_of(truth, score, draw(score, SAMPLE, seed))
        found |= {f"{name}: {method}": call(audit) for method, call in methods[name].items()}
    flagged = int((score >= 0.5).sum())
    found[COUNTED] = Estimate(COUNTED, flagged / len(score), *wilson_limits(flagged, len(score)))
    return found


def measure(prevalence: float, repeats: int, seed: int) -> dict[str, dict[str, float]]:
    """Coverage, mean width and root mean squared error, by method."""
    random = np.random.default_rng([seed, round(prevalence * 1e6)])
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for repeat in range(repeats):
        if repeat % SAMPLES_A_POPULATION == 0:
            truth, score = population(prevalence, random)
        for name, estimate in one(truth, score, int(random.integers(2**32))).items():
            total = sums[name]
            total["held"] += estimate.low <= prevalence <= estimate.high
            total["width"] += estimate.width
            total["square"] += (estimate.value - prevalence) ** 2
    return {
        name: {
            "coverage": round(total["held"] / repeats, 4), "width": round(total["width"] / repeats, 5),
            "rmse": round(sqrt(total["square"] / repeats), 5),
        }
        for name, total in sums.items()
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Print the table and, as the last line, the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 samples a prevalence instead of 4,000")
    parser.add_argument("--repeats", type=int, help="samples a prevalence")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    repeats = options.repeats or (1_000 if options.quick else 4_000)
    start = time.perf_counter()
    print(f"{'true':>6}  {'method':<26}{'coverage':>9}{'width':>9}{'rmse':>9}")
    table: dict[str, Any] = {}
    for prevalence in PREVALENCES:
        figures = table[f"{prevalence:g}"] = measure(prevalence, repeats, options.seed)
        for name, row in figures.items():
            print(f"{prevalence:>6.1%}  {name:<26}{row['coverage']:>9.3f}{row['width']:>9.4f}{row['rmse']:>9.4f}")
    offered = [row["coverage"] for rows in table.values() for name, row in rows.items() if name != COUNTED]
    ratios = [rows["stratified: stratified"]["width"] / rows["random: wilson"]["width"] for rows in table.values()]
    result = {
        "benchmark": "prevalence_coverage", "repeats": repeats, "sample": SAMPLE, "min_coverage": min(offered),
        "width_ratio_to_random": round(float(np.mean(ratios)), 3), "width_ratios": [round(ratio, 3) for ratio in ratios],
        "seconds": round(time.perf_counter() - start, 1), "table": table,
    }  # fmt: skip
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
