"""What the finders hand to each other: a possible contact in folded text, and an edit of it that a text tells its reader to make."""

from __future__ import annotations

from dataclasses import dataclass

from core.types import ContactKind

DOUBTED = 0.4  # the confidence of a reading that is kept for a person to see, and not believed


Edit = tuple[int, int, str, str]  # start and end in folded text, what stands there instead, the rule


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible contact at ``folded[start:end]``."""

    start: int
    end: int
    kind: ContactKind
    canonical: str
    confidence: float
    rules: tuple[str, ...]
