"""What leaves the store with its text, and what with its hash, label and date alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from text.shown import masked, without_contacts

SEEKER_SHARE = 0.1  # a text that is not flagged and this likely a seeker's (or likelier) is treated as one
NOT_JUDGED, SEEKER, PERHAPS = "not judged", "seeker", "perhaps a seeker"


def withheld(row: Mapping[str, Any]) -> str:
    """Why the text of a document (a row of ``store.exports.documents``) may not leave; empty where it may.

    A woman who asks or tells is counted, not handed on: what anybody labels ``seeker``, what the model thinks might be one,
    and what no model has looked at yet.
    """
    if row["seeker"]:
        return SEEKER
    if row["j_label"] is None:
        return NOT_JUDGED
    if not row["j_flagged"] and json.loads(row["j_labels"] or "{}").get("seeker", 0.0) >= SEEKER_SHARE:
        return PERHAPS
    return ""


def title_withheld(row: Mapping[str, Any]) -> str:
    """Why the title of a document may not leave although its text may; empty where it may.

    A reply bears the title of the post that opened its thread: it leaves when that post may, and not where nobody knows it.
    """
    if not row["parent"]:
        return ""
    opener = {name: row[f"o_{name}"] for name in ("label", "flagged", "labels")}
    why = withheld({**{f"j_{name}": value for name, value in opener.items()}, "seeker": row["o_seeker"]})
    return f"title: {why}" if why else ""


class Veil:
    """How contacts are shown: in full where ``reveal`` is set, masked otherwise."""

    def __init__(self, reveal: bool) -> None:
        self.reveal = reveal

    def contact(self, value: str) -> str:
        """A contact's value."""
        return value if self.reveal else masked(value)

    def text(self, text: str, known: Iterable[str] = ()) -> str:
        """A text, with the contacts that are found in it and ``known`` ones."""
        return text if self.reveal else without_contacts(text, known)

    def address(self, text: str, known: Iterable[str] = ()) -> str:
        """A document's address or native id: no contact is looked for in it (it is one itself, to the finder), but ``known`` ones are masked."""
        if self.reveal:
            return text
        for value in sorted({value for value in known if len(value) > 3}, key=len, reverse=True):
            text = re.sub(re.escape(value), lambda match: masked(match.group()), text, flags=re.IGNORECASE)
        return text
