"""Judging a document with what its pictures say: the pictures may show what its text hides, and never speak over its own voice.

People post the very adverts that they were sent, to ask about them, to warn of them, to report them. Words in a picture are somebody's, and
not always the author's: so where the author's own words ask or tell, they alone decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from classifier.contract import Rater, Text
from core.labels import labels
from core.types import Judgement, Span

VOICES = ("seeker", "news_legal", "medical_info", "folk_lore")  # labels of those who ask or tell
SPEAKS, SAYING = 0.4, 8  # the probability of these from which own words decide, if they are so many signs at least
SEEKS = 0.25  # that of seekers alone, for a few words too: a model is rarely so sure of so little without cause
ASKS, SIGNS = 0.05, 2  # ... and that of all of them where the words sound like a question or a doubt
_ASKS = re.compile(
    r"[?？]|[吗嘛么呢]|[不没吧][。！!~～]*$|求(?!子|男)|请问|请教|想问|问[问下一]|有没有|有人|谁|咋|怎么|为啥|靠谱|真假|真的|是真|可信|能信|曝光|避雷|警惕|看到|看见|刷到"
    r"|收到|发来|[发转推找]给?我|老公|婆婆|公婆|闺蜜|我妈|家里|备孕中|孕\d|别人|人家|朋友发|群里|纠结|害怕|担心|难受|心动|要不要|这家|这种|嗎|係咪|有冇|點樣|呃人"
)
# somebody else's picture, told of: no seller speaks so of his own
_TELLS = re.compile(
    r"骗|举报|报警|违法|上当|拉黑|离谱|太贵|听说|拍到|捡到|[门墙]上贴|传单|小广告|中介|问了.{0,3}家|倒闭|抓了|抓人|塞给|塞的|[提个]醒"
    r"|存图|码住|收藏|mark",
    re.IGNORECASE,
)
# words that point to the picture, or sell; of others it is not known whose voice the picture is
_POINTS = re.compile(
    r"[看见如点附]图|图[上中里]|图片|价[目格表]|新价|价$|详情|扫|二维码|^转|转发|分享|打卡|今日份|反馈|案例|评论区|主页|咨询|预约|名额|有效|主营|专业|更新|最新|新[品款到开]|老店|机构|活动|特惠|优惠|出.{0,2}单|报喜|随时"
    r"|欢迎|需要|需求|可[上做约寄]|招|代理|微信|电话|热线|服务|正规|诚信|私|滴滴"
)
SELLS = 0.45  # the probability of any advert from which own words sell
DOUBT = 0.49  # the score of what is left to a person
_INVITES = re.compile(r"(?:加|私|私聊|私信|滴|戳|找|联系|咨询)(?:我|微|薇|v)|扫码|扫图", re.IGNORECASE)
_SIGN = re.compile(r"[^\W_]")


def judge(rater: Rater, texts: Sequence[Text]) -> list[Judgement]:
    """One judgement for each text, in order, as ``rater`` judges its own words, and these together with its pictures.

    A text without pictures is judged as ever. One whose own words are an advert stays that. One whose author asks or tells keeps the
    judgement of these words (``voice`` holds what else the same author said: the title, or the head of the thread). Any other is judged by the stronger of two readings:
    own words and pictures together, and the pictures alone; spans then point into the pictures too. But where own words neither point to the
    picture nor sell, nobody knows whose voice it is: such a text is not flagged, it is unsure and left to a person.
    """
    own = rater.judge([replace(text, pictures="", voice="") for text in texts])
    pictured = [place for place, text in enumerate(texts) if text.pictures.strip() and not own[place].flagged]
    if not pictured:
        return own
    said = rater.judge([Text(texts[place].text) for place in pictured])
    voices = rater.judge([Text(texts[place].voice) for place in pictured])
    quiet, unknown = [], set()
    for place, words, voice in zip(pictured, said, voices, strict=True):
        both = ((texts[place].text, words), (texts[place].voice, voice))
        if any(speaks(own_words, judged.labels, judged.label) for own_words, judged in both):
            continue
        quiet.append(place)
        if not all(points(own_words, judged) for own_words, judged in both):
            unknown.add(place)
    together = rater.judge([_plain(texts[place], texts[place].whole) for place in quiet])
    alone = rater.judge([_plain(texts[place], texts[place].pictures) for place in quiet])
    for place, whole, pictures in zip(quiet, together, alone, strict=True):
        border = len(texts[place].whole) - len(texts[place].pictures)
        readings = (own[place], _placed(whole, border), _placed(pictures, 0))
        best = max(readings, key=lambda one: (one.flagged, one.score))
        if best.flagged and place in unknown:
            best = replace(own[place], score=max(own[place].score, DOUBT), unsure=True)
        own[place] = best
    return own


def speaks(words: str, probabilities: Mapping[str, float], label: str) -> bool:
    """Whether somebody's own words ask or tell, so that no picture speaks over them; ``probabilities`` of labels and the label as judged."""
    share = sum(probabilities.get(voice, 0.0) for voice in VOICES) or float(label in VOICES)
    signs = len(_SIGN.findall(words))
    if signs < SIGNS:
        return False
    if _TELLS.search(words) or (_ASKS.search(words) and share >= ASKS):
        return True
    if _INVITES.search(words):
        return False
    return probabilities.get("seeker", float(label == "seeker")) >= SEEKS or (signs >= SAYING and share >= SPEAKS)


def points(words: str, judged: Judgement) -> bool:
    """Whether own words leave it to the picture to speak: there are none, they point to it, or sell themselves. A sigh or a smiley does not."""
    if not words.strip() or _POINTS.search(words) or _INVITES.search(words):
        return True
    known = labels()
    sold = sum(
        share
        for label, share in judged.labels.items()
        if label == "other_ad" or (label in known and known[label].flagged)
    )
    return sold >= SELLS


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
