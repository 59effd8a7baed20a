"""The labels: each is one file in ``classifier/labels``; the label set and its digest come from the folder."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import PluginError
from core.plugins import ROOT, load_yaml

FOLDER = ROOT / "classifier" / "labels"
KEYS = ("title", "title_en", "flagged", "harm", "does", "boundary", "law", "cues", "examples")

HOOK = {"instrument", "article", "source", "confirmed"}
UNCONFIRMED = "（待核实 unconfirmed）"


@dataclass(frozen=True, slots=True)
class Label:
    """One class: titles in Chinese and English, whether documents of it are flagged, its harm (0..1) and legal hooks.

    A hook names instrument, article and source; ``confirmed`` tells whether a source was read for it, a ``note`` what it hangs on.
    """

    name: str
    title: str
    title_en: str
    flagged: bool
    harm: float
    does: str
    boundary: str
    law: tuple[Mapping[str, Any], ...]
    cues: tuple[str, ...]
    examples: Mapping[str, Any]


def load(folder: Path = FOLDER) -> dict[str, Label]:
    """All labels of a folder by name: flagged ones first, most harmful first.

    Raises:
        PluginError: a file has an unknown or missing key, or a value that cannot be used.
    """
    labels = []
    for path in sorted(folder.glob("*.yml")):
        data = load_yaml(path, KEYS, required=("title", "title_en", "does"))
        if not isinstance(data.get("flagged"), bool):
            raise PluginError(f"{path}: key 'flagged' expects true or false, found {data.get('flagged')!r}")
        harm = data.get("harm", 0)
        if isinstance(harm, bool) or not isinstance(harm, int | float) or not 0 <= harm <= 1:
            raise PluginError(f"{path}: key 'harm' expects a number from 0 to 1, found {harm!r}")
        data |= {"law": _law(path, data.get("law")), "cues": tuple(data.get("cues") or ()), "harm": float(harm)}
        labels.append(Label(name=path.stem, **{"boundary": "", "examples": {}, **data}))
    return {
        label.name: label for label in sorted(labels, key=lambda label: (not label.flagged, -label.harm, label.name))
    }


def _law(path: Path, given: Any) -> tuple[Mapping[str, Any], ...]:
    hooks = given if isinstance(given, list) else []
    for hook in hooks:
        found = hook if isinstance(hook, dict) else {}
        if set(found) - {"note"} != HOOK or not isinstance(found.get("confirmed"), bool):
            raise PluginError(
                f"{path}: key 'law' expects {', '.join(sorted(HOOK))} (true or false) in each hook, found {hook!r}"
            )
    return tuple(hooks)


def hooks(label: Label) -> list[str]:
    """The legal hooks of a label in words; what no source was read for says so."""
    return [
        f"{hook['instrument']} {hook['article']}" + ("" if hook["confirmed"] else UNCONFIRMED) for hook in label.law
    ]


@functools.cache
def labels() -> dict[str, Label]:
    """The shipped labels."""
    return load()


def digest(names: Mapping[str, Label] | None = None) -> str:
    """A short digest of the label set; a model made for another one abstains."""
    names = names or labels()
    text = "\n".join(f"{label.name}:{label.flagged}" for label in names.values())
    return hashlib.sha256(text.encode()).hexdigest()[:12]
