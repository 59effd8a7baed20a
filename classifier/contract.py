"""The contract of a rater: texts in, judgements out. Every model of ``models/`` keeps it, and so can a person or a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.types import Document, Judgement


@dataclass(frozen=True, slots=True)
class Text:
    """What a rater is shown of a document: its body, and the words around it as fields of their own.

    ``pictures`` are the words read in its pictures, ``voice`` what else the same author said (its title, the head of its thread); raters themselves
    look at neither, ``classifier.pictured`` does.
    """

    text: str
    title: str = ""
    site: str = ""
    author: str = ""
    url: str = ""
    venue: str = ""
    pictures: str = ""
    voice: str = ""

    @property
    def whole(self) -> str:
        """Body and pictures as one text: what the document says."""
        return f"{self.text}\n{self.pictures}" if self.text and self.pictures else self.text or self.pictures

    @classmethod
    def of(cls, document: Document, voice: str = "") -> Text:
        """The view of a collected document."""
        site = " ".join((document.site.title, *document.site.navigation, document.site.footer)).strip()
        return cls(
            document.text, document.title, site, document.author, document.url, document.kind, document.picture_text, voice
        )  # fmt: skip


class Rater(Protocol):
    """A judge of texts. ``name`` is ``model:<folder>@<digest>``; two raters with one name judge alike."""

    name: str

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """One judgement for each text, in order. Any text gets an answer: empty, huge or broken ones too."""
        ...


class Trainable(Protocol):
    """A module of ``classifier/raters``: how a kind of model is loaded and trained."""

    def load(self, folder: Path, options: Mapping[str, Any]) -> Rater:
        """The rater whose weights lie in a folder.

        Raises:
            ModelError: weights are missing, altered, or made for another label set.
        """
        ...
