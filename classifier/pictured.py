"""Judging a document with what its pictures say: the pictures may show what its text hides, and never speak over its own voice.

People post the very adverts that they were sent, to ask about them, to warn of them, to report them. Words in a picture are somebody's, and
not always the author's: so where the author's own words ask or tell, they alone decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from classifier.contract import Rater, Text
from core.types import Judgement, Span

VOICES = ("seeker", "news_legal", "medical_info", "folk_lore")  # labels of those who ask or tell
SPEAKS, SAYING = 0.4, 8  # the probability of these from which own words decide, if they are so many signs at least ...
SPEAKS_ASKING, ASKING = 0.1, 2  # ... and where they sound like a question, a doubt or a complaint
_ASKS = re.compile(
    r"[?？]|[吗嘛么呢]|求(?!子|男)|请问|请教|想问|问[问下一]|有没有|有人|谁|咋|怎么|靠谱|真假|真的|是真|可信|能信|骗|举报|曝光|避雷|警惕|看到|刷到|收到"
    r"|别人|人家|朋友发|群里发|纠结|害怕|担心|嗎|係咪|有冇|點樣|呃人"
)
_SIGN = re.compile(r"[^\W_]")


def judge(rater: Rater, texts: Sequence[Text]) -> list[Judgement]:
    """One judgement for each text, in order, as ``rater`` judges its own words, and these together with its pictures.

    A text without pictures is judged as ever. One whose own words are an advert stays that. One whose author asks or tells keeps the
    judgement of these words (``voice`` holds what the same author said before it). Any other is judged by the stronger of two readings:
    own words and pictures together, and the pictures alone; spans then point into the pictures too.
    """
    own = rater.judge([replace(text, pictures="", voice="") for text in texts])
    pictured = [place for place, text in enumerate(texts) if text.pictures.strip() and not own[place].flagged]
    if not pictured:
        return own
    voices = rater.judge([_voice(texts[place]) for place in pictured])
    quiet = [
        place for place, voice in zip(pictured, voices, strict=True) if not _decides(texts[place], own[place], voice)
    ]
    together = rater.judge([_plain(texts[place], texts[place].whole) for place in quiet])
    alone = rater.judge([_plain(texts[place], texts[place].pictures) for place in quiet])
    for place, both, pictures in zip(quiet, together, alone, strict=True):
        border = len(texts[place].whole) - len(texts[place].pictures)
        readings = (own[place], _placed(both, border), _placed(pictures, 0))
        own[place] = max(readings, key=lambda one: (one.flagged, one.score))
    return own


def speaks(words: str, probabilities: Mapping[str, float], label: str) -> bool:
    """Whether somebody's own words ask or tell, so that no picture speaks over them; ``probabilities`` of labels and the label as judged."""
    share = sum(probabilities.get(voice, 0.0) for voice in VOICES) or float(label in VOICES)
    signs = len(_SIGN.findall(words))
    if _ASKS.search(words) and signs >= ASKING:
        return share >= SPEAKS_ASKING
    return signs >= SAYING and share >= SPEAKS


def _decides(text: Text, own: Judgement, voice: Judgement) -> bool:
    """Whether the author's own words, or what the same author said before, ask or tell."""
    said = ((f"{text.title}\n{text.text}", own), (text.voice, voice))
    return any(speaks(words, judged.labels, judged.label) for words, judged in said)


def _voice(text: Text) -> Text:
    return Text(text.voice, site=text.site, author=text.author, url=text.url, venue=text.venue)


def _plain(text: Text, body: str) -> Text:
    return replace(text, text=body, pictures="", voice="")


def _placed(judgement: Judgement, border: int) -> Judgement:
    """Spans behind the border point into the pictures; one across it belongs to its longer side."""
    return replace(judgement, spans=tuple(_side(span, border) for span in judgement.spans))


def _side(span: Span, border: int) -> Span:
    if span.end <= border or border - span.start > span.end - border:
        cut = min(span.end, border)
        return replace(span, end=cut, quote=span.quote[: cut - span.start].rstrip("\n"))
    start = max(span.start, border)
    quote = span.quote[start - span.start :]
    return Span(start - border, span.end - border, quote, span.reason, "picture")
