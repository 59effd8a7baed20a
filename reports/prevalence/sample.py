"""Audit samples: drawn from judged documents, handed to raters without scores, and their labels brought back."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InputError
from core.labels import labels as known_labels
from core.plugins import suggest
from core.store import Store
from reports.cells import guarded
from reports.prevalence import design
from text.shown import visible, without_contacts

UNITS = ("document", "campaign")
COLUMNS = ("document", "title", "text", "label", "note")  # what a rater sees and fills in
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_YES = ("1", "true", "yes", "是")


def draw(
    store: Store,
    rater: str,
    at: datetime,
    *,
    kind: str = "stratified",
    size: int = 400,
    seed: int = 7,
    unit: str = "document",
    name: str = "",
) -> dict[str, Any]:
    """Draw a sample from what ``rater`` judged and record it with all inclusion probabilities.

    ``unit`` is document, or campaign: near-duplicate adverts and texts that are the same word for word then count once. The same
    store and seed give the same sample. Returns name, design, size, frame and strata (documents, drawn, probability).

    Raises:
        InputError: an unknown design or unit, an unusable or used name, a size below 1, or nothing was judged.
    """
    for what, given, known in (("design", kind, design.DESIGNS), ("unit", unit, UNITS)):
        if given not in known:
            raise InputError(
                f"--{what}: expected one of {', '.join(known)}, found {given!r}; {suggest(given, list(known))}"
            )
    if size < 1 or seed < 0:
        raise InputError(f"expected a size of 1 or more and a seed of 0 or more, found size {size} and seed {seed}")
    name = name or f"{kind}-{size}-seed{seed}" + ("-campaigns" if unit == "campaign" else "")
    if not _NAME.fullmatch(name):
        raise InputError(f"--name: expected at most 60 letters, digits, dots, dashes or underscores, found {name!r}")
    judged = store.study.judged(rater, campaigns=unit == "campaign") if rater else []
    if not judged:
        raise InputError("expected judged documents to draw from, found none; run `xuncha classify` first")
    drawn = design.DESIGNS[kind](np.array([row["score"] for row in judged], dtype=np.float64), size, seed)
    place = np.zeros(len(judged), np.int64)
    place[drawn.drawn] = np.arange(1, len(drawn.drawn) + 1)
    frame = (
        {**row, "stratum": int(stratum), "probability": float(probability), "place": int(position)}
        for row, stratum, probability, position in zip(judged, drawn.stratum, drawn.probability, place, strict=True)
    )
    sample = {"name": name, "design": kind, "size": len(drawn.drawn), "seed": seed, "rater": rater, "unit": unit}
    if not store.study.add(sample, at, frame):
        raise InputError(
            f"a sample named {name!r} was drawn before; a sample is never drawn over: choose another --name or --seed"
        )
    sizes, taken = np.bincount(drawn.stratum), np.bincount(drawn.stratum[drawn.drawn])
    strata = [
        {"stratum": h, "documents": int(n), "drawn": int(k), "probability": float(k / n)}
        for h, (n, k) in enumerate(zip(sizes, taken, strict=True))
    ]
    return {**sample, "frame": len(judged), "strata": strata}


def hand_out(store: Store, name: str, folder: Path) -> list[Path]:
    """Write the queue of a sample as JSON lines and CSV, blind: no score, no flag, no stratum, contacts masked. Returns the paths."""
    found(store, name)
    rows = [
        {
            "document": row["document"],
            "title": _blind(row["title"]),
            "text": _blind(row["text"]),
            "label": "",
            "note": "",
        }
        for row in store.study.queue(name)
    ]
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in rows:
        writer.writerow({column: guarded(value) if isinstance(value, str) else value for column, value in row.items()})
    contents = {
        f"sample-{name}.jsonl": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
        f"sample-{name}.csv": "\ufeff" + table.getvalue(),
    }
    return put(contents, folder)


def put(contents: Mapping[str, str], folder: Path) -> list[Path]:
    """Write files by name, each whole or not at all; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in contents.items():
        part = folder / f".{name}.{os.getpid()}.part"
        part.write_text(content, "utf-8", newline="")
        paths.append(part.replace(folder / name))
    return paths


def found(store: Store, name: str) -> dict[str, Any]:
    """The sample with a name.

    Raises:
        InputError: there is none; the nearest known one is named.
    """
    sample = store.study.sample(name)
    if sample is None:
        known = store.study.names()
        raise InputError(
            f"no sample {name!r}; {suggest(name, known) if known else 'none was drawn yet: run `xuncha sample`'}"
        )
    return sample


def take_in(
    store: Store, name: str, file: Path, at: datetime, *, rater: str = "", adjudicated: bool = False
) -> dict[str, int]:
    """Store the labels of a CSV or JSON-lines file with the columns document, label and, if there, rater, adjudicated, note.

    ``rater`` and ``adjudicated`` stand for what a line does not say. Lines with an empty label are passed over; a fault in one
    line keeps the whole file out. Returns ``labels`` and ``empty`` lines.

    Raises:
        InputError: the sample is unknown, or the file or a line cannot be used.
    """
    found(store, name)
    drawn = {row["document"] for row in store.study.drawn(name)}
    rows, empty = [], 0
    for line, row in _lines(file):
        where = f"{file}:{line}"
        label, by = str(row.get("label") or "").strip(), str(row.get("rater") or rater).strip()
        if not label:
            empty += 1
            continue
        try:
            document = int(str(row.get("document")))
        except ValueError:
            raise InputError(
                f"{where}: column 'document' expects a whole number, found {row.get('document')!r}"
            ) from None
        if document not in drawn:
            raise InputError(
                f"{where}: document {document} was not drawn in sample {name!r}; label the queue that was handed out"
            )
        if label not in known_labels():
            raise InputError(f"{where}: unknown label {label!r}; {suggest(label, list(known_labels()))}")
        if not by:
            raise InputError(f"{where}: expected who labelled this; give --rater or a column 'rater'")
        settled = adjudicated or str(row.get("adjudicated") or "").strip().lower() in _YES
        rows.append(
            {
                "document": document,
                "rater": by,
                "label": label,
                "adjudicated": int(settled),
                "note": str(row.get("note") or ""),
            }
        )
    store.study.label(name, rows, at)
    return {"labels": len(rows), "empty": empty}


def given(store: Store, name: str) -> dict[int, dict[str, str]]:
    """The labels of each document by rater, the adjudicator's left out."""
    by_document: dict[int, dict[str, str]] = {}
    for row in store.study.labels(name):
        if not row["adjudicated"]:
            by_document.setdefault(row["document"], {})[row["rater"]] = row["label"]
    return by_document


def settled(store: Store, name: str) -> tuple[dict[int, bool], list[int]]:
    """Whether each labelled document is positive (its label is a flagged one), and the documents left open.

    The adjudicated label wins; without one, more than half of the raters do; where neither settles it the document is open.
    """
    flagged = {label: known.flagged for label, known in known_labels().items()}
    final = {row["document"]: row["label"] for row in store.study.labels(name) if row["adjudicated"]}
    truth, left_open = {document: flagged[label] for document, label in final.items()}, []
    for document, labels in given(store, name).items():
        yes = sum(flagged[label] for label in labels.values())
        if document in final:
            continue
        if 2 * yes == len(labels):
            left_open.append(document)
        else:
            truth[document] = 2 * yes > len(labels)
    return truth, left_open


def _lines(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(line number, row) of a CSV file with a header or of JSON lines."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file}: expected UTF-8, found byte {error.start} of something else; save it as 'CSV UTF-8'"
        ) from error
    if file.suffix.lower() == ".csv":
        reader = csv.DictReader(io.StringIO(text, newline=""))
        missing = {"document", "label"} - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"{file}: expected the columns document and label, found {reader.fieldnames or 'nothing'}")
        try:
            for row in reader:
                yield reader.line_num, row
        except csv.Error as error:
            raise InputError(f"{file}:{reader.line_num}: expected CSV: {error}") from error
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{file}:{number}: expected a JSON object: {error}") from error
            if not isinstance(record, dict):
                raise InputError(f"{file}:{number}: expected a JSON object, found {type(record).__name__}")
            yield number, record


def _blind(text: str) -> str:
    return visible(without_contacts(text))
