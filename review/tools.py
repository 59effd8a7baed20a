"""What other rooms do for this one. The roof hands these in when it starts the application; nothing here imports them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from core.settings import Settings
from core.store import Store
from core.types import Capture


@dataclass(frozen=True, slots=True)
class Handover:
    """An approved case as it leaves the house: its leads, who asked for it, who approved it, and who receives it."""

    case: str
    title: str
    leads: tuple[str, ...]
    recipient: str
    by: str
    approved_by: str
    note: str = ""


Make = Callable[[Store, Settings, Handover, Path, datetime], Sequence[Path]]


@dataclass(frozen=True, slots=True)
class Export:
    """A form in which a case leaves the house.

    ``make(store, settings, handover, folder, now)`` writes below ``folder`` and returns the files or folders it wrote; it raises
    ``XunchaError`` where it cannot, and then nothing of it counts.
    """

    title: str
    title_en: str
    make: Make


def _leave(store: Store, leads: Sequence[str], now: datetime) -> None:
    """Leave leads as they are until the night reckons them anew."""


@dataclass(frozen=True, slots=True)
class Tools:
    """``reckon`` brings leads up to date after a split or merge; ``exports`` by name; ``screenshot`` gives a capture's picture as PNG, or None."""

    reckon: Callable[[Store, Sequence[str], datetime], None] = _leave
    exports: Mapping[str, Export] = field(default_factory=dict)
    screenshot: Callable[[Store, Settings, Capture], bytes | None] | None = None
