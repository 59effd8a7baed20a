"""Discovery: a source, label, model or report is a folder or file; nothing is registered anywhere."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from core.errors import PluginError

ROOT = Path(__file__).resolve().parent.parent


def folders(parent: Path, marker: str) -> dict[str, Path]:
    """Sub-folders of ``parent`` that hold a file ``marker``, by name, sorted."""
    return {path.parent.name: path.parent for path in sorted(parent.glob(f"*/{marker}"))}


def load_yaml(path: Path, known: Iterable[str], required: Iterable[str] = ()) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        PluginError: the file is unreadable or no mapping, a key is unknown (the nearest known one is named) or missing.
    """
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PluginError(f"{path}: expected a readable YAML mapping: {error}") from error
    if not isinstance(data, Mapping):
        raise PluginError(f"{path}: expected a YAML mapping, found {type(data).__name__}")
    known = list(known)
    for key in data:
        if key not in known:
            raise PluginError(f"{path}: unknown key {key!r}; {suggest(str(key), known)}")
    for key in required:
        if data.get(key) in (None, "", []):
            raise PluginError(f"{path}: key {key!r} is missing; add it")
    return dict(data)


def suggest(word: str, known: Iterable[str]) -> str:
    """'did you mean X?', or the list of what is known."""
    known = list(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known))}"
