"""Reports: each is a folder ``reports/<name>/`` with a ``report.py``, found without registration.

A ``report.py`` has ``TITLE`` (Chinese and English), ``build(store, settings, now, **options) -> dict`` (JSON-able data; it only
reads) and ``write(data, folder) -> list[Path]`` (the files written; names bear the date, a file is whole or not there).
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from core.errors import PluginError
from core.plugins import folders, suggest

FOLDER = Path(__file__).parent
CONTRACT = ("TITLE", "build", "write")


def reports() -> dict[str, ModuleType]:
    """The modules of all reports by name.

    Raises:
        PluginError: a ``report.py`` cannot be imported or lacks a part of the contract.
    """
    return {name: report(name) for name in folders(FOLDER, "report.py")}


def report(name: str) -> ModuleType:
    """The module of one report.

    Raises:
        PluginError: there is no such report (the nearest known one is named), it cannot be imported or lacks a part of the contract.
    """
    known = folders(FOLDER, "report.py")
    if name not in known:
        raise PluginError(f"unknown report {name!r}; {suggest(name, known)}")
    path = known[name] / "report.py"
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(f"reports.{name}.report")
    except Exception as error:
        raise PluginError(f"{path}: expected a module that can be imported: {type(error).__name__}: {error}") from error
    for part in CONTRACT:
        if not hasattr(module, part):
            raise PluginError(f"{path}: expected {', '.join(CONTRACT)}, found no {part!r}; add it")
    return module
