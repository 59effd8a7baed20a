"""Models: folders of ``models/`` with a ``model.yml`` that names their kind; weights are npz and JSON with digests, never pickle."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from classifier.contract import Rater
from core.errors import ModelError
from core.labels import digest as labels_digest
from core.plugins import ROOT, folders, load_yaml, suggest

FOLDER = ROOT / "models"
KEYS = ("title", "kind", "licence", "note", "options")
META = "meta.json"


def models(folder: Path = FOLDER) -> dict[str, Path]:
    """The folders of all models by name."""
    return folders(folder, "model.yml")


def declared(name: str, folder: Path = FOLDER) -> tuple[Path, ModuleType, dict[str, Any]]:
    """A model's folder, the module of its kind, and its declaration.

    Raises:
        ModelError: there is no such model or kind.
    """
    known = models(folder)
    if name not in known:
        raise ModelError(f"no model {name!r} in {folder}; {suggest(name, known)}")
    data = load_yaml(known[name] / "model.yml", KEYS, required=("title", "kind"))
    kinds = sorted(path.stem for path in (Path(__file__).parent / "raters").glob("*.py") if path.stem != "__init__")
    if data["kind"] not in kinds:
        raise ModelError(f"{known[name]}/model.yml: unknown kind {data['kind']!r}; {suggest(data['kind'], kinds)}")
    return known[name], importlib.import_module(f"classifier.raters.{data['kind']}"), data


def load(name: str, folder: Path = FOLDER) -> Rater:
    """The rater of a model's name.

    Raises:
        ModelError: it is missing, altered, or made for another label set.
    """
    path, module, data = declared(name, folder)
    rater: Rater = module.load(path, data.get("options") or {})
    return rater


def sha256(path: Path) -> str:
    """The SHA-256 (hex) of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check(weights: Path, expected: str) -> None:
    """Hold a weights file against its SHA-256 (hex).

    Raises:
        ModelError: it is missing or altered.
    """
    try:
        found = sha256(weights)
    except OSError as error:
        raise ModelError(
            f"{weights}: expected weights: {error}; restore the file or run `xuncha train {weights.parent.name}`"
        ) from error
    if found != expected:
        raise ModelError(
            f"{weights}: expected sha256 {expected[:12]}, found {found[:12]}; restore the file or train anew"
        )


def write_meta(folder: Path, weights: str, meta: Mapping[str, Any]) -> None:
    """Write ``meta.json`` beside a weights file, with its digest and that of the label set."""
    full = {**meta, "weights": weights, "sha256": sha256(folder / weights), "labels_digest": labels_digest()}
    (folder / META).write_text(json.dumps(full, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def read_meta(folder: Path) -> dict[str, Any]:
    """``meta.json`` of a model, its weights checked against their digest.

    Raises:
        ModelError: something is missing, altered, or made for another label set.
    """
    try:
        meta: dict[str, Any] = json.loads((folder / META).read_text("utf-8"))
        weights, expected = folder / str(meta["weights"]), str(meta["sha256"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"{folder}: expected {META} and its weights: {error}; run `xuncha train {folder.name}`"
        ) from error
    check(weights, expected)
    if meta["labels_digest"] != labels_digest():
        raise ModelError(
            f"{folder}: made for label set {meta['labels_digest']}, this is {labels_digest()}; it abstains: run `xuncha train {folder.name}`"
        )
    return meta
