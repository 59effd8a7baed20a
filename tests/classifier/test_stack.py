"""The stack: the linear model where it is sure, both models where it is not; and an encoder that reads as it was trained."""

from __future__ import annotations

import importlib.util
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import arrays, finetune, material, models, roformer
from classifier.contract import Text
from classifier.material import Example
from classifier.passages import LONG
from classifier.raters.stack import CLOSE, LIMITS, WEIGHTS, Stack
from classifier.stacking import Combination
from core.errors import ModelError

torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="needs the extra [finetune]: pip install 'xuncha[finetune]'"
)
ADVERT = Text("孕6周就能过去抽，三天出报告，要的姐妹私我，我给你推负责人")
ASKING = Text("求问有没有姐妹去香港抽过血的，七周可以吗，大概多少钱，想找个伴一起去，中介勿扰")
SUNSET = Text("今天的晚霞真好看")


@pytest.fixture(scope="module")
def stack() -> Stack:
    rater = models.load("stack")
    assert isinstance(rater, Stack)
    return rater


def test_an_offer_is_flagged_and_a_woman_who_looks_for_company_is_not(stack: Stack) -> None:
    offer, asking, sunset = stack.judge([ADVERT, ASKING, SUNSET])
    assert (offer.flagged, asking.flagged, sunset.flagged) == (True, False, False)
    assert asking.label == "seeker"


def test_outside_the_band_of_doubt_the_linear_model_speaks_alone(stack: Stack) -> None:
    alone = stack.base.judge([SUNSET])[0]
    assert alone.score < stack.band[0]
    assert stack.judge([SUNSET])[0].score == alone.score


def test_a_text_is_judged_alike_alone_and_in_company(stack: Stack) -> None:
    alone = [stack.judge([text])[0].score for text in (ADVERT, ASKING)]
    together = [judgement.score for judgement in stack.judge([ADVERT, SUNSET, ASKING])]
    assert np.allclose([together[0], together[2]], alone, atol=2e-3)


LAWFUL = "".join(
    f"第{number}次产检，医生会{what}，结果一般当天可以在自助机上打印。"
    for number, what in enumerate(
        ["量血压", "听胎心", "查尿常规", "做糖耐", "看胎位", "查贫血", "做NT", "约四维", "查甲功", "测体重"] * 3, 1
    )
)
SELLING = "想提前知道男女的姐妹可以找我们，香港化验所六周就能抽血，三天出结果，加微信 zq0lvse 预约，包接送。"


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_the_selling_paragraph_in_a_long_lawful_article_is_found_and_shown(stack: Stack, share: float) -> None:
    place = LAWFUL.find("。", int(share * (len(LAWFUL) - 60))) + 1 if share else 0
    text = Text(LAWFUL[:place] + SELLING + LAWFUL[place:], "孕期检查时间表")
    [judgement] = stack.judge([text])
    assert judgement.flagged
    assert judgement.label == "fetal_sex_test_ad"
    assert len(judgement.spans) > 1
    for span in judgement.spans:
        assert text.text[span.start : span.end] == span.quote
    inside = [span for span in judgement.spans if place <= span.start and span.end <= place + len(SELLING)]
    assert len(inside) > len(judgement.spans) / 2


def test_a_long_lawful_article_stays_what_it_is(stack: Stack) -> None:
    assert not stack.judge([Text(LAWFUL, "孕期检查时间表")])[0].flagged


def test_a_womans_long_post_is_not_judged_by_one_of_its_sentences(stack: Stack) -> None:
    """She tells what she was offered, in the offer's own words."""
    telling = (
        "我家老大是闺女，婆婆天天念叨，我自己其实无所谓，可是架不住老公也跟着叹气。上个月测出来两道杠，还没高兴两天，亲戚群里就有人发东西给我看。"
        "说什么六周抽一管血就知道男女，香港化验所三天出报告，想做的加微信zq0wen预约，包接送，四千八全包。"
        "我看完一晚上没睡着，一边想知道，一边又怕是骗子，更怕万一是女孩他们逼我。有没有姐妹遇到过这种事，最后是怎么跟家里说的？"
        "我现在建档还没建，社区医院让我下周去抽血查甲功和贫血，我妈说别想那么多，好好吃饭睡觉最要紧。"
        "昨天又跟他吵了一架，他说他没逼我，就是他妈年纪大了盼孙子。我哭了半宿，今天上班眼睛都是肿的，同事问我怎么了我也不敢说。"
        "求过来人说说，真的很需要有人听我讲，不要给我发广告，我不想加任何人，谢谢大家了。"
    )
    assert len(telling) > LONG
    [judgement] = stack.judge([Text(telling, "婆婆逼我查男女，怎么办", venue="forum_thread")])
    assert (judgement.flagged, judgement.label) == (False, "seeker")


def test_a_long_report_that_quotes_an_advert_is_news(stack: Stack) -> None:
    report = (
        "记者从市公安局获悉，近日警方侦破一起非法采集孕妇血样案，抓获犯罪嫌疑人七名。经查，该团伙在社交平台上发布"
        "“六周抽血，三天知道男女，包接送”等内容招揽孕妇，由快递员上门收取血样，再交给往返口岸的人员带出境外。"
        "办案民警介绍，涉案人员没有任何医疗资质，所用耗材从网上购得，血样在常温下存放，结果真伪无从核实。"
        "目前，案件已移送检察机关审查起诉。市卫生健康委员会有关负责人表示，非医学需要的胎儿性别鉴定为法律所禁止，"
        "任何机构和个人不得组织实施，也不得为他人介绍。市民如发现有人张贴或转发此类信息，可拨打当地卫生监督电话举报。"
        "该负责人提醒，产前筛查应当在依法取得许可的医疗机构进行，检查结果由医师当面说明，遇到自称可以代办的人员应当"
        "保留聊天记录，及时报警，切勿把血样交给陌生人。下一步，公安、卫健、海关等部门将继续联合开展整治。"
    )
    assert len(report) > 320
    assert not stack.judge([Text(report, "警方侦破一起非法采集孕妇血样案")])[0].flagged


def test_label_shares_add_up_and_agree_with_the_score() -> None:
    rng = np.random.default_rng(3)
    flagged = np.array([True, False, True])
    shares = rng.dirichlet([1, 1, 1], 5)
    score, both = Combination(rng.normal(size=8), 0.4).apply(
        rng.normal(size=(5, 3)), shares, rng.normal(size=(5, 4)), flagged
    )
    assert np.allclose(both.sum(axis=1), 1.0)
    assert np.allclose(both[:, flagged].sum(axis=1), score)


def test_an_altered_encoder_and_another_base_are_refused(tmp_path: Path) -> None:
    for name in ("stack", "linear"):
        shutil.copytree(models.FOLDER / name, tmp_path / name)
    meta = tmp_path / "stack" / models.META
    told = json.loads(meta.read_text("utf-8"))
    meta.write_text(json.dumps({**told, "base": "model:linear@000000000000"}), "utf-8")
    with pytest.raises(ModelError, match="calibrated on model:linear@000000000000"):
        models.load("stack", tmp_path)
    meta.write_text(json.dumps(told), "utf-8")
    with (tmp_path / "stack" / told["weights"]).open("r+b") as stream:
        stream.seek(5_000)
        stream.write(b"\0\1\2\3")
    with pytest.raises(ModelError, match="expected sha256"):
        models.load("stack", tmp_path)


def test_the_reader_of_close_looks_is_checked_as_well(tmp_path: Path) -> None:
    for name in ("stack", "linear"):
        shutil.copytree(models.FOLDER / name, tmp_path / name)
    with (tmp_path / "stack" / CLOSE).open("r+b") as stream:
        stream.seek(5_000)
        stream.write(b"\0\1\2\3")
    with pytest.raises(ModelError, match=r"close\.npz: expected sha256"):
        models.load("stack", tmp_path)
    (tmp_path / "stack" / CLOSE).unlink()
    with pytest.raises(ModelError, match=r"close\.npz: expected weights"):
        models.load("stack", tmp_path)


def test_the_digest_covers_the_limits_as_well(tmp_path: Path) -> None:
    for name in ("stack", "linear"):
        shutil.copytree(models.FOLDER / name, tmp_path / name)
    with np.load(tmp_path / "stack" / WEIGHTS) as stored:
        kept = {name: stored[name] for name in stored.files}
    kept[LIMITS] = kept[LIMITS] + 0.1
    arrays.write(tmp_path / "stack" / WEIGHTS, kept)
    with pytest.raises(ModelError, match="expected sha256"):
        models.load("stack", tmp_path)


def some(count: int) -> list[Example]:
    return [Example(f"g{n}", Text(f"字{n}"), "seeker", False, f"w{n % 3}") for n in range(count)]


def test_held_writers_and_decided_leads_are_no_part_of_a_course() -> None:
    options = {"hold": ["w1"], "shared_tuning": 2}
    led = Example("x", Text("字"), "seeker", False, "lead:L1")
    course = finetune.course(options, [*some(9), led], [replace(example, group="COLD") for example in some(5)])
    assert {example.group for example in course.examples[: course.gold]} == {"w0", "w2"}
    assert (course.gold, len(course.examples), len(course.spare)) == (6, 8, 3)


def test_a_recipe_names_its_documents_and_options() -> None:
    options = {"hold": ["w1"], "epochs": 2}
    recipe = finetune.course(options, some(9), []).recipe
    assert finetune.course(options, some(9), []).recipe == recipe
    assert finetune.course({**options, "epochs": 3}, some(9), []).recipe != recipe
    changed = [replace(example, label="unrelated") if example.id == "g0" else example for example in some(9)]
    assert finetune.course(options, changed, []).recipe != recipe
    held = [replace(example, label="unrelated") if example.id == "g1" else example for example in some(9)]
    assert finetune.course(options, held, []).recipe == recipe
    assert finetune.course(options, some(9), [], closely=True).recipe != recipe
    spoken = [replace(example, text=replace(example.text, voice="楼主说", pictures="字")) for example in some(9)]
    assert finetune.course(options, spoken, []).recipe == recipe  # no encoder reads that


@pytest.mark.skipif(material.shared_folder() is None, reason="the encoders learned from the shared data as well")
def test_the_encoders_that_ship_were_made_by_the_recipe_that_stands() -> None:
    """Else ``xuncha train`` would fine-tune anew, which takes hours."""
    _, _, declared = models.declared("stack")
    meta = models.read_meta(models.FOLDER / "stack")
    given = declared["options"], material.training(), material.shared("train")
    assert finetune.course(*given).recipe == meta["recipe"]
    assert finetune.course(*given, closely=True).recipe == meta["recipe_close"]


@torch
@pytest.mark.filterwarnings("ignore")  # of PyTorch's own
def test_numpy_reads_as_pytorch_trained(stack: Stack) -> None:
    import torch

    encoder, _ = stack.whole
    network = {name: torch.tensor(array) for name, array in encoder.weights.items()}
    sequence = encoder.tokens(ADVERT)
    ids, real = torch.tensor([[*sequence, 0, 0]]), torch.tensor([[1.0] * len(sequence) + [0.0, 0.0]])
    theirs = finetune.forward(network, ids, real, dropout=0.0).numpy()
    assert np.allclose(encoder.logits([ADVERT]), theirs, atol=2e-3)


def test_weights_in_eight_bits_are_near_the_trained_ones() -> None:
    array = np.random.default_rng(1).normal(size=(200, 300)).astype(np.float32)
    stored = roformer.quantised({"a": array})
    assert stored["a"].dtype == np.int8
    assert np.abs(stored["a"] * stored["a.scale"][:, None] - array).max() < 0.02
