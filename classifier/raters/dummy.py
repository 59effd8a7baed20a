"""The dummy: says of every text what is most common on the web. Whatever earns its place must beat it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classifier.contract import Text
from core.labels import labels
from core.types import Judgement


class Dummy:
    """Always 'unrelated', with the chance of a flagged text that the options name."""

    def __init__(self, name: str, rate: float) -> None:
        self.name, self.rate = name, rate

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """The same judgement for every text."""
        probabilities = {name: self.rate / 5 if label.flagged else 0.0 for name, label in labels().items()}
        probabilities["unrelated"] = 1.0 - self.rate
        return [Judgement("unrelated", False, self.rate, self.name, probabilities) for _ in texts]


def load(folder: Path, options: Mapping[str, Any]) -> Dummy:
    """The dummy; option ``rate`` (0..1)."""
    return Dummy(f"model:{folder.name}@0", float(options.get("rate", 0.01)))
