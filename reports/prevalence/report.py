"""The prevalence study as a report: estimates by several methods side by side, never a count of the classifier."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.labels import labels as known_labels
from core.plugins import suggest
from core.settings import Settings
from core.store import Store
from reports.prevalence import words
from reports.prevalence.page import page
from reports.prevalence.words import LEAST_LABELLED, TITLE

if TYPE_CHECKING:
    from reports.prevalence.estimators import Audit

GROUPS = ("platform", "month")


def build(
    store: Store,
    settings: Settings,  # noqa: ARG001 (the contract of reports)
    now: datetime,
    *,
    sample: str = "",
    by: Sequence[str] = (),
) -> dict[str, Any]:
    """The estimates of a labelled sample (default: the one drawn last), over all and for each part by ``platform`` and ``month``.

    Raises:
        InputError: no such sample, nothing of it is labelled, or ``by`` names something else.
    """
    from reports.prevalence import sample as samples
    from reports.prevalence.estimators import FEW, accuracy, design_effect

    for name in by:
        if name not in GROUPS:
            raise InputError(f"--by: expected {' or '.join(GROUPS)}, found {name!r}; {suggest(name, GROUPS)}")
    about = samples.found(store, sample or next(iter(store.study.names()), ""))
    truth, left_open = samples.settled(store, about["name"])
    if not truth:
        raise InputError(
            f"sample {about['name']!r}: expected labels, found none that settle a document; bring them in with `xuncha label {about['name']} FILE`"
        )
    drawn = store.study.drawn(about["name"])
    labelled = [{**row, "truth": truth[row["document"]]} for row in drawn if row["document"] in truth]
    raters = len({row["rater"] for row in store.study.labels(about["name"])})
    whole = _audit(store.study.strata(about["name"]), labelled)
    overall = _estimates(whole, about["design"])
    frame, positives = int(whole.sizes.sum()), sum(truth.values())
    sensitivity, specificity = accuracy(whole)
    return {
        "title": TITLE,
        "at": now.isoformat(),
        "sample": about,
        "denominator": words.denominator(about, frame),
        "frame": frame, "drawn": len(drawn), "labelled": len(labelled), "positives": positives, "open": len(left_open), "raters": raters,
        "warnings": words.warnings(positives, len(labelled), len(drawn), len(left_open), raters, FEW),
        "estimates": overall,
        "design_effect": design_effect(whole),
        "strata": _strata(whole, drawn),
        "sensitivity": sensitivity, "specificity": specificity,
        "by": list(by),
        "groups": _groups(store, about, labelled, by) if by else [],
        "agreement": agreement(store, about["name"]),
        "hidden": _hidden(store, about["rater"]),
        "methods": words.methods(about, frame, len(labelled), raters, [row["method"] for row in overall]),
    }  # fmt: skip


def agreement(store: Store, name: str) -> dict[str, Any]:
    """How the raters of a sample agree: see ``agreement.compare``; ``rows`` for a table, ``settled`` by the adjudicator."""
    from reports.prevalence import sample as samples
    from reports.prevalence.agreement import compare

    samples.found(store, name)
    flagged = {label: "flagged" if known.flagged else "not flagged" for label, known in known_labels().items()}
    found = compare(samples.given(store, name), flagged)
    final = {row["document"]: row["label"] for row in store.study.labels(name) if row["adjudicated"]}
    for row in found["disagreements"]:
        row["settled"] = final.get(row["document"], "")
    found["rows"] = [
        row
        for of, part in (("label", found["labels"]), ("flagged or not", found["groups"]))
        for row in (
            ("Krippendorff's alpha", of, "all", *_figures(part["alpha"])),
            *(("Cohen's kappa", of, " and ".join(pair["raters"]), *_figures(pair)) for pair in part["pairs"]),
        )
    ]
    return found


def _figures(measure: Mapping[str, Any]) -> tuple[Any, ...]:
    shown = ("—" if measure[key] is None else f"{measure[key]:.3f}" for key in ("value", "low", "high"))
    return (measure["documents"], *shown)


def _audit(frame: Sequence[Mapping[str, Any]], labelled: Sequence[Mapping[str, Any]]) -> Audit:
    """The audit of a frame (rows by stratum) and the labelled documents of it."""
    import numpy as np

    from reports.prevalence.estimators import Audit

    place = {row["stratum"]: number for number, row in enumerate(frame)}
    return Audit(
        np.array([row["n"] for row in frame], np.int64),
        np.array([row["mean"] for row in frame], np.float64),
        np.array([row["flagged"] for row in frame], np.int64),
        np.array([place[row["stratum"]] for row in labelled], np.int64),
        np.array([row["score"] for row in labelled], np.float64),
        np.array([row["flagged"] for row in labelled], np.int64),
        np.array([row["truth"] for row in labelled], np.int64),
    )


def _estimates(audit: Audit, design: str) -> list[dict[str, Any]]:
    from reports.prevalence.estimators import ppi, rogan_gladen, stratified, wilson

    methods = (wilson if design == "random" else stratified, ppi, rogan_gladen)
    return [asdict(method(audit)) for method in methods]


def _strata(audit: Audit, drawn: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    labelled, positives = audit.counts
    taken = Counter(row["stratum"] for row in drawn)
    probability = {row["stratum"]: row["probability"] for row in drawn}
    return [
        {"stratum": h, "documents": int(size), "drawn": taken[h], "probability": probability[h], "labelled": int(labelled[h]), "positives": int(positives[h])}
        for h, size in enumerate(audit.sizes)
    ]  # fmt: skip


def _groups(
    store: Store, about: Mapping[str, Any], labelled: Sequence[Mapping[str, Any]], by: Sequence[str]
) -> list[dict[str, Any]]:
    """Estimates of each part of the frame; strata of a part are weighted by its own documents."""
    from reports.prevalence.estimators import FEW

    frames, audited = defaultdict(list), defaultdict(list)
    for row in store.study.strata(about["name"], by):
        frames[tuple(row[name] for name in by)].append(row)
    for one in labelled:
        audited[tuple(one[name] for name in by)].append(one)
    found = []
    for key, frame in sorted(frames.items()):
        mine = audited[key]
        positives = sum(one["truth"] for one in mine)
        enough = len(mine) >= LEAST_LABELLED
        found.append({
            **dict(zip(by, key, strict=True)), "documents": sum(part["n"] for part in frame), "labelled": len(mine), "positives": positives,
            "few": positives < FEW, "estimates": _estimates(_audit(frame, mine), about["design"]) if enough else None,
        })  # fmt: skip
    return found


def _hidden(store: Store, rater: str) -> dict[str, Any]:
    """Chao's lower bound of contact points, over all and by kind."""
    from reports.prevalence.hidden import chao

    occasions, rows = store.study.sightings(rater)
    kinds = sorted({row["kind"] for row in rows})
    bounds = {
        kind: chao([row["n"] for row in rows if kind in ("all", row["kind"])], occasions) for kind in ("all", *kinds)
    }
    return {"words": words.HIDDEN, "bounds": bounds}


def write(data: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write ``prevalence-<sample>-<date>.md`` and ``.json``; each is put in place whole. Returns their paths."""
    from reports.prevalence.sample import put

    stem = f"prevalence-{data['sample']['name']}-{data['at'][:10]}"
    return put(
        {f"{stem}.md": page(data), f"{stem}.json": json.dumps(data, ensure_ascii=False, indent=2) + "\n"}, folder
    )
