"""The gate: cheap, blind to batches, hard to pass by unnoticed."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import gate, material
from classifier.contract import Text
from classifier.models import FOLDER, load
from classifier.obfuscate import obfuscate
from core.errors import ModelError

ADVERT = Text("香港验血查男女，孕6周就可以，准确率高，当天出结果，过来带通行证和B超单，想约的姐妹加微信")
EVERYDAY = [
    Text("今天加班到十点，地铁上人还是很多，回家煮了碗泡面"),
    Text("求推荐一款性价比高的机械键盘，预算三百，打字用"),
    Text("昨晚的球赛看得我心脏病都要犯了，最后三分钟逆转"),
    Text("阳台上的月季开了第一茬，叶子有点发黄，是不是缺肥"),
    Text("这家店的牛肉面分量足，汤头也鲜，就是排队太久了"),
    Text("手机屏幕碎了，去售后换一块要八百，不如再添点钱买新的"),
]


@pytest.fixture(scope="module")
def shipped() -> gate.Gate:
    return gate.load(FOLDER / "gate")


def test_an_advert_passes_and_most_everyday_texts_do_not(shipped: gate.Gate) -> None:
    assert shipped.passes([ADVERT])[0]
    assert shipped.passes(EVERYDAY).sum() <= 1


@pytest.mark.parametrize(
    "written",
    [
        "香 港 验 血 查 男 女，想 约 的 加 我",
        "乡岗验xue查男女，想约的加我",
        "香港驗血查男女，想約的加我",
        "香\u200b港验\u200b血查男女，想约的加我",
    ],
)
def test_hidden_words_do_not_pass_by(shipped: gate.Gate, written: str) -> None:
    assert shipped.passes([Text(written)])[0]


def test_gaps_between_letters_and_the_digits_of_a_number_change_nothing(shipped: gate.Gate) -> None:
    one, other = shipped.scores([Text("香港验血 加我13900000001"), Text("香-港-验-血加我18600000002")])
    assert one == other


def test_the_score_of_a_text_does_not_depend_on_its_neighbours(shipped: gate.Gate) -> None:
    texts = [ADVERT, Text(""), *EVERYDAY, Text("\ud800\ufdd1\x00"), Text("血"), Text("香港验血", "查男女")]
    together = shipped.scores(texts)
    alone = np.array([shipped.scores([text])[0] for text in texts])
    assert np.array_equal(together, alone)
    assert np.array_equal(together[::-1], shipped.scores(texts[::-1]))


def test_no_texts_give_no_answers(shipped: gate.Gate) -> None:
    assert shipped.passes([]).tolist() == []


def test_texts_in_latin_letters_always_pass_but_a_word_or_two_do_not(shipped: gate.Gate) -> None:
    assert shipped.passes([Text("A quite ordinary sentence about the weather")])[0]
    assert not shipped.passes([Text("哈哈 ok 明天晚上一起去吃火锅吧")])[0]


def test_the_title_is_read_too(shipped: gate.Gate) -> None:
    assert (
        shipped.scores([Text("欢迎咨询", "香港验血查男女")])[0] > shipped.scores([Text("欢迎咨询", "春季新款女装")])[0]
    )


def test_nearly_every_gold_advert_passes_hidden_or_not(shipped: gate.Gate) -> None:
    adverts = [example.text for example in material.training() if example.flagged]
    rng = random.Random(5)
    hidden = [replace(text, text=obfuscate(text.text, 0.3, rng)) for text in adverts]
    assert shipped.passes(adverts).mean() >= 0.98
    assert shipped.passes(hidden).mean() >= 0.97


def test_few_shared_negatives_pass(shipped: gate.Gate) -> None:
    shared = material.shared("test")
    if not shared:
        pytest.skip("the shared negatives are not beside this checkout")
    assert shipped.passes([example.text for example in shared]).mean() <= 0.05


def test_the_model_folder_judges_as_the_gate_does(shipped: gate.Gate) -> None:
    texts = [ADVERT, *EVERYDAY]
    found = load("gate").judge(texts)
    assert [judgement.flagged for judgement in found] == shipped.passes(texts).tolist()
    assert found[0].score == max(judgement.score for judgement in found)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    for name in ("meta.json", "weights.npz"):
        (tmp_path / name).write_bytes((FOLDER / "gate" / name).read_bytes())
    (tmp_path / "weights.npz").write_bytes(b"other")
    with pytest.raises(ModelError, match="expected sha256"):
        gate.load(tmp_path)
