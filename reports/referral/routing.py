"""The routing table: which department a label's leads are addressed to, and who gets a copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import PluginError
from core.labels import labels
from core.plugins import load_yaml, suggest

SHIPPED = Path(__file__).parent / "routing.yml"
OWN = "referral.yml"  # in the workspace
KEYS = ("basis", "departments", "labels")


@dataclass(frozen=True, slots=True)
class Route:
    """Where the leads of a label go: keys of departments."""

    to: str
    copies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """The table; ``basis`` and the entries of ``departments`` are texts by language (zh, en), ``departments`` with what is theirs (part)."""

    basis: Mapping[str, str]
    departments: Mapping[str, Mapping[str, Any]]
    labels: Mapping[str, Route]


def load(workspace: Path) -> Routing:
    """The shipped table under the workspace's own, where it has one.

    Raises:
        PluginError: a key, a label or a department is unknown, a name is missing, or a flagged label leads nowhere.
    """
    shipped, own = load_yaml(SHIPPED, KEYS, KEYS), workspace / OWN
    mine: Mapping[str, Any] = load_yaml(own, KEYS) if own.exists() else {}
    table: dict[str, dict[str, Any]] = {}
    for name in KEYS:
        part = mine.get(name) or {}
        if not isinstance(part, Mapping):
            raise PluginError(f"{own}: key {name!r} expects a mapping, found {type(part).__name__}")
        table[name] = {**shipped[name], **part}
    where = own if own.exists() else SHIPPED
    for key, department in table["departments"].items():
        if not isinstance(department, Mapping) or not all(
            isinstance(department.get(name), str) for name in ("zh", "en")
        ):
            raise PluginError(f"{where}: department {key!r} expects names zh and en, found {department!r}")
    routes = {label: _route(where, label, route, table["departments"]) for label, route in table["labels"].items()}
    lost = [name for name, label in labels().items() if label.flagged and name not in routes]
    if lost:
        raise PluginError(f"{where}: label {lost[0]!r} leads nowhere; add it under labels")
    return Routing(table["basis"], table["departments"], routes)


def _route(where: Path, label: str, route: Any, departments: Mapping[str, Any]) -> Route:
    if label not in labels():
        raise PluginError(f"{where}: unknown label {label!r}; {suggest(str(label), labels())}")
    if not isinstance(route, Mapping) or set(route) - {"to", "copies"} or "to" not in route:
        raise PluginError(f"{where}: label {label!r} expects keys to and copies, found {route!r}")
    copies = route.get("copies") or []
    if not isinstance(copies, list):
        raise PluginError(f"{where}: label {label!r}: copies expects a list, found {copies!r}")
    for key in (route["to"], *copies):
        if key not in departments:
            raise PluginError(f"{where}: label {label!r}: unknown department {key!r}; {suggest(str(key), departments)}")
    return Route(str(route["to"]), tuple(str(key) for key in copies))
