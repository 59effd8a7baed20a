"""Learning from analysts: documents of confirmed and rejected leads as examples, and a training that cannot make a model worse.

The new model is trained beside the old one and measured on the final quarter; it takes the old one's place only when no figure falls
below its floor (where there are no floors yet: below the old model's own figure).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from classifier import evaluation, material
from classifier.card import FLOORS, KEPT, TOLERANCE
from classifier.contract import Text
from classifier.material import Example
from classifier.models import FOLDER, declared, load
from core.errors import ModelError
from core.labels import labels
from core.types import Act, Document

MOST_OF_A_LEAD = 20  # documents: a campaign of a thousand copies teaches no more than a few of them
UNKNOWN = "other_ad"  # the label of what an analyst rejected and no model ever judged

Answered = tuple[str, Act, str, Document, Mapping[str, float]]


def examples(answered: Iterable[Answered]) -> list[Example]:
    """The documents of answered leads as examples, grouped by lead; each text of a lead once, and not more than a few.

    Whoever rejects a lead says that it is no advert of the trade, not what it is: its label is then the likeliest that is not flagged.
    """
    found: list[Example] = []
    seen: dict[str, set[str]] = {}
    for lead, act, label, document, probabilities in answered:
        texts = seen.setdefault(lead, set())
        text = Text.of(document)
        text = replace(text, text=text.whole, pictures="")  # what the analyst saw of it
        if text.text in texts or len(texts) >= MOST_OF_A_LEAD:
            continue
        texts.add(text.text)
        flagged = act is Act.CONFIRM
        if not flagged:
            quiet = {
                name: value for name, value in probabilities.items() if name in labels() and not labels()[name].flagged
            }
            label = max(quiet, key=lambda name: (quiet[name], name)) if quiet else UNKNOWN
        id = f"{document.platform}:{document.native_id}"
        found.append(Example(id, text, label, flagged, f"{material.LEAD}{lead}", document.kind))
    return found


def retrain(name: str, learned: Sequence[Example], shared: Sequence[Example], models: Path = FOLDER) -> dict[str, Any]:
    """Train a model on the gold set and ``learned``, and let it take the old one's place; returns what training and measuring told.

    Raises:
        ModelError: there is no such model, it learns nothing, or a figure fell: the old model then stays as it was.
    """
    folder, module, data = declared(name, models)
    if not hasattr(module, "train"):
        raise ModelError(f"model {name!r} of kind {data['kind']!r} learns nothing; there is nothing to train")
    floors = _floors(folder) or _figures(name, models)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=models) as scratch:
        beside = Path(scratch) / "new"
        fresh = beside / name
        shutil.copytree(folder, fresh)
        base = (data.get("options") or {}).get("base")
        if base:  # a model that stands on another finds it beside itself
            shutil.copytree(declared(str(base), models)[0], beside / str(base))
        told = module.train(fresh, data.get("options") or {}, [*material.training(), *learned], shared)
        found = _figures(name, beside)
        fallen = [
            f"{key} is {found[key]:.3f}, expected at least {least:.3f}"
            for key, least in floors.items()
            if found[key] < least - TOLERANCE
        ]
        if fallen:
            raise ModelError(
                f"model {name}: after learning from {len(learned)} decided documents {'; '.join(fallen)}; the old model stays. "
                "Look for wrong decisions among the leads answered last"
            )
        folder.rename(Path(scratch) / "old")
        fresh.rename(folder)
    return {**told, "decided": len(learned), "figures": found}


def _floors(folder: Path) -> dict[str, float]:
    path = folder / FLOORS
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _figures(name: str, models: Path) -> dict[str, float]:
    """The figures of a model on the final quarter that have floors."""
    scores = evaluation.scores(evaluation.judged(load(name, models), material.final()))
    return {key: scores[key] for key in KEPT}
