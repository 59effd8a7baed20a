"""The model card and the floors: what an evaluation found, written beside the model; a floor only ever rises."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from classifier import evaluation, gold, material
from classifier.contract import Text
from classifier.models import declared, load
from classifier.picture import calibration_picture
from core.errors import ModelError

FLOORS = "floors.json"
CARD = "card.md"
PICTURE = "calibration.svg"
KEPT = ("f1", "precision", "recall", "label_accuracy")
TOLERANCE = 0.005  # below a floor by less is noise of the platform's arithmetic


def measure(name: str, path: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """All figures of a model on the final quarter, or on a gold file of one's own."""
    rater = load(name)
    examples = [material.example_of(doc) for doc in gold.read([path])] if path else material.final()
    started = time.process_time()
    found = evaluation.judged(rater, examples)
    seconds = time.process_time() - started
    result: dict[str, Any] = {
        "model": name,
        "rater": rater.name,
        "set": str(path) if path else "final quarter",
        "scores": evaluation.scores(found),
        "interval": {"f1": evaluation.bootstrap(found, "f1")},
        "labels": evaluation.per_label(found),
        "slices": evaluation.slices(found),
        "genres": evaluation.genres(found),
        "calibration": evaluation.calibration_bins(found),
        "documents_per_cpu_second": len(examples) / seconds if seconds else 0.0,
        "errors": evaluation.errors(found, 20),
        "false_alarms": {},
    }
    shared = material.shared("test")
    if shared:
        alarms = evaluation.judged(rater, shared)
        result["false_alarms"] = {
            "all": (len(shared), sum(judgement.flagged for judgement in alarms.judgements) / len(shared)),
            **evaluation.flagged_share(alarms, lambda example: example.group),
        }
    harm = _chinese_harm()
    if harm:
        result["chinese_harm"] = evaluation.flagged_share(evaluation.judged(rater, harm), lambda example: example.group)
    if not quick:
        result["robustness"] = evaluation.robustness(rater, examples)
        result["venues_left_out"] = _venues_left_out(name) if path is None else {}
    return result


def _chinese_harm() -> list[material.Example]:
    folder = material.shared_folder()
    path = folder / "eval_chineseharm.jsonl.gz" if folder else None
    if path is None or not path.exists():
        return []
    rows = list(material.rows(path))
    return [
        material.Example(
            str(number), replace(_EMPTY, text=row["text"]), row["label"], False, row.get("original_label", "")
        )
        for number, row in rows
    ]


_EMPTY = Text("")


def _venues_left_out(name: str) -> dict[str, dict[str, float]]:
    """Scores on the final documents of each venue by a model that saw no document of that venue; for linear models, which fit in seconds."""
    from classifier.venues import leave_venues_out

    _, _, data = declared(name)
    return leave_venues_out(data.get("options") or {}) if data["kind"] == "linear" else {}


def floors(name: str) -> dict[str, float]:
    """The floors of a model; none when it has none yet."""
    path = declared(name)[0] / FLOORS
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def below_floors(name: str, found: Mapping[str, Any]) -> list[str]:
    """Each figure that fell below its floor, in words."""
    return [
        f"model {name}: {key} is {found['scores'][key]:.3f}, its floor is {least:.3f}; find out why, do not lower the floor"
        for key, least in floors(name).items()
        if found["scores"][key] < least - TOLERANCE
    ]


def write_card(name: str, found: Mapping[str, Any]) -> Path:
    """Write the card and raise the floors.

    Raises:
        ModelError: a figure is below its floor.
    """
    fallen = below_floors(name, found)
    if fallen:
        raise ModelError("; ".join(fallen))
    folder, _, data = declared(name)
    before = floors(name)
    raised = {key: max(before.get(key, 0.0), round(found["scores"][key] - 0.0005, 3)) for key in KEPT}
    (folder / FLOORS).write_text(json.dumps(raised, indent=1, sort_keys=True) + "\n", "utf-8")
    meta = folder / "meta.json"
    trained = json.loads(meta.read_text("utf-8")).get("trained_on", {}) if meta.exists() else {}
    lines: list[str] = [f"# {name}: {data['title']}", "", "Written by `xuncha evaluate --card`; do not edit.", ""]
    lines += [f"Licence {data.get('licence', 'Apache-2.0')}. {data.get('note', '')}".strip(), ""]
    if trained:
        lines += [f"Trained on: {json.dumps(trained, ensure_ascii=False, sort_keys=True)}", ""]
    show(found, lines.append, markdown=True)
    (folder / PICTURE).write_text(calibration_picture(found["calibration"], f"校准 · calibration: {name}"), "utf-8")
    (folder / CARD).write_text("\n".join(lines) + "\n", "utf-8")
    return folder / CARD


def show(found: Mapping[str, Any], say: Callable[[str], None], markdown: bool = False) -> None:
    """Tell an evaluation, as Markdown for the card or as plain tables."""

    def table(title: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        say(f"\n{'## ' if markdown else ''}{title}\n")
        cells = [[f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
        if markdown:
            say("| " + " | ".join(columns) + " |")
            say("|" + " --- |" * len(columns))
            for row in cells:
                say("| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in row) + " |")
            return
        widths = [max(len(row[i]) for row in [list(columns), *cells]) for i in range(len(columns))]
        for row in [list(columns), *cells]:
            say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    scores, (low, high) = found["scores"], found["interval"]["f1"]
    say(
        f"{found['rater']} on {found['set']}: {scores['n']} documents, {found['documents_per_cpu_second']:.0f} a CPU second"
    )
    table(
        "Flagged or not",
        ("figure", "value"),
        [(key, value) for key, value in scores.items()] + [("f1, 95 % interval", f"{low:.3f} to {high:.3f}")],
    )
    rows = [
        (label, row["n"], row["precision"], row["recall"], row["f1"], row["flagged"])
        for label, row in found["labels"].items()
    ]
    table("Labels", ("label", "documents", "precision", "recall", "F1", "share flagged"), rows)
    for name, parts in found["slices"].items():
        table(
            f"By {name}",
            (name, "documents", "F1", "precision", "recall", "label accuracy"),
            [
                (part, row["n"], row["f1"], row["precision"], row["recall"], row["label_accuracy"])
                for part, row in parts.items()
            ],
        )
    by_genre = [(genre, row["n"], row["truly"], row["flagged"], row["right"]) for genre, row in found["genres"].items()]
    table("By genre", ("genre", "documents", "truly flagged", "judged flagged", "rightly judged"), by_genre)
    if found.get("venues_left_out"):
        say(
            "\nEach venue judged by heads that saw no document of it, fitted on 2,000 shared negatives, with their own thresholds."
        )
        left_out = [
            (venue, row["n"], row["f1"], row["precision"], row["recall"])
            for venue, row in found["venues_left_out"].items()
        ]
        table("Leave one venue out", ("venue", "documents", "F1", "precision", "recall"), left_out)
    if found.get("robustness"):
        held = {True: "trained on", False: "never trained on"}
        attacks = [
            (
                name,
                value,
                value - found["robustness"]["clean"],
                held[name in ("clean", "mixed") or evaluation.seen_in_training(name)],
            )
            for name, value in found["robustness"].items()
        ]
        table("Robustness at 30 %", ("attack", "F1", "against clean", "family"), attacks)
    for key, title in (
        ("false_alarms", "False alarms on shared negatives (the half never trained on)"),
        ("chinese_harm", "ChineseHarm-Bench (evaluation only): share flagged"),
    ):
        if found.get(key):
            table(
                title,
                ("source", "documents", "share flagged"),
                [(part, count, float(share)) for part, (count, share) in found[key].items()],
            )
    if markdown:
        say(f"\n![What the model said against what was true]({PICTURE})")
    table("Calibration", ("mean score", "truly flagged", "documents"), list(found["calibration"]))
    table(
        "Twenty errors, worst first",
        ("id", "label", "judged", "score", "begins"),
        [(e["id"], e["label"], e["judged"], e["score"], e["text"]) for e in found["errors"]],
    )
