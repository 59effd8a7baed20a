"""The peer: a keyword list, as block lists are made. Honest: the labels' own cue words, found by Aho-Corasick, most hits win."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick

from classifier.contract import Text
from core.labels import digest, labels
from core.types import Judgement, Span
from text.normalise import normalise


class Keywords:
    """Flags a text with at least ``hits`` different cue words of a flagged label."""

    def __init__(self, name: str, hits: int) -> None:
        self.name, self.hits = name, hits
        pairs = [(cue.lower(), label.name) for label in labels().values() for cue in label.cues]
        self.words = [word for word, _ in pairs]
        self.owner = [label for _, label in pairs]
        self.automaton = AhoCorasick(self.words)

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        """One judgement for each text; the spans are the words that were found."""
        return [self._one(text) for text in texts]

    def _one(self, text: Text) -> Judgement:
        normal = normalise(text.text)
        found = {
            self.words[index]: (index, start, end)
            for index, start, end in self.automaton.find_matches_as_indexes(normal.folded)
        }
        in_title = {
            self.words[index] for index, _, _ in self.automaton.find_matches_as_indexes(normalise(text.title).folded)
        }
        votes = Counter(self.owner[self.words.index(word)] for word in {*found, *in_title})
        label, count = votes.most_common(1)[0] if votes else ("unrelated", 0)
        flagged = labels()[label].flagged and count >= self.hits
        score = min(0.95, 0.3 * count) if labels()[label].flagged else 0.05
        spans = []
        for index, start, end in found.values():
            raw_start, raw_end = normal.raw_span(start, end)
            spans.append(Span(raw_start, raw_end, text.text[raw_start:raw_end], f"cue word of {self.owner[index]}"))
        chosen = label if flagged or not labels()[label].flagged else "unrelated"
        return Judgement(
            chosen, flagged, score, self.name, {chosen: 1.0}, tuple(sorted(spans, key=lambda span: span.start))
        )


def load(folder: Path, options: Mapping[str, Any]) -> Keywords:
    """The keyword peer; option ``hits``."""
    return Keywords(f"model:{folder.name}@{digest()}", int(options.get("hits", 2)))
