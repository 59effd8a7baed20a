"""Documents judged with their pictures: what hides in a picture is found, and nobody who asks becomes an advert by what was sent to her."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest

from classifier import pictured
from classifier.contract import Rater, Text
from classifier.models import load
from core.labels import labels
from core.types import Judgement, Span

POSTER = "香港验血测宝宝性别\n怀孕六周即可预约 准确率99.5%\n不用过关上门采血次日出报告\n费用4500港币起加急另加800\n加微信：gangshun_zq0"
ASKING = (
    "这个靠谱吗？", "姐妹们这种是真的吗，有人做过吗", "别人发给我的，不知道能不能信", "今天收到这个广告，求鉴定", "想问下有没有人寄过这个", "怀孕12周了，纠结要不要去香港",
    "求科普，朋友圈看到的", "这是骗子吧", "婆婆转给我的，非要我去，心里好难受", "有没有姐妹用过这家？准不准呀", "群里有人发这个，怕被骗", "刷到的，问问大家",
    "举报！小区群里有人发这个，违法的", "大家警惕这种广告，已经报警了", "八周了想知道是男是女，这个可信吗", "呢個係咪呃人㗎", "請問呢間有冇人試過", "咨询了一下发来这张图，太贵了吧",
    "给大家看看我今天在公交站拍的", "有宝子去过这个地方吗", "孕7周+3，昨天建档", "她说包准，我半信半疑", "做完回来一个月了，等生", "去不去呢，好犹豫", "别信！", "无语", "姐妹们避坑",
    "我当时就是交了定金没下文", "备孕中，先收藏", "看了评论更不敢去了", "老公说没必要，我还是想查", "宝宝都健康就好", "地铁口有人塞的卡片", "算了，是男是女都要", "都怪我当初信了",
    "半夜睡不着乱翻翻到的", "医生说过这个是违规的", "八周，等大排畸", "我家二宝是女儿，婆家不高兴", "存图备用", "先码住", "终于出结果了，如愿",
    "哎", "唉……", "😭", "…", "?", "嗯", "😂😂",
)  # fmt: skip
SELLING = (
    "",
    "看图",
    "见图",
    "详情见图片",
    "私聊我",
    "需要的滴我 图上有联系方式",
    "好物分享",
    "转",
    "今日份",
    "扫码",
    "点图放大",
    "最新排期",
    "九月活动",
    "可上门",
    "真实案例",
    "二维码在这",
    "招代理",
    "下单送礼",
)


@cache
def stack() -> Rater:
    return load("stack")


class Marked:
    """A rater that flags what holds 验血, with a span on it; 问 makes a seeker."""

    name = "model:marked@0"

    def judge(self, texts: Sequence[Text]) -> list[Judgement]:
        found = []
        for text in texts:
            assert not text.pictures, "raters are shown plain texts"
            at = text.text.find("验血")
            flagged = at >= 0
            label = "fetal_sex_test_ad" if flagged else "seeker" if "问" in text.text else "unrelated"
            spans = (Span(at, at + 2, "验血", "speaks of blood"),) if flagged else ()
            found.append(Judgement(label, flagged, 0.9 if flagged else 0.1, self.name, {label: 0.9}, spans))
        return found


def test_the_picture_of_somebody_who_says_nothing_is_what_he_says() -> None:
    [judged] = pictured.judge(Marked(), [Text("看图", pictures="香港验血\n加微信")])
    assert judged.flagged
    assert judged.spans == (Span(2, 4, "验血", "speaks of blood", "picture"),)


def test_a_text_without_pictures_and_one_that_sells_are_judged_as_ever() -> None:
    texts = [Text("想问问大家"), Text("香港验血"), Text("香港验血", pictures="番茄炒蛋")]
    for text, judged in zip(texts, pictured.judge(Marked(), texts), strict=True):
        [plain] = Marked().judge([Text(text.text)])
        assert judged == plain


def test_who_asks_is_judged_by_her_own_words_alone() -> None:
    [judged] = pictured.judge(Marked(), [Text("想问一下这个", pictures="香港验血\n加微信")])
    assert (judged.label, judged.flagged) == ("seeker", False)


def test_where_nobody_knows_whose_voice_a_picture_is_it_is_left_to_a_person() -> None:
    [judged] = pictured.judge(Marked(), [Text("湖边走了一圈真舒服", pictures="香港验血\n加微信")])
    assert (judged.label, judged.flagged, judged.unsure, judged.score) == ("unrelated", False, True, pictured.DOUBT)


def test_what_she_said_at_the_head_of_the_thread_counts_as_her_own() -> None:
    shown = Text("", pictures="香港验血\n加微信", voice="想问一下大家，这是真的吗")
    assert not pictured.judge(Marked(), [shown])[0].flagged
    assert pictured.judge(Marked(), [Text("", pictures="香港验血\n加微信")])[0].flagged


def test_spans_keep_to_their_own_side_of_the_border() -> None:
    text = Text("看图", pictures="香港验血 验血")
    [judged] = pictured.judge(stack(), [Text("看图", pictures=POSTER)])
    assert judged.flagged
    for span in judged.spans:
        side = {"text": "看图", "picture": POSTER}[span.field]
        assert side[span.start : span.end] == span.quote
    assert text.whole == "看图\n香港验血 验血"


@pytest.mark.parametrize("words", ASKING)
def test_no_one_who_asks_or_warns_is_flagged_for_the_advert_in_her_picture(words: str) -> None:
    [judged] = pictured.judge(stack(), [Text(words, pictures=POSTER)])
    assert not judged.flagged
    [titled] = pictured.judge(stack(), [Text("", title=words, pictures=POSTER, voice=words)])
    assert not titled.flagged


@pytest.mark.parametrize("words", SELLING)
def test_an_advert_in_a_picture_is_flagged_whatever_little_stands_beside_it(words: str) -> None:
    [judged] = pictured.judge(stack(), [Text(words, pictures=POSTER)])
    assert judged.flagged
    assert labels()[judged.label].flagged


@pytest.mark.parametrize(
    "words",
    [
        "番茄炒蛋\n番茄两个切块\n鸡蛋三个打散",
        "产检时间表\n12 周 建档与 NT 检查\n24 周 大排畸",
        "普法宣传\n禁止非医学需要的胎儿性别鉴定\n举报电话 12320",
    ],
)
def test_a_picture_that_sells_nothing_of_the_trade_flags_nothing(words: str) -> None:
    assert not pictured.judge(stack(), [Text("分享", pictures=words)])[0].flagged
